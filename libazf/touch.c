// SPDX-License-Identifier: MIT
/* touch.c - one harmless operation on a mount, by somebody who may get stuck. */
#include "touch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#define AGAIN_MS 50
/* For a child that was killed to be gone. */
#define REAP_MS	 200

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif

/* What a child tells; short enough to come in one piece. */
struct word {
	size_t index;
	int result;
};

static void sleep_ms(int ms)
{
	const struct timespec ts = { .tv_nsec = ms * 1000000L };

	(void)nanosleep(&ts, NULL);
}

/*
 * The size of the file system is kept by nobody, so it is always asked for. The
 * first answer after the end of a session may be EAGAIN; the next is not.
 *
 * O_PATH neither opens anything at the server nor mounts what is not mounted.
 */
static int ask(const char *target)
{
	int fd = open(target, O_PATH | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return -errno;
	while (fstatfs(fd, &fs)) {
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		sleep_ms(AGAIN_MS);
	}
	return fs.f_type == CIFS_SUPER_MAGIC || fs.f_type == SMB2_SUPER_MAGIC ?
		       0 :
		       -ENODEV;
}

static void __attribute__((noreturn))
be_child(const char *target, size_t index, int out)
{
	struct word word = { .index = index };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	word.result = ask(target);
	_exit(write(out, &word, sizeof(word)) == sizeof(word) ? EXIT_SUCCESS :
								EXIT_FAILURE);
}

/* Until all have told, or ended, or the time is over. */
static void listen(int in, size_t count, int timeout_ms, int *results)
{
	int64_t deadline = azf_now_ms() + timeout_ms;
	struct pollfd fd = { .fd = in, .events = POLLIN };
	struct word word;

	while (count > 0) {
		int64_t left = deadline - azf_now_ms();
		int r = left > 0 ? poll(&fd, 1, (int)left) : 0;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0 || read(in, &word, sizeof(word)) != sizeof(word))
			return;
		results[word.index] = word.result;
		count--;
	}
}

static void end_all(pid_t *pids, size_t count)
{
	int64_t deadline = azf_now_ms() + REAP_MS;
	size_t left = count;

	for (size_t i = 0; i < count; i++) {
		if (pids[i] > 0)
			(void)kill(pids[i], SIGKILL);
	}
	while (left > 0 && azf_now_ms() < deadline) {
		left = 0;
		for (size_t i = 0; i < count; i++) {
			if (pids[i] > 0 && waitpid(pids[i], NULL, WNOHANG) != 0)
				pids[i] = 0;
			left += pids[i] > 0;
		}
		if (left > 0)
			sleep_ms(1);
	}
}

void azf_touch(const char *const *targets, size_t count, int timeout_ms,
	       int *results)
{
	azf_autoclose int in = -1;
	pid_t pids[AZF_TOUCH_MAX] = { 0 };
	size_t started = 0;
	int ends[2];

	for (size_t i = 0; i < count; i++)
		results[i] = -ETIMEDOUT;
	if (count > AZF_TOUCH_MAX || pipe2(ends, O_CLOEXEC))
		return;
	in = ends[0];
	for (size_t i = 0; i < count; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			be_child(targets[i], i, ends[1]);
		started += pids[i] > 0;
	}
	(void)close(ends[1]);
	listen(in, started, timeout_ms, results);
	end_all(pids, count);
}
