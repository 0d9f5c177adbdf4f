// SPDX-License-Identifier: MIT
/* ctl-doctor-fstab.c - "doctor": lines of fstab and the units made from them. */
#include "ctl-doctor.h"
#include "ctl-persist.h"

void doctor_check_fstab(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	const struct doctor_machine *machine = subject->machine;

	if (machine->broken) {
		doctor_warn(report, "line %u of %s is none", machine->broken,
			    AZF_FSTAB);
		doctor_cure(report, "'findmnt --verify' shows what is wrong "
				    "with it");
	} else if (machine->lines) {
		doctor_ok(report, "%s has %u %s of the type azfiles", AZF_FSTAB,
			  machine->lines,
			  machine->lines == 1 ? "line" : "lines");
	}
}
