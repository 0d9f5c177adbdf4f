// SPDX-License-Identifier: MIT
/* ctl-recover.c - azfilesctl recover: bring mounts back that do not answer. */
#include "ctl-persist.h"
#include "ctl.h"
#include "recover.h"

#include <errno.h>

#define TIMEOUT_DEFAULT 10
#define TIMEOUT_MAX	600

static void add_done(struct azf_str *line, const struct azf_recovered *result)
{
	const struct azf_heal *heal = &result->heal;

	if (heal->did & AZF_DID_MOVE)
		azf_str_add(line, "; the server moved from %s to %s",
			    result->mount->address,
			    heal->address[0] ? heal->address : "elsewhere");
	if (heal->did & AZF_DID_DROP)
		azf_str_add(line, "; its dead connection was ended");
	if (heal->did & AZF_DID_ANEW)
		azf_str_add(line, "; it was detached and mounted again");
}

static void report(void *arg, const struct azf_recovered *result)
{
	const struct azf_heal *heal = &result->heal;
	const char *target = result->mount->target;
	bool quiet = *(const bool *)arg;
	azf_autostr struct azf_str line = { 0 };

	if (quiet && !result->ill)
		return;
	if (result->error == ENODEV)
		azf_str_add(&line, "covered by another mount");
	else if (result->error)
		azf_str_add(&line, "does not answer");
	else if (result->ill)
		azf_str_add(&line, "answers again after %d s",
			    (result->took_ms + 500) / 1000);
	else
		azf_str_add(&line, "answers");
	add_done(&line, result);
	ctl_print(stdout, "%s: %s", target, line.failed ? "?" : line.text);
	(void)fflush(stdout);
	if (result->error && result->error != ENODEV)
		ctl_print(stderr, "azfilesctl: %s: %s. %s", target,
			  heal->err.cause, heal->err.cure);
}

/* By mount(8), which knows what else belongs to a line of fstab. */
static int mount_line(void *arg, const char *target)
{
	struct azf_error said_already;

	(void)arg;
	return ctl_system_mount("/bin/mount", target, &said_already) ? -EIO : 0;
}

static int run_recover(const struct ctl_call *call)
{
	const char *timeout = ctl_value(call, "timeout");
	bool quiet = ctl_value(call, "quiet");
	uint64_t seconds = TIMEOUT_DEFAULT;
	struct azf_recover recover = {
		.target = call->args[0],
		.dry_run = ctl_value(call, "dry-run"),
		.mount = ctl_value(call, "remount") ? mount_line : NULL,
		.report = report,
		.arg = &quiet,
	};
	struct azf_error err = { 0 };
	int r = ctl_need_root(call);

	if (r == 0 && call->count)
		r = ctl_trim_target(call->args[0]);
	if (r)
		return r;
	if (timeout && !azf_parse_uint(timeout, 1, TIMEOUT_MAX, &seconds))
		return ctl_usage("--timeout '%s' is no number of seconds from "
				 "1 to %d",
				 timeout, TIMEOUT_MAX);
	recover.timeout = (unsigned int)seconds;
	r = azf_recover(&recover, &err);
	if (r == -AZF_E_TRANSIENT)
		return azf_exit_status(AZF_E_TRANSIENT);
	return r ? ctl_fail(&err) : 0;
}

const struct ctl_verb ctl_recover = {
	.name = "recover",
	.arguments = "[TARGET]",
	.max = 1,
	.help = "find mounts that do not answer, and bring them back",
	.options =
		(const struct ctl_option[]){
			{ "dry-run", 'n', NULL, "only look" },
			{ "quiet", 'q', NULL,
			  "say nothing of mounts that answer" },
			{ "remount", 0, NULL,
			  "mount anew what nothing else helps; open files are lost" },
			{ "timeout", 't', "SECONDS",
			  "that a mount may take to answer (10)" },
			{ 0 },
		},
	.run = run_recover,
};
