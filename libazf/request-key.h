/* SPDX-License-Identifier: MIT */
/* request-key.h - which program answers a question of the kernel. */
#ifndef AZF_REQUEST_KEY_H
#define AZF_REQUEST_KEY_H

#include <limits.h>

#include "util.h"

/**
 * struct azf_request_line - a line of request-key.conf(5)
 * @file: that it is in
 * @number: of the line, from 1
 * @broken: it lacks a column; request-key gives up when it comes to it
 * @program: its path; "" for a broken line
 */
struct azf_request_line {
	char file[PATH_MAX];
	unsigned int number;
	bool broken;
	char program[PATH_MAX];
};

/**
 * azf_request_key_find() - the line that request-key(8) would act on
 * @etc: the directory that has request-key.conf and request-key.d; "/etc"
 * @type: of the key that is to be created
 * @description: of that key
 * @ret_line: filled on success
 *
 * As keyutils 1.6 does it: the line whose wildcards stand for the fewest
 * characters, or the first one that is broken. For keys without callout
 * information.
 *
 * Return: 0; -ENOENT when no line is for it; another errno negated.
 */
int azf_request_key_find(const char *etc, const char *type,
			 const char *description,
			 struct azf_request_line *ret_line) AZF_MUST_CHECK;

#endif
