/* SPDX-License-Identifier: MIT */
/* krbcred.h - a KRB-CRED checked and made a ccache. */
#ifndef AZF_KRBCRED_H
#define AZF_KRBCRED_H

#include "util.h"

struct azf_error;

/* A longer ticket is not one of the service. */
#define AZF_KRBCRED_MAX 65536

/**
 * struct azf_krbcred - a service ticket
 * @client: principal that it names us by
 * @server: principal that it is for, as the ticket spells it
 * @starts: seconds since 1970
 * @expires: the same
 * @ccache: a file of credentials, format 4, with this one ticket; wiped by
 *	azf_krbcred_free()
 * @ccache_len: in bytes
 */
struct azf_krbcred {
	char *client;
	char *server;
	int64_t starts;
	int64_t expires;
	unsigned char *ccache;
	size_t ccache_len;
};

#define azf_autokrbcred azf_cleanup(azf_krbcred_free)
void azf_krbcred_free(struct azf_krbcred *krbcred);

/**
 * azf_krbcred_read() - read a KRB-CRED message whose enc-part is not encrypted
 * @der: the message
 * @len: in bytes
 * @host: the ticket must be for cifs/@host, whatever the case
 * @now: seconds since 1970; a ticket that has ended by then is refused
 * @ret_krbcred: filled on success
 * @err: filled on failure
 *
 * The message proves nothing by itself: that it came over TLS from the right
 * host is what makes it true (RFC 4120 5.8). No krb5.conf is
 * read.
 *
 * Return: 0, -AZF_E_MOUNT, or -AZF_E_SYSTEM.
 */
int azf_krbcred_read(const void *der, size_t len, const char *host, int64_t now,
		     struct azf_krbcred *ret_krbcred, struct azf_error *err);

/**
 * azf_krbcred_has_shape() - whether libkrb5 may be given a message
 *
 * Return: whether it is DER with one ticket in it, whose description is not
 * encrypted and has a key, an end and both principals.
 */
bool azf_krbcred_has_shape(const void *der, size_t len) AZF_MUST_CHECK;

#endif
