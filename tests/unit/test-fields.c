// SPDX-License-Identifier: MIT
/* test-fields.c - KEY=VALUE lines, read and written. */
#include "test.h"

#include "fields.h"
#include "wipe.h"

#include <errno.h>

/* What azf_fields_parse() made of it, written again. */
static char *again(const char *text, size_t len)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	size_t formatted;
	char *result;

	assert_int_equal(azf_fields_parse(text, len, &fields, NULL), 0);
	result = azf_fields_format(&fields, &formatted);
	assert_non_null(result);
	assert_int_equal(strlen(result), formatted);
	return result;
}

static void what_is_written_is_read_back(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	azf_autowipe char *text = NULL;
	azf_autowipe char *twice = NULL;
	size_t len;

	(void)state;
	assert_int_equal(azf_fields_set(&fields, "b.1_x", " a=b # \xc3\xa4 "),
			 0);
	assert_int_equal(azf_fields_set(&fields, "a", ""), 0);
	assert_int_equal(azf_fields_set(&fields, "a", "2"), 0);
	assert_int_equal(azf_fields_set(&fields, "c", NULL), 0);
	text = azf_fields_format(&fields, &len);
	assert_non_null(text);
	assert_string_equal(text, "b.1_x= a=b # \xc3\xa4 \na=2\n");
	assert_int_equal(len, strlen(text));
	twice = again(text, len);
	assert_string_equal(twice, text);
}

static void nothing_is_nothing(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	azf_autowipe char *text = NULL;
	size_t len = 1;

	(void)state;
	assert_int_equal(azf_fields_parse("", 0, &fields, NULL), 0);
	assert_int_equal(azf_fields_parse("\n\n", 2, &fields, NULL), 0);
	assert_int_equal(fields.count, 0);
	assert_null(azf_fields_get(&fields, ""));
	text = azf_fields_format(&fields, &len);
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	azf_fields_free(&fields);
}

static void lines_that_are_none_are_skipped(void **state)
{
	static const char text[] = "\n# a=b\n#\na=1\n\n#\x01\n b";
	azf_autowipe char *kept = NULL;

	(void)state;
	/* without the last line, and without its newline */
	kept = again(text, sizeof(text) - sizeof("\n b"));
	assert_string_equal(kept, "a=1\n");
}

static void the_last_line_needs_no_newline(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	/* what stands behind the length is not read */
	assert_int_equal(azf_fields_parse("a=1\nbc=23456", 9, &fields, NULL),
			 0);
	assert_int_equal(fields.count, 2);
	assert_string_equal(azf_fields_get(&fields, "a"), "1");
	assert_string_equal(azf_fields_get(&fields, "bc"), "23");
	assert_null(azf_fields_get(&fields, "b"));
	assert_null(azf_fields_get(&fields, "bcd"));
}

#define ROW(text, line)                      \
	{                                    \
		text, sizeof(text) - 1, line \
	}

static void each_refused_line_has_its_number(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		unsigned int line;
	} rows[] = {
		ROW("a", 1),
		ROW("=1", 1),
		ROW("a=1\nb", 2),
		ROW("\n#\n A=1\n", 3),
		ROW("A=1\n", 1),
		ROW("a =1\n", 1),
		ROW(" a=1\n", 1),
		ROW("a-b=1\n", 1),
		ROW("\xc3\xa4=1\n", 1),
		ROW("a\0=1\n", 1),
		ROW("\0\n", 1),
		ROW("a=1\0\n", 1),
		ROW("a=1\0b=2\n", 1),
		ROW("a=1\r\n", 1),
		ROW("a=\t1\n", 1),
		ROW("a=\x1b[0m\n", 1),
		ROW("a=\x7f\n", 1),
		ROW("a=\xc2\x9b\n", 1),
		ROW("a=1\na=1\n", 2),
		ROW("a=1\nb=2\n\na=\n", 4),
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autofields struct azf_fields fields = { .count = 0 };
		unsigned int line = 0;

		assert_int_equal(azf_fields_parse(rows[i].text, rows[i].len,
						  &fields, &line),
				 -EINVAL);
		assert_int_equal(line, rows[i].line);
	}
}

static void a_key_that_is_there_is_refused(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	assert_int_equal(azf_fields_set(&fields, "a", "1"), 0);
	assert_int_equal(azf_fields_parse("a=2", 3, &fields, NULL), -EINVAL);
	assert_string_equal(azf_fields_get(&fields, "a"), "1");
	/* a longer or shorter one is another */
	assert_int_equal(azf_fields_parse("aa=2\nb=3", 8, &fields, NULL), 0);
	assert_int_equal(fields.count, 3);
}

static void there_are_limits(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	char value[AZF_FIELD_VALUE_MAX + 2];
	char line[sizeof(value) + 2];
	unsigned int number = 0;

	(void)state;
	memset(value, 'x', sizeof(value));
	value[AZF_FIELD_VALUE_MAX + 1] = '\0';
	assert_int_equal(azf_fields_set(&fields, "k", value), -EINVAL);
	(void)snprintf(line, sizeof(line), "k=%s", value);
	assert_int_equal(azf_fields_parse(line, strlen(line), &fields, &number),
			 -EINVAL);
	assert_int_equal(number, 1);
	assert_int_equal(fields.count, 0);
	assert_int_equal(
		azf_fields_parse(line, strlen(line) - 1, &fields, NULL), 0);
	assert_int_equal(strlen(azf_fields_get(&fields, "k")),
			 AZF_FIELD_VALUE_MAX);
	for (int i = 1; i < AZF_FIELDS_MAX; i++) {
		(void)snprintf(line, sizeof(line), "k%d", i);
		assert_int_equal(azf_fields_set(&fields, line, "1"), 0);
	}
	assert_int_equal(azf_fields_set(&fields, "more", "1"), -E2BIG);
	assert_int_equal(azf_fields_parse("more=1", 6, &fields, &number),
			 -E2BIG);
	/* what is there can still change */
	assert_int_equal(azf_fields_set(&fields, "k", "2"), 0);
	assert_string_equal(azf_fields_get(&fields, "k"), "2");
}

static void what_could_not_be_read_back_is_not_set(void **state)
{
	static const char *const keys[] = { "",	  "A",	  "a b", "a=b",
					    "#a", "a\nb", "-" };
	static const char *const values[] = { "\n", "a\nb=c", "\r", "\x7f",
					      "\x01" };
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(keys); i++)
		assert_int_equal(azf_fields_set(&fields, keys[i], "1"),
				 -EINVAL);
	assert_int_equal(azf_fields_set(&fields, "a", "kept"), 0);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(values); i++)
		assert_int_equal(azf_fields_set(&fields, "a", values[i]),
				 -EINVAL);
	assert_int_equal(azf_fields_set(&fields, "a", NULL), 0);
	assert_int_equal(fields.count, 1);
	assert_string_equal(azf_fields_get(&fields, "a"), "kept");
}

static void numbers_are_digits_up_to_a_limit(void **state)
{
	static const struct {
		const char *value;
		bool is;
		uint64_t number;
	} rows[] = {
		{ "0", true, 0 },
		{ "0012", true, 12 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x1", false, 0 },
		{ "1.5", false, 0 },
	};
	azf_autofields struct azf_fields fields = { .count = 0 };
	uint64_t number;

	(void)state;
	assert_false(azf_fields_number(&fields, "n", &number));
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		number = 99;
		assert_int_equal(azf_fields_set(&fields, "n", rows[i].value),
				 0);
		assert_int_equal(azf_fields_number(&fields, "n", &number),
				 rows[i].is);
		assert_int_equal(number, rows[i].is ? rows[i].number : 99);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(lines_that_are_none_are_skipped),
		cmocka_unit_test(the_last_line_needs_no_newline),
		cmocka_unit_test(each_refused_line_has_its_number),
		cmocka_unit_test(a_key_that_is_there_is_refused),
		cmocka_unit_test(there_are_limits),
		cmocka_unit_test(what_could_not_be_read_back_is_not_set),
		cmocka_unit_test(numbers_are_digits_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
