// SPDX-License-Identifier: MIT
/* ctl-key-mounts.c - live mounts that signed in with a key, and a new key. */
#include "apart.h"
#include "azf-private.h"
#include "ctl-key.h"
#include "ctl.h"
#include "options.h"
#include "source.h"
#include "stored-key.h"
#include "swap.h"
#include "system.h"
#include "table.h"

#include <errno.h>
#include <strings.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

/* ---- which they are ---- */

/**
 * struct search - a walk through the kernel's table
 * @failed: out of memory
 */
struct search {
	const char *name;
	const char *user;
	struct ctl_key_mounts mounts;
	bool failed;
};

static void free_mount(const struct ctl_key_mount *mount)
{
	free(mount->source);
	free(mount->target);
	free(mount->options);
}

void ctl_key_mounts_free(struct ctl_key_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		free_mount(&mounts->list[i]);
	free(mounts->list);
	*mounts = (struct ctl_key_mounts){ 0 };
}

/* Signed in with the key of that user, not with a ticket or as nobody. */
static bool has_user(const char *text, const char *user)
{
	azf_autooptions struct azf_options *options = azf_options_new(true);
	azf_autofree char *copy = strdup(text);
	struct azf_error ignored = { 0 };
	const char *name, *sec;

	if (!options || !copy || azf_options_parse(options, copy, &ignored))
		return false;
	name = azf_options_value(options, "username");
	sec = azf_options_value(options, "sec");
	return name && strcasecmp(name, user) == 0 &&
	       !(sec &&
		 (azf_starts_with(sec, "krb5") || azf_streq(sec, "none")));
}

static bool is_of_account(const char *text, const char *name)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	azf_autofree char *own = NULL;
	struct azf_error ignored = { 0 };

	if (azf_source_parse(text, &source, &ignored))
		return false;
	own = azf_stored_key_name(&source);
	return own && azf_streq(own, name);
}

/* Nothing covers it. Asks no server. */
static bool is_visible(const struct azf_table_line *line)
{
	struct statx stx;

	return statx(AT_FDCWD, line->target,
		     AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE,
		     &stx) == 0 &&
	       makedev(stx.stx_dev_major, stx.stx_dev_minor) == line->device;
}

/* As a line of fstab has to have them to come out the same. */
static char *make_options(const char *live)
{
	azf_autostr struct azf_str options = { 0 };
	bool mfsymlinks = false;

	while (*live) {
		size_t len = strcspn(live, ",");

		if (len == strlen("mfsymlinks") &&
		    azf_starts_with(live, "mfsymlinks"))
			mfsymlinks = true;
		/* the kernel's word for "SELinux is on"; it takes it back not */
		if (len != strlen("seclabel") ||
		    !azf_starts_with(live, "seclabel"))
			azf_str_add(&options, "%.*s,", (int)len, live);
		live += len + (live[len] == ',');
	}
	azf_str_add(&options, "%s", mfsymlinks ? "" : "nomfsymlinks");
	if (options.failed)
		return NULL;
	if (options.len && options.text[options.len - 1] == ',')
		options.text[options.len - 1] = '\0';
	return azf_take(options.text);
}

static int add(struct search *search, const struct azf_table_line *line)
{
	struct ctl_key_mounts *mounts = &search->mounts;
	struct ctl_key_mount mount = {
		.source = strdup(line->source),
		.target = strdup(line->target),
		.options = make_options(line->options),
		.part = !azf_streq(line->root, "/"),
	};
	struct ctl_key_mount *list =
		reallocarray(mounts->list, mounts->count + 1, sizeof(*list));

	if (list)
		mounts->list = list;
	if (!list || !mount.source || !mount.target || !mount.options) {
		free_mount(&mount);
		search->failed = true;
		return 1;
	}
	mounts->list[mounts->count++] = mount;
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/';
}

static int look_at(void *arg, const struct azf_table_line *line)
{
	struct search *search = arg;
	struct ctl_key_mounts *mounts = &search->mounts;

	for (size_t i = 0; i < mounts->count; i++)
		mounts->list[i].holds |= is_below(line->target,
						  mounts->list[i].target);
	if (!azf_table_is_smb(line->type) ||
	    !is_of_account(line->source, search->name) ||
	    !has_user(line->options, search->user) || !is_visible(line))
		return 0;
	return add(search, line);
}

int ctl_key_mounts_find(const char *name, const char *user,
			struct ctl_key_mounts *ret_mounts,
			struct azf_error *err)
{
	struct search search = { .name = name, .user = user };
	const struct azf_table_visitor visitor = { look_at, NULL, &search };
	int r = azf_mountinfo_visit(NULL, &visitor);

	if (r == 0) {
		*ret_mounts = search.mounts;
		return 0;
	}
	ctl_key_mounts_free(&search.mounts);
	if (search.failed)
		return azf_no_memory(err);
	return azf_fail(err, AZF_E_SYSTEM,
			"cannot read the table of mounts: %s", strerror(-r));
}

/* ---- the new key ---- */

static struct azf_apart apart_of(const struct ctl_key_mount *mount,
				 const struct azf_key_pair *keys)
{
	return (struct azf_apart){
		.source = mount->source,
		.target = mount->target,
		.options = mount->options,
		.keys = keys,
		.log = &ctl_log,
	};
}

int ctl_key_mounts_check(const struct ctl_key_mounts *mounts,
			 const struct azf_secret *key, struct azf_error *err)
{
	azf_autokeys struct azf_key_pair keys = { .first = *key };
	struct azf_apart apart;

	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->list[i].part)
			continue;
		apart = apart_of(&mounts->list[i], &keys);
		return azf_apart_mount(&apart, err);
	}
	return 0;
}

/*
 * A live session takes a second password by a remount from Linux 6.13 on, and
 * what went into 6.12. Others say yes to it, too, but the session does not get
 * it, and nobody can see that; the oldest say no.
 */
static bool kernel_takes_keys(void)
{
	unsigned long version[3] = { 0 };
	struct utsname name;
	char *p = name.release;

	if (uname(&name))
		return false;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(version); i++) {
		version[i] = strtoul(p, &p, 10);
		if (*p++ != '.')
			break;
	}
	if (version[0] != 6)
		return version[0] > 6;
	return version[1] > 12 || (version[1] == 12 && version[2] >= 10);
}

static int remount(const struct ctl_key_mount *mount,
		   const struct azf_secret *key, struct azf_error *err)
{
	azf_autokeys struct azf_key_pair keys = { .second = *key };
	struct azf_apart apart = apart_of(mount, &keys);
	azf_autofree char *options = NULL;

	if (asprintf(&options, "remount,%s", mount->options) < 0) {
		options = NULL;
		return azf_no_memory(err);
	}
	apart.options = options;
	return azf_apart_request(&apart, azf_mount, err);
}

static int mount_anew(const struct ctl_key_mount *mount,
		      const struct azf_key_pair *keys, const char **ret_how,
		      struct azf_error *err)
{
	static const char *const hows[] = {
		[AZF_SWAP_CLEAN] = "mounted anew with the new key",
		[AZF_SWAP_BUSY] = "mounted anew with the new key; files that "
				  "are open go on with the old connection "
				  "until they are closed",
		[AZF_SWAP_COVERED] = "mounted anew with the new key over the "
				     "old mount; files that are open go on "
				     "with the old connection, and umount has "
				     "to be run twice",
	};
	const struct azf_apart apart = apart_of(mount, keys);
	enum azf_swapped how;
	int r;

	if (mount->part || mount->holds) {
		azf_fail(err, AZF_E_MOUNT,
			 mount->part ? "it is a bind mount of a directory" :
				       "something else is mounted below it");
		return azf_cure(err, "Unmount it and mount it again");
	}
	r = azf_swap_mount(&apart, &how, err);
	if (r == 0)
		*ret_how = hows[how];
	return r;
}

/* Return: whether it has the new key. */
static bool change(const struct ctl_key_mount *mount,
		   const struct azf_key_pair *keys)
{
	const char *how = "has the new key, too, and takes whichever of them "
			  "the server accepts";
	struct azf_error err = { 0 };
	int r = -AZF_E_MOUNT;

	if (kernel_takes_keys())
		r = remount(mount, &keys->first, &err);
	if (r)
		r = mount_anew(mount, keys, &how, &err);
	if (r)
		ctl_print(stdout, "%s: goes on with the old key: %s%s%s",
			  mount->target, err.cause, err.cure[0] ? ". " : "",
			  err.cure);
	else
		ctl_print(stdout, "%s: %s", mount->target, how);
	return r == 0;
}

int ctl_key_mounts_change(const struct ctl_key_mounts *mounts,
			  const struct azf_key_pair *keys)
{
	int left = 0;

	for (size_t i = 0; i < mounts->count; i++)
		left += !change(&mounts->list[i], keys);
	return left;
}
