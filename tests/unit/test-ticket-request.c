// SPDX-License-Identifier: MIT
/* test-ticket-request.c - what a storage account is asked for a ticket with. */
#include "test.h"

#include "config.h"
#include "kerbticket.h"
#include "token.h"

#include <time.h>

#define HOST "acct1.file.core.windows.net"

/* In the place of libcurl: what was asked, and what comes back. */
static struct {
	char url[512];
	char headers[8][128];
	struct azf_http_answer answer;
} wire;

const struct azf_http_answer *azf_http_last(const struct azf_http *http)
{
	(void)http;
	return &wire.answer;
}

const struct azf_http_answer *azf_http_send_patiently(
	struct azf_http *http, const struct azf_http_request *request,
	const struct azf_http_schedule *schedule, int64_t deadline_ms)
{
	(void)schedule;
	(void)deadline_ms;
	assert_false(request->metadata);
	assert_string_equal(request->body, "");
	(void)snprintf(wire.url, sizeof(wire.url), "%s", request->url);
	for (size_t i = 0; i < 8 && request->headers[i]; i++)
		(void)snprintf(wire.headers[i], sizeof(wire.headers[i]), "%s",
			       request->headers[i]);
	return azf_http_last(http);
}

static int ask(const char *host, unsigned int port, struct azf_error *err)
{
	static struct azf_token token = { .identity = "me",
					  .text = "eyJ0.abc" };
	const struct azf_config config = { .storage_port = port };
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };

	*err = (struct azf_error){ 0 };
	return azf_kerbticket_get(NULL, &config, host, &token,
				  azf_now_ms() + 1000, &krbcred, err);
}

static void will_answer(int status, const char *code, const char *body)
{
	memset(&wire, 0, sizeof(wire));
	wire.answer.status = status;
	wire.answer.date = -1;
	wire.answer.len = strlen(body);
	(void)snprintf(wire.answer.error_code, sizeof(wire.answer.error_code),
		       "%s", code);
	(void)snprintf(wire.answer.body, sizeof(wire.answer.body), "%s", body);
}

static void the_request_is_that_of_the_service(void **state)
{
	struct azf_error err;
	struct tm tm;

	(void)state;
	will_answer(404, "", "");
	(void)ask(HOST, 443, &err);
	assert_string_equal(wire.url, "https://" HOST
				      "/?restype=service&comp=kerbticket");
	assert_string_equal(wire.headers[0], "Authorization: Bearer eyJ0.abc");
	assert_ptr_equal(strptime(wire.headers[1],
				  "x-ms-date: %a, %d %b %Y %H:%M:%S GMT", &tm),
			 wire.headers[1] + strlen(wire.headers[1]));
	assert_in_range(timegm(&tm), time(NULL) - 5, time(NULL));
	assert_string_equal(wire.headers[2], "x-ms-version: 2024-05-04");
	(void)ask(HOST, 8443, &err);
	assert_ptr_equal(strstr(wire.url, "https://" HOST ":8443/?"), wire.url);
}

static void refusals_have_a_cause_and_a_cure(void **state)
{
	static const struct {
		int status;
		const char *code, *body, *cause, *cure;
		enum azf_code result;
	} rows[] = {
		{ 401, "", "audience validation failed",
		  "does not accept a token of this audience", "without a slash",
		  AZF_E_MOUNT },
		{ 401, "", "", "does not accept the token (HTTP 401",
		  "Check the tenant", AZF_E_MOUNT },
		{ 403, "AuthorizationPermissionMismatch", "",
		  "the identity me has no role for file shares of " HOST,
		  "Storage File Data SMB MI Admin", AZF_E_MOUNT },
		{ 403, "AuthorizationFailure", "",
		  "the firewall of " HOST " does not let", "private endpoint",
		  AZF_E_MOUNT },
		{ 409, "FeatureNotEnabled", "",
		  "are not enabled on " HOST " (HTTP 409 FeatureNotEnabled)",
		  "--enable-smb-oauth true", AZF_E_MOUNT },
		{ 503, "ServerBusy", "", HOST " is busy",
		  "Try again in a minute", AZF_E_TRANSIENT },
		{ 418, "Teapot", "", HOST " gives no ticket (HTTP 418 Teapot)",
		  "Azure support", AZF_E_MOUNT },
		{ 200, "", "<html>",
		  "the ticket answer of " HOST " is not JSON",
		  "proxies in between", AZF_E_MOUNT },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err;

		will_answer(rows[i].status, rows[i].code, rows[i].body);
		assert_failure(ask(HOST, 443, &err), &err, rows[i].result,
			       rows[i].cause, rows[i].cure);
		assert_lacks(err.cause, "eyJ0");
	}
}

/* Before all else, but for a role that is missing: that is no clock's fault. */
static void a_wrong_clock_is_blamed(void **state)
{
	struct azf_error err;

	(void)state;
	will_answer(403, "AuthenticationFailed", "");
	wire.answer.skew = 4000;
	assert_failure(ask(HOST, 443, &err), &err, AZF_E_TRANSIENT,
		       "this machine's clock is", "timedatectl set-ntp true");
	wire.answer.skew = -4000;
	assert_failure(ask(HOST, 443, &err), &err, AZF_E_TRANSIENT,
		       "this machine's clock is", "timedatectl set-ntp true");
	wire.answer.skew = 200;
	assert_failure(ask(HOST, 443, &err), &err, AZF_E_MOUNT,
		       "does not take tokens", "--enable-smb-oauth");
	will_answer(403, "AuthorizationPermissionMismatch", "");
	wire.answer.skew = 4000;
	assert_failure(ask(HOST, 443, &err), &err, AZF_E_MOUNT, "has no role",
		       "Assign it");
}

static void a_host_is_not_cut(void **state)
{
	char host[600];
	struct azf_error err;

	(void)state;
	memset(host, 'a', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	will_answer(200, "", "");
	assert_failure(ask(host, 443, &err), &err, AZF_E_SYSTEM,
		       "the host name is too long", "");
	assert_string_equal(wire.url, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_is_that_of_the_service),
		cmocka_unit_test(refusals_have_a_cause_and_a_cure),
		cmocka_unit_test(a_wrong_clock_is_blamed),
		cmocka_unit_test(a_host_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
