// SPDX-License-Identifier: MIT
/*
 * test-taken-over.c - what whoever answers a DNS query gets, and can do.
 *
 * The resolver is ours: it runs where the C library's would, in the child that
 * azf_resolve() has.
 */
#include "test.h"

#include "apart.h"
#include "namespace.h"
#include "resolve.h"
#include "secret.h"

#include <netdb.h>

#define KEY_LEN 100

/* What that child is asked, and answers, as resolve.c has it. */
struct question {
	char host[NI_MAXHOST];
	in_port_t port;
	bool each;
	bool dns;
	int error;
	size_t count;
	struct {
		union azf_sockaddr sockaddr;
		enum azf_tcp tcp;
	} answers[AZF_ADDRESS_MAX];
};

/* The oldest frame there is. */
static char *stack_top;

/* AddressSanitizer does not like to be looked at. */
static bool __attribute__((no_sanitize("address", "undefined")))
is_key_on_stack(void)
{
	const volatile char *p = __builtin_frame_address(0);
	size_t run = 0;

	for (; p < stack_top && run < KEY_LEN; p++)
		run = *p == 'k' ? run + 1 : 0;
	return run == KEY_LEN;
}

int getaddrinfo(const char *host, const char *service,
		const struct addrinfo *hints, struct addrinfo **found)
{
	static struct sockaddr_in in4 = { .sin_family = AF_INET };
	static struct addrinfo answer = {
		.ai_addr = (struct sockaddr *)&in4,
		.ai_addrlen = sizeof(in4),
	};

	(void)service;
	if (hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	if (azf_streq(host, "key.test"))
		return is_key_on_stack() ? EAI_AGAIN : EAI_NONAME;
	((struct question *)(void *)host)->answers[0].tcp = (enum azf_tcp)77;
	*found = &answer;
	return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
	(void)found;
}

/* It becomes an index of tables. */
static void no_verdict_is_made_up(void **state)
{
	struct azf_addresses addresses = { .count = 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(azf_resolve("some.test", 445, &addresses, &err), 0);
	assert_int_equal(addresses.count, 1);
	assert_string_equal(addresses.list[0].text, "0.0.0.0");
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_UNTRIED);
}

static void quiet(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

static void keys_to_try_are_not_seen(void **state)
{
	const struct azf_log log = { quiet, NULL };
	azf_autokeys struct azf_key_pair keys = { .first.len = KEY_LEN };
	const struct azf_apart apart = {
		.source = "//key.test/share",
		.target = "/run",
		.options = "username=u",
		.keys = &keys,
		.log = &log,
	};
	struct azf_error err = { 0 };

	(void)state;
	memset(keys.first.text, 'k', KEY_LEN);
	assert_failure(azf_apart_mount(&apart, &err), &err, AZF_E_TRANSIENT,
		       "key.test does not exist in DNS", "Check the account");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_verdict_is_made_up),
		cmocka_unit_test(keys_to_try_are_not_seen),
	};

	(void)argc;
	stack_top = (char *)argv;
	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
