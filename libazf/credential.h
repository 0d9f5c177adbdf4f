/* SPDX-License-Identifier: MIT */
/* credential.h - who we are to the server, and where that was found. */
#ifndef AZF_CREDENTIAL_H
#define AZF_CREDENTIAL_H

#include "secret.h"
#include "util.h"

#include <sys/types.h>

struct azf_error;
struct azf_log;
struct azf_options;
struct azf_source;

/* A credentials file holds a few short lines; anything larger is not one. */
#define AZF_CREDENTIAL_MAX 16384

/**
 * struct azf_credential - a user name and one or two keys
 * @username: never NULL after azf_credential_find()
 * @domain: or NULL
 * @password: has no length with @ticket
 * @password2: tried by the kernel, or by us, when @password is refused
 * @ticket: the kernel asks for a Kerberos ticket, or nobody signs in
 * @stored: found by account, where azfilesctl keeps it
 * @origin: where the key was found, for messages; never the key. NULL without
 *	one
 */
struct azf_credential {
	char *username;
	char *domain;
	struct azf_secret password;
	struct azf_secret password2;
	bool ticket;
	bool stored;
	char *origin;
};

/**
 * azf_credential_find() - the credential of a mount
 * @options: what was given on the line; it wins over a file
 * @source: names the account whose stored key is used when nothing was given
 * @log: gets a warning about a file that others can read
 * @ret_credential: filled on success; the caller frees it
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_USAGE, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_credential_find(const struct azf_options *options,
			const struct azf_source *source,
			const struct azf_log *log,
			struct azf_credential *ret_credential,
			struct azf_error *err);

/**
 * azf_credential_given() - the credential of a mount whose keys are known
 * @options: their user name and domain count, their keys do not
 * @keys: copied
 *
 * The rest is as for azf_credential_find().
 */
int azf_credential_given(const struct azf_options *options,
			 const struct azf_source *source,
			 const struct azf_key_pair *keys,
			 struct azf_credential *ret_credential,
			 struct azf_error *err);
void azf_credential_free(struct azf_credential *credential);

/**
 * azf_credential_parse() - read the text of a credentials file
 * @text: NUL terminated; the caller wipes it
 * @len: of @text in bytes, without that NUL
 * @path: for messages
 * @log: gets a warning for each line that is none of these
 * @credential: what the file says is put here; what it does not stays
 * @err: filled on failure
 *
 * The format is that of mount.cifs: lines KEY=VALUE with username (user),
 * password (pass), password2 (pass2) and domain (dom, workgroup). Blanks
 * before the key and a carriage return at the end of a line are dropped; all
 * else behind the equals sign is the value. Empty lines and lines that begin
 * with # are skipped.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_credential_parse(const char *text, size_t len, const char *path,
			 const struct azf_log *log,
			 struct azf_credential *credential,
			 struct azf_error *err);

/**
 * azf_credential_read() - read a credentials file
 * @path: of the file; @origin is set to it
 *
 * As azf_credential_parse(), and @log gets a warning about a file that others
 * can read.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_credential_read(const char *path, const struct azf_log *log,
			struct azf_credential *credential,
			struct azf_error *err);

/**
 * azf_credential_text() - read a file without looking at its content
 * @path: of a regular file
 * @text: gets the content and a NUL
 * @size: of @text, in bytes
 * @ret_len: of the content
 * @ret_mode: the permissions of the file
 * @err: filled on failure
 *
 * Return: 0 or -AZF_E_MOUNT.
 */
int azf_credential_text(const char *path, char *text, size_t size,
			size_t *ret_len, mode_t *ret_mode,
			struct azf_error *err);

/* Take a user name, and the domain that stands before it and a backslash. */
int azf_credential_set_user(struct azf_credential *credential,
			    const char *value, size_t len,
			    struct azf_error *err);

#endif
