// SPDX-License-Identifier: MIT
/* test-mnt.c - what is mounted on a mount point already. */
#include "test.h"

#include "mnt.h"
#include "namespace.h"

#define PLACE "/run/place"
#define TABLE "/run/mountinfo"

static int enter(void **state)
{
	return namespace_enter(state) || mkdir(PLACE, 0755) ||
	       mount("none", PLACE, "tmpfs", 0, NULL);
}

/* The table of mounts has this source at PLACE. */
static void pretend(const char *source)
{
	FILE *file = fopen(TABLE, "we");

	assert_non_null(file);
	(void)fprintf(file,
		      "22 1 0:20 / / rw - ext4 /dev/vda rw\n"
		      "30 22 0:40 / " PLACE " rw - cifs %s rw\n",
		      source);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(
		mount(TABLE, "/proc/self/mountinfo", "none", MS_BIND, NULL), 0);
}

static int open_mnt(const char *source, struct remarks *remarks,
		    struct azf_error *err)
{
	const struct azf_log log = { test_remark, remarks };
	const struct azf_request request = {
		.source = source,
		.target = PLACE,
		.log = &log,
	};
	char flags[] = "rw";
	const struct azf_plan plan = { .request = &request, .flags = flags };
	struct azf_mnt *mnt = NULL;
	int r = azf_mnt_open(&plan, &mnt, err);

	azf_mnt_close(mnt);
	return r;
}

/* The kernel would not notice; mount(8) compares them in the same way. */
static void a_share_does_not_cover_itself(void **state)
{
	static const struct {
		const char *there, *typed;
		bool same;
	} rows[] = {
		{ "//h.example/s", "//h.example/s", true },
		{ "//h.example/s", "//h.example/s/", true },
		{ "//h.example/s/d", "//h.example/s//d", true },
		{ "//h.example/s/d", "//h.example//s/d//", true },
		{ "//h.example/s\\040t", "//h.example/s t", true },
		{ "//h.example/s", "//h.example/s/d", false },
		{ "//h.example/s/d", "//h.example/s", false },
		{ "//h.example/s/d", "//h.example/sd", false },
		{ "//h.example/s", "//H.example/s", false },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct remarks remarks = { "" };
		struct azf_error err = { 0 };
		int r;

		pretend(rows[i].there);
		r = open_mnt(rows[i].typed, &remarks, &err);
		assert_int_equal(umount("/proc/self/mountinfo"), 0);
		if (rows[i].same) {
			assert_failure(r, &err, AZF_E_MOUNT,
				       "it is mounted on " PLACE " already",
				       "mount -o remount");
			continue;
		}
		if (r)
			fail_msg("%s: %s", rows[i].typed, err.cause);
		assert_contains(remarks.text, "this one covers it");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_does_not_cover_itself),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
