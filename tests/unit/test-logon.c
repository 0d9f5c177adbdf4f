// SPDX-License-Identifier: MIT
/* test-logon.c - a user's password in the kernel: found, told of, forgotten. */
#include "test.h"

#include "azf.h"
#include "logon.h"

#include <keyutils.h>
#include <sys/wait.h>
#include <time.h>

/* Of this process, so that tests under way at the same time do not meet. */
static char name[64];

static int begin(void **state)
{
	(void)state;
	(void)snprintf(name, sizeof(name), "TEST-%d", (int)getpid());
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)azf_logon_forget(AZF_LOGON_DOMAIN, name);
	return 0;
}

static void store(const char *user, int64_t until)
{
	struct azf_logon logon = { .host = "files.example", .until = until };
	struct azf_secret password = { 0 };
	struct azf_error err = { 0 };

	(void)snprintf(logon.user, sizeof(logon.user), "%s", user);
	assert_true(azf_secret_set(&password, "SECRET:1", 8));
	assert_int_equal(azf_logon_store(AZF_LOGON_DOMAIN, name, &logon,
					 &password, &err),
			 0);
}

static void what_is_stored_is_found(void **state)
{
	int64_t until = time(NULL) + 60;
	struct azf_logon logon;

	(void)state;
	store("alice", until);
	azf_logon_find(AZF_LOGON_DOMAIN, name, &logon);
	assert_int_not_equal(logon.reach, AZF_KEYRING_ABSENT);
	assert_string_equal(logon.user, "alice");
	assert_string_equal(logon.host, "files.example");
	assert_int_equal(logon.until, until);
	/* another takes its place */
	store("bob", 0);
	azf_logon_find(AZF_LOGON_DOMAIN, name, &logon);
	assert_string_equal(logon.user, "bob");
	assert_int_equal(logon.until, 0);
	assert_true(azf_logon_forget(AZF_LOGON_DOMAIN, name));
	azf_logon_find(AZF_LOGON_DOMAIN, name, &logon);
	assert_int_equal(logon.reach, AZF_KEYRING_ABSENT);
	assert_string_equal(logon.user, "");
	assert_false(azf_logon_forget(AZF_LOGON_DOMAIN, name));
}

static void nobody_reads_it(void **state)
{
	char full[80], buffer[64], description[256];
	long key;

	(void)state;
	store("alice", 0);
	(void)snprintf(full, sizeof(full), "cifs:d:%s", name);
	key = keyctl_search(KEY_SPEC_USER_KEYRING, "logon", full, 0);
	assert_true(key > 0);
	assert_true(keyctl_read((key_serial_t)key, buffer, sizeof(buffer)) < 0);
	/* whoever merely has a session in common with the owner gets nothing */
	assert_true(keyctl_describe((key_serial_t)key, description,
				    sizeof(description)) > 0);
	assert_non_null(strstr(description, ";003d0000;"));
}

static void it_ends(void **state)
{
	struct azf_logon logon;

	(void)state;
	store("alice", time(NULL) + 1);
	for (int i = 0; i < 100; i++) {
		azf_logon_find(AZF_LOGON_DOMAIN, name, &logon);
		if (logon.reach == AZF_KEYRING_ABSENT)
			return;
		(void)usleep(100000);
	}
	fail_msg("it is there after ten seconds");
}

/* A new session leads nowhere, until it is joined to what the user has. */
static void a_session_of_its_own(void **state)
{
	struct azf_logon logon;
	int status;
	pid_t pid;

	(void)state;
	store("alice", 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (azf_keyring_detach())
			_exit(2);
		azf_logon_find(AZF_LOGON_DOMAIN, name, &logon);
		if (logon.reach != AZF_KEYRING_ELSEWHERE)
			_exit(3);
		if (azf_keyring_join())
			_exit(4);
		azf_logon_find(AZF_LOGON_DOMAIN, name, &logon);
		_exit(logon.reach == AZF_KEYRING_FOUND ? 0 : 5);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void count_ours(void *arg, enum azf_logon_kind kind, const char *found,
		       const struct azf_logon *logon)
{
	int *count = arg;

	if (strcmp(found, name) != 0)
		return;
	assert_int_equal(kind, AZF_LOGON_DOMAIN);
	assert_string_equal(logon->user, "alice");
	assert_true(azf_logon_forget(kind, found));
	(*count)++;
}

static void all_are_visited(void **state)
{
	int count = 0;

	(void)state;
	store("alice", 0);
	assert_int_equal(azf_logon_visit(count_ours, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(azf_logon_visit(count_ours, &count), 0);
	assert_int_equal(count, 1);
}

static void names_of_users(void **state)
{
	struct azf_error err = { 0 };
	char text[AZF_LOGON_USER_MAX + 2];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(azf_logon_check_user(text, &err), -AZF_E_USAGE);
	assert_int_equal(azf_logon_check_user(text + 1, &err), 0);
	assert_int_equal(azf_logon_check_user("", &err), -AZF_E_USAGE);
	assert_int_equal(azf_logon_check_user("a:b", &err), -AZF_E_USAGE);
	assert_int_equal(azf_logon_check_user("a\nb", &err), -AZF_E_USAGE);
	assert_int_equal(azf_logon_check_user("a\xc2\x9b"
					      "b",
					      &err),
			 -AZF_E_USAGE);
	assert_int_equal(azf_logon_check_user("D\\alice", &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_stored_is_found, end),
		cmocka_unit_test_teardown(nobody_reads_it, end),
		cmocka_unit_test_teardown(it_ends, end),
		cmocka_unit_test_teardown(a_session_of_its_own, end),
		cmocka_unit_test_teardown(all_are_visited, end),
		cmocka_unit_test(names_of_users),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
