/* SPDX-License-Identifier: MIT */
/* mounted.h - the mounts of ours that the kernel has now. */
#ifndef AZF_MOUNTED_H
#define AZF_MOUNTED_H

#include "resolve.h"

/* The kernel does not show the port; mounts of ours use this one. */
#define AZF_MOUNTED_PORT 445

/**
 * struct azf_mounted - a mount, as the kernel shows it
 * @source: as it was typed
 * @target: where it is
 * @host: of @source
 * @canonical: the name that tickets are made out to
 * @user: what username= said; of a mount with an identity its tag; "" for none
 * @kerberos: it signs in with tickets, not with a key
 * @address: that it is connected to, or was; "" if the kernel does not say
 */
struct azf_mounted {
	char *source;
	char *target;
	char *host;
	char *canonical;
	char *user;
	bool kerberos;
	char address[sizeof(((struct azf_address *)0)->text)];
};

struct azf_mounted_list {
	struct azf_mounted *mounts;
	size_t count;
};

/**
 * azf_mounted_find() - list them
 * @target: only what is mounted there; NULL for all
 * @ret_list: filled on success, in the kernel's order; of several at one
 *	place only the last one, which covers the others
 *
 * A mount is ours when its host is one of Azure's, or when @user is an identity
 * with a state directory for the host. No mount is touched.
 *
 * Return: 0, or an errno negated.
 */
int azf_mounted_find(const char *target,
		     struct azf_mounted_list *ret_list) AZF_MUST_CHECK;
#define azf_automounted azf_cleanup(azf_mounted_free)
void azf_mounted_free(struct azf_mounted_list *list);

#endif
