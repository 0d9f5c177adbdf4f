/* SPDX-License-Identifier: MIT */
/* script.h - a program that tests run: a script in its place. */
#ifndef AZF_SCRIPT_H
#define AZF_SCRIPT_H

#include "test.h"

#include "run.h"

#include <sys/stat.h>

#define PROGRAM AZF_CREDENTIAL

/* The program to run, a script. */
static inline void program(const char *script)
{
	FILE *file = fopen(PROGRAM, "we");

	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", script) > 0);
	assert_int_equal(fchmod(fileno(file), 0755), 0);
	assert_int_equal(fclose(file), 0);
}

#endif
