// SPDX-License-Identifier: MIT
/* test-metadata.c - managed identities, from a VM's service and Arc's agent. */
#include "test.h"

#include "config.h"
#include "inputs.h"
#include "server.h"
#include "token.h"

#include <fcntl.h>

#define CLIENT	  "11111111-2222-3333-4444-555555555555"
#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define CHALLENGE                                                         \
	"HTTP/1.1 401 x\r\nContent-Length: 0\r\nWWW-Authenticate: Basic " \
	"realm=/var/opt/azcmagent/tokens/1.key\r\n\r\n"

/**
 * struct rig - a server and what asks it
 * @dir: the directory of challenge files
 */
struct rig {
	struct server server;
	struct azf_config config;
	struct azf_inputs inputs;
	struct azf_fields request;
	struct azf_token token;
	struct azf_error err;
	char dir[32];
};

static int ask(struct rig *rig, const char *request, bool arc,
	       const char *const *answers)
{
	char endpoint[64];
	azf_autohttp struct azf_http *http = NULL;
	struct azf_token_source source = {
		.request = &rig->request,
		.config = &rig->config,
		.inputs = &rig->inputs,
		.host = "acct1.file.core.windows.net",
		.deadline_ms = azf_now_ms() + 1500,
	};

	server_start(&rig->server, answers);
	(void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u",
		       rig->server.port);
	rig->config.connect_timeout = rig->config.total_timeout = 1;
	rig->config.imds_endpoint = rig->config.arc_endpoint = endpoint;
	rig->inputs.arc = arc;
	rig->inputs.arc_tokens = -1;
	if (arc) {
		(void)snprintf(rig->dir, sizeof(rig->dir),
			       "/tmp/azf-arc-XXXXXX");
		assert_non_null(mkdtemp(rig->dir));
		rig->inputs.arc_tokens = open(rig->dir, O_PATH | O_DIRECTORY);
		assert_true(rig->inputs.arc_tokens >= 0);
	}
	assert_int_equal(azf_fields_parse(request, strlen(request),
					  &rig->request, NULL),
			 0);
	http = azf_http_new(&rig->config);
	assert_non_null(http);
	source.http = http;
	rig->token.identity = "me";
	if (arc) {
		int fd = openat(rig->inputs.arc_tokens, "1.key",
				O_WRONLY | O_CREAT, 0600);

		assert_int_equal(write(fd, "proof\n", 6), 6);
		(void)close(fd);
	}
	return azf_token_metadata(&source, &rig->token, &rig->err);
}

static void end(struct rig *rig)
{
	server_stop(&rig->server);
	azf_fields_free(&rig->request);
	if (rig->dir[0]) {
		(void)unlinkat(rig->inputs.arc_tokens, "1.key", 0);
		(void)close(rig->inputs.arc_tokens);
		(void)rmdir(rig->dir);
	}
}

#define autorig azf_cleanup(end)

static void the_request_is_as_documented(void **state)
{
	static const char *const answers[] = {
		JSON_HEAD "{\"access_token\":\"t\",\"expires_on\":\"77\"}", NULL
	};
	static const struct {
		const char *request, *line;
	} rows[] = {
		{ "identity=system",
		  "GET /metadata/identity/oauth2/token?api-version=2018-02-01&"
		  "resource=https%3A%2F%2Fstorage.azure.com HTTP/1.1\r\n" },
		{ "identity=client\nclient_id=" CLIENT,
		  "storage.azure.com&client_id=" CLIENT " HTTP/1.1\r\n" },
		{ "identity=resource\nresource_id=/subscriptions/a b&c",
		  "&msi_res_id=%2Fsubscriptions%2Fa%20b%26c HTTP/1.1\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		autorig struct rig rig = { .dir = "" };

		assert_int_equal(ask(&rig, rows[i].request, false, answers), 0);
		assert_contains(rig.server.log->requests[0], rows[i].line);
		assert_contains(rig.server.log->requests[0],
				"\r\nMetadata: true\r\n");
		assert_string_equal(rig.token.text, "t");
		assert_int_equal(rig.token.expires, 77);
	}
}

static void refusals_of_the_service(void **state)
{
	static const struct {
		const char *answer;
		enum azf_code code;
		const char *words, *cure;
	} rows[] = {
		{ "HTTP/1.1 400 x\r\n\r\n{\"error\":\"invalid_request\","
		  "\"error_description\":\"Identity not found\"}",
		  AZF_E_MOUNT, "the identity me is not assigned", "az vm" },
		{ "HTTP/1.1 400 x\r\n\r\n{\"error\":\"invalid_request\","
		  "\"error_description\":\"Multiple user assigned identities "
		  "exist, please specify\"}",
		  AZF_E_MOUNT, "several identities", "identity=CLIENT-ID" },
		{ "HTTP/1.1 400 x\r\n\r\n{\"error\":\"new\","
		  "\"error_description\":\"Words\\nmore\"}",
		  AZF_E_MOUNT, "(HTTP 400 new): Words", "az vm" },
		{ "HTTP/1.1 410 x\r\n\r\n", AZF_E_TRANSIENT, "updated", "" },
		{ "HTTP/1.1 429 x\r\nRetry-After: 9\r\n\r\n", AZF_E_TRANSIENT,
		  "too often", "" },
		{ "HTTP/1.1 200 x\r\n\r\n<html>", AZF_E_MOUNT, "is not JSON",
		  "" },
		{ JSON_HEAD "{\"access_token\":7}", AZF_E_MOUNT,
		  "has no access_token", "" },
		{ JSON_HEAD "{\"access_token\":\"t\",\"client_id\":\"x\"}",
		  AZF_E_MOUNT, "another identity", "" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const char *const answers[] = { rows[i].answer, NULL };
		autorig struct rig rig = { .dir = "" };
		int r = ask(&rig, "identity=client\nclient_id=" CLIENT, false,
			    answers);

		assert_failure(r, &rig.err, rows[i].code, rows[i].words,
			       rows[i].cure);
	}
}

static void the_agent_gets_its_proof(void **state)
{
	static const char *const answers[] = {
		CHALLENGE,
		JSON_HEAD "{\"access_token\":\"t\",\"client_id\":\"" CLIENT
			  "\"}",
		NULL
	};
	autorig struct rig rig = { .dir = "" };

	(void)state;
	assert_int_equal(ask(&rig, "identity=client\nclient_id=" CLIENT, true,
			     answers),
			 0);
	assert_int_equal(rig.server.log->count, 2);
	assert_contains(rig.server.log->requests[0], "api-version=2020-06-01&");
	assert_lacks(rig.server.log->requests[0], "Authorization");
	assert_contains(rig.server.log->requests[1],
			"\r\nAuthorization: Basic proof\r\n");
	assert_contains(rig.server.log->requests[1], "\r\nMetadata: true\r\n");
}

static void agents_that_are_not_in_order(void **state)
{
	static const struct {
		const char *first, *second, *words;
	} rows[] = {
		{ JSON_HEAD "{\"access_token\":\"t\"}", NULL,
		  "without a challenge" },
		{ "HTTP/1.1 401 x\r\n\r\n", NULL, "names no file" },
		{ "HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=/x/2.key"
		  "\r\n\r\n",
		  NULL, "2.key of the Azure Arc agent cannot be used" },
		{ "HTTP/1.1 404 x\r\n\r\n", NULL, "is not assigned" },
		{ CHALLENGE, "HTTP/1.1 401 x\r\n\r\n", "does not accept" },
		{ CHALLENGE, JSON_HEAD "{\"access_token\":\"t\"}",
		  "does not confirm" },
		{ CHALLENGE,
		  JSON_HEAD "{\"access_token\":\"t\",\"client_id\":\"x\"}",
		  "does not confirm" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const char *const answers[] = { rows[i].first, rows[i].second,
						NULL };
		autorig struct rig rig = { .dir = "" };
		int r = ask(&rig, "identity=client\nclient_id=" CLIENT, true,
			    answers);

		assert_failure(r, &rig.err, AZF_E_MOUNT, rows[i].words, "");
	}
}

/* Whether anybody answers at a port of this machine; @port 0: one without. */
static int reach(unsigned int port, bool arc, struct azf_error *err)
{
	char endpoint[64];
	struct azf_fields request = { .count = 0 };
	struct azf_config config = { .connect_timeout = 1,
				     .total_timeout = 1,
				     .imds_endpoint = endpoint,
				     .arc_endpoint = endpoint };
	const struct azf_inputs inputs = { .arc = arc };
	azf_autohttp struct azf_http *http = azf_http_new(&config);
	const struct azf_token_source source = {
		.request = &request,
		.config = &config,
		.inputs = &inputs,
		.http = http,
		.host = "acct1.file.core.windows.net",
		.deadline_ms = azf_now_ms() + 1500,
	};
	azf_autofree char *host = NULL;
	int r;

	(void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u",
		       port ? port : 1);
	assert_non_null(http);
	r = azf_token_reach(&source, &host, err);
	assert_string_equal(host, endpoint + strlen("http://"));
	return r;
}

static void any_answer_reaches_it(void **state)
{
	static const char *const refusals[] = {
		"HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n", CHALLENGE
	};

	(void)state;
	for (int arc = 0; arc <= 1; arc++) {
		const char *const answers[] = { refusals[arc], NULL };
		autoserver struct server server = { 0 };
		struct azf_error err = { 0 };

		server_start(&server, answers);
		assert_int_equal(reach(server.port, arc, &err), 0);
		/* without it nobody gives a token */
		assert_lacks(server.log->requests[0], "Metadata:");
		assert_lacks(server.log->requests[0], "resource=");
	}
}

static void nobody_at_all_is_told_apart(void **state)
{
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(reach(0, false, &err), &err, AZF_E_TRANSIENT,
		       "the metadata service at 127.0.0.1:1 cannot be reached",
		       "Azure virtual machine");
	assert_failure(reach(0, true, &err), &err, AZF_E_TRANSIENT,
		       "the Azure Arc agent at 127.0.0.1:1 cannot be reached",
		       "himdsd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_is_as_documented),
		cmocka_unit_test(refusals_of_the_service),
		cmocka_unit_test(the_agent_gets_its_proof),
		cmocka_unit_test(agents_that_are_not_in_order),
		cmocka_unit_test(any_answer_reaches_it),
		cmocka_unit_test(nobody_at_all_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
