// SPDX-License-Identifier: MIT
/* test-resolve.c - addresses of a server, and whether they answer. */
#include "test.h"

#include "resolve.h"

#include <arpa/inet.h>

static void resolve(const char *host, struct azf_addresses *addresses)
{
	struct azf_error err = { 0 };

	if (azf_resolve(host, 445, addresses, &err))
		fail_msg("%s: %s", host, err.cause);
}

static void literal_addresses_need_no_name_server(void **state)
{
	static const char *const hosts[][2] = {
		{ "127.0.0.1", "127.0.0.1" },
		{ "10.0.0.4", "10.0.0.4" },
		{ "::1", "::1" },
		{ "FD00:0::4", "fd00::4" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(hosts); i++) {
		struct azf_addresses addresses = { 0 };

		resolve(hosts[i][0], &addresses);
		assert_int_equal(addresses.count, 1);
		assert_string_equal(addresses.list[0].text, hosts[i][1]);
		assert_int_equal(addresses.list[0].tcp, AZF_TCP_UNTRIED);
	}
}

/* The kernel knows no names of interfaces. */
static void a_scope_becomes_a_number(void **state)
{
	struct azf_addresses addresses = { 0 };

	(void)state;
	resolve("fe80::1%lo", &addresses);
	assert_string_equal(addresses.list[0].text, "fe80::1%1");
	resolve("fe80::1%7", &addresses);
	assert_string_equal(addresses.list[0].text, "fe80::1%7");
}

static void a_wrong_name_may_be_right_later(void **state)
{
	struct azf_addresses addresses = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(azf_resolve("azf-test.invalid", 445, &addresses, &err),
			 -AZF_E_TRANSIENT);
	assert_contains(err.cause, "azf-test.invalid");
	assert_true(err.cure[0]);
}

/* Add an address; the listener, or -1 if there is to be none. */
static int add(struct azf_addresses *addresses, const char *text, bool open,
	       in_port_t *port)
{
	struct azf_address *address = &addresses->list[addresses->count++];
	struct sockaddr_in *in4 = &address->sockaddr.in4;
	socklen_t len = sizeof(*in4);
	int fd;

	*address = (struct azf_address){ .tcp = AZF_TCP_UNTRIED };
	in4->sin_family = AF_INET;
	(void)snprintf(address->text, sizeof(address->text), "%s", text);
	assert_int_equal(inet_pton(AF_INET, text, &in4->sin_addr), 1);
	if (!open)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	in4->sin_port = *port;
	assert_int_equal(bind(fd, (void *)in4, sizeof(*in4)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (void *)in4, &len), 0);
	*port = in4->sin_port;
	return fd;
}

static void a_listener_is_open(void **state)
{
	struct azf_addresses addresses = { 0 };
	in_port_t port = 0;
	azf_autoclose int fd = add(&addresses, "127.0.0.2", true, &port);

	(void)state;
	azf_addresses_probe(&addresses, ntohs(port), false);
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_OPEN);
}

static void nobody_is_refused_at_once(void **state)
{
	struct azf_addresses addresses = { 0 };
	in_port_t port = 0;
	int64_t began = azf_now_ms();
	int fd = add(&addresses, "127.0.0.2", true, &port);

	(void)state;
	(void)close(fd);
	azf_addresses_probe(&addresses, ntohs(port), false);
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_REFUSED);
	assert_in_range(azf_now_ms() - began, 0, 2000);
}

static void a_route_to_nowhere_is_unreachable(void **state)
{
	struct azf_addresses addresses = { 0 };
	in_port_t port = 0;

	(void)state;
	/* a broadcast address: connect() fails at once, with any network */
	(void)add(&addresses, "255.255.255.255", false, &port);
	azf_addresses_probe(&addresses, 445, false);
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_UNREACHABLE);
}

static void the_one_that_answers_comes_first(void **state)
{
	struct azf_addresses addresses = { 0 };
	azf_autoclose int fd = -1;
	in_port_t port = 0;

	(void)state;
	(void)add(&addresses, "127.0.0.2", false, &port);
	(void)add(&addresses, "127.0.0.3", false, &port);
	fd = add(&addresses, "127.0.0.4", true, &port);
	(void)add(&addresses, "127.0.0.5", false, &port);
	azf_addresses_probe(&addresses, ntohs(port), false);
	assert_int_equal(addresses.count, 4);
	assert_string_equal(addresses.list[0].text, "127.0.0.4");
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_OPEN);
	/* the others keep their order */
	assert_string_equal(addresses.list[1].text, "127.0.0.2");
	assert_string_equal(addresses.list[2].text, "127.0.0.3");
	assert_string_equal(addresses.list[3].text, "127.0.0.5");
	assert_true(addresses.list[1].tcp != AZF_TCP_OPEN);
}

static void of_two_that_answer_the_first_stays(void **state)
{
	struct azf_addresses addresses = { 0 };
	in_port_t port = 0;
	azf_autoclose int one = add(&addresses, "127.0.0.2", true, &port);
	azf_autoclose int two = add(&addresses, "127.0.0.3", true, &port);

	(void)state;
	azf_addresses_probe(&addresses, ntohs(port), false);
	assert_string_equal(addresses.list[0].text, "127.0.0.2");
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_OPEN);
}

static void of_each_its_own_answer(void **state)
{
	struct azf_addresses addresses = { 0 };
	in_port_t port = 0;
	azf_autoclose int one = add(&addresses, "127.0.0.2", true, &port);
	azf_autoclose int two = -1;

	(void)state;
	(void)add(&addresses, "127.0.0.3", false, &port);
	two = add(&addresses, "127.0.0.4", true, &port);
	azf_addresses_probe(&addresses, ntohs(port), true);
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_OPEN);
	assert_int_equal(addresses.list[1].tcp, AZF_TCP_REFUSED);
	assert_int_equal(addresses.list[2].tcp, AZF_TCP_OPEN);
}

/* A listener whose queue is full drops what comes, as a firewall does. */
static void silence_ends_in_time(void **state)
{
	struct azf_addresses addresses = { 0 };
	in_port_t port = 0;
	azf_autoclose int fd = add(&addresses, "127.0.0.2", true, &port);
	int clients[4];
	int64_t began;

	(void)state;
	assert_int_equal(listen(fd, 0), 0);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(clients); i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(clients[i], (void *)&addresses.list[0].sockaddr,
			      sizeof(struct sockaddr_in));
	}
	began = azf_now_ms();
	azf_addresses_probe(&addresses, ntohs(port), false);
	assert_in_range(azf_now_ms() - began, 2900, 5500);
	assert_int_equal(addresses.list[0].tcp, AZF_TCP_SILENT);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(clients); i++)
		(void)close(clients[i]);
}

static void no_address_is_no_wait(void **state)
{
	struct azf_addresses addresses = { 0 };
	int64_t began = azf_now_ms();

	(void)state;
	azf_addresses_probe(&addresses, 445, false);
	assert_in_range(azf_now_ms() - began, 0, 500);
}

static void private_addresses_are_known(void **state)
{
	static const char *const inside[] = { "10.0.0.4",    "10.255.255.255",
					      "172.16.0.1",  "172.31.255.255",
					      "192.168.1.1", "127.0.0.1",
					      "169.254.1.1", "100.64.0.1",
					      "100.127.1.1", "::1",
					      "fe80::1%1",   "fd00::1",
					      "fc00::1" };
	static const char *const outside[] = {
		"9.255.255.255", "11.0.0.1",	"172.15.0.1",	"172.32.0.1",
		"192.167.1.1",	 "192.169.1.1", "100.63.0.1",	"100.128.0.1",
		"20.60.1.1",	 "169.253.1.1", "2603:1030::1", "fb00::1"
	};
	struct azf_addresses addresses = { 0 };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(inside); i++) {
		resolve(inside[i], &addresses);
		if (!azf_address_is_private(&addresses.list[0]))
			fail_msg("%s", inside[i]);
	}
	for (size_t i = 0; i < AZF_ARRAY_SIZE(outside); i++) {
		resolve(outside[i], &addresses);
		if (azf_address_is_private(&addresses.list[0]))
			fail_msg("%s", outside[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literal_addresses_need_no_name_server),
		cmocka_unit_test(a_scope_becomes_a_number),
		cmocka_unit_test(a_wrong_name_may_be_right_later),
		cmocka_unit_test(a_listener_is_open),
		cmocka_unit_test(nobody_is_refused_at_once),
		cmocka_unit_test(a_route_to_nowhere_is_unreachable),
		cmocka_unit_test(the_one_that_answers_comes_first),
		cmocka_unit_test(of_two_that_answer_the_first_stays),
		cmocka_unit_test(of_each_its_own_answer),
		cmocka_unit_test(silence_ends_in_time),
		cmocka_unit_test(no_address_is_no_wait),
		cmocka_unit_test(private_addresses_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
