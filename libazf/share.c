// SPDX-License-Identifier: MIT
/* share.c - a share mounted and unmounted, for programs that call the library. */
#include "azf-private.h"
#include "request.h"
#include "secret.h"
#include "table.h"

#include <errno.h>
#include <limits.h>
#include <sys/mount.h>

/* ---- mount ---- */

/**
 * struct call - one azf_share_mount()
 * @text: the options, in memory of azf_secret_alloc()
 * @size: of @text
 */
struct call {
	struct azf_options *options;
	char *text;
	size_t size;
};

static void end_call(struct call *call)
{
	azf_options_free(call->options);
	azf_secret_release(call->text, call->size);
}

int azf_share_mount(const char *source, const char *target, const char *options,
		    const struct azf_log *log, struct azf_error *err)
{
	azf_cleanup(end_call) struct call call = {
		.options = azf_options_new(false),
		.size = options ? strlen(options) + 1 : 1,
	};
	struct azf_error unseen;
	const struct azf_request request = {
		.source = source,
		.target = target,
		.options = call.options,
		.log = log ? log : &azf_no_log,
	};
	int r;

	if (!err)
		err = &unseen;
	r = azf_need_root(err);
	if (r)
		return r;
	if (!source || !target)
		return azf_fail(err, AZF_E_USAGE,
				"a source and a target are needed");
	call.text = azf_secret_alloc(call.size);
	if (!call.options || !call.text)
		return azf_no_memory(err);
	if (options)
		memcpy(call.text, options, call.size);
	r = azf_options_parse(call.options, call.text, err);
	return r ? r : azf_mount(&request, err);
}

/* ---- umount ---- */

/**
 * struct search - what is mounted at a place
 * @target: of the kernel's spelling
 * @share: the last mount there is one of ours
 */
struct search {
	const char *target;
	bool share;
};

static int look_at(void *arg, const struct azf_table_line *line)
{
	struct search *search = arg;

	if (azf_streq(line->target, search->target))
		search->share = azf_table_is_smb(line->type);
	return 0;
}

static int find(const char *target, bool *ret_share, struct azf_error *err)
{
	struct search search = { .target = target };
	const struct azf_table_visitor visitor = { look_at, NULL, &search };
	int r = azf_mountinfo_visit(NULL, &visitor);

	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the table of mounts: %s",
				strerror(-r));
	*ret_share = search.share;
	return 0;
}

/*
 * As the kernel spells it. Only what it does not know in the caller's spelling
 * is looked at, since a share whose server is gone does not let itself be
 * looked at.
 */
static int find_target(const char *given, char path[PATH_MAX],
		       struct azf_error *err)
{
	size_t len = strlen(given);
	bool share = false;
	int r;

	while (len > 1 && given[len - 1] == '/')
		len--;
	if (given[0] != '/' || len >= PATH_MAX) {
		azf_fail(err, AZF_E_USAGE, "'%s' is no absolute path", given);
		return azf_cure(err, "Give the path of the mount point");
	}
	memcpy(path, given, len);
	path[len] = '\0';
	r = find(path, &share, err);
	if (r == 0 && !share && realpath(given, path))
		r = find(path, &share, err);
	if (r || share)
		return r;
	azf_fail(err, AZF_E_MOUNT, "no share is mounted on %s", given);
	return azf_cure(err, "'findmnt -t cifs' shows what is mounted");
}

int azf_share_umount(const char *target, unsigned int flags,
		     struct azf_error *err)
{
	bool lazy = flags & AZF_UMOUNT_LAZY;
	struct azf_error unseen;
	char path[PATH_MAX];
	int r;

	if (!err)
		err = &unseen;
	r = azf_need_root(err);
	if (r == 0 && (!target || flags & ~(unsigned int)AZF_UMOUNT_LAZY))
		r = azf_fail(err, AZF_E_USAGE,
			     "there is no target, or an unknown flag");
	if (r == 0)
		r = find_target(target, path, err);
	if (r)
		return r;
	if (umount2(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0)
		return 0;
	azf_fail(err, errno == EBUSY ? AZF_E_TRANSIENT : AZF_E_MOUNT,
		 "cannot unmount %s: %s", path, strerror(errno));
	return azf_cure(err, errno == EBUSY ? "'fuser -vm' shows who uses it" :
					      "The kernel's log may say why");
}
