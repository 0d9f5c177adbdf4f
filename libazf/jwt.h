/* SPDX-License-Identifier: MIT */
/* jwt.h - a signed client assertion, and base64; the only user of OpenSSL. */
#ifndef AZF_JWT_H
#define AZF_JWT_H

#include "util.h"

struct azf_error;

/**
 * struct azf_jwt_claims - who asks whom
 * @client_id: becomes "iss" and "sub"
 * @audience: "aud", the URL of the token endpoint
 * @now: seconds since 1970; the assertion holds for ten minutes
 */
struct azf_jwt_claims {
	const char *client_id;
	const char *audience;
	int64_t now;
};

/**
 * azf_jwt_assertion() - sign a client assertion with a certificate's key
 * @pem: an RSA key that is not encrypted and its certificate, in any order;
 *	of several certificates the one that belongs to the key is used
 * @len: of @pem in bytes
 * @path: of @pem, for messages
 * @claims: printable, without quotes and backslashes
 * @ret_assertion: on success HEADER.CLAIMS.SIGNATURE, to be given to
 *	azf_wipe_free()
 * @err: filled on failure
 *
 * PS256, with the certificate named by x5t#S256, as learn.microsoft.com has it
 * under "certificate credentials".
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_jwt_assertion(const char *pem, size_t len, const char *path,
		      const struct azf_jwt_claims *claims, char **ret_assertion,
		      struct azf_error *err);

/**
 * azf_base64_decode() - decode standard base64 with padding
 * @text: its alphabet and nothing else, not even a newline
 * @ret_len: in bytes
 *
 * Return: to be given to azf_wipe_free(); NULL if it is not base64, is empty,
 * or out of memory.
 */
void *azf_base64_decode(const char *text, size_t *ret_len);

#endif
