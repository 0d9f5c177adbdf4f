// SPDX-License-Identifier: MIT
/* test-secrets.c - keys are kept in one place, wiped, and never shown. */
#include "test.h"

#include "plan.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool all_zero(const void *memory, size_t size)
{
	const unsigned char *p = memory;

	for (size_t i = 0; i < size; i++) {
		if (p[i])
			return false;
	}
	return true;
}

static size_t used_pages(void *memory, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char used[64];
	size_t count = 0;

	assert_true(size <= sizeof(used) * page);
	assert_int_equal(mincore(memory, size, used), 0);
	for (size_t i = 0; i < size; i += page)
		count += used[i / page] & 1;
	return count;
}

/* What was given back last that is watched: how it looked. */
static struct {
	const void *memory;
	size_t pages;
	bool wiped;
} given_back;

/* In the place of the C library's. */
int munmap(void *memory, size_t size)
{
	if (memory == given_back.memory) {
		given_back.pages = used_pages(memory, size);
		given_back.wiped = all_zero(memory, size);
	}
	return (int)syscall(SYS_munmap, memory, size);
}

static void memory_for_secrets_is_wiped(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = 9 * page + 10;
	char *memory = azf_secret_alloc(size);

	(void)state;
	assert_non_null(memory);
	memset(memory + page - 3, 'x', 6);
	memory[size - 1] = 'x';
	given_back.memory = memory;
	azf_secret_release(memory, size);
	assert_true(given_back.wiped);
}

/* A buffer is as large as may be needed; most of it never is. */
static void memory_for_secrets_is_taken_as_it_is_used(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = 16 * page;
	char *memory = azf_secret_alloc(size);

	(void)state;
	assert_non_null(memory);
	assert_int_equal(used_pages(memory, size), 0);
	memory[3 * page] = 'x';
	assert_int_equal(used_pages(memory, size), 1);
	given_back.memory = memory;
	azf_secret_release(memory, size);
	assert_true(given_back.wiped);
	assert_int_equal(given_back.pages, 1);
}

static void a_secret_is_wiped(void **state)
{
	struct azf_secret secret = { 0 };

	(void)state;
	assert_true(azf_secret_set(&secret, "hidden", 6));
	assert_int_equal(secret.len, 6);
	assert_string_equal(secret.text, "hidden");
	azf_secret_wipe(&secret);
	assert_true(all_zero(&secret, sizeof(secret)));
}

static void a_new_secret_leaves_nothing_of_the_old(void **state)
{
	struct azf_secret secret = { 0 };

	(void)state;
	assert_true(azf_secret_set(&secret, "a long old secret", 17));
	assert_true(azf_secret_set(&secret, "new", 3));
	assert_true(all_zero(secret.text + 3, sizeof(secret.text) - 3));
}

static void a_secret_has_limits(void **state)
{
	struct azf_secret secret = { 0 };
	char text[AZF_SECRET_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_true(azf_secret_set(&secret, text, AZF_SECRET_MAX));
	assert_int_equal(strlen(secret.text), AZF_SECRET_MAX);
	assert_false(azf_secret_set(&secret, text, AZF_SECRET_MAX + 1));
	assert_true(all_zero(&secret, sizeof(secret)));
	assert_false(azf_secret_set(&secret, "a\0b", 3));
	assert_true(azf_secret_set(&secret, "", 0));
}

static void a_key_has_a_form(void **state)
{
#define K86                                           \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" \
	"RSTUVWXYZ0123456789+/0123456789ABCDEFGHIJKL"
	static const struct {
		const char *text;
		bool is_key;
	} rows[] = {
		{ K86 "==", true },    { K86 "=", false },
		{ K86 "===", false },  { K86 "==\n", false },
		{ K86, false },	       { "x" K86 "==", false },
		{ K86 "x=", false },   { "", false },
		{ "QUJDRA==", false },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_secret secret = { 0 };

		assert_true(azf_secret_set(&secret, rows[i].text,
					   strlen(rows[i].text)));
		assert_int_equal(azf_secret_is_key(&secret), rows[i].is_key);
	}
}

static void a_data_string_is_wiped(void **state)
{
	struct azf_data *data = malloc(sizeof(*data));

	(void)state;
	memset(data, 'x', sizeof(*data));
	azf_data_wipe(data);
	assert_true(all_zero(data, sizeof(*data)));
	free(data);
}

static void options_are_wiped_in_argv(void **state)
{
	static const struct {
		const char *text, *after, *password, *password2;
	} rows[] = {
		{ "password=KEY", "password=***", "KEY", "" },
		{ "rw,pass=KEY,seal", "rw,pass=***,seal", "KEY", "" },
		{ "password2=A,pass=B", "password2=*,pass=*", "B", "A" },
		{ "pass2=A,rw", "pass2=*,rw", "", "A" },
		{ "password=a,,b,rw", "password=****,rw", "a,b", "" },
		{ "password=,,,rw", "password=**,rw", ",", "" },
		{ "password=a,,", "password=***", "a,", "" },
		{ "password=a,,,,b", "password=******", "a,,b", "" },
		{ "password=a=b==,rw", "password=*****,rw", "a=b==", "" },
		{ "password=a b,rw", "password=***,rw", "a b", "" },
		{ "password=A,password=B", "password=*,password=*", "B", "" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autooptions struct azf_options *options =
			azf_options_new(false);
		azf_autofree char *text = strdup(rows[i].text);
		struct azf_error err;

		assert_int_equal(azf_options_parse(options, text, &err), 0);
		assert_string_equal(text, rows[i].after);
		assert_string_equal(options->password.text, rows[i].password);
		assert_string_equal(options->password2.text, rows[i].password2);
	}
}

/* Each of these fails at another place; in none may the secret remain. */
static void a_failure_wipes_them_too(void **state)
{
	static const char *const lists[] = {
		"bogus,password=SECRET",
		"bogus,rw,pass=SECRET,pass2=SECRET",
		"password=SECRET,bogus",
		"password=SECRET,SECRET",
		"password=SECRET,SECRET,SECRET=SECRET",
		"pass2=SECRET,SECRET=SECRET",
		"vers=9,password=SECRET",
		"guest,password=SECRET",
		"ro=1,password=SECRET,password2=SECRET",
		"password=,password2=SECRET",
		"uid=nobody-has-this-name,password=a,,SECRET",
		"vers,password=SECRET",
		"x-foo,bogus,password=SECRET",
		"=,password=SECRET",
		"pasword=SECRET",
		"Password=SECRET",
		"PASS=SECRET",
		"secret=SECRET",
		"key=SECRET",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lists); i++) {
		azf_autooptions struct azf_options *options =
			azf_options_new(false);
		azf_autofree char *text = strdup(lists[i]);
		struct azf_error err = { 0 };

		assert_int_equal(azf_options_parse(options, text, &err),
				 -AZF_E_USAGE);
		assert_lacks(text, "SECRET");
		assert_lacks(err.cause, "SECRET");
		assert_lacks(err.cure, "SECRET");
	}
}

static void sloppy_wipes_the_value_of_a_misspelt_one(void **state)
{
	azf_autooptions struct azf_options *options = azf_options_new(true);
	char text[] = "pasword=SECRET,ro";
	struct azf_error err;

	(void)state;
	assert_int_equal(azf_options_parse(options, text, &err), 0);
	assert_lacks(text, "SECRET");
	assert_non_null(azf_options_get(options, "ro"));
}

static void a_password_with_a_comma_gets_a_cure(void **state)
{
	azf_autooptions struct azf_options *options = azf_options_new(false);
	char text[] = "password=left,right";
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_options_parse(options, text, &err), &err,
		       AZF_E_USAGE, "behind password=", "credentials=FILE");
	assert_lacks(err.cause, "right");
}

static void a_secret_too_long_is_refused_and_wiped(void **state)
{
	azf_autooptions struct azf_options *options = azf_options_new(false);
	char text[600] = "password=";
	struct azf_error err = { 0 };

	(void)state;
	memset(text + strlen(text), 'k', AZF_SECRET_MAX + 1);
	assert_failure(azf_options_parse(options, text, &err), &err,
		       AZF_E_USAGE, "longer than 512", "");
	assert_null(strchr(text, 'k'));
	assert_int_equal(options->password.len, 0);
}

static void a_long_secret_with_commas_fits(void **state)
{
	azf_autooptions struct azf_options *options = azf_options_new(false);
	char text[1200] = "password=";
	struct azf_error err = { 0 };

	(void)state;
	memset(text + strlen(text), ',', (size_t)2 * AZF_SECRET_MAX);
	assert_int_equal(azf_options_parse(options, text, &err), 0);
	assert_int_equal(options->password.len, AZF_SECRET_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_for_secrets_is_wiped),
		cmocka_unit_test(memory_for_secrets_is_taken_as_it_is_used),
		cmocka_unit_test(a_secret_is_wiped),
		cmocka_unit_test(a_new_secret_leaves_nothing_of_the_old),
		cmocka_unit_test(a_secret_has_limits),
		cmocka_unit_test(a_key_has_a_form),
		cmocka_unit_test(a_data_string_is_wiped),
		cmocka_unit_test(options_are_wiped_in_argv),
		cmocka_unit_test(a_failure_wipes_them_too),
		cmocka_unit_test(sloppy_wipes_the_value_of_a_misspelt_one),
		cmocka_unit_test(a_password_with_a_comma_gets_a_cure),
		cmocka_unit_test(a_secret_too_long_is_refused_and_wiped),
		cmocka_unit_test(a_long_secret_with_commas_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
