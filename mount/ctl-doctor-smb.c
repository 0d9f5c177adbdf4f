// SPDX-License-Identifier: MIT
/*
 * ctl-doctor-smb.c - "doctor": what speaks on the port of SMB, and its clock.
 */
#include "ctl-doctor.h"
#include "resolve.h"
#include "smb-negotiate.h"

#define SKEW_WARN_S  60
#define SKEW_FAIL_S  300
#define CIPHER_UNFIT 0x0003U /* AES-256-CCM, which the kernel never offers */

static bool negotiate(const struct doctor_notes *notes,
		      const struct doctor_subject *subject,
		      unsigned int dialects, struct azf_smb_answer *ret_answer)
{
	struct azf_addresses addresses;
	struct azf_error ignored;

	*ret_answer =
		(struct azf_smb_answer){ .result = AZF_SMB_NO_CONNECTION };
	/* an address, which takes no resolver */
	return azf_resolve(notes->open, 0, &addresses, &ignored) == 0 &&
	       azf_smb_negotiate(&addresses.list[0], doctor_port(subject),
				 dialects, ret_answer) == 0 &&
	       ret_answer->result == AZF_SMB_ANSWERED;
}

static const char *describe(enum azf_smb_result result)
{
	switch (result) {
	case AZF_SMB_SILENT:
		return "takes the connection, but says nothing";
	case AZF_SMB_CLOSED:
		return "takes the connection, and closes it without an answer";
	case AZF_SMB_REFUSED:
		return "refuses every dialect of SMB that the kernel speaks";
	case AZF_SMB_NO_CONNECTION:
		return "takes one connection, but not the next";
	default:
		return "answers with something that is not SMB";
	}
}

static void judge_answer(struct doctor_report *report, const char *host,
			 const struct azf_smb_answer *answer)
{
	const char *dialect = azf_smb_dialect_name(answer->dialect);

	if (answer->cipher == CIPHER_UNFIT) {
		doctor_fail(report,
			    "%s allows no cipher but AES-256-CCM, which the "
			    "kernel does not have",
			    host);
		doctor_cure(report, "Allow AES-128-GCM or AES-256-GCM in the "
				    "account's SMB settings");
	} else if (answer->cipher) {
		doctor_ok(report, "%s chooses SMB %s with %s%s", host, dialect,
			  azf_smb_cipher_name(answer->cipher),
			  answer->must_sign ? ", and demands signatures" : "");
	} else {
		doctor_warn(report, "%s chooses SMB %s without encryption",
			    host, dialect);
		doctor_cure(report, "Allow SMB 3.1.1 and AES-128-GCM in the "
				    "server's settings: what goes over the "
				    "network can be read");
	}
}

void doctor_check_smb(struct doctor_report *report,
		      const struct doctor_subject *subject)
{
	struct doctor_notes *notes = &report->notes;
	const char *host = subject->where.host;
	struct azf_smb_answer answer, older;

	if (notes->net != DOCTOR_NET_OPEN) {
		doctor_skip(report, "no connection to %s", host);
		doctor_cure(report, "See the findings above");
		return;
	}
	notes->smb = negotiate(notes, subject, AZF_SMB_DEFAULT, &answer);
	if (notes->smb) {
		notes->skew = answer.time ? answer.skew : 0;
		notes->clock = answer.time != 0;
		judge_answer(report, host, &answer);
	} else if (negotiate(notes, subject, AZF_SMB_DEFAULT & ~AZF_SMB_311,
			     &older)) {
		const char *dialect = azf_smb_dialect_name(older.dialect);

		doctor_fail(report,
			    "%s (%s) refuses an offer that has SMB 3.1.1 in "
			    "it, and takes SMB %s",
			    host, notes->open, dialect);
		doctor_cure(report,
			    "Add vers=%s, or allow SMB 3.1.1 in the "
			    "server's settings",
			    dialect);
	} else {
		doctor_fail(report, "%s (%s) %s", host, notes->open,
			    describe(answer.result));
		doctor_cure(report,
			    "Check that it is an SMB server, and what stands "
			    "between: a proxy or a firewall may answer for it");
	}
}

void doctor_check_vers(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	const char *vers = doctor_option(subject, "vers");
	unsigned int set = vers ? azf_smb_dialects_of(vers) : 0;
	struct azf_smb_answer answer;

	if (!set || !report->notes.smb)
		return;
	if (negotiate(&report->notes, subject, set, &answer)) {
		doctor_ok(report, "%s offers SMB %s", subject->where.host,
			  azf_smb_dialect_name(answer.dialect));
		return;
	}
	doctor_fail(report, "%s does not offer what vers=%s demands",
		    subject->where.host, vers);
	doctor_cure(report, "Leave out vers=");
}

void doctor_check_skew(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	long long skew = (long long)report->notes.skew;
	const char *host = subject->where.host;

	if (!report->notes.clock)
		return;
	if (llabs(skew) <= SKEW_WARN_S) {
		doctor_ok(report, "the clock agrees with that of %s", host);
		return;
	}
	if (llabs(skew) > SKEW_FAIL_S)
		doctor_fail(report,
			    "this machine's clock is %lld seconds %s that of "
			    "%s, and Kerberos allows %d",
			    llabs(skew), skew > 0 ? "ahead of" : "behind", host,
			    SKEW_FAIL_S);
	else
		doctor_warn(report,
			    "this machine's clock is %lld seconds %s "
			    "that of %s",
			    llabs(skew), skew > 0 ? "ahead of" : "behind",
			    host);
	doctor_cure(report, "Set the clock: timedatectl set-ntp true");
}
