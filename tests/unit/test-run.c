// SPDX-License-Identifier: MIT
/* test-run.c - a program that is run sees what it needs, and has to end. */
#include "test.h"

#include "namespace.h"
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* What a program without arguments makes of it. */
static int run(const char *path, const char *input, size_t input_len,
	       char *output, size_t size, size_t *ret_len, int timeout_ms)
{
	const char *const argv[] = { path, NULL };
	const struct azf_program what = {
		.argv = argv,
		.input = input,
		.input_len = input_len,
		.output = output,
		.size = size,
		.timeout_ms = timeout_ms,
	};

	return azf_run(&what, ret_len);
}

/* A short answer, NUL terminated. */
static int answer(const char *input, char *text, size_t size, int timeout_ms)
{
	size_t len = 0;
	int r = run(PROGRAM, input, strlen(input), text, size - 1, &len,
		    timeout_ms);

	assert_true(len < size);
	text[len] = '\0';
	return r;
}

static void what_it_reads_and_writes_is_passed_on(void **state)
{
	static const char input[] = "a=1\n\n\0\xff";
	char output[64];
	size_t len;

	(void)state;
	program("exec cat");
	assert_int_equal(run(PROGRAM, input, sizeof(input), output,
			     sizeof(output), &len, 20000),
			 0);
	assert_int_equal(len, sizeof(input));
	assert_memory_equal(output, input, len);
	assert_int_equal(
		run(PROGRAM, "", 0, output, sizeof(output), &len, 20000), 0);
	assert_int_equal(len, 0);
}

static void a_pipe_full_is_passed_on(void **state)
{
	static char input[AZF_RUN_INPUT_MAX + 1], output[AZF_RUN_INPUT_MAX];
	size_t len;

	(void)state;
	program("exec cat");
	memset(input, 'x', sizeof(input));
	assert_int_equal(run(PROGRAM, input, AZF_RUN_INPUT_MAX, output,
			     sizeof(output), &len, 20000),
			 0);
	assert_int_equal(len, AZF_RUN_INPUT_MAX);
	assert_memory_equal(output, input, len);
	assert_int_equal(run(PROGRAM, input, sizeof(input), output,
			     sizeof(output), &len, 20000),
			 -E2BIG);
	/* it need not read any of it */
	program("echo ok");
	assert_int_equal(run(PROGRAM, input, AZF_RUN_INPUT_MAX, output,
			     sizeof(output), &len, 20000),
			 0);
	assert_int_equal(len, 3);
}

static void too_much_is_an_error(void **state)
{
	char output[16];
	size_t len;

	(void)state;
	program("printf 0123456789abcdef");
	assert_int_equal(run(PROGRAM, "", 0, output, 16, &len, 20000), 0);
	assert_int_equal(len, 16);
	assert_int_equal(run(PROGRAM, "", 0, output, 15, &len, 20000), -EFBIG);
	program("while echo x; do :; done");
	assert_int_equal(run(PROGRAM, "", 0, output, 16, &len, 20000), -EFBIG);
}

static void how_it_ends_counts(void **state)
{
	static const struct {
		const char *script;
		int result;
	} rows[] = {
		{ "echo x; exit 0", 0 },	{ "echo x; exit 1", -EPROTO },
		{ "exit 126", -EPROTO },	{ "kill -SEGV $$", -EPROTO },
		{ "echo x; kill $$", -EPROTO },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		program(rows[i].script);
		assert_int_equal(answer("", text, sizeof(text), 20000),
				 rows[i].result);
	}
}

static void what_cannot_be_run_is_told(void **state)
{
	char text[8];
	size_t len;

	(void)state;
	assert_int_equal(run(PROGRAM "-absent", "", 0, text, sizeof(text), &len,
			     20000),
			 -ENOENT);
	program("exit 0");
	assert_int_equal(chmod(PROGRAM, 0644), 0);
	assert_int_equal(answer("", text, sizeof(text), 20000), -EPROTO);
	assert_int_equal(run(AZF_LIBEXECDIR, "", 0, text, sizeof(text), &len,
			     20000),
			 -EPROTO);
}

/* Whether it holds on to its output or has closed it. */
static void a_slow_program_is_killed(void **state)
{
	static const char *const scripts[] = {
		"exec sleep 60",
		"echo x; exec sleep 60",
		"exec >&-; exec sleep 60",
		"trap '' TERM; exec sleep 60",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(scripts); i++) {
		int64_t began = azf_now_ms();
		char text[64];

		program(scripts[i]);
		assert_int_equal(answer("", text, sizeof(text), 300),
				 -ETIMEDOUT);
		assert_in_range(azf_now_ms() - began, 290, 10000);
		assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	}
}

static void the_environment_is_a_path(void **state)
{
	char text[4096];

	(void)state;
	assert_int_equal(setenv("LD_PRELOAD_NOT", "x", 1), 0);
	assert_int_equal(setenv("KRB5_CONFIG", "x", 1), 0);
	program("tr '\\0' '\\n' </proc/$$/environ; exit 0");
	assert_int_equal(answer("", text, sizeof(text), 20000), 0);
	assert_string_equal(text, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
	program("echo $# \"$0\"");
	assert_int_equal(answer("", text, sizeof(text), 20000), 0);
	assert_string_equal(text, "0 " PROGRAM "\n");
}

static void arguments_are_passed_on(void **state)
{
	const char *const argv[] = { PROGRAM, "a b", "", "-c", NULL };
	char text[64];
	const struct azf_program what = {
		.argv = argv,
		.input = "",
		.output = text,
		.size = sizeof(text) - 1,
		.timeout_ms = 20000,
	};
	size_t len;

	(void)state;
	program("printf '%s|' \"$0\" \"$@\"");
	assert_int_equal(azf_run(&what, &len), 0);
	text[len] = '\0';
	assert_string_equal(text, PROGRAM "|a b||-c|");
}

/* What a program complains of; its size is that of the longest one, too. */
static int complaint(const char *script, char *text, size_t size)
{
	const char *const argv[] = { PROGRAM, NULL };
	char output[16];
	const struct azf_program what = {
		.argv = argv,
		.input = "",
		.output = output,
		.size = sizeof(output),
		.complaint = text,
		.complaint_size = size,
		.timeout_ms = 20000,
	};
	size_t len;
	int r;

	program(script);
	r = azf_run(&what, &len);
	assert_true(r || (len == 3 && memcmp(output, "out", 3) == 0));
	return r;
}

static void its_last_complaint_is_kept(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(complaint("echo one >&2; echo 't\two' >&2; echo >&2; "
				   "exit 1",
				   text, sizeof(text)),
			 -EPROTO);
	assert_string_equal(text, "t?wo");
	assert_int_equal(complaint("printf out; echo warning >&2", text,
				   sizeof(text)),
			 0);
	assert_string_equal(text, "warning");
	assert_int_equal(complaint("printf out", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(complaint("echo 0123456789abcdefghijkl >&2; exit 1",
				   text, sizeof(text)),
			 -EPROTO);
	assert_string_equal(text, "89abcdefghijkl");
	/* more than any pipe holds */
	assert_int_equal(complaint("i=0; while [ $i -lt 3000 ]; do "
				   "echo 0123456789012345678901234567890123456 "
				   ">&2; i=$((i+1)); done; printf out",
				   text, sizeof(text)),
			 0);
}

static void it_has_three_descriptors(void **state)
{
	int fd = open("/dev/null", O_RDONLY); /* not closed by execve(2) */
	char text[4096];

	(void)state;
	assert_true(fd > 2);
	assert_true(fcntl(fd, F_DUPFD, 100) >= 100);
	/* no pipe: the shell would have its ends */
	program("for fd in 0 1 2 3 4 5 6 7 8 9 100; do\n"
		"[ ! -e /proc/$$/fd/$fd ] || printf \"$fd \"\ndone");
	assert_int_equal(answer("", text, sizeof(text), 20000), 0);
	assert_string_equal(text, "0 1 2 ");
	(void)close(fd);
	(void)close(100);
}

static void signals_are_as_they_were(void **state)
{
	sigset_t all, before;
	const char *ignored;
	char text[4096];

	(void)state;
	(void)sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_BLOCK, &all, &before), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	/* the shell blocks some while it starts others */
	program("exec grep -E 'Sig(Blk|Ign)' /proc/self/status");
	assert_int_equal(answer("", text, sizeof(text), 20000), 0);
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_contains(text, "SigBlk:\t0000000000000000");
	ignored = strstr(text, "SigIgn:\t");
	assert_non_null(ignored);
	/* 32 and 33 are the C library's own: nobody can set them */
	assert_int_equal(strtoull(ignored + strlen("SigIgn:\t"), NULL, 16) &
				 ~(3ULL << 31),
			 0);
}

/* The kernel starts request-key without any descriptor. */
/* The program runs without standard files of ours, and says @expected. */
static void assert_without_files(const char *input, const char *expected)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char output[8];
		size_t len = 0;
		int r;

		(void)close(0);
		(void)close(1);
		(void)close(2);
		r = run(PROGRAM, input, strlen(input), output, sizeof(output),
			&len, 20000);
		_exit(r || len != strlen(expected) ||
		      memcmp(output, expected, len) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void it_works_without_descriptors_of_ours(void **state)
{
	(void)state;
	program("exec cat");
	assert_without_files("abc", "abc");
}

/* Else the first file that the program opens gets what libraries complain of. */
static void it_has_them_though_we_have_none(void **state)
{
	(void)state;
	/* the shell itself keeps the script open as 10 */
	program("if [ ! -e /proc/$$/fd/2 ]; then echo free\n"
		"elif echo x >&2; then echo open\nelse echo closed\nfi");
	assert_without_files("", "closed\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_reads_and_writes_is_passed_on),
		cmocka_unit_test(a_pipe_full_is_passed_on),
		cmocka_unit_test(too_much_is_an_error),
		cmocka_unit_test(how_it_ends_counts),
		cmocka_unit_test(what_cannot_be_run_is_told),
		cmocka_unit_test(a_slow_program_is_killed),
		cmocka_unit_test(the_environment_is_a_path),
		cmocka_unit_test(arguments_are_passed_on),
		cmocka_unit_test(its_last_complaint_is_kept),
		cmocka_unit_test(it_has_three_descriptors),
		cmocka_unit_test(signals_are_as_they_were),
		cmocka_unit_test(it_works_without_descriptors_of_ours),
		cmocka_unit_test(it_has_them_though_we_have_none),
	};

	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
