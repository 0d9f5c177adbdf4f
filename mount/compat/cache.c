// SPDX-License-Identifier: MIT
/* cache.c - the file of tickets for all servers, and what is remembered. */
#include "cache.h"

#include "state.h"
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define LOCK_MS	   30000
#define MEMORY_MAX 8192

void compat_cache_close(struct compat_cache *cache)
{
	azf_close_fd(&cache->dir);
	azf_close_fd(&cache->memory);
	azf_close_fd(&cache->lock);
	free(cache->name);
	azf_ccache_free(cache->ccache);
}

static int unusable(const struct compat *compat, const char *why,
		    const char *cure, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "cannot use the ticket cache %s: %s",
		 compat->settings.ccache, why);
	return azf_cure(err, "%s", cure);
}

/* Its content is at fault, or something else that @why has. */
static int spoiled(const struct compat *compat, const struct azf_error *why,
		   struct azf_error *err)
{
	if (why->code == AZF_E_MOUNT)
		return unusable(
			compat, why->cause,
			"Move it away, or change KRB5_CC_NAME in " COMPAT_CONFIG,
			err);
	*err = *why;
	return -(int)why->code;
}

/* ---- the file ---- */

static int open_dir(const struct compat *compat, struct compat_cache *cache,
		    struct azf_error *err)
{
	const char *path = compat->settings.ccache;
	const char *slash = strrchr(path, '/');
	azf_autofree char *dir = strndup(path, (size_t)(slash - path));

	cache->name = strdup(slash + 1);
	if (!dir || !cache->name)
		return azf_no_memory(err);
	cache->dir = open(dir[0] ? dir : "/",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cache->dir < 0)
		return unusable(
			compat, strerror(errno),
			"Make its directory, or change KRB5_CC_NAME in " COMPAT_CONFIG,
			err);
	return 0;
}

/* Everybody may have put something there, under any name. */
static bool is_public(int dir)
{
	struct stat st;

	return fstat(dir, &st) || (st.st_mode & (S_IWGRP | S_IWOTH));
}

/* What others put into the place of the cache is not read. */
static int refuse_stranger(const struct compat *compat,
			   const struct compat_cache *cache,
			   struct azf_error *err)
{
	if (!is_public(cache->dir))
		return unusable(
			compat, "it is not a file of root's or of USER_UID's",
			"Remove it, or change KRB5_CC_NAME in " COMPAT_CONFIG,
			err);
	azf_note(&compat->log, AZF_WARN,
		 "%s was not made by root or USER_UID, and is replaced",
		 compat->settings.ccache);
	return 0;
}

static int read_file(const struct compat *compat, struct compat_cache *cache,
		     struct azf_error *err)
{
	azf_autoclose int fd = openat(cache->dir, cache->name,
				      O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					      O_NOCTTY | O_CLOEXEC);
	struct azf_error why = { 0 };
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno != ELOOP)
		return unusable(compat, strerror(errno), "", err);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != compat->settings.uid))
		return refuse_stranger(compat, cache, err);
	r = azf_ccache_read(fd, &cache->ccache, &why);
	return r ? spoiled(compat, &why, err) : 0;
}

/* ---- the lock ---- */

/* The fields of a host, or the lock; of root's alone. */
static int open_memory(const struct compat_cache *cache)
{
	azf_autoclose int dir = -1;
	azf_autofree char *name = NULL;

	if (asprintf(&name, "%s.azfiles", cache->name) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	if (!is_public(cache->dir))
		return azf_open_directory(cache->dir, name, true);
	dir = azf_open_directory(AT_FDCWD, AZF_RUN_DIR, true);
	return dir < 0 ? dir : azf_open_directory(dir, name, true);
}

static int take_lock(const struct compat *compat, struct compat_cache *cache,
		     struct azf_error *err)
{
	int r = open_memory(cache);

	cache->memory = r < 0 ? -1 : r;
	if (r >= 0) {
		r = azf_state_lock(&(struct azf_state){ .fd = r }, LOCK_MS);
		cache->lock = r < 0 ? -1 : r;
	}
	if (r >= 0)
		return 0;
	azf_fail(err, r == -ETIMEDOUT ? AZF_E_TRANSIENT : AZF_E_SYSTEM,
		 "cannot lock the ticket cache %s: %s", compat->settings.ccache,
		 strerror(-r));
	return azf_cure(err, "%s",
			r == -ETIMEDOUT ? "Try again" :
					  "Its directory must be one that root "
					  "can write to");
}

int compat_cache_open(const struct compat *compat, bool lock,
		      struct compat_cache *ret_cache, struct azf_error *err)
{
	compat_autocache struct compat_cache cache = COMPAT_CACHE_CLOSED;
	int r = open_dir(compat, &cache, err);

	if (r == 0 && lock)
		r = take_lock(compat, &cache, err);
	if (r == 0)
		r = read_file(compat, &cache, err);
	if (r)
		return r;
	*ret_cache = cache;
	cache = (struct compat_cache)COMPAT_CACHE_CLOSED;
	return 0;
}

/* ---- its content ---- */

int compat_cache_add(const struct compat *compat, struct compat_cache *cache,
		     const void *data, size_t len, struct azf_error *err)
{
	azf_autoccache struct azf_ccache *ticket = NULL;
	struct azf_error why = { 0 };
	int r = azf_ccache_parse(data, len, &ticket, err);

	if (r)
		return r;
	if (!cache->ccache) {
		cache->ccache = azf_take(ticket);
		return 0;
	}
	r = azf_ccache_take(cache->ccache, ticket, &why);
	return r ? spoiled(compat, &why, err) : 0;
}

int compat_cache_write(const struct compat *compat,
		       const struct compat_cache *cache, struct azf_error *err)
{
	unsigned char *data;
	size_t len;
	int r;

	data = azf_ccache_format(cache->ccache, &len);
	if (!data)
		return azf_no_memory(err);
	r = azf_replace_file_of(cache->dir, cache->name, data, len,
				compat->settings.uid);
	azf_wipe_free(data);
	if (r == 0)
		return 0;
	azf_fail(err, AZF_E_SYSTEM, "cannot write the ticket cache %s: %s",
		 compat->settings.ccache, strerror(-r));
	return azf_cure(err, "Check that its directory is writable and has "
			     "space");
}

/* ---- how tickets were got ---- */

int compat_cache_remember(const struct compat_cache *cache, const char *host,
			  const struct azf_fields *identity)
{
	const struct azf_state memory = { .fd = cache->memory };

	if (!identity)
		return unlinkat(cache->memory, host, 0) && errno != ENOENT ?
			       -errno :
			       0;
	return azf_state_write_fields(&memory, host, identity);
}

int compat_cache_recall(const struct compat_cache *cache, const char *host,
			struct azf_fields *identity)
{
	azf_autoclose int fd = openat(cache->memory, host,
				      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[MEMORY_MAX];
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = azf_read_file(fd, text, sizeof(text));
	return len < 0 ? (int)len :
			 azf_fields_parse(text, (size_t)len, identity, NULL);
}
