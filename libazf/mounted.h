/* SPDX-License-Identifier: MIT */
/* mounted.h - the SMB mounts that the kernel has now. */
#ifndef AZF_MOUNTED_H
#define AZF_MOUNTED_H

#include "resolve.h"
#include "state.h"

/* The kernel does not show the port; mounts of ours use this one. */
#define AZF_MOUNTED_PORT 445

/**
 * struct azf_mounted - a mount, as the kernel shows it
 * @source: as it was typed
 * @target: where it is
 * @host: of @source
 * @canonical: the name that tickets are made out to
 * @account: the storage account, or NULL for another server
 * @user: what username= said; of a mount with an identity its tag; "" for none,
 *	and for a mount of many users, where the kernel does not show it
 * @kerberos: it signs in with tickets, not with a key
 * @sealed: encryption was asked for
 * @multiuser: each user acts with a credential of their own
 * @address: that it is connected to, or was; "" if the kernel does not say
 * @domain: what domain= said; or ""
 * @dialect: of SMB, as in vers=; "" if the kernel does not say
 */
struct azf_mounted {
	char *source;
	char *target;
	char *host;
	char *canonical;
	char *account;
	char *user;
	bool kerberos;
	bool sealed;
	bool multiuser;
	char address[sizeof(((struct azf_address *)0)->text)];
	char domain[257];
	char dialect[16];
};

struct azf_mounted_list {
	struct azf_mounted *mounts;
	size_t count;
};

/**
 * azf_mounted_all() - list the SMB mounts of our mount name space
 * @table: a file like /proc/PID/mountinfo; NULL for what is mounted now
 * @ret_list: filled on success, in the order of the table
 *
 * Also those of others, and those that another mount covers. No mount is
 * touched.
 *
 * Return: 0, or an errno negated.
 */
int azf_mounted_all(const char *table,
		    struct azf_mounted_list *ret_list) AZF_MUST_CHECK;

/**
 * azf_mounted_find() - list those that are ours
 * @target: only what is mounted there; NULL for all
 * @ret_list: filled on success, in the kernel's order; of several at one
 *	place only the last one, which covers the others
 *
 * A mount is ours when its host is one of Azure's, or when azf_mounted_state()
 * finds something, which takes root. No mount is touched.
 *
 * Return: 0, or an errno negated.
 */
int azf_mounted_find(const char *target,
		     struct azf_mounted_list *ret_list) AZF_MUST_CHECK;
#define azf_automounted azf_cleanup(azf_mounted_free)
void azf_mounted_free(struct azf_mounted_list *list);

/* Whether @mount may need the ticket of that host and identity. */
bool azf_mounted_uses(const struct azf_mounted *mount, const char *host,
		      const char *tag);

/**
 * azf_mounted_state() - open the state directory of a mount
 * @ret_state: filled on success. Of a mount of many users it is the first one
 *	of its host that is not of a user
 *
 * Return: 0, -ENOENT when it signs in without tickets of ours, or another
 * errno negated: -EACCES for who is not root.
 */
int azf_mounted_state(const struct azf_mounted *mount,
		      struct azf_state *ret_state) AZF_MUST_CHECK;

#endif
