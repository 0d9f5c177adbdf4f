// SPDX-License-Identifier: MIT
/* ctl-status.c - azfilesctl status: how the mounts are. */
#include "ctl-status.h"
#include "azf-private.h"
#include "ctl-table.h"
#include "ctl.h"

/* A mount that is well answers in milliseconds. */
#define TIMEOUT_DEFAULT 3
#define TIMEOUT_MAX	600

/* Some mount does not answer; none of the library's own. */
#define EXIT_ILL 64

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Time enough for nobody to notice. */
#define SOON HOUR

const char *ctl_status_sign_in(const struct azf_status *status)
{
	static const char *const words[] = {
		[AZF_SIGN_IN_UNKNOWN] = "unknown",
		[AZF_SIGN_IN_TICKET] = "valid",
		[AZF_SIGN_IN_USERS] = "user's",
		[AZF_SIGN_IN_NO_TICKET] = "none",
		[AZF_SIGN_IN_STORED] = "stored",
		[AZF_SIGN_IN_SEALED] = "sealed",
		[AZF_SIGN_IN_FILE] = "file",
		[AZF_SIGN_IN_LINE] = "line",
		[AZF_SIGN_IN_ELSEWHERE] = "elsewhere",
	};

	if (status->sign_in == AZF_SIGN_IN_TICKET &&
	    (uint64_t)time(NULL) >= status->times.expires)
		return "expired";
	return words[status->sign_in];
}

/* ---- the table ---- */

/* clang-format off */
static const struct ctl_column columns[] = {
	{ "TARGET", true },
	{ "SOURCE", true },
	{ "SERVER", true },
	{ "SMB", false },
	{ "AS", true },
	{ "TICKET/KEY", false },
	{ "RENEWED", false },
	{ "ANSWERS", false },
	{ NULL, false },
};
/* clang-format on */

/* "3d4h", "7h12m", "48m" or "35s" */
static void format_span(uint64_t seconds, char *text, size_t size)
{
	unsigned long long s = seconds;

	if (s >= DAY)
		(void)snprintf(text, size, "%llud%lluh", s / DAY,
			       s % DAY / HOUR);
	else if (s >= HOUR)
		(void)snprintf(text, size, "%lluh%llum", s / HOUR,
			       s % HOUR / MINUTE);
	else if (s >= MINUTE)
		(void)snprintf(text, size, "%llum", s / MINUTE);
	else
		(void)snprintf(text, size, "%llus", s);
}

static void format_ago(uint64_t when, const char *words, char *text,
		       size_t size)
{
	uint64_t now = (uint64_t)time(NULL);
	char span[32];

	format_span(when < now ? now - when : 0, span, sizeof(span));
	(void)snprintf(text, size, "%s%s ago", words, span);
}

static void add_smb(struct ctl_table *table, const struct azf_status *status)
{
	static const char *const words[] = {
		[AZF_ENCRYPTION_UNKNOWN] = "",
		[AZF_ENCRYPTION_OFF] = " plain",
		[AZF_ENCRYPTION_ON] = " enc",
	};
	char text[64], channels[16] = "";

	if (status->channels > 1)
		(void)snprintf(channels, sizeof(channels), " x%u",
			       status->channels);
	(void)snprintf(text, sizeof(text), "%s%s%s",
		       status->mount->dialect[0] ? status->mount->dialect : "?",
		       words[status->encryption], channels);
	ctl_table_add(table, CTL_PLAIN, text);
}

static void add_sign_in(struct ctl_table *table,
			const struct azf_status *status)
{
	uint64_t now = (uint64_t)time(NULL);
	char text[64];

	if (status->sign_in != AZF_SIGN_IN_TICKET) {
		ctl_table_add(table,
			      status->sign_in == AZF_SIGN_IN_LINE ?
				      CTL_WARNING :
				      CTL_PLAIN,
			      ctl_status_sign_in(status));
		return;
	}
	if (now >= status->times.expires) {
		ctl_table_add(table, CTL_BAD, "expired");
		return;
	}
	format_span(status->times.expires - now, text, sizeof(text));
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		       " left");
	ctl_table_add(table,
		      status->times.expires - now < SOON ? CTL_WARNING :
							   CTL_GOOD,
		      text);
}

static void add_renewal(struct ctl_table *table,
			const struct azf_status *status)
{
	uint64_t when = status->past.failed;
	char text[64] = "-";

	if (when) {
		format_ago(when, "failed ", text, sizeof(text));
		ctl_table_add(table, CTL_BAD, text);
		return;
	}
	when = status->sign_in == AZF_SIGN_IN_TICKET ? status->past.renewed :
						       (uint64_t)status->stored;
	if (when)
		format_ago(when, "", text, sizeof(text));
	ctl_table_add(table, CTL_PLAIN, text);
}

static void add_answer(struct ctl_table *table, const struct azf_status *status)
{
	char text[32];

	if (azf_status_is_ill(status)) {
		ctl_table_add(table, CTL_BAD, "no");
	} else if (status->error) {
		ctl_table_add(table, CTL_WARNING,
			      status->error == ENODEV ? "covered" : "?");
	} else {
		(void)snprintf(text, sizeof(text), "%d ms", status->took_ms);
		ctl_table_add(table, CTL_GOOD, text);
	}
}

static void add_row(struct ctl_table *table, const struct azf_status *status)
{
	const struct azf_mounted *mount = status->mount;
	const char *as = mount->kerberos ? status->identity : mount->user;

	ctl_table_add(table, CTL_PLAIN, mount->target);
	ctl_table_add(table, CTL_PLAIN, mount->source);
	ctl_table_add(table, CTL_PLAIN,
		      mount->address[0] ? mount->address : "?");
	add_smb(table, status);
	ctl_table_add(table, CTL_PLAIN, as[0] ? as : "?");
	add_sign_in(table, status);
	add_renewal(table, status);
	add_answer(table, status);
}

/* ---- what the table has no room for ---- */

static int print_notes(const struct azf_status *status)
{
	const char *target = status->mount->target;
	const struct azf_error *err = &status->past.err;
	azf_autostr struct azf_str text = { 0 };
	int r = 0;

	if (azf_status_is_ill(status)) {
		azf_str_add(&text,
			    "%s does not answer: %s. 'azfilesctl recover' "
			    "finds out why",
			    target, strerror(status->error));
		r = text.failed ? -ENOMEM : ctl_print_text(text.text);
		azf_str_free(&text);
		text = (struct azf_str){ 0 };
	}
	if (r || !status->past.failed)
		return r;
	azf_str_add(&text, "%s: the ticket could not be renewed: %s%s%s",
		    target, err->cause, err->cure[0] ? ". " : "", err->cure);
	return text.failed ? -ENOMEM : ctl_print_text(text.text);
}

static int print_table(const struct azf_status_list *status)
{
	ctl_autotable struct ctl_table table = { .columns = columns };
	int r;

	if (!status->count)
		return ctl_print_text("No share of Azure Files is mounted");
	for (size_t i = 0; i < status->count; i++)
		add_row(&table, &status->list[i]);
	r = ctl_table_print(&table);
	for (size_t i = 0; r == 0 && i < status->count; i++)
		r = print_notes(&status->list[i]);
	return r;
}

static int print_people(const struct azf_status_list *status)
{
	int r = print_table(status);

	if (r || !status->hidden)
		return r;
	return ctl_print_text("Only root sees tickets, stored keys and mounts "
			      "of other hosts: sudo azfilesctl status");
}

/* ---- the verb ---- */

static int exit_status(const struct azf_status_list *status)
{
	for (size_t i = 0; i < status->count; i++) {
		if (azf_status_is_ill(&status->list[i]))
			return EXIT_ILL;
	}
	return 0;
}

static int check(const struct ctl_call *call, uint64_t *ret_seconds)
{
	const char *timeout = ctl_value(call, "timeout");

	*ret_seconds = TIMEOUT_DEFAULT;
	if (ctl_value(call, "json") && ctl_value(call, "prometheus"))
		return ctl_usage("--json and --prometheus exclude each other");
	if (timeout && !azf_parse_uint(timeout, 1, TIMEOUT_MAX, ret_seconds))
		return ctl_usage("--timeout '%s' is no number of seconds from "
				 "1 to %d",
				 timeout, TIMEOUT_MAX);
	return call->count ? ctl_trim_target(call->args[0]) : 0;
}

/* Metrics tell who is ill; whoever writes them has not failed. */
static int run(const struct ctl_call *call)
{
	azf_autostatus struct azf_status_list status = { .count = 0 };
	bool metrics = ctl_value(call, "prometheus");
	struct azf_error err = { 0 };
	uint64_t seconds;
	int r = 0;

	if (check(call, &seconds))
		return 1;
	if (azf_status_read(call->args[0], (int)seconds * 1000, &status, &err))
		return ctl_fail(&err);
	if (metrics)
		ctl_status_prometheus(&status);
	else if (ctl_value(call, "json"))
		r = ctl_status_json(&status);
	else
		r = print_people(&status);
	if (r) {
		(void)azf_no_memory(&err);
		return ctl_fail(&err);
	}
	if (fflush(stdout) || ferror(stdout))
		return azf_exit_status(AZF_E_SYSTEM);
	return metrics ? 0 : exit_status(&status);
}

const struct ctl_verb ctl_status = {
	.name = "status",
	.arguments = "[TARGET]",
	.max = 1,
	.help = "how the mounts are: connection, ticket or key, and whether "
		"they answer",
	.options =
		(const struct ctl_option[]){
			{ "json", 0, NULL, "for programs" },
			{ "prometheus", 0, NULL,
			  "metrics for node_exporter's textfile collector" },
			{ "timeout", 't', "SECONDS",
			  "that a mount may take to answer (3)" },
			{ 0 },
		},
	.run = run,
};
