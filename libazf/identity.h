/* SPDX-License-Identifier: MIT */
/* identity.h - who we are to the server: the table of identities. */
#ifndef AZF_IDENTITY_H
#define AZF_IDENTITY_H

#include "fields.h"

struct azf_error;
struct azf_options;

/**
 * azf_identity_fields() - the request fields of the identity that options name
 * @options: with identity= and what belongs to it
 * @ret_fields: on success: identity (the kind: system, client, resource,
 *	workload, sp, token, exec, keytab, ccache) and, as the kind needs
 *	them,
 *	client_id, resource_id, tenant_id, authority_host, token_file,
 *	client_secret_file, client_certificate, program, keytab, principal, cruid
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_identity_fields(const struct azf_options *options,
			struct azf_fields *ret_fields, struct azf_error *err);

/**
 * azf_identity_absent() - check options that name no identity
 *
 * Return: 0; -AZF_E_USAGE when one of them belongs to an identity.
 */
int azf_identity_absent(const struct azf_options *options,
			struct azf_error *err);

/**
 * azf_identity_is_entra() - whether an identity is one of Entra
 * @fields: from azf_identity_fields()
 *
 * Of those Azure's hosts alone know something; the others are of a Kerberos
 * realm, and of use with any server.
 */
bool azf_identity_is_entra(const struct azf_fields *fields);

/**
 * azf_identity_tag() - the name under which an identity's ticket is kept
 * @fields: from azf_identity_fields()
 *
 * "system", the client id, "token" for one that is handed over, "keytab" for
 * this machine as its keytab has it,
 * "ccache-" and the uid, or the kind with a hash of all fields
 * behind it: the same identity always has the same tag, and different ones
 * different tags.
 *
 * Return: for the caller to free(); NULL if out of memory.
 */
char *azf_identity_tag(const struct azf_fields *fields);

#endif
