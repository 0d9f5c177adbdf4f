// SPDX-License-Identifier: MIT
/*
 * test-stuck.c - connections to a machine that is gone are ended, others are
 * not.
 *
 * In a network of its own. The machine is gone when its socket drops whatever
 * comes, and so acknowledges nothing.
 */
#include "test.h"

#include "stuck.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

/* Both ends of a connection over the loopback interface. */
struct pair {
	struct azf_address address;
	in_port_t port;
	int client;
	int server;
};

static int enter(void **state)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	azf_autoclose int fd = -1;

	(void)state;
	if (unshare(CLONE_NEWNET))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return ioctl(fd, SIOCSIFFLAGS, &request);
}

static void vanish(const struct pair *pair)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = { 1, &nothing };

	assert_int_equal(setsockopt(pair->server, SOL_SOCKET, SO_ATTACH_FILTER,
				    &program, sizeof(program)),
			 0);
}

static void connect_pair(struct pair *pair, int family)
{
	union azf_sockaddr *sa = &pair->address.sockaddr;
	azf_autoclose int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC,
					    0);
	socklen_t len = sizeof(*sa);

	*sa = (union azf_sockaddr){ .any.sa_family = (sa_family_t)family };
	if (family == AF_INET6)
		sa->in6.sin6_addr = in6addr_loopback;
	else
		sa->in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, &sa->any, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, &sa->any, &len), 0);
	pair->port = ntohs(family == AF_INET6 ? sa->in6.sin6_port :
						sa->in4.sin_port);
	pair->client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(pair->client, &sa->any, len), 0);
	pair->server = accept(listener, NULL, NULL);
	assert_true(pair->server >= 0);
}

static void close_pair(struct pair *pair)
{
	(void)close(pair->client);
	(void)close(pair->server);
}

static bool is_over(int fd)
{
	struct pollfd poller = { .fd = fd };

	return poll(&poller, 1, 0) == 1 && (poller.revents & POLLERR);
}

static unsigned int drop(const struct pair *pair, in_port_t port)
{
	unsigned int count = 7;

	assert_int_equal(azf_stuck_drop(&pair->address, port, &count), 0);
	return count;
}

/* What is sent is sent again 0.2 seconds later, for the first time. */
static unsigned int drop_soon(const struct pair *pair)
{
	unsigned int count = 0;

	for (int i = 0; i < 100 && !count; i++) {
		(void)usleep(50000);
		count = drop(pair, pair->port);
	}
	return count;
}

static void one_that_waits_is_ended(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(families); i++) {
		struct pair pair;

		connect_pair(&pair, families[i]);
		/* it answers */
		assert_int_equal(send(pair.client, "x", 1, 0), 1);
		assert_int_equal(drop(&pair, pair.port), 0);
		vanish(&pair);
		/* nobody has asked it for anything */
		(void)usleep(300000);
		assert_int_equal(drop(&pair, pair.port), 0);
		assert_false(is_over(pair.client));
		assert_int_equal(send(pair.client, "x", 1, 0), 1);
		assert_int_equal(drop_soon(&pair), 1);
		assert_true(is_over(pair.client));
		assert_int_equal(drop(&pair, pair.port), 0);
		close_pair(&pair);
	}
}

static void those_to_others_are_left_alone(void **state)
{
	struct pair pair, other;

	(void)state;
	connect_pair(&pair, AF_INET);
	other = pair;
	other.address.sockaddr.in4.sin_addr.s_addr = htonl(0x7f000002);
	vanish(&pair);
	assert_int_equal(send(pair.client, "x", 1, 0), 1);
	(void)usleep(700000);
	assert_int_equal(drop(&pair, (in_port_t)(pair.port + 1)), 0);
	assert_int_equal(drop(&other, pair.port), 0);
	assert_false(is_over(pair.client));
	assert_int_equal(drop_soon(&pair), 1);
	close_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_waits_is_ended),
		cmocka_unit_test(those_to_others_are_left_alone),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
