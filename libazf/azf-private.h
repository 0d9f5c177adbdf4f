/* SPDX-License-Identifier: MIT */
/* azf-private.h - errors and remarks, as the files of libazf make them. */
#ifndef AZF_PRIVATE_H
#define AZF_PRIVATE_H

#include "azf.h"
#include "util.h"

/* error.c: each returns -code, so that a caller can return it at once. */
int azf_fail(struct azf_error *err, enum azf_code code, const char *fmt, ...)
	AZF_PRINTF(3, 4);
int azf_cure(struct azf_error *err, const char *fmt, ...) AZF_PRINTF(2, 3);
int azf_no_memory(struct azf_error *err);

void azf_note(const struct azf_log *log, enum azf_level level, const char *fmt,
	      ...) AZF_PRINTF(3, 4);

/* error.c: for the functions of azf.h, whose callers may leave the log out. */
extern const struct azf_log azf_no_log;

/* Return: 0, or -AZF_E_USAGE. */
int azf_need_root(struct azf_error *err);

#endif
