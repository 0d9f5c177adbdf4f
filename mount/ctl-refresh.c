// SPDX-License-Identifier: MIT
/* ctl-refresh.c - azfilesctl refresh; also what azfiles-refresh.timer runs. */
#include "ctl.h"

#include "refresh.h"

static void print(void *arg, enum azf_level level, const char *text)
{
	const bool *verbose = arg;

	if (level == AZF_WARN)
		ctl_log.fn(ctl_log.arg, level, text);
	else if (level == AZF_INFO || *verbose)
		(void)printf("%s\n", text);
}

static int run(const struct ctl_call *call)
{
	bool verbose = ctl_value(call, "verbose") != NULL;
	const struct azf_log log = { print, &verbose };
	const struct azf_refresh refresh = {
		.now = ctl_value(call, "now") != NULL,
		.target = call->args[0],
		.log = &log,
	};
	struct azf_error err = { 0 };
	int status = ctl_need_root(call);

	if (status == 0 && call->count)
		status = ctl_trim_target(call->args[0]);
	if (status)
		return status;
	if (azf_refresh(&refresh, &err))
		status = ctl_fail(&err);
	return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) : status;
}

const struct ctl_verb ctl_refresh = {
	.name = "refresh",
	.arguments = "[TARGET]",
	.max = 1,
	.help = "renew the tickets of mounts that are due; forget what no "
		"mount uses",
	.options =
		(const struct ctl_option[]){
			{ "now", 'n', NULL, "renew those that are fresh, too" },
			{ "verbose", 'v', NULL,
			  "also say what needed nothing" },
			{ 0 },
		},
	.run = run,
};
