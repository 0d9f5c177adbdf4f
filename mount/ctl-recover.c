// SPDX-License-Identifier: MIT
/* ctl-recover.c - azfilesctl recover: bring mounts back that do not answer. */
#include "ctl-persist.h"
#include "ctl.h"
#include "recover.h"

#include <errno.h>

#define TIMEOUT_DEFAULT 10
#define TIMEOUT_MAX	600

static void say_found(const struct azf_recovered *result)
{
	const struct azf_heal *heal = &result->heal;

	if (heal->did & AZF_DID_MOVE)
		(void)printf("; the server moved from %s to %s",
			     result->mount->address,
			     heal->address[0] ? heal->address : "elsewhere");
	if (heal->did & AZF_DID_DROP)
		(void)printf("; its dead connection was ended");
	if (heal->did & AZF_DID_ANEW)
		(void)printf("; it was detached and mounted again");
}

static void report(void *arg, const struct azf_recovered *result)
{
	const struct azf_heal *heal = &result->heal;
	bool quiet = *(const bool *)arg;

	if (quiet && !result->ill)
		return;
	(void)printf("%s: ", result->mount->target);
	if (result->error == ENODEV)
		(void)printf("covered by another mount");
	else if (result->error)
		(void)printf("does not answer");
	else if (result->ill)
		(void)printf("answers again after %d s",
			     (result->took_ms + 500) / 1000);
	else
		(void)printf("answers");
	say_found(result);
	(void)printf("\n");
	(void)fflush(stdout);
	if (result->error && result->error != ENODEV)
		(void)fprintf(stderr, "azfilesctl: %s: %s. %s\n",
			      result->mount->target, heal->err.cause,
			      heal->err.cure);
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
