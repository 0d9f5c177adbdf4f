/* SPDX-License-Identifier: MIT */
/* diagnose-krb.h - from an error of libkrb5 to one cause and one cure. */
#ifndef AZF_DIAGNOSE_KRB_H
#define AZF_DIAGNOSE_KRB_H

#include "util.h"

struct azf_error;

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
 * @server: cifs/HOST
 * @realm: that was asked
 * @keytab: its path
 * @enctypes: of @client's keys in it
 * @kvno: number of the newest of these
 * @clock: @skew is known
 * @skew: seconds that our clock is ahead of the KDC's
 */
struct azf_krb_failure {
	enum azf_krb_step step;
	int32_t code;
	const char *said;
	const char *client;
	const char *server;
	const char *realm;
	const char *keytab;
	const char *enctypes;
	unsigned int kvno;
	bool clock;
	int64_t skew;
};

/**
 * azf_krb_diagnose() - choose the cause
 *
 * Return: the code put into @err, negated: -AZF_E_TRANSIENT for what may go
 * away by itself, as a KDC that is down; -AZF_E_MOUNT.
 */
int azf_krb_diagnose(const struct azf_krb_failure *failure,
		     struct azf_error *err);

#endif
