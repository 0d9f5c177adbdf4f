/* SPDX-License-Identifier: MIT */
/* krb-watch.h - what KDCs said while libkrb5 talked to them. */
#ifndef AZF_KRB_WATCH_H
#define AZF_KRB_WATCH_H

#include "krb.h"

/* Kerberos refuses clocks that differ by more. */
#define AZF_KRB_SKEW_MAX_S 300

/**
 * struct azf_krb_watch - what was heard; starts as { 0 }
 * @once: whoever listens wants the first answer, and libkrb5 gets none
 * @answered: some KDC answered
 * @clock: @skew is known
 * @skew: seconds that this machine's clock is ahead of the KDC's
 * @error: code of the last KRB-ERROR, as the protocol numbers them; 0 when the
 *	last answer was none
 */
struct azf_krb_watch {
	bool once;
	bool answered;
	bool clock;
	int64_t skew;
	krb5_ui_4 error;
};

/**
 * azf_krb_watch() - listen to what a context receives
 * @context: of libkrb5
 * @watch: filled from now on; must outlive what @context is used for. NULL to
 *	listen no more
 *
 * libkrb5 itself finds the KDCs, and goes by their clock without a word: what
 * is learnt of it here is from the time that each refusal has in it, the one
 * that asks for the proof of a password above all.
 */
void azf_krb_watch(krb5_context context, struct azf_krb_watch *watch);

/**
 * azf_krb_watch_reply() - take what a KDC sent; for azf_krb_watch() and tests
 * @now: seconds since 1970
 */
void azf_krb_watch_reply(krb5_context context, const krb5_data *reply,
			 int64_t now, struct azf_krb_watch *watch);

#endif
