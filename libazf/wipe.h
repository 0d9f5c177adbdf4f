/* SPDX-License-Identifier: MIT */
/*
 * wipe.h - a heap that forgets, for libraries through which tokens pass.
 *
 * libcurl and jansson copy what they are given and what they receive. Both take
 * an allocator from outside; with this one no copy outlives its release.
 */
#ifndef AZF_WIPE_H
#define AZF_WIPE_H

#include <stddef.h>

/* As realloc(3), but the old block is overwritten when it moves. */
void *azf_wipe_realloc(void *memory, size_t size);

/* As strdup(3). */
char *azf_wipe_strdup(const char *text);

/**
 * azf_wipe_join() - one text of several
 * @parts: ends with NULL
 *
 * asprintf(3) makes its result larger as it goes, and leaves the smaller ones
 * behind.
 *
 * Return: to be given to azf_wipe_free(); NULL if out of memory.
 */
char *azf_wipe_join(const char *const *parts);

/* As free(3), but the block is overwritten; for any block of malloc(3). */
void azf_wipe_free(void *memory);

#define azf_autowipe azf_cleanup(azf_wipe_pointer)
static inline void azf_wipe_pointer(void *pointer)
{
	azf_wipe_free(*(void **)pointer);
}

#endif
