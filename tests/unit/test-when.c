// SPDX-License-Identifier: MIT
/* test-when.c - points in time, as services write them. */
#include "test.h"

#include "when.h"

static void rfc3339_is_strict(void **state)
{
	static const struct {
		const char *text;
		int64_t epoch;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2025-12-08T04:45:27.000Z", 1765169127 },
		{ "2025-12-08T04:45:27Z", 1765169127 },
		{ "2025-12-08T04:45:27.1234567Z", 1765169127 },
		{ "2025-12-08T04:45:27.Z", 1765169127 },
		{ "2025-12-08T05:45:27+01:00", 1765169127 },
		{ "2025-12-07T22:15:27.5-06:30", 1765169127 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "2106-02-07T06:28:16Z", 4294967296 },
	};
	static const char *const bad[] = {
		"",
		"2025-12-08",
		"2025-12-08T04:45:27",
		"2025-12-08 04:45:27Z",
		"2025-12-08T04:45Z",
		" 2025-12-08T04:45:27Z",
		"2025-12-08T04:45:27Z ",
		"2025-12-08T04:45:27.12345678Z",
		"2025-12-08T04:45:27z",
		"2025-13-08T04:45:27Z",
		"2025-02-29T00:00:00Z",
		"2025-12-32T00:00:00Z",
		"2025-12-08T24:45:27Z",
		"2025-12-08T04:45:27+0100",
		"2025-12-08T04:45:27+24:00",
		"25-12-08T04:45:27Z",
		"1765169127",
	};
	int64_t epoch;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(good); i++) {
		if (!azf_when_rfc3339(good[i].text, &epoch) ||
		    epoch != good[i].epoch)
			fail_msg("%s", good[i].text);
	}
	epoch = 77;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++) {
		if (azf_when_rfc3339(bad[i], &epoch))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_int_equal(epoch, 77);
}

static void metadata_services_write_many_forms(void **state)
{
	static const char *const good[] = {
		"1506484173",
		"2017-09-27T03:49:33Z",
		"2017-09-27 03:49:33",
		"09/27/2017 03:49:33 +00:00",
		"09/27/2017 04:49:33 +01:00",
	};
	static const char *const bad[] = {
		"",
		"x",
		"-1",
		"1.5",
		" 1",
		"2017-09-27 03:49:33 x",
		"9/27/2017 03:49:33 +00:00",
		"27/09/2017 03:49:33 +00:00",
		"9999999999999999999",
	};
	int64_t epoch;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(good); i++) {
		assert_true(azf_when_any(good[i], &epoch));
		assert_int_equal(epoch, 1506484173);
	}
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++) {
		if (azf_when_any(bad[i], &epoch))
			fail_msg("accepted: %s", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3339_is_strict),
		cmocka_unit_test(metadata_services_write_many_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
