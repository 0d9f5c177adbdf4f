/* SPDX-License-Identifier: MIT */
/* kinit.h - a keytab's key exchanged for a Kerberos ticket to a file server. */
#ifndef AZF_KINIT_H
#define AZF_KINIT_H

#include "diagnose-krb.h"
#include "keytab.h"
#include "krb-types.h"
#include "krbcred.h"

/**
 * struct azf_kinit_request - who wants a ticket, and for whom
 * @keytab: open
 * @path: of it, for messages
 * @principal: NAME or NAME@REALM, without regard to case; NULL for the machine:
 *	the first entry whose name ends in '$'
 * @host: the ticket is for cifs/@host; canonical
 */
struct azf_kinit_request {
	const struct azf_keytab *keytab;
	const char *path;
	const char *principal;
	const char *host;
};

/* A principal, its keys, and libkrb5 with the configuration of this machine. */
struct azf_kinit;

/**
 * azf_kinit_open() - look for the principal in the keytab
 * @request: must outlive the result
 * @ret_kinit: on success to be given to azf_kinit_free()
 * @err: filled on failure
 *
 * Reads /etc/krb5.conf, if there is one. Nothing goes over the network.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_kinit_open(const struct azf_kinit_request *request,
		   struct azf_kinit **ret_kinit, struct azf_error *err);

#define azf_autokinit azf_cleanup(azf_kinit_free_pointer)
void azf_kinit_free(struct azf_kinit *kinit);
static inline void azf_kinit_free_pointer(struct azf_kinit **kinit)
{
	azf_kinit_free(*kinit);
}

/* NAME@REALM, and REALM alone; both are @kinit's. */
const char *azf_kinit_principal(const struct azf_kinit *kinit);
const char *azf_kinit_realm(const struct azf_kinit *kinit);

/**
 * azf_kinit_get() - ask the KDC for both tickets
 * @ret_krbcred: on success with the ticket for the server; its @ccache also
 *	has the ticket granting ticket, and how the KDC's clock differs
 * @ret_skew: seconds that our clock is ahead of the KDC's, as far as it told
 * @err: filled on failure
 *
 * libkrb5 finds the KDC, and waits for it as long as it likes.
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_kinit_get(struct azf_kinit *kinit, struct azf_krbcred *ret_krbcred,
		  int64_t *ret_skew, struct azf_error *err);

/* ---- for probes ---- */

/* What is open; all of it is @kinit's. */
krb5_context azf_kinit_context(const struct azf_kinit *kinit);
krb5_principal azf_kinit_client(const struct azf_kinit *kinit);
const struct azf_krb_keys *azf_kinit_keys(const struct azf_kinit *kinit);

/* Say why something failed. Return: as azf_krb_diagnose(). */
int azf_kinit_failed(struct azf_kinit *kinit, enum azf_krb_step step,
		     krb5_error_code code, struct azf_error *err);

#endif
