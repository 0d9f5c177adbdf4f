// SPDX-License-Identifier: MIT
/* test-ticket-answer.c - answers of azfiles-credential that are none. */
#include "ticket-rig.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

/* What azf_now_ms() is told; a test can make an hour pass. */
static volatile time_t passed;

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);

	ts->tv_sec += passed;
	return r;
}

static void an_hour_passes(int number)
{
	(void)number;
	if (access(FAKE "/ready", F_OK) == 0)
		passed += 3600;
}

/* Once FAKE/ready is there, and so that poll(2) notices. */
static void let_an_hour_pass(bool begin)
{
	const struct itimerval often = {
		.it_interval = { .tv_usec = 100000 },
		.it_value = { .tv_usec = 100000 },
	};
	const struct itimerval never = { .it_value = { .tv_usec = 0 } };

	(void)signal(SIGALRM, an_hour_passes);
	assert_int_equal(setitimer(ITIMER_REAL, begin ? &often : &never, NULL),
			 0);
}

static void answers_that_are_none_change_nothing(void **state)
{
	static const struct {
		const char *script;
		enum azf_code code;
		const char *words, *cure;
	} rows[] = {
		{ ":", AZF_E_MOUNT, "ended without an answer", "Install" },
		{ "echo", AZF_E_MOUNT, "ended without an answer", "Install" },
		{ "echo hello", AZF_E_MOUNT, "without an answer", "" },
		{ "printf '\\n\\nresult=ok\\n\\nx'", AZF_E_MOUNT,
		  "without an answer", "" },
		{ "printf 'result=maybe\\n\\nx'", AZF_E_MOUNT,
		  "without an answer", "" },
		{ "printf 'result=ok\\nresult=fail\\n\\nx'", AZF_E_MOUNT,
		  "without an answer", "" },
		/* no empty line */
		{ "head -n 5 " FAKE "/answer", AZF_E_MOUNT, "without an answer",
		  "" },
		/* no ccache, no times, no server */
		{ "head -n 6 " FAKE "/answer", AZF_E_MOUNT, "no usable ticket",
		  "" },
		{ "sed /^expires=/d " FAKE "/answer", AZF_E_MOUNT,
		  "no usable ticket", "" },
		{ "sed /^starts=/d " FAKE "/answer", AZF_E_MOUNT,
		  "no usable ticket", "" },
		{ "sed 's/^expires=/&-/' " FAKE "/answer", AZF_E_MOUNT,
		  "no usable ticket", "" },
		{ "sed 's/^expires=.*/expires=9223372036854775807/' " FAKE
		  "/answer",
		  AZF_E_MOUNT, "no usable ticket", "" },
		{ "sed /^server=/d " FAKE "/answer", AZF_E_MOUNT,
		  "no usable ticket", "" },
		{ "printf 'result=fail\\n'", AZF_E_MOUNT, "no ticket was given",
		  "" },
		{ "cat " FAKE "/answer; exit 1", AZF_E_SYSTEM,
		  "without a proper answer", "Install azfiles anew" },
		{ "cat " FAKE "/answer; kill -KILL $$", AZF_E_SYSTEM,
		  "without a proper answer", "Install azfiles anew" },
		{ "cat " FAKE "/answer; head -c 300000 /dev/zero", AZF_E_SYSTEM,
		  "without a proper answer", "Install azfiles anew" },
	};

	(void)state;
	will_answer(OK, 0, 3000, "new", 3);
	have_ticket(-60, -1);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		will(rows[i].script);
		assert_failure(ensure(AZF_TICKET_NOW), &rig.err, rows[i].code,
			       rows[i].words, rows[i].cure);
		assert_ccache("old", 3);
		assert_failure(
			azf_ticket_failure(&rig.state, AZF_TICKET_UNLESS_FAILED,
					   &rig.err),
			&rig.err, rows[i].code, rows[i].words, rows[i].cure);
	}
	assert_int_equal(calls(), AZF_ARRAY_SIZE(rows));
}

static void a_slow_program_is_ended(void **state)
{
	(void)state;
	will(": >" FAKE "/ready; exec sleep 60");
	have_ticket(-60, -1);
	let_an_hour_pass(true);
	assert_failure(ensure(AZF_TICKET_NOW), &rig.err, AZF_E_TRANSIENT,
		       "cannot run " AZF_CREDENTIAL, "");
	let_an_hour_pass(false);
	assert_int_equal(calls(), 1);
	assert_true(passed > 0);
	assert_ccache("old", 3);
}

static void a_slow_neighbour_is_told(void **state)
{
	azf_autoclose int lock = azf_state_lock(&rig.state, 0);

	(void)state;
	assert_true(lock >= 0);
	will(":");
	put(FAKE "/ready", "", 0);
	let_an_hour_pass(true);
	assert_failure(ensure(AZF_TICKET_NOW), &rig.err, AZF_E_TRANSIENT,
		       "another process", "");
	let_an_hour_pass(false);
	assert_int_equal(calls(), 0);
}

static void a_program_that_is_missing_is_told(void **state)
{
	(void)state;
	will_answer(OK, 0, 3000, "new", 3);
	assert_int_equal(rename(AZF_CREDENTIAL, AZF_CREDENTIAL "-"), 0);
	assert_failure(ensure(AZF_TICKET_NOW), &rig.err, AZF_E_SYSTEM,
		       "cannot run " AZF_CREDENTIAL, "Install azfiles anew");
	assert_int_equal(rename(AZF_CREDENTIAL "-", AZF_CREDENTIAL), 0);
	assert_failure(ensure(AZF_TICKET_UNLESS_FAILED), &rig.err, AZF_E_SYSTEM,
		       "cannot run", "Install azfiles anew");
	/* and who it is for */
	azf_state_remove(&rig.state, "credential");
	assert_failure(ensure(AZF_TICKET_NOW), &rig.err, AZF_E_MOUNT,
		       "cannot read " PATH "/credential",
		       "Mount the share again");
	assert_int_equal(calls(), 0);
}

static void times_must_make_sense(void **state)
{
	static const struct {
		int starts, expires;
	} rows[] = { { -3000, 0 }, { -3000, -1 }, { 200, 100 } };

	(void)state;
	have_ticket(-60, -1);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		will_answer(OK, rows[i].starts, rows[i].expires, "new", 3);
		assert_failure(ensure(AZF_TICKET_NOW), &rig.err, AZF_E_MOUNT,
			       "no usable ticket", "");
		assert_ccache("old", 3);
	}
	/* the server's clock is ahead of ours: it begins now */
	will_answer(OK, 600, 900, "new", 3);
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	assert_in_range(kept("ticket", "renew"), time(NULL) + 590,
			time(NULL) + 600);
}

static void a_wrong_clock_is_told(void **state)
{
	static const struct {
		const char *skew, *words;
	} rows[] = {
		{ "300", "" },	  { "-300", "" },
		{ "301", "301" }, { "-4000", "4000 seconds" },
		{ "--400", "" },  { "x", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		char fields[256];

		(void)snprintf(fields, sizeof(fields), OK "skew=%s\n",
			       rows[i].skew);
		will_answer(fields, 0, 3000, "new", 3);
		assert_int_equal(ensure(AZF_TICKET_ALWAYS), 0);
		assert_contains(rig.remarks.text, rows[i].words);
		assert_int_equal(strstr(rig.remarks.text,
					"warn: this machine's clock") != NULL,
				 rows[i].words[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_that_are_none_change_nothing),
		TEST(a_slow_program_is_ended),
		TEST(a_slow_neighbour_is_told),
		TEST(a_program_that_is_missing_is_told),
		TEST(times_must_make_sense),
		TEST(a_wrong_clock_is_told),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
