// SPDX-License-Identifier: MIT
/* ccache.c - a file of credentials with tickets for many servers. */
#include "ccache.h"

#include "azf-private.h"
#include "krb.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* More tickets than there are storage accounts of a machine. */
#define TICKETS_MAX 4096

struct azf_ccache {
	struct azf_krb krb;
	krb5_principal owner;
	krb5_creds *list;
	size_t count;
};

void azf_ccache_ticket_free(struct azf_ccache_ticket *ticket)
{
	free(ticket->client);
	free(ticket->server);
	free(ticket->realm);
	*ticket = (struct azf_ccache_ticket){ 0 };
}

void azf_ccache_free(struct azf_ccache *ccache)
{
	if (!ccache)
		return;
	for (size_t i = 0; i < ccache->count; i++)
		krb5_free_cred_contents(ccache->krb.context, &ccache->list[i]);
	free(ccache->list);
	krb5_free_principal(ccache->krb.context, ccache->owner);
	azf_krb_close(&ccache->krb);
	free(ccache);
}

/* Another one for the list, which grows in steps of its own size. */
static bool append(struct azf_ccache *ccache, const krb5_creds *creds)
{
	size_t count = ccache->count;
	krb5_creds *list = ccache->list;

	if (count >= TICKETS_MAX)
		return false;
	if ((count & (count - 1)) == 0) {
		list = reallocarray(list, count ? 2 * count : 1, sizeof(*list));
		if (!list)
			return false;
		ccache->list = list;
	}
	list[count] = *creds;
	ccache->count = count + 1;
	return true;
}

static krb5_error_code read_all(struct azf_ccache *ccache, krb5_ccache file)
{
	krb5_context context = ccache->krb.context;
	krb5_cc_cursor cursor;
	krb5_creds creds;
	krb5_error_code r = krb5_cc_get_principal(context, file,
						  &ccache->owner);

	if (r == 0)
		r = krb5_cc_start_seq_get(context, file, &cursor);
	if (r)
		return r;
	while ((r = krb5_cc_next_cred(context, file, &cursor, &creds)) == 0) {
		if (append(ccache, &creds))
			continue;
		krb5_free_cred_contents(context, &creds);
		r = KRB5_CC_NOMEM;
		break;
	}
	(void)krb5_cc_end_seq_get(context, file, &cursor);
	return r == KRB5_CC_END ? 0 : r;
}

static int no_ccache(const char *why, struct azf_error *err)
{
	return azf_fail(err, AZF_E_MOUNT, "it is no credential cache: %s", why);
}

int azf_ccache_read(int fd, struct azf_ccache **ret_ccache,
		    struct azf_error *err)
{
	azf_autoccache struct azf_ccache *ccache = calloc(1, sizeof(*ccache));
	krb5_error_code r;
	krb5_ccache file;
	struct stat st;
	char name[64];

	if (!ccache)
		return azf_no_memory(err);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return no_ccache("it is not a regular file", err);
	if (st.st_size > AZF_CCACHE_MAX)
		return no_ccache("it is larger than a megabyte", err);
	(void)snprintf(name, sizeof(name), "FILE:/proc/self/fd/%d", fd);
	if (!azf_krb_open(&ccache->krb) ||
	    krb5_cc_resolve(ccache->krb.context, name, &file))
		return azf_fail(err, AZF_E_SYSTEM, "cannot set up libkrb5");
	r = read_all(ccache, file);
	(void)krb5_cc_close(ccache->krb.context, file);
	if (r == ENOMEM)
		return azf_no_memory(err);
	if (r)
		return no_ccache("Kerberos cannot read it", err);
	*ret_ccache = azf_take(ccache);
	return 0;
}

int azf_ccache_parse(const void *data, size_t len,
		     struct azf_ccache **ret_ccache, struct azf_error *err)
{
	azf_autoclose int fd = memfd_create("ccache", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : azf_write_all(fd, data, len);

	if (r)
		return azf_fail(err, AZF_E_SYSTEM, "no memory for a file: %s",
				strerror(-r));
	return azf_ccache_read(fd, ret_ccache, err);
}

size_t azf_ccache_count(const struct azf_ccache *ccache)
{
	return ccache->count;
}

static bool is_cifs(const krb5_creds *creds)
{
	const krb5_data *service = creds->server->data;

	return creds->server->length == 2 && service->length == 4 &&
	       strncasecmp(service->data, "cifs", 4) == 0;
}

bool azf_ccache_ticket(const struct azf_ccache *ccache, size_t i,
		       struct azf_ccache_ticket *ret_ticket)
{
	const krb5_creds *creds = &ccache->list[i];
	const krb5_ticket_times *times = &creds->times;
	struct azf_ccache_ticket ticket = { 0 };

	if (!is_cifs(creds))
		return false;
	ticket.client = azf_krb_name(&ccache->krb, creds->client);
	ticket.server = azf_krb_name(&ccache->krb, creds->server);
	ticket.realm = strndup(creds->server->realm.data,
			       creds->server->realm.length);
	if (!ticket.client || !ticket.server || !ticket.realm) {
		azf_ccache_ticket_free(&ticket);
		return false;
	}
	azf_printable(ticket.realm);
	ticket.flags = (uint32_t)creds->ticket_flags;
	ticket.starts = azf_krb_epoch(times->starttime ? times->starttime :
							 times->authtime);
	ticket.expires = azf_krb_epoch(times->endtime);
	ticket.renew_till = azf_krb_epoch(times->renew_till);
	*ret_ticket = ticket;
	return true;
}

char *azf_ccache_find(const struct azf_ccache *ccache, const char *host,
		      int64_t now)
{
	for (size_t i = 0; i < ccache->count; i++) {
		const krb5_creds *creds = &ccache->list[i];

		if (azf_krb_is_for(creds->server, host) &&
		    azf_krb_epoch(creds->times.endtime) > now)
			return azf_krb_name(&ccache->krb, creds->server);
	}
	return NULL;
}

static void drop(struct azf_ccache *ccache, size_t i)
{
	krb5_free_cred_contents(ccache->krb.context, &ccache->list[i]);
	ccache->count--;
	memmove(&ccache->list[i], &ccache->list[i + 1],
		(ccache->count - i) * sizeof(ccache->list[0]));
}

/* The tickets that @from has another of, for the same server. */
static void drop_same(struct azf_ccache *ccache, const struct azf_ccache *from)
{
	for (size_t i = ccache->count; i-- > 0;) {
		for (size_t n = 0; n < from->count; n++) {
			if (!krb5_principal_compare(ccache->krb.context,
						    from->list[n].server,
						    ccache->list[i].server))
				continue;
			drop(ccache, i);
			break;
		}
	}
}

int azf_ccache_take(struct azf_ccache *ccache, struct azf_ccache *from,
		    struct azf_error *err)
{
	krb5_principal owner = ccache->owner;
	bool same = krb5_principal_compare(ccache->krb.context, owner,
					   from->owner);

	drop_same(ccache, from);
	if (!same && ccache->count) {
		azf_autofree char *name = azf_krb_name(&ccache->krb, owner);

		return azf_fail(err, AZF_E_MOUNT,
				"it belongs to another principal, %s",
				name ? name : "of a long name");
	}
	if (!same) {
		ccache->owner = from->owner;
		from->owner = owner;
	}
	while (from->count) {
		if (!append(ccache, &from->list[from->count - 1]))
			return azf_no_memory(err);
		from->count--;
	}
	return 0;
}

size_t azf_ccache_drop(struct azf_ccache *ccache, const char *host)
{
	size_t before = ccache->count;

	for (size_t i = ccache->count; i-- > 0;) {
		if (azf_krb_is_for(ccache->list[i].server, host))
			drop(ccache, i);
	}
	return before - ccache->count;
}

void azf_ccache_drop_expired(struct azf_ccache *ccache, int64_t now)
{
	for (size_t i = ccache->count; i-- > 0;) {
		const krb5_creds *creds = &ccache->list[i];

		if (is_cifs(creds) &&
		    azf_krb_epoch(creds->times.endtime) <= now)
			drop(ccache, i);
	}
}

unsigned char *azf_ccache_format(const struct azf_ccache *ccache,
				 size_t *ret_len)
{
	return azf_krb_ccache(&ccache->krb, ccache->owner, ccache->list,
			      ccache->count, ret_len);
}

/* What libkrb5 itself puts for the user is who runs: here it is another. */
static char *expand_uid(const char *name, uid_t uid)
{
	static const char *const words[] = { "%{uid}", "%{euid}", "%{USERID}" };
	azf_autostr struct azf_str path = { 0 };

	while (*name) {
		size_t len = 0;

		for (size_t i = 0; !len && i < AZF_ARRAY_SIZE(words); i++) {
			if (azf_starts_with(name, words[i]))
				len = strlen(words[i]);
		}
		if (len)
			azf_str_add(&path, "%u", uid);
		else
			azf_str_add(&path, "%c", *name);
		name += len ? len : 1;
	}
	if (path.failed || !path.text || strstr(path.text, "%{"))
		return NULL;
	return azf_take(path.text);
}

char *azf_ccache_default_path(uid_t uid)
{
	static const char built_in[] = "FILE:/tmp/krb5cc_%{uid}";
	krb5_context context = NULL;
	profile_t profile = NULL;
	char *value = NULL, *path = NULL;
	const char *name;

	if (krb5_init_context(&context))
		return NULL;
	if (krb5_get_profile(context, &profile) == 0)
		(void)profile_get_string(profile, "libdefaults",
					 "default_ccache_name", NULL, built_in,
					 &value);
	name = value ? value : built_in;
	if (azf_starts_with(name, "FILE:"))
		name += strlen("FILE:");
	if (name[0] == '/')
		path = expand_uid(name, uid);
	profile_release_string(value);
	if (profile)
		profile_release(profile);
	krb5_free_context(context);
	return path;
}
