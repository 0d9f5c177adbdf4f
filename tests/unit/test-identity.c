// SPDX-License-Identifier: MIT
/* test-identity.c - from options to a request, and to the name of a ticket. */
#include "test.h"

#include "identity.h"
#include "state.h"
#include "wipe.h"

#define GUID	 "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define CAPITALS "0A1B2C3D-4E5F-6789-ABCD-EF0123456789"
#define RESOURCE "/subscriptions/s/resourceGroups/g/providers/p/id"
#define SP	 "identity=sp,tenant_id=t,client_id=" GUID
#define WORKLOAD "identity=workload,tenant_id=t,client_id=c,token_file=/f"

static int fields_of(const char *text, struct azf_fields *fields,
		     struct azf_error *err)
{
	struct azf_options *options = test_options(text);
	int r = azf_identity_fields(options, fields, err);

	azf_options_free(options);
	return r;
}

/* Of options that are right; to be freed. */
static char *tag_of(const char *text)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct azf_error err = { 0 };
	char *tag;

	if (fields_of(text, &fields, &err))
		fail_msg("%s: %s", text, err.cause);
	tag = azf_identity_tag(&fields);
	assert_non_null(tag);
	if (!azf_state_is_name(tag))
		fail_msg("%s: %s is no name", text, tag);
	return tag;
}

static const struct {
	const char *options, *request;
} kinds[] = {
	{ "identity=system", "identity=system\n" },
	{ "identity=" GUID, "identity=client\nclient_id=" GUID "\n" },
	{ "identity=" RESOURCE,
	  "identity=resource\nresource_id=" RESOURCE "\n" },
	{ "identity=/SubScriptions/x",
	  "identity=resource\nresource_id=/SubScriptions/x\n" },
	{ WORKLOAD, "identity=workload\nclient_id=c\ntenant_id=t\n"
		    "token_file=/f\n" },
	{ WORKLOAD ",authority_host=h", "identity=workload\nclient_id=c\n"
					"tenant_id=t\nauthority_host=h\n"
					"token_file=/f\n" },
	{ SP ",client_secret_file=/s",
	  "identity=sp\nclient_id=" GUID
	  "\ntenant_id=t\nclient_secret_file=/s\n" },
	{ "client_certificate=/c,authority_host=h," SP,
	  "identity=sp\nclient_id=" GUID "\ntenant_id=t\nauthority_host=h\n"
	  "client_certificate=/c\n" },
	{ "identity=token,token_file=/f", "identity=token\ntoken_file=/f\n" },
	{ "identity=token", "identity=token\n" },
	{ "identity=exec:/usr/bin/x y",
	  "identity=exec\nprogram=/usr/bin/x y\n" },
	{ "identity=exec:/x,client_id=c,tenant_id=t",
	  "identity=exec\nprogram=/x\nclient_id=c\ntenant_id=t\n" },
	{ "identity=keytab", "identity=keytab\n" },
	{ "identity=keytab,principal=svc@R,keytab=/k",
	  "identity=keytab\nkeytab=/k\nprincipal=svc@R\n" },
	{ "identity=keytab,principal=svc", "identity=keytab\nprincipal=svc\n" },
	{ "identity=ccache", "identity=ccache\ncruid=0\n" },
	{ "identity=ccache,cruid=3001", "identity=ccache\ncruid=3001\n" },
};

static void each_kind_becomes_a_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kinds); i++) {
		azf_autofields struct azf_fields fields = { .count = 0 };
		azf_autowipe char *text = NULL;
		struct azf_error err = { 0 };
		size_t len;

		if (fields_of(kinds[i].options, &fields, &err))
			fail_msg("%s: %s", kinds[i].options, err.cause);
		text = azf_fields_format(&fields, &len);
		assert_string_equal(text, kinds[i].request);
	}
}

/* The kernel shows it as username=, and it is a directory below /run. */
static void each_has_a_tag_of_its_own(void **state)
{
	char *tags[AZF_ARRAY_SIZE(kinds)];

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kinds); i++) {
		azf_autofree char *same = tag_of(kinds[i].options);

		tags[i] = tag_of(kinds[i].options);
		assert_string_equal(tags[i], same);
		assert_in_range(strlen(tags[i]), 1, 64);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(tags[i], tags[j]);
	}
	assert_string_equal(tags[0], "system");
	assert_string_equal(tags[1], GUID);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kinds); i++)
		free(tags[i]);
}

static void the_order_of_options_is_no_difference(void **state)
{
	azf_autofree char *one = tag_of(SP ",client_secret_file=/s");
	azf_autofree char *two = tag_of("client_secret_file=/s,client_id=" GUID
					",tenant_id=t,identity=sp,ro,seal");

	(void)state;
	assert_string_equal(one, two);
	assert_int_equal(strncmp(one, "sp-", 3), 0);
}

static void any_other_detail_is_another_tag(void **state)
{
	static const char *const others[] = {
		"identity=sp,tenant_id=t,client_id=c,client_secret_file=/s",
		"identity=sp,tenant_id=u,client_id=c,client_secret_file=/s",
		"identity=sp,tenant_id=t,client_id=d,client_secret_file=/s",
		"identity=sp,tenant_id=t,client_id=c,client_secret_file=/S",
		"identity=sp,tenant_id=t,client_id=c,client_certificate=/s",
		("identity=sp,tenant_id=t,client_id=c,client_secret_file=/s,"
		 "authority_host=h"),
		"identity=exec:/s",
		"identity=exec:/s,client_id=c",
		"identity=exec:/s,tenant_id=c",
		"identity=/subscriptions/a",
		"identity=/subscriptions/b",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(others); i++) {
		azf_autofree char *tag = tag_of(others[i]);

		for (size_t j = 0; j < i; j++) {
			azf_autofree char *other = tag_of(others[j]);

			assert_string_not_equal(tag, other);
		}
	}
}

static void a_client_id_in_capitals_is_the_same(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	azf_autofree char *tag = tag_of("identity=" CAPITALS);
	struct azf_error err = { 0 };

	(void)state;
	assert_string_equal(tag, GUID);
	assert_int_equal(fields_of("identity=" CAPITALS, &fields, &err), 0);
	assert_string_equal(azf_fields_get(&fields, "client_id"), GUID);
}

static void assert_refused(const char *options, const char *words,
			   const char *cure)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct azf_error err = { 0 };
	int r = fields_of(options, &fields, &err);

	assert_failure(r, &err, AZF_E_USAGE, words, cure);
	assert_int_equal(fields.count, 0);
}

static void what_is_missing_is_named(void **state)
{
	static const struct {
		const char *options, *words;
	} rows[] = {
		{ "identity=workload", "identity=workload needs client_id=" },
		{ "identity=workload,client_id=c", "needs tenant_id=" },
		{ "identity=workload,client_id=c,tenant_id=t",
		  "needs token_file=" },
		{ "identity=workload,client_id=c,token_file=/f",
		  "needs tenant_id=" },
		{ "identity=sp,client_secret_file=/s",
		  "identity=sp needs client_id=" },
		{ "identity=sp,client_id=c,client_certificate=/c",
		  "needs tenant_id=" },
		{ "identity=sp,client_id=c,tenant_id=t", "client_secret_file" },
		{ "identity=sp,client_id=c,tenant_id=t", "client_certificate" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++)
		assert_refused(rows[i].options, rows[i].words,
			       "Add it to the options");
}

static void what_has_no_meaning_is_named(void **state)
{
	static const struct {
		const char *options, *words;
	} rows[] = {
		{ "identity=system,client_id=c",
		  "client_id= has no meaning with identity=system" },
		{ "identity=system,tenant_id=t", "tenant_id= has no meaning" },
		{ "identity=" GUID ",client_id=" GUID,
		  "client_id= has no meaning with identity=" GUID },
		{ "identity=" RESOURCE ",token_file=/f",
		  "token_file= has no meaning with identity=" RESOURCE },
		{ WORKLOAD ",client_secret_file=/s",
		  "client_secret_file= has no meaning with identity=workload" },
		{ WORKLOAD ",client_certificate=/s",
		  "client_certificate= has no meaning" },
		{ SP ",client_secret_file=/s,token_file=/f",
		  "token_file= has no meaning with identity=sp" },
		{ "identity=token,token_file=/f,authority_host=h",
		  "authority_host= has no meaning with identity=token" },
		{ "identity=system,keytab=/k", "keytab= has no meaning" },
		{ "identity=ccache,principal=x", "principal= has no meaning" },
		{ "identity=keytab,client_id=c",
		  "client_id= has no meaning with identity=keytab" },
		{ "identity=exec:/x,token_file=/f",
		  "token_file= has no meaning with identity=exec:/x" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++)
		assert_refused(rows[i].options, rows[i].words, "Leave it out");
}

static void unknown_identities_are_told_the_known_ones(void **state)
{
	static const char *const unknown[] = {
		"System",
		"systems",
		"client",
		"resource",
		"exec",
		"exec:x",
		"exec:",
		"key",
		"subscriptions/x",
		"/subscription/x",
		"/x",
		"{" GUID "}",
		GUID "0",
		"0a1b2c3d4e5f6789abcdef0123456789",
		"0a1b2c3d-4e5f-6789-abcd-ef012345678",
		"0g1b2c3d-4e5f-6789-abcd-ef0123456789",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(unknown); i++) {
		azf_autofields struct azf_fields fields = { .count = 0 };
		azf_autofree char *text = NULL;
		struct azf_error err = { 0 };
		int r;

		assert_true(asprintf(&text, "identity=%s", unknown[i]) > 0);
		r = fields_of(text, &fields, &err);
		assert_failure(r, &err, AZF_E_USAGE, text, "exec:/PATH");
		assert_contains(err.cause, "is not known");
		assert_contains(err.cure, "workload, sp, token");
	}
}

static void what_no_line_can_hold_is_refused(void **state)
{
	static const char *const rows[] = {
		"identity=/subscriptions/a\nb",
		"identity=exec:/a\x01",
		"identity=token,token_file=/a\nidentity=system",
	};
	char text[AZF_FIELD_VALUE_MAX + 100] = "identity=/subscriptions/";
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct azf_error err = { 0 };
	int r;

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		r = fields_of(rows[i], &fields, &err);
		assert_failure(r, &err, AZF_E_USAGE, "a control character", "");
	}
	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	r = fields_of(text, &fields, &err);
	assert_failure(r, &err, AZF_E_USAGE, "is too long", "");
}

static void tags_of_realms_are_told_apart_at_sight(void **state)
{
	azf_autofree char *machine = tag_of("identity=keytab");
	azf_autofree char *other = tag_of("identity=keytab,keytab=/k");
	azf_autofree char *user = tag_of("identity=ccache,cruid=3001");

	(void)state;
	assert_string_equal(machine, "keytab");
	assert_int_equal(strncmp(other, "keytab-", 7), 0);
	assert_string_equal(user, "ccache-3001");
}

static void those_of_entra_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kinds); i++) {
		azf_autofields struct azf_fields fields = { .count = 0 };
		struct azf_error err = { 0 };

		assert_int_equal(fields_of(kinds[i].options, &fields, &err), 0);
		assert_int_equal(azf_identity_is_entra(&fields),
				 !strstr(kinds[i].options, "=keytab") &&
					 !strstr(kinds[i].options, "=ccache"));
	}
}

static void what_is_no_identity_has_no_tag(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	assert_null(azf_identity_tag(&fields));
	assert_int_equal(azf_fields_set(&fields, "identity", "client"), 0);
	assert_null(azf_identity_tag(&fields));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_becomes_a_request),
		cmocka_unit_test(each_has_a_tag_of_its_own),
		cmocka_unit_test(the_order_of_options_is_no_difference),
		cmocka_unit_test(any_other_detail_is_another_tag),
		cmocka_unit_test(tags_of_realms_are_told_apart_at_sight),
		cmocka_unit_test(those_of_entra_are_known),
		cmocka_unit_test(a_client_id_in_capitals_is_the_same),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(what_has_no_meaning_is_named),
		cmocka_unit_test(unknown_identities_are_told_the_known_ones),
		cmocka_unit_test(what_no_line_can_hold_is_refused),
		cmocka_unit_test(what_is_no_identity_has_no_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
