// SPDX-License-Identifier: MIT
/* test-claims.c - what an access token says of itself. */
#include "test.h"

#include "claims.h"

#include <errno.h>

/* {"typ":"JWT"}, and a signature that nobody looks at */
#define TOKEN(payload) "eyJ0eXAiOiJKV1QifQ." payload ".c2lnbmF0dXJl"

static void claims_are_found(void **state)
{
	azf_autofields struct azf_fields claims = { .count = 0 };

	(void)state;
	/* {"aud":"https://storage.azure.com","tid":"t-1","appid":"a-1",
	 * "oid":"o?>","exp":1795371255,"sub":"hidden"}
	 */
	assert_int_equal(
		azf_claims_read(
			TOKEN("eyJhdWQiOiJodHRwczovL3N0b3JhZ2UuYXp1cmUuY29tIiwi"
			      "dGlkIjoidC0xIiwiYXBwaWQiOiJhLTEiLCJvaWQiOiJvPz4i"
			      "LCJleHAiOjE3OTUzNzEyNTUsInN1YiI6ImhpZGRlbiJ9"),
			&claims),
		0);
	assert_int_equal(claims.count, 5);
	assert_string_equal(azf_fields_get(&claims, "aud"),
			    "https://storage.azure.com");
	assert_string_equal(azf_fields_get(&claims, "tid"), "t-1");
	assert_string_equal(azf_fields_get(&claims, "appid"), "a-1");
	assert_string_equal(azf_fields_get(&claims, "oid"), "o?>");
	assert_string_equal(azf_fields_get(&claims, "exp"), "1795371255");
}

static void version_2_has_azp(void **state)
{
	azf_autofields struct azf_fields claims = { .count = 0 };

	(void)state;
	/* {"azp":"z"} */
	assert_int_equal(azf_claims_read(TOKEN("eyJhenAiOiJ6In0"), &claims), 0);
	assert_string_equal(azf_fields_get(&claims, "appid"), "z");
	assert_int_equal(claims.count, 1);
}

/* {"aud":"a<newline>b","tid":"<129 times x>"} */
static void values_can_be_shown(void **state)
{
	azf_autofields struct azf_fields claims = { .count = 0 };

	(void)state;
	assert_int_equal(
		azf_claims_read(
			TOKEN("eyJhdWQiOiJhXG5iIiwidGlkIjoi"
			      "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
			      "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
			      "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
			      "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4In0"),
			&claims),
		0);
	assert_string_equal(azf_fields_get(&claims, "aud"), "a?b");
	assert_null(azf_fields_get(&claims, "tid"));
}

static void what_is_no_jwt_has_none(void **state)
{
	static const char *const tokens[] = {
		"",	 "opaque", "a.b",	 "..",
		"a.!.c", "a.e30",  TOKEN("W10"), TOKEN("eyJhIjo"),
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(tokens); i++) {
		azf_autofields struct azf_fields claims = { .count = 0 };

		assert_int_equal(azf_claims_read(tokens[i], &claims), -EINVAL);
		assert_int_equal(claims.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_found),
		cmocka_unit_test(version_2_has_azp),
		cmocka_unit_test(values_can_be_shown),
		cmocka_unit_test(what_is_no_jwt_has_none),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
