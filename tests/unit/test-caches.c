// SPDX-License-Identifier: MIT
/* test-caches.c - what a user's caches of tickets have for a host. */
#include "test.h"

#include "caches.h"
#include "krb.h"
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define HOST "acct1.file.core.windows.net"
#define NOW  1765082912

static char dir[] = "/tmp/azf-caches-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	/* also of a machine that has another default */
	(void)setenv("KRB5_CONFIG", "/dev/null", 1);
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

/* alice's, with a ticket to SERVICE/HOST that ends then; none without HOST. */
static void make(const char *path, const char *service, const char *host,
		 int64_t end)
{
	azf_autokrb struct azf_krb krb = { 0 };
	azf_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	krb5_creds creds = { 0 };
	unsigned char *bytes;
	size_t len;

	assert_true(fd >= 0 && azf_krb_open(&krb));
	assert_int_equal(
		krb5_parse_name(krb.context, "alice@REALM", &creds.client), 0);
	assert_int_equal(krb5_build_principal(krb.context, &creds.server, 5,
					      "REALM", service,
					      host ? host : "x", NULL),
			 0);
	creds.times.endtime = (krb5_timestamp)end;
	bytes = azf_krb_ccache(&krb, creds.client, &creds, host ? 1 : 0, &len);
	assert_non_null(bytes);
	krb5_free_principal(krb.context, creds.client);
	krb5_free_principal(krb.context, creds.server);
	assert_int_equal(azf_write_all(fd, bytes, len), 0);
	azf_wipe_free(bytes);
}

static struct azf_caches look(const char *type, const char *path)
{
	char name[128];
	struct azf_caches found;

	(void)snprintf(name, sizeof(name), "%s:%s", type, path);
	(void)setenv("KRB5CCNAME", name, 1);
	azf_caches_look(HOST, NOW, &found);
	return found;
}

static const char *file(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void a_ticket_for_the_host_is_found(void **state)
{
	struct azf_caches found;

	(void)state;
	make(file("host"), "cifs", HOST, NOW + 60);
	found = look("FILE", file("host"));
	assert_contains(found.name, file("host"));
	assert_string_equal(found.client, "alice@REALM");
	assert_string_equal(found.server, "cifs/" HOST "@REALM");
	assert_int_equal(found.expires, NOW + 60);
	assert_false(found.foreign);
}

/* With that, libkrb5 gets one for the host by itself. */
static void one_to_get_others_with_helps_too(void **state)
{
	struct azf_caches found;

	(void)state;
	make(file("tgt"), "krbtgt", "REALM", NOW + 60);
	found = look("FILE", file("tgt"));
	assert_int_equal(found.expires, NOW + 60);
	assert_string_equal(found.server, "");
}

static void what_helps_nobody_is_not_counted(void **state)
{
	struct azf_caches found;

	(void)state;
	make(file("other"), "cifs", "acct2.file.core.windows.net", NOW + 60);
	found = look("FILE", file("other"));
	assert_string_equal(found.client, "alice@REALM");
	assert_int_equal(found.expires, 0);
	/* one that has ended does not work now */
	make(file("over"), "cifs", HOST, NOW - 60);
	found = look("FILE", file("over"));
	assert_int_equal(found.expires, NOW - 60);
	assert_string_equal(found.server, "");
	make(file("empty"), "cifs", NULL, 0);
	found = look("FILE", file("empty"));
	assert_string_equal(found.client, "alice@REALM");
	assert_int_equal(found.expires, 0);
}

static void where_there_is_nothing_it_says_where(void **state)
{
	azf_autoclose int fd = open(file("broken"), O_WRONLY | O_CREAT, 0600);
	struct azf_caches found = look("FILE", file("none"));

	(void)state;
	assert_contains(found.name, file("none"));
	assert_string_equal(found.client, "");
	assert_int_equal(found.expires, 0);
	assert_int_equal(azf_write_all(fd, "no cache", 8), 0);
	found = look("FILE", file("broken"));
	assert_string_equal(found.client, "");
	found = look("NOTYPE", "x");
	assert_string_equal(found.client, "");
}

static void of_many_the_longest_counts(void **state)
{
	struct azf_caches found;
	char path[160];

	(void)state;
	assert_int_equal(mkdir(file("many"), 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/tkt1", file("many"));
	make(path, "cifs", HOST, NOW + 60);
	(void)snprintf(path, sizeof(path), "%s/tkt2", file("many"));
	make(path, "cifs", HOST, NOW + 600);
	(void)snprintf(path, sizeof(path), "%s/tkt3", file("many"));
	make(path, "krbtgt", "REALM", NOW + 90);
	found = look("DIR", file("many"));
	assert_contains(found.name, "tkt2");
	assert_int_equal(found.expires, NOW + 600);
	assert_string_equal(found.server, "cifs/" HOST "@REALM");
}

/* A file that somebody else has put there would make us somebody else. */
static void that_of_another_is_not_read(void **state)
{
	struct azf_caches found;

	(void)state;
	if (geteuid() != 0)
		skip();
	make(file("foreign"), "cifs", HOST, NOW + 60);
	assert_int_equal(chown(file("foreign"), 3001, 3001), 0);
	found = look("FILE", file("foreign"));
	assert_true(found.foreign);
	assert_string_equal(found.client, "");
	assert_int_equal(found.expires, 0);
}

/* What is not there for the moment that it is looked at. */
static const char *hidden;

int lstat(const char *path, struct stat *st)
{
	if (!hidden || !azf_streq(path, hidden))
		return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
	hidden = NULL;
	errno = ENOENT;
	return -1;
}

static void nor_if_it_comes_and_goes(void **state)
{
	struct azf_caches found;

	(void)state;
	make(file("late"), "cifs", HOST, NOW + 60);
	hidden = file("late");
	found = look("FILE", file("late"));
	assert_null(hidden);
	assert_string_equal(found.client, "");
	assert_int_equal(found.expires, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_for_the_host_is_found),
		cmocka_unit_test(one_to_get_others_with_helps_too),
		cmocka_unit_test(what_helps_nobody_is_not_counted),
		cmocka_unit_test(where_there_is_nothing_it_says_where),
		cmocka_unit_test(of_many_the_longest_counts),
		cmocka_unit_test(that_of_another_is_not_read),
		cmocka_unit_test(nor_if_it_comes_and_goes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
