// SPDX-License-Identifier: MIT
/* test-child.c - the child that meets the network can do no harm. */
#include "test.h"

#include "child.h"
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What a child found out about itself. */
struct report {
	int in;
	int out;
	uid_t uid;
	gid_t gid;
	int groups;
	bool root_again;
	bool wrote;
	bool saw_secret;
	int end_with_parent;
	int keep;
	bool has_kept;
	bool has_others;
	bool can_print;
	bool has_memory;
	bool is_bounded;
	int filter;
	struct rlimit cpu;
};

static struct azf_secret *secret;

static void look_around(void *data)
{
	struct report *report = data;
	azf_autoclose int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	report->out = report->in + 1;
	(void)prctl(PR_GET_PDEATHSIG, &report->end_with_parent, 0, 0, 0);
	report->uid = geteuid();
	report->gid = getegid();
	report->groups = getgroups(0, NULL);
	report->root_again = seteuid(0) == 0 || setuid(0) == 0;
	(void)signal(SIGXFSZ, SIG_IGN);
	report->wrote = fd >= 0 && write(fd, "x", 1) == 1;
	report->has_kept = fcntl(report->keep, F_GETFD) >= 0;
	report->has_others = fcntl(report->keep + 1, F_GETFD) >= 0;
	for (int n = 0; n <= STDERR_FILENO; n++)
		report->can_print |= write(n, "", 0) >= 0 || errno != EBADF;
	report->has_memory = mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				  -1, 0) != MAP_FAILED;
	report->is_bounded = prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 0;
	report->filter = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
	(void)getrlimit(RLIMIT_CPU, &report->cpu);
	report->saw_secret = secret->len != 0 || secret->text[0] != '\0';
}

/* A user may write that user's files; root has nothing but its number. */
static void the_child_is_one_user(void **state)
{
	struct report report = { .in = 1 };

	(void)state;
	if (geteuid() != 0)
		skip();
	secret = azf_secret_alloc(sizeof(*secret));
	assert_non_null(secret);
	assert_int_equal(azf_child_run_as(3001, 3002, look_around, &report,
					  sizeof(report), 5000),
			 0);
	assert_int_equal(report.uid, 3001);
	assert_int_equal(report.gid, 3002);
	assert_int_equal(report.groups, 0);
	assert_false(report.root_again);
	assert_true(report.is_bounded);
	assert_int_equal(report.filter, SECCOMP_MODE_FILTER);
	assert_true(report.wrote);
	assert_int_equal(azf_child_run_as(0, 65534, look_around, &report,
					  sizeof(report), 5000),
			 0);
	assert_int_equal(report.uid, 0);
	assert_int_equal(report.gid, 65534);
	azf_secret_release(secret, sizeof(*secret));
}

static void the_child_can_do_little(void **state)
{
	azf_autoclose int kept = open("/", O_PATH | O_CLOEXEC);
	azf_autoclose int other = fcntl(kept, F_DUPFD_CLOEXEC, kept + 1);
	struct report report = { .in = 41, .keep = kept };

	(void)state;
	secret = azf_secret_alloc(sizeof(*secret));
	assert_non_null(secret);
	assert_true(azf_secret_set(secret, "hidden", 6));
	assert_int_equal(azf_child_run(look_around, &report, sizeof(report),
				       kept, 5000),
			 0);
	assert_int_equal(other, kept + 1);
	assert_true(report.has_kept);
	assert_false(report.has_others);
	assert_false(report.can_print);
	assert_false(report.has_memory);
	assert_int_equal(report.filter, SECCOMP_MODE_FILTER);
	assert_int_equal(report.cpu.rlim_max, 30);
	assert_int_equal(report.out, 42);
	assert_false(report.wrote);
	assert_false(report.saw_secret);
	assert_int_equal(report.end_with_parent, SIGKILL);
	if (geteuid() == 0) {
		assert_int_equal(report.uid, 65534);
		assert_int_equal(report.gid, 65534);
		assert_int_equal(report.groups, 0);
		assert_false(report.root_again);
		assert_true(report.is_bounded);
	}
	/* and ours is still here */
	assert_string_equal(secret->text, "hidden");
	azf_secret_release(secret, sizeof(*secret));
	azf_secret_release(NULL, 0);
}

static void never_return(void *data)
{
	*(int *)data = 2;
	for (;;)
		(void)pause();
}

static void a_slow_child_is_killed(void **state)
{
	int64_t began = azf_now_ms();
	int number = 1;

	(void)state;
	assert_int_equal(azf_child_run(never_return, &number, sizeof(number),
				       -1, 200),
			 -ETIMEDOUT);
	assert_int_equal(number, 1);
	assert_in_range(azf_now_ms() - began, 190, 3000);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void leave(void *data)
{
	*(int *)data = 2;
	_exit(0);
}

static void a_child_that_leaves_is_an_error(void **state)
{
	int number = 1;

	(void)state;
	assert_int_equal(
		azf_child_run(leave, &number, sizeof(number), -1, 5000), -EIO);
	assert_int_equal(number, 1);
}

/* As somebody would who has taken it over. */
static void answer_and_stay(void *data)
{
	struct stat st;

	*(int *)data = 2;
	for (int fd = 3; fd < 256; fd++) {
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			(void)!write(fd, data, sizeof(int));
	}
	for (;;)
		(void)pause();
}

static void a_child_that_stays_is_ended(void **state)
{
	int number = 1;

	(void)state;
	(void)alarm(30); /* rather than wait for ever */
	assert_int_equal(azf_child_run(answer_and_stay, &number, sizeof(number),
				       -1, 20000),
			 0);
	(void)alarm(0);
	assert_int_equal(number, 2);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void fill(void *data)
{
	memset(data, 'x', AZF_CHILD_MAX);
}

static void there_is_a_limit(void **state)
{
	static char data[AZF_CHILD_MAX + 1];

	(void)state;
	assert_int_equal(azf_child_run(fill, data, AZF_CHILD_MAX, -1, 5000), 0);
	assert_int_equal(data[AZF_CHILD_MAX - 1], 'x');
	assert_int_equal(azf_child_run(fill, data, AZF_CHILD_MAX + 1, -1, 5000),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_child_can_do_little),
		cmocka_unit_test(the_child_is_one_user),
		cmocka_unit_test(a_slow_child_is_killed),
		cmocka_unit_test(a_child_that_leaves_is_an_error),
		cmocka_unit_test(a_child_that_stays_is_ended),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
