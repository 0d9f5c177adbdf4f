// SPDX-License-Identifier: MIT
/* secret.c - the only home of keys and passwords. */
#include "secret.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void azf_secret_close_memory(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void *azf_secret_alloc(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	/*
	 * Each is worth having, none is worth failing for. Locked as it comes
	 * into being: most of a buffer that is large enough is never used.
	 */
	(void)mlock2(memory, size, MLOCK_ONFAULT);
	(void)madvise(memory, size, MADV_DONTDUMP);
	(void)madvise(memory, size, MADV_WIPEONFORK);
	return memory;
}

/* Pages that nobody wrote to would come into being by being wiped. */
static void wipe_used(unsigned char *memory, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char used[128];
	bool all = size > sizeof(used) * page || mincore(memory, size, used);

	for (size_t at = 0; at < size; at += page) {
		if (all || used[at / page] & 1)
			explicit_bzero(memory + at,
				       page < size - at ? page : size - at);
	}
}

void azf_secret_release(void *memory, size_t size)
{
	if (!memory)
		return;
	wipe_used(memory, size);
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

void azf_key_pair_wipe(struct azf_key_pair *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

bool azf_secret_is_key(const struct azf_secret *secret)
{
	size_t len = strspn(secret->text,
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789+/");

	return len == 86 && strcmp(secret->text + len, "==") == 0;
}
