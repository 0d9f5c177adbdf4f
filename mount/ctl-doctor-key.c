// SPDX-License-Identifier: MIT
/* ctl-doctor-key.c - "doctor": the key of a mount, and who can read it. */
#include "credential.h"
#include "ctl-doctor.h"

/* A remark of the library: its last sentence is what to do. */
static void take_remark(void *arg, enum azf_level level, const char *text)
{
	struct doctor_report *report = arg;
	const char *cure = strstr(text, ". ");

	if (level != AZF_WARN)
		return;
	doctor_warn(report, "%.*s", cure ? (int)(cure - text) : 400, text);
	doctor_cure(report, "%s",
		    cure ? cure + 2 : "Look at the file that it names");
}

void doctor_check_key(struct doctor_report *report,
		      const struct doctor_subject *subject)
{
	const struct azf_log log = { take_remark, report };
	azf_cleanup(
		azf_credential_free) struct azf_credential credential = { 0 };
	struct azf_error err = { 0 };

	if (!subject->options || subject->tag || subject->key_on_line ||
	    !subject->where.host)
		return;
	if (doctor_needs_root(report, subject, "the key"))
		return;
	if (azf_credential_find(subject->options, &subject->where, &log,
				&credential, &err)) {
		doctor_error(report, DOCTOR_FAIL, &err);
		return;
	}
	if (credential.ticket || report->len)
		return;
	doctor_ok(report, "the key is in %s",
		  credential.origin ? credential.origin : "a file");
}
