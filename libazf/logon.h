/* SPDX-License-Identifier: MIT */
/*
 * logon.h - the password that a user acts with on mounts of many users.
 *
 * On a mount with multiuser that signs in with a key or a password, the kernel
 * looks for a key of each user who comes, by the address that it is connected
 * to, or else by the domain of the mount.
 */
#ifndef AZF_LOGON_H
#define AZF_LOGON_H

#include "keyring.h"
#include "secret.h"

struct azf_error;

/* The kernel's CIFS_MAX_USERNAME_LEN and CIFS_MAX_DOMAINNAME_LEN. */
#define AZF_LOGON_USER_MAX   256
#define AZF_LOGON_DOMAIN_MAX 256

/**
 * struct azf_logon - what is known of such a key
 * @reach: whether there is one, and whether the kernel finds it
 * @user: who signs in; "" if another program than ours made the key
 * @host: that it was made for; "" likewise, and for a domain
 * @until: seconds since 1970; 0 if it has no end
 */
struct azf_logon {
	enum azf_keyring_reach reach;
	char user[AZF_LOGON_USER_MAX + 1];
	char host[256];
	int64_t until;
};

/* Whom a key is for. */
enum azf_logon_kind {
	AZF_LOGON_ADDRESS,
	AZF_LOGON_DOMAIN,
};

/**
 * azf_logon_check_user() - whether the kernel can take a user name
 *
 * Return: 0 or -AZF_E_USAGE.
 */
int azf_logon_check_user(const char *user, struct azf_error *err);

/**
 * azf_logon_store() - keep a password where the kernel looks for it
 * @name: the address as text, or the domain as the mount spells it
 * @logon: @user, @host and @until count
 * @password: not empty
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_logon_store(enum azf_logon_kind kind, const char *name,
		    const struct azf_logon *logon,
		    const struct azf_secret *password, struct azf_error *err);

/* What there is; *ret_logon is filled in any case. */
void azf_logon_find(enum azf_logon_kind kind, const char *name,
		    struct azf_logon *ret_logon);

/**
 * azf_logon_visit() - all that the user has, wherever the session leads
 *
 * Return: 0, or an errno negated.
 */
int azf_logon_visit(void (*visit)(void *arg, enum azf_logon_kind kind,
				  const char *name,
				  const struct azf_logon *logon),
		    void *arg) AZF_MUST_CHECK;

/* Return: whether there was one. */
bool azf_logon_forget(enum azf_logon_kind kind, const char *name);

#endif
