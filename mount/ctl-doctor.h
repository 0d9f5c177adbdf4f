/* SPDX-License-Identifier: MIT */
/*
 * ctl-doctor.h - the checks of "azfilesctl doctor".
 *
 * A check is a function and a row of the table in ctl-doctor.c. It looks at one
 * thing, says what it found with the functions below, and changes nothing. It
 * runs in a child of its own, which has no standard streams and is killed after
 * the time that its row gives it: so it may ask what may hang, and must hand on
 * what later checks need in the notes of its report.
 */
#ifndef AZF_CTL_DOCTOR_H
#define AZF_CTL_DOCTOR_H

#include "fields.h"
#include "options.h"
#include "source.h"

#include <netinet/in.h>

/* What a child can hand back, less what else is in a report. */
#define DOCTOR_TEXT_MAX 3200

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_SKIP, /* cannot be told, here or by this user */
	DOCTOR_WARN, /* works, but not well, or not always */
	DOCTOR_FAIL, /* mounts fail for it, now or at the next boot */
	DOCTOR_LEVELS,
};

/* How often a check is run, and for what. */
enum doctor_scope {
	DOCTOR_MACHINE,	 /* once; what its subject has is NULL */
	DOCTOR_HOST,	 /* once for each server */
	DOCTOR_IDENTITY, /* once for each server and identity */
	DOCTOR_SUBJECT,	 /* for each share */
	DOCTOR_TARGET,	 /* for each share that has a mount point */
};

/**
 * struct doctor_machine - what checks of everything should know
 * @root: we may look at everything
 * @systemd: it is the init of this machine
 * @identities: some subject signs in with an identity
 * @keys: some subject signs in with a key
 * @whole: nobody asked about one share
 * @try: shares may be mounted, to see what the server says
 * @lines: of the type azfiles in fstab
 * @broken: number of the first line of fstab that is none, or 0
 */
struct doctor_machine {
	bool root;
	bool systemd;
	bool identities;
	bool keys;
	bool whole;
	bool try;
	unsigned int lines;
	unsigned int broken;
};

/**
 * struct doctor_subject - a share that is looked at
 * @machine: what it is on
 * @source: //HOST/SHARE[/PATH]; a secret in it is not shown
 * @target: its mount point, links to it followed; NULL when somebody only named
 *	the source
 * @in_fstab: there is a line of the type azfiles
 * @twice: and another one for the same mount point
 * @mounted: the kernel has it there now
 * @multiuser: and each user acts as themselves there, with Kerberos
 * @address: that the mount is connected to; or ""
 * @words: the options as they were written, secrets blotted out; NULL for a
 *	mount that is in no fstab
 * @options: the same, parsed, without secrets; NULL for such a mount, and when
 *	they are not in order
 * @parsed: what owns @options; children see none of it
 * @key_on_line: password= was among them
 * @where: @source taken apart; its host is NULL when it is not in order
 * @canonical: the name that tickets are made out to, or NULL
 * @identity: what azfiles-credential gets, as azf_identity_fields() and
 *	azf_plan_make() fill it, host included; of a mount that is in no fstab,
 *	what its state directory says. No secret is in it
 * @tag: of the identity; NULL for a mount with a key
 * @bad_source: why @source is not in order; code 0 when it is
 * @bad_options: likewise for @words, and for the identity in them
 */
struct doctor_subject {
	const struct doctor_machine *machine;
	char *source;
	char *target;
	bool in_fstab;
	bool twice;
	bool mounted;
	bool multiuser;
	char address[64];
	char *words;
	struct azf_options *options;
	struct azf_options *parsed;
	bool key_on_line;
	struct azf_source where;
	char *canonical;
	struct azf_fields identity;
	char *tag;
	struct azf_error bad_source;
	struct azf_error bad_options;
};

/* How far the way to a server was found to be open. */
enum doctor_net {
	DOCTOR_NET_UNKNOWN,
	DOCTOR_NET_DEAD, /* some check has a finding about it */
	DOCTOR_NET_RESOLVED,
	DOCTOR_NET_OPEN,
};

/**
 * struct doctor_notes - what earlier checks of the same subject found out
 * @addresses: of the host, with blanks between them; "" if it has none
 * @open: the first of them that takes connections
 * @net: how far we got
 * @smb: the server spoke SMB with us
 * @clock: @skew is known
 * @skew: seconds that our clock is ahead of the server's
 * @no_token: something in the way to a token was found wrong
 */
struct doctor_notes {
	char addresses[400];
	char open[64];
	enum doctor_net net;
	bool smb;
	bool clock;
	bool no_token;
	int64_t skew;
};

/**
 * struct doctor_report - what a check says
 * @notes: in and out
 * @done: the check came to its end
 * @full: it had more to say than fits
 * @len: used of @text
 * @text: findings: level, cause, NUL, cure, NUL
 */
struct doctor_report {
	struct doctor_notes notes;
	bool done;
	bool full;
	size_t len;
	char text[DOCTOR_TEXT_MAX];
};

/**
 * struct doctor_check - a row of the table of checks
 * @name: for --json and the page: lower case and hyphens
 * @title: for people; two or three words
 * @scope: what it is run for
 * @seconds: it may take
 * @run: does it. One that says nothing did not apply
 */
struct doctor_check {
	const char *name;
	const char *title;
	enum doctor_scope scope;
	unsigned int seconds;
	void (*run)(struct doctor_report *report,
		    const struct doctor_subject *subject);
};

/*
 * A finding: what is so, one clause without a capital or a full stop. Behind a
 * warning, a failure or a skip comes doctor_cure(): what to do, one or two
 * sentences. Everything is meant to be pasted into a public issue: no secret.
 */
void doctor_ok(struct doctor_report *report, const char *fmt, ...)
	AZF_PRINTF(2, 3);
void doctor_skip(struct doctor_report *report, const char *fmt, ...)
	AZF_PRINTF(2, 3);
void doctor_warn(struct doctor_report *report, const char *fmt, ...)
	AZF_PRINTF(2, 3);
void doctor_fail(struct doctor_report *report, const char *fmt, ...)
	AZF_PRINTF(2, 3);
void doctor_cure(struct doctor_report *report, const char *fmt, ...)
	AZF_PRINTF(2, 3);

/* An error of the library as a finding. */
void doctor_error(struct doctor_report *report, enum doctor_level level,
		  const struct azf_error *err);

/* A skip, when not root. Return: whether the check should end. */
bool doctor_needs_root(struct doctor_report *report,
		       const struct doctor_subject *subject, const char *what);

/* ---- ctl-doctor-report.c ---- */

struct azf_json;

/* "2026-01-31 12:00 UTC", of seconds since 1970 */
void doctor_show_time(uint64_t seconds, char *text, size_t size);

/**
 * struct doctor_output - where findings go
 * @json: gathers them for --json; NULL prints them at once
 * @colour: standard output is a terminal that wants colours
 * @progress: standard error is a terminal
 * @counts: findings of each level
 * @failed: out of memory
 */
struct doctor_output {
	struct azf_json *json;
	bool colour;
	bool progress;
	unsigned int counts[DOCTOR_LEVELS];
	bool failed;
};

/* Before the findings of a subject; nothing with --json. */
void doctor_print_subject(const struct doctor_output *output,
			  const struct doctor_subject *subject);

/* While a check runs; NULL when it has ended. */
void doctor_progress(const struct doctor_output *output,
		     const struct doctor_check *check);

/* All findings of a report. */
void doctor_print_report(struct doctor_output *output,
			 const struct doctor_check *check,
			 const struct doctor_subject *subject,
			 const struct doctor_report *report, int64_t took_ms);

/* The end: a summary, or all of the JSON. Return: whether that worked. */
bool doctor_print_summary(struct doctor_output *output);

/* ---- ctl-doctor-subject.c ---- */

/**
 * struct doctor_subjects - the shares that are looked at
 *
 * Starts as { 0 }; the subjects point to @machine.
 */
struct doctor_subjects {
	struct doctor_machine machine;
	struct doctor_subject *list;
	size_t count;
};

#define doctor_autosubjects azf_cleanup(doctor_subjects_free)
void doctor_subjects_free(struct doctor_subjects *subjects);

/**
 * doctor_subjects_find() - find the shares
 * @name: a source or a mount point; NULL for the azfiles lines of fstab and
 *	the mounts that there are
 * @options: for a source that need not be anywhere; overwritten; or NULL
 * @subjects: filled
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_USAGE for a mount point that is none of ours,
 * -AZF_E_SYSTEM.
 */
int doctor_subjects_find(const char *name, char *options,
			 struct doctor_subjects *subjects,
			 struct azf_error *err);

/* Is @word among the options as they were written? "word" or "word=…". */
bool doctor_has_word(const struct doctor_subject *subject, const char *word);

/* ---- ctl-doctor-run.c: what checks ask ---- */

/**
 * doctor_run() - run a program for its output
 * @argv: as azf_run() takes it
 * @output: NUL terminated, also on failure
 * @size: of @output
 * @seconds: it is killed then
 *
 * Return: as azf_run().
 */
int doctor_run(const char *const *argv, char *output, size_t size,
	       unsigned int seconds);

/* The first line of a small file. Return: whether it could be read. */
bool doctor_read(const char *path, char *buffer, size_t size);

/**
 * struct doctor_unit - what systemd says of a unit
 * @load: "loaded", "masked", "not-found", …
 * @active: "active", "inactive", "failed", …
 * @result: of its last run: "success", "timeout", "start-limit-hit", …
 * @stale: systemd has not read the newest version of its file
 */
struct doctor_unit {
	char load[24];
	char active[24];
	char result[32];
	bool stale;
};

/* Return: whether systemd told something. */
bool doctor_unit_read(const char *name, struct doctor_unit *ret_unit);

/* ---- the checks, a file for each group ---- */

/* ctl-doctor-kernel.c */
void doctor_check_kernel(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_module(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_fips(struct doctor_report *report,
		       const struct doctor_subject *subject);

/* ctl-doctor-install.c */
void doctor_check_programs(struct doctor_report *report,
			   const struct doctor_subject *subject);
void doctor_check_user(struct doctor_report *report,
		       const struct doctor_subject *subject);
void doctor_check_generator(struct doctor_report *report,
			    const struct doctor_subject *subject);
void doctor_check_units(struct doctor_report *report,
			const struct doctor_subject *subject);
void doctor_check_state(struct doctor_report *report,
			const struct doctor_subject *subject);

/* ctl-doctor-keys.c */
void doctor_check_keyutils(struct doctor_report *report,
			   const struct doctor_subject *subject);
void doctor_check_upcall(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_quota(struct doctor_report *report,
			const struct doctor_subject *subject);

/* ctl-doctor-system.c */
void doctor_check_clock(struct doctor_report *report,
			const struct doctor_subject *subject);
void doctor_check_names(struct doctor_report *report,
			const struct doctor_subject *subject);
void doctor_check_denials(struct doctor_report *report,
			  const struct doctor_subject *subject);

/* ctl-doctor-options.c */
void doctor_check_options(struct doctor_report *report,
			  const struct doctor_subject *subject);

/* ctl-doctor-key.c */
void doctor_check_key(struct doctor_report *report,
		      const struct doctor_subject *subject);

/* ctl-doctor-net.c */
const char *doctor_option(const struct doctor_subject *subject,
			  const char *name);
in_port_t doctor_port(const struct doctor_subject *subject);
void doctor_check_name(struct doctor_report *report,
		       const struct doctor_subject *subject);
void doctor_check_port(struct doctor_report *report,
		       const struct doctor_subject *subject);

/* ctl-doctor-smb.c */
void doctor_check_smb(struct doctor_report *report,
		      const struct doctor_subject *subject);
void doctor_check_vers(struct doctor_report *report,
		       const struct doctor_subject *subject);
void doctor_check_skew(struct doctor_report *report,
		       const struct doctor_subject *subject);

/* ctl-doctor-identity.c */

/**
 * doctor_probe() - have azfiles-credential look, and report what is wrong
 * @what: the probe's name, as azfiles-credential(8) has it
 * @seconds: it may take
 * @ret_answer: what it found, also when something is wrong
 *
 * Return: whether it worked; only then a check has something to say itself.
 */
bool doctor_probe(struct doctor_report *report,
		  const struct doctor_subject *subject, const char *what,
		  unsigned int seconds, struct azf_fields *ret_answer);

/*
 * Else what is missing was said by the checks of options, and of the user. A
 * user's own tickets are not azfiles-credential's.
 */
bool doctor_is_askable(struct doctor_report *report,
		       const struct doctor_subject *subject);

/* The field, or "". */
const char *doctor_field(const struct azf_fields *answer, const char *key);

void doctor_check_metadata(struct doctor_report *report,
			   const struct doctor_subject *subject);
void doctor_check_token(struct doctor_report *report,
			const struct doctor_subject *subject);
void doctor_check_ticket(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_ccache(struct doctor_report *report,
			 const struct doctor_subject *subject);

/* ctl-doctor-user.c */
void doctor_check_users(struct doctor_report *report,
			const struct doctor_subject *subject);

/* ctl-doctor-krb.c */
void doctor_check_keytab(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_kdc(struct doctor_report *report,
		      const struct doctor_subject *subject);
void doctor_check_domain(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_enctypes(struct doctor_report *report,
			   const struct doctor_subject *subject);

/* ctl-doctor-trial.c */
void doctor_check_trial(struct doctor_report *report,
			const struct doctor_subject *subject);

/* ctl-doctor-fstab.c */
void doctor_check_fstab(struct doctor_report *report,
			const struct doctor_subject *subject);
void doctor_check_unit(struct doctor_report *report,
		       const struct doctor_subject *subject);
void doctor_check_target(struct doctor_report *report,
			 const struct doctor_subject *subject);
void doctor_check_answer(struct doctor_report *report,
			 const struct doctor_subject *subject);

#endif
