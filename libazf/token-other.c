// SPDX-License-Identifier: MIT
/* token-other.c - tokens that others get: from a file, or from a program. */
#include "token.h"

#include "azf-private.h"
#include "inputs.h"
#include "secret.h"
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define OUTPUT_MAX   32768
#define END_PAUSE_MS 2

int azf_token_file(const struct azf_token_source *source,
		   struct azf_token *token, struct azf_error *err)
{
	const struct azf_input *file = &source->inputs->token_file;

	if (!file->text)
		return azf_fail(err, AZF_E_SYSTEM,
				"the request has no token and no token_file");
	if (azf_token_set(token, file->text, file->len))
		return 0;
	if (!file->path) {
		azf_fail(err, AZF_E_MOUNT,
			 "what was handed over is not a bearer token");
		return azf_cure(err, "It has to be an access token for "
				     "https://storage.azure.com and nothing "
				     "else");
	}
	azf_fail(err, AZF_E_MOUNT, "the file %s does not hold a bearer token",
		 file->path);
	return azf_cure(err, "It has to hold an access token for "
			     "https://storage.azure.com and nothing else");
}

/**
 * struct program - a program under way
 * @in: its standard input; -1 once all was written
 * @out: its standard output
 */
struct program {
	pid_t pid;
	int in;
	int out;
};

/* Killed unless it has ended; there is nothing else to wait for. */
static void end_program(struct program *program)
{
	azf_close_fd(&program->in);
	azf_close_fd(&program->out);
	if (program->pid <= 0)
		return;
	(void)kill(program->pid, SIGKILL);
	while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The limits of azf_drop() that were made for us alone. */
static void lift_limits(void)
{
	static const int resources[] = { RLIMIT_AS, RLIMIT_CPU };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(resources); i++) {
		struct rlimit limit;

		if (getrlimit(resources[i], &limit))
			continue;
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(resources[i], &limit);
	}
}

static void __attribute__((noreturn)) be_program(int program, int in, int out)
{
	char name[] = "azfiles-token";
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char home[] = "HOME=/";
	char *const argv[] = { name, NULL };
	char *const envp[] = { path, home, NULL };

	/* who waits for it may be killed, and nobody would end it then */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	lift_limits();
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	/* the interpreter of a script opens it by its number */
	(void)fcntl(program, F_SETFD, 0);
	(void)fexecve(program, argv, envp);
	_exit(127);
}

static int start(int file, struct program *program)
{
	azf_autoclose int child_in = -1;
	azf_autoclose int child_out = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child_in = ends[0];
	program->in = ends[1];
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	program->out = ends[0];
	child_out = ends[1];
	program->pid = fork();
	if (program->pid < 0)
		return -errno;
	if (program->pid == 0)
		be_program(file, child_in, child_out);
	return 0;
}

/* The request is short: it fits into the pipe, whether it is read or not. */
static int tell(struct program *program, const struct azf_fields *request)
{
	size_t len;
	char *text = azf_fields_format(request, &len);
	ssize_t n;

	if (!text)
		return -ENOMEM;
	(void)fcntl(program->in, F_SETFL, O_NONBLOCK);
	n = write(program->in, text, len);
	azf_wipe_free(text);
	azf_close_fd(&program->in);
	program->in = -1;
	return n == (ssize_t)len || errno == EPIPE ? 0 : -errno;
}

/* Return: bytes read up to its end, or an errno negated. */
static ssize_t listen_to(const struct program *program, char *output,
			 int64_t deadline_ms)
{
	struct pollfd fd = { .fd = program->out, .events = POLLIN };
	size_t len = 0;

	for (;;) {
		int64_t left = deadline_ms - azf_now_ms();
		int r = left > 0 ? poll(&fd, 1, (int)left) : 0;
		ssize_t n;

		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r < 0)
			continue;
		n = read(program->out, output + len, OUTPUT_MAX - len);
		if (n <= 0)
			return n ? -errno : (ssize_t)len;
		len += (size_t)n;
		if (len == OUTPUT_MAX)
			return -EFBIG;
	}
}

/*
 * It may have closed its output and go on for ever.
 *
 * Return: its exit status, -1 when it did not exit by itself, or -ETIMEDOUT.
 */
static int wait_for(struct program *program, int64_t deadline_ms)
{
	const struct timespec pause = { 0, END_PAUSE_MS * 1000000 };
	int status;
	pid_t r;

	while ((r = waitpid(program->pid, &status, WNOHANG)) <= 0) {
		if (r < 0 && errno != EINTR)
			return -1;
		if (azf_now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		(void)nanosleep(&pause, NULL);
	}
	program->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int failed(const char *path, enum azf_code code, const char *why,
		  struct azf_error *err)
{
	azf_fail(err, code, "the program %s gives no token: %s", path, why);
	return azf_cure(err, "Run it as the user azfiles: it has to write a "
			     "line token=TOKEN and end with status 0");
}

static int take(const char *output, size_t len, const char *path,
		struct azf_token *token, struct azf_error *err)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	const char *text;
	uint64_t expires;

	if (azf_fields_parse(output, len, &fields, NULL))
		return failed(path, AZF_E_MOUNT,
			      "it writes something else than KEY=VALUE lines",
			      err);
	text = azf_fields_get(&fields, "token");
	if (!text || !azf_token_set(token, text, strlen(text)))
		return failed(path, AZF_E_MOUNT,
			      "there is no bearer token in its output", err);
	if (azf_fields_number(&fields, "expires", &expires))
		token->expires = (int64_t)expires;
	return 0;
}

static void free_output(char **output)
{
	azf_secret_release(*output, OUTPUT_MAX);
}

int azf_token_program(const struct azf_token_source *source,
		      struct azf_token *token, struct azf_error *err)
{
	azf_cleanup(end_program) struct program program = { .in = -1,
							    .out = -1 };
	azf_cleanup(free_output) char *output = azf_secret_alloc(OUTPUT_MAX);
	const char *path = azf_fields_get(source->request, "program");
	int status, r;
	ssize_t len;

	if (!path || source->inputs->program < 0)
		return azf_fail(err, AZF_E_SYSTEM,
				"the request has no program");
	if (!output)
		return azf_no_memory(err);
	r = start(source->inputs->program, &program);
	if (r == 0)
		r = tell(&program, source->request);
	if (r)
		return failed(path, AZF_E_SYSTEM, strerror(-r), err);
	len = listen_to(&program, output, source->deadline_ms);
	if (len < 0)
		return failed(path, AZF_E_TRANSIENT, strerror((int)-len), err);
	status = wait_for(&program, source->deadline_ms);
	if (status == -ETIMEDOUT)
		return failed(path, AZF_E_TRANSIENT, "it does not end", err);
	if (status == 126 || status == 127)
		return failed(path, AZF_E_MOUNT, "it cannot be executed", err);
	if (status)
		return failed(path, AZF_E_TRANSIENT, "it ended with an error",
			      err);
	return take(output, (size_t)len, path, token, err);
}
