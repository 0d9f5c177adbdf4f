// SPDX-License-Identifier: MIT
/* kerbticket.c - a token exchanged for a Kerberos ticket. */
#include "kerbticket.h"

#include "azf-private.h"
#include "config.h"
#include "json.h"
#include "jwt.h"
#include "refusal.h"
#include "token.h"
#include "when.h"
#include "wipe.h"

#include <time.h>

/* Kerberos servers refuse clocks that differ by more (RFC 4120 3.2.3). */
#define SKEW_MAX_S 300

static const unsigned char pauses[] = { 1, 2, 4 };
static const struct azf_http_schedule schedule = { pauses,
						   AZF_ARRAY_SIZE(pauses),
						   false };

/* What storage services are known to say. */
static const struct azf_refusal_row rows[] = {
	{ 401, false, NULL, "audience validation failed",
	  "%h does not accept a token of this audience (HTTP 401)",
	  "A token for azfiles must be for https://storage.azure.com, without "
	  "a slash at its end" },
	{ 401, false, NULL, "issuer validation failed",
	  "%h does not accept a token of this tenant (HTTP 401)",
	  "Use an identity of the tenant that the storage account belongs to" },
	{ 401, false, NULL, "lifetime validation failed",
	  "%h says that the token has expired (HTTP 401)",
	  "Check this machine's clock, and that whoever writes the token "
	  "renews it" },
	{ 401, false, NULL, NULL, "%h does not accept the token (HTTP 401 %c)",
	  "Check the tenant of the identity, and that the token is fresh and "
	  "for https://storage.azure.com without a slash at its end" },
	{ 403, false, "AuthorizationPermissionMismatch", NULL,
	  "the identity %i has no role for file shares of %h",
	  "Assign it the role 'Storage File Data SMB MI Admin' on the storage "
	  "account; it takes effect after some minutes" },
	{ 403, false, "AuthorizationFailure", NULL,
	  "the firewall of %h does not let this network in",
	  "Allow the network in the account's settings, or use a private "
	  "endpoint" },
	{ 403, false, "AccountIsDisabled", NULL,
	  "the storage account of %h is disabled",
	  "Enable its subscription or the account" },
	{ 403, false, "InsufficientAccountPermissions", NULL,
	  "the storage account of %h does not allow this at present",
	  "Check the state of the account and of its subscription" },
	{ 403, false, "AuthenticationFailed", NULL,
	  "%h does not take tokens for this call (HTTP 403 %c)",
	  "Enable managed identities for SMB: az storage account update "
	  "--enable-smb-oauth true" },
	{ 403, false, NULL, NULL, "%h refuses a ticket (HTTP 403 %c)",
	  "Check the role 'Storage File Data SMB MI Admin' of %i, and the "
	  "account's firewall" },
	{ 400, false, "InvalidHeaderValue", NULL,
	  "%h does not know this version of the ticket call (HTTP 400 %c)",
	  "This cloud may not offer identities for SMB yet; use a key" },
	{ 400, false, NULL, NULL,
	  "%h does not know the ticket call (HTTP 400 %c)",
	  "This cloud may not offer identities for SMB yet; use a key" },
	{ 404, false, NULL, NULL, "%h has no ticket service (HTTP 404 %c)",
	  "Check that the host is the account's file endpoint" },
	{ 405, false, NULL, NULL, "%h has no ticket service (HTTP 405 %c)",
	  "Check that the host is the account's file endpoint" },
	{ 409, false, NULL, NULL,
	  "managed identities for SMB are not enabled on %h (HTTP 409 %c)",
	  "az storage account update --enable-smb-oauth true" },
	{ 503, true, "ServerBusy", NULL, "%h is busy (HTTP 503)",
	  "Try again in a minute" },
	{ 429, true, NULL, NULL, "%h is asked too often (HTTP 429)",
	  "Try again in a minute" },
	{ 0, false, NULL, NULL, "%h gives no ticket (HTTP %s %c)",
	  "If it stays so, give the request id to Azure support" },
	{ .cause = NULL },
};

/* Before all others when our clock is what is wrong. */
static const struct azf_refusal_row clock_rows[] = {
	{ 0, true, NULL, NULL,
	  "this machine's clock is %n that of %h, which refuses the token "
	  "(HTTP %s %c)",
	  "Set the clock: timedatectl set-ntp true" },
	{ .cause = NULL },
};

static int refused(const struct azf_http_answer *answer, const char *host,
		   const char *identity, struct azf_error *err)
{
	bool by_clock = (answer->status == 401 || answer->status == 403) &&
			llabs((long long)answer->skew) > SKEW_MAX_S &&
			!azf_streq(answer->error_code,
				   "AuthorizationPermissionMismatch");
	const struct azf_refusal refusal = {
		.rows = by_clock ? clock_rows : rows,
		.answer = answer,
		.service = "the storage account",
		.host = host,
		.identity = identity,
		.tenant = "",
		.code = answer->error_code,
		.text = answer->body,
	};

	return azf_refuse(&refusal, err);
}

static int malformed(const char *host, const char *what, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "the ticket answer of %s %s", host, what);
	return azf_cure(err,
			"Check that %s is the account's file endpoint, "
			"and proxies in between",
			host);
}

int azf_kerbticket_parse(const char *body, size_t len, const char *host,
			 int64_t now, struct azf_krbcred *ret_krbcred,
			 struct azf_error *err)
{
	azf_autojson struct azf_json *json = azf_json_parse(body, len);
	const char *expiration = azf_json_string(json, "expirationTime");
	const char *ticket = azf_json_string(json, "kerberosServiceTicket");
	azf_autowipe void *der = NULL;
	size_t der_len;
	int64_t expires;

	if (!json)
		return malformed(host, "is not JSON", err);
	if (!expiration || !ticket)
		return malformed(host, "has no ticket in it", err);
	if (!azf_when_rfc3339(expiration, &expires))
		return malformed(host, "has an expirationTime that is no time",
				 err);
	der = azf_base64_decode(ticket, &der_len);
	if (!der)
		return malformed(host, "has a ticket that is not base64", err);
	return azf_krbcred_read(der, der_len, host, now, ret_krbcred, err);
}

/*
 * A ticket that has ended when it comes: by the clock of the service it has
 * not, so ours may be the one that is wrong.
 */
static void blame_clock(const struct azf_http_answer *answer, const char *host,
			struct azf_error *err)
{
	if (answer->skew <= SKEW_MAX_S || !strstr(err->cause, "expired"))
		return;
	azf_fail(err, AZF_E_TRANSIENT,
		 "this machine's clock is %lld seconds ahead of that of %s: "
		 "a new ticket has expired by it",
		 (long long)answer->skew, host);
	azf_cure(err, "Set the clock: timedatectl set-ntp true");
}

static bool http_date(char *buffer, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	return gmtime_r(&now, &tm) &&
	       strftime(buffer, size, "x-ms-date: %a, %d %b %Y %H:%M:%S GMT",
			&tm) > 0;
}

static int ask(struct azf_http *http, const struct azf_config *config,
	       const char *host, const char *authorization, int64_t deadline_ms,
	       struct azf_error *err)
{
	char url[512], date[64];
	/* an empty one is a header that libcurl would add and must not */
	const char *const headers[] = {
		authorization,	 date,	    "x-ms-version: 2024-05-04",
		"Content-Type:", "Expect:", NULL
	};
	const struct azf_http_request request = {
		.url = url,
		.host = host,
		.headers = headers,
		.body = "",
	};
	char port[16] = "";

	if (config->storage_port != 443)
		(void)snprintf(port, sizeof(port), ":%u", config->storage_port);
	if (!http_date(date, sizeof(date)) ||
	    snprintf(url, sizeof(url),
		     "https://%s%s/?restype=service&comp=kerbticket", host,
		     port) >= (int)sizeof(url))
		return azf_fail(err, AZF_E_SYSTEM, "the host name is too long");
	(void)azf_http_send_patiently(http, &request, &schedule, deadline_ms);
	return 0;
}

int azf_kerbticket_get(struct azf_http *http, const struct azf_config *config,
		       const char *host, const struct azf_token *token,
		       int64_t deadline_ms, struct azf_krbcred *ret_krbcred,
		       struct azf_error *err)
{
	const struct azf_http_answer *answer = azf_http_last(http);
	const char *const parts[] = { "Authorization: Bearer ", token->text,
				      NULL };
	azf_autowipe char *authorization = azf_wipe_join(parts);
	int r;

	if (!authorization)
		return azf_no_memory(err);
	r = ask(http, config, host, authorization, deadline_ms, err);
	if (r)
		return r;
	if (answer->failure != AZF_HTTP_ANSWERED || answer->status != 200)
		return refused(answer, host, token->identity, err);
	r = azf_kerbticket_parse(answer->body, answer->len, host, time(NULL),
				 ret_krbcred, err);
	if (r)
		blame_clock(answer, host, err);
	return r;
}
