/* SPDX-License-Identifier: MIT */
/*
 * cache.h - the file of tickets for all servers, and what is remembered of them.
 *
 * The file is replaced as a whole and never written to, so that who reads it
 * needs no lock. Beside it is a directory of root's, FILE.azfiles: "lock", held
 * by whoever replaces the file, and for each host how its ticket was got (the
 * fields of a request to azfiles-credential: no secret). It is beside it since
 * containers that share the one share the other. Where everybody may write,
 * it is below /run instead.
 */
#ifndef COMPAT_CACHE_H
#define COMPAT_CACHE_H

#include "ccache.h"
#include "compat.h"

/**
 * struct compat_cache - the file, open
 * @dir: where it is
 * @name: of the file
 * @memory: the directory beside it; -1 unless it is locked
 * @lock: -1 unless it is locked
 * @ccache: its content; NULL while there is none
 */
struct compat_cache {
	int dir;
	char *name;
	int memory;
	int lock;
	struct azf_ccache *ccache;
};

#define COMPAT_CACHE_CLOSED                         \
	{                                           \
		.dir = -1, .memory = -1, .lock = -1 \
	}

#define compat_autocache azf_cleanup(compat_cache_close)
void compat_cache_close(struct compat_cache *cache);

/**
 * compat_cache_open() - open the file
 * @lock: it is to be replaced: wait for the lock
 * @ret_cache: filled on success
 *
 * Return: 0, also without a file; -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int compat_cache_open(const struct compat *compat, bool lock,
		      struct compat_cache *ret_cache, struct azf_error *err);

/**
 * compat_cache_add() - add a ticket, in the place of an older one
 * @data: a file of credentials with that ticket
 * @len: in bytes
 */
int compat_cache_add(const struct compat *compat, struct compat_cache *cache,
		     const void *data, size_t len, struct azf_error *err);

/* Replace the file, which is USER_UID's afterwards, by the content. */
int compat_cache_write(const struct compat *compat,
		       const struct compat_cache *cache, struct azf_error *err);

/* How the ticket for a host was got. A NULL @identity: forget it. */
int compat_cache_remember(const struct compat_cache *cache, const char *host,
			  const struct azf_fields *identity);
int compat_cache_recall(const struct compat_cache *cache, const char *host,
			struct azf_fields *identity) AZF_MUST_CHECK;

#endif
