// SPDX-License-Identifier: MIT
/*
 * test-share.c - shares mounted and unmounted by programs that call the library.
 *
 * What is mounted is a tmpfs; the table of mounts that says it is a share is a
 * file of ours.
 */
#include "test.h"

#include "namespace.h"

#define PLACE "/run/place"
#define LINK  "/run/link"
#define TABLE "/run/mountinfo"

static int enter(void **state)
{
	static const char table[] = "22 1 0:20 / / rw - ext4 /dev/vda rw\n"
				    "30 22 0:40 / " PLACE
				    " rw - cifs //h/s rw,vers=3.1.1\n";
	char own[64];
	FILE *file;

	if (namespace_enter(state) || mkdir(PLACE, 0755) ||
	    symlink(PLACE, LINK))
		return -1;
	file = fopen(TABLE, "we");
	if (!file || fputs(table, file) < 0 || fclose(file))
		return -1;
	(void)snprintf(own, sizeof(own), "/proc/%d/mountinfo", (int)getpid());
	return mount(TABLE, own, "none", MS_BIND, NULL);
}

static bool is_mounted(void)
{
	struct stat inside, outside;

	assert_int_equal(stat(PLACE, &inside), 0);
	assert_int_equal(stat("/run", &outside), 0);
	return inside.st_dev != outside.st_dev;
}

static void share(void)
{
	assert_int_equal(mount("none", PLACE, "tmpfs", 0, NULL), 0);
	assert_true(is_mounted());
}

static void a_share_is_unmounted(void **state)
{
	static const char *const targets[] = { PLACE, PLACE "//", LINK };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(targets); i++) {
		struct azf_error err = { 0 };

		share();
		if (azf_share_umount(targets[i], 0, &err))
			fail_msg("%s: %s", targets[i], err.cause);
		assert_false(is_mounted());
	}
}

static void one_that_is_used_stays_unless_lazy(void **state)
{
	struct azf_error err = { 0 };
	FILE *file;

	(void)state;
	share();
	file = fopen(PLACE "/file", "we");
	assert_non_null(file);
	assert_failure(azf_share_umount(PLACE, 0, &err), &err, AZF_E_TRANSIENT,
		       "cannot unmount " PLACE, "'fuser -vm' shows who");
	assert_true(is_mounted());
	assert_int_equal(azf_share_umount(PLACE, AZF_UMOUNT_LAZY, NULL), 0);
	assert_false(is_mounted());
	(void)fclose(file);
}

static void what_is_no_share_stays(void **state)
{
	static const struct {
		const char *target, *cause, *cure;
		unsigned int flags;
		enum azf_code code;
	} rows[] = {
		{ "/", "no share is mounted on /", "findmnt", 0, AZF_E_MOUNT },
		{ "/run/none", "no share is mounted on /run/none", "findmnt", 0,
		  AZF_E_MOUNT },
		{ "place", "'place' is no absolute path", "Give the path", 0,
		  AZF_E_USAGE },
		{ "", "'' is no absolute path", "Give the path", 0,
		  AZF_E_USAGE },
		{ NULL, "there is no target", "", 0, AZF_E_USAGE },
		{ PLACE, "an unknown flag", "", 4, AZF_E_USAGE },
		/* the table says so, and nothing is there */
		{ PLACE, "cannot unmount " PLACE ": Invalid argument",
		  "The kernel's log", 0, AZF_E_MOUNT },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err = { 0 };

		assert_failure(azf_share_umount(rows[i].target, rows[i].flags,
						&err),
			       &err, rows[i].code, rows[i].cause, rows[i].cure);
	}
}

static void what_cannot_be_mounted_is_told(void **state)
{
	static const struct {
		const char *source, *target, *options, *cause;
		enum azf_code code;
	} rows[] = {
		{ NULL, PLACE, NULL, "a source and a target are needed",
		  AZF_E_USAGE },
		{ "//h/s", NULL, NULL, "a source and a target are needed",
		  AZF_E_USAGE },
		{ "//h/s", PLACE, "nosuchoption", "nosuchoption", AZF_E_USAGE },
		{ "h:/s", PLACE, "sec=none", "the source 'h:/s'", AZF_E_USAGE },
		{ "//h/s", "/run/none", "username=u,password=p",
		  "the mount point /run/none does not exist", AZF_E_MOUNT },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_error err = { 0 };
		int r = azf_share_mount(rows[i].source, rows[i].target,
					rows[i].options, NULL, &err);

		assert_failure(r, &err, rows[i].code, rows[i].cause, "");
	}
	/* who does not want to know why */
	assert_int_equal(azf_share_mount(NULL, NULL, NULL, NULL, NULL),
			 -AZF_E_USAGE);
}

static void only_root_can(void **state)
{
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(seteuid(3001), 0);
	assert_failure(azf_share_mount("//h/s", PLACE, NULL, NULL, &err), &err,
		       AZF_E_USAGE, "only root", "as root");
	assert_failure(azf_share_umount(PLACE, 0, &err), &err, AZF_E_USAGE,
		       "only root", "as root");
	assert_int_equal(seteuid(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_is_unmounted),
		cmocka_unit_test(one_that_is_used_stays_unless_lazy),
		cmocka_unit_test(what_is_no_share_stays),
		cmocka_unit_test(what_cannot_be_mounted_is_told),
		cmocka_unit_test(only_root_can),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
