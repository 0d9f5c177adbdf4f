/* SPDX-License-Identifier: MIT */
/* krb-probe.h - what "azfilesctl doctor" wants to know about a realm. */
#ifndef AZF_KRB_PROBE_H
#define AZF_KRB_PROBE_H

#include "fields.h"
#include "kinit.h"

/* Whether there is a probe of this name; all need a keytab. */
bool azf_krb_is_probe(const char *what);

/**
 * azf_krb_probe() - look at one thing
 * @what: "keytab": its keys; nothing goes over the network. "places": the
 *	servers of the realm. "kdc": whether one answers, and its clock.
 *	"enctypes": which encryption types it takes from the account
 * @found: what was found is added to it, also on failure: principal, realm;
 *	kvno, keys, permitted; kdc, kpasswd and ldap, each "HOST PORT"
 *	with commas between them, and source, "krb5.conf" or "DNS"; skew,
 *	seconds that our clock is ahead; account and common, encryption types
 * @err: filled on failure
 *
 * Nobody signs in.
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_krb_probe(struct azf_kinit *kinit, const char *what,
		  struct azf_fields *found, struct azf_error *err);

#endif
