// SPDX-License-Identifier: MIT
/*
 * test-recover-mounts.c - mounts that do not answer, as far as that goes
 * without a kernel that has them.
 *
 * The table of mounts, /etc and the network are our own. A path that does not
 * exist does not answer; /run, which is no share, was mounted over one.
 */
#include "test.h"

#include "anew.h"
#include "namespace.h"
#include "recover.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>

#define HOST  "acct1.file.core.windows.net"
#define OTHER "acct2.file.core.windows.net"
#define GONE  "/run/gone"
#define PLACE "/run/place"
#define TABLE "/run/mountinfo"
#define FSTAB "/etc/fstab"

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int enter(void **state)
{
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	azf_autoclose int fd = -1;

	if (namespace_enter(state) || namespace_hide("/etc") ||
	    unshare(CLONE_NEWNET) || mkdir(PLACE, 0755))
		return -1;
	put("/etc/nsswitch.conf", "hosts: files\n");
	put("/etc/hosts", "127.0.0.2 " HOST "\n127.0.0.3 " OTHER "\n");
	put(FSTAB, "//" HOST "/s " GONE " azfiles defaults 0 0\n"
		   "none " PLACE "/ tmpfs defaults 0 0\n");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return ioctl(fd, SIOCSIFFLAGS, &up);
}

/* ---- taken off, and mounted again ---- */

static int mount_again(void *arg, const char *target)
{
	*(int *)arg += 1;
	return mount("again", target, "tmpfs", 0, NULL);
}

static int mount_fails(void *arg, const char *target)
{
	(void)target;
	*(int *)arg += 1;
	return -EIO;
}

static bool is_mounted(void)
{
	struct stat inside, outside;

	assert_int_equal(stat(PLACE, &inside), 0);
	assert_int_equal(stat("/run", &outside), 0);
	return inside.st_dev != outside.st_dev;
}

static void what_is_used_is_mounted_anew(void **state)
{
	struct azf_error err = { 0 };
	struct stat before, after;
	int calls = 0;
	FILE *file;

	(void)state;
	assert_int_equal(mount("none", PLACE, "tmpfs", 0, NULL), 0);
	file = fopen(PLACE "/open", "we");
	assert_non_null(file);
	assert_int_equal(stat(PLACE, &before), 0);
	if (azf_mount_anew(PLACE, FSTAB, mount_again, &calls, &err))
		fail_msg("%s", err.cause);
	assert_int_equal(calls, 1);
	assert_int_equal(stat(PLACE, &after), 0);
	assert_true(is_mounted());
	assert_int_not_equal(before.st_dev, after.st_dev);
	(void)fclose(file);
	/* and where that fails, it is told what is left */
	assert_failure(azf_mount_anew(PLACE, FSTAB, mount_fails, &calls, &err),
		       &err, AZF_E_MOUNT,
		       PLACE " was detached, and mount(8) could not",
		       "then 'mount " PLACE "'");
	assert_false(is_mounted());
}

static void what_has_others_below_stays(void **state)
{
	struct azf_error err = { 0 };
	int calls = 0;

	(void)state;
	assert_int_equal(mount("none", PLACE, "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir(PLACE "/below", 0755), 0);
	assert_int_equal(mount("none", PLACE "/below", "tmpfs", 0, NULL), 0);
	assert_failure(azf_mount_anew(PLACE, FSTAB, mount_again, &calls, &err),
		       &err, AZF_E_MOUNT, "are mounted below " PLACE,
		       "Umount them first");
	assert_int_equal(calls, 0);
	assert_true(is_mounted());
	assert_int_equal(umount2(PLACE, MNT_DETACH), 0);
	/* nor is there anything to take off now */
	assert_failure(azf_mount_anew(PLACE, FSTAB, mount_again, &calls, &err),
		       &err, AZF_E_MOUNT, "cannot detach " PLACE, "");
	assert_int_equal(calls, 0);
}

/* ---- all mounts ---- */

/* What was reported, by the target. */
struct reports {
	struct azf_recovered gone, other, run;
	int calls;
	int mounts;
};

static void take_report(void *arg, const struct azf_recovered *result)
{
	struct reports *reports = arg;
	const char *target = result->mount->target;

	reports->calls++;
	if (azf_streq(target, GONE))
		reports->gone = *result;
	else if (azf_streq(target, "/run"))
		reports->run = *result;
	else
		reports->other = *result;
}

static int mount_gone(void *arg, const char *target)
{
	struct reports *reports = arg;

	assert_string_equal(target, GONE);
	reports->mounts++;
	return 0;
}

static void pretend(const char *table)
{
	char own[64];

	put(TABLE, table);
	(void)snprintf(own, sizeof(own), "/proc/%d/mountinfo", (int)getpid());
	assert_int_equal(mount(TABLE, own, "none", MS_BIND, NULL), 0);
}

static int recover(bool dry_run, bool again, struct reports *reports)
{
	const struct azf_recover recover = {
		.timeout = 1,
		.dry_run = dry_run,
		.mount = again ? mount_gone : NULL,
		.report = take_report,
		.arg = reports,
	};
	struct azf_error err = { 0 };

	*reports = (struct reports){ .calls = 0 };
	return azf_recover(&recover, &err);
}

static int listen_at(const char *address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(445) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, address, &sin.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void who_is_ill_is_told_why(void **state)
{
	azf_autoclose int listener = -1;
	struct reports reports;

	(void)state;
	pretend("22 1 0:20 / / rw - ext4 /dev/vda rw\n"
		"30 22 0:40 / " GONE " rw - cifs //" HOST
		"/s rw,vers=3.1.1,username=acct1,addr=127.0.0.9\n"
		"31 22 0:41 / /run/other rw - cifs //" OTHER
		"/s rw,vers=3.1.1,username=acct2,addr=127.0.0.3\n"
		"32 22 0:42 / /run rw - cifs //" OTHER
		"/r rw,vers=3.1.1,username=acct2,addr=127.0.0.3\n");
	listener = listen_at("127.0.0.2");
	assert_int_equal(recover(false, false, &reports), -AZF_E_TRANSIENT);
	assert_int_equal(reports.calls, 3);
	/* something else is mounted over it: that is not its fault */
	assert_int_equal(reports.run.error, ENODEV);
	assert_false(reports.run.ill);
	/* nobody is there to answer */
	assert_true(reports.other.ill);
	assert_int_equal(reports.other.error, ENOENT);
	assert_contains(reports.other.heal.err.cause, "connection refused");
	assert_string_equal(reports.other.heal.address, "");
	/* somebody is, and where it was there is nobody */
	assert_true(reports.gone.ill);
	assert_true(reports.gone.heal.did & AZF_DID_MOVE);
	assert_string_equal(reports.gone.heal.address, "127.0.0.2");
	assert_int_equal(reports.gone.heal.err.code, AZF_E_TRANSIENT);
	assert_contains(reports.gone.heal.err.cause, HOST);
}

/* Nobody gets one for the user; that the connection is stuck can be helped. */
static void tickets_of_a_user_are_not_asked_for(void **state)
{
	static const char credential[] = "identity=ccache\ncruid=0\n";
	azf_autoclose int listener = listen_at("127.0.0.2");
	azf_autostate struct azf_state users = { .fd = -1 };
	struct reports reports;

	(void)state;
	assert_int_equal(azf_state_open(HOST, "ccache-0", true, &users), 0);
	assert_int_equal(azf_state_write(&users, "credential", credential,
					 strlen(credential)),
			 0);
	pretend("22 1 0:20 / / rw - ext4 /dev/vda rw\n"
		"30 22 0:40 / " GONE " rw - cifs //" HOST
		"/s rw,vers=3.1.1,sec=krb5,username=ccache-0,addr=127.0.0.2\n");
	assert_int_equal(recover(false, false, &reports), -AZF_E_TRANSIENT);
	assert_contains(reports.gone.heal.err.cause,
			HOST " takes connections, but the mount does not "
			     "answer");
}

/* Those alone of which the server answers; here there is nothing to detach. */
static void only_what_can_come_back_is_mounted_anew(void **state)
{
	azf_autoclose int listener = listen_at("127.0.0.2");
	struct reports reports;

	(void)state;
	assert_int_equal(recover(true, true, &reports), -AZF_E_TRANSIENT);
	assert_string_equal(reports.gone.heal.address, "127.0.0.2");
	assert_lacks(reports.gone.heal.err.cause, "cannot detach");
	assert_int_equal(recover(false, true, &reports), -AZF_E_TRANSIENT);
	assert_contains(reports.gone.heal.err.cause, "cannot detach " GONE);
	assert_contains(reports.other.heal.err.cause, "connection refused");
	assert_int_equal(reports.mounts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* before the table is our own */
		cmocka_unit_test(what_is_used_is_mounted_anew),
		cmocka_unit_test(what_has_others_below_stays),
		cmocka_unit_test(who_is_ill_is_told_why),
		cmocka_unit_test(only_what_can_come_back_is_mounted_anew),
		cmocka_unit_test(tickets_of_a_user_are_not_asked_for),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
