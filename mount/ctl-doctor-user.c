// SPDX-License-Identifier: MIT
/*
 * ctl-doctor-user.c - "doctor": the tickets that users of a mount need, who act
 * as themselves there.
 */
#include "azf-private.h"
#include "ctl-doctor.h"
#include "ticket.h"

#include <errno.h>
#include <pwd.h>

#define KLIST	"/usr/bin/klist"
#define KLIST_S 15

/**
 * struct visit - the users that were refused
 * @count: how many
 */
struct visit {
	struct doctor_report *report;
	const struct doctor_subject *subject;
	unsigned int count;
};

static bool is_multiuser(const struct doctor_subject *subject)
{
	return subject->multiuser ||
	       (subject->tag && subject->options &&
		azf_options_get(subject->options, "multiuser"));
}

/* What azfiles.upcall found when the user touched the mount last. */
static void say_refused(struct visit *visit, const char *uid,
			const struct azf_ticket_past *past)
{
	const struct passwd *pw = NULL;
	char when[40];
	uint64_t number;

	if (azf_parse_uint(uid, 0, UINT32_MAX, &number))
		pw = getpwuid((uid_t)number);
	doctor_show_time(past->failed, when, sizeof(when));
	doctor_warn(visit->report,
		    "at %s the user %s%suid %s%s had no access: "
		    "%s",
		    when, pw ? pw->pw_name : "", pw ? " (" : "with ", uid,
		    pw ? ")" : "", past->err.cause);
	doctor_cure(visit->report, "%s", past->err.cure);
	visit->count++;
}

static int look_at(void *arg, const char *host, const char *tag)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	struct visit *visit = arg;
	const struct doctor_subject *subject = visit->subject;
	struct azf_ticket_past past;

	if (!azf_streq(host, subject->canonical) ||
	    !azf_starts_with(tag, AZF_TICKET_USERS_TAG) ||
	    (!is_multiuser(subject) && !azf_streq(tag, subject->tag)) ||
	    azf_state_open(host, tag, false, &state))
		return 0;
	azf_ticket_past(&state, &past);
	if (past.failed)
		say_refused(visit, tag + strlen(AZF_TICKET_USERS_TAG), &past);
	return 0;
}

/* Nobody but the user knows where the user's tickets are. */
static void look_at_own(struct doctor_report *report)
{
	const char *const argv[] = { KLIST, "-s", getenv("KRB5CCNAME"), NULL };
	char output[256];
	int r;

	if (access(KLIST, X_OK)) {
		doctor_skip(report, "your Kerberos tickets cannot be looked at "
				    "without klist");
		doctor_cure(report, "Install krb5-user");
		return;
	}
	r = doctor_run(argv, output, sizeof(output), KLIST_S);
	if (r == 0) {
		doctor_ok(report, "you have a Kerberos ticket; 'klist' shows "
				  "whose it is");
		return;
	}
	doctor_warn(report, "you have no Kerberos ticket that works, and so no "
			    "access");
	doctor_cure(report, "Run kinit");
}

void doctor_check_users(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	struct visit visit = { report, subject, 0 };

	if (!subject->canonical || (!is_multiuser(subject) &&
				    !azf_ticket_is_users(&subject->identity)))
		return;
	if (!subject->machine->root) {
		look_at_own(report);
		return;
	}
	(void)!azf_state_visit(look_at, &visit);
	if (visit.count == 0)
		doctor_ok(report, "no user who came was without a ticket");
}
