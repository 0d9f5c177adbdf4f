/* SPDX-License-Identifier: MIT */
/* kmsg.h - what the kernel's cifs said about a mount, as evidence. */
#ifndef AZF_KMSG_H
#define AZF_KMSG_H

#include "util.h"

/* What the kernel log said since the mark; a set of bits. */
enum azf_kmsg {
	AZF_KMSG_LOGON_FAILURE = 1 << 0,  /* user or key not accepted */
	AZF_KMSG_ACCOUNT_CLOSED = 1 << 1, /* disabled, locked or expired */
	AZF_KMSG_SESSION_SETUP = 1 << 2,  /* failed while signing in */
	AZF_KMSG_UNKNOWN_OPTION = 1 << 3, /* its name is in @word */
	AZF_KMSG_BAD_VALUE = 1 << 4,	  /* of the option in @word */
	AZF_KMSG_NOT_ENCRYPTED = 1 << 5,  /* encryption is not possible */
	AZF_KMSG_NO_CRYPTO = 1 << 6,	  /* an algorithm is missing (FIPS) */
	AZF_KMSG_FAILED = 1 << 7,	  /* a mount failed: the log is read */
	AZF_KMSG_FIXED_OPTION = 1 << 8,	  /* in @word, on a remount */
};

struct azf_kmsg_report {
	unsigned int said;
	char word[48];
};

/**
 * azf_kmsg_mark() - remember the end of the kernel log
 *
 * Return: a descriptor for azf_kmsg_read(), to be closed by the caller; -1
 * when the kernel log cannot be read, which azf_kmsg_read() accepts.
 */
int azf_kmsg_mark(void);

/**
 * azf_kmsg_read() - what was logged since the mark
 * @fd: from azf_kmsg_mark()
 * @host: lines that name another server are left out
 * @ret_report: always filled
 */
void azf_kmsg_read(int fd, const char *host,
		   struct azf_kmsg_report *ret_report);

/* The same for one record; a separate function for the tests. */
void azf_kmsg_line(const char *line, const char *host,
		   struct azf_kmsg_report *report);

#endif
