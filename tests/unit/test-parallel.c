// SPDX-License-Identifier: MIT
/* test-parallel.c - children that never end hold nobody up. */
#include "parallel.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct item {
	int in;
	int out;
	pid_t pid;
	int end_with_parent;
	bool has_stdout;
	bool has_stderr;
	char room[3000];
};

static void look_around(void *data)
{
	struct item *item = data;

	item->out = item->in * 2;
	item->pid = getpid();
	(void)prctl(PR_GET_PDEATHSIG, &item->end_with_parent, 0, 0, 0);
	item->has_stdout = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
	item->has_stderr = fcntl(STDERR_FILENO, F_GETFD) >= 0;
	memset(item->room, item->in, sizeof(item->room));
}

static void each_item_has_a_child_of_its_own(void **state)
{
	enum {
		COUNT = 40
	};
	static struct item items[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		items[i].in = i;
	assert_int_equal(azf_parallel_run(look_around, items, sizeof(items[0]),
					  COUNT, 20000),
			 0);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(items[i].out, i * 2);
		assert_int_equal(items[i].room[0], i);
		assert_int_equal(items[i].room[sizeof(items[i].room) - 1], i);
		assert_int_not_equal(items[i].pid, getpid());
		assert_int_equal(items[i].end_with_parent, SIGKILL);
		assert_false(items[i].has_stdout);
		assert_false(items[i].has_stderr);
	}
	/* all have been reaped */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void hang_if_told(void *data)
{
	struct item *item = data;

	while (item->in < 0)
		(void)pause();
	item->out = 1;
}

static void who_hangs_is_left_behind(void **state)
{
	struct item items[3] = { { .in = -1 }, { .in = 1 }, { .in = -1 } };
	int64_t began = azf_now_ms();

	(void)state;
	assert_int_equal(azf_parallel_run(hang_if_told, items, sizeof(items[0]),
					  3, 500),
			 0);
	assert_in_range(azf_now_ms() - began, 450, 5000);
	assert_int_equal(items[0].out, 0);
	assert_int_equal(items[1].out, 1);
	assert_int_equal(items[2].out, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void die(void *data)
{
	struct item *item = data;

	item->out = 1;
	(void)raise(SIGKILL);
}

static void who_dies_is_not_waited_for(void **state)
{
	struct item item = { .in = 5 };
	int64_t began = azf_now_ms();

	(void)state;
	assert_int_equal(azf_parallel_run(die, &item, sizeof(item), 1, 20000),
			 0);
	assert_in_range(azf_now_ms() - began, 0, 10000);
	assert_int_equal(item.out, 0);
}

static void limits(void **state)
{
	struct item item = { 0 };

	(void)state;
	assert_int_equal(azf_parallel_run(die, NULL, sizeof(item), 0, 20000),
			 0);
	assert_int_equal(azf_parallel_run(die, &item, AZF_PARALLEL_MAX + 1, 1,
					  1000),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_has_a_child_of_its_own),
		cmocka_unit_test(who_hangs_is_left_behind),
		cmocka_unit_test(who_dies_is_not_waited_for),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
