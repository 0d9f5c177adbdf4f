/* SPDX-License-Identifier: MIT */
/* secret.h - the only home of keys and passwords. */
#ifndef AZF_SECRET_H
#define AZF_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* The kernel's limit for a password (CIFS_MAX_PASSWORD_LEN). */
#define AZF_SECRET_MAX 512

/**
 * struct azf_secret - a key or password
 * @len: bytes in @text without the NUL; 0 when there is none
 * @text: NUL terminated
 *
 * Of fixed size and never copied by realloc(), so that wiping this one place
 * wipes it. Starts as { 0 }; declared azf_autosecret, it wipes itself.
 */
struct azf_secret {
	size_t len;
	char text[AZF_SECRET_MAX + 1];
};

/**
 * struct azf_key_pair - the keys of an account, in the order to try them
 * @first: has no length only for a remount, which cannot change it
 * @second: may have no length
 */
struct azf_key_pair {
	struct azf_secret first;
	struct azf_secret second;
};

#define azf_autokeys azf_cleanup(azf_key_pair_wipe)
void azf_key_pair_wipe(struct azf_key_pair *keys);

/**
 * azf_secret_close_memory() - nobody reads the memory of this process
 *
 * No core file, and no ptrace by another process of its user.
 */
void azf_secret_close_memory(void);

/**
 * azf_secret_alloc() - zeroed memory for structs that hold secrets
 * @size: in bytes
 *
 * It is not swapped out (if RLIMIT_MEMLOCK allows), not dumped, and empty in a
 * child after fork(). Pages that are not used are not there.
 *
 * Return: to be given to azf_secret_release() with the same size; or NULL.
 */
void *azf_secret_alloc(size_t size);
void azf_secret_release(void *memory, size_t size);

#define azf_autosecret azf_cleanup(azf_secret_wipe)

/**
 * azf_secret_set() - keep a secret
 * @secret: what it held before is wiped
 * @text: need not be NUL terminated, must not contain a NUL
 * @len: bytes of @text
 *
 * Return: false if @text is too long for the kernel or contains a NUL.
 */
bool azf_secret_set(struct azf_secret *secret, const char *text, size_t len);
void azf_secret_wipe(struct azf_secret *secret);

/* Whether it can be a storage account key, which is 64 bytes in base64. */
bool azf_secret_is_key(const struct azf_secret *secret);

#endif
