// SPDX-License-Identifier: MIT
/* test-srv.c - answers of DNS that name servers of a service. */
#include "test.h"

#include "srv.h"

#define QUESTION                    \
	"\x09_kerberos\x04_tcp\x04" \
	"corp\x00\x00\x21\x00\x01"
/* its name, type SRV, class IN, a minute */
#define ANSWER "\xc0\x0c\x00\x21\x00\x01\x00\x00\x00\x3c"

static void servers_come_by_their_priority(void **state)
{
	static const char message[] =
		"\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00" QUESTION
			/* 10, weight 100, port 88, dc2.corp */
			ANSWER "\x00\x0c\x00\x0a\x00\x64\x00\x58\x03"
		"dc2\xc0\x1b"
		/* 0, weight 100, port 8888, dc1.corp */
		ANSWER "\x00\x0c\x00\x00\x00\x64\x22\xb8\x03"
		"dc1\xc0\x1b";
	struct azf_srv_list servers;

	(void)state;
	azf_srv_parse((const unsigned char *)message, sizeof(message) - 1,
		      &servers);
	assert_int_equal(servers.count, 2);
	assert_string_equal(servers.list[0].host, "dc1.corp");
	assert_int_equal(servers.list[0].port, 8888);
	assert_string_equal(servers.list[1].host, "dc2.corp");
	assert_int_equal(servers.list[1].port, 88);
}

/* A single dot: the domain does not offer the service. */
static void no_server_is_none(void **state)
{
	static const char message[] =
		"\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" QUESTION
			ANSWER "\x00\x07\x00\x00\x00\x00\x00\x00\x00";
	struct azf_srv_list servers;

	(void)state;
	azf_srv_parse((const unsigned char *)message, sizeof(message) - 1,
		      &servers);
	assert_int_equal(servers.count, 0);
}

static void what_is_cut_off_is_nothing(void **state)
{
	static const char message[] =
		"\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" QUESTION
			ANSWER "\x00\x0c\x00\x0a\x00\x64\x00\x58\x03"
		"dc2\xc0\x1b";
	struct azf_srv_list servers;

	(void)state;
	for (size_t len = 0; len < sizeof(message) - 1; len++) {
		azf_autofree unsigned char *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, message, len);
		azf_srv_parse(copy, len, &servers);
		assert_int_equal(servers.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_come_by_their_priority),
		cmocka_unit_test(no_server_is_none),
		cmocka_unit_test(what_is_cut_off_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
