/* SPDX-License-Identifier: MIT */
/* run.h - run a program of ours, hand it a text, and read what it answers. */
#ifndef AZF_RUN_H
#define AZF_RUN_H

#include "util.h"

#ifndef AZF_LIBEXECDIR
#define AZF_LIBEXECDIR "/usr/libexec/azfiles"
#endif
#define AZF_CREDENTIAL AZF_LIBEXECDIR "/azfiles-credential"

/* What a pipe holds. */
#define AZF_RUN_INPUT_MAX 65536

/**
 * azf_run() - run a program with a text on its standard input
 * @path: absolute; executed directly, with no argument, an empty environment
 *	but for PATH, and no descriptor but 0, 1 and 2
 * @input: what it reads
 * @input_len: in bytes, at most AZF_RUN_INPUT_MAX
 * @output: gets what it writes
 * @size: of @output; more than that is an error
 * @ret_len: length of what it wrote
 * @timeout_ms: it is killed after so many milliseconds
 *
 * Return: 0 when it ended with status 0; -ENOENT, -ETIMEDOUT, -EFBIG, -EPROTO
 * when it ended otherwise, or another errno negated.
 */
int azf_run(const char *path, const char *input, size_t input_len, char *output,
	    size_t size, size_t *ret_len, int timeout_ms) AZF_MUST_CHECK;

#endif
