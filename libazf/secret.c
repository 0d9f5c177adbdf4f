// SPDX-License-Identifier: MIT
/* secret.c - the only home of keys and passwords. */
#include "secret.h"

#include <string.h>
#include <sys/mman.h>

void *azf_secret_alloc(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	/* each is worth having, none is worth failing for */
	(void)mlock(memory, size);
	(void)madvise(memory, size, MADV_DONTDUMP);
	(void)madvise(memory, size, MADV_WIPEONFORK);
	return memory;
}

void azf_secret_release(void *memory, size_t size)
{
	if (!memory)
		return;
	explicit_bzero(memory, size);
	(void)munmap(memory, size);
}

bool azf_secret_set(struct azf_secret *secret, const char *text, size_t len)
{
	azf_secret_wipe(secret);
	if (len > AZF_SECRET_MAX || memchr(text, '\0', len))
		return false;
	memcpy(secret->text, text, len);
	secret->text[len] = '\0';
	secret->len = len;
	return true;
}

void azf_secret_wipe(struct azf_secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}

bool azf_secret_is_key(const struct azf_secret *secret)
{
	size_t len = strspn(secret->text,
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789+/");

	return len == 86 && strcmp(secret->text + len, "==") == 0;
}
