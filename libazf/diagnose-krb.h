/* SPDX-License-Identifier: MIT */
/* diagnose-krb.h - from an error of libkrb5 to one cause and one cure. */
#ifndef AZF_DIAGNOSE_KRB_H
#define AZF_DIAGNOSE_KRB_H

#include "util.h"

struct azf_error;
struct azf_krb_names;

/* What was asked for when it failed. */
enum azf_krb_step {
	AZF_KRB_KEYS,	 /* the keytab was read */
	AZF_KRB_SIGN_IN, /* a ticket granting ticket */
	AZF_KRB_SERVICE, /* a ticket for the server */
};

/**
 * struct azf_krb_failure - what is known of it
 * @step: see above
 * @code: of libkrb5
 * @said: what libkrb5 makes of @code
 * @client: principal that signs in
 * @host: of the server, as it was typed
 * @realm: that was asked
 * @keytab: its path
 * @enctypes: of @client's keys in it
 * @kvno: number of the newest of these
 * @permitted: what libkrb5 and krb5.conf permit
 * @unfit: none of @enctypes is among them
 * @clock: @skew is known
 * @skew: seconds that our clock is ahead of the KDC's
 * @names: of @host
 */
struct azf_krb_failure {
	enum azf_krb_step step;
	int32_t code;
	const char *said;
	const char *client;
	const char *host;
	const char *realm;
	const char *keytab;
	const char *enctypes;
	unsigned int kvno;
	const char *permitted;
	bool unfit;
	bool clock;
	int64_t skew;
	const struct azf_krb_names *names;
};

/**
 * azf_krb_diagnose() - choose the cause
 *
 * Return: the code put into @err, negated: -AZF_E_TRANSIENT for what may go
 * away by itself, as a KDC that is down; -AZF_E_MOUNT.
 */
int azf_krb_diagnose(const struct azf_krb_failure *failure,
		     struct azf_error *err);

/**
 * azf_krb_refuse_address() - an address in the place of a name
 * @pointer: what a reverse lookup calls it; or ""
 *
 * Return: -AZF_E_MOUNT.
 */
int azf_krb_refuse_address(const char *host, const char *pointer,
			   struct azf_error *err);

#endif
