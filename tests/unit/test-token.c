// SPDX-License-Identifier: MIT
/* test-token.c - answers of token services, and what refusals become. */
#include "test.h"

#include "inputs.h"
#include "keyring.h"
#include "refusal.h"
#include "token.h"

#include <time.h>

#define NOW    1506480573
#define CLIENT "11111111-2222-3333-4444-555555555555"

static const char *parse(const char *text, struct azf_token *token)
{
	return azf_token_parse(text, strlen(text), NOW, CLIENT, token);
}

static void answers_of_all_services(void **state)
{
	static const struct {
		const char *text;
		int64_t expires;
	} rows[] = {
		/* IMDS, as documented */
		{ "{\"access_token\":\"eyJ0.a-b_c.d\",\"refresh_token\":\"\","
		  "\"expires_in\":\"3599\",\"expires_on\":\"1506484173\","
		  "\"not_before\":\"1506480273\",\"token_type\":\"Bearer\"}",
		  1506484173 },
		/* Entra: numbers */
		{ "{\"token_type\":\"Bearer\",\"expires_in\":3599,"
		  "\"access_token\":\"eyJ0.a-b_c.d\"}",
		  NOW + 3599 },
		/* old Arc agents: blanks and other dates */
		{ "{\"access_token\":\"eyJ0.a-b_c.d\",\"not_before\":\"\","
		  "\"expires_in\":\"\","
		  "\"expires_on\":\"09/27/2017 03:49:33 +00:00\"}",
		  1506484173 },
		{ "{\"access_token\":\"eyJ0.a-b_c.d\",\"expires_on\":\"soon\"}",
		  0 },
		{ "{\"access_token\":\"eyJ0.a-b_c.d\",\"expires_on\":[]}", 0 },
		{ "{\"access_token\":\"eyJ0.a-b_c.d\",\"client_id\":\"" CLIENT
		  "\"}",
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_token token = { .len = 0 };
		const char *wrong = parse(rows[i].text, &token);

		if (wrong)
			fail_msg("%s: %s", rows[i].text, wrong);
		assert_string_equal(token.text, "eyJ0.a-b_c.d");
		assert_int_equal(token.expires, rows[i].expires);
	}
}

static void what_is_no_token_is_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "not JSON" },
		{ "<html>", "not JSON" },
		{ "{\"access_token\":\"x\"", "not JSON" },
		{ "{}", "no access_token" },
		{ "{\"access_token\":1}", "no access_token" },
		{ "{\"access_token\":null}", "no access_token" },
		{ "{\"access_token\":\"\"}", "no bearer token" },
		{ "{\"access_token\":\"a b\"}", "no bearer token" },
		{ "{\"access_token\":\"a\\r\\nX: y\"}", "no bearer token" },
		{ "{\"access_token\":\"x\",\"token_type\":\"MAC\"}",
		  "not a bearer token" },
		{ "{\"access_token\":\"x\",\"client_id\":\"other\"}",
		  "another identity" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_token token = { .len = 0 };
		const char *wrong = parse(rows[i].text, &token);

		assert_non_null(wrong);
		assert_contains(wrong, rows[i].words);
		assert_int_equal(token.len, 0);
	}
}

static void the_longest_token(void **state)
{
	static char text[AZF_TOKEN_MAX + 2];
	static struct azf_token token;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_false(azf_token_set(&token, text, AZF_TOKEN_MAX + 1));
	assert_true(azf_token_set(&token, text, AZF_TOKEN_MAX));
	assert_int_equal(strlen(token.text), AZF_TOKEN_MAX);
}

static void challenges_of_arc(void **state)
{
	static const struct {
		const char *challenge, *name;
	} rows[] = {
		{ "Basic realm=/var/opt/azcmagent/tokens/1-2.key", "1-2.key" },
		{ "basic realm=/elsewhere/x.key", "x.key" },
		{ "Basic realm=x.key", "x.key" },
		{ "Basic realm=/a/../x.key", "x.key" },
		{ "", NULL },
		{ "Basic", NULL },
		{ "Basic realm=", NULL },
		{ "Basic realm=/a/", NULL },
		{ "Basic realm=/a/.key", NULL },
		{ "Basic realm=/a/..key", NULL },
		{ "Basic realm=/a/x.pem", NULL },
		{ "Basic realm=/a/x.key ", NULL },
		{ "Basic realm=\"/a/x.key\"", NULL },
		{ "Basic realm=/a/x\\y.key", NULL },
		{ "Bearer realm=/a/x.key", NULL },
	};
	char name[16];

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		bool found = azf_arc_challenge(rows[i].challenge, name,
					       sizeof(name));

		if (found != (rows[i].name != NULL))
			fail_msg("%s", rows[i].challenge);
		if (found)
			assert_string_equal(name, rows[i].name);
	}
	assert_false(azf_arc_challenge("Basic realm=/0123456789012345.key",
				       name, sizeof(name)));
}

static const struct azf_refusal_row rows_of_a_service[] = {
	{ 400, false, "c1", "words", "first %i %t", "cure %h" },
	{ 400, true, "c1", NULL, "second %s %c: %d", "cure" },
	{ -AZF_HTTP_SILENT, true, NULL, NULL, "silent: %d", "cure" },
	{ 0, false, NULL, NULL, "other %s", "cure" },
	{ .cause = NULL },
};

static int refuse(enum azf_http_failure failure, int status, const char *code,
		  const char *text, struct azf_error *err)
{
	static struct azf_http_answer answer;
	const struct azf_refusal refusal = {
		rows_of_a_service, &answer,  "the service", "host",
		"identity",	   "tenant", code,	    text,
	};

	answer.failure = failure;
	answer.status = status;
	(void)snprintf(answer.detail, sizeof(answer.detail), "why");
	return azf_refuse(&refusal, err);
}

static void refusals_find_their_row(void **state)
{
	struct azf_error err = { 0 };
	int r;

	(void)state;
	r = refuse(0, 400, "c1", "Some WORDS.", &err);
	assert_failure(r, &err, AZF_E_MOUNT, "first identity tenant",
		       "cure host");
	r = refuse(0, 400, "c1", "A text.\r\nTrace ID: x", &err);
	assert_failure(r, &err, AZF_E_TRANSIENT, "second 400 c1: A text",
		       "cure");
	assert_lacks(err.cause, "Trace");
	r = refuse(0, 500, "", "", &err);
	assert_failure(r, &err, AZF_E_TRANSIENT, "other 500", "cure");
	r = refuse(0, 418, "", "", &err);
	assert_failure(r, &err, AZF_E_MOUNT, "other 418", "cure");
	r = refuse(AZF_HTTP_SILENT, 0, "", "", &err);
	assert_failure(r, &err, AZF_E_TRANSIENT, "silent: why", "cure");
	r = refuse(AZF_HTTP_UNTRUSTED, 0, "", "", &err);
	assert_failure(r, &err, AZF_E_MOUNT, "cannot be trusted: why",
		       "ca_file");
	r = refuse(AZF_HTTP_CLOCK, 0, "", "", &err);
	assert_failure(r, &err, AZF_E_TRANSIENT, "clock", "timedatectl");
	for (int f = AZF_HTTP_NO_NAME; f <= AZF_HTTP_LOCAL; f++)
		assert_true(refuse((enum azf_http_failure)f, 0, "", "", &err) <
			    0);
}

/*
 * A program of identity=exec: runs as the user whose keyring it is. Whatever is
 * in there becomes part of a header only if it can be a token.
 */
static void what_the_cache_holds_is_checked(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "eyJ0.a-b_c.d", true },
		{ "eyJ0.a\r\nX-Evil: 1", false },
		{ "eyJ0 a", false },
		{ "", false },
	};
	azf_autofields struct azf_fields request = { .count = 0 };
	char tag[32];
	struct azf_inputs inputs = { .lock = -1, .tag = tag };
	const struct azf_token_source source = {
		.request = &request,
		.inputs = &inputs,
		.host = "acct1.file.core.windows.net",
	};
	int64_t expires = time(NULL) + 3600;
	char name[64], payload[64];

	(void)state;
	assert_int_equal(azf_fields_set(&request, "identity", "system"), 0);
	(void)snprintf(tag, sizeof(tag), "test-%d", (int)getpid());
	(void)snprintf(name, sizeof(name), "token:%s@AzureCloud", tag);
	memcpy(payload, &expires, sizeof(expires));
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_token token = { .len = 0 };
		struct azf_error err = { 0 };
		size_t len = strlen(rows[i].text);
		bool cached = false;
		int r;

		memcpy(payload + sizeof(expires), rows[i].text, len);
		assert_int_equal(azf_keyring_store(name, payload,
						   sizeof(expires) + len, 60),
				 0);
		r = azf_token_get(&source, false, &token, &cached, &err);
		assert_int_equal(cached, rows[i].good);
		if (!rows[i].good) {
			/* it would ask for one, and has no lock for that */
			assert_int_equal(r, -AZF_E_SYSTEM);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(token.text, rows[i].text);
		assert_int_equal(token.len, len);
	}
	azf_keyring_forget(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_all_services),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(the_longest_token),
		cmocka_unit_test(challenges_of_arc),
		cmocka_unit_test(refusals_find_their_row),
		cmocka_unit_test(what_the_cache_holds_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
