/* SPDX-License-Identifier: MIT */
/* test.h - what all unit tests use. */
#ifndef AZF_TEST_H
#define AZF_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "azf-private.h"
#include "options.h"

#define assert_contains(text, words)                                        \
	do {                                                                \
		if (!strstr(text, words))                                   \
			fail_msg("\"%s\" is not in \"%s\"", (words), text); \
	} while (0)

#define assert_lacks(text, words)                                       \
	do {                                                            \
		if (strstr(text, words))                                \
			fail_msg("\"%s\" is in \"%s\"", (words), text); \
	} while (0)

/* A failure with this code, and these words in its cause and its cure. */
#define assert_failure(r, err, want, words, remedy)   \
	do {                                          \
		assert_int_equal(r, -(int)(want));    \
		assert_int_equal((err)->code, want);  \
		assert_contains((err)->cause, words); \
		assert_contains((err)->cure, remedy); \
	} while (0)

/* So that what cmocka writes to stdout and to stderr keeps its order. */
__attribute__((constructor)) static void test_line_buffer(void)
{
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
}

/* All remarks of the library, a line each. */
struct remarks {
	char text[8192];
};

static inline void test_remark(void *arg, enum azf_level level,
			       const char *text)
{
	static const char *const names[] = { "debug", "info", "warn" };
	struct remarks *remarks = arg;
	size_t len = strlen(remarks->text);

	(void)snprintf(remarks->text + len, sizeof(remarks->text) - len,
		       "%s: %s\n", names[level], text);
}

/* A set of options, or a failed test. */
static inline struct azf_options *test_options(const char *text)
{
	struct azf_options *options = azf_options_new(false);
	azf_autofree char *copy = strdup(text);
	struct azf_error err = { 0 };

	assert_non_null(options);
	assert_non_null(copy);
	if (azf_options_parse(options, copy, &err))
		fail_msg("%s: %s. %s", text, err.cause, err.cure);
	return options;
}

#endif
