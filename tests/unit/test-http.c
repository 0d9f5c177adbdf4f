// SPDX-License-Identifier: MIT
/* test-http.c - requests, their answers, and which are asked for again. */
#include "test.h"

#include "config.h"
#include "http.h"
#include "server.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static const unsigned char pauses[] = { 0, 0 };
static const struct azf_http_schedule twice = { pauses, 2, false };
static const struct azf_http_schedule metadata = { pauses, 2, true };

/* Over http, as to a metadata service. */
static const struct azf_http_answer *get(
	struct azf_http *http, const struct server *server,
	const struct azf_http_schedule *schedule, int seconds)
{
	static const char *const headers[] = { "Metadata: true", NULL };
	char url[64];
	const struct azf_http_request request = { .url = url,
						  .host = "127.0.0.1",
						  .metadata = true,
						  .headers = headers };

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/path?a=b",
		       server->port);
	return azf_http_send_patiently(http, &request, schedule,
				       azf_now_ms() + seconds * 1000);
}

static int set_up(void **state)
{
	static struct azf_config config = { .connect_timeout = 5,
					    .total_timeout = 2 };

	*state = azf_http_new(&config);
	/* what must not count */
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	azf_http_free(*state);
	return 0;
}

static void an_answer_has_its_parts(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 403 No\r\nX-MS-Error-Code: AuthorizationFailure\r\n"
		"x-ms-request-id:  id-1\r\nDate: Tue, 07 Jan 2025 10:00:00 GMT"
		"\r\nWWW-Authenticate: Basic realm=x\r\nRetry-After: 7\r\n"
		"Content-Length: 4\r\n\r\nbody",
		NULL,
	};
	autoserver struct server server;
	const struct azf_http_answer *answer;

	server_start(&server, answers);
	answer = get(*state, &server, &twice, 5);
	assert_int_equal(answer->failure, AZF_HTTP_ANSWERED);
	assert_int_equal(answer->status, 403);
	assert_string_equal(answer->error_code, "AuthorizationFailure");
	assert_string_equal(answer->request_id, "id-1");
	assert_string_equal(answer->challenge, "Basic realm=x");
	assert_int_equal(answer->retry_after, 7);
	assert_int_equal(answer->date, 1736244000);
	assert_true(answer->skew > 0);
	assert_string_equal(answer->body, "body");
	assert_int_equal(answer->len, 4);
	assert_int_equal(server.log->count, 1);
	assert_contains(server.log->requests[0], "GET /path?a=b HTTP/1.1\r\n");
	assert_contains(server.log->requests[0], "\r\nMetadata: true\r\n");
	assert_contains(server.log->requests[0], "\r\nUser-Agent: azfiles/");
	assert_lacks(server.log->requests[0], "X-Forwarded-For");
}

static void what_may_pass_is_asked_again(void **state)
{
	static const struct {
		const char *answer;
		const struct azf_http_schedule *schedule;
		unsigned int count;
	} rows[] = {
		{ "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n", &twice, 3 },
		{ "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", &twice, 3 },
		{ "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", &metadata, 3 },
		{ "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", &twice, 1 },
		{ "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", &metadata, 3 },
		{ "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n", &metadata, 1 },
		{ "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n", &metadata, 1 },
		{ "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n", &metadata, 1 },
		/* it would be a minute */
		{ "HTTP/1.1 429 x\r\nRetry-After: 99\r\n\r\n", &metadata, 1 },
		{ "HTTP/1.1 410 x\r\nContent-Length: 0\r\n\r\n", &metadata, 1 },
		/* not whole */
		{ OK_HEAD "Content-Length: 9\r\n\r\nx", &twice, 3 },
		{ "", &twice, 3 },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const char *const answers[] = { rows[i].answer, NULL };
		autoserver struct server server;

		server_start(&server, answers);
		(void)get(*state, &server, rows[i].schedule, 3);
		if (server.log->count != rows[i].count)
			fail_msg("%s: %u", rows[i].answer, server.log->count);
	}
}

static void the_second_answer_counts(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 503 x\r\nx-ms-request-id: old\r\n"
		"Content-Length: 3\r\n\r\nold",
		OK_HEAD "Content-Length: 3\r\n\r\nnew", NULL
	};
	autoserver struct server server;
	const struct azf_http_answer *answer;

	server_start(&server, answers);
	answer = get(*state, &server, &twice, 3);
	assert_int_equal(answer->status, 200);
	assert_string_equal(answer->body, "new");
	assert_string_equal(answer->request_id, "");
}

static void redirects_are_not_followed(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/\r\n"
		"Content-Length: 0\r\n\r\n",
		NULL
	};
	autoserver struct server server;

	server_start(&server, answers);
	assert_int_equal(get(*state, &server, &twice, 3)->status, 302);
	assert_int_equal(server.log->count, 1);
}

/* With and without a length that says it beforehand. */
static void long_answers_are_refused(void **state)
{
	static char body[AZF_HTTP_BODY_MAX + 100];
	static const char *const heads[] = { OK_HEAD
					     "Content-Length: 99999\r\n\r\n",
					     OK_HEAD "\r\n" };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(heads); i++) {
		const char *const answers[] = { body, NULL };
		autoserver struct server server;

		memset(body, 'x', sizeof(body) - 1);
		memcpy(body, heads[i], strlen(heads[i]));
		server_start(&server, answers);
		assert_int_equal(get(*state, &server, &twice, 3)->failure,
				 AZF_HTTP_TOO_LARGE);
		assert_int_equal(server.log->count, 1);
	}
}

static void schemes_are_fixed(void **state)
{
	static const struct azf_http_request rows[] = {
		{ .url = "http://127.0.0.1:1/", .host = "127.0.0.1" },
		{ .url = "https://127.0.0.1:1/",
		  .host = "127.0.0.1",
		  .metadata = true },
		{ .url = "file:///etc/passwd", .host = "", .metadata = true },
		{ .url = "https://u:p@127.0.0.1/", .host = "" },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const struct azf_http_answer *answer =
			azf_http_send(*state, &rows[i], azf_now_ms() + 1000);

		assert_int_not_equal(answer->failure, AZF_HTTP_ANSWERED);
		assert_int_not_equal(answer->failure, AZF_HTTP_NO_CONNECTION);
		assert_int_equal(answer->len, 0);
	}
}

static void nothing_listens(void **state)
{
	const struct server server = { .port = 1 };
	const struct azf_http_answer *answer = get(*state, &server, &twice, 3);

	assert_int_equal(answer->failure, AZF_HTTP_NO_CONNECTION);
	assert_int_not_equal(answer->detail[0], '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_its_parts),
		cmocka_unit_test(what_may_pass_is_asked_again),
		cmocka_unit_test(the_second_answer_counts),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(long_answers_are_refused),
		cmocka_unit_test(schemes_are_fixed),
		cmocka_unit_test(nothing_listens),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
