// SPDX-License-Identifier: MIT
/* test-json.c - JSON objects, their members by type. */
#include "test.h"

#include "json.h"

static void only_whole_objects_are_taken(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[]",
		"\"x\"",
		"{\"a\":1} x",
		"{a:1}",
		"{\"a\":}",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,}",
		"nul",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\x80\"}",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++) {
		if (azf_json_parse(bad[i], strlen(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_null(azf_json_string(NULL, "a"));
	assert_int_equal(azf_json_first_number(NULL, "a"), 0);
}

static void types_are_checked(void **state)
{
	static const char text[] =
		"{ \"s\" : \"x\\/y\", \"n\" : 42, \"neg\":-1, \"r\":1.5, "
		"\"e\":\"\", \"t\":true, \"o\":{}, \"z\":null, \"l\":[7,8], "
		"\"m\":[\"7\"] }rest";
	azf_autojson struct azf_json *json =
		azf_json_parse(text, sizeof(text) - 1 - strlen("rest"));
	char buffer[8];

	(void)state;
	assert_non_null(json);
	assert_string_equal(azf_json_string(json, "s"), "x/y");
	assert_null(azf_json_string(json, "n"));
	assert_null(azf_json_string(json, "absent"));
	assert_true(azf_json_text(json, "s", buffer, sizeof(buffer)));
	assert_string_equal(buffer, "x/y");
	assert_true(azf_json_text(json, "n", buffer, sizeof(buffer)));
	assert_string_equal(buffer, "42");
	assert_true(azf_json_text(json, "neg", buffer, sizeof(buffer)));
	assert_false(azf_json_text(json, "s", buffer, 3));
	assert_false(azf_json_text(json, "n", buffer, 2));
	assert_false(azf_json_text(json, "r", buffer, sizeof(buffer)));
	assert_false(azf_json_text(json, "e", buffer, sizeof(buffer)));
	assert_false(azf_json_text(json, "t", buffer, sizeof(buffer)));
	assert_false(azf_json_text(json, "o", buffer, sizeof(buffer)));
	assert_false(azf_json_text(json, "z", buffer, sizeof(buffer)));
	assert_int_equal(azf_json_first_number(json, "l"), 7);
	assert_int_equal(azf_json_first_number(json, "m"), 0);
	assert_int_equal(azf_json_first_number(json, "s"), 0);
}

static void what_is_written_can_be_read(void **state)
{
	azf_autojson struct azf_json *json = azf_json_new();
	struct azf_json *list = azf_json_new_array();
	struct azf_json *item = azf_json_new();
	azf_autofree char *text = NULL;

	(void)state;
	assert_true(azf_json_add_string(json, "path", "/a \"b\"\n\xc3\xa4"));
	assert_true(azf_json_add_string(json, "bytes", "/\xff/x"));
	assert_true(azf_json_add_string(json, "none", NULL));
	assert_true(azf_json_add_bool(json, "yes", true));
	assert_true(azf_json_add_number(item, "n", INT64_MAX));
	assert_true(azf_json_append(list, item));
	assert_true(azf_json_add(json, "list", list));
	text = azf_json_print(json);
	assert_string_equal(text, "{\n"
				  "  \"path\": \"/a \\\"b\\\"\\n\\u00E4\",\n"
				  "  \"bytes\": \"/?/x\",\n"
				  "  \"none\": null,\n"
				  "  \"yes\": true,\n"
				  "  \"list\": [\n"
				  "    {\n"
				  "      \"n\": 9223372036854775807\n"
				  "    }\n"
				  "  ]\n"
				  "}");
}

static void without_memory_nothing_is_written(void **state)
{
	azf_autojson struct azf_json *json = azf_json_new();

	(void)state;
	assert_false(azf_json_add_string(NULL, "a", "b"));
	assert_false(azf_json_add(json, "a", NULL));
	assert_false(azf_json_append(NULL, azf_json_new()));
	assert_null(azf_json_print(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_whole_objects_are_taken),
		cmocka_unit_test(types_are_checked),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(without_memory_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
