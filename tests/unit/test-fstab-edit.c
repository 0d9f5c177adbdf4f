// SPDX-License-Identifier: MIT
/* test-fstab-edit.c - a line of fstab comes and goes, and no other changes. */
#include "fstab-edit.h"
#include "test.h"

#define SOURCE	"//acct1.file.core.windows.net/share"
#define OPTIONS "_netdev,nofail"
#define LINE	SOURCE " /srv/share azfiles " OPTIONS " 0 0"

static const struct azf_fstab_line line = { SOURCE, "/srv/share", OPTIONS };

static void free_edit(struct azf_fstab_edit *edit)
{
	azf_edit_free(&edit->edit);
}
#define autoedit azf_cleanup(free_edit)

/* ---- rig ---- */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) < 0, 0);
	assert_int_equal(fclose(file), 0);
}

/* The hunk is what diff(1) says. */
static void check_diff(const char *before, const char *after,
		       const struct azf_edit *edit)
{
	char dir[] = "/tmp/azf-test-XXXXXX";
	azf_autostr struct azf_str hunk = { 0 };
	azf_autostr struct azf_str said = { 0 };
	char command[160], chunk[256];
	FILE *diff;

	azf_edit_diff(before, edit, &hunk);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	write_file("a", before);
	write_file("b", after);
	diff = popen("diff -aU0 a b | tail -n +3", "re");
	assert_non_null(diff);
	while (fgets(chunk, sizeof(chunk), diff))
		azf_str_add(&said, "%s", chunk);
	assert_int_equal(pclose(diff), 0);
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
	assert_string_equal(hunk.text, said.text);
}

/* Apply an edit, and compare. */
static void check_result(const char *before, const struct azf_edit *edit,
			 const char *want)
{
	azf_autofree char *after = NULL;
	size_t len = 0;

	after = azf_edit_apply(before, strlen(before), edit, &len);
	assert_non_null(after);
	assert_string_equal(after, want);
	assert_int_equal(len, strlen(want));
	check_diff(before, after, edit);
}

static void put(const char *text, const struct azf_fstab_line *what,
		struct azf_fstab_edit *ret_edit)
{
	struct azf_error err = { 0 };

	if (azf_fstab_put(text, "fstab", what, ret_edit, &err))
		fail_msg("%s. %s", err.cause, err.cure);
}

static void drop(const char *text, const char *target,
		 struct azf_fstab_edit *ret_edit)
{
	struct azf_error err = { 0 };

	if (azf_fstab_drop(text, "fstab", target, ret_edit, &err))
		fail_msg("%s. %s", err.cause, err.cure);
}

/* ---- tests ---- */

static void a_line_comes_last_and_goes(void **state)
{
	static const struct {
		const char *before;
		const char *after;
		size_t number;
	} cases[] = {
		{ "", LINE "\n", 1 },
		{ "\n", "\n" LINE "\n", 2 },
		{ "a /a t o 0 0\n", "a /a t o 0 0\n" LINE "\n", 2 },
		{ "a /a t o 0 0", "a /a t o 0 0\n" LINE, 2 },
		{ "# a\n\n \t\nb  /b\tt o\n\n",
		  "# a\n\n \t\nb  /b\tt o\n\n" LINE "\n", 6 },
		{ "a /a t o 0 0\r\n", "a /a t o 0 0\r\n" LINE "\r\n", 2 },
		{ "# a\r\na /a t o 0 0", "# a\r\na /a t o 0 0\r\n" LINE, 3 },
		{ "# a\na /a t o 0 0\r", "# a\na /a t o 0 0\r\r\n" LINE, 3 },
		{ "broken\n\377\n", "broken\n\377\n" LINE "\n", 3 },
		{ "#" LINE "\n", "#" LINE "\n" LINE "\n", 2 },
		{ " # " LINE, " # " LINE "\n" LINE, 2 },
		{ SOURCE " /srv/share2 azfiles " OPTIONS "\n",
		  SOURCE " /srv/share2 azfiles " OPTIONS "\n" LINE "\n", 2 },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(cases); i++) {
		autoedit struct azf_fstab_edit come = { 0 };
		autoedit struct azf_fstab_edit go = { 0 };

		put(cases[i].before, &line, &come);
		assert_int_equal(come.change, AZF_FSTAB_ADD);
		assert_int_equal(come.number, cases[i].number);
		check_result(cases[i].before, &come.edit, cases[i].after);
		drop(cases[i].after, "/srv/share", &go);
		assert_int_equal(go.change, AZF_FSTAB_REMOVE);
		assert_int_equal(go.number, cases[i].number);
		check_result(cases[i].after, &go.edit, cases[i].before);
	}
}

static void a_line_goes_from_the_middle(void **state)
{
	static const char before[] = "# a\n" LINE "\n# b\n\nc /c t o";
	autoedit struct azf_fstab_edit edit = { 0 };

	(void)state;
	drop(before, "/srv/share", &edit);
	assert_int_equal(edit.number, 2);
	check_result(before, &edit.edit, "# a\n# b\n\nc /c t o");
}

static void the_same_line_is_left_alone(void **state)
{
	static const char *const texts[] = {
		"# a\n" LINE "\n",
		"# a\n" LINE,
		"# a\r\n" LINE "\r\n",
		"\n\t" SOURCE " \t/srv/share\tazfiles   " OPTIONS " 0 0\n# b\n",
		"\n" SOURCE " /srv//./share/ azfiles " OPTIONS "\n",
		"\n" SOURCE " /srv/\\163hare azfiles " OPTIONS "\t1\t2",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++) {
		autoedit struct azf_fstab_edit edit = { 0 };

		put(texts[i], &line, &edit);
		assert_int_equal(edit.change, AZF_FSTAB_NOTHING);
		assert_int_equal(edit.number, 2);
		assert_null(edit.edit.text);
	}
}

static void another_line_of_ours_is_replaced_in_its_place(void **state)
{
	static const char *const texts[][2] = {
		{ "# a\n" SOURCE "\t/srv/share azfiles ro,_netdev 0 0\n# b\n",
		  "# a\n" LINE "\n# b\n" },
		{ "\n//h/other /srv/share/ azfiles " OPTIONS "\r\n#\r\n",
		  "\n" LINE "\r\n#\r\n" },
		{ "\n" SOURCE " /srv/share azfiles", "\n" LINE },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++) {
		autoedit struct azf_fstab_edit edit = { 0 };

		put(texts[i][0], &line, &edit);
		assert_int_equal(edit.change, AZF_FSTAB_CHANGE);
		assert_int_equal(edit.number, 2);
		check_result(texts[i][0], &edit.edit, texts[i][1]);
	}
}

static void a_line_of_another_type_is_named(void **state)
{
	static const char text[] = "\n" SOURCE " /srv/share cifs ro 0 0\n";
	autoedit struct azf_fstab_edit edit = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_fstab_put(text, "/e/fstab", &line, &edit, &err),
		       &err, AZF_E_MOUNT,
		       "line 2 of /e/fstab mounts a file system of the type "
		       "cifs on /srv/share",
		       "Take that line out");
	assert_null(edit.edit.text);
	drop(text, "/srv/share", &edit);
	assert_int_equal(edit.change, AZF_FSTAB_NOTHING);
}

static void two_lines_are_one_too_many(void **state)
{
	static const char text[] = LINE "\n#\n" LINE "\n";
	struct azf_fstab_edit edit = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_fstab_put(text, "f", &line, &edit, &err), &err,
		       AZF_E_MOUNT, "lines 1 and 3 of f both mount on", "one");
	assert_failure(azf_fstab_drop(text, "f", "/srv/share", &edit, &err),
		       &err, AZF_E_MOUNT, "lines 1 and 3 of f both mount on",
		       "one");
}

static void nothing_to_drop_is_fine(void **state)
{
	static const char *const texts[] = { "", "# " LINE "\n", "x y\n" };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++) {
		autoedit struct azf_fstab_edit edit = { 0 };

		drop(texts[i], "/srv/share", &edit);
		assert_int_equal(edit.change, AZF_FSTAB_NOTHING);
		assert_int_equal(edit.number, 0);
	}
}

/* What the decoder makes of it is tested by the second put(). */
static void blanks_are_escaped(void **state)
{
	static const struct azf_fstab_line odd = { "//h/a b\303\244,\\040",
						   "/srv/a\tb \\#%",
						   "credentials=/a b\\c,ro" };
	static const char want[] = "//h/a\\040b\303\244,\\134040 "
				   "/srv/a\\011b\\040\\134#% azfiles "
				   "credentials=/a\\040b\\134c,ro 0 0\n";
	autoedit struct azf_fstab_edit edit = { 0 };
	autoedit struct azf_fstab_edit again = { 0 };
	autoedit struct azf_fstab_edit gone = { 0 };

	(void)state;
	put("", &odd, &edit);
	assert_string_equal(edit.edit.text, want);
	put(want, &odd, &again);
	assert_int_equal(again.change, AZF_FSTAB_NOTHING);
	assert_int_equal(again.number, 1);
	drop(want, odd.target, &gone);
	assert_int_equal(gone.change, AZF_FSTAB_REMOVE);
}

static void line_breaks_are_refused(void **state)
{
	static const struct azf_fstab_line bad[] = {
		{ "//h/a\nb", "/srv", "ro" },
		{ "//h/a", "/srv/a\nb", "ro" },
		{ "//h/a", "/srv", "ro,\r" },
		{ "//h/a\177", "/srv", "ro" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++) {
		struct azf_fstab_edit edit = { 0 };
		struct azf_error err = { 0 };

		assert_failure(azf_fstab_put("", "f", &bad[i], &edit, &err),
			       &err, AZF_E_USAGE, "line break", "Leave it out");
	}
}

static void a_long_text_is_no_trouble(void **state)
{
	azf_autostr struct azf_str text = { 0 };
	autoedit struct azf_fstab_edit edit = { 0 };
	size_t begin;

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		azf_str_add(&text, "//h/%zu /srv/%zu azfiles ro 0 0\n", i, i);
	begin = text.len;
	put(text.text, &line, &edit);
	assert_int_equal(edit.number, 20001);
	assert_int_equal(edit.edit.begin, begin);
	assert_int_equal(edit.edit.end, begin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_comes_last_and_goes),
		cmocka_unit_test(a_line_goes_from_the_middle),
		cmocka_unit_test(the_same_line_is_left_alone),
		cmocka_unit_test(another_line_of_ours_is_replaced_in_its_place),
		cmocka_unit_test(a_line_of_another_type_is_named),
		cmocka_unit_test(two_lines_are_one_too_many),
		cmocka_unit_test(nothing_to_drop_is_fine),
		cmocka_unit_test(blanks_are_escaped),
		cmocka_unit_test(line_breaks_are_refused),
		cmocka_unit_test(a_long_text_is_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
