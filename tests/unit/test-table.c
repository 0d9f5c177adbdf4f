// SPDX-License-Identifier: MIT
/* test-table.c - walking through fstab and the kernel's table of mounts. */
#include "table.h"
#include "test.h"

#include <errno.h>
#include <sys/sysmacros.h>

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

static int visit_by(int (*walk)(const char *path,
				const struct azf_table_visitor *visitor),
		    const char *text, struct seen *seen)
{
	char path[] = "/tmp/azf-test-XXXXXX";
	const struct azf_table_visitor visitor = { note, note_broken, seen };
	int fd = mkstemp(path);
	int r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	r = walk(path, &visitor);
	(void)unlink(path);
	return r;
}

static int visit(const char *text, struct seen *seen)
{
	return visit_by(azf_table_visit, text, seen);
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

static const char live[] =
	"22 1 0:20 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw\n"
	"30 22 0:41 / /a\\040b\\134 ro,nosuid - cifs //h/s\\040t rw,vers=3.1.1\n"
	"no mount\n"
	"31 22 0:x / /x rw - cifs //h/s rw\n"
	"32 22 8:17 /d /c rw,rwx - smb3 //h/s ro,user=rw\n"
	"33 22 0:43 / /e nosuid shared:9 - autofs systemd-1 fd=3\n"
	"34 22 0:44 / /f rw - tmpfs  rw\n";

static void a_live_mount_is_taken_apart(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(visit_by(azf_mountinfo_visit, live, &seen), 0);
	assert_string_equal(seen.text,
			    "[/dev/vda / ext4 rw,relatime]"
			    "[//h/s t /a b\\ cifs ro,nosuid,vers=3.1.1]"
			    "[//h/s /c smb3 ro,rwx,user=rw]"
			    "[systemd-1 /e autofs rw,nosuid,fd=3]"
			    "[ /f tmpfs rw]");
	assert_int_equal(seen.broken, 304);
}

/* libmount takes it for mountinfo by itself, but stops at no broken line. */
static void libmount_reads_the_same(void **state)
{
	struct seen ours = { 0 }, theirs = { 0 };

	(void)state;
	assert_int_equal(visit_by(azf_mountinfo_visit, live, &ours), 0);
	assert_int_equal(visit_by(azf_table_visit, live, &theirs), 0);
	assert_string_equal(ours.text, theirs.text);
}

static int note_device(void *arg, const struct azf_table_line *line)
{
	assert_string_equal(line->root, "/d");
	*(dev_t *)arg = line->device;
	return 0;
}

static void a_live_mount_has_a_device(void **state)
{
	char path[] = "/tmp/azf-test-XXXXXX";
	dev_t device = 0;
	const struct azf_table_visitor visitor = { note_device, NULL, &device };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "32 22 8:17 /d /c rw - smb3 //h/s ro\n") > 0);
	(void)close(fd);
	assert_int_equal(azf_mountinfo_visit(path, &visitor), 0);
	assert_int_equal(device, makedev(8, 17));
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_in_order),
		cmocka_unit_test(a_broken_line_harms_no_other),
		cmocka_unit_test(the_visitor_ends_it),
		cmocka_unit_test(no_file_is_an_error),
		cmocka_unit_test(what_is_mounted_is_seen),
		cmocka_unit_test(a_live_mount_is_taken_apart),
		cmocka_unit_test(libmount_reads_the_same),
		cmocka_unit_test(a_live_mount_has_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
