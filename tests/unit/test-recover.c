// SPDX-License-Identifier: MIT
/* test-recover.c - mounts that do not answer: what can be seen without one. */
#include "anew.h"
#include "mounted.h"
#include "probe.h"
#include "recover.h"
#include "table.h"
#include "test.h"

#include <errno.h>

static void assert_option(const char *options, const char *name,
			  const char *want)
{
	size_t len = 0;
	const char *value = azf_table_option(options, name, &len);

	if (!want) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(value, want, len);
}

static void options_of_the_kernel(void **state)
{
	static const char options[] =
		"rw,sec=krb5,username=system,myaddr=1,addr=10.0.0.4,soft,x=";

	(void)state;
	assert_option(options, "username", "system");
	assert_option(options, "addr", "10.0.0.4");
	assert_option(options, "x", "");
	assert_option(options, "soft", NULL);
	assert_option(options, "user", NULL);
	assert_option("", "addr", NULL);
	assert_option("addr=::1", "addr", "::1");
}

static void what_is_no_smb_mount_is_told_apart(void **state)
{
	struct azf_probe probes[] = { { .target = "/" },
				      { .target = "/proc" },
				      { .target = "/no/such/place" } };

	(void)state;
	assert_int_equal(azf_probe(probes, 3, 5000, false), 0);
	assert_int_equal(probes[0].error, ENODEV);
	assert_int_equal(probes[1].error, ENODEV);
	assert_int_equal(probes[2].error, ENOENT);
	assert_in_range(probes[0].took_ms, 0, 4999);
}

static void waiting_ends_in_time(void **state)
{
	struct azf_probe probe = { .target = "/no/such/place" };
	int64_t began = azf_now_ms();

	(void)state;
	assert_int_equal(azf_probe(&probe, 1, 1500, true), 0);
	assert_int_equal(probe.error, ENOENT);
	assert_in_range(azf_now_ms() - began, 500, 10000);
}

static int never(void *arg, const char *target)
{
	(void)arg;
	fail_msg("%s was mounted", target);
	return 0;
}

static void never_report(void *arg, const struct azf_recovered *result)
{
	(void)arg;
	fail_msg("%s was reported", result->mount->target);
}

/* The machine of a unit test has no share. */
static void nothing_to_do(void **state)
{
	struct azf_recover recover = { .timeout = 1, .report = never_report };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(azf_recover(&recover, &err), 0);
	recover.target = "/proc";
	assert_failure(azf_recover(&recover, &err), &err, AZF_E_MOUNT,
		       "no share of Azure Files is mounted on /proc",
		       "findmnt -t cifs");
}

static void take_nothing_away_that_cannot_come_back(void **state)
{
	char path[] = "/tmp/azf-test-XXXXXX";
	static const char line[] = "none / tmpfs defaults 0 0\n";
	struct azf_error err = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	(void)close(fd);
	assert_failure(azf_mount_anew("/proc", path, never, NULL, &err), &err,
		       AZF_E_MOUNT, "/proc has no line in", "umount -l /proc");
	(void)unlink(path);
	assert_failure(azf_mount_anew("/proc", path, never, NULL, &err), &err,
		       AZF_E_SYSTEM, "cannot read", "");
}

/* Nobody listens there; TCP port 445 is not ours to open on a real machine. */
static struct azf_heal heal_of(char *host, const char *address)
{
	static char none[] = "";
	static struct azf_mounted mount;
	struct azf_heal heal = { .mount = &mount };

	mount = (struct azf_mounted){
		.source = none,
		.target = none,
		.host = host,
		.canonical = host,
		.user = none,
	};
	(void)snprintf(mount.address, sizeof(mount.address), "%s", address);
	azf_heal(&heal);
	return heal;
}

static void a_server_that_refuses(void **state)
{
	char host[] = "127.0.0.1";
	struct azf_heal heal = heal_of(host, "127.0.0.1");

	(void)state;
	assert_failure(-(int)heal.err.code, &heal.err, AZF_E_TRANSIENT,
		       "127.0.0.1 does not answer at 127.0.0.1 port 445: "
		       "connection refused",
		       "goes on by itself");
	assert_int_equal(heal.did, 0);
	assert_string_equal(heal.address, "");
}

static void a_server_that_moved(void **state)
{
	char host[] = "127.0.0.1";
	struct azf_heal heal = heal_of(host, "127.0.0.2");

	(void)state;
	assert_int_equal(heal.did, AZF_DID_MOVE);
	/* the kernel writes all digits, and that is no move */
	heal = heal_of(strcpy(host, "::1"),
		       "0000:0000:0000:0000:0000:0000:0000:0001");
	assert_int_equal(heal.did, 0);
}

static void a_name_that_is_none(void **state)
{
	char host[] = "no such name.invalid";
	struct azf_heal heal = heal_of(host, "");

	(void)state;
	assert_int_not_equal(heal.err.code, 0);
	assert_contains(heal.err.cause, host);
	/* nor does the address that the mount had answer */
	heal = heal_of(host, "127.0.0.1");
	assert_contains(heal.err.cause, host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_the_kernel),
		cmocka_unit_test(what_is_no_smb_mount_is_told_apart),
		cmocka_unit_test(waiting_ends_in_time),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(take_nothing_away_that_cannot_come_back),
		cmocka_unit_test(a_server_that_refuses),
		cmocka_unit_test(a_server_that_moved),
		cmocka_unit_test(a_name_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
