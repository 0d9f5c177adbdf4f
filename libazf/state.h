/* SPDX-License-Identifier: MIT */
/*
 * state.h - /run/azfiles/HOST/TAG, all that we remember about an identity.
 *
 *   ccache      the Kerberos ticket; replaced by rename(2), never written to
 *   credential  how to get the next one: fields, no secret (struct azf_fields)
 *   ticket      what is known of the ticket: fields early, renew, expires,
 *               server, principal
 *   failed      why the last attempt failed, and when: fields time, code,
 *               cause, cure, not_before; absent after a success
 *   ends        when sessions end that began with earlier tickets
 *   unused      since when a refresh has seen no mount: field since
 *   kept        empty; somebody set the ticket: it stays until it is cleared
 *   lock        held with flock(2) by whoever gets a ticket
 *
 * On tmpfs, mode 0700, root's. HOST is the canonical name in lower case, TAG
 * is what the kernel carries as username=.
 */
#ifndef AZF_STATE_H
#define AZF_STATE_H

#include "fields.h"

struct azf_error;

#ifndef AZF_RUN_DIR
#define AZF_RUN_DIR "/run/azfiles"
#endif

/**
 * struct azf_state - an open state directory
 * @fd: of the directory
 * @path: for messages and for libkrb5
 */
struct azf_state {
	int fd;
	char *path;
};

/* A name of a directory: letters, digits, '.', '_', '-', no leading dot. */
bool azf_state_is_name(const char *name);

/**
 * azf_state_open() - open the directory of a host and an identity
 * @host: canonical, in lower case
 * @tag: of the identity
 * @create: make what is missing; otherwise missing is -ENOENT
 * @ret_state: filled on success
 *
 * Every component is opened without following links, and must belong to us
 * and to nobody else.
 *
 * Return: 0, or an errno negated: -EINVAL for a name that is none, -EPERM for
 * a directory that others may write to.
 */
int azf_state_open(const char *host, const char *tag, bool create,
		   struct azf_state *ret_state) AZF_MUST_CHECK;
#define azf_autostate azf_cleanup(azf_state_close)
void azf_state_close(struct azf_state *state);

/**
 * azf_state_claim() - open the directory for a mount that begins
 * @ret_state: filled on success; made if it was missing
 *
 * As azf_state_open(), but a refresh does not forget it in the next minutes:
 * until then the kernel knows of the mount.
 */
int azf_state_claim(const char *host, const char *tag,
		    struct azf_state *ret_state) AZF_MUST_CHECK;

/**
 * azf_state_visit() - name all directories that there are
 * @fn: called for each; a result other than 0 ends the walk
 * @arg: handed to @fn
 *
 * Return: 0, what @fn returned, or an errno negated. No AZF_RUN_DIR: 0.
 */
int azf_state_visit(int (*fn)(void *arg, const char *host, const char *tag),
		    void *arg) AZF_MUST_CHECK;

/**
 * azf_state_forget() - remove a directory with all that is ours in it
 * @state: open, and locked by the caller
 * @host: that it was opened with
 * @tag: likewise
 *
 * What somebody else put there stays, and the directory with it.
 *
 * Return: 0, or an errno negated.
 */
int azf_state_forget(const struct azf_state *state, const char *host,
		     const char *tag) AZF_MUST_CHECK;

/**
 * azf_state_lock() - wait for the lock
 * @timeout_ms: for so many milliseconds at most
 *
 * Return: a descriptor whose closing releases it; -ETIMEDOUT or another errno
 * negated.
 */
int azf_state_lock(const struct azf_state *state,
		   int timeout_ms) AZF_MUST_CHECK;

/* Read a file of fields. Return: 0, -ENOENT, or another errno negated. */
int azf_state_read(const struct azf_state *state, const char *name,
		   struct azf_fields *fields) AZF_MUST_CHECK;

/*
 * Replace a file as a whole, as azf_replace_file() does; whoever writes holds
 * the lock. Return: 0, or an errno negated.
 */
int azf_state_write(const struct azf_state *state, const char *name,
		    const void *data, size_t len) AZF_MUST_CHECK;
int azf_state_write_fields(const struct azf_state *state, const char *name,
			   const struct azf_fields *fields) AZF_MUST_CHECK;

/* Forget a file; one that is not there is fine. */
void azf_state_remove(const struct azf_state *state, const char *name);

#endif
