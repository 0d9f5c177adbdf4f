// SPDX-License-Identifier: MIT
/* resolve.c - the addresses of a server, and whether they answer. */
#include "resolve.h"

#include "azf-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>

/* The kernel takes the scope of an IPv6 address only as a number. */
static bool set_address(struct azf_address *address, const struct addrinfo *ai)
{
	const struct sockaddr_in6 *in6 = (const void *)ai->ai_addr;
	const struct sockaddr_in *in4 = (const void *)ai->ai_addr;
	size_t len;

	*address = (struct azf_address){ .sockaddr_len = ai->ai_addrlen };
	memcpy(&address->sockaddr, ai->ai_addr, ai->ai_addrlen);
	if (ai->ai_family == AF_INET)
		return inet_ntop(AF_INET, &in4->sin_addr, address->text,
				 INET6_ADDRSTRLEN) != NULL;
	if (ai->ai_family != AF_INET6 ||
	    !inet_ntop(AF_INET6, &in6->sin6_addr, address->text,
		       INET6_ADDRSTRLEN))
		return false;
	len = strlen(address->text);
	if (in6->sin6_scope_id)
		(void)snprintf(address->text + len, sizeof(address->text) - len,
			       "%%%u", in6->sin6_scope_id);
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

int azf_resolve(const char *host, struct azf_addresses *ret_addresses,
		struct azf_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	size_t count = 0;
	int error;

	error = getaddrinfo(host, NULL, &hints, &found);
	if (error)
		return resolver_error(host, error, err);
	for (struct addrinfo *ai = found; ai && count < AZF_ADDRESS_MAX;
	     ai = ai->ai_next) {
		if (set_address(&ret_addresses->list[count], ai))
			count++;
	}
	freeaddrinfo(found);
	ret_addresses->count = count;
	if (!count)
		return resolver_error(host, EAI_NODATA, err);
	return 0;
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
	struct sockaddr_storage sa = address->sockaddr;
	int fd = socket(sa.ss_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (sa.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&sa)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&sa)->sin_port = htons(port);
	address->tcp = AZF_TCP_UNREACHABLE;
	if (fd < 0)
		return -1;
	address->tcp = AZF_TCP_SILENT;
	if (connect(fd, (const struct sockaddr *)&sa, address->sockaddr_len) ==
		    0 ||
	    errno == EINPROGRESS)
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

void azf_addresses_probe(struct azf_addresses *addresses, in_port_t port,
			 int timeout_ms)
{
	struct pollfd fds[AZF_ADDRESS_MAX];
	int64_t deadline = azf_now_ms() + timeout_ms;
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
		open = collect(addresses, fds);
	} while (!open);
	for (size_t i = 0; i < addresses->count; i++) {
		if (fds[i].fd >= 0 && open)
			addresses->list[i].tcp = AZF_TCP_UNTRIED;
		azf_close_fd(&fds[i].fd);
	}
	open_first(addresses);
}

bool azf_address_is_private(const struct azf_address *address)
{
	const struct sockaddr_in6 *in6 = (const void *)&address->sockaddr;
	const struct sockaddr_in *in4 = (const void *)&address->sockaddr;
	uint32_t ip;

	if (address->sockaddr.ss_family == AF_INET6)
		return IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) ||
		       IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
		       (in6->sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
	ip = ntohl(in4->sin_addr.s_addr);
	return (ip >> 24) == 10 || (ip >> 24) == 127 || (ip >> 20) == 0xac1 ||
	       (ip >> 16) == 0xc0a8 || (ip >> 16) == 0xa9fe ||
	       (ip >> 22) == (0x64400000U >> 22);
}
