// SPDX-License-Identifier: MIT
/*
 * ctl-doctor.c - "doctor": what is wrong with mounts of Azure Files, before or
 * after they fail.
 */
#include "ctl-doctor.h"
#include "azf-private.h"
#include "ctl.h"
#include "json.h"
#include "parallel.h"

#define EXIT_WARNINGS 3
#define EXIT_FAILURES 4

/* Those of the machine first, then from the line to the server. */
static const struct doctor_check checks[] = {
	{ "kernel", "kernel", DOCTOR_MACHINE, 2, doctor_check_kernel },
	{ "module", "cifs module", DOCTOR_MACHINE, 15, doctor_check_module },
	{ "fips", "FIPS mode", DOCTOR_MACHINE, 2, doctor_check_fips },
	{ "programs", "programs", DOCTOR_MACHINE, 2, doctor_check_programs },
	{ "user", "user", DOCTOR_MACHINE, 5, doctor_check_user },
	{ "generator", "generator", DOCTOR_MACHINE, 2, doctor_check_generator },
	{ "units", "units", DOCTOR_MACHINE, 50, doctor_check_units },
	{ "state", "tickets", DOCTOR_MACHINE, 5, doctor_check_state },
	{ "keyutils", "keyutils", DOCTOR_MACHINE, 2, doctor_check_keyutils },
	{ "quota", "key quota", DOCTOR_MACHINE, 5, doctor_check_quota },
	{ "clock", "clock", DOCTOR_MACHINE, 2, doctor_check_clock },
	{ "names", "name servers", DOCTOR_MACHINE, 2, doctor_check_names },
	{ "denials", "denials", DOCTOR_MACHINE, 20, doctor_check_denials },
	{ "fstab", "fstab", DOCTOR_MACHINE, 2, doctor_check_fstab },
	{ "options", "options", DOCTOR_SUBJECT, 5, doctor_check_options },
	{ "unit", "unit", DOCTOR_TARGET, 30, doctor_check_unit },
	{ "target", "mount point", DOCTOR_TARGET, 5, doctor_check_target },
	{ "answer", "mount", DOCTOR_TARGET, 10, doctor_check_answer },
	{ "key", "key", DOCTOR_SUBJECT, 70, doctor_check_key },
	{ "upcall", "upcall", DOCTOR_IDENTITY, 2, doctor_check_upcall },
	{ "name", "name", DOCTOR_HOST, 50, doctor_check_name },
	{ "port", "TCP port", DOCTOR_HOST, 10, doctor_check_port },
	{ "smb", "SMB", DOCTOR_HOST, 25, doctor_check_smb },
	{ "vers", "vers=", DOCTOR_SUBJECT, 12, doctor_check_vers },
	{ "skew", "server's clock", DOCTOR_HOST, 2, doctor_check_skew },
	{ "metadata", "metadata", DOCTOR_IDENTITY, 15, doctor_check_metadata },
	{ "token", "access token", DOCTOR_IDENTITY, 30, doctor_check_token },
	{ "keytab", "keytab", DOCTOR_IDENTITY, 10, doctor_check_keytab },
	{ "kdc", "KDC", DOCTOR_IDENTITY, 40, doctor_check_kdc },
	{ "domain", "domain's ports", DOCTOR_IDENTITY, 30,
	  doctor_check_domain },
	{ "enctypes", "encryption types", DOCTOR_IDENTITY, 40,
	  doctor_check_enctypes },
	{ "ticket", "ticket", DOCTOR_IDENTITY, 40, doctor_check_ticket },
	{ "ccache", "kept ticket", DOCTOR_IDENTITY, 5, doctor_check_ccache },
	{ "users", "users' tickets", DOCTOR_SUBJECT, 20, doctor_check_users },
	{ "trial", "trial", DOCTOR_SUBJECT, 60, doctor_check_trial },
};

/* ---- one check ---- */

/**
 * struct visit - what the child of a check needs to know
 * @report: what it hands back
 */
struct visit {
	const struct doctor_check *check;
	const struct doctor_subject *subject;
	struct doctor_report report;
};

_Static_assert(sizeof(struct visit) <= AZF_PARALLEL_MAX, "fits into a pipe");

static void run_in_child(void *item)
{
	struct visit *visit = item;

	visit->check->run(&visit->report, visit->subject);
	visit->report.done = true;
}

static void say_missing(struct doctor_report *report,
			const struct doctor_check *check, bool late)
{
	*report = (struct doctor_report){ .notes = report->notes };
	if (late)
		doctor_warn(report, "this check had no result after %u s",
			    check->seconds);
	else
		doctor_warn(report, "this check came to no end");
	doctor_cure(report, "%s",
		    late ? "What it asks hangs. Look at the findings around "
			   "it, and run doctor again" :
			   "That is a fault of azfilesctl. Please report it");
}

static void run_check(const struct doctor_check *check,
		      const struct doctor_subject *subject,
		      struct doctor_notes *notes, struct doctor_output *output)
{
	struct visit visit = { check, subject, { .notes = *notes } };
	int64_t begin = azf_now_ms();
	int64_t took;
	int r;

	doctor_progress(output, check);
	r = azf_parallel_run(run_in_child, &visit, sizeof(visit), 1,
			     (int)check->seconds * 1000);
	took = azf_now_ms() - begin;
	doctor_progress(output, NULL);
	if (r) {
		doctor_skip(&visit.report, "cannot run this check: %s",
			    strerror(-r));
		doctor_cure(&visit.report, "Run doctor again later");
	} else if (!visit.report.done) {
		say_missing(&visit.report, check,
			    took >= (int64_t)check->seconds * 1000);
	}
	*notes = visit.report.notes;
	doctor_print_report(output, check, subject, &visit.report, took);
}

/* ---- all of them ---- */

static bool same_host(const struct doctor_subject *a,
		      const struct doctor_subject *b)
{
	return a->where.host && b->where.host &&
	       strcasecmp(a->where.host, b->where.host) == 0;
}

static bool same_identity(const struct doctor_subject *a,
			  const struct doctor_subject *b)
{
	return a->tag && b->tag && azf_streq(a->tag, b->tag) && same_host(a, b);
}

/* What an earlier subject has in common with this one was looked at then. */
static bool seen(bool (*same)(const struct doctor_subject *a,
			      const struct doctor_subject *b),
		 const struct doctor_subjects *subjects, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (same(&subjects->list[i], &subjects->list[index]))
			return true;
	}
	return false;
}

static bool applies(const struct doctor_check *check,
		    const struct doctor_subjects *subjects, size_t index)
{
	const struct doctor_subject *subject = &subjects->list[index];

	switch (check->scope) {
	case DOCTOR_MACHINE:
		return false;
	case DOCTOR_HOST:
		return subject->where.host && !seen(same_host, subjects, index);
	case DOCTOR_IDENTITY:
		return subject->canonical && subject->tag && subject->tag[0] &&
		       !seen(same_identity, subjects, index);
	case DOCTOR_SUBJECT:
		return true;
	case DOCTOR_TARGET:
		return subject->target != NULL;
	}
	return false;
}

static void check_machine(const struct doctor_subjects *subjects,
			  struct doctor_output *output)
{
	const struct doctor_subject machine = { .machine = &subjects->machine };
	struct doctor_notes notes = { 0 };

	doctor_print_subject(output, &machine);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(checks); i++) {
		if (checks[i].scope == DOCTOR_MACHINE)
			run_check(&checks[i], &machine, &notes, output);
	}
}

/* What is known of a host is known for all its shares. */
static void check_subject(const struct doctor_subjects *subjects, size_t index,
			  struct doctor_notes *notes,
			  struct doctor_output *output)
{
	for (size_t i = 0; i < index; i++) {
		if (same_host(&subjects->list[i], &subjects->list[index]))
			notes[index] = notes[i];
	}
	doctor_print_subject(output, &subjects->list[index]);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(checks); i++) {
		if (applies(&checks[i], subjects, index))
			run_check(&checks[i], &subjects->list[index],
				  &notes[index], output);
	}
}

/* ---- the verb ---- */

static int list_checks(void)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(checks); i++)
		(void)printf("%-16s %s\n", checks[i].name, checks[i].title);
	return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) : 0;
}

static int examine(const struct doctor_subjects *subjects, bool json)
{
	azf_autofree struct doctor_notes *notes = calloc(subjects->count + 1,
							 sizeof(*notes));
	struct doctor_output output = {
		.json = json ? azf_json_new_array() : NULL,
		.colour = !json && isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
		.progress = isatty(STDERR_FILENO),
	};

	if (!notes)
		return azf_exit_status(AZF_E_SYSTEM);
	output.failed = json && !output.json;
	check_machine(subjects, &output);
	for (size_t i = 0; i < subjects->count; i++)
		check_subject(subjects, i, notes, &output);
	if (!doctor_print_summary(&output))
		return azf_exit_status(AZF_E_SYSTEM);
	if (output.counts[DOCTOR_FAIL])
		return EXIT_FAILURES;
	return output.counts[DOCTOR_WARN] ? EXIT_WARNINGS : 0;
}

static int run(const struct ctl_call *call)
{
	doctor_autosubjects struct doctor_subjects subjects = { 0 };
	const char *name = call->args[0];
	char *options = ctl_value(call, "options");
	struct azf_error err = { 0 };

	if (ctl_value(call, "list"))
		return list_checks();
	if (options && !name)
		return ctl_usage("--options needs a SOURCE, as "
				 "//HOST/SHARE");
	if (name && name[0] != '/')
		return ctl_usage("this is neither a share, as //HOST/SHARE, "
				 "nor the absolute path of a mount point");
	if (doctor_subjects_find(name, options, &subjects, &err))
		return ctl_fail(&err);
	subjects.machine.try = ctl_value(call, "try") != NULL;
	return examine(&subjects, ctl_value(call, "json"));
}

const struct ctl_verb ctl_doctor = {
	.name = "doctor",
	.arguments = "[SOURCE | TARGET]",
	.max = 1,
	.help = "look for what is wrong with mounts, or will be; says how to "
		"cure it",
	.options =
		(const struct ctl_option[]){
			{ "options", 'o', "OPTIONS", "of a mount of SOURCE" },
			{ "json", 0, NULL, "for programs" },
			{ "list", 0, NULL, "only name the checks" },
			{ "try", 0, NULL,
			  "also mount what is not mounted, where nobody sees it" },
			{ 0 },
		},
	.run = run,
};
