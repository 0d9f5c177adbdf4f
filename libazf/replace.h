/* SPDX-License-Identifier: MIT */
/*
 * replace.h - a file of the system's configuration, replaced as a whole.
 *
 * Whoever reads it sees the old file or the new one. Owner, mode, ACL and
 * SELinux label stay what they were.
 */
#ifndef AZF_REPLACE_H
#define AZF_REPLACE_H

#include "util.h"

#include <sys/stat.h>

struct azf_error;

/* A longer file is none that people wrote. */
#define AZF_REPLACE_MAX (16 << 20)

/**
 * struct azf_replace - a file, read and locked
 * @path: where it is, symbolic links followed
 * @name: the last part of @path
 * @dir: its directory; locked against others who do this
 * @fd: the file, or -1 when there is none
 * @stat: of @fd
 * @text: what it holds, NUL terminated; "" when there is none
 * @len: bytes of @text
 */
struct azf_replace {
	char *path;
	const char *name;
	int dir;
	int fd;
	struct stat stat;
	char *text;
	size_t len;
};

#define AZF_REPLACE_INIT             \
	{                            \
		.dir = -1, .fd = -1, \
	}
#define azf_autoreplace azf_cleanup(azf_replace_close)
void azf_replace_close(struct azf_replace *file);

/**
 * azf_replace_open() - lock and read a file
 * @path: may be a symbolic link, and may be missing; its directory may not
 * @ret_file: starts as AZF_REPLACE_INIT; filled on success
 * @err: filled on failure
 *
 * Waits for others who have the directory locked: for a moment, since nobody
 * holds the lock for longer than it takes to write a file.
 *
 * Return: 0, -AZF_E_MOUNT for a file that is no text, -AZF_E_SYSTEM.
 */
int azf_replace_open(const char *path, struct azf_replace *ret_file,
		     struct azf_error *err);

/**
 * azf_replace_write() - put another text in its place
 * @file: open
 * @text: what it will hold
 * @len: bytes of @text
 * @backup: a name in the same directory under which the old file stays, as a
 *	whole; or NULL
 * @err: filled on failure: then the old file is still there
 *
 * A full disk must give an error and not a signal: SIGXFSZ is to be ignored.
 *
 * Return: 0, -AZF_E_MOUNT when somebody else changed the file meanwhile,
 * -AZF_E_SYSTEM.
 */
int azf_replace_write(const struct azf_replace *file, const char *text,
		      size_t len, const char *backup, struct azf_error *err);

#endif
