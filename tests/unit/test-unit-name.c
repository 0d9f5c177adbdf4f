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

/* What systemd-fstab-generator of systemd 252 calls the units of such paths. */
static void long_names_end_in_a_hash(void **state)
{
	azf_autofree char *name = NULL;
	azf_autofree char *hashed = NULL;
	azf_autofree char *other = NULL;
	char path[300] = "/srv/";

	(void)state;
	memset(path + 5, 'a', sizeof(path) - 6);
	path[1 + AZF_UNIT_NAME_MAX - strlen(".mount")] = '\0';
	assert_int_equal(azf_unit_name(path, ".mount", &name), 0);
	assert_int_equal(strlen(name), AZF_UNIT_NAME_MAX);
	assert_null(strchr(name, '_'));
	assert_int_equal(azf_unit_name(path, ".automount", &other), 0);
	assert_int_equal(strlen(other), AZF_UNIT_NAME_MAX);
	assert_non_null(strchr(other, '_'));
	path[5] = '\0';
	for (size_t i = 0; i < 40; i++)
		memcpy(path + 5 + 2 * i, "\320\236", sizeof("\320\236"));
	assert_int_equal(azf_unit_name(path, ".mount", &hashed), 0);
	assert_int_equal(strlen(hashed), AZF_UNIT_NAME_MAX);
	assert_string_equal(hashed + 222,
			    &"\\xd0\\x9e\\xd0_dd404d527e4e1991.mount"[2]);
}

static void names_are_recognised(void **state)
{
	static const char *const good[] = { "a.service", "a@.service",
					    "a@b.timer", "a-\\x20.mount",
					    "x.y.automount" };
	static const char *const bad[] = {
		"",	      "a",	   ".mount",	      "@a.mount",
		"../a.mount", "a b.mount", "a.mount/x.mount", "a.conf",
		"a%.mount",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(good); i++)
		assert_true(azf_unit_is_name(good[i]));
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++)
		assert_false(azf_unit_is_name(bad[i]));
}

static void references_become_names(void **state)
{
	static const char *const names[][2] = {
		{ "a.service", "a.service" },
		{ "a@b.service", "a@b.service" },
		{ "/srv/a b", "srv-a\\x20b.mount" },
		{ "/dev/disk/by-label/x", "dev-disk-by\\x2dlabel-x.device" },
		{ "/sys/a", "sys-a.device" },
		{ "/device", "device.mount" },
		{ "foo", "foo.mount" },
		{ "a b/c", "a\\x20b-c.mount" },
		{ "a%b.target", "a\\x25b.target" },
		{ "a-b\\x2d", "a-b\\x2d.mount" },
	};
	char *none = NULL;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		azf_autofree char *name = NULL;

		assert_int_equal(azf_unit_reference(names[i][0], &name), 0);
		assert_string_equal(name, names[i][1]);
	}
	assert_int_equal(azf_unit_reference("", &none), -EINVAL);
	assert_int_equal(azf_unit_reference(".", &none), -EINVAL);
	assert_int_equal(azf_unit_reference("/a/../b", &none), -EINVAL);
	assert_null(none);
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

/* systemd-analyze verify takes each as the text it stands for. */
static void values_keep_their_ends(void **state)
{
	static const char *const values[][2] = {
		{ " a", "%i a" },   { "a ", "a %i" }, { "\ta", "%i\ta" },
		{ "a\\", "a\\%i" }, { " ", "%i %i" }, { "%", "%%" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(values); i++) {
		azf_autofree char *value = NULL;

		assert_int_equal(azf_unit_value(values[i][0], &value), 0);
		assert_string_equal(value, values[i][1]);
	}
}

static void what_a_line_cannot_hold_is_no_value(void **state)
{
	static const char *const bad[] = { "", "a\nb", "\r", "a\177" };
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
		cmocka_unit_test(long_names_end_in_a_hash),
		cmocka_unit_test(names_are_recognised),
		cmocka_unit_test(references_become_names),
		cmocka_unit_test(values_keep_all_but_specifiers),
		cmocka_unit_test(values_keep_their_ends),
		cmocka_unit_test(what_a_line_cannot_hold_is_no_value),
		cmocka_unit_test(words_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
