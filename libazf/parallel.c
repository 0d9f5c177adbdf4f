// SPDX-License-Identifier: MIT
/* parallel.c - work that may never end, in children that can be left behind. */
#include "parallel.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

/* Time that those who were killed get to go. */
#define FAREWELL_MS 200
#define PAUSE_MS    5

/* Where a child sends its answer. */
#define OUT (STDERR_FILENO + 1)

/* What a child sends; less than PIPE_BUF, so that no two answers mix. */
struct answer {
	size_t index;
	char item[AZF_PARALLEL_MAX];
};

_Static_assert(sizeof(struct answer) <= PIPE_BUF, "arrives in one piece");

struct crowd {
	char *items;
	size_t size;
	size_t count;
	pid_t *children;
};

/*
 * One that hangs must hold nobody up: whoever reads our output waits until the
 * last of its writers is gone. And children of its own, which may be nobody's,
 * have its 0 to 2: where answers are sent, which we believe, is none of these.
 */
static bool keep_only(int out)
{
	if (out != OUT && dup2(out, OUT) < 0)
		return false;
	closefrom(OUT + 1);
	for (int fd = 0; fd < OUT; fd++) {
		if (!azf_blank_fd(fd))
			return false;
	}
	return fcntl(OUT, F_SETFD, FD_CLOEXEC) == 0;
}

static void __attribute__((noreturn))
be_child(void (*work)(void *item), const struct crowd *crowd, size_t index,
	 int out)
{
	size_t len = offsetof(struct answer, item) + crowd->size;
	struct answer answer = { .index = index };

	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (!keep_only(out))
		_exit(EXIT_FAILURE);
	memcpy(answer.item, crowd->items + index * crowd->size, crowd->size);
	work(answer.item);
	_exit(write(OUT, &answer, len) == (ssize_t)len ? EXIT_SUCCESS :
							 EXIT_FAILURE);
}

static int start(void (*work)(void *item), struct crowd *crowd, int out)
{
	for (size_t i = 0; i < crowd->count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			be_child(work, crowd, i, out);
		if (pid < 0)
			return -errno;
		crowd->children[i] = pid;
	}
	return 0;
}

/* Until all have answered or ended, or the time is over. */
static void collect(struct crowd *crowd, int in, int64_t deadline)
{
	struct pollfd fd = { .fd = in, .events = POLLIN };
	size_t len = offsetof(struct answer, item) + crowd->size;
	struct answer answer;

	for (;;) {
		int64_t left = deadline - azf_now_ms();
		int r = left > 0 ? poll(&fd, 1, (int)left) : 0;
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return;
		n = read(in, &answer, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)len || answer.index >= crowd->count)
			return;
		memcpy(crowd->items + answer.index * crowd->size, answer.item,
		       crowd->size);
	}
}

static bool all_gone(struct crowd *crowd)
{
	bool gone = true;

	for (size_t i = 0; i < crowd->count; i++) {
		if (crowd->children[i] <= 0)
			continue;
		if (waitpid(crowd->children[i], NULL, WNOHANG) == 0)
			gone = false;
		else
			crowd->children[i] = 0;
	}
	return gone;
}

static void dismiss(struct crowd *crowd)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000 };
	int64_t deadline = azf_now_ms() + FAREWELL_MS;

	for (size_t i = 0; i < crowd->count; i++) {
		if (crowd->children[i] > 0)
			(void)kill(crowd->children[i], SIGKILL);
	}
	while (!all_gone(crowd) && azf_now_ms() < deadline)
		(void)nanosleep(&pause, NULL);
}

int azf_parallel_run(void (*work)(void *item), void *items, size_t size,
		     size_t count, int timeout_ms)
{
	azf_autofree pid_t *children = calloc(count ? count : 1,
					      sizeof(*children));
	struct crowd crowd = { items, size, count, children };
	int64_t deadline = azf_now_ms() + timeout_ms;
	azf_autoclose int in = -1;
	azf_autoclose int out = -1;
	int ends[2], r;

	if (!children)
		return -ENOMEM;
	if (size > AZF_PARALLEL_MAX)
		return -EINVAL;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	in = ends[0];
	out = ends[1];
	r = start(work, &crowd, out);
	/* the end of the pipe is the end of the last child */
	azf_close_fd(&out);
	out = -1;
	collect(&crowd, in, deadline);
	dismiss(&crowd);
	return r;
}
