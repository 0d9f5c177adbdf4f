// SPDX-License-Identifier: MIT
/* test-ticket-talk.c - many tickets of an identity by one azfiles-credential. */
#include "refresh-rig.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

/* What azf_now_ms() is told to be later by, in seconds. */
static volatile time_t passed;

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);

	ts->tv_sec += passed;
	return r;
}

/* Three hosts, whose tickets are due; in this order. */
#define A	  HOST
#define B	  "acct2.file.core.windows.net"
#define C	  "acct3.file.core.windows.net"
#define OF(host)  AZF_RUN_DIR "/" host "/system"
#define CCACHE(h) get(OF(h) "/ccache", NULL)

static void command(const char *fmt, ...) AZF_PRINTF(1, 2);
static void command(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	assert_int_equal(system(text), 0);
}

static int three(void **state)
{
	if (set_up(state))
		return -1;
	passed = 0;
	mounted_as_system();
	have(-1, 100, 200);
	add_host(B);
	add_host(C);
	return 0;
}

static void fifty_tickets_are_got_by_one_process(void **state)
{
	(void)state;
	for (int i = 0; i < 47; i++) {
		char host[64];

		(void)snprintf(host, sizeof(host), "more%d.example", i);
		add_host(host);
	}
	will_for_each("good");
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
	assert_contains(get(FAKE "/request", NULL), "\nmore=1\n\n");
	command("[ $(sort -u " HOSTS " | wc -l) = 50 ]");
	command("[ $(cat " HOSTS " | wc -l) = 50 ]");
	command("[ $(grep -lx new " AZF_RUN_DIR
		"/*/system/ccache | wc -l) = 50 ]");
	assert_contains(rig.remarks.text,
			"info: " A " as system: renewed, valid until ");
	/* it ended with the run */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
}

/* Neither its inputs nor its token are for a process that met a server. */
static void another_identity_is_another_process(void **state)
{
	(void)state;
	command("sed -i 's/identity=system/identity=client\\nclient_id=x/' " OF(
		B) "/credential");
	will_for_each("good");
	assert_int_equal(refresh(false), 0);
	/* they are compared, and not what their directories are called */
	assert_int_equal(calls(), 3);
	assert_string_equal(CCACHE(B), "new");
	/* the same again: two of one, one of the other, each behind its like */
	command("mv " OF(B) " " AZF_RUN_DIR "/" B "/x; rm " FAKE
			    "/calls; sed -i s/^early=.*/early=1/ " AZF_RUN_DIR
			    "/*/*/ticket");
	mounted("//" B "/share", "sec=krb5,username=x");
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 2);
}

static void a_failure_is_that_of_one(void **state)
{
	(void)state;
	will_for_each(
		"case $host in " B ") printf '%s\\n' result=fail host=" B
		" transient=1 cause=busy retry_after=500 '';; *) good;; esac");
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
	assert_string_equal(CCACHE(A), "new");
	assert_string_equal(CCACHE(B), "old");
	assert_string_equal(CCACHE(C), "new");
	assert_contains(rig.remarks.text,
			"warn: " B " as system: the ticket could not be "
			"renewed: busy. The old one still works");
	assert_contains(get(OF(B) "/failed", NULL), "not_before=");
	assert_false(is_there(OF(A) "/failed"));
	/* which is remembered */
	command("sed -i s/^early=.*/early=1/ " AZF_RUN_DIR "/*/system/ticket");
	assert_int_equal(refresh(false), 0);
	command("[ $(grep -c " B " " HOSTS ") = 1 ]");
	assert_int_equal(calls(), 2);
}

/* What comes for the second host; the others get theirs. */
static void answers_that_are_none_harm_no_other(void **state)
{
	static const struct {
		const char *script;
		unsigned int calls;
	} rows[] = {
		/* it goes away, also in the middle */
		{ "exit", 3 },
		{ "kill -KILL $$", 3 },
		{ "printf 'result=o'; exit", 2 },
		{ "good | head -n 4; exit", 2 },
		{ "answer $host 1000 new; exit", 2 },
		{ "answer $host 9223372036854775807 new; exit", 2 },
		/* of another host */
		{ "answer " A " 3 new", 2 },
		{ "answer " C " 3 new", 2 },
		/* lengths that are none */
		{ "answer $host 2 new", 2 },
		{ "answer $host 0 new", 2 },
		{ "answer $host -3 new; exit", 2 },
		{ "answer $host 18446744073709551619 new; exit", 2 },
		{ "answer $host '' new; exit", 2 },
		/* rubbish, more than is asked for, more than there may be */
		{ "printf 'rubbish\\n\\n'", 2 },
		{ "printf 'result=ok\\nresult=ok\\n\\n'", 2 },
		{ "printf 'result=fail\\nhost=%s\\n\\n%s' $host more", 2 },
		{ "x=$(good; good); printf %s \"$x\"", 2 },
		{ "answer $host 300000 x; head -c 300000 /dev/zero", 2 },
		{ "head -c 300000 /dev/zero", 2 },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		char script[512];

		assert_int_equal(three(state), 0);
		(void)snprintf(script, sizeof(script),
			       "case $host in " B ") %s;; *) good;; esac",
			       rows[i].script);
		will_for_each(script);
		assert_int_equal(refresh(false), 0);
		if (!azf_streq(CCACHE(A), "new") ||
		    !azf_streq(CCACHE(B), "old") ||
		    !azf_streq(CCACHE(C), "new") || calls() != rows[i].calls ||
		    is_there(OF(C) "/failed") || !is_there(OF(B) "/failed"))
			fail_msg("%s: %u calls, %s", rows[i].script, calls(),
				 rig.remarks.text);
		assert_int_equal(tear_down(state), 0);
	}
}

/* A KDC's silence ends the program; whoever else wants something gets it. */
static void one_that_ended_is_followed_by_another(void **state)
{
	(void)state;
	will_for_each("good; exit");
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 3);
	assert_string_equal(CCACHE(C), "new");
	command("[ $(cat " HOSTS " | wc -l) = 3 ]");
}

static void a_minute_passes(int number)
{
	(void)number;
	if (access(FAKE "/ready", F_OK) == 0)
		passed += 60;
	(void)unlink(FAKE "/ready");
}

static void a_silent_one_is_ended(void **state)
{
	const struct itimerval often = {
		.it_interval = { .tv_usec = 100000 },
		.it_value = { .tv_usec = 100000 },
	};
	const struct itimerval never = { .it_value = { .tv_usec = 0 } };

	(void)state;
	will_for_each("case $host in " B ") : >" FAKE
		      "/ready; exec sleep 600;; *) good;; esac");
	(void)signal(SIGALRM, a_minute_passes);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(calls(), 2);
	assert_string_equal(CCACHE(A), "new");
	assert_string_equal(CCACHE(B), "old");
	assert_string_equal(CCACHE(C), "new");
	assert_contains(rig.remarks.text, "Connection timed out");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void remark_slowly(void *arg, enum azf_level level, const char *text)
{
	test_remark(arg, level, text);
	passed += 25;
}

/* Longer than systemd lets it. */
static void none_is_asked_for_long(void **state)
{
	(void)state;
	rig.log.fn = remark_slowly;
	will_for_each("good");
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 2);
	assert_string_equal(CCACHE(C), "new");
}

/* Somebody else gets it: that is waited for, and not got again. */
static void a_busy_one_is_left_to_whoever_gets_it(void **state)
{
	int ready[2], status;
	pid_t pid;
	char c;

	(void)state;
	will_for_each("good");
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		azf_autostate struct azf_state own = { .fd = -1 };
		int lock;

		if (azf_state_open(B, "system", false, &own))
			_exit(1);
		lock = azf_state_lock(&own, 0);
		(void)!write(ready[1], "x", 1);
		(void)usleep(500000);
		command("sed -i s/^early=.*/early=$(($(date +%%s) + 90))/ " OF(
			B) "/ticket");
		_exit(lock < 0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(calls(), 1);
	assert_string_equal(CCACHE(A), "new");
	assert_string_equal(CCACHE(B), "old");
	assert_string_equal(CCACHE(C), "new");
	command("! grep " B " " HOSTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			fifty_tickets_are_got_by_one_process, three, tear_down),
		cmocka_unit_test_setup_teardown(
			another_identity_is_another_process, three, tear_down),
		cmocka_unit_test_setup_teardown(a_failure_is_that_of_one, three,
						tear_down),
		cmocka_unit_test(answers_that_are_none_harm_no_other),
		cmocka_unit_test_setup_teardown(
			one_that_ended_is_followed_by_another, three,
			tear_down),
		cmocka_unit_test_setup_teardown(a_silent_one_is_ended, three,
						tear_down),
		cmocka_unit_test_setup_teardown(none_is_asked_for_long, three,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_busy_one_is_left_to_whoever_gets_it, three,
			tear_down),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
