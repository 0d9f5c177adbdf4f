// SPDX-License-Identifier: MIT
/* probe.c - does a mount answer? */
#include "probe.h"

#include "parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statfs.h>
#include <time.h>

/* A reconnection takes moments; what fails may write a line to the log. */
#define AGAIN_MS  200
#define FAILED_MS 1000

/* What statfs(2) calls a mount of the kernel's SMB client, of old and now. */
#define CIFS_MAGIC 0xff534d42UL
#define SMB2_MAGIC 0xfe534d42UL

struct question {
	const char *target;
	int64_t began;
	int64_t deadline;
	bool wait;
	int error;
	int took_ms;
};

/* O_PATH opens nothing at the server, and mounts nothing that is not mounted. */
static int ask(const char *target)
{
	azf_autoclose int fd = open(target, O_PATH | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return errno;
	if (fstatfs(fd, &fs) == 0) {
		/* the type is signed, and its width differs */
		unsigned long type = (unsigned int)fs.f_type;

		return type == CIFS_MAGIC || type == SMB2_MAGIC ? 0 : ENODEV;
	}
	/* a refusal comes from the server */
	return errno == EACCES || errno == EPERM ? 0 : errno;
}

/* Runs in the child. */
static void ask_until(void *data)
{
	struct question *question = data;

	for (;;) {
		int pause_ms = AGAIN_MS;
		struct timespec pause;

		question->error = ask(question->target);
		question->took_ms = (int)(azf_now_ms() - question->began);
		if (question->error != EAGAIN &&
		    (question->error == 0 || !question->wait))
			return;
		if (question->error != EAGAIN)
			pause_ms = FAILED_MS;
		/* an answer that comes too late is none */
		if (azf_now_ms() + pause_ms + AGAIN_MS >= question->deadline)
			return;
		pause = (struct timespec){ pause_ms / 1000,
					   pause_ms % 1000 * 1000000L };
		(void)nanosleep(&pause, NULL);
	}
}

int azf_probe(struct azf_probe *probes, size_t count, int timeout_ms, bool wait)
{
	azf_autofree struct question *questions = calloc(count ? count : 1,
							 sizeof(*questions));
	int64_t now = azf_now_ms();
	int r;

	if (!questions)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		questions[i].target = probes[i].target;
		questions[i].began = now;
		questions[i].deadline = now + timeout_ms;
		questions[i].wait = wait;
		questions[i].error = ETIMEDOUT;
		questions[i].took_ms = timeout_ms;
	}
	r = azf_parallel_run(ask_until, questions, sizeof(*questions), count,
			     timeout_ms);
	for (size_t i = 0; i < count; i++) {
		probes[i].error = questions[i].error;
		probes[i].took_ms = questions[i].took_ms;
	}
	return r;
}
