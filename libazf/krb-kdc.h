/* SPDX-License-Identifier: MIT */
/* krb-kdc.h - where the KDCs of a realm are, and what one says unasked. */
#ifndef AZF_KRB_KDC_H
#define AZF_KRB_KDC_H

#include "krb-types.h"
#include "krb-watch.h"
#include "srv.h"

/* What runs on domain controllers. */
enum azf_krb_place {
	AZF_KRB_KDC,	 /* port 88 */
	AZF_KRB_KPASSWD, /* 464: to change passwords, a machine's own too */
	AZF_KRB_LDAP,	 /* 389: to join, and for users and groups */
};

/**
 * azf_krb_places() - the servers of a realm
 * @context: of libkrb5, which has read krb5.conf
 * @realm: in the spelling of principals
 * @place: of what
 * @ret_servers: from krb5.conf if that names any, else from DNS; may be empty
 *
 * For messages and tests of ports: libkrb5 finds its KDCs itself.
 *
 * Return: whether krb5.conf named them.
 */
bool azf_krb_places(krb5_context context, const char *realm,
		    enum azf_krb_place place, struct azf_srv_list *ret_servers);

/* Whether krb5.conf says "rdns = true" in so many words. */
bool azf_krb_trusts_pointers(krb5_context context);

/**
 * azf_krb_kdc_ask() - ask a KDC for a ticket, without proof of who we are
 * @context: of libkrb5
 * @client: principal
 * @types: the encryption types that are offered; NULL for those permitted
 * @ret_watch: what it said, and what its clock shows
 *
 * No attempt to sign in: nothing is counted against the account.
 *
 * Return: 0 when a KDC answered, whatever it was; else libkrb5's code.
 */
krb5_error_code azf_krb_kdc_ask(krb5_context context, krb5_principal client,
				const struct azf_krb_types *types,
				struct azf_krb_watch *ret_watch);

/**
 * azf_krb_kdc_types() - the encryption types that an account has keys of
 * @candidates: each of them is asked for, in a request of its own
 * @ret_types: those that were not refused
 *
 * Return: 0, or the code of the first question without an answer.
 */
krb5_error_code azf_krb_kdc_types(krb5_context context, krb5_principal client,
				  const struct azf_krb_types *candidates,
				  struct azf_krb_types *ret_types);

#endif
