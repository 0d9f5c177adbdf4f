// SPDX-License-Identifier: MIT
/* test-talk.c - a program that another one runs, and one that is asked more. */
#include "test.h"

#include "namespace.h"
#include "script.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define SOCKET "/run/azf-test.socket"

static const struct sockaddr_un address = { .sun_family = AF_UNIX,
					    .sun_path = SOCKET };

/* As systemd's, for so many who wait. */
static int listening(int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* A program gets the first connection as 0 and 1. */
static pid_t serve(const char *script)
{
	int fd = listening(1);
	pid_t pid;

	program(script);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int connection = accept(fd, NULL, NULL);

		if (dup2(connection, STDIN_FILENO) < 0 ||
		    dup2(connection, STDOUT_FILENO) < 0)
			_exit(1);
		(void)close(connection);
		(void)execl(PROGRAM, PROGRAM, NULL);
		_exit(1);
	}
	(void)close(fd);
	return pid;
}

/* Nobody takes connections any more, and the queue is full. */
static void a_full_queue_is_not_waited_for(void **state)
{
	const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int server = listening(0), clients[8];
	struct azf_talk talk = AZF_TALK_NONE;
	size_t count = 0;

	(void)state;
	do {
		assert_true(count < AZF_ARRAY_SIZE(clients));
		clients[count] = socket(AF_UNIX, type, 0);
	} while (connect(clients[count++], (const struct sockaddr *)&address,
			 sizeof(address)) == 0);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(azf_talk_served(SOCKET, &talk), -ETIMEDOUT);
	while (count--)
		(void)close(clients[count]);
	(void)close(server);
	assert_int_equal(unlink(SOCKET), 0);
}

static void another_may_run_it(void **state)
{
	static char large[AZF_RUN_INPUT_MAX], text[AZF_RUN_INPUT_MAX + 1];
	struct azf_program what = {
		.input = large,
		.input_len = sizeof(large),
		.output = text,
		.size = sizeof(text),
		.timeout_ms = 5000,
	};
	size_t len = 0;
	pid_t pid;

	(void)state;
	memset(large, 'x', sizeof(large));
	assert_int_equal(azf_run_served(SOCKET, &what, &len), -ENOENT);
	pid = serve("exec cat");
	assert_int_equal(azf_run_served(SOCKET, &what, &len), 0);
	assert_int_equal(len, sizeof(large));
	assert_memory_equal(text, large, sizeof(large));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(azf_run_served(SOCKET, &what, &len), -ECONNREFUSED);
	assert_int_equal(unlink(SOCKET), 0);
	what.timeout_ms = 100;
	pid = serve("exec sleep 100");
	assert_int_equal(azf_run_served(SOCKET, &what, &len), -ETIMEDOUT);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(unlink(SOCKET), 0);
}

static bool is_line(const char *text, size_t len)
{
	return memchr(text, '\n', len) != NULL;
}

/* What a program in a talk answers to a line. */
static int said(struct azf_talk *talk, const char *line, char *text,
		size_t size, int timeout_ms)
{
	const struct azf_program what = {
		.input = line,
		.input_len = strlen(line),
		.output = text,
		.size = size - 1,
		.timeout_ms = timeout_ms,
		.is_whole = is_line,
	};
	size_t len = 0;
	int r = azf_talk(talk, &what, &len);

	text[len] = '\0';
	return r;
}

static void it_can_be_asked_again(void **state)
{
	static const char *const argv[] = { PROGRAM, NULL };
	static const char *const none[] = { "/nowhere/at/all", NULL };
	struct azf_talk talk = AZF_TALK_NONE;
	char text[16];
	pid_t pid;

	(void)state;
	assert_int_equal(azf_talk_begin(none, &talk), -ENOENT);
	assert_int_equal(azf_talk_served(SOCKET, &talk), -ENOENT);
	program("while read -r x; do echo \"<$x>\"; done");
	pid = serve("while read -r x; do echo \"<$x>\"; done");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(i ? azf_talk_served(SOCKET, &talk) :
				     azf_talk_begin(argv, &talk),
				 0);
		assert_int_equal(said(&talk, "a\n", text, 16, 20000), 0);
		assert_string_equal(text, "<a>\n");
		assert_int_equal(said(&talk, "b\n", text, 16, 20000), 0);
		assert_string_equal(text, "<b>\n");
		assert_int_equal(said(&talk, "123456789\n", text, 8, 20000),
				 -EFBIG);
		azf_talk_end(&talk);
		assert_int_equal(talk.fd, -1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(unlink(SOCKET), 0);
}

static void a_talk_ends_with_what_is_wrong(void **state)
{
	static const char *const argv[] = { PROGRAM, NULL };
	struct azf_talk talk;
	char text[16];

	(void)state;
	/* it ends; it is silent, and would not end */
	program("read -r x; echo $x; read -r x; exit");
	assert_int_equal(azf_talk_begin(argv, &talk), 0);
	assert_int_equal(said(&talk, "a\n", text, 16, 20000), 0);
	assert_int_equal(said(&talk, "b\n", text, 16, 20000), 0);
	assert_int_equal(said(&talk, "c\n", text, 16, 20000), -EPIPE);
	azf_talk_end(&talk);
	program("sleep 100");
	assert_int_equal(azf_talk_begin(argv, &talk), 0);
	assert_int_equal(said(&talk, "a\n", text, 16, 100), -ETIMEDOUT);
	azf_talk_end(&talk);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_may_run_it),
		cmocka_unit_test(a_full_queue_is_not_waited_for),
		cmocka_unit_test(it_can_be_asked_again),
		cmocka_unit_test(a_talk_ends_with_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
