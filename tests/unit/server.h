/* SPDX-License-Identifier: MIT */
/* server.h - an HTTP server for one test: it says what it is told to. */
#ifndef AZF_SERVER_H
#define AZF_SERVER_H

#include "test.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/**
 * struct server - a child that answers on the loopback address
 * @requests: what came, one text each; shared with the child
 * @count: of @requests
 */
struct server {
	pid_t pid;
	unsigned int port;
	struct server_log {
		volatile unsigned int count;
		char requests[8][2048];
	} * log;
};

static inline void server_answer(int connection, char *request, size_t size,
				 const char *answer)
{
	size_t len = 0;

	while (len < size - 1) {
		ssize_t n = read(connection, request + len, size - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		request[len] = '\0';
		if (strstr(request, "\r\n\r\n"))
			break;
	}
	(void)!write(connection, answer, strlen(answer));
	(void)shutdown(connection, SHUT_RDWR);
	(void)close(connection);
}

/* Answers follow each other, a connection each; the last one is repeated. */
static inline void server_start(struct server *server,
				const char *const *answers)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(
		getsockname(listener, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	server->log = mmap(NULL, sizeof(*server->log), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(server->log, MAP_FAILED);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid) {
		(void)close(listener);
		return;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		unsigned int i = server->log->count;
		int connection = accept(listener, NULL, NULL);

		server->log->count = i < 7 ? i + 1 : i;
		server_answer(connection, server->log->requests[i],
			      sizeof(server->log->requests[i]), *answers);
		if (answers[1])
			answers++;
	}
}

static inline void server_stop(struct server *server)
{
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	(void)munmap(server->log, sizeof(*server->log));
}

#define autoserver azf_cleanup(server_stop)

#endif
