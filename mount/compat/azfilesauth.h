/* SPDX-License-Identifier: MIT */
/* azfilesauth.h - the functions of libazfilesauth.so. */
#ifndef AZFILESAUTH_H
#define AZFILESAUTH_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Have a ticket for https://HOST in the cache, got with an access token, and
 * say for how many seconds it works. Return: 0; -1 when it failed, which is
 * told on the standard error and in the log.
 */
int extern_smb_set_credential_oauth_token(
	char *file_endpoint_uri, char *auth_token,
	unsigned int *credential_expires_in_seconds);

/* Take the ticket for https://HOST out of the cache. Return: 0 or -1. */
int extern_smb_clear_credential(char *file_endpoint_uri);

/* Print what is in the cache to the standard output. Return: 0 or -1. */
int extern_smb_list_credential(bool is_json);

/* Of AzFilesAuthenticator, whose interface this is. */
const char *extern_smb_version(void);

#ifdef __cplusplus
}
#endif

#endif
