// SPDX-License-Identifier: MIT
/*
 * child.c - work that meets the network, in a child without privileges.
 *
 * Whoever answers a DNS query writes into the memory of the process that
 * asked. That process must be neither root nor the one that holds the key.
 */
#include "child.h"

#include "drop.h"
#include "sandbox.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MEMORY_MAX ((rlim_t)512 * 1024 * 1024)
#define CPU_MAX_S  30

/**
 * struct job - what the child is to do
 * @uid: as whom
 * @gid: with which group
 * @keep: the one descriptor that it needs, or -1
 * @user: it is a user's, who may write files and has keys
 */
struct job {
	void (*work)(void *data);
	void *data;
	size_t size;
	int keep;
	uid_t uid;
	gid_t gid;
	bool user;
};

/*
 * They may be those of a program that uses libazf. What is printed ends on
 * somebody's terminal, or is read by a program: no place for a stranger's text.
 */
static void close_others(int out, int keep)
{
	int last = keep > out ? keep : out;

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fd != out && fd != keep)
			(void)azf_blank_fd(fd);
	}
	for (int fd = STDERR_FILENO + 1; fd < last; fd++) {
		if (fd != out && fd != keep)
			(void)close(fd);
	}
	closefrom(last + 1);
}

/*
 * What it may take besides what the caller has, which may be a great deal.
 * Return: bytes, or RLIM_INFINITY.
 */
static rlim_t memory_limit(void)
{
	azf_autoclose int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	rlim_t page = (rlim_t)sysconf(_SC_PAGESIZE);
	char text[128];

	if (fd < 0 || azf_read_file(fd, text, sizeof(text)) <= 0)
		return RLIM_INFINITY;
	return strtoul(text, NULL, 10) * page + MEMORY_MAX;
}

static bool set_limits(const struct job *job)
{
	const struct azf_limit limits[] = {
		{ 0, RLIMIT_CORE, true },
		{ CPU_MAX_S, RLIMIT_CPU, true },
		{ memory_limit(), RLIMIT_AS, true },
		{ job->user ? RLIM_INFINITY : 0, RLIMIT_FSIZE, true },
	};

	return azf_drop_limits(limits, AZF_ARRAY_SIZE(limits));
}

static bool give_up_privileges(const struct job *job)
{
	uid_t uid = job->uid;
	gid_t gid = job->gid;

	/* in this order: once the user is changed the groups cannot be */
	if (geteuid() == 0)
		azf_drop_bounds();
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	     setresuid(uid, uid, uid) || !azf_drop_capabilities()))
		return false;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_limits(job);
}

static void __attribute__((noreturn)) be_child(const struct job *job, int out)
{
	ssize_t size = (ssize_t)job->size;

	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	close_others(out, job->keep);
	if (!give_up_privileges(job))
		_exit(EXIT_FAILURE);
	/* not before: another user forgets it */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	azf_sandbox_calls(job->user ? AZF_MAY_USE_KEYS : 0);
	if (!job->user)
		azf_sandbox_files(NULL, NULL);
	job->work(job->data);
	_exit(write(out, job->data, job->size) == size ? EXIT_SUCCESS :
							 EXIT_FAILURE);
}

static int receive(int in, void *data, size_t size, int timeout_ms)
{
	char buffer[AZF_CHILD_MAX];
	int64_t deadline = azf_now_ms() + timeout_ms;
	struct pollfd fd = { .fd = in, .events = POLLIN };
	ssize_t n;

	for (;;) {
		int64_t left = deadline - azf_now_ms();
		int r = left > 0 ? poll(&fd, 1, (int)left) : 0;

		if (r > 0)
			break;
		if (r == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
	/* what is at most PIPE_BUF long arrives whole or not at all */
	n = read(in, buffer, size);
	if (n != (ssize_t)size)
		return -EIO;
	memcpy(data, buffer, size);
	return 0;
}

static int run(const struct job *job, int timeout_ms)
{
	azf_autoclose int in = -1;
	azf_autoclose int out = -1;
	int ends[2], r;
	pid_t pid;

	if (job->size > AZF_CHILD_MAX)
		return -EINVAL;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	in = ends[0];
	out = ends[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		be_child(job, out);
	azf_close_fd(&out);
	out = -1;
	r = receive(in, job->data, job->size, timeout_ms);
	/* it has nothing left to do, whatever somebody made of it */
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int azf_child_run(void (*work)(void *data), void *data, size_t size, int keep,
		  int timeout_ms)
{
	const struct job job = {
		work, data, size, keep, AZF_CHILD_NOBODY, AZF_CHILD_NOBODY,
		false
	};

	return run(&job, timeout_ms);
}

int azf_child_run_as(uid_t uid, gid_t gid, void (*work)(void *data), void *data,
		     size_t size, int timeout_ms)
{
	const struct job job = { work, data, size, -1, uid, gid, true };

	return run(&job, timeout_ms);
}
