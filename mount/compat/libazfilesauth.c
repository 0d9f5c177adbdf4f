// SPDX-License-Identifier: MIT
/* libazfilesauth.c - the four functions of AzFilesAuthenticator's library. */
#include "azfilesauth.h"

#include "compat.h"

#include <limits.h>
#include <time.h>

/* Return: what the callers know. */
static int end(struct compat *compat, int r, const struct azf_error *err)
{
	if (r)
		compat_tell_failure(compat, err);
	compat_close(compat);
	return r ? -1 : 0;
}

static int no_argument(struct azf_error *err)
{
	return azf_fail(err, AZF_E_USAGE, "an argument is NULL or empty");
}

static int set_token(struct compat *compat, const char *uri, const char *token,
		     unsigned int *ret_seconds, struct azf_error *err)
{
	azf_autofree char *host = NULL;
	int64_t expires = 0, left;
	int r;

	if (!uri || !token || !token[0] || !ret_seconds)
		return no_argument(err);
	r = compat_open(compat, err);
	r = r ? r : compat_host(uri, &host, err);
	r = r ? r : compat_set_token(compat, host, token, &expires, err);
	left = expires - time(NULL);
	if (r == 0 && left > 0)
		*ret_seconds = left < UINT_MAX ? (unsigned int)left : UINT_MAX;
	return r;
}

int extern_smb_set_credential_oauth_token(
	char *file_endpoint_uri, char *auth_token,
	unsigned int *credential_expires_in_seconds)
{
	struct compat compat = { .verbose = false };
	struct azf_error err = { 0 };

	if (credential_expires_in_seconds)
		*credential_expires_in_seconds = 0;
	return end(&compat,
		   set_token(&compat, file_endpoint_uri, auth_token,
			     credential_expires_in_seconds, &err),
		   &err);
}

static int clear(struct compat *compat, const char *uri, struct azf_error *err)
{
	azf_autofree char *host = NULL;
	int r;

	if (!uri || !uri[0])
		return no_argument(err);
	r = compat_open(compat, err);
	r = r ? r : compat_host(uri, &host, err);
	return r ? r : compat_clear(compat, host, err);
}

int extern_smb_clear_credential(char *file_endpoint_uri)
{
	struct compat compat = { .verbose = false };
	struct azf_error err = { 0 };

	return end(&compat, clear(&compat, file_endpoint_uri, &err), &err);
}

int extern_smb_list_credential(bool is_json)
{
	struct compat compat = { .verbose = false };
	struct azf_error err = { 0 };
	int r = compat_open(&compat, &err);

	r = r ? r : compat_list(&compat, is_json, &err);
	return end(&compat, r, &err);
}

const char *extern_smb_version(void)
{
	return COMPAT_VERSION;
}
