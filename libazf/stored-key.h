/* SPDX-License-Identifier: MIT */
/*
 * stored-key.h - the keys in /etc/azfiles/keys, which mounts find by account.
 *
 *   NAME.cred      a credentials file, mode 0600
 *   NAME.cred.enc  the same, sealed to this machine; see seal.h
 *
 * NAME is the storage account, or the name of another server. One of the two
 * is there. Should both be, the plain one counts and a warning says so: which
 * one is newer cannot be known, and a mount must not fail for it.
 */
#ifndef AZF_STORED_KEY_H
#define AZF_STORED_KEY_H

#include "credential.h"

#include <time.h>

#define AZF_KEYS_DIR AZF_SYSCONFDIR "/azfiles/keys"

enum azf_key_kind {
	AZF_KEY_NONE,
	AZF_KEY_FILE,
	AZF_KEY_SEALED,
};

/**
 * azf_stored_key_name() - under which name the key of a source is stored
 *
 * Return: the account, or the host in lower case, for the caller to free();
 * NULL if out of memory.
 */
char *azf_stored_key_name(const struct azf_source *source) AZF_MUST_CHECK;

/* What is stored under a name. @log gets the warning that both kinds are. */
enum azf_key_kind azf_stored_key_kind(const char *name,
				      const struct azf_log *log);

/**
 * azf_stored_key_read() - read a stored key
 * @name: of azf_stored_key_name()
 * @kind: which of the two, not AZF_KEY_NONE
 * @log: gets warnings
 * @credential: what the file says is put here, with @stored and @origin
 * @err: filled on failure
 *
 * A sealed key takes as long as systemd-creds needs for it, 60 seconds at most.
 * No lock is needed.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_stored_key_read(const char *name, enum azf_key_kind kind,
			const struct azf_log *log,
			struct azf_credential *credential,
			struct azf_error *err);

/**
 * azf_stored_keys_lock() - be the only one who changes stored keys
 * @ret_directory: AZF_KEYS_DIR, made if it is missing; closing it releases the
 *	lock
 * @err: filled on failure
 *
 * Return: 0 or -AZF_E_SYSTEM.
 */
int azf_stored_keys_lock(int *ret_directory, struct azf_error *err);

/**
 * azf_stored_key_write() - store a key in the place of what is there
 * @directory: of azf_stored_keys_lock()
 * @name: of azf_stored_key_name()
 * @kind: AZF_KEY_FILE or AZF_KEY_SEALED; a file of the other kind is removed
 *	when this one is in place
 * @credential: its names and passwords are written
 * @log: gets what systemd-creds has to say about a success
 * @err: filled on failure; then what was stored before still is
 *
 * Return: 0, -AZF_E_MOUNT when it cannot be sealed, or -AZF_E_SYSTEM.
 */
int azf_stored_key_write(int directory, const char *name,
			 enum azf_key_kind kind,
			 const struct azf_credential *credential,
			 const struct azf_log *log, struct azf_error *err);

/**
 * azf_stored_key_rotate() - put a new key before the one that is stored
 * @credential: of azf_stored_key_read(); what was its first key becomes the
 *	second, which is dropped, or becomes the first if it is @key
 * @key: the new one
 *
 * Return: false when it is the first one already, and nothing was changed.
 */
bool azf_stored_key_rotate(struct azf_credential *credential,
			   const struct azf_secret *key);

/**
 * azf_stored_key_delete() - forget a key, of either kind
 * @directory: of azf_stored_keys_lock()
 *
 * Return: 0, -ENOENT when none is stored, or another errno negated.
 */
int azf_stored_key_delete(int directory, const char *name) AZF_MUST_CHECK;

/**
 * struct azf_stored_key - a row of the list of stored keys
 * @name: the account or host
 * @kind: not AZF_KEY_NONE
 * @time: when it was stored, seconds since 1970
 */
struct azf_stored_key {
	const char *name;
	enum azf_key_kind kind;
	time_t time;
};

/**
 * azf_stored_keys_visit() - list the stored keys in the order of their names
 * @visit: called for each; its argument is gone afterwards
 * @arg: handed to @visit
 *
 * Return: 0, also when there is no directory; or an errno negated.
 */
int azf_stored_keys_visit(void (*visit)(void *arg,
					const struct azf_stored_key *key),
			  void *arg) AZF_MUST_CHECK;

#endif
