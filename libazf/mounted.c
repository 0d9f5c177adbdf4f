// SPDX-License-Identifier: MIT
/* mounted.c - the mounts of ours that the kernel has now. */
#include "mounted.h"

#include "azf-private.h"
#include "source.h"
#include "state.h"
#include "table.h"

#include <errno.h>

struct search {
	const char *target;
	struct azf_mounted_list *list;
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

static int fill(struct azf_mounted *mount, const struct azf_table_line *line,
		const char *host)
{
	size_t len;
	const char *sec = azf_table_option(line->options, "sec", &len);
	const char *address = azf_table_option(line->options, "addr", &len);

	mount->kerberos = sec && azf_starts_with(sec, "krb5");
	mount->source = strdup(line->source);
	mount->target = strdup(line->target);
	mount->host = strdup(host);
	mount->canonical = azf_source_canonical_host(host);
	mount->user = copy_option(line->options, "username");
	if (address && len < sizeof(mount->address))
		memcpy(mount->address, address, len);
	return mount->source && mount->target && mount->host &&
			       mount->canonical && mount->user ?
		       0 :
		       -ENOMEM;
}

static bool has_state(const struct azf_mounted *mount)
{
	azf_autostate struct azf_state state = { .fd = -1 };

	return azf_state_open(mount->canonical, mount->user, false, &state) ==
	       0;
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
	struct azf_error ignored;
	int r;

	if (search->target && !azf_streq(line->target, search->target))
		return 0;
	forget(search->list, line->target);
	if (!azf_table_is_smb(line->type) ||
	    azf_source_parse(line->source, &source, &ignored))
		return 0;
	r = fill(&mount, line, source.host);
	if (r || (!source.cloud && !has_state(&mount)))
		return r;
	return add(search->list, &mount);
}

int azf_mounted_find(const char *target, struct azf_mounted_list *ret_list)
{
	struct azf_mounted_list list = { 0 };
	struct search search = { target, &list };
	const struct azf_table_visitor visitor = { look_at, NULL, &search };
	int r = azf_table_visit(NULL, &visitor);

	if (r) {
		azf_mounted_free(&list);
		return r;
	}
	*ret_list = list;
	return 0;
}
