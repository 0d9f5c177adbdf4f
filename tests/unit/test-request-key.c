// SPDX-License-Identifier: MIT
/* test-request-key.c - the line that request-key would act on. */
#include "test.h"

#include "request-key.h"

#include <errno.h>
#include <sys/stat.h>

#define DESCRIPTION                                              \
	"ver=0x2;host=acct1.file.core.windows.net;ip4=10.0.0.1;" \
	"sec=krb5;uid=0x0;creduid=0x0;user=system;pid=0x1"
#define STOCK "create\tcifs.spnego\t*\t*\t\t/usr/sbin/cifs.upcall %k\n"
#define OURS  "create cifs.spnego ver=0x2;host=* * /usr/sbin/azfiles.upcall %k\n"

static char etc[64];

static int set_up(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(etc, sizeof(etc), "/tmp/azf-request-key-XXXXXX");
	if (!mkdtemp(etc))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/request-key.d", etc);
	return mkdir(path, 0700);
}

static void path_of(char path[static 192], const char *name)
{
	(void)snprintf(path, 192, "%s/%s", etc, name);
}

static int tear_down(void **state)
{
	static const char *const names[] = {
		"request-key.d/a.conf",	 "request-key.d/b.conf",
		"request-key.d/.c.conf", "request-key.d/d.txt",
		"request-key.d/e.conf",	 "request-key.conf",
	};
	char path[192];

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		path_of(path, names[i]);
		(void)unlink(path);
	}
	path_of(path, "request-key.d");
	(void)rmdir(path);
	return rmdir(etc);
}

static void put(const char *name, const char *text)
{
	char path[192];
	FILE *f;

	path_of(path, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void wins(const char *program, const char *file, unsigned int number)
{
	struct azf_request_line line;

	assert_int_equal(azf_request_key_find(etc, "cifs.spnego", DESCRIPTION,
					      &line),
			 0);
	assert_string_equal(line.program, program);
	assert_int_equal(line.broken, program[0] == '\0');
	assert_int_equal(line.number, number);
	assert_contains(line.file, file);
}

static void nobody_answers(void)
{
	struct azf_request_line line;

	assert_int_equal(azf_request_key_find(etc, "cifs.spnego", DESCRIPTION,
					      &line),
			 -ENOENT);
}

static void none_at_all(void **state)
{
	char path[192];

	(void)state;
	nobody_answers();
	path_of(path, "request-key.d");
	assert_int_equal(rmdir(path), 0);
	nobody_answers();
	assert_int_equal(mkdir(path, 0700), 0);
}

static void the_longer_pattern_wins(void **state)
{
	(void)state;
	put("request-key.d/a.conf", STOCK);
	wins("/usr/sbin/cifs.upcall", "a.conf", 1);
	put("request-key.d/b.conf", "# a comment\n\n" OURS);
	wins("/usr/sbin/azfiles.upcall", "b.conf", 3);
	put("request-key.conf",
	    "create cifs.spnego ver=0x2;host=acct1.file.core.windows.net;* * "
	    "/opt/other %k\n");
	wins("/opt/other", "/request-key.conf", 1);
	put("request-key.conf",
	    "create cifs.spnego ver=0x2;host=acct2.file.core.windows.net;* * "
	    "/opt/other %k\n");
	wins("/usr/sbin/azfiles.upcall", "b.conf", 3);
}

/* The columns count from the left: a star for the type loses. */
static void the_first_column_counts_first(void **state)
{
	(void)state;
	put("request-key.d/a.conf",
	    "create cifs.* ver=0x2;host=acct1.file.core.windows.net;* * "
	    "/opt/other\n" STOCK);
	wins("/usr/sbin/cifs.upcall", "a.conf", 2);
}

static void of_equals_the_first_wins(void **state)
{
	(void)state;
	put("request-key.d/a.conf", OURS);
	put("request-key.conf",
	    "create cifs.spnego ver=0x2;host=* * /opt/other\n");
	wins("/usr/sbin/azfiles.upcall", "a.conf", 1);
}

static void patterns(void **state)
{
	static const struct {
		const char *line;
		bool fits;
	} rows[] = {
		{ "create cifs.spnego *;pid=0x1 * /opt/x\n", true },
		{ "create cifs.spnego ver=0x2;*;pid=0x1 * /opt/x\n", false },
		{ "create cifs.spnego *host* * /opt/x\n", false },
		{ "create cifs.spnego " DESCRIPTION " * /opt/x\n", true },
		{ "create cifs.spnego VER=0x2;* * /opt/x\n", false },
		{ "create cifs.spnego * something /opt/x\n", false },
		{ "update cifs.spnego * * /opt/x\n", false },
		{ "* * * * /opt/x\n", true },
		{ " create cifs.spnego * * /opt/x\n", false },
		{ "#create cifs.spnego * * /opt/x\n", false },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		put("request-key.conf", rows[i].line);
		if (rows[i].fits)
			wins("/opt/x", "/request-key.conf", 1);
		else
			nobody_answers();
	}
}

static void files_that_are_not_read(void **state)
{
	char path[192], other[192];

	(void)state;
	put("request-key.d/.c.conf", OURS);
	put("request-key.d/d.txt", OURS);
	path_of(path, "request-key.d/e.conf");
	path_of(other, "request-key.d/d.txt");
	assert_int_equal(symlink(other, path), 0);
	nobody_answers();
}

/* It takes the last character for the newline. */
static void a_line_without_newline_loses_its_end(void **state)
{
	(void)state;
	put("request-key.conf", "create cifs.spnego * * /opt/xy");
	wins("/opt/x", "/request-key.conf", 1);
}

static void a_broken_line_ends_it(void **state)
{
	(void)state;
	put("request-key.d/a.conf", "create cifs.spnego ver=*\n" OURS);
	wins("", "a.conf", 1);
	put("request-key.d/a.conf", "create cifs.spnego * *\n" OURS);
	wins("", "a.conf", 1);
	/* one for other keys does not */
	put("request-key.d/a.conf", "create user\n" OURS);
	wins("/usr/sbin/azfiles.upcall", "a.conf", 2);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(none_at_all),
		test(the_longer_pattern_wins),
		test(the_first_column_counts_first),
		test(of_equals_the_first_wins),
		test(patterns),
		test(files_that_are_not_read),
		test(a_line_without_newline_loses_its_end),
		test(a_broken_line_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
