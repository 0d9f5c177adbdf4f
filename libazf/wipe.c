// SPDX-License-Identifier: MIT
/* wipe.c - a heap that forgets, for libraries through which tokens pass. */
#include "wipe.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void azf_wipe_free(void *memory)
{
	if (!memory)
		return;
	explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void *azf_wipe_realloc(void *memory, size_t size)
{
	size_t old = memory ? malloc_usable_size(memory) : 0;
	void *moved = malloc(size ? size : 1);

	if (!moved || !memory)
		return moved;
	memcpy(moved, memory, old < size ? old : size);
	azf_wipe_free(memory);
	return moved;
}

char *azf_wipe_strdup(const char *text)
{
	return strdup(text);
}

char *azf_wipe_join(const char *const *parts)
{
	size_t len = 0;
	char *text, *end;

	for (size_t i = 0; parts[i]; i++)
		len += strlen(parts[i]);
	text = malloc(len + 1);
	if (!text)
		return NULL;
	end = text;
	*end = '\0';
	for (size_t i = 0; parts[i]; i++)
		end = stpcpy(end, parts[i]);
	return text;
}
