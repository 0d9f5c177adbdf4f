/* SPDX-License-Identifier: MIT */
/* kerbticket.h - a token exchanged for a Kerberos ticket, as
 * AzFilesAuthenticator asks for it. */
#ifndef AZF_KERBTICKET_H
#define AZF_KERBTICKET_H

#include "http.h"
#include "krbcred.h"

struct azf_config;
struct azf_error;
struct azf_token;

/**
 * azf_kerbticket_get() - ask a storage account for a ticket to itself
 * @http: for the request
 * @config: its storage_port
 * @host: canonical name of the account's file endpoint
 * @token: of the identity, for https://storage.azure.com
 * @deadline_ms: of azf_now_ms()
 * @ret_krbcred: filled on success
 * @err: filled on failure; azf_http_last() tells more
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_kerbticket_get(struct azf_http *http, const struct azf_config *config,
		       const char *host, const struct azf_token *token,
		       int64_t deadline_ms, struct azf_krbcred *ret_krbcred,
		       struct azf_error *err);

/**
 * azf_kerbticket_parse() - read the service's answer
 * @body: JSON with expirationTime and kerberosServiceTicket
 * @len: in bytes
 * @host: that the ticket must be for
 * @now: seconds since 1970
 */
int azf_kerbticket_parse(const char *body, size_t len, const char *host,
			 int64_t now, struct azf_krbcred *ret_krbcred,
			 struct azf_error *err);

#endif
