// SPDX-License-Identifier: MIT
/* test-mounted.c - which mounts a table has, and what it says of them. */
#include "mounted.h"
#include "test.h"

static struct azf_mounted_list read_table(const char *text)
{
	char path[] = "/tmp/azf-test-XXXXXX";
	struct azf_mounted_list list = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	assert_int_equal(azf_mounted_all(path, &list), 0);
	(void)unlink(path);
	return list;
}

static void what_the_table_says(void **state)
{
	azf_automounted struct azf_mounted_list list = read_table(
		"24 1 0:22 / /proc rw shared:5 - proc proc rw\n"
		"30 1 0:40 / /a\\040b rw,relatime shared:6 - cifs "
		"//ACCT1.privatelink.file.core.windows.net/s/d "
		"rw,vers=3.1.1,sec=krb5,username=system,"
		"addr=fd77:0000:0000:0000:0000:0000:0000:0011,seal\n"
		"31 1 0:41 / /c rw - cifs \\134h\\134s rw\n"
		"32 1 0:42 / /d rw - smb3 //files.example/s "
		"username=u,sealx,addr=10.0.0.4\n"
		"33 1 0:42 / /d rw - smb3 //files.example/s "
		"sec=krb5,multiuser\n");
	const struct azf_mounted *mounts = list.mounts;

	(void)state;
	assert_int_equal(list.count, 3);
	assert_string_equal(mounts[0].target, "/a b");
	assert_string_equal(mounts[0].source,
			    "//ACCT1.privatelink.file.core.windows.net/s/d");
	assert_string_equal(mounts[0].canonical, "acct1.file.core.windows.net");
	assert_string_equal(mounts[0].account, "acct1");
	assert_string_equal(mounts[0].user, "system");
	assert_string_equal(mounts[0].address, "fd77::11");
	assert_string_equal(mounts[0].dialect, "3.1.1");
	assert_true(mounts[0].kerberos && mounts[0].sealed);
	assert_null(mounts[1].account);
	assert_string_equal(mounts[1].address, "10.0.0.4");
	assert_string_equal(mounts[1].dialect, "");
	assert_false(mounts[1].kerberos || mounts[1].sealed);
	assert_string_equal(mounts[2].user, "");
	assert_true(mounts[2].multiuser && !mounts[0].multiuser);
}

static void who_uses_a_ticket(void **state)
{
	azf_automounted struct azf_mounted_list list = read_table(
		"30 1 0:40 / /a rw - cifs //H.example/s sec=krb5i,username=t\n"
		"31 1 0:41 / /b rw - cifs //h.example/s sec=krb5,multiuser\n"
		"32 1 0:42 / /c rw - cifs //h.example/s "
		"sec=ntlmssp,username=t\n");

	(void)state;
	assert_int_equal(list.count, 3);
	assert_true(azf_mounted_uses(&list.mounts[0], "h.example", "t"));
	assert_false(azf_mounted_uses(&list.mounts[0], "h.example", "t2"));
	assert_false(azf_mounted_uses(&list.mounts[0], "other", "t"));
	assert_true(azf_mounted_uses(&list.mounts[1], "h.example", "any"));
	assert_false(azf_mounted_uses(&list.mounts[2], "h.example", "t"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_table_says),
		cmocka_unit_test(who_uses_a_ticket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
