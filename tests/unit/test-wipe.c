// SPDX-License-Identifier: MIT
/* test-wipe.c - the heap that forgets does so before it gives memory back. */
#include "test.h"

#include "wipe.h"

/* In the place of the C library's, to see what was overwritten. */
static struct {
	const void *block;
	size_t len;
} last;

static void overwrite(void *block, size_t len)
{
	volatile unsigned char *p = block;

	for (size_t i = 0; i < len; i++)
		p[i] = 0;
	last.block = block;
	last.len = len;
}

void explicit_bzero(void *block, size_t len)
{
	overwrite(block, len);
}

/* What it is called with _FORTIFY_SOURCE. */
void __explicit_bzero_chk(void *block, size_t len, size_t size);
void __explicit_bzero_chk(void *block, size_t len, size_t size)
{
	assert_true(len <= size);
	overwrite(block, len);
}

static void forget(void)
{
	last.block = NULL;
	last.len = 0;
}

static void a_block_is_overwritten_as_a_whole(void **state)
{
	char *block = malloc(100);
	const void *was = block;

	(void)state;
	assert_non_null(block);
	memset(block, 'x', 100);
	forget();
	azf_wipe_free(block);
	assert_ptr_equal(last.block, was);
	assert_in_range(last.len, 100, 4096);
	forget();
	azf_wipe_free(NULL);
	assert_null(last.block);
}

static void growing_leaves_no_copy(void **state)
{
	char *small = azf_wipe_strdup("secret");
	const void *was = small;
	char *large;

	(void)state;
	assert_string_equal(small, "secret");
	forget();
	large = azf_wipe_realloc(small, 100000);
	assert_non_null(large);
	assert_string_equal(large, "secret");
	large[99999] = 'x';
	assert_ptr_equal(last.block, was);
	assert_in_range(last.len, sizeof("secret"), 4096);
	was = large;
	small = azf_wipe_realloc(large, 3);
	assert_memory_equal(small, "sec", 3);
	assert_ptr_equal(last.block, was);
	assert_in_range(last.len, 100000, 200000);
	azf_wipe_free(small);
}

static void nothing_and_no_size_are_fine(void **state)
{
	void *block = azf_wipe_realloc(NULL, 0);

	(void)state;
	assert_non_null(block);
	block = azf_wipe_realloc(block, 0);
	assert_non_null(block);
	azf_wipe_free(block);
}

static void a_variable_forgets_at_the_end(void **state)
{
	const void *was;

	(void)state;
	forget();
	{
		azf_autowipe char *text = azf_wipe_strdup("secret");

		was = text;
	}
	assert_ptr_equal(last.block, was);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_overwritten_as_a_whole),
		cmocka_unit_test(growing_leaves_no_copy),
		cmocka_unit_test(nothing_and_no_size_are_fine),
		cmocka_unit_test(a_variable_forgets_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
