/* SPDX-License-Identifier: MIT */
/* resolve.h - the addresses of a server, and whether they answer. */
#ifndef AZF_RESOLVE_H
#define AZF_RESOLVE_H

#include "util.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct azf_error;

/* More addresses than this are not tried. */
#define AZF_ADDRESS_MAX 16

/* How an address answered a TCP connection. */
enum azf_tcp {
	AZF_TCP_UNTRIED,
	AZF_TCP_OPEN,
	AZF_TCP_REFUSED,
	AZF_TCP_UNREACHABLE, /* no route, or an ICMP answer that says so */
	AZF_TCP_SILENT,	     /* nothing came back in time */
};

/**
 * struct azf_address - one address of a server
 * @text: as the kernel's ip= takes it; an IPv6 scope is a number
 * @sockaddr: the same, for connect(); without a port
 * @sockaddr_len: its length in bytes
 * @tcp: what azf_addresses_probe() found
 */
struct azf_address {
	char text[INET6_ADDRSTRLEN + sizeof("%4294967295")];
	struct sockaddr_storage sockaddr;
	socklen_t sockaddr_len;
	enum azf_tcp tcp;
};

struct azf_addresses {
	struct azf_address list[AZF_ADDRESS_MAX];
	size_t count;
};

/**
 * azf_resolve() - all addresses of a host, in the resolver's order
 * @host: a name or a literal address
 * @ret_addresses: filled on success with at least one
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_TRANSIENT when the name may resolve later, else
 * -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_resolve(const char *host, struct azf_addresses *ret_addresses,
		struct azf_error *err);

/**
 * azf_addresses_probe() - connect to all addresses at once
 * @addresses: @tcp of each is set, and one that answered is moved to the front
 * @port: TCP port, host byte order
 * @timeout_ms: the longest wait in milliseconds; it ends with the first answer
 */
void azf_addresses_probe(struct azf_addresses *addresses, in_port_t port,
			 int timeout_ms);

/* Whether an address can only be reached from inside a private network. */
bool azf_address_is_private(const struct azf_address *address);

#endif
