// SPDX-License-Identifier: MIT
/* smb-negotiate.c - the first exchange of SMB, over the network. */
#include "smb-negotiate.h"

#include "child.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <poll.h>
#include <time.h>

#define CONNECT_MS 3000
#define ANSWER_MS  5000
#define CHILD_MS   10000

/* For a client's id and a salt (2.2.3, 2.2.3.1.1). */
#define RANDOM_LEN 48

/* Of the transport: a zero and a length (2.1). */
#define FRAME_LEN 4

/* What the child is asked, and answers. */
struct question {
	union azf_sockaddr sockaddr;
	in_port_t port;
	unsigned int dialects;
	struct azf_smb_answer answer;
};

/* Whether something arrived, or can be sent, before the end. */
static bool ready(int fd, short events, int64_t deadline)
{
	struct pollfd poller = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - azf_now_ms();
		int r = left > 0 ? poll(&poller, 1, (int)left) : 0;

		if (r >= 0 || errno != EINTR)
			return r > 0;
	}
}

static int connect_to(const struct question *question)
{
	union azf_sockaddr sa = question->sockaddr;
	bool six = sa.any.sa_family == AF_INET6;
	azf_autoclose int fd =
		socket(sa.any.sa_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0, result;
	socklen_t len = sizeof(error);

	if (six)
		sa.in6.sin6_port = htons(question->port);
	else
		sa.in4.sin_port = htons(question->port);
	if (fd < 0)
		return -1;
	if (connect(fd, &sa.any, six ? sizeof(sa.in6) : sizeof(sa.in4)) &&
	    errno != EINPROGRESS)
		return -1;
	if (!ready(fd, POLLOUT, azf_now_ms() + CONNECT_MS) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) || error)
		return -1;
	result = fd;
	fd = -1;
	return result;
}

static enum azf_smb_result receive(int fd, unsigned char *data, size_t len,
				   int64_t deadline)
{
	while (len) {
		ssize_t n;

		if (!ready(fd, POLLIN, deadline))
			return AZF_SMB_SILENT;
		n = recv(fd, data, len, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return AZF_SMB_CLOSED;
		data += n;
		len -= (size_t)n;
	}
	return AZF_SMB_ANSWERED;
}

/* A short message to a connection without anything in its way. */
static bool send_request(int fd, unsigned int dialects)
{
	unsigned char message[AZF_SMB_MESSAGE_MAX], random[RANDOM_LEN];
	size_t len;

	arc4random_buf(random, sizeof(random));
	len = azf_smb_request(dialects, random, message);
	return send(fd, message, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Runs in the child. */
static void ask(void *data)
{
	struct question *question = data;
	struct azf_smb_answer *answer = &question->answer;
	unsigned char message[AZF_SMB_MESSAGE_MAX], frame[FRAME_LEN];
	azf_autoclose int fd = connect_to(question);
	int64_t deadline = azf_now_ms() + ANSWER_MS;
	size_t len;

	answer->result = AZF_SMB_NO_CONNECTION;
	if (fd < 0)
		return;
	answer->result = AZF_SMB_CLOSED;
	if (!send_request(fd, question->dialects))
		return;
	answer->result = receive(fd, frame, sizeof(frame), deadline);
	if (answer->result != AZF_SMB_ANSWERED)
		return;
	len = (size_t)frame[1] << 16 | (size_t)frame[2] << 8 | frame[3];
	answer->result = AZF_SMB_NO_SMB;
	if (frame[0] || len > sizeof(message))
		return;
	answer->result = receive(fd, message, len, deadline);
	if (answer->result != AZF_SMB_ANSWERED)
		return;
	azf_smb_parse(message, len, time(NULL), answer);
	/* a dialect that nobody offered is no answer (3.2.5.2) */
	if (answer->result == AZF_SMB_ANSWERED &&
	    !(answer->dialect & question->dialects))
		*answer = (struct azf_smb_answer){ .result = AZF_SMB_NO_SMB };
}

int azf_smb_negotiate(const struct azf_address *address, in_port_t port,
		      unsigned int dialects, struct azf_smb_answer *ret_answer)
{
	struct question question = {
		.sockaddr = address->sockaddr,
		.port = port,
		.dialects = dialects,
	};
	int r = azf_child_run(ask, &question, sizeof(question), -1, CHILD_MS);

	if (r == 0)
		*ret_answer = question.answer;
	return r;
}
