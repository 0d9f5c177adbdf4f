// SPDX-License-Identifier: MIT
/*
 * token-entra.c - tokens from Entra for whoever can prove to be an application:
 * workload identities, and service principals with a secret or a certificate
 * (learn.microsoft.com, v2-oauth2-client-creds-grant-flow).
 */
#include "token.h"

#include "azf-private.h"
#include "cloud.h"
#include "config.h"
#include "inputs.h"
#include "json.h"
#include "jwt.h"
#include "refusal.h"
#include "wipe.h"

#include <time.h>

#define SCOPE AZF_TOKEN_RESOURCE "%2F.default"
#define ASSERTION_TYPE                                           \
	"urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A" \
	"jwt-bearer"

static const unsigned char pauses[] = { 1, 2, 4 };
static const struct azf_http_schedule schedule = { pauses,
						   AZF_ARRAY_SIZE(pauses),
						   false };

#define FEDERATION_CURE                                                      \
	"Compare issuer, subject and audience of the federated credential, " \
	"letter by letter, with those of the token; a new one takes minutes"

/* The code is "error", or the first number of "error_codes" (AADSTS…). */
static const struct azf_refusal_row rows[] = {
	{ 0, false, "70021", NULL,
	  "no federated credential of %i matches the token file: %d",
	  FEDERATION_CURE },
	{ 0, false, "700211", NULL,
	  "no federated credential of %i has the issuer of the token file: %d",
	  FEDERATION_CURE },
	{ 0, false, "700212", NULL,
	  "no federated credential of %i has the audience of the token file: "
	  "%d",
	  FEDERATION_CURE },
	{ 0, false, "700213", NULL,
	  "no federated credential of %i has the subject of the token file: %d",
	  FEDERATION_CURE },
	{ 0, false, "7002138", NULL,
	  "a federated credential of %i has the subject of the token file in "
	  "another spelling: %d",
	  FEDERATION_CURE },
	{ 0, false, "7000215", NULL,
	  "the client secret of the application %i is wrong",
	  "Put the value of a secret into client_secret_file, not its id" },
	{ 0, false, "7000222", NULL,
	  "the client secret of the application %i has expired",
	  "Create a new one, and put its value into client_secret_file" },
	{ 0, false, "70002", NULL,
	  "the credentials of the application %i are wrong: %d",
	  "Check client_secret_file or client_certificate" },
	{ 0, false, "700016", NULL, "the tenant %t has no application %i",
	  "Check client_id and tenant_id" },
	{ 0, false, "700027", NULL,
	  "Entra does not know the certificate of the application %i: %d",
	  "Upload the certificate to the application, and check that it has "
	  "not expired" },
	{ 0, false, "50012", NULL,
	  "Entra does not accept the proof of the application %i: %d",
	  "Check that the certificate or token file belongs to it" },
	{ 0, false, "500133", NULL,
	  "the token file of %i has expired, or this machine's clock is "
	  "wrong: %d",
	  "Check that the token file is renewed, and the clock" },
	{ 0, false, "700024", NULL,
	  "the token file of %i has expired, or this machine's clock is "
	  "wrong: %d",
	  "Check that the token file is renewed, and the clock" },
	{ 0, false, "90002", NULL, "there is no tenant %t at %h",
	  "Check tenant_id; a tenant of another cloud needs authority_host" },
	{ 0, false, "90038", NULL,
	  "the tenant %t belongs to another cloud than %h",
	  "Set authority_host to that of the cloud" },
	{ 0, false, "900382", NULL,
	  "the tenant %t belongs to another cloud than %h",
	  "Set authority_host to that of the cloud" },
	{ 0, false, "50001", NULL,
	  "the tenant %t does not know https://storage.azure.com: %d",
	  "Check that %h is the authority of the account's cloud" },
	{ 0, false, "500011", NULL,
	  "the tenant %t does not know https://storage.azure.com: %d",
	  "Check that %h is the authority of the account's cloud" },
	{ 0, false, "53003", NULL,
	  "a conditional access policy of the tenant %t blocks %i from here",
	  "Have the policy allow this network or this application" },
	{ 0, true, "50196", NULL, "Entra holds %i back: it asks too often",
	  "Try again in some minutes" },
	{ 0, true, "90006", NULL, "Entra has a problem of its own: %d",
	  "Try again in a minute" },
	{ 0, true, "90012", NULL, "Entra took too long: %d",
	  "Try again in a minute" },
	{ 0, true, "90024", NULL, "Entra is too busy: %d",
	  "Try again in a minute" },
	{ 0, true, "90033", NULL, "Entra has a problem of its own: %d",
	  "Try again in a minute" },
	{ 0, true, "temporarily_unavailable", NULL,
	  "Entra is not available at the moment: %d", "Try again in a minute" },
	{ 429, true, NULL, NULL, "Entra is asked too often (HTTP 429)",
	  "Try again in a minute" },
	{ 0, false, NULL, NULL, "Entra gives no token for %i (HTTP %s %c): %d",
	  "Look the AADSTS code up at https://login.microsoftonline.com/error" },
	{ .cause = NULL },
};

/* Return: https://HOST for the caller to free(); NULL after a failure. */
static char *authority_of(const struct azf_token_source *source,
			  struct azf_error *err)
{
	const char *given = azf_fields_get(source->request, "authority_host");
	size_t account_len;
	bool private_link;
	const struct azf_cloud *cloud =
		azf_cloud_find(source->host, &account_len, &private_link);
	azf_autofree char *url = NULL;

	if (!given)
		given = source->config->authority_host;
	if (!given)
		given = cloud ? cloud->authority :
				"https://login.microsoftonline.com";
	if (asprintf(&url, "%s%s", strstr(given, "://") ? "" : "https://",
		     given) < 0) {
		url = NULL;
		azf_no_memory(err);
		return NULL;
	}
	if (azf_config_endpoint(url, "https://"))
		return azf_take(url);
	azf_fail(err, AZF_E_MOUNT, "the authority '%s' is not https://HOST",
		 given);
	azf_cure(err, "Correct authority_host");
	return NULL;
}

/* A tenant or client: an id, or a domain. It becomes part of a URL. */
static const char *name_in(const struct azf_token_source *source,
			   const char *key, struct azf_error *err)
{
	const char *value = azf_fields_get(source->request, key);

	if (value && *value &&
	    value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789.-_")] ==
		    '\0')
		return value;
	azf_fail(err, AZF_E_MOUNT, "%s is missing, or is no id", key);
	azf_cure(err, "Correct %s= in the options", key);
	return NULL;
}

static int refused(const struct azf_http_answer *answer, const char *host,
		   const char *identity, const char *tenant,
		   struct azf_error *err)
{
	azf_autojson struct azf_json *json = azf_json_parse(answer->body,
							    answer->len);
	const char *error = azf_json_string(json, "error");
	const char *text = azf_json_string(json, "error_description");
	int64_t number = azf_json_first_number(json, "error_codes");
	char code[24];
	const struct azf_refusal refusal = {
		.rows = rows,
		.answer = answer,
		.service = "Entra",
		.host = host,
		.identity = identity,
		.tenant = tenant,
		.code = number ? code : (error ? error : ""),
		.text = text ? text : "",
	};

	(void)snprintf(code, sizeof(code), "%lld", (long long)number);
	if (error && azf_streq(error, "temporarily_unavailable"))
		(void)snprintf(code, sizeof(code), "%s", error);
	return azf_refuse(&refusal, err);
}

static int post(const struct azf_token_source *source, const char *url,
		const char *body, struct azf_token *token,
		struct azf_error *err)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded",
		"Expect:", NULL
	};
	const char *start = url + strlen("https://");
	azf_autofree char *host = strndup(start, strcspn(start, "/"));
	const struct azf_http_request request = { .url = url,
						  .host = host,
						  .headers = headers,
						  .body = body,
						  .body_len = strlen(body) };
	const struct azf_http_answer *answer;
	const char *wrong;

	if (!host)
		return azf_no_memory(err);
	answer = azf_http_send_patiently(source->http, &request, &schedule,
					 source->deadline_ms);
	if (answer->failure != AZF_HTTP_ANSWERED || answer->status != 200)
		return refused(answer, host, token->identity,
			       azf_fields_get(source->request, "tenant_id"),
			       err);
	wrong = azf_token_parse(answer->body, answer->len, time(NULL), NULL,
				token);
	if (!wrong)
		return 0;
	azf_fail(err, AZF_E_MOUNT, "the answer of Entra at %s %s", host, wrong);
	return azf_cure(err, "Check authority_host, and proxies in between");
}

/* What is asked for, and the ways to prove who asks. */
static const char terms[] = "&scope=" SCOPE "&grant_type=client_credentials&";
static const char by_secret[] = "client_secret";
static const char by_assertion[] = "client_assertion_type=" ASSERTION_TYPE
				   "&client_assertion";

/* The proof is escaped: a file with odd bytes in it adds no parameters. */
static int exchange(const struct azf_token_source *source, const char *url,
		    const char *way, const char *proof, struct azf_token *token,
		    struct azf_error *err)
{
	const char *client_id = name_in(source, "client_id", err);
	azf_autowipe char *escaped = azf_http_escape(proof, strlen(proof));
	const char *const parts[] = { "client_id=", client_id, terms, way,
				      "=",	    escaped,   NULL };
	azf_autowipe char *body = NULL;

	if (!client_id)
		return -(int)err->code;
	body = escaped ? azf_wipe_join(parts) : NULL;
	return body ? post(source, url, body, token, err) : azf_no_memory(err);
}

/* Return: the URL of the tenant's token endpoint; NULL after a failure. */
static char *endpoint_of(const struct azf_token_source *source,
			 struct azf_error *err)
{
	const char *tenant = name_in(source, "tenant_id", err);
	azf_autofree char *authority = tenant ? authority_of(source, err) :
						NULL;
	char *url;

	if (!authority)
		return NULL;
	if (asprintf(&url, "%s/%s/oauth2/v2.0/token", authority, tenant) < 0) {
		azf_no_memory(err);
		return NULL;
	}
	return url;
}

int azf_token_workload(const struct azf_token_source *source,
		       struct azf_token *token, struct azf_error *err)
{
	azf_autofree char *url = endpoint_of(source, err);
	const char *assertion = source->inputs->token_file.text;

	if (!url)
		return -(int)err->code;
	if (!assertion)
		return azf_fail(err, AZF_E_SYSTEM,
				"the request has no token_file");
	return exchange(source, url, by_assertion, assertion, token, err);
}

int azf_token_principal(const struct azf_token_source *source,
			struct azf_token *token, struct azf_error *err)
{
	const struct azf_input *pem = &source->inputs->client_certificate;
	const char *secret = source->inputs->client_secret.text;
	azf_autofree char *url = endpoint_of(source, err);
	const char *client_id = url ? name_in(source, "client_id", err) : NULL;
	const struct azf_jwt_claims claims = { client_id, url, time(NULL) };
	azf_autowipe char *assertion = NULL;
	int r;

	if (!client_id)
		return -(int)err->code;
	if (secret)
		return exchange(source, url, by_secret, secret, token, err);
	if (!pem->text)
		return azf_fail(err, AZF_E_SYSTEM,
				"the request has neither a client_secret_file "
				"nor a client_certificate");
	r = azf_jwt_assertion(pem->text, pem->len, pem->path, &claims,
			      &assertion, err);
	return r ? r :
		   exchange(source, url, by_assertion, assertion, token, err);
}
