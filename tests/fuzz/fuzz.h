/* SPDX-License-Identifier: MIT */
/* fuzz.h - what all fuzz targets use. */
#ifndef AZF_FUZZ_H
#define AZF_FUZZ_H

#include "azf-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A property; assert() would be gone with NDEBUG. */
#define must(condition)                   \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

/* The input as text, to be freed. */
static inline char *fuzz_text(const uint8_t *bytes, size_t size)
{
	char *text = strndup(size ? (const char *)bytes : "", size);

	must(text);
	return text;
}

/* Remarks must be one printable line. */
static inline void fuzz_remark(void *arg, enum azf_level level,
			       const char *text)
{
	(void)arg;
	must(level <= AZF_WARN);
	must(!azf_has_control(text, strlen(text)));
}

#endif
