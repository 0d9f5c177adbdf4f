// SPDX-License-Identifier: MIT
/* test-parallel.c - children that never end hold nobody up. */
#include "child.h"
#include "parallel.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct item {
	int in;
	int out;
	pid_t pid;
	int end_with_parent;
	bool can_write;
	char room[3000];
};

static void look_around(void *data)
{
	struct item *item = data;

	item->out = item->in * 2;
	item->pid = getpid();
	(void)prctl(PR_GET_PDEATHSIG, &item->end_with_parent, 0, 0, 0);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		item->can_write |= write(fd, "", 0) >= 0 || errno != EBADF;
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
		assert_false(items[i].can_write);
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

/* Killed ones are waited for, but on a slow machine they may take longer. */
static bool all_end(void)
{
	for (int i = 0; i < 1000; i++) {
		if (waitpid(-1, NULL, WNOHANG) < 0)
			return true;
		(void)usleep(5000);
	}
	return false;
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
	assert_true(all_end());
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

/* As a child without privileges does that somebody took over. */
static void send_another_answer(void *data)
{
	struct {
		size_t index;
		struct item item;
	} forged = { .index = 1, .item = { .out = 1 } };

	(void)data;
	for (int fd = 0; fd < 64; fd++)
		(void)!write(fd, &forged, sizeof(forged));
}

static void have_a_child(void *data)
{
	struct item *item = data;
	char none = 0;

	if (item->in == 1)
		(void)raise(SIGKILL);
	item->out = azf_child_run(send_another_answer, &none, sizeof(none), -1,
				  20000);
}

static void a_child_of_a_child_answers_for_nobody(void **state)
{
	struct item items[] = { { .in = 0 }, { .in = 1 } };

	(void)state;
	assert_int_equal(azf_parallel_run(have_a_child, items, sizeof(items[0]),
					  2, 40000),
			 0);
	assert_int_equal(items[1].in, 1);
	assert_int_equal(items[1].out, 0);
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
		cmocka_unit_test(a_child_of_a_child_answers_for_nobody),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
