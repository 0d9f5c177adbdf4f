// SPDX-License-Identifier: MIT
/* stuck.c - TCP connections that wait for a machine which is no longer there. */
#include "stuck.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/time.h>

/* More than a page is never sent at once by a dump. */
#define ANSWER_MAX 32768

/* A connection that was told to end is over at once; so many are enough. */
#define STUCK_MAX 256

/* The timer that sends again, in struct inet_diag_msg. */
#define TIMER_RETRANSMIT 1

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

struct search {
	const struct azf_address *address;
	in_port_t port;
	struct inet_diag_sockid found[STUCK_MAX];
	unsigned int count;
};

static struct request make_request(const struct search *search, uint16_t type,
				   uint16_t flags)
{
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = type,
			.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		},
		.diag = {
			.sdiag_family =
				(uint8_t)search->address->sockaddr.any.sa_family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = 1U << TCP_ESTABLISHED,
		},
	};

	return request;
}

static bool is_to_server(const struct search *search,
			 const struct inet_diag_sockid *id)
{
	const union azf_sockaddr *sa = &search->address->sockaddr;

	if (id->idiag_dport != htons(search->port))
		return false;
	if (sa->any.sa_family == AF_INET6)
		return memcmp(id->idiag_dst, &sa->in6.sin6_addr,
			      sizeof(sa->in6.sin6_addr)) == 0;
	return id->idiag_dst[0] == sa->in4.sin_addr.s_addr;
}

static void look_at(struct search *search, const struct inet_diag_msg *msg)
{
	if (msg->idiag_timer == TIMER_RETRANSMIT && msg->idiag_retrans > 0 &&
	    search->count < STUCK_MAX && is_to_server(search, &msg->id))
		search->found[search->count++] = msg->id;
}

/* As NLMSG_NEXT(), which counts below 0 and casts to a stricter alignment. */
static const struct nlmsghdr *next(const struct nlmsghdr *header, size_t *len)
{
	size_t size = NLMSG_ALIGN(header->nlmsg_len);

	*len -= size < *len ? size : *len;
	return (const void *)((const char *)header + size);
}

/* Return: 1 to read on, 0 at the end, or an errno negated. */
static int read_answer(struct search *search, const char *answer, size_t len)
{
	const struct nlmsghdr *header = (const void *)answer;

	for (; NLMSG_OK(header, len); header = next(header, &len)) {
		if (header->nlmsg_type == NLMSG_DONE)
			return 0;
		if (header->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(header))
				->error;
		if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
		    header->nlmsg_len >=
			    NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			look_at(search, NLMSG_DATA(header));
	}
	return 1;
}

static int ask(int fd, struct search *search, const struct request *request)
{
	azf_autofree char *answer = malloc(ANSWER_MAX);
	int r = 1;

	if (!answer)
		return -ENOMEM;
	if (send(fd, request, sizeof(*request), 0) < 0)
		return -errno;
	while (r > 0) {
		ssize_t len = recv(fd, answer, ANSWER_MAX, 0);

		if (len < 0 && errno == EINTR)
			continue;
		r = len < 0 ? -errno : read_answer(search, answer, (size_t)len);
	}
	return r;
}

int azf_stuck_drop(const struct azf_address *address, in_port_t port,
		   unsigned int *ret_count)
{
	/* the kernel always answers; this is for a bug */
	const struct timeval limit = { .tv_sec = 5 };
	azf_autoclose int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				      NETLINK_SOCK_DIAG);
	struct search search = { .address = address, .port = port };
	struct request request = make_request(&search, SOCK_DIAG_BY_FAMILY,
					      NLM_F_DUMP);
	int r;

	*ret_count = 0;
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	r = ask(fd, &search, &request);
	request = make_request(&search, SOCK_DESTROY, NLM_F_ACK);
	for (unsigned int i = 0; r == 0 && i < search.count; i++) {
		request.diag.id = search.found[i];
		r = ask(fd, &search, &request);
		/* one that ended meanwhile is fine */
		if (r == -ENOENT)
			r = 0;
		else if (r == 0)
			(*ret_count)++;
	}
	return r;
}
