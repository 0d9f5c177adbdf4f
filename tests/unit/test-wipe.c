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

/* How often there are 1000 of @c in a row in what malloc() got. */
static unsigned int __attribute__((no_sanitize("address", "undefined")))
count_on_heap(char c)
{
	azf_autofile FILE *maps = fopen("/proc/self/maps", "re");
	unsigned int count = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long begin, end;
		size_t row = 0;

		if (!strstr(line, "[heap]") ||
		    sscanf(line, "%lx-%lx", &begin, &end) != 2)
			continue;
		for (const volatile char *p = (void *)begin; p < (char *)end;
		     p++) {
			row = *p == c ? row + 1 : 0;
			count += row == 1000;
		}
	}
	return count;
}

static void joined_texts_leave_no_copy(void **state)
{
	static char secret[5001];
	const char *const parts[] = { "a=", secret, "&b=c", NULL };
	const char *const none[] = { NULL };
	char *text;

	(void)state;
	memset(secret, 's', sizeof(secret) - 1);
	text = azf_wipe_join(parts);
	assert_non_null(text);
	assert_int_equal(strlen(text), 5006);
	assert_true(azf_starts_with(text, "a=sss"));
	assert_string_equal(text + 5002, "&b=c");
	azf_wipe_free(text);
	assert_int_equal(count_on_heap('s'), 0);
	text = azf_wipe_join(none);
	assert_non_null(text);
	assert_string_equal(text, "");
	azf_wipe_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_overwritten_as_a_whole),
		cmocka_unit_test(growing_leaves_no_copy),
		cmocka_unit_test(nothing_and_no_size_are_fine),
		cmocka_unit_test(a_variable_forgets_at_the_end),
		cmocka_unit_test(joined_texts_leave_no_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
