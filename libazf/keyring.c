// SPDX-License-Identifier: MIT
/*
 * keyring.c - the kernel's keys: the one that an upcall has to answer, and
 * tokens of ours that outlive a process.
 *
 * The keyring of a user is found by its uid, but a key in it may only be used
 * by a process that "possesses" it, which normally means: has the keyring below
 * its session keyring. Daemons and helpers do not. So each key is linked to the
 * keyring of our process as well, which is made for that moment, is possessed
 * by us whatever the session, and ends with us.
 */
#include "keyring.h"

#include <errno.h>
#include <keyutils.h>
#include <strings.h>

#define PREFIX "azfiles:"

/* The kernel cuts the type off after nine characters. */
#define ADDRESS_TYPE "dns_resol"

static int result(long r)
{
	return r < 0 ? -errno : 0;
}

ssize_t azf_keyring_describe(int32_t key, char *buffer, size_t size)
{
	/* counts the NUL, and is not bounded by the size */
	long len = keyctl_describe(key, buffer, size);

	if (len < 0)
		return -errno;
	if (len == 0 || (size_t)len > size || buffer[len - 1] != '\0')
		return -EFBIG;
	return (ssize_t)len - 1;
}

int azf_keyring_instantiate(int32_t key, const void *payload, size_t len)
{
	return result(keyctl_instantiate(key, payload, len, 0));
}

int azf_keyring_reject(int32_t key, int error, unsigned int timeout_s)
{
	return result(keyctl_reject(key, timeout_s, (unsigned int)error, 0));
}

int azf_keyring_detach(void)
{
	/* in this order: with the session goes what could be assumed again */
	if (keyctl_join_session_keyring(NULL) < 0)
		return -errno;
	return result(keyctl_assume_authority(0));
}

static char *full_name(const char *name)
{
	char *full;

	return asprintf(&full, PREFIX "%s", name) < 0 ? NULL : full;
}

/* Return: the key, now possessed by us; or an errno negated. */
static key_serial_t find(const char *name)
{
	azf_autofree char *full = full_name(name);
	long key;

	if (!full)
		return -ENOMEM;
	key = keyctl_search(KEY_SPEC_USER_KEYRING, "user", full,
			    KEY_SPEC_PROCESS_KEYRING);
	if (key >= 0)
		return (key_serial_t)key;
	/* what has run out is gone, however the kernel puts it */
	return errno == EKEYEXPIRED || errno == EKEYREVOKED ? -ENOKEY : -errno;
}

int azf_keyring_store(const char *name, const void *payload, size_t len,
		      unsigned int timeout_s)
{
	azf_autofree char *full = full_name(name);
	key_serial_t key;
	int r;

	if (!full)
		return -ENOMEM;
	if (len == 0 || len > AZF_KEYRING_PAYLOAD_MAX || timeout_s == 0)
		return -EINVAL;
	/* adding would update a key of this name that a search left with us */
	(void)keyctl_clear(KEY_SPEC_PROCESS_KEYRING);
	key = add_key("user", full, payload, len, KEY_SPEC_PROCESS_KEYRING);
	if (key < 0)
		return -errno;
	/* seen by others last: there is never one that would stay for ever */
	r = result(keyctl_set_timeout(key, timeout_s));
	if (r == 0)
		r = result(keyctl_link(key, KEY_SPEC_USER_KEYRING));
	(void)keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
	return r;
}

ssize_t azf_keyring_load(const char *name, void *buffer, size_t size)
{
	key_serial_t key = find(name);
	ssize_t r;
	long len;

	if (key < 0)
		return key;
	len = keyctl_read(key, buffer, size);
	r = len < 0 ? -errno : (ssize_t)len;
	if (len > 0 && (size_t)len > size)
		r = -EFBIG;
	(void)keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
	if (r < 0)
		explicit_bzero(buffer, size);
	return r == -EKEYEXPIRED || r == -EKEYREVOKED ? -ENOKEY : r;
}

void azf_keyring_forget(const char *name)
{
	key_serial_t key = find(name);

	if (key >= 0)
		(void)keyctl_invalidate(key);
}

/* A line of /proc/keys: SERIAL FLAGS USES EXPIRY PERM UID GID TYPE NAME: LENGTH
 */
static key_serial_t address_of(const char *line, const char *host)
{
	static const size_t before_type = 7;
	unsigned long serial = strtoul(line, NULL, 16);
	size_t len = strlen(host);

	for (size_t i = 0; i < before_type; i++) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	if (!azf_starts_with(line, ADDRESS_TYPE " "))
		return 0;
	line += strlen(ADDRESS_TYPE " ");
	return strncasecmp(line, host, len) == 0 && line[len] == ':' ?
		       (key_serial_t)serial :
		       0;
}

unsigned int azf_keyring_forget_address(const char *host)
{
	azf_autofile FILE *keys = fopen("/proc/keys", "re");
	azf_autofree char *line = NULL;
	unsigned int count = 0;
	size_t size = 0;

	while (keys && getline(&line, &size, keys) > 0) {
		key_serial_t key = address_of(line, host);

		if (key > 0 && keyctl_invalidate(key) == 0)
			count++;
	}
	return count;
}
