// SPDX-License-Identifier: MIT
/* test-entra.c - what Entra is asked for, and what its answers mean. */
#include "test.h"

#include "config.h"
#include "inputs.h"
#include "token.h"

#include <time.h>

#define HOST	"acct1.file.core.windows.net"
#define CLIENT	"11111111-2222-3333-4444-555555555555"
#define REQUEST "identity=sp\nclient_id=" CLIENT "\ntenant_id=contoso.com\n"

/* In the place of libcurl: what was asked, and what comes back. */
static struct {
	char url[512];
	char host[256];
	char body[4096];
	unsigned int calls;
	struct azf_http_answer answer;
} wire;

const struct azf_http_answer *azf_http_send_patiently(
	struct azf_http *http, const struct azf_http_request *request,
	const struct azf_http_schedule *schedule, int64_t deadline_ms)
{
	(void)http;
	(void)schedule;
	(void)deadline_ms;
	assert_false(request->metadata);
	(void)snprintf(wire.url, sizeof(wire.url), "%s", request->url);
	(void)snprintf(wire.host, sizeof(wire.host), "%s", request->host);
	(void)snprintf(wire.body, sizeof(wire.body), "%.*s",
		       (int)request->body_len, request->body);
	wire.calls++;
	return &wire.answer;
}

static void will_answer(int status, const char *body)
{
	memset(&wire, 0, sizeof(wire));
	wire.answer.status = status;
	wire.answer.date = -1;
	wire.answer.len = strlen(body);
	(void)snprintf(wire.answer.body, sizeof(wire.answer.body), "%s", body);
}

#define TOKEN                                             \
	"{\"token_type\":\"Bearer\",\"expires_in\":3599," \
	"\"access_token\":\"eyJ0.abc\"}"

static struct azf_token token;

/* Ask as this request says, with the secret or token file of it. */
static int ask(const char *request, const char *authority, char *secret,
	       char *assertion, struct azf_error *err)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct azf_config config = { .authority_host = (char *)authority };
	struct azf_inputs inputs = { .program = -1, .lock = -1 };
	const struct azf_token_source source = {
		.request = &fields,
		.config = &config,
		.inputs = &inputs,
		.host = HOST,
		.deadline_ms = azf_now_ms() + 1000,
	};

	inputs.client_secret.text = secret;
	inputs.token_file.text = assertion;
	assert_int_equal(
		azf_fields_parse(request, strlen(request), &fields, NULL), 0);
	*err = (struct azf_error){ 0 };
	token = (struct azf_token){ .identity = CLIENT };
	return azf_streq(azf_fields_get(&fields, "identity"), "sp") ?
		       azf_token_principal(&source, &token, err) :
		       azf_token_workload(&source, &token, err);
}

static void a_secret_is_exchanged(void **state)
{
	char secret[] = "a&scope=evil b+=~\xc3\xa4";
	struct azf_error err;

	(void)state;
	will_answer(200, TOKEN);
	assert_int_equal(ask(REQUEST, NULL, secret, NULL, &err), 0);
	assert_string_equal(token.text, "eyJ0.abc");
	assert_in_range(token.expires, time(NULL) + 3500, time(NULL) + 3600);
	assert_string_equal(wire.url, "https://login.microsoftonline.com/"
				      "contoso.com/oauth2/v2.0/token");
	assert_string_equal(wire.host, "login.microsoftonline.com");
	/* it adds no parameter */
	assert_string_equal(wire.body,
			    "client_id=" CLIENT
			    "&scope=https%3A%2F%2Fstorage.azure.com%2F.default"
			    "&grant_type=client_credentials"
			    "&client_secret=a%26scope%3Devil%20b%2B%3D~%C3%A4");
}

static void a_token_file_is_exchanged(void **state)
{
	char assertion[] = "eyJh.b-c";
	struct azf_error err;

	(void)state;
	will_answer(200, TOKEN);
	assert_int_equal(ask("identity=workload\nclient_id=" CLIENT
			     "\ntenant_id=t\n",
			     NULL, NULL, assertion, &err),
			 0);
	assert_contains(wire.body,
			"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth"
			"%3Aclient-assertion-type%3Ajwt-bearer"
			"&client_assertion=eyJh.b-c");
	assert_lacks(wire.body, "client_secret");
}

/* The option counts more than azfiles.conf, and that more than the cloud. */
static void there_are_other_authorities(void **state)
{
	static const struct {
		const char *request, *config, *url;
	} rows[] = {
		{ REQUEST, "https://login.test:8443",
		  "https://login.test:8443/contoso.com/" },
		{ REQUEST "authority_host=other.test/\n", "https://login.test",
		  "https://other.test/contoso.com/" },
		{ REQUEST "authority_host=https://other.test\n", NULL,
		  "https://other.test/contoso.com/" },
	};
	char secret[] = "s";

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err;

		will_answer(200, TOKEN);
		assert_int_equal(ask(rows[i].request, rows[i].config, secret,
				     NULL, &err),
				 0);
		assert_ptr_equal(strstr(wire.url, rows[i].url), wire.url);
	}
}

/* Nothing is sent to anybody then. */
static void what_cannot_be_asked_is_told(void **state)
{
	static const struct {
		const char *request, *cause, *cure;
		enum azf_code code;
	} rows[] = {
		{ "identity=sp\ntenant_id=t\n", "client_id is missing",
		  "Correct client_id=", AZF_E_MOUNT },
		{ "identity=workload\ntenant_id=t\n", "client_id is missing",
		  "Correct client_id=", AZF_E_MOUNT },
		{ "identity=sp\nclient_id=" CLIENT "\n", "tenant_id is missing",
		  "Correct tenant_id=", AZF_E_MOUNT },
		{ "identity=sp\nclient_id=c\ntenant_id=a/b\n",
		  "tenant_id is missing, or is no id",
		  "Correct tenant_id=", AZF_E_MOUNT },
		{ "identity=workload\nclient_id=c\ntenant_id=\n",
		  "tenant_id is missing", "Correct tenant_id=", AZF_E_MOUNT },
		{ REQUEST "authority_host=http://plain.test\n",
		  "'http://plain.test' is not https://HOST",
		  "Correct authority_host", AZF_E_MOUNT },
	};
	char secret[] = "s", assertion[] = "a";

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err;
		int r;

		will_answer(200, TOKEN);
		r = ask(rows[i].request, NULL, secret, assertion, &err);
		assert_failure(r, &err, rows[i].code, rows[i].cause,
			       rows[i].cure);
		assert_int_equal(wire.calls, 0);
	}
}

static void without_a_proof_it_is_our_fault(void **state)
{
	struct azf_error err;

	(void)state;
	will_answer(200, TOKEN);
	assert_failure(ask(REQUEST, NULL, NULL, NULL, &err), &err, AZF_E_SYSTEM,
		       "neither a client_secret_file nor", "");
	assert_failure(ask("identity=workload\nclient_id=c\ntenant_id=t\n",
			   NULL, NULL, NULL, &err),
		       &err, AZF_E_SYSTEM, "has no token_file", "");
	assert_int_equal(wire.calls, 0);
}

#define ERROR(number, text)                                                   \
	"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS" number \
	": " text "\\r\\nTrace ID: x\",\"error_codes\":[" number "]}"

static void refusals_have_a_cause_and_a_cure(void **state)
{
	static const struct {
		int status;
		const char *body, *cause, *cure;
		enum azf_code code;
	} rows[] = {
		{ 401, ERROR("7000215", "Invalid client secret provided."),
		  "the client secret of the application " CLIENT " is wrong",
		  "not its id", AZF_E_MOUNT },
		{ 401, ERROR("7000222", "expired"), "has expired",
		  "Create a new one", AZF_E_MOUNT },
		{ 400, ERROR("700016", "no app"),
		  "the tenant contoso.com has no application " CLIENT,
		  "Check client_id and tenant_id", AZF_E_MOUNT },
		{ 400, ERROR("90002", "no tenant"),
		  "there is no tenant contoso.com at login.microsoftonline.com",
		  "Check tenant_id", AZF_E_MOUNT },
		{ 400, ERROR("53003", "blocked"), "conditional access policy",
		  "Have the policy allow", AZF_E_MOUNT },
		{ 400, ERROR("50196", "loop"), "Entra holds " CLIENT " back",
		  "Try again in some minutes", AZF_E_TRANSIENT },
		{ 503, "{\"error\":\"temporarily_unavailable\"}",
		  "Entra is not available at the moment",
		  "Try again in a minute", AZF_E_TRANSIENT },
		{ 429, "", "asked too often (HTTP 429)",
		  "Try again in a minute", AZF_E_TRANSIENT },
		{ 400, ERROR("999", "something new"),
		  "Entra gives no token for " CLIENT
		  " (HTTP 400 999): AADSTS999: something new",
		  "https://login.microsoftonline.com/error", AZF_E_MOUNT },
		{ 200, "{}", "the answer of Entra at login.microsoftonline.com",
		  "Check authority_host", AZF_E_MOUNT },
		{ 200, "<html>", "the answer of Entra at", "proxies in between",
		  AZF_E_MOUNT },
	};
	char secret[] = "SECRET";

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err;
		int r;

		will_answer(rows[i].status, rows[i].body);
		r = ask(REQUEST, NULL, secret, NULL, &err);
		assert_failure(r, &err, rows[i].code, rows[i].cause,
			       rows[i].cure);
		assert_lacks(err.cause, secret);
		assert_lacks(err.cause, "Trace ID");
		assert_int_equal(token.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_exchanged),
		cmocka_unit_test(a_token_file_is_exchanged),
		cmocka_unit_test(there_are_other_authorities),
		cmocka_unit_test(what_cannot_be_asked_is_told),
		cmocka_unit_test(without_a_proof_it_is_our_fault),
		cmocka_unit_test(refusals_have_a_cause_and_a_cure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
