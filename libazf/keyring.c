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

/* ---- what the kernel itself looks for ---- */

/*
 * For the owner alone, and by the owner's uid: possession would be everybody's
 * who shares a session with the owner. It can be found and replaced, not read.
 */
#define SECRET_PERMISSIONS                                              \
	(KEY_USR_VIEW | KEY_USR_WRITE | KEY_USR_SEARCH | KEY_USR_LINK | \
	 KEY_USR_SETATTR)

int azf_keyring_store_secret(const char *name, const void *payload, size_t len,
			     unsigned int timeout_s)
{
	key_serial_t key;
	int r = 0;

	/* changing its attributes takes possession, which this keyring gives */
	(void)keyctl_clear(KEY_SPEC_PROCESS_KEYRING);
	key = add_key("logon", name, payload, len, KEY_SPEC_PROCESS_KEYRING);
	if (key < 0)
		return -errno;
	if (timeout_s)
		r = result(keyctl_set_timeout(key, timeout_s));
	if (r == 0)
		r = result(keyctl_setperm(key, SECRET_PERMISSIONS));
	if (r == 0)
		r = result(keyctl_link(key, KEY_SPEC_USER_KEYRING));
	(void)keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
	return r;
}

static key_serial_t find_secret(key_serial_t keyring, const char *name)
{
	return (key_serial_t)keyctl_search(keyring, "logon", name, 0);
}

enum azf_keyring_reach azf_keyring_find_secret(const char *name)
{
	/* without a session it is the keyring that the kernel would use */
	if (find_secret(KEY_SPEC_SESSION_KEYRING, name) > 0)
		return AZF_KEYRING_FOUND;
	return find_secret(KEY_SPEC_USER_KEYRING, name) > 0 ?
		       AZF_KEYRING_ELSEWHERE :
		       AZF_KEYRING_ABSENT;
}

int azf_keyring_forget_secret(const char *name)
{
	static const key_serial_t keyrings[] = { KEY_SPEC_USER_KEYRING,
						 KEY_SPEC_SESSION_KEYRING };
	int r = -ENOKEY;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(keyrings); i++) {
		key_serial_t key = find_secret(keyrings[i], name);

		if (key <= 0)
			continue;
		/* out of sight first: one that has been invalidated is an error
		 * to whoever meets it, until the kernel has removed it */
		(void)keyctl_unlink(key, keyrings[i]);
		(void)keyctl_invalidate(key);
		r = 0;
	}
	return r;
}

/* "TYPE;UID;GID;PERMISSIONS;NAME" */
static const char *name_in(const char *text, const char *type)
{
	size_t len = strlen(type);

	if (strncmp(text, type, len) != 0 || text[len] != ';')
		return NULL;
	for (int fields = 0; fields < 4 && text; fields++) {
		text = strchr(text, ';');
		text = text ? text + 1 : NULL;
	}
	return text;
}

int azf_keyring_visit_secrets(const char *prefix,
			      void (*visit)(void *arg, const char *name),
			      void *arg)
{
	azf_autofree void *list = NULL;
	int size = keyctl_read_alloc(KEY_SPEC_USER_KEYRING, &list);
	const key_serial_t *keys = list;

	if (size < 0)
		return -errno;
	for (size_t i = 0; i < (size_t)size / sizeof(*keys); i++) {
		char text[512];
		const char *name;

		if (azf_keyring_describe(keys[i], text, sizeof(text)) < 0)
			continue;
		name = name_in(text, "logon");
		if (name && azf_starts_with(name, prefix))
			visit(arg, name);
	}
	return 0;
}

/* "keyring;UID;GID;PERMISSIONS;NAME" */
static bool session_is_ours(void)
{
	char text[256] = "";
	const char *uid;

	if (azf_keyring_describe(KEY_SPEC_SESSION_KEYRING, text, sizeof(text)) <
	    0)
		return false;
	uid = strchr(text, ';');
	return uid && strtoul(uid + 1, NULL, 10) == getuid();
}

int azf_keyring_join(void)
{
	if (!session_is_ours())
		return -EPERM;
	return result(
		keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING));
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
