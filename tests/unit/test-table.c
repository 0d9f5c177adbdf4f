// SPDX-License-Identifier: MIT
/* test-table.c - walking through fstab and the kernel's table of mounts. */
#include "table.h"
#include "test.h"

#include <errno.h>

struct seen {
	char text[512];
	unsigned int broken;
	int answer;
};

static int note(void *arg, const struct azf_table_line *line)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	(void)snprintf(seen->text + len, sizeof(seen->text) - len,
		       "[%s %s %s %s]", line->source, line->target, line->type,
		       line->options);
	return seen->answer;
}

static void note_broken(void *arg, unsigned int number)
{
	struct seen *seen = arg;

	seen->broken = seen->broken * 100 + number;
}

static int visit(const char *text, struct seen *seen)
{
	char path[] = "/tmp/azf-test-XXXXXX";
	const struct azf_table_visitor visitor = { note, note_broken, seen };
	int fd = mkstemp(path);
	int r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	r = azf_table_visit(path, &visitor);
	(void)unlink(path);
	return r;
}

static void lines_come_in_order(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(visit("# a comment\n\n//h/a\\040b /mnt/\\303\\244 "
			       "azfiles ro,x-a=b 0 0\n"
			       "LABEL=x / ext4 defaults 0 1",
			       &seen),
			 0);
	assert_string_equal(seen.text,
			    "[//h/a b /mnt/\303\244 azfiles ro,x-a=b]"
			    "[LABEL=x / ext4 defaults]");
	assert_int_equal(seen.broken, 0);
}

static void a_broken_line_harms_no_other(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(visit("//h/a /a azfiles ro 0 0\nbroken\n"
			       "//h/b /b azfiles ro 0 0\n",
			       &seen),
			 0);
	assert_string_equal(seen.text,
			    "[//h/a /a azfiles ro][//h/b /b azfiles ro]");
	assert_int_equal(seen.broken, 2);
}

static void the_visitor_ends_it(void **state)
{
	struct seen seen = { .answer = 7 };

	(void)state;
	assert_int_equal(visit("a /a t o 0 0\nb /b t o 0 0\n", &seen), 7);
	assert_string_equal(seen.text, "[a /a t o]");
}

static void no_file_is_an_error(void **state)
{
	struct seen seen = { 0 };
	const struct azf_table_visitor visitor = { note, NULL, &seen };

	(void)state;
	assert_int_equal(azf_table_visit("/nonexistent", &visitor), -ENOENT);
}

static int find_proc(void *arg, const struct azf_table_line *line)
{
	if (azf_streq(line->target, "/proc"))
		*(bool *)arg = azf_streq(line->type, "proc");
	return 0;
}

static void what_is_mounted_is_seen(void **state)
{
	bool found = false;
	const struct azf_table_visitor visitor = { find_proc, NULL, &found };

	(void)state;
	assert_int_equal(azf_table_visit(NULL, &visitor), 0);
	assert_true(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_in_order),
		cmocka_unit_test(a_broken_line_harms_no_other),
		cmocka_unit_test(the_visitor_ends_it),
		cmocka_unit_test(no_file_is_an_error),
		cmocka_unit_test(what_is_mounted_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
