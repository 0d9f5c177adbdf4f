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

union azf_sockaddr {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/**
 * struct azf_address - one address of a server
 * @text: as the kernel's ip= takes it; an IPv6 scope is a number
 * @sockaddr: the same, for connect(); without a port
 * @tcp: what a probe found
 */
struct azf_address {
	char text[INET6_ADDRSTRLEN + sizeof("%4294967295")];
	union azf_sockaddr sockaddr;
	enum azf_tcp tcp;
};

struct azf_addresses {
	struct azf_address list[AZF_ADDRESS_MAX];
	size_t count;
};

/* Whether the host is an address and no name. Asks nobody. */
bool azf_is_address(const char *host);

/**
 * azf_resolve() - the addresses of a server
 * @host: a name or a literal address
 * @port: TCP port, host byte order; 0 to try none of them
 * @ret_addresses: filled on success with at least one, in the resolver's order;
 *	of several, one that answers on @port is moved to the front
 * @err: filled on failure
 *
 * The resolver runs in a child without privileges, for 20 seconds at most.
 *
 * Return: 0, -AZF_E_TRANSIENT when the name may resolve later, else
 * -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_resolve(const char *host, in_port_t port,
		struct azf_addresses *ret_addresses, struct azf_error *err);

/**
 * azf_resolve_dns() - what the name servers say, whatever /etc/hosts does
 *
 * Tries no address; else as azf_resolve(). A name server on this machine may
 * know that file, too.
 */
int azf_resolve_dns(const char *host, struct azf_addresses *ret_addresses,
		    struct azf_error *err);

/**
 * azf_addresses_probe() - connect to all addresses at once
 * @addresses: @tcp of each is set, and one that answered is moved to the front
 * @port: TCP port, host byte order
 * @each: what each of them says is wanted
 *
 * Waits three seconds at most, and without @each no longer than for the first
 * answer.
 */
void azf_addresses_probe(struct azf_addresses *addresses, in_port_t port,
			 bool each);

/* Whether an address can only be reached from inside a private network. */
bool azf_address_is_private(const struct azf_address *address);

#endif
