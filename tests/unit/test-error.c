// SPDX-License-Identifier: MIT
/* test-error.c - one cause, one cure, one exit status. */
#include "test.h"

static void exit_statuses_are_those_of_mount(void **state)
{
	(void)state;
	assert_int_equal(azf_exit_status(AZF_E_USAGE), 1);
	assert_int_equal(azf_exit_status(AZF_E_SYSTEM), 2);
	assert_int_equal(azf_exit_status(AZF_E_INTERRUPTED), 8);
	assert_int_equal(azf_exit_status(AZF_E_MOUNT), 32);
	assert_int_equal(azf_exit_status(AZF_E_TRANSIENT), 32);
	/* never 0, whatever comes */
	assert_int_equal(azf_exit_status((enum azf_code)0), 4);
	assert_int_equal(azf_exit_status((enum azf_code)22), 4);
}

static void a_failure_returns_its_code(void **state)
{
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_fail(&err, AZF_E_MOUNT, "no %s", "share"), &err,
		       AZF_E_MOUNT, "no share", "");
	assert_failure(azf_cure(&err, "make %d", 1), &err, AZF_E_MOUNT,
		       "no share", "make 1");
	assert_failure(azf_no_memory(&err), &err, AZF_E_SYSTEM, "out of memory",
		       "");
}

static void a_new_failure_has_no_old_cure(void **state)
{
	struct azf_error err = { 0 };

	(void)state;
	azf_fail(&err, AZF_E_MOUNT, "first");
	azf_cure(&err, "old");
	azf_fail(&err, AZF_E_USAGE, "second");
	assert_string_equal(err.cure, "");
}

static void texts_stay_one_line(void **state)
{
	struct azf_error err = { 0 };
	struct remarks remarks = { "" };
	const struct azf_log log = { test_remark, &remarks };

	(void)state;
	azf_fail(&err, AZF_E_MOUNT, "a\nb\033c");
	azf_cure(&err, "d\r\ne");
	azf_note(&log, AZF_WARN, "f\ng");
	assert_string_equal(err.cause, "a?b?c");
	assert_string_equal(err.cure, "d??e");
	assert_string_equal(remarks.text, "warn: f?g\n");
}

static void long_texts_are_cut(void **state)
{
	struct remarks remarks = { "" };
	const struct azf_log log = { test_remark, &remarks };
	struct azf_error err = { 0 };
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	azf_fail(&err, AZF_E_MOUNT, "%s", text);
	azf_cure(&err, "%s", text);
	azf_note(&log, AZF_INFO, "%s", text);
	assert_int_equal(strlen(err.cause), sizeof(err.cause) - 1);
	assert_int_equal(strlen(err.cure), sizeof(err.cure) - 1);
	assert_in_range(strlen(remarks.text), 100, sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_statuses_are_those_of_mount),
		cmocka_unit_test(a_failure_returns_its_code),
		cmocka_unit_test(a_new_failure_has_no_old_cure),
		cmocka_unit_test(texts_stay_one_line),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
