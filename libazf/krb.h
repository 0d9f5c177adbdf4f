/* SPDX-License-Identifier: MIT */
/*
 * krb.h - the one door to libkrb5: a context that reads no configuration, and
 * the bytes of a file of credentials.
 */
#ifndef AZF_KRB_H
#define AZF_KRB_H

#include "util.h"

#include <krb5.h>
#include <profile.h>

/* A context of libkrb5 for which there is no krb5.conf; starts as { 0 }. */
struct azf_krb {
	profile_t profile;
	krb5_context context;
};

#define azf_autokrb azf_cleanup(azf_krb_close)
bool azf_krb_open(struct azf_krb *krb) AZF_MUST_CHECK;
void azf_krb_close(struct azf_krb *krb);

/**
 * azf_krb_name() - a principal as it goes into messages and files of ours
 *
 * Return: for the caller to free(); NULL if it is too long, or out of memory.
 */
char *azf_krb_name(const struct azf_krb *krb, krb5_const_principal principal);

/* A krb5_timestamp is unsigned since 1.16, whatever its type says. */
static inline int64_t azf_krb_epoch(krb5_timestamp timestamp)
{
	return (int64_t)(uint32_t)timestamp;
}

/* Whether the principal is cifs/@host, whatever the case, in any realm. */
bool azf_krb_is_for(krb5_const_principal server, const char *host);

/* Seconds that the clock of the KDC is ahead of ours, as far as it told. */
int32_t azf_krb_offset(const struct azf_krb *krb);

/**
 * azf_krb_ccache() - the bytes of a file of credentials
 * @krb: whose azf_krb_offset() goes with them, as in files of libkrb5
 * @owner: its default principal
 * @list: what is in it
 * @count: of @list
 * @ret_len: of the result in bytes
 *
 * libkrb5 writes to a path only, which it empties first: the format is put
 * together here, as "Credential cache file format" of the MIT Kerberos
 * documentation has it (version 4, big endian).
 *
 * Return: to be given to azf_wipe_free(); NULL if out of memory.
 */
unsigned char *azf_krb_ccache(const struct azf_krb *krb,
			      krb5_const_principal owner,
			      const krb5_creds *list, size_t count,
			      size_t *ret_len);

#endif
