/* SPDX-License-Identifier: MIT */
/* fuzz.h - what all fuzz targets use. */
#ifndef AZF_FUZZ_H
#define AZF_FUZZ_H

#include "azf-private.h"

#include <ftw.h>

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

static inline int fuzz_remove_one(const char *path, const struct stat *st,
				  int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

/* On a disk, each input would be written to it. */
static char fuzz_path[] = "/dev/shm/azf-fuzz-XXXXXX";

static inline void fuzz_remove(void)
{
	(void)nftw(fuzz_path, fuzz_remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

/* A directory for this target, which is gone when it ends. */
static inline const char *fuzz_directory(void)
{
	static bool made;

	if (!made) {
		must(mkdtemp(fuzz_path) && atexit(fuzz_remove) == 0);
		made = true;
	}
	return fuzz_path;
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
