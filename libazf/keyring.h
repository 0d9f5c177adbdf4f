/* SPDX-License-Identifier: MIT */
/*
 * keyring.h - the kernel's keys: the one that an upcall has to answer, and
 * tokens of ours that outlive a process.
 */
#ifndef AZF_KEYRING_H
#define AZF_KEYRING_H

#include "util.h"

#include <stdint.h>

/* The longest payload of a key of type "user". */
#define AZF_KEYRING_PAYLOAD_MAX 32767

/**
 * azf_keyring_describe() - the description of a key that is to be answered
 * @key: its number
 * @buffer: on success type;uid;gid;permissions;description, NUL terminated
 * @size: of @buffer in bytes
 *
 * Return: its length without the NUL; -EFBIG if it does not fit; another errno
 * negated.
 */
ssize_t azf_keyring_describe(int32_t key, char *buffer,
			     size_t size) AZF_MUST_CHECK;

/**
 * azf_keyring_instantiate() - answer
 * @payload: what whoever asked for the key gets; the caller wipes its copy
 * @len: of @payload in bytes
 *
 * Return: 0, or an errno negated.
 */
int azf_keyring_instantiate(int32_t key, const void *payload,
			    size_t len) AZF_MUST_CHECK;

/**
 * azf_keyring_reject() - answer that there is no answer
 * @error: an errno, for whoever asked for the key
 * @timeout_s: for so many seconds the kernel gives the same answer by itself
 *	(to ENOKEY: any other error is asked anew each time)
 *
 * Return: 0, or an errno negated.
 */
int azf_keyring_reject(int32_t key, int error,
		       unsigned int timeout_s) AZF_MUST_CHECK;

/**
 * azf_keyring_detach() - give up what was inherited from an upcall
 *
 * A descendant of request-key may answer the kernel's question, and use the
 * keyrings of whoever asked, whatever its uid. Called by processes that have
 * nothing to do with either, before they meet the network: the process gets an
 * empty session keyring of its own and no authority. Harmless elsewhere.
 *
 * Return: 0, or an errno negated; -ENOSYS from a kernel without keys, where
 * there is nothing to give up.
 */
int azf_keyring_detach(void);

/**
 * azf_keyring_store() - keep something for later processes of the same user
 * @name: "azfiles:" is put in front
 * @payload: at most AZF_KEYRING_PAYLOAD_MAX bytes; the caller wipes its copy
 * @len: of @payload in bytes, not 0
 * @timeout_s: the kernel forgets it after so many seconds, not 0
 *
 * Replaces what has the same name. It is kept in the keyring of the real uid:
 * processes of that uid can read it, nobody else. No session keyring is needed.
 *
 * Return: 0; -EDQUOT if the user has no room for it (20000 bytes in all);
 * -ENOSYS or -EPERM where keys are not to be had; another errno negated.
 */
int azf_keyring_store(const char *name, const void *payload, size_t len,
		      unsigned int timeout_s) AZF_MUST_CHECK;

/**
 * azf_keyring_load() - get it back
 * @buffer: filled on success, not NUL terminated; on failure its content is
 *	wiped
 * @size: of @buffer in bytes
 *
 * Return: length in bytes; -ENOKEY if there is none (any more); -EFBIG if it
 * does not fit; another errno negated.
 */
ssize_t azf_keyring_load(const char *name, void *buffer,
			 size_t size) AZF_MUST_CHECK;

/* Forget it now; one that is not there is fine. */
void azf_keyring_forget(const char *name);

/* A secret of the user's that the kernel itself may look for. */
enum azf_keyring_reach {
	AZF_KEYRING_ABSENT,
	AZF_KEYRING_ELSEWHERE, /* but the session does not lead to it */
	AZF_KEYRING_FOUND,     /* as the kernel would find it from here */
};

/**
 * azf_keyring_store_secret() - a key of type "logon", which nobody can read
 * @name: with a colon in it, as the kernel will ask for it
 * @payload: the caller wipes its copy
 * @len: of @payload in bytes, not 0
 * @timeout_s: the kernel forgets it after so many seconds; 0 for never
 *
 * It is kept in the keyring of the real uid, and is for processes of that uid
 * alone, whatever keyring they find it through. What had the same name goes.
 *
 * Return: as azf_keyring_store().
 */
int azf_keyring_store_secret(const char *name, const void *payload, size_t len,
			     unsigned int timeout_s) AZF_MUST_CHECK;

enum azf_keyring_reach azf_keyring_find_secret(const char *name);

/* Return: 0, or -ENOKEY if there was none. */
int azf_keyring_forget_secret(const char *name);

/**
 * azf_keyring_visit_secrets() - those in the keyring of our uid
 * @prefix: of their names
 * @visit: called with each name; it may forget it
 *
 * Return: 0, or an errno negated.
 */
int azf_keyring_visit_secrets(const char *prefix,
			      void (*visit)(void *arg, const char *name),
			      void *arg) AZF_MUST_CHECK;

/**
 * azf_keyring_join() - have our session lead to the keyring of our uid
 *
 * Return: 0; -EPERM if the session's keyring is another user's, as below su or
 * in a daemon: what is linked there, others would find, too. Or another errno
 * negated.
 */
int azf_keyring_join(void) AZF_MUST_CHECK;

/**
 * azf_keyring_forget_address() - what the kernel knows of a name is forgotten
 * @host: as it was typed, compared without regard to case
 *
 * The kernel asks key.dns_resolver for the address of a server when it connects
 * anew, and keeps the answer for as long as that says. Needs CAP_SYS_ADMIN.
 *
 * Return: how many answers were forgotten.
 */
unsigned int azf_keyring_forget_address(const char *host);

#endif
