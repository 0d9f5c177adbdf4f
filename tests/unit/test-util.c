// SPDX-License-Identifier: MIT
/* test-util.c - strings, numbers, bounded reads. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

static void a_string_grows(void **state)
{
	azf_autostr struct azf_str str = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		azf_str_add(&str, "%d,", i);
	assert_false(str.failed);
	assert_int_equal(str.len, strlen(str.text));
	assert_int_equal(str.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_true(azf_starts_with(str.text, "0,1,2,3,"));
	assert_string_equal(str.text + str.len - 8, "998,999,");
}

static void a_string_grows_by_any_length(void **state)
{
	char word[600];

	(void)state;
	for (size_t len = 0; len < sizeof(word); len++) {
		azf_autostr struct azf_str str = { 0 };

		memset(word, 'x', len);
		word[len] = '\0';
		azf_str_add(&str, "%s", word);
		azf_str_add(&str, "%s", "y");
		assert_int_equal(str.len, len + 1);
		assert_int_equal(str.text[len], 'y');
	}
}

static void adding_nothing_makes_an_empty_string(void **state)
{
	azf_autostr struct azf_str str = { 0 };

	(void)state;
	azf_str_add(&str, "%s", "");
	assert_string_equal(str.text, "");
}

static void ownership_is_taken(void **state)
{
	azf_autofree char *mine = strdup("x");
	azf_autofree char *yours = azf_take(mine);

	(void)state;
	assert_null(mine);
	assert_string_equal(yours, "x");
}

static void numbers_are_digits_only(void **state)
{
	static const char *const bad[] = {
		"",	" 1",  "1 ",
		"+1",	"-1",  "1x",
		"0x10", "1.0", "99999999999999999999",
		"one"
	};
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++)
		assert_false(azf_parse_uint(bad[i], 0, 1000, &value));
	assert_int_equal(value, 77);
}

static void numbers_have_bounds(void **state)
{
	uint64_t value = 77;

	(void)state;
	assert_true(azf_parse_uint("5", 5, 7, &value) && value == 5);
	assert_true(azf_parse_uint("7", 5, 7, &value) && value == 7);
	assert_true(azf_parse_uint("007", 5, 7, &value) && value == 7);
	assert_false(azf_parse_uint("4", 5, 7, &value));
	assert_false(azf_parse_uint("8", 5, 7, &value));
	assert_true(
		azf_parse_uint("9223372036854775807", 0, INT64_MAX, &value) &&
		value == INT64_MAX);
	assert_false(
		azf_parse_uint("9223372036854775808", 0, INT64_MAX, &value));
}

static int file_of(const char *text, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void a_file_is_read_whole_or_not(void **state)
{
	char buffer[8];

	(void)state;
	for (size_t len = 0; len < 10; len++) {
		azf_autoclose int fd = file_of("123456789", len);
		ssize_t n;

		memset(buffer, 'z', sizeof(buffer));
		n = azf_read_file(fd, buffer, sizeof(buffer));
		if (len < sizeof(buffer)) {
			assert_int_equal(n, len);
			assert_int_equal(buffer[len], '\0');
			assert_memory_equal(buffer, "123456789", len);
		} else {
			assert_int_equal(n, -EFBIG);
		}
	}
}

static void a_read_error_is_an_errno(void **state)
{
	azf_autoclose int fd = open("/", 0);
	char buffer[8];

	(void)state;
	assert_int_equal(azf_read_file(fd, buffer, sizeof(buffer)), -EISDIR);
	assert_int_equal(azf_read_file(-1, buffer, sizeof(buffer)), -EBADF);
}

static void the_clock_goes_on(void **state)
{
	int64_t then = azf_now_ms();

	(void)state;
	(void)usleep(3000);
	assert_in_range(azf_now_ms() - then, 2, 5000);
}

static void control_characters_are_replaced(void **state)
{
	char text[] = "a\n\033[31mb\tc\x7f\r\xc3\xa4";

	(void)state;
	azf_printable(text);
	assert_string_equal(text, "a??[31mb?c??\xc3\xa4");
}

static void times_are_parsed(void **state)
{
	static const char *const bad[] = { "",	 "s",	"-1",
					   "1d", "1h1", "1.5",
					   "2h", "61m", "18446744073709551617" };
	uint64_t seconds = 7;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++)
		assert_false(azf_parse_time(bad[i], 3600, &seconds));
	assert_int_equal(seconds, 7);
	assert_true(azf_parse_time("90", 3600, &seconds) && seconds == 90);
	assert_true(azf_parse_time("90s", 3600, &seconds) && seconds == 90);
	assert_true(azf_parse_time("60m", 3600, &seconds) && seconds == 3600);
	assert_true(azf_parse_time("1h", 3600, &seconds) && seconds == 3600);
	assert_true(azf_parse_time("0", 3600, &seconds) && seconds == 0);
}

/* U+009B begins a sequence as ESC [ does; U+00A0 and a cut one do not. */
static void those_of_unicode_are_replaced(void **state)
{
	char text[] = "a\xc2\x9b"
		      "31mb\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b\xc2";

	(void)state;
	azf_printable(text);
	assert_string_equal(text, "a??31mb????\xc2\xa0\xc3\x9b\xc2");
}

static void control_characters_are_found(void **state)
{
	(void)state;
	assert_true(azf_has_control("a\n", 2));
	assert_true(azf_has_control("a\x7f", 2));
	assert_true(azf_has_control("a\0b", 3));
	assert_true(azf_has_control("a\xc2\x9b", 3));
	/* not beyond the end of the text */
	assert_false(azf_has_control("a\xc2\x9b", 2));
	assert_false(azf_has_control("a\n", 1));
	assert_false(azf_has_control("\xc2\xa0 \xc3\xa4", 5));
	assert_false(azf_has_control("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_grows),
		cmocka_unit_test(a_string_grows_by_any_length),
		cmocka_unit_test(adding_nothing_makes_an_empty_string),
		cmocka_unit_test(ownership_is_taken),
		cmocka_unit_test(times_are_parsed),
		cmocka_unit_test(numbers_are_digits_only),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test(a_file_is_read_whole_or_not),
		cmocka_unit_test(a_read_error_is_an_errno),
		cmocka_unit_test(the_clock_goes_on),
		cmocka_unit_test(control_characters_are_replaced),
		cmocka_unit_test(those_of_unicode_are_replaced),
		cmocka_unit_test(control_characters_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
