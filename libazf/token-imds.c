// SPDX-License-Identifier: MIT
/*
 * token-imds.c - managed identities of an Azure VM, from its metadata service
 * (learn.microsoft.com, how-to-use-vm-token), and the URL that Azure Arc shares
 * with it.
 */
#include "token.h"

#include "azf-private.h"
#include "config.h"
#include "inputs.h"
#include "json.h"
#include "refusal.h"
#include "wipe.h"

#include <time.h>

#define IMDS	     "http://169.254.169.254"
#define IMDS_VERSION "2018-02-01"
#define ARC	     "http://127.0.0.1:40342"
#define ARC_VERSION  "2020-06-01"
#define PATH	     "/metadata/identity/oauth2/token"

/* Microsoft's schedule: five more attempts after these pauses. */
static const unsigned char pauses[] = { 0, 2, 6, 14, 30 };
static const struct azf_http_schedule schedule = { pauses,
						   AZF_ARRAY_SIZE(pauses),
						   true };

static const struct azf_refusal_row rows[] = {
	{ 400, false, NULL, "identity not found",
	  "the identity %i is not assigned to this virtual machine",
	  "Assign it: az vm identity assign (az vmss identity assign for a "
	  "scale set); if that was just done, try again in a minute" },
	{ 400, false, NULL, "multiple user assigned identities",
	  "this virtual machine has several identities and no system-assigned "
	  "one",
	  "Say which: identity=CLIENT-ID" },
	{ 400, false, "invalid_resource", NULL,
	  "the tenant of this virtual machine does not know "
	  "https://storage.azure.com: %d",
	  "Check that the machine and the account are in the same cloud" },
	{ 400, false, "unauthorized_client", NULL,
	  "the identity %i may not have a token: %d",
	  "Check the identity in Entra" },
	{ 401, false, "unauthorized_client", NULL,
	  "the identity %i may not have a token: %d",
	  "Check the identity in Entra" },
	{ 400, false, NULL, NULL,
	  "the metadata service gives no token for the identity %i (HTTP 400 "
	  "%c): %d",
	  "Check the identity with: az vm identity show" },
	{ 404, true, NULL, NULL,
	  "the metadata service at %h has no tokens (HTTP 404)",
	  "Check that this is an Azure virtual machine with a managed "
	  "identity" },
	{ 410, true, NULL, NULL,
	  "the metadata service is being updated (HTTP 410)",
	  "Try again in a minute" },
	{ 429, true, NULL, NULL,
	  "the metadata service is asked too often (HTTP 429)",
	  "Try again in a minute; look for other programs that ask for "
	  "tokens" },
	{ -AZF_HTTP_NO_CONNECTION, true, NULL, NULL,
	  "the metadata service at %h cannot be reached: %d",
	  "Check that this is an Azure virtual machine, its route to %h, and "
	  "that a container may use it" },
	{ -AZF_HTTP_SILENT, true, NULL, NULL,
	  "the metadata service at %h does not answer: %d",
	  "Check that this is an Azure virtual machine, its route to %h, and "
	  "that a container may use it" },
	{ 0, false, NULL, NULL,
	  "the metadata service gives no token for the identity %i (HTTP %s "
	  "%c): %d",
	  "Try again; if it stays so, restart the virtual machine" },
	{ .cause = NULL },
};

/* Append "&KEY=VALUE" if the request has the field. */
static void add_selector(struct azf_str *url, const char *key,
			 const char *value)
{
	azf_autowipe char *escaped = NULL;

	if (!value)
		return;
	escaped = azf_http_escape(value, strlen(value));
	if (!escaped)
		url->failed = true;
	else
		azf_str_add(url, "&%s=%s", key, escaped);
}

static const char *endpoint_of(const struct azf_token_source *source)
{
	const struct azf_config *config = source->config;

	if (source->inputs->arc)
		return config->arc_endpoint ? config->arc_endpoint : ARC;
	return config->imds_endpoint ? config->imds_endpoint : IMDS;
}

/* The selectors are those of IMDS; Arc ignores others without a word. */
static void make_url(const struct azf_token_source *source, struct azf_str *url)
{
	const char *identity = azf_fields_get(source->request, "identity");

	azf_str_add(url, "%s" PATH "?api-version=%s&resource=%s",
		    endpoint_of(source),
		    source->inputs->arc ? ARC_VERSION : IMDS_VERSION,
		    AZF_TOKEN_RESOURCE);
	if (azf_streq(identity, "client"))
		add_selector(url, "client_id",
			     azf_fields_get(source->request, "client_id"));
	if (azf_streq(identity, "resource"))
		add_selector(url, "msi_res_id",
			     azf_fields_get(source->request, "resource_id"));
}

static int refused(const struct azf_http_answer *answer, const char *host,
		   const char *identity, struct azf_error *err)
{
	const struct azf_refusal refusal = {
		.rows = rows,
		.answer = answer,
		.service = "the metadata service",
		.host = host,
		.identity = identity,
		.tenant = "",
	};

	return azf_refuse_metadata(&refusal, err);
}

static int ask_imds(const struct azf_token_source *source, const char *url,
		    struct azf_token *token, struct azf_error *err)
{
	static const char *const headers[] = { "Metadata: true", NULL };
	const char *host = url + strlen("http://");
	azf_autofree char *name = strndup(host, strcspn(host, "/"));
	const struct azf_http_request request = {
		.url = url, .host = name, .metadata = true, .headers = headers
	};
	const char *identity = azf_fields_get(source->request, "identity");
	const char *client_id = azf_streq(identity, "client") ?
					azf_fields_get(source->request,
						       "client_id") :
					NULL;
	const struct azf_http_answer *answer;
	const char *wrong;

	if (!name)
		return azf_no_memory(err);
	answer = azf_http_send_patiently(source->http, &request, &schedule,
					 source->deadline_ms);
	if (answer->failure != AZF_HTTP_ANSWERED || answer->status != 200)
		return refused(answer, name, token->identity, err);
	wrong = azf_token_parse(answer->body, answer->len, time(NULL),
				client_id, token);
	if (!wrong)
		return 0;
	azf_fail(err, AZF_E_MOUNT,
		 "the answer of the metadata service at %s %s", name, wrong);
	return azf_cure(err, "Check that nothing else answers at that address");
}

int azf_token_metadata(const struct azf_token_source *source,
		       struct azf_token *token, struct azf_error *err)
{
	azf_autostr struct azf_str url = { 0 };

	make_url(source, &url);
	if (url.failed)
		return azf_no_memory(err);
	if (source->inputs->arc)
		return azf_token_arc(source, url.text, token, err);
	return ask_imds(source, url.text, token, err);
}

int azf_token_reach(const struct azf_token_source *source, char **ret_host,
		    struct azf_error *err)
{
	azf_autostr struct azf_str url = { 0 };
	struct azf_http_request request = { .metadata = true };
	const struct azf_http_answer *answer;

	azf_str_add(&url, "%s" PATH, endpoint_of(source));
	*ret_host = strdup(endpoint_of(source) + strlen("http://"));
	if (url.failed || !*ret_host)
		return azf_no_memory(err);
	request.url = url.text;
	request.host = *ret_host;
	answer = azf_http_send(source->http, &request, source->deadline_ms);
	if (answer->failure == AZF_HTTP_ANSWERED)
		return 0;
	return source->inputs->arc ?
		       azf_token_arc_refused(answer, *ret_host, "", err) :
		       refused(answer, *ret_host, "", err);
}
