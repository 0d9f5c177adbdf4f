// SPDX-License-Identifier: MIT
/* srv.c - services that DNS knows the servers of. */
#include "srv.h"

#include <arpa/nameser.h>
#include <limits.h>
#include <resolv.h>

/* Priority, weight and port, 16 bits each; the name follows. */
#define SRV_HEAD    6
#define MESSAGE_MAX 65535

/* Behind those of the same priority: theirs is the server's own order. */
static void insert(struct azf_srv_list *servers, const struct azf_srv *server)
{
	size_t at = servers->count;

	if (servers->count == AZF_SRV_MAX) {
		if (servers->list[AZF_SRV_MAX - 1].priority <= server->priority)
			return;
		at--;
	} else {
		servers->count++;
	}
	for (; at > 0 && servers->list[at - 1].priority > server->priority;
	     at--)
		servers->list[at] = servers->list[at - 1];
	servers->list[at] = *server;
}

static void take(const ns_msg *message, const ns_rr *record,
		 struct azf_srv_list *servers)
{
	const unsigned char *data = ns_rr_rdata(*record);
	struct azf_srv server = { .port = 0 };

	if (ns_rr_type(*record) != ns_t_srv ||
	    ns_rr_rdlen(*record) <= SRV_HEAD ||
	    dn_expand(ns_msg_base(*message), ns_msg_end(*message),
		      data + SRV_HEAD, server.host, sizeof(server.host)) < 0 ||
	    !server.host[0])
		return;
	server.priority = ns_get16(data);
	server.port = (in_port_t)ns_get16(data + 4);
	azf_printable(server.host);
	insert(servers, &server);
}

void azf_srv_parse(const unsigned char *message, size_t len,
		   struct azf_srv_list *ret_servers)
{
	ns_msg parsed;

	ret_servers->count = 0;
	if (len > INT_MAX || ns_initparse(message, (int)len, &parsed))
		return;
	for (int i = 0; i < ns_msg_count(parsed, ns_s_an); i++) {
		ns_rr record;

		if (ns_parserr(&parsed, ns_s_an, i, &record) == 0)
			take(&parsed, &record, ret_servers);
	}
}

void azf_srv_find(const char *name, struct azf_srv_list *ret_servers)
{
	azf_autofree unsigned char *message = malloc(MESSAGE_MAX);
	int len;

	ret_servers->count = 0;
	if (!message)
		return;
	/* musl has no res_nquery() */
	len = res_query(name, ns_c_in, ns_t_srv, message, MESSAGE_MAX);
	if (len > 0 && len <= MESSAGE_MAX)
		azf_srv_parse(message, (size_t)len, ret_servers);
}
