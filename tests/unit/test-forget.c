// SPDX-License-Identifier: MIT
/* test-forget.c - what a refresh forgets, and what it must not. */
#include "refresh-rig.h"

#include <signal.h>
#include <sys/wait.h>

static void what_is_unused_for_long_is_forgotten(void **state)
{
	(void)state;
	will("exit 1");
	have(-1, 100, 200);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 0);
	assert_true(is_there(PATH "/unused"));
	unused_since(AZF_REFRESH_UNUSED_S - 5);
	assert_int_equal(refresh(false), 0);
	assert_true(is_there(PATH "/ccache"));
	unused_since(AZF_REFRESH_UNUSED_S);
	put(PATH "/ticket.new", "x", 1);
	assert_int_equal(refresh(false), 0);
	assert_contains(rig.remarks.text, "info: " HOST " as system: no mount "
					  "uses it: forgotten");
	assert_false(is_there(AZF_RUN_DIR "/" HOST));
	assert_true(is_there(AZF_RUN_DIR));
	/* its token too */
	assert_int_equal(calls(), 1);
	assert_contains(get(FAKE "/request", NULL), "forget=1\n");
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
}

static void a_token_that_another_host_needs_stays(void **state)
{
	(void)state;
	mounted("//" OTHER "/share", "sec=krb5,username=system");
	have(50, 100, 200);
	assert_int_equal(system("cp -r " AZF_RUN_DIR "/" HOST " " AZF_RUN_DIR
				"/" OTHER),
			 0);
	will("exit 1");
	unused_since(100000);
	assert_int_equal(refresh(false), 0);
	assert_false(is_there(PATH));
	assert_lacks(get(FAKE "/request", NULL), "forget");
}

static void what_a_mount_uses_is_not(void **state)
{
	(void)state;
	mounted_as_system();
	have(50, 100, 200);
	unused_since(100000);
	assert_int_equal(refresh(false), 0);
	assert_false(is_there(PATH "/unused"));
	assert_true(is_there(PATH "/ccache"));
}

static void what_is_not_ours_stays(void **state)
{
	(void)state;
	unused_since(100000);
	put(PATH "/somebody's", "x", 1);
	put(AZF_RUN_DIR "/file", "x", 1);
	put(AZF_RUN_DIR "/" HOST "/file", "x", 1);
	assert_int_equal(mkdir(AZF_RUN_DIR "/open", 0777), 0);
	assert_int_equal(chmod(AZF_RUN_DIR "/open", 0777), 0);
	assert_int_equal(symlink("/", AZF_RUN_DIR "/" HOST "/link"), 0);
	assert_int_equal(refresh(false), 0);
	assert_true(is_there(PATH "/somebody's"));
	assert_true(is_there(AZF_RUN_DIR "/file"));
	assert_true(is_there(AZF_RUN_DIR "/open"));
	assert_true(is_there(AZF_RUN_DIR "/" HOST "/file"));
	assert_false(is_there(PATH "/credential"));
}

static void what_a_container_may_use_is_kept(void **state)
{
	static const char *const servers[] = {
		"Servers: \n1) ConnectionId: 0x1 Hostname: " HOST " \n"
		"Number of credits: 300 Dialect 0x311\n",
		"1) ConnectionId: 0x1 Hostname: " OTHER " \n"
		"Number of credits: 300\n"
		"2) ConnectionId: 0x1 Hostname: ACCT1.file.core.windows.net\n"
		"Number of credits: 300\n",
		"1) Name: 10.77.0.11 Uses: 1\nNumber of credits: 300\n",
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(servers); i++) {
		assert_int_equal(set_up(state), 0);
		append(SERVERS, servers[i]);
		have(-20, -10, 200);
		unused_since(100000);
		assert_int_equal(refresh(false), 0);
		assert_false(is_there(PATH "/unused"));
		assert_true(is_there(PATH "/ccache"));
		/* but a ticket is no more than the way to one */
		have(-200, -100, -50);
		assert_int_equal(refresh(false), 0);
		assert_false(is_there(PATH "/ccache"));
		assert_false(is_there(PATH "/ticket"));
		assert_true(is_there(PATH "/credential"));
		assert_int_equal(tear_down(state), 0);
	}
	assert_int_equal(set_up(state), 0);
	append(SERVERS, "1) ConnectionId: 0x1 Hostname: " OTHER " \n"
			"Number of credits: 300\n");
	unused_since(100000);
	assert_int_equal(refresh(false), 0);
	assert_false(is_there(PATH));
	assert_int_equal(tear_down(state), 0);
}

static void a_mount_that_begins_is_waited_for(void **state)
{
	azf_autostate struct azf_state claimed = { .fd = -1 };
	int lock;

	(void)state;
	unused_since(100000);
	assert_int_equal(azf_state_claim(HOST, "system", &claimed), 0);
	assert_false(is_there(PATH "/unused"));
	assert_int_equal(refresh(false), 0);
	assert_true(is_there(PATH "/credential"));
	/* while it gets its ticket */
	unused_since(100000);
	lock = azf_state_lock(&claimed, 0);
	assert_true(lock >= 0);
	assert_int_equal(refresh(false), 0);
	assert_true(is_there(PATH "/credential"));
	(void)close(lock);
	assert_int_equal(refresh(false), 0);
	assert_false(is_there(PATH));
}

static void a_claim_and_a_refresh_at_once(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		for (;;) {
			if (is_there(PATH "/lock"))
				unused_since(100000);
			(void)refresh(false);
		}
	}
	for (int i = 0; i < 300; i++) {
		azf_autostate struct azf_state claimed = { .fd = -1 };
		struct stat st;

		assert_int_equal(azf_state_claim(HOST, "system", &claimed), 0);
		assert_int_equal(fstat(claimed.fd, &st), 0);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void without_state_there_is_nothing_to_do(void **state)
{
	(void)state;
	assert_int_equal(system("rm -rf " AZF_RUN_DIR), 0);
	mounted_as_system();
	assert_int_equal(refresh(false), 0);
	assert_int_equal(refresh(true), 0);
	assert_string_equal(rig.remarks.text, "");
	assert_false(is_there(AZF_RUN_DIR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_unused_for_long_is_forgotten),
		TEST(a_token_that_another_host_needs_stays),
		TEST(what_a_mount_uses_is_not),
		TEST(what_is_not_ours_stays),
		cmocka_unit_test(what_a_container_may_use_is_kept),
		TEST(a_mount_that_begins_is_waited_for),
		TEST(a_claim_and_a_refresh_at_once),
		TEST(without_state_there_is_nothing_to_do),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
