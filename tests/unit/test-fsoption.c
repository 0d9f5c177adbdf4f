// SPDX-License-Identifier: MIT
/* test-fsoption.c - the log of fsopen(2), as Linux 6.1 and 6.12 write it. */
#include "test.h"

#include "fsoption.h"

static const struct {
	const char *record, *words;
	bool unknown;
} rows[] = {
	{ "e cifs: Unknown parameter 'reparse'\n",
	  "Unknown parameter 'reparse'", true },
	{ "e cifs: Bad value for 'uid'\n", "Bad value for 'uid'", false },
	{ "e bad security option: krb9\n\n", "bad security option: krb9",
	  false },
	{ "e smb3_fs_context_parse_param: Invalid rasize 5 vs. 4194304\n\n",
	  "Invalid rasize 5 vs. 4194304", false },
	{ "e sec=krb5p is not supported!\n\n", "sec=krb5p is not supported",
	  false },
	{ "e Unknown vers= option specified: 9\n",
	  "Unknown vers= option specified: 9", false },
	{ "e a\033[2Jb\n", "a?[2Jb", false },
	{ "w cifs: this is no error\n", "", false },
	{ "i cifs: nor is this\n", "", false },
	{ "e \n", "", false },
	{ "e", "", false },
	{ "", "", false },
};

static void messages_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_fsoption option = { 0 };
		char record[128];

		(void)snprintf(record, sizeof(record), "%s", rows[i].record);
		azf_fsoption_message(record, &option);
		assert_string_equal(option.words, rows[i].words);
		assert_int_equal(option.unknown, rows[i].unknown);
	}
}

static void a_long_message_is_cut(void **state)
{
	struct azf_fsoption option = { 0 };
	char record[600] = "e ";

	(void)state;
	memset(record + 2, 'x', sizeof(record) - 3);
	azf_fsoption_message(record, &option);
	assert_int_equal(strlen(option.words), sizeof(option.words) - 1);
}

/* Neither as a user nor without cifs is there anything to find. */
static void good_options_are_not_blamed(void **state)
{
	struct azf_options *options = test_options("vers=3.1.1,seal,nobrl");
	struct azf_fsoption option = { .name = "old", .words = "old" };

	(void)state;
	assert_false(azf_fsoption_find(options, &option));
	assert_string_equal(option.name, "");
	assert_string_equal(option.words, "");
	azf_options_free(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_taken_apart),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test(good_options_are_not_blamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
