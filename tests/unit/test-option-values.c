// SPDX-License-Identifier: MIT
/* test-option-values.c - values checked, and brought into the kernel's form. */
#include "test.h"

#include <grp.h>
#include <pwd.h>

static const struct azf_option *row(const char *name)
{
	for (size_t i = 0; i < azf_option_count; i++) {
		if (azf_streq(azf_option_table[i].name, name))
			return &azf_option_table[i];
	}
	fail_msg("no option %s", name);
	return NULL;
}

static void becomes(const char *name, const char *text, const char *want)
{
	azf_autofree char *value = NULL;
	struct azf_error err = { 0 };

	if (azf_value_check(row(name), text, &value, &err))
		fail_msg("%s=%s: %s", name, text, err.cause);
	assert_string_equal(value, want);
}

static void refused(const char *name, const char *text, const char *cure)
{
	azf_autofree char *value = NULL;
	struct azf_error err = { 0 };

	if (azf_value_check(row(name), text, &value, &err) == 0)
		fail_msg("%s=%s is accepted as %s", name, text, value);
	assert_int_equal(err.code, AZF_E_USAGE);
	assert_true(err.cause[0]);
	assert_contains(err.cure, cure);
	assert_null(value);
}

static void words(void **state)
{
	(void)state;
	becomes("vers", "3.1.1", "3.1.1");
	becomes("vers", "default", "default");
	becomes("vers", "1.0", "1.0");
	becomes("vers", "3", "3");
	becomes("cache", "loose", "loose");
	refused("vers", "", "");
	refused("vers", "3.2", "Use one of default|2.0|2.1");
	refused("vers", "3.1", "Use one of");
	refused("vers", "3.1.1 ", "Use one of");
	refused("vers", "|", "Use one of");
	refused("vers", "2.0|2.1", "Use one of");
	refused("cache", "strict|loose", "Use one of");
	refused("sec", "ntlm", "Use one of none|ntlmv2");
	refused("cache", "Loose", "Use one of");
}

static void text_has_a_length(void **state)
{
	char name[257];

	(void)state;
	memset(name, 'x', 256);
	name[256] = '\0';
	refused("username", name, "255 characters at most");
	becomes("username", name + 1, name + 1);
	refused("netbiosname", "sixteen-letters-", "15 characters");
	refused("username", "", "");
	becomes("context", name, name);
}

static void numbers(void **state)
{
	(void)state;
	becomes("actimeo", "0", "0");
	becomes("actimeo", "0030", "30");
	becomes("port", "65535", "65535");
	becomes("rsize", "4294967295", "4294967295");
	refused("actimeo", "1073741825", "from 0 to 1073741824");
	refused("actimeo", "-1", "from 0");
	refused("actimeo", "1s", "from 0");
	refused("actimeo", "", "from 0");
	refused("port", "0", "from 1 to 65535");
	refused("port", "65536", "from 1 to 65535");
	refused("rsize", "4294967296", "");
	refused("rsize", "0x1000", "");
	refused("max_channels", "17", "from 1 to 16");
	refused("echo_interval", "601", "from 1 to 600");
	refused("rsize", "99999999999999999999999", "");
}

static void permissions_are_octal(void **state)
{
	(void)state;
	becomes("file_mode", "0755", "0755");
	becomes("file_mode", "755", "0755");
	becomes("file_mode", "644", "0644");
	becomes("dir_mode", "1777", "01777");
	becomes("dir_mode", "07777", "07777");
	becomes("dir_mode", "0", "00");
	refused("file_mode", "", "octal");
	refused("file_mode", "0x1ff", "octal");
	refused("file_mode", "0888", "octal");
	refused("file_mode", "10000", "octal");
	refused("file_mode", "000755", "octal");
	refused("file_mode", "rwx", "octal");
	refused("file_mode", "-755", "octal");
	refused("file_mode", "u=rwx", "octal");
}

static void users_and_groups_become_numbers(void **state)
{
	const struct passwd *pw = getpwnam("nobody");
	const struct group *gr = getgrnam("nogroup");
	char uid[16], gid[16];

	(void)state;
	(void)snprintf(uid, sizeof(uid), "%u", pw ? pw->pw_uid : 0);
	(void)snprintf(gid, sizeof(gid), "%u", gr ? gr->gr_gid : 0);
	becomes("uid", "0", "0");
	becomes("uid", "root", "0");
	becomes("gid", "root", "0");
	becomes("uid", "1000", "1000");
	becomes("uid", "4294967294", "4294967294");
	if (pw) {
		becomes("uid", "nobody", uid);
		becomes("cruid", "nobody", uid);
		becomes("backupuid", "nobody", uid);
	}
	if (gr) {
		becomes("gid", "nogroup", gid);
		becomes("backupgid", "nogroup", gid);
	}
	refused("uid", "4294967295", "no such user");
	refused("uid", "-1", "no such user");
	refused("uid", "no such name", "'getent passwd' lists them");
	refused("gid", "no such name", "'getent group' lists them");
	refused("uid", "", "no such user");
}

static void addresses(void **state)
{
	(void)state;
	becomes("ip", "10.0.0.4", "10.0.0.4");
	becomes("ip", "::1", "::1");
	becomes("ip", "fe80::1%eth0", "fe80::1%eth0");
	becomes("ip", "fe80::1%2", "fe80::1%2");
	becomes("srcaddr", "fd00::1", "fd00::1");
	refused("ip", "", "one IPv4 or IPv6 address");
	refused("ip", "host.example", "one IPv4 or IPv6 address");
	refused("ip", "10.0.0", "one IPv4");
	refused("ip", "10.0.0.4%eth0", "one IPv4");
	refused("ip", "10.0.0.4;10.0.0.5", "one IPv4");
	refused("ip", "[::1]", "one IPv4");
	refused("ip", "fe80::1%", "one IPv4");
	refused("ip", "10.0.0.4 ", "one IPv4");
	refused("ip", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
		"one IPv4");
}

static void times(void **state)
{
	(void)state;
	becomes("retry", "0", "0");
	becomes("retry", "90", "90");
	becomes("retry", "90s", "90");
	becomes("retry", "5m", "300");
	becomes("retry", "24h", "86400");
	becomes("retry", "86400", "86400");
	refused("retry", "", "seconds");
	refused("retry", "25h", "seconds");
	refused("retry", "86401", "seconds");
	refused("retry", "s", "seconds");
	refused("retry", "5d", "seconds");
	refused("retry", "5ms", "seconds");
	refused("retry", "-5", "seconds");
	refused("retry", "99999999999999999999h", "seconds");
}

static void snapshots(void **state)
{
	(void)state;
	/* the Unix epoch, and a second later */
	becomes("snapshot", "@GMT-1970.01.01-00.00.00", "116444736000000000");
	becomes("snapshot", "@GMT-1970.01.01-00.00.01", "116444736010000000");
	becomes("snapshot", "@GMT-2026.01.31-08.30.00", "134143218000000000");
	becomes("snapshot", "116444736000000000", "116444736000000000");
	refused("snapshot", "0", "@GMT-");
	refused("snapshot", "", "@GMT-");
	refused("snapshot", "@GMT-2026.01.31", "@GMT-");
	refused("snapshot", "@GMT-2026.13.31-08.30.00", "@GMT-");
	refused("snapshot", "@GMT-2026.01.31-08.30.00Z", "@GMT-");
	refused("snapshot", "2026-01-31", "@GMT-");
}

static void paths(void **state)
{
	char path[5000];

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	becomes("credentials", "/etc/azfiles/x y", "/etc/azfiles/x y");
	refused("credentials", "etc/x", "absolute path");
	refused("credentials", "", "absolute path");
	refused("credentials", path, "");
}

static void there_is_nothing_to_check_in_a_flag(void **state)
{
	(void)state;
	refused("seal", "1", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(text_has_a_length),
		cmocka_unit_test(numbers),
		cmocka_unit_test(permissions_are_octal),
		cmocka_unit_test(users_and_groups_become_numbers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(times),
		cmocka_unit_test(snapshots),
		cmocka_unit_test(paths),
		cmocka_unit_test(there_is_nothing_to_check_in_a_flag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
