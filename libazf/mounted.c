// SPDX-License-Identifier: MIT
/* mounted.c - the SMB mounts that the kernel has now. */
#include "mounted.h"

#include "azf-private.h"
#include "source.h"
#include "table.h"
#include "ticket.h"

#include <arpa/inet.h>
#include <errno.h>

/**
 * struct search - a walk through a table
 * @ours: no mounts of others, and none that is covered
 * @target: with @ours, only what is mounted there; or NULL
 */
struct search {
	bool ours;
	const char *target;
	struct azf_mounted_list list;
};

static char *copy_option(const char *options, const char *name)
{
	size_t len = 0;
	const char *value = azf_table_option(options, name, &len);

	return strndup(value ? value : "", len);
}

static void free_mount(struct azf_mounted *mount)
{
	free(mount->source);
	free(mount->target);
	free(mount->host);
	free(mount->canonical);
	free(mount->account);
	free(mount->user);
	*mount = (struct azf_mounted){ 0 };
}

void azf_mounted_free(struct azf_mounted_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free_mount(&list->mounts[i]);
	free(list->mounts);
	*list = (struct azf_mounted_list){ 0 };
}

/* A value too long for its place is none of the kernel's. */
static void put_option(const char *options, const char *name, char *place,
		       size_t size)
{
	size_t len;
	const char *value = azf_table_option(options, name, &len);

	if (value && len < size)
		memcpy(place, value, len);
}

/* The kernel writes IPv6 addresses at full length. */
static void shorten_address(struct azf_mounted *mount)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, mount->address, &address) == 1)
		(void)inet_ntop(AF_INET6, &address, mount->address,
				sizeof(mount->address));
}

static int fill(struct azf_mounted *mount, const struct azf_table_line *line,
		const struct azf_source *source)
{
	size_t len;
	const char *sec = azf_table_option(line->options, "sec", &len);

	mount->kerberos = sec && azf_starts_with(sec, "krb5");
	mount->sealed = azf_table_has(line->options, "seal");
	mount->multiuser = azf_table_has(line->options, "multiuser");
	mount->source = strdup(line->source);
	mount->target = strdup(line->target);
	mount->host = strdup(source->host);
	mount->canonical = azf_source_canonical_host(source->host);
	mount->user = copy_option(line->options, "username");
	if (source->account)
		mount->account = strdup(source->account);
	put_option(line->options, "addr", mount->address,
		   sizeof(mount->address));
	shorten_address(mount);
	put_option(line->options, "domain", mount->domain,
		   sizeof(mount->domain));
	put_option(line->options, "vers", mount->dialect,
		   sizeof(mount->dialect));
	return mount->source && mount->target && mount->host &&
			       mount->canonical && mount->user &&
			       (mount->account || !source->account) ?
		       0 :
		       -ENOMEM;
}

bool azf_mounted_uses(const struct azf_mounted *mount, const char *host,
		      const char *tag)
{
	return mount->kerberos && azf_streq(mount->canonical, host) &&
	       (!mount->user[0] || azf_streq(mount->user, tag));
}

/**
 * struct lookup - a search for the directory of a mount of many users
 * @users: also those of users, who are beside the one who mounted it
 */
struct lookup {
	const struct azf_mounted *mount;
	struct azf_state *state;
	bool users;
};

static int open_if_used(void *arg, const char *host, const char *tag)
{
	const struct lookup *lookup = arg;
	int r;

	if (!azf_mounted_uses(lookup->mount, host, tag) ||
	    (!lookup->users && azf_starts_with(tag, AZF_TICKET_USERS_TAG)))
		return 0;
	r = azf_state_open(host, tag, false, lookup->state);
	return r == -ENOMEM ? r : r == 0;
}

int azf_mounted_state(const struct azf_mounted *mount,
		      struct azf_state *ret_state)
{
	struct lookup lookup = { mount, ret_state, false };
	int r;

	if (!mount->kerberos)
		return -ENOENT;
	if (mount->user[0])
		return azf_state_open(mount->canonical, mount->user, false,
				      ret_state);
	r = azf_state_visit(open_if_used, &lookup);
	lookup.users = true;
	if (r == 0)
		r = azf_state_visit(open_if_used, &lookup);
	if (r < 0)
		return r;
	return r ? 0 : -ENOENT;
}

/* Return: 1, 0, or -ENOMEM. */
static int has_state(const struct azf_mounted *mount)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	int r = azf_mounted_state(mount, &state);

	return r == -ENOMEM ? r : r == 0;
}

/* What is mounted on top of another hides it. */
static void forget(struct azf_mounted_list *list, const char *target)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!azf_streq(list->mounts[i].target, target))
			continue;
		free_mount(&list->mounts[i]);
		list->count--;
		memmove(&list->mounts[i], &list->mounts[i + 1],
			(list->count - i) * sizeof(list->mounts[i]));
		return;
	}
}

static int add(struct azf_mounted_list *list, struct azf_mounted *mount)
{
	struct azf_mounted *mounts = reallocarray(list->mounts, list->count + 1,
						  sizeof(*mounts));

	if (!mounts)
		return -ENOMEM;
	list->mounts = mounts;
	mounts[list->count++] = *mount;
	*mount = (struct azf_mounted){ 0 };
	return 0;
}

static int look_at(void *arg, const struct azf_table_line *line)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	azf_cleanup(free_mount) struct azf_mounted mount = { 0 };
	struct search *search = arg;
	struct azf_error err;
	int r;

	if (search->target && !azf_streq(line->target, search->target))
		return 0;
	if (search->ours)
		forget(&search->list, line->target);
	if (!azf_table_is_smb(line->type))
		return 0;
	/* whoever is not listed may lose the ticket: only what is no source */
	if (azf_source_parse(line->source, &source, &err))
		return err.code == AZF_E_SYSTEM ? -ENOMEM : 0;
	r = fill(&mount, line, &source);
	if (r == 0)
		r = search->ours && !source.cloud ? has_state(&mount) : 1;
	return r > 0 ? add(&search->list, &mount) : r;
}

static int walk(const char *table, struct search *search,
		struct azf_mounted_list *ret_list)
{
	const struct azf_table_visitor visitor = { look_at, NULL, search };
	int r = azf_mountinfo_visit(table, &visitor);

	if (r) {
		azf_mounted_free(&search->list);
		return r;
	}
	*ret_list = search->list;
	return 0;
}

int azf_mounted_all(const char *table, struct azf_mounted_list *ret_list)
{
	struct search search = { .ours = false };

	return walk(table, &search, ret_list);
}

int azf_mounted_find(const char *target, struct azf_mounted_list *ret_list)
{
	struct search search = { .ours = true, .target = target };

	return walk(NULL, &search, ret_list);
}
