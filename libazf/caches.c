// SPDX-License-Identifier: MIT
/* caches.c - the Kerberos tickets of the user that this process runs as. */
#include "caches.h"

#include "krb.h"
#include "sandbox.h"

#include <sys/stat.h>

/**
 * struct look - one azf_caches_look()
 * @collection: the caches that are left to look at
 */
struct look {
	struct azf_krb krb;
	krb5_cccol_cursor collection;
	const char *host;
	int64_t now;
	struct azf_caches *found;
};

static void end_look(struct look *look)
{
	if (look->collection)
		(void)krb5_cccol_cursor_free(look->krb.context,
					     &look->collection);
	azf_krb_close(&look->krb);
}

static bool is_tgt(const krb5_creds *creds)
{
	const krb5_data *service = creds->server->data;

	return creds->server->length == 2 &&
	       service->length == strlen("krbtgt") &&
	       memcmp(service->data, "krbtgt", service->length) == 0;
}

static void put_name(const struct look *look, krb5_const_principal principal,
		     char *place, size_t size)
{
	azf_autofree char *name = azf_krb_name(&look->krb, principal);

	if (name && strlen(name) < size)
		memcpy(place, name, strlen(name) + 1);
}

static void look_at_ticket(const struct look *look, const krb5_creds *creds,
			   int64_t *expires)
{
	bool is_for_host = azf_krb_is_for(creds->server, look->host);
	int64_t end = azf_krb_epoch(creds->times.endtime);

	if (!is_for_host && !is_tgt(creds))
		return;
	if (end > *expires)
		*expires = end;
	if (is_for_host && end > look->now)
		put_name(look, creds->server, look->found->server,
			 sizeof(look->found->server));
}

/* Return: when the last ticket in it ends that helps; 0 if there is none. */
static int64_t look_at_tickets(const struct look *look, krb5_ccache cache)
{
	krb5_context context = look->krb.context;
	int64_t expires = 0;
	krb5_cc_cursor cursor;
	krb5_creds creds;

	if (krb5_cc_start_seq_get(context, cache, &cursor))
		return 0;
	while (krb5_cc_next_cred(context, cache, &cursor, &creds) == 0) {
		if (!krb5_is_config_principal(context, creds.server))
			look_at_ticket(look, &creds, &expires);
		krb5_free_cred_contents(context, &creds);
	}
	(void)krb5_cc_end_seq_get(context, cache, &cursor);
	return expires;
}

/*
 * Anybody can put a file where another user's tickets are looked for. The one
 * who then works with them would be somebody else to the server. So a file that
 * is not there is not looked for again: it may be there the next moment. What
 * is the user's, others cannot take away from a directory as /tmp.
 */
static enum owner {
	NOBODY,
	OURSELVES,
	SOMEBODY_ELSE
} owner_of(const char *name)
{
	struct stat st;

	if (azf_starts_with(name, "FILE:"))
		name += strlen("FILE:");
	else if (azf_starts_with(name, "DIR:"))
		name += strlen("DIR:") + (name[strlen("DIR:")] == ':');
	if (name[0] != '/')
		return OURSELVES;
	if (lstat(name, &st))
		return NOBODY;
	return st.st_uid == geteuid() ? OURSELVES : SOMEBODY_ELSE;
}

/* Of many caches that counts whose tickets last longest. */
static void look_at_cache(const struct look *look, krb5_ccache cache)
{
	krb5_context context = look->krb.context;
	struct azf_caches *found = look->found;
	krb5_principal client = NULL;
	char *name = NULL;
	enum owner owner;
	int64_t expires;

	if (krb5_cc_get_full_name(context, cache, &name))
		return;
	owner = owner_of(name);
	if (owner == SOMEBODY_ELSE) {
		found->foreign = found->expires == 0;
	} else if (owner == OURSELVES &&
		   krb5_cc_get_principal(context, cache, &client) == 0) {
		expires = look_at_tickets(look, cache);
		if (expires > found->expires || !found->client[0]) {
			found->expires = expires;
			(void)snprintf(found->name, sizeof(found->name), "%s",
				       name);
			put_name(look, client, found->client,
				 sizeof(found->client));
		}
		krb5_free_principal(context, client);
	}
	krb5_free_string(context, name);
}

void azf_caches_look(const char *host, int64_t now,
		     struct azf_caches *ret_caches)
{
	azf_cleanup(end_look) struct look look = {
		.host = host,
		.now = now,
		.found = ret_caches,
	};
	krb5_ccache cache;
	const char *name;

	*ret_caches = (struct azf_caches){ .expires = 0 };
	if (krb5_init_context(&look.krb.context))
		return;
	name = krb5_cc_default_name(look.krb.context);
	(void)snprintf(ret_caches->name, sizeof(ret_caches->name), "%s",
		       name ? name : "");
	if (krb5_cccol_cursor_new(look.krb.context, &look.collection))
		return;
	while (krb5_cccol_cursor_next(look.krb.context, look.collection,
				      &cache) == 0 &&
	       cache) {
		look_at_cache(&look, cache);
		(void)krb5_cc_close(look.krb.context, cache);
	}
	if (ret_caches->expires)
		ret_caches->foreign = false;
	azf_printable(ret_caches->name);
}

void azf_caches_keep(const struct azf_caches *caches)
{
	static const char *const all_files[] = { "/", NULL };
	azf_autofree char *place = NULL;
	const char *path = strchr(caches->name, '/');

	if (path)
		place = strdup(path);
	/* which file of a directory gets a ticket is up to libkrb5 */
	if (place && azf_starts_with(caches->name, "DIR:") &&
	    strrchr(place, '/') != place)
		*strrchr(place, '/') = '\0';
	azf_sandbox_files(all_files, place);
}
