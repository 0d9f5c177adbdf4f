// SPDX-License-Identifier: MIT
/* error.c - failures: one cause, one cure, one exit status. */
#include "azf-private.h"

#include <stdarg.h>

/* Exit statuses as in mount(8). */
int azf_exit_status(enum azf_code code)
{
	switch (code) {
	case AZF_E_USAGE:
		return 1;
	case AZF_E_SYSTEM:
		return 2;
	case AZF_E_INTERRUPTED:
		return 8;
	case AZF_E_MOUNT:
	case AZF_E_TRANSIENT:
		return 32;
	}
	return 4; /* "internal mount bug" */
}

int azf_fail(struct azf_error *err, enum azf_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(err->cause, sizeof(err->cause), fmt, args);
	va_end(args);
	azf_printable(err->cause);
	err->cure[0] = '\0';
	err->code = code;
	return -(int)code;
}

int azf_cure(struct azf_error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(err->cure, sizeof(err->cure), fmt, args);
	va_end(args);
	azf_printable(err->cure);
	return -(int)err->code;
}

int azf_no_memory(struct azf_error *err)
{
	return azf_fail(err, AZF_E_SYSTEM, "out of memory");
}

void azf_note(const struct azf_log *log, enum azf_level level, const char *fmt,
	      ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	azf_printable(text);
	log->fn(log->arg, level, text);
}

static void drop(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

const struct azf_log azf_no_log = { drop, NULL };

int azf_need_root(struct azf_error *err)
{
	if (geteuid() == 0)
		return 0;
	azf_fail(err, AZF_E_USAGE, "only root can do this");
	return azf_cure(err, "Run the program as root");
}
