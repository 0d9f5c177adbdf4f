// SPDX-License-Identifier: MIT
/* test-keyring.c - what is kept in the keyring of the user. */
#include "test.h"

#include "keyring.h"

#include <errno.h>
#include <keyutils.h>
#include <sys/wait.h>

/* Of this process, so that tests under way at the same time do not meet. */
static char name[64];

static int begin(void **state)
{
	(void)state;
	(void)snprintf(name, sizeof(name), "test-%d", (int)getpid());
	return 0;
}

static int end(void **state)
{
	(void)state;
	azf_keyring_forget(name);
	return 0;
}

static void what_is_stored_is_loaded(void **state)
{
	static const char token[] = "to\0ken";
	char buffer[32] = { 0 };

	(void)state;
	assert_int_equal(azf_keyring_store(name, token, sizeof(token), 60), 0);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)),
			 sizeof(token));
	assert_memory_equal(buffer, token, sizeof(token));
	/* and again: loading leaves nothing behind that could be in the way */
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(token)),
			 sizeof(token));
}

static void a_new_one_replaces_the_old(void **state)
{
	char buffer[32] = { 0 };

	(void)state;
	assert_int_equal(azf_keyring_store(name, "one", 3, 60), 0);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)), 3);
	assert_int_equal(azf_keyring_store(name, "other", 5, 60), 0);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)), 5);
	assert_memory_equal(buffer, "other", 5);
}

static void a_forgotten_one_is_gone(void **state)
{
	char buffer[32];

	(void)state;
	assert_int_equal(azf_keyring_store(name, "one", 3, 60), 0);
	azf_keyring_forget(name);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)),
			 -ENOKEY);
	azf_keyring_forget(name);
}

static void one_that_ran_out_is_gone(void **state)
{
	char buffer[32];

	(void)state;
	assert_int_equal(azf_keyring_store(name, "one", 3, 1), 0);
	(void)usleep(2100000);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)),
			 -ENOKEY);
	assert_int_equal(azf_keyring_store(name, "two", 3, 60), 0);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)), 3);
}

static void a_small_buffer_is_left_empty(void **state)
{
	char buffer[4] = { 'x', 'x', 'x', 'x' };

	(void)state;
	assert_int_equal(azf_keyring_store(name, "longer", 6, 60), 0);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)),
			 -EFBIG);
	assert_memory_equal(buffer, "\0\0\0\0", 4);
}

static void what_cannot_be_kept_is_refused(void **state)
{
	static const char large[AZF_KEYRING_PAYLOAD_MAX + 1];

	(void)state;
	assert_int_equal(azf_keyring_store(name, "", 0, 60), -EINVAL);
	assert_int_equal(azf_keyring_store(name, "one", 3, 0), -EINVAL);
	assert_int_equal(azf_keyring_store(name, large, sizeof(large), 60),
			 -EINVAL);
	assert_int_equal(azf_keyring_load(name, (char[4]){ 0 }, 4), -ENOKEY);
}

/* Runs @test in a child whose session keyring does not lead to the user's. */
static void in_a_session_of_its_own(bool (*test)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (azf_keyring_detach())
			_exit(2);
		_exit(test() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool loads(void)
{
	char buffer[32];

	return azf_keyring_load(name, buffer, sizeof(buffer)) == 3;
}

static bool stores(void)
{
	return azf_keyring_store(name, "abcd", 4, 60) == 0;
}

static bool forgets(void)
{
	azf_keyring_forget(name);
	return true;
}

static void the_session_does_not_matter(void **state)
{
	char buffer[32];

	(void)state;
	assert_int_equal(azf_keyring_store(name, "one", 3, 60), 0);
	in_a_session_of_its_own(loads);
	in_a_session_of_its_own(stores);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)), 4);
	in_a_session_of_its_own(forgets);
	assert_int_equal(azf_keyring_load(name, buffer, sizeof(buffer)),
			 -ENOKEY);
}

static void a_key_is_described(void **state)
{
	key_serial_t key = add_key("user", "azfiles-test:described", "x", 1,
				   KEY_SPEC_PROCESS_KEYRING);
	char buffer[128];
	ssize_t len;

	(void)state;
	assert_true(key > 0);
	len = azf_keyring_describe(key, buffer, sizeof(buffer));
	assert_int_equal(len, strlen(buffer));
	assert_true(azf_starts_with(buffer, "user;"));
	assert_string_equal(strrchr(buffer, ';'), ";azfiles-test:described");
	assert_int_equal(azf_keyring_describe(key, buffer, (size_t)len),
			 -EFBIG);
	assert_true(azf_keyring_describe(INT32_MAX, buffer, sizeof(buffer)) <
		    0);
}

static void only_a_question_can_be_answered(void **state)
{
	key_serial_t key = add_key("user", "azfiles-test:answered", "x", 1,
				   KEY_SPEC_PROCESS_KEYRING);

	(void)state;
	assert_true(key > 0);
	assert_true(azf_keyring_instantiate(key, "y", 1) < 0);
	assert_true(azf_keyring_reject(key, ENOKEY, 10) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_stored_is_loaded, end),
		cmocka_unit_test_teardown(a_new_one_replaces_the_old, end),
		cmocka_unit_test(a_forgotten_one_is_gone),
		cmocka_unit_test_teardown(one_that_ran_out_is_gone, end),
		cmocka_unit_test_teardown(a_small_buffer_is_left_empty, end),
		cmocka_unit_test(what_cannot_be_kept_is_refused),
		cmocka_unit_test_teardown(the_session_does_not_matter, end),
		cmocka_unit_test(a_key_is_described),
		cmocka_unit_test(only_a_question_can_be_answered),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
