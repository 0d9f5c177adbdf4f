// SPDX-License-Identifier: MIT
/* ctl-doctor-options.c - "doctor": options that mount, but should not stay. */
#include "ctl-doctor.h"
#include "identity.h"

/**
 * struct lint - options that a person should think about
 * @option: canonical name
 * @value: that it has; "no" for one that is turned off; NULL for any
 * @with: and this option is there, too; or NULL
 * @azure: only of a server of Azure
 * @level: how bad it is
 * @cause: what is wrong with it
 * @cure: what to do
 */
struct lint {
	const char *option;
	const char *value;
	const char *with;
	bool azure;
	enum doctor_level level;
	const char *cause;
	const char *cure;
};

/* clang-format off */
static const struct lint lints[] = {
	{ "vers", "1.0", NULL, true, DOCTOR_FAIL,
	  "vers=1.0 is a dialect that Azure Files does not speak",
	  "Leave vers= out: the best one is used" },
	{ "vers", "2.0", NULL, true, DOCTOR_FAIL,
	  "vers=2.0 is a dialect that Azure Files does not speak",
	  "Leave vers= out: the best one is used" },
	{ "vers", "2.1", "seal", false, DOCTOR_FAIL,
	  "vers=2.1 cannot encrypt, and seal asks for it",
	  "Leave vers= out: the best one is used" },
	{ "vers", "2.1", NULL, false, DOCTOR_WARN,
	  "vers=2.1 cannot encrypt, and an account that requires secure "
	  "transfer refuses it",
	  "Leave vers= out: the best one is used" },
	{ "sec", "none", NULL, true, DOCTOR_FAIL,
	  "sec=none signs in as nobody, which Azure Files refuses",
	  "Leave sec= out" },
	{ "ignore_signature", NULL, NULL, false, DOCTOR_WARN,
	  "ignore_signature lets anybody on the way change what is read",
	  "Leave it out" },
	{ "cache", "loose", NULL, false, DOCTOR_WARN,
	  "cache=loose does not see what other machines write, and loses "
	  "writes when the server is away",
	  "Leave cache= out" },
	{ "cache", "singleclient", NULL, false, DOCTOR_WARN,
	  "cache=singleclient damages files that another machine uses, too",
	  "Leave cache= out" },
	{ "cache", "ro", NULL, false, DOCTOR_WARN,
	  "cache=ro never sees that a file was changed",
	  "Leave cache= out, unless the share never changes" },
	{ "strictsync", "no", NULL, false, DOCTOR_WARN,
	  "nostrictsync lets fsync(2) return before the server has the data",
	  "Leave it out, unless what is written can be lost" },
	{ "perm", "no", NULL, false, DOCTOR_WARN,
	  "noperm lets every local user do in the mount whatever the account "
	  "may",
	  "Leave it out; uid=, gid=, file_mode= and dir_mode= say who may" },
	{ "hard", NULL, "soft", false, DOCTOR_WARN,
	  "hard and soft contradict each other",
	  "Leave one of them out" },
	{ "noac", NULL, "actimeo", false, DOCTOR_WARN,
	  "noac and actimeo= contradict each other",
	  "Leave one of them out" },
	{ "multichannel", "no", "max_channels", false, DOCTOR_WARN,
	  "nomultichannel and max_channels= contradict each other",
	  "Leave one of them out" },
	{ "ip", NULL, NULL, true, DOCTOR_WARN,
	  "ip= pins an address, and those of Azure change",
	  "Leave it out; have the name server know a private endpoint" },
	{ "rootfs", NULL, NULL, true, DOCTOR_WARN,
	  "rootfs is for a share of SMB1 that a machine boots from",
	  "Leave it out" },
	{ "user", NULL, NULL, false, DOCTOR_WARN,
	  "user lets nobody mount it: mount.azfiles is for root",
	  "Use x-systemd.automount, which mounts for all users" },
	{ "users", NULL, NULL, false, DOCTOR_WARN,
	  "users lets nobody mount it: mount.azfiles is for root",
	  "Use x-systemd.automount, which mounts for all users" },
};
/* clang-format on */

/* Acceptable to the table, or not there. */
static bool value_fits(const struct azf_setting *setting, const char *value)
{
	if (!value)
		return !setting->off;
	if (azf_streq(value, "no"))
		return setting->off;
	return setting->value && azf_streq(setting->value, value);
}

static bool applies(const struct doctor_subject *subject,
		    const struct lint *lint)
{
	const struct azf_setting *setting = azf_options_get(subject->options,
							    lint->option);

	return setting && value_fits(setting, lint->value) &&
	       (!lint->azure || subject->where.cloud) &&
	       (!lint->with || azf_options_get(subject->options, lint->with));
}

static void find(struct doctor_report *report, const struct lint *lint)
{
	if (lint->level == DOCTOR_FAIL)
		doctor_fail(report, "%s", lint->cause);
	else
		doctor_warn(report, "%s", lint->cause);
	doctor_cure(report, "%s", lint->cure);
}

/* One finding for each option. */
static void check_table(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	const char *last = "";

	for (size_t i = 0; i < AZF_ARRAY_SIZE(lints); i++) {
		if (azf_streq(last, lints[i].option) ||
		    !applies(subject, &lints[i]))
			continue;
		find(report, &lints[i]);
		last = lints[i].option;
	}
}

/* Tickets that are not ours to get. */
static void check_sec(struct doctor_report *report,
		      const struct doctor_subject *subject)
{
	const char *sec = azf_options_value(subject->options, "sec");

	if (!sec || !azf_starts_with(sec, "krb5") || subject->tag ||
	    access("/usr/sbin/cifs.upcall", X_OK) == 0)
		return;
	doctor_fail(report,
		    "sec=%s without identity= has cifs.upcall answer "
		    "the kernel, which is not installed",
		    sec);
	doctor_cure(report, "Use identity=, or install cifs-utils");
}

/* Users have no tickets of Entra's. */
static void check_multiuser(struct doctor_report *report,
			    const struct doctor_subject *subject)
{
	if (!azf_options_get(subject->options, "multiuser") ||
	    !azf_identity_is_entra(&subject->identity))
		return;
	doctor_warn(report, "multiuser asks for a ticket of each user, and an "
			    "identity of Entra is the machine's: only root "
			    "gets in");
	doctor_cure(report, "Leave multiuser out");
}

static void check_line(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	bool lazy = doctor_has_word(subject, "noauto") ||
		    doctor_has_word(subject, "x-systemd.automount");

	if (!lazy && !doctor_has_word(subject, "nofail")) {
		doctor_warn(report, "without nofail, a boot waits for the "
				    "share, and is degraded without it");
		doctor_cure(report, "Add nofail, unless nothing is of use "
				    "without the share");
	}
	if (!subject->machine->systemd &&
	    !doctor_has_word(subject, "_netdev")) {
		doctor_warn(report, "without _netdev, it is mounted before "
				    "the network is there");
		doctor_cure(report, "Add _netdev");
	}
	if (subject->twice) {
		doctor_warn(report, "%s has another line for this mount point",
			    "fstab");
		doctor_cure(report, "Take one of them out");
	}
}

static void check_key(struct doctor_report *report,
		      const struct doctor_subject *subject)
{
	doctor_warn(report, "the key is part of the line, where every user "
			    "can read it");
	if (subject->where.account)
		doctor_cure(report,
			    "Store it with 'azfilesctl key add %s', take "
			    "password= out, and renew the key",
			    subject->where.account);
	else
		doctor_cure(report, "Put it into a file, name that with "
				    "credentials=FILE, and change it");
}

/* People who cannot write in their own share look everywhere else first. */
static void check_owner(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	static const char *const words[] = { "uid",	 "gid",	 "file_mode",
					     "dir_mode", "perm", "multiuser",
					     "cifsacl",	 "ro" };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(words); i++) {
		if (azf_options_get(subject->options, words[i]))
			return;
	}
	if (!subject->target || !azf_starts_with(subject->target, "/home/"))
		return;
	doctor_warn(report,
		    "only root may write below %s, which is in a "
		    "user's home",
		    subject->target);
	doctor_cure(report, "Add uid= and gid= of that user");
}

void doctor_check_options(struct doctor_report *report,
			  const struct doctor_subject *subject)
{
	if (subject->bad_source.code)
		doctor_error(report, DOCTOR_FAIL, &subject->bad_source);
	if (subject->key_on_line)
		check_key(report, subject);
	if (subject->bad_options.code)
		doctor_error(report, DOCTOR_FAIL, &subject->bad_options);
	if (subject->options) {
		check_table(report, subject);
		check_sec(report, subject);
		check_multiuser(report, subject);
		check_owner(report, subject);
	}
	if (subject->in_fstab)
		check_line(report, subject);
	if (report->len == 0 && subject->words)
		doctor_ok(report, "source and options are in order");
}
