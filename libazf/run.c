// SPDX-License-Identifier: MIT
/* run.c - run a program, hand it a text, and read what it answers. */
#include "run.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define END_PAUSE_MS 2
/* A program that is not needed any more tidies up for so long. */
#define END_MS	     1000
/* systemd takes connections at once; with a full queue nobody does. */
#define CONNECT_S    2

/*
 * Closed already, or about to be, it would be the number of the first file that
 * the program opens, say of a connection, and get what libraries complain of.
 */
static bool hold_stderr(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFD);

	if (flags >= 0 && !(flags & FD_CLOEXEC))
		return true;
	return dup2(STDIN_FILENO, STDERR_FILENO) >= 0;
}

/* What the child does between fork() and its program. */
static void __attribute__((noreturn))
become(const char *const *argv, int in, int out, int complaints)
{
	char path_only[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const environment[] = { path_only, NULL };
	sigset_t none;
	int n;

	for (n = 1; n < NSIG; n++)
		(void)signal(n, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* whoever started us may have closed 0 to 2: the pipes can be these */
	in = fcntl(in, F_DUPFD, STDERR_FILENO + 1);
	out = fcntl(out, F_DUPFD, STDERR_FILENO + 1);
	if (complaints >= 0)
		complaints = fcntl(complaints, F_DUPFD, STDERR_FILENO + 1);
	if (in < 0 || out < 0 ||
	    (complaints >= 0 && dup2(complaints, STDERR_FILENO) < 0) ||
	    dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    !hold_stderr())
		_exit(126);
	closefrom(STDERR_FILENO + 1);
	(void)execve(argv[0], (char *const *)argv, environment);
	_exit(errno == ENOENT ? 127 : 126);
}

static int read_answer(int fd, const struct azf_program *program,
		       size_t *ret_len, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char *output = program->output;
	size_t size = program->size;
	size_t len = 0;

	for (;;) {
		int64_t left = deadline - azf_now_ms();
		char more;
		ssize_t n;
		int r = left > 0 ? poll(&pfd, 1, (int)left) : 0;

		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		n = len < size ? read(fd, output + len, size - len) :
				 read(fd, &more, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			*ret_len = len;
			return 0;
		}
		if (len == size)
			return -EFBIG;
		len += (size_t)n;
		if (program->is_whole && program->is_whole(output, len)) {
			*ret_len = len;
			return 0;
		}
	}
}

/* It may have closed its output and go on for ever. */
static int end_of(pid_t pid, int64_t deadline)
{
	const struct timespec pause = { 0, END_PAUSE_MS * 1000000 };
	bool late = false;
	int status;
	pid_t r;

	while ((r = waitpid(pid, &status, late ? 0 : WNOHANG)) <= 0) {
		if (r < 0 && errno != EINTR)
			return -errno;
		late = azf_now_ms() >= deadline;
		if (late)
			(void)kill(pid, SIGKILL);
		else
			(void)nanosleep(&pause, NULL);
	}
	if (late)
		return -ETIMEDOUT;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

/*
 * In a file and not in a pipe: what a program says on the way to a success
 * must neither be mixed with what it answers nor block it.
 */
static void last_line(int fd, char *text, size_t size)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t start = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
	ssize_t len = pread(fd, text, size - 1, start);
	char *newline;

	text[len > 0 ? len : 0] = '\0';
	while (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	newline = strrchr(text, '\n');
	if (newline)
		memmove(text, newline + 1, strlen(newline));
	azf_printable(text);
}

int azf_run(const struct azf_program *program, size_t *ret_len)
{
	azf_autoclose int to_read = -1;
	azf_autoclose int to_write = -1;
	azf_autoclose int from_read = -1;
	azf_autoclose int from_write = -1;
	azf_autoclose int complaints = -1;
	int64_t deadline = azf_now_ms() + program->timeout_ms;
	int ends[2], r, end;
	pid_t pid;

	/* it fits into the pipe: no need to write and read by turns */
	if (program->input_len > AZF_RUN_INPUT_MAX)
		return -E2BIG;
	/* no child, and no secret in a pipe, for what is not there */
	if (access(program->argv[0], F_OK) < 0)
		return -errno;
	if (program->complaint) {
		complaints = memfd_create("azfiles", MFD_CLOEXEC);
		if (complaints < 0)
			return -errno;
	}
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	to_read = ends[0];
	to_write = ends[1];
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	from_read = ends[0];
	from_write = ends[1];
	if (write(to_write, program->input, program->input_len) !=
	    (ssize_t)program->input_len)
		return -EIO;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(program->argv, to_read, from_write, complaints);
	azf_close_fd(&to_write);
	azf_close_fd(&from_write);
	to_write = from_write = -1;
	r = read_answer(from_read, program, ret_len, deadline);
	if (r)
		(void)kill(pid, SIGKILL);
	end = end_of(pid, deadline);
	if (program->complaint)
		last_line(complaints, program->complaint,
			  program->complaint_size);
	return r ? r : end;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = CONNECT_S };
	int fd, r;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ==
		    0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		    0)
		return fd;
	r = errno == EAGAIN ? -ETIMEDOUT : -errno;
	(void)close(fd);
	return r;
}

int azf_run_served(const char *path, const struct azf_program *program,
		   size_t *ret_len)
{
	int64_t deadline = azf_now_ms() + program->timeout_ms;
	azf_autoclose int fd = connect_to(path);
	ssize_t n;

	if (fd < 0)
		return fd;
	/* a socket takes as much as a pipe without anybody reading */
	n = send(fd, program->input, program->input_len,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n != (ssize_t)program->input_len || shutdown(fd, SHUT_WR))
		return -EIO;
	return read_answer(fd, program, ret_len, deadline);
}

int azf_talk_begin(const char *const *argv, struct azf_talk *ret_talk)
{
	azf_autoclose int theirs = -1;
	int ends[2];
	pid_t pid;

	if (access(argv[0], F_OK) < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	theirs = ends[1];
	pid = fork();
	if (pid == 0)
		become(argv, theirs, theirs, -1);
	if (pid < 0) {
		int r = -errno;

		(void)close(ends[0]);
		return r;
	}
	*ret_talk = (struct azf_talk){ .fd = ends[0], .pid = pid };
	return 0;
}

int azf_talk_served(const char *path, struct azf_talk *ret_talk)
{
	int fd = connect_to(path);

	if (fd < 0)
		return fd;
	*ret_talk = (struct azf_talk){ .fd = fd };
	return 0;
}

int azf_talk(struct azf_talk *talk, const struct azf_program *program,
	     size_t *ret_len)
{
	int64_t deadline = azf_now_ms() + program->timeout_ms;
	struct pollfd pfd = { .fd = talk->fd, .events = POLLIN };
	ssize_t n = -1;
	int r = 0;

	*ret_len = 0;
	errno = EPIPE;
	/* nobody has to read it for it to be taken */
	if (poll(&pfd, 1, 0) <= 0)
		n = send(talk->fd, program->input, program->input_len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n != (ssize_t)program->input_len)
		r = n < 0 ? -errno : -EIO;
	if (r == 0)
		r = read_answer(talk->fd, program, ret_len, deadline);
	if (r && talk->pid)
		(void)kill(talk->pid, SIGKILL);
	return r;
}

void azf_talk_end(struct azf_talk *talk)
{
	azf_close_fd(&talk->fd);
	if (talk->pid)
		(void)end_of(talk->pid, azf_now_ms() + END_MS);
	*talk = AZF_TALK_NONE;
}
