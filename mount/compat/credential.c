// SPDX-License-Identifier: MIT
/*
 * credential.c - tickets set, cleared and renewed.
 *
 * Each is got and kept as that of a mount, below /run/azfiles, where the
 * kernel's upcall finds it by the user name of the mount; the cache gets a
 * copy.
 */
#include "cache.h"
#include "identity.h"
#include "ticket.h"
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#define LOCK_MS	 65000
#define PATIENCE 30

/* ---- from below /run into the cache ---- */

static int no_state(int error, struct azf_error *err)
{
	azf_fail(err, AZF_E_SYSTEM, "cannot use " AZF_RUN_DIR ": %s",
		 strerror(-error));
	return azf_cure(err, "It must belong to root, with mode 0700; remove "
			     "it to have it made anew");
}

static int copy_to_cache(const struct compat *compat,
			 const struct azf_state *state,
			 struct compat_cache *cache, struct azf_error *err)
{
	azf_autoclose int fd = openat(state->fd, "ccache",
				      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	azf_autowipe char *data = malloc(AZF_CCACHE_MAX);
	ssize_t len;
	int r;

	if (!data)
		return azf_no_memory(err);
	len = fd < 0 ? -errno : azf_read_file(fd, data, AZF_CCACHE_MAX);
	if (len < 0)
		return no_state((int)len, err);
	if (cache->ccache)
		azf_ccache_drop_expired(cache->ccache, time(NULL));
	r = compat_cache_add(compat, cache, data, (size_t)len, err);
	return r ? r : compat_cache_write(compat, cache, err);
}

/* The time-outs of config.yaml go with the request. */
static int open_state(const struct compat *compat, const char *host,
		      const struct azf_fields *identity,
		      struct azf_state *state, struct azf_error *err)
{
	const struct compat_settings *settings = &compat->settings;
	azf_autofields struct azf_fields request = { .count = 0 };
	azf_autofree char *tag = azf_identity_tag(identity);
	int r = azf_fields_set(&request, "host", host);

	for (size_t i = 0; r == 0 && i < identity->count; i++)
		r = azf_fields_set(&request, identity->list[i].key,
				   identity->list[i].value);
	if (r == 0 && settings->connect_timeout)
		r = azf_fields_set_number(&request, "connect_timeout",
					  settings->connect_timeout);
	if (r == 0 && settings->total_timeout)
		r = azf_fields_set_number(&request, "total_timeout",
					  settings->total_timeout);
	if (r || !tag)
		return azf_no_memory(err);
	return azf_ticket_claim(tag, &request, state, err);
}

/* ---- set ---- */

static int set(const struct compat *compat, const char *host,
	       const struct azf_fields *identity, const char *token,
	       int64_t *ret_expires, struct azf_error *err)
{
	compat_autocache struct compat_cache cache = COMPAT_CACHE_CLOSED;
	azf_autostate struct azf_state state = { .fd = -1 };
	struct azf_ticket_times times;
	int r;

	r = open_state(compat, host, identity, &state, err);
	if (r == 0)
		r = azf_ticket_keep(&state, token, &compat->log, err);
	if (r == 0)
		r = compat_cache_open(compat, true, &cache, err);
	if (r == 0)
		r = copy_to_cache(compat, &state, &cache, err);
	if (r)
		return r;
	r = compat_cache_remember(&cache, host, identity);
	if (r)
		azf_note(&compat->log, AZF_WARN,
			 "azfilesrefresh will not renew the ticket for %s: "
			 "cannot write beside the cache: %s",
			 host, strerror(-r));
	azf_note(&compat->log, AZF_INFO, "ticket for %s stored in %s", host,
		 compat->settings.ccache);
	if (ret_expires && azf_ticket_times(&state, &times))
		*ret_expires = (int64_t)times.expires;
	return 0;
}

int compat_set(const struct compat *compat, const char *host,
	       const struct azf_fields *identity, int64_t *ret_expires,
	       struct azf_error *err)
{
	return set(compat, host, identity, NULL, ret_expires, err);
}

int compat_set_token(const struct compat *compat, const char *host,
		     const char *token, int64_t *ret_expires,
		     struct azf_error *err)
{
	azf_autofields struct azf_fields identity = { .count = 0 };

	if (azf_fields_set(&identity, "identity", "token"))
		return azf_no_memory(err);
	return set(compat, host, &identity, token, ret_expires, err);
}

/* ---- clear ---- */

/* The ticket below /run, if it was got for the cache. */
static void forget_state(const struct compat_cache *cache, const char *host)
{
	azf_autofields struct azf_fields identity = { .count = 0 };
	azf_autostate struct azf_state state = { .fd = -1 };
	azf_autofree char *tag = NULL;
	azf_autoclose int lock = -1;

	if (compat_cache_recall(cache, host, &identity))
		return;
	tag = azf_identity_tag(&identity);
	if (!tag || azf_state_open(host, tag, false, &state))
		return;
	lock = azf_state_lock(&state, LOCK_MS);
	/* what is left of it goes with the next refresh */
	if (lock >= 0)
		(void)!azf_state_forget(&state, host, tag);
}

int compat_clear(const struct compat *compat, const char *host,
		 struct azf_error *err)
{
	compat_autocache struct compat_cache cache = COMPAT_CACHE_CLOSED;
	int r = compat_cache_open(compat, true, &cache, err);

	if (r)
		return r;
	forget_state(&cache, host);
	(void)!compat_cache_remember(&cache, host, NULL);
	if (!cache.ccache || !azf_ccache_drop(cache.ccache, host)) {
		azf_note(&compat->log, AZF_INFO,
			 "there is no ticket for %s in %s", host,
			 compat->settings.ccache);
		return 0;
	}
	return compat_cache_write(compat, &cache, err);
}

/* ---- renewal ---- */

int compat_renew(const struct compat *compat, const char *host,
		 struct azf_error *err)
{
	compat_autocache struct compat_cache cache = COMPAT_CACHE_CLOSED;
	azf_autofields struct azf_fields identity = { .count = 0 };
	azf_autostate struct azf_state state = { .fd = -1 };
	const char *kind;
	int r = compat_cache_open(compat, true, &cache, err);

	if (r)
		return r;
	/* a token that was handed over makes no second ticket */
	if (compat_cache_recall(&cache, host, &identity) ||
	    !(kind = azf_fields_get(&identity, "identity")) ||
	    azf_streq(kind, "token"))
		return 0;
	azf_close_fd(&cache.lock);
	cache.lock = -1;
	r = open_state(compat, host, &identity, &state, err);
	if (r == 0 && azf_ticket_failure(&state, AZF_TICKET_EARLY, err))
		return 0;
	if (r == 0)
		r = azf_ticket_ensure(&state, AZF_TICKET_EARLY, PATIENCE,
				      &compat->log, err);
	compat_cache_close(&cache);
	cache = (struct compat_cache)COMPAT_CACHE_CLOSED;
	if (r == 0)
		r = compat_cache_open(compat, true, &cache, err);
	if (r == 0)
		r = copy_to_cache(compat, &state, &cache, err);
	if (r == 0)
		azf_note(&compat->log, AZF_INFO, "ticket for %s renewed", host);
	return r;
}
