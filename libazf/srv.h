/* SPDX-License-Identifier: MIT */
/* srv.h - services that DNS knows the servers of (RFC 2782). */
#ifndef AZF_SRV_H
#define AZF_SRV_H

#include "util.h"

#include <netdb.h>
#include <netinet/in.h>

/* A domain may have hundreds of controllers; nobody asks more than these. */
#define AZF_SRV_MAX 8

/* A server, and the TCP port of the service there in host byte order. */
struct azf_srv {
	char host[NI_MAXHOST];
	in_port_t port;
	unsigned int priority;
};

struct azf_srv_list {
	struct azf_srv list[AZF_SRV_MAX];
	size_t count;
};

/**
 * azf_srv_find() - ask DNS for a service
 * @name: "_kerberos._tcp.example.com"
 * @ret_servers: filled, the best priority first; empty when there is none
 *
 * In this process: it is for those that have given up their privileges.
 */
void azf_srv_find(const char *name, struct azf_srv_list *ret_servers);

/* For azf_srv_find() and tests: a whole message of DNS. */
void azf_srv_parse(const unsigned char *message, size_t len,
		   struct azf_srv_list *ret_servers);

#endif
