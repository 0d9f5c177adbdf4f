// SPDX-License-Identifier: MIT
/* test-unit-name.c - systemd's names of units for paths, and values in units. */
#include "test.h"

#include "unit-name.h"

#include <errno.h>

/* As systemd-escape --path of systemd 252 prints them. */
static void names_are_those_of_systemd(void **state)
{
	static const char *const names[][2] = {
		{ "/", "-.mount" },
		{ "//", "-.mount" },
		{ "/./.", "-.mount" },
		{ "/srv/share", "srv-share.mount" },
		{ "/srv//share/", "srv-share.mount" },
		{ "/srv/./share/.", "srv-share.mount" },
		{ "/srv/a b", "srv-a\\x20b.mount" },
		{ "/srv/a-b", "srv-a\\x2db.mount" },
		{ "/srv/a,b", "srv-a\\x2cb.mount" },
		{ "/srv/a\\b", "srv-a\\x5cb.mount" },
		{ "/srv/a%b\tc", "srv-a\\x25b\\x09c.mount" },
		{ "/srv/\303\244", "srv-\\xc3\\xa4.mount" },
		{ "/srv/A:_.9", "srv-A:_.9.mount" },
		{ "/.srv/.share", "\\x2esrv-.share.mount" },
		{ "/...", "\\x2e...mount" },
		{ "/srv/..a", "srv-..a.mount" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		azf_autofree char *name = NULL;

		assert_int_equal(azf_unit_name(names[i][0], ".mount", &name),
				 0);
		assert_string_equal(name, names[i][1]);
	}
}

static void other_paths_have_no_unit(void **state)
{
	static const char *const bad[] = { "",		"srv", "./srv",
					   "/srv/../a", "/..", "/srv/.." };
	char *name = NULL;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++)
		assert_int_equal(azf_unit_name(bad[i], ".mount", &name),
				 -EINVAL);
	assert_null(name);
}

static void names_have_an_end(void **state)
{
	azf_autofree char *name = NULL;
	char path[300];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[1 + AZF_UNIT_NAME_MAX - strlen(".mount") + 1] = '\0';
	assert_int_equal(azf_unit_name(path, ".mount", &name), -ENAMETOOLONG);
	assert_null(name);
	path[strlen(path) - 1] = '\0';
	assert_int_equal(azf_unit_name(path, ".mount", &name), 0);
	assert_int_equal(strlen(name), AZF_UNIT_NAME_MAX);
}

static void values_keep_all_but_specifiers(void **state)
{
	azf_autofree char *value = NULL;

	(void)state;
	assert_int_equal(azf_unit_value("//h/100% \\a\t\"b\" 'c' \303\244;#",
					&value),
			 0);
	assert_string_equal(value, "//h/100%% \\a\t\"b\" 'c' \303\244;#");
}

static void what_a_line_cannot_hold_is_no_value(void **state)
{
	static const char *const bad[] = { "",	   " a",  "a ", "\ta",	"a\t",
					   "a\nb", "a\\", "\r", "a\177" };
	char *value = NULL;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++)
		assert_int_equal(azf_unit_value(bad[i], &value), -EINVAL);
	assert_null(value);
}

static void words_are_quoted(void **state)
{
	azf_autofree char *word = NULL;
	azf_autofree char *empty = NULL;
	char *bad = NULL;

	(void)state;
	assert_int_equal(azf_unit_word("/srv/a b\"c\\d%e'\303\244", &word), 0);
	assert_string_equal(word, "\"/srv/a b\\\"c\\\\d%%e'\303\244\"");
	assert_int_equal(azf_unit_word("", &empty), 0);
	assert_string_equal(empty, "\"\"");
	assert_int_equal(azf_unit_word("a\tb", &bad), -EINVAL);
	assert_null(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_systemd),
		cmocka_unit_test(other_paths_have_no_unit),
		cmocka_unit_test(names_have_an_end),
		cmocka_unit_test(values_keep_all_but_specifiers),
		cmocka_unit_test(what_a_line_cannot_hold_is_no_value),
		cmocka_unit_test(words_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
