// SPDX-License-Identifier: MIT
/* resolve.c - the addresses of a server, and whether they answer. */
#include "resolve.h"

#include "azf-private.h"
#include "child.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#ifdef __GLIBC__
#include <nss.h>
#endif

#define RESOLVE_MS 20000
#define PROBE_MS   3000

/* What the child is asked, and answers. */
struct question {
	char host[NI_MAXHOST];
	in_port_t port;
	bool each; /* wait for all answers, not only for the first good one */
	bool dns;  /* ask name servers, and not what nsswitch.conf says */
	int error; /* of getaddrinfo() */
	size_t count;
	struct {
		union azf_sockaddr sockaddr;
		enum azf_tcp tcp;
	} answers[AZF_ADDRESS_MAX];
};

static_assert(sizeof(struct question) <= AZF_CHILD_MAX, "fits into a pipe");

/*
 * The kernel takes the scope of an IPv6 address only as a number. False for
 * what is neither IPv4 nor IPv6.
 */
static bool set_text(struct azf_address *address)
{
	const union azf_sockaddr *sa = &address->sockaddr;
	size_t len;

	if (sa->any.sa_family == AF_INET)
		return inet_ntop(AF_INET, &sa->in4.sin_addr, address->text,
				 INET6_ADDRSTRLEN) != NULL;
	if (sa->any.sa_family != AF_INET6 ||
	    !inet_ntop(AF_INET6, &sa->in6.sin6_addr, address->text,
		       INET6_ADDRSTRLEN))
		return false;
	len = strlen(address->text);
	if (sa->in6.sin6_scope_id)
		(void)snprintf(address->text + len, sizeof(address->text) - len,
			       "%%%u", sa->in6.sin6_scope_id);
	return true;
}

static int resolver_error(const char *host, int error, struct azf_error *err)
{
	switch (error) {
	case EAI_MEMORY:
		return azf_no_memory(err);
	case EAI_NONAME:
	case EAI_NODATA:
		azf_fail(err, AZF_E_TRANSIENT,
			 "the name %s does not exist in DNS", host);
		return azf_cure(err, "Check the account name; a private "
				     "endpoint needs its DNS zone linked to "
				     "this network");
	case EAI_AGAIN:
	case EAI_FAIL:
	case EAI_SYSTEM:
		azf_fail(err, AZF_E_TRANSIENT,
			 "no DNS server answers the question for %s", host);
		return azf_cure(err, "Check /etc/resolv.conf and the network");
	default:
		azf_fail(err, AZF_E_MOUNT, "cannot resolve %s: %s", host,
			 gai_strerror(error));
		return azf_cure(err, "Check the host name");
	}
}

static enum azf_tcp verdict(int error)
{
	switch (error) {
	case 0:
		return AZF_TCP_OPEN;
	case ECONNREFUSED:
		return AZF_TCP_REFUSED;
	case ETIMEDOUT:
		return AZF_TCP_SILENT;
	default:
		return AZF_TCP_UNREACHABLE;
	}
}

/* Begin a connection; the descriptor, or -1 when the answer is known already */
static int begin(struct azf_address *address, in_port_t port)
{
	union azf_sockaddr sa = address->sockaddr;
	int fd = socket(sa.any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(sa.in4);

	sa.in4.sin_port = htons(port);
	if (sa.any.sa_family == AF_INET6) {
		sa.in6.sin6_port = htons(port);
		len = sizeof(sa.in6);
	}
	address->tcp = AZF_TCP_UNREACHABLE;
	if (fd < 0)
		return -1;
	address->tcp = AZF_TCP_SILENT;
	if (connect(fd, &sa.any, len) == 0 || errno == EINPROGRESS)
		return fd;
	address->tcp = verdict(errno);
	(void)close(fd);
	return -1;
}

/* Read the answers that have arrived; whether one of them is a connection. */
static bool collect(struct azf_addresses *addresses, struct pollfd *fds)
{
	bool open = false;

	for (size_t i = 0; i < addresses->count; i++) {
		int error = 0;
		socklen_t len = sizeof(error);

		if (fds[i].fd < 0 || !fds[i].revents)
			continue;
		if (getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &error, &len))
			error = errno;
		addresses->list[i].tcp = verdict(error);
		(void)close(fds[i].fd);
		fds[i].fd = -1;
		open |= error == 0;
	}
	return open;
}

static void open_first(struct azf_addresses *addresses)
{
	for (size_t i = 1; i < addresses->count; i++) {
		struct azf_address front = addresses->list[i];

		if (front.tcp != AZF_TCP_OPEN ||
		    addresses->list[0].tcp == AZF_TCP_OPEN)
			continue;
		memmove(&addresses->list[1], &addresses->list[0],
			i * sizeof(front));
		addresses->list[0] = front;
	}
}

static void probe(struct azf_addresses *addresses, in_port_t port, bool each)
{
	struct pollfd fds[AZF_ADDRESS_MAX];
	int64_t deadline = azf_now_ms() + PROBE_MS;
	bool open = false;
	size_t waiting;

	for (size_t i = 0; i < addresses->count; i++) {
		fds[i].fd = begin(&addresses->list[i], port);
		fds[i].events = POLLOUT;
		fds[i].revents = 0;
	}
	do {
		int64_t left = deadline - azf_now_ms();

		waiting = 0;
		for (size_t i = 0; i < addresses->count; i++)
			waiting += fds[i].fd >= 0;
		if (!waiting || left <= 0)
			break;
		if (poll(fds, addresses->count, (int)left) < 0 &&
		    errno != EINTR)
			break;
		open |= collect(addresses, fds);
	} while (!open || each);
	for (size_t i = 0; i < addresses->count; i++) {
		if (fds[i].fd >= 0 && open && !each)
			addresses->list[i].tcp = AZF_TCP_UNTRIED;
		azf_close_fd(&fds[i].fd);
	}
	open_first(addresses);
}

/* Runs in the child. */
static void answer(void *data)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct question *question = data;
	struct addrinfo *found = NULL;

#ifdef __GLIBC__
	if (question->dns)
		(void)__nss_configure_lookup("hosts", "dns");
#endif
	question->error = getaddrinfo(question->host, NULL, &hints, &found);
	for (struct addrinfo *ai = question->error ? NULL : found;
	     ai && question->count < AZF_ADDRESS_MAX; ai = ai->ai_next) {
		if (ai->ai_addrlen <= sizeof(union azf_sockaddr))
			memcpy(&question->answers[question->count++].sockaddr,
			       ai->ai_addr, ai->ai_addrlen);
	}
	if (!question->error)
		freeaddrinfo(found);
}

/* Runs in the child. */
static void try_answers(void *data)
{
	struct question *question = data;
	struct azf_addresses addresses = { .count = question->count };

	for (size_t i = 0; i < question->count; i++)
		addresses.list[i].sockaddr = question->answers[i].sockaddr;
	probe(&addresses, question->port, question->each);
	for (size_t i = 0; i < question->count; i++) {
		question->answers[i].sockaddr = addresses.list[i].sockaddr;
		question->answers[i].tcp = addresses.list[i].tcp;
	}
}

/* Runs in the child. */
static void answer_and_try(void *data)
{
	struct question *question = data;

	answer(question);
	if (question->count > 1 && question->port)
		try_answers(question);
}

/* What comes from the child is believed only as far as it can be checked. */
static void take_answers(const struct question *question,
			 struct azf_addresses *addresses)
{
	addresses->count = 0;
	for (size_t i = 0; i < question->count && i < AZF_ADDRESS_MAX; i++) {
		struct azf_address *address =
			&addresses->list[addresses->count];

		address->sockaddr = question->answers[i].sockaddr;
		address->tcp = question->answers[i].tcp;
		if ((unsigned int)address->tcp > AZF_TCP_SILENT)
			address->tcp = AZF_TCP_UNTRIED;
		if (set_text(address))
			addresses->count++;
	}
}

bool azf_is_address(const char *host)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;

	if (getaddrinfo(host, NULL, &hints, &found))
		return false;
	freeaddrinfo(found);
	return true;
}

static int resolve(const char *host, in_port_t port, bool dns,
		   struct azf_addresses *ret_addresses, struct azf_error *err)
{
	struct question question = { .port = port, .dns = dns };
	int r = 0;

	if (strlen(host) >= sizeof(question.host))
		return resolver_error(host, EAI_NONAME, err);
	memcpy(question.host, host, strlen(host) + 1);
	/* needs no resolver and so no child */
	if (azf_is_address(host))
		answer(&question);
	else
		r = azf_child_run(answer_and_try, &question, sizeof(question),
				  -1, RESOLVE_MS);
	if (r == -ETIMEDOUT)
		return resolver_error(host, EAI_AGAIN, err);
	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot run the resolver: %s", strerror(-r));
	if (question.error)
		return resolver_error(host, question.error, err);
	take_answers(&question, ret_addresses);
	if (!ret_addresses->count)
		return resolver_error(host, EAI_NODATA, err);
	return 0;
}

int azf_resolve(const char *host, in_port_t port,
		struct azf_addresses *ret_addresses, struct azf_error *err)
{
	return resolve(host, port, false, ret_addresses, err);
}

int azf_resolve_dns(const char *host, struct azf_addresses *ret_addresses,
		    struct azf_error *err)
{
	return resolve(host, 0, true, ret_addresses, err);
}

void azf_addresses_probe(struct azf_addresses *addresses, in_port_t port,
			 bool each)
{
	struct question question = { .port = port,
				     .each = each,
				     .count = addresses->count };

	for (size_t i = 0; i < addresses->count; i++)
		question.answers[i].sockaddr = addresses->list[i].sockaddr;
	if (azf_child_run(try_answers, &question, sizeof(question), -1,
			  2 * PROBE_MS) == 0)
		take_answers(&question, addresses);
}

bool azf_address_is_private(const struct azf_address *address)
{
	const union azf_sockaddr *sa = &address->sockaddr;
	const struct in6_addr *in6 = &sa->in6.sin6_addr;
	uint32_t ip = ntohl(sa->in4.sin_addr.s_addr);

	if (sa->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LINKLOCAL(in6) ||
		       IN6_IS_ADDR_LOOPBACK(in6) ||
		       (in6->s6_addr[0] & 0xfe) == 0xfc;
	return (ip >> 24) == 10 || (ip >> 24) == 127 || (ip >> 20) == 0xac1 ||
	       (ip >> 16) == 0xc0a8 || (ip >> 16) == 0xa9fe ||
	       (ip >> 22) == (0x64400000U >> 22);
}
