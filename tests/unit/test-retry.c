// SPDX-License-Identifier: MIT
/* test-retry.c - pauses, deadlines, and which failures pass. */
#include "test.h"

#include "retry.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>

static volatile bool interrupted;

static void on_alarm(int number)
{
	(void)number;
	interrupted = true;
}

/* SIGALRM after so long. */
static void alarm_ms(int ms)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval timer = { .it_value.tv_usec = ms * 1000 };

	interrupted = false;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static void without_time_there_is_one_attempt(void **state)
{
	struct azf_retry retry;

	(void)state;
	azf_retry_begin(&retry, 0, NULL);
	assert_false(azf_retry_left(&retry));
	azf_retry_begin(&retry, 1, NULL);
	assert_true(azf_retry_left(&retry));
}

static void the_longest_time_is_no_overflow(void **state)
{
	struct azf_retry retry;

	(void)state;
	azf_retry_begin(&retry, 86400, NULL);
	assert_in_range(retry.deadline_ms - azf_now_ms(), 86390000, 86400000);
}

static void a_pause_ends_at_the_deadline(void **state)
{
	struct azf_retry retry;
	int64_t began = azf_now_ms();

	(void)state;
	azf_retry_begin(&retry, 1, NULL);
	retry.deadline_ms = began + 50;
	/* pauses that are long enough for a machine that has other work, too */
	retry.pause_ms = 60000;
	assert_true(azf_retry_pause(&retry));
	assert_in_range(azf_now_ms() - began, 45, 20000);
	assert_false(azf_retry_left(&retry));
	retry.pause_ms = 60000;
	assert_true(azf_retry_pause(&retry));
	assert_in_range(azf_now_ms() - began, 45, 20000);
}

static void pauses_grow_to_a_limit(void **state)
{
	struct azf_retry retry;
	unsigned int last = 0;

	(void)state;
	azf_retry_begin(&retry, 0, NULL);
	assert_int_equal(retry.pause_ms, 500);
	for (int i = 0; i < 10; i++) {
		assert_true(retry.pause_ms >= last);
		last = retry.pause_ms;
		assert_true(azf_retry_pause(&retry));
	}
	assert_int_equal(retry.pause_ms, 8000);
}

static void pauses_are_jittered(void **state)
{
	int64_t shortest = INT64_MAX, longest = 0;

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct azf_retry retry;
		int64_t began, took;

		azf_retry_begin(&retry, 10, NULL);
		retry.pause_ms = 20;
		began = azf_now_ms();
		assert_true(azf_retry_pause(&retry));
		took = azf_now_ms() - began;
		shortest = took < shortest ? took : shortest;
		longest = took > longest ? took : longest;
	}
	assert_true(shortest >= 14);
	assert_true(longest > shortest + 2);
}

static void a_signal_ends_a_pause(void **state)
{
	struct azf_retry retry;
	int64_t began = azf_now_ms();

	(void)state;
	azf_retry_begin(&retry, 100, &interrupted);
	retry.pause_ms = 8000;
	alarm_ms(30);
	assert_false(azf_retry_pause(&retry));
	assert_in_range(azf_now_ms() - began, 20, 1500);
	/* and there is none when it came before */
	began = azf_now_ms();
	assert_false(azf_retry_pause(&retry));
	assert_in_range(azf_now_ms() - began, 0, 500);
}

static void another_signal_does_not(void **state)
{
	struct azf_retry retry;
	int64_t began = azf_now_ms();

	(void)state;
	azf_retry_begin(&retry, 100, NULL);
	retry.pause_ms = 200;
	alarm_ms(20);
	assert_true(azf_retry_pause(&retry));
	assert_true(azf_now_ms() - began >= 149);
}

static void some_failures_pass(void **state)
{
	static const int passing[] = { ECONNREFUSED, ECONNRESET,  EHOSTUNREACH,
				       EHOSTDOWN,    ENETUNREACH, ETIMEDOUT,
				       EINPROGRESS,  EAGAIN };
	static const int lasting[] = { 0,      EACCES,	    EPERM,  ENOENT,
				       EINVAL, EOPNOTSUPP,  ENODEV, EBUSY,
				       ENOKEY, EKEYEXPIRED, ENOTDIR };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(passing); i++)
		assert_true(azf_errno_is_transient(passing[i]));
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lasting); i++)
		assert_false(azf_errno_is_transient(lasting[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_time_there_is_one_attempt),
		cmocka_unit_test(the_longest_time_is_no_overflow),
		cmocka_unit_test(a_pause_ends_at_the_deadline),
		cmocka_unit_test(pauses_grow_to_a_limit),
		cmocka_unit_test(pauses_are_jittered),
		cmocka_unit_test(a_signal_ends_a_pause),
		cmocka_unit_test(another_signal_does_not),
		cmocka_unit_test(some_failures_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
