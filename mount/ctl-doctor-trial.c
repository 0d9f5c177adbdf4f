// SPDX-License-Identifier: MIT
/*
 * ctl-doctor-trial.c - "doctor --try": what the server says to a mount.
 *
 * Whether a key is right, and whether there is such a share that this network
 * may use, only the server knows. So the share is mounted where nobody sees it.
 */
#include "apart.h"
#include "azf-private.h"
#include "ctl-doctor.h"

/* Where a share without a mount point goes; in a name space of its own. */
#define NOWHERE "/mnt"

static void no_remark(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

/* It would fail for what was found already. */
static bool is_hopeless(const struct doctor_notes *notes)
{
	return notes->net != DOCTOR_NET_OPEN || !notes->smb || notes->no_token;
}

static void mount_it(struct doctor_report *report,
		     const struct doctor_subject *subject)
{
	static const struct azf_log silent = { no_remark, NULL };
	azf_autostr struct azf_str options = { 0 };
	struct azf_apart apart = {
		.source = subject->source,
		.target = subject->target ? subject->target : NOWHERE,
		.log = &silent,
	};
	struct azf_error err = { 0 };

	azf_str_add(&options, "%s%sretry=0", subject->words,
		    subject->words[0] ? "," : "");
	if (options.failed)
		return;
	apart.options = options.text;
	if (azf_apart_mount(&apart, &err))
		doctor_error(report, DOCTOR_FAIL, &err);
	else
		doctor_ok(report, "%s can be mounted", subject->source);
}

void doctor_check_trial(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	if (!subject->machine->try || subject->mounted || !subject->options ||
	    doctor_needs_root(report, subject, "a mount"))
		return;
	if (subject->key_on_line) {
		doctor_skip(report, "the key on the line is not for doctor");
		doctor_cure(report, "Store it where azfiles finds it");
	} else if (is_hopeless(&report->notes)) {
		doctor_skip(report, "it would fail for what is wrong above");
		doctor_cure(report, "Cure that first");
	} else {
		mount_it(report, subject);
	}
}
