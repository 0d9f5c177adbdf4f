// SPDX-License-Identifier: MIT
/* refresh.c - what azfilesrefresh does once a minute. */
#include "cache.h"
#include "mounted.h"

#include <time.h>

static bool is_mounted(const struct azf_mounted_list *list, const char *host)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct azf_mounted *mount = &list->mounts[i];

		if (mount->kerberos && azf_streq(mount->canonical, host))
			return true;
	}
	return false;
}

/* Whether others would renew it by now: see ticket.h. */
static bool is_due(const struct azf_ccache_ticket *ticket)
{
	return time(NULL) >=
	       ticket->starts + (ticket->expires - ticket->starts) * 2 / 3;
}

/* The host of cifs/HOST@REALM, for the caller to free(). */
static char *host_of(const struct azf_ccache_ticket *ticket)
{
	const char *host = strchr(ticket->server, '/');
	azf_autofree char *uri = NULL;
	struct azf_error err = { 0 };
	char *canonical = NULL;

	if (!host || asprintf(&uri, "https://%.*s", (int)strcspn(host + 1, "@"),
			      host + 1) < 0) {
		uri = NULL;
		return NULL;
	}
	return compat_host(uri, &canonical, &err) ? NULL : canonical;
}

static void look_after(const struct compat *compat,
		       const struct azf_mounted_list *mounted,
		       const struct azf_ccache_ticket *ticket)
{
	azf_autofree char *host = host_of(ticket);
	struct azf_error err = { 0 };

	if (host && is_due(ticket) && is_mounted(mounted, host) &&
	    compat_renew(compat, host, &err))
		compat_tell_failure(compat, &err);
}

void compat_refresh(const struct compat *compat)
{
	compat_autocache struct compat_cache cache = COMPAT_CACHE_CLOSED;
	azf_automounted struct azf_mounted_list mounted = { .count = 0 };
	struct azf_error err = { 0 };

	if (compat_cache_open(compat, false, &cache, &err)) {
		compat_tell_failure(compat, &err);
		return;
	}
	if (!cache.ccache || azf_mounted_all(NULL, &mounted))
		return;
	for (size_t i = 0; i < azf_ccache_count(cache.ccache); i++) {
		struct azf_ccache_ticket ticket;

		if (!azf_ccache_ticket(cache.ccache, i, &ticket))
			continue;
		look_after(compat, &mounted, &ticket);
		azf_ccache_ticket_free(&ticket);
	}
}
