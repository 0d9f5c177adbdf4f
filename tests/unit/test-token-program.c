// SPDX-License-Identifier: MIT
/* test-token-program.c - tokens that come from a program, or from a file. */
#include "test.h"

#include "inputs.h"
#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char path[] = "/tmp/azf-program-XXXXXX";

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	return fd < 0 || close(fd) || chmod(path, 0700);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

/* What a program gives that is this script. */
static int run(const char *script, int patience_ms, struct azf_token *token,
	       struct azf_error *err)
{
	azf_autofields struct azf_fields request = { .count = 0 };
	struct azf_inputs inputs = { .lock = -1, .arc_tokens = -1 };
	const struct azf_token_source source = {
		.request = &request,
		.inputs = &inputs,
		.deadline_ms = azf_now_ms() + patience_ms,
	};
	FILE *file = fopen(path, "we");
	int r;

	assert_non_null(file);
	assert_true(fputs(script, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(azf_fields_set(&request, "identity", "exec"), 0);
	assert_int_equal(azf_fields_set(&request, "program", path), 0);
	inputs.program = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(inputs.program >= 0);
	*token = (struct azf_token){ .len = 0 };
	*err = (struct azf_error){ 0 };
	r = azf_token_program(&source, token, err);
	(void)close(inputs.program);
	return r;
}

static struct azf_token token;

static void its_token_is_taken(void **state)
{
	struct azf_error err;

	(void)state;
	assert_int_equal(run("#!/bin/sh\ncat >/dev/null\n"
			     "echo token=abc.def\necho expires=1765082912\n",
			     9000, &token, &err),
			 0);
	assert_string_equal(token.text, "abc.def");
	assert_int_equal(token.expires, 1765082912);
	/* nor must it read what it is told, or know when it ends */
	assert_int_equal(run("#!/bin/sh\nexec <&-\necho token=t\n", 9000,
			     &token, &err),
			 0);
	assert_string_equal(token.text, "t");
	assert_int_equal(token.expires, 0);
}

/* As long as a token may be that comes in another way. */
static void it_may_be_long(void **state)
{
	struct azf_error err;

	(void)state;
	if (run("#!/bin/sh\nprintf token=%016384d\n", 9000, &token, &err))
		fail_msg("%s", err.cause);
	assert_int_equal(token.len, AZF_TOKEN_MAX);
}

/* The request comes on its standard input; its environment is ours. */
static void it_is_told_what_for(void **state)
{
	struct azf_error err;

	(void)state;
	(void)setenv("SECRET", "x", 1);
	assert_int_equal(
		run("#!/bin/sh\n"
		    "grep -q '^identity=exec$' || exit 1\n"
		    "[ \"$SECRET$HOME\" = / ] || exit 1\n"
		    "[ \"$PATH\" = /usr/sbin:/usr/bin:/sbin:/bin ] || exit 1\n"
		    "echo token=t\n",
		    9000, &token, &err),
		0);
	(void)unsetenv("SECRET");
}

static void what_it_does_wrong_is_told(void **state)
{
	static const struct {
		const char *script, *why;
		enum azf_code code;
		int patience_ms;
	} rows[] = {
		{ "#!/bin/sh\nexit 3\n", "it ended with an error",
		  AZF_E_TRANSIENT, 9000 },
		{ "#!/bin/sh\nkill -9 $$\n", "it ended with an error",
		  AZF_E_TRANSIENT, 9000 },
		{ "#!/bin/sh\nexec /no/such/program\n", "it cannot be executed",
		  AZF_E_MOUNT, 9000 },
		{ "#!/bin/sh\n", "there is no bearer token in its output",
		  AZF_E_MOUNT, 9000 },
		{ "#!/bin/sh\necho 'token=a b'\n",
		  "there is no bearer token in its output", AZF_E_MOUNT, 9000 },
		{ "#!/bin/sh\necho eyJ0\n",
		  "it writes something else than KEY=VALUE lines", AZF_E_MOUNT,
		  9000 },
		{ "#!/bin/sh\nhead -c 40000 /dev/zero\n", "File too large",
		  AZF_E_TRANSIENT, 9000 },
		{ "#!/bin/sh\nexec sleep 60\n", "Connection timed out",
		  AZF_E_TRANSIENT, 300 },
		{ "#!/bin/sh\necho token=t\nexec sleep 60 >&- 2>&-\n",
		  "it does not end", AZF_E_TRANSIENT, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err;
		int r = run(rows[i].script, rows[i].patience_ms, &token, &err);

		assert_failure(r, &err, rows[i].code, rows[i].why,
			       "it has to write a line token=TOKEN");
		assert_contains(err.cause, path);
		assert_int_equal(token.len, 0);
	}
}

/* As when azfiles-credential is killed since its time is over. */
static void it_does_not_outlive_who_waits_for_it(void **state)
{
	struct azf_error err;
	int ends[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		(void)close(ends[1]);
		(void)run("#!/bin/sh\necho >&2\nexec sleep 30\n", 60000, &token,
			  &err);
		_exit(EXIT_FAILURE);
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* none has the other end any more */
	(void)alarm(20);
	assert_int_equal(read(ends[0], &c, 1), 0);
	(void)alarm(0);
	(void)close(ends[0]);
}

static void without_a_program_it_is_our_fault(void **state)
{
	azf_autofields struct azf_fields request = { .count = 0 };
	struct azf_inputs inputs = { .program = -1 };
	const struct azf_token_source source = { .request = &request,
						 .inputs = &inputs };
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_token_program(&source, &token, &err), &err,
		       AZF_E_SYSTEM, "has no program", "");
}

static void a_file_holds_a_token_or_not(void **state)
{
	static const struct {
		const char *path, *text, *cause;
		enum azf_code code;
	} rows[] = {
		{ "/t", "eyJ0.abc", NULL, 0 },
		{ NULL, "eyJ0.abc", NULL, 0 },
		{ "/t", "{\"a\":1}", "the file /t does not hold a bearer token",
		  AZF_E_MOUNT },
		{ NULL, "x y z", "what was handed over is not a bearer token",
		  AZF_E_MOUNT },
		{ NULL, NULL, "has no token and no token_file", AZF_E_SYSTEM },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_inputs inputs = {
			.token_file = { rows[i].path, (char *)rows[i].text,
					rows[i].text ? strlen(rows[i].text) :
						       0 },
		};
		const struct azf_token_source source = { .inputs = &inputs };
		struct azf_error err = { 0 };
		int r;

		token.len = 0;
		r = azf_token_file(&source, &token, &err);
		if (!rows[i].cause) {
			assert_int_equal(r, 0);
			assert_string_equal(token.text, rows[i].text);
			continue;
		}
		assert_failure(r, &err, rows[i].code, rows[i].cause,
			       rows[i].code == AZF_E_MOUNT ?
				       "https://storage.azure.com and nothing" :
				       "");
		/* what it holds may be a secret */
		assert_true(!rows[i].text || !strstr(err.cause, rows[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_token_is_taken),
		cmocka_unit_test(it_may_be_long),
		cmocka_unit_test(it_is_told_what_for),
		cmocka_unit_test(what_it_does_wrong_is_told),
		cmocka_unit_test(it_does_not_outlive_who_waits_for_it),
		cmocka_unit_test(without_a_program_it_is_our_fault),
		cmocka_unit_test(a_file_holds_a_token_or_not),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
