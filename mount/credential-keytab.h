/* SPDX-License-Identifier: MIT */
/* credential-keytab.h - a keytab's ticket, or an answer in time. */
#ifndef AZF_CREDENTIAL_KEYTAB_H
#define AZF_CREDENTIAL_KEYTAB_H

#include "fields.h"
#include "kinit.h"

struct azf_error;

/* The keytab that a request means. */
const char *credential_keytab_path(const struct azf_fields *request);

/**
 * credential_with_keytab() - azf_kinit_get(), which may wait for too long
 * @deadline_ms: of azf_now_ms(). When it has come, the whole answer that says
 *	so is written, and the process ends
 *
 * The rest is as for azf_kinit_open() and azf_kinit_get().
 */
int credential_with_keytab(const struct azf_kinit_request *request,
			   int64_t deadline_ms, struct azf_krbcred *ret_krbcred,
			   int64_t *ret_skew, struct azf_error *err);

/**
 * credential_probe_keytab() - azf_krb_probe(), which may wait for too long
 *
 * The rest is as for credential_with_keytab().
 */
int credential_probe_keytab(const struct azf_kinit_request *request,
			    const char *what, int64_t deadline_ms,
			    struct azf_fields *found, struct azf_error *err);

#endif
