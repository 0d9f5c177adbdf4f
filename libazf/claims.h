/* SPDX-License-Identifier: MIT */
/* claims.h - what an access token says of itself, for people. */
#ifndef AZF_CLAIMS_H
#define AZF_CLAIMS_H

#include "fields.h"

/**
 * azf_claims_read() - the claims of a token that may be shown
 * @token: a JWT (RFC 7519); its signature is not checked
 * @ret_claims: gets those that are there: aud, tid, appid, oid, exp. A value
 *	of more than 128 bytes is left out; control characters become '?'
 *
 * What a service thinks of the token is its own affair: this is for messages.
 *
 * Return: 0; -EINVAL for what is no JWT, with nothing added; -ENOMEM.
 */
int azf_claims_read(const char *token,
		    struct azf_fields *ret_claims) AZF_MUST_CHECK;

#endif
