/* SPDX-License-Identifier: MIT */
/* ctl-key.h - what "key add" and "key rotate" share. */
#ifndef AZF_CTL_KEY_H
#define AZF_CTL_KEY_H

#include "azf.h"
#include "credential.h"
#include "secret.h"

/* Two keys and the line ends; what is longer is something else. */
#define CTL_KEY_INPUT_MAX 2048

/**
 * struct ctl_key - keys to be stored
 * @name: under which they are stored
 * @azure: it is an account of Azure, whose keys have a known form
 * @text: what was typed or read
 * @keys: one or two of them
 * @count: of @keys
 * @stored: the file as it was, then as it will be
 *
 * Made by azf_secret_alloc(); declared azf_cleanup(ctl_key_end), it goes away.
 */
struct ctl_key {
	char *name;
	bool azure;
	char text[CTL_KEY_INPUT_MAX];
	struct azf_secret keys[2];
	int count;
	struct azf_credential stored;
};

void ctl_key_end(struct ctl_key **key);

/* ---- ctl-key-read.c ---- */

/**
 * ctl_key_find_name() - under which name a key is stored
 * @argument: an account or a host, as typed
 * @ret_name: for the caller to free
 * @ret_azure: whether it is an account of Azure
 *
 * The same rule as for the source of a mount, so that it is found.
 */
int ctl_key_find_name(const char *argument, char **ret_name, bool *ret_azure,
		      struct azf_error *err);

/**
 * ctl_key_read() - read one or two keys
 * @file: from there; NULL or "-" is the standard input, on a terminal a prompt
 */
int ctl_key_read(struct ctl_key *key, const char *file, struct azf_error *err);

/* ---- ctl-key-mounts.c ---- */

/**
 * struct ctl_key_mount - a live mount that a key was used for
 * @source: as the kernel shows it
 * @target: its mount point
 * @options: those that it has, for a line of fstab
 * @part: it shows a directory of another mount
 * @holds: something else is mounted below it
 */
struct ctl_key_mount {
	char *source;
	char *target;
	char *options;
	bool part;
	bool holds;
};

struct ctl_key_mounts {
	struct ctl_key_mount *list;
	size_t count;
};

/**
 * ctl_key_mounts_find() - the mounts of an account, in our name space
 * @name: of ctl_key_find_name()
 * @user: who signs in; another user's mounts are not listed
 * @ret_mounts: filled on success; ctl_key_mounts_free() frees it
 */
int ctl_key_mounts_find(const char *name, const char *user,
			struct ctl_key_mounts *ret_mounts,
			struct azf_error *err);
void ctl_key_mounts_free(struct ctl_key_mounts *mounts);

/**
 * ctl_key_mounts_check() - sign in with a key, where nobody sees it
 * @mounts: one of them is tried; without any nothing is
 * @key: to sign in with
 * @err: filled on failure
 *
 * Return: as azf_mount(): -AZF_E_TRANSIENT says nothing of the key.
 */
int ctl_key_mounts_check(const struct ctl_key_mounts *mounts,
			 const struct azf_secret *key, struct azf_error *err);

/**
 * ctl_key_mounts_change() - have live mounts use other keys
 * @mounts: a line on standard output tells of each what happened
 * @keys: the first is the new one
 *
 * Return: how many go on with what they had.
 */
int ctl_key_mounts_change(const struct ctl_key_mounts *mounts,
			  const struct azf_key_pair *keys);

#endif
