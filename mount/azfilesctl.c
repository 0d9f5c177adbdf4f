// SPDX-License-Identifier: MIT
/* azfilesctl.c - the table of verbs, and what all of them use. */
#include "ctl.h"

#include <stdarg.h>

/* clang-format off */
const struct ctl_verb *const ctl_verbs[] = {
	&ctl_persist,
	&ctl_unpersist,
	&ctl_key_add,
	&ctl_key_delete,
	&ctl_key_list,
	&ctl_key_rotate,
	&ctl_status,
	&ctl_list,
	&ctl_set,
	&ctl_clear,
	&ctl_refresh,
	&ctl_recover,
	&ctl_doctor,
	&ctl_login,
	&ctl_logout,
	&ctl_whoami,
	&ctl_completion,
	NULL,
};
/* clang-format on */

const struct ctl_option ctl_no_options[] = { { 0 } };

static void print_remark(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	if (level == AZF_DEBUG)
		return;
	(void)fprintf(stderr, "azfilesctl: %s%s\n",
		      level == AZF_WARN ? "warning: " : "", text);
}

const struct azf_log ctl_log = { print_remark, NULL };

char *ctl_value(const struct ctl_call *call, const char *option)
{
	const struct ctl_option *row = call->verb->options;

	for (size_t i = 0; i < CTL_OPTIONS_MAX && row[i].name; i++) {
		if (azf_streq(row[i].name, option))
			return call->values[i];
	}
	return NULL;
}

void ctl_print(FILE *file, const char *fmt, ...)
{
	azf_autofree char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		azf_printable(text);
	(void)fprintf(file, "%s\n", text ? text : "out of memory");
}

int ctl_fail(const struct azf_error *err)
{
	(void)fprintf(stderr, "azfilesctl: %s%s%s\n", err->cause,
		      err->cure[0] ? ". " : "", err->cure);
	return azf_exit_status(err->code);
}

int ctl_usage(const char *fmt, ...)
{
	va_list args;

	(void)fputs("azfilesctl: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return 1;
}

int ctl_need_root(const struct ctl_call *call)
{
	if (geteuid() == 0)
		return 0;
	return ctl_usage("only root can do this. Use 'sudo azfilesctl %s'",
			 call->verb->name);
}

int ctl_trim_target(char *target)
{
	size_t len = strlen(target);

	if (target[0] != '/')
		return ctl_usage("'%s' is no absolute path. Give the mount "
				 "point as 'findmnt -t cifs' shows it",
				 target);
	while (len > 1 && target[len - 1] == '/')
		target[--len] = '\0';
	return 0;
}
