/* SPDX-License-Identifier: MIT */
/*
 * keytab.h - a file with Kerberos keys, which only root can read, as a copy in
 * memory that stays when we are root no more.
 */
#ifndef AZF_KEYTAB_H
#define AZF_KEYTAB_H

#include "util.h"

struct azf_error;

/* Where libkrb5 has the keys of this machine. */
#define AZF_KEYTAB_FILE "/etc/krb5.keytab"

/* A machine has a few names with a few keys; a larger file is no keytab. */
#define AZF_KEYTAB_MAX (1024 * 1024)

/**
 * struct azf_keytab - the copy
 * @fd: of memory, to be opened again below /proc; or -1
 * @bytes: the same memory, neither swapped out nor dumped
 * @len: in bytes
 */
struct azf_keytab {
	int fd;
	void *bytes;
	size_t len;
};

/**
 * azf_keytab_open() - read a keytab
 * @path: must be a file of root's own that others can neither read nor write;
 *	a link is not followed
 * @ret_keytab: filled on success
 * @err: filled on failure
 *
 * Nobody looks at its content here.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_keytab_open(const char *path, struct azf_keytab *ret_keytab,
		    struct azf_error *err);

/* Also wipes it; { .fd = -1 } is fine. */
void azf_keytab_close(struct azf_keytab *keytab);

#endif
