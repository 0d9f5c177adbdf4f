// SPDX-License-Identifier: MIT
/* test-inputs.c - files of an identity that cannot be used. */
#include "namespace.h"

#include "config.h"
#include "identity.h"
#include "inputs.h"
#include "request.h"

#include <fcntl.h>
#include <sys/stat.h>

static char dir[] = "/tmp/azf-inputs-XXXXXX";

static void make(const char *name, const char *content, size_t len, mode_t mode)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static int set_up(void **state)
{
	static char large[70000];

	if (namespace_enter(state) || !mkdtemp(dir))
		return -1;
	memset(large, 'x', sizeof(large));
	make("empty", "", 0, 0600);
	make("blank", " \n", 2, 0600);
	make("nul", "a\0b", 3, 0600);
	make("large", large, sizeof(large), 0600);
	make("writable", "#!/bin/sh\n", 10, 0775);
	make("closed", "#!/bin/sh\n", 10, 0700);
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void what_cannot_be_used_is_told(void **state)
{
	static const struct {
		const char *key, *name, *words;
	} rows[] = {
		{ "token_file", "%s/absent", "No such file" },
		{ "token_file", "relative", "not an absolute path" },
		{ "token_file", "%s", "not a regular file" },
		{ "token_file", "/dev/null", "not a regular file" },
		{ "token_file", "%s/empty", "is empty" },
		{ "token_file", "%s/blank", "is empty" },
		{ "client_secret_file", "%s/nul", "NUL byte" },
		{ "client_certificate", "%s/large", "too large" },
		{ "program", "%s/absent", "No such file" },
		{ "program", "sh", "not an absolute path" },
		{ "program", "%s", "everybody may execute" },
		{ "program", "%s/closed", "everybody may execute" },
		{ "program", "%s/writable", "others than root may write" },
	};
	struct azf_config config = { 0 };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autofields struct azf_fields request = { .count = 0 };
		struct azf_inputs inputs;
		struct azf_error err = { 0 };
		char path[64];
		int r;

		(void)snprintf(path, sizeof(path), "%s", rows[i].name);
		if (azf_starts_with(rows[i].name, "%s"))
			(void)snprintf(path, sizeof(path), "%s%s", dir,
				       rows[i].name + 2);
		assert_int_equal(azf_fields_set(&request, "identity", "x"), 0);
		assert_int_equal(azf_fields_set(&request, rows[i].key, path),
				 0);
		r = azf_inputs_open(&request, &config, &inputs, &err);
		assert_failure(r, &err, AZF_E_MOUNT, rows[i].words, "");
		assert_contains(err.cause, path);
	}
}

static void a_token_can_be_handed_over(void **state)
{
	struct azf_config config = { 0 };
	azf_autofields struct azf_fields request = { .count = 0 };
	azf_autoinputs struct azf_inputs inputs = { .lock = -1 };
	struct azf_error err = { 0 };
	static char large[70000];

	(void)state;
	assert_int_equal(azf_fields_set(&request, "identity", "token"), 0);
	assert_int_equal(azf_inputs_open(&request, &config, &inputs, &err), 0);
	assert_string_equal(inputs.tag, "token");
	memset(large, 'x', sizeof(large));
	assert_failure(azf_inputs_take_token(&inputs, large, sizeof(large),
					     &err),
		       &err, AZF_E_USAGE, "too long", "");
	assert_int_equal(azf_inputs_take_token(&inputs, "abc \n def", 5, &err),
			 0);
	assert_string_equal(inputs.token_file.text, "abc");
	assert_int_equal(inputs.token_file.len, 3);
	assert_failure(azf_inputs_take_token(&inputs, "abc", 3, &err), &err,
		       AZF_E_USAGE, "a token and a token_file", "");
}

/* What a refresh forgets of an identity it finds by the name of its directory. */
static void the_lock_has_the_name_of_the_directory(void **state)
{
	/* the last option has a path that begins with the directory's */
	static const struct {
		const char *options, *file;
	} rows[] = {
		{ "client_id=c,tenant_id=t,identity=exec:", "/program" },
		{ "identity=workload,tenant_id=t,client_id=c,token_file=",
		  "/file" },
		{ "identity=sp,tenant_id=t,authority_host=h,client_id=c,"
		  "client_secret_file=",
		  "/file" },
		{ "identity=token,token_file=", "/file" },
		{ "identity=keytab,principal=p,keytab=", "/file" },
		{ "identity=system", NULL },
		{ "identity=11111111-2222-3333-4444-55555555555A", NULL },
		{ "identity=/subscriptions/s/resourceGroups/g", NULL },
	};
	struct azf_config config = { 0 };

	(void)state;
	make("program", "#!/bin/sh\n", 10, 0755);
	make("file", "x", 1, 0600);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autofields struct azf_fields request = { .count = 0 };
		azf_autoinputs struct azf_inputs inputs = { .program = -1,
							    .lock = -1,
							    .arc_tokens = -1 };
		struct azf_options *options;
		azf_autofree char *tag = NULL;
		struct azf_error err = { 0 };
		char line[256];

		(void)snprintf(line, sizeof(line), "%s%s%s", rows[i].options,
			       rows[i].file ? dir : "",
			       rows[i].file ? rows[i].file : "");
		options = test_options(line);
		assert_int_equal(azf_identity_fields(options, &request, &err),
				 0);
		azf_options_free(options);
		tag = azf_identity_tag(&request);
		if (azf_inputs_open(&request, &config, &inputs, &err))
			fail_msg("%s: %s", line, err.cause);
		assert_string_equal(inputs.tag, tag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_used_is_told),
		cmocka_unit_test(a_token_can_be_handed_over),
		cmocka_unit_test(the_lock_has_the_name_of_the_directory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
