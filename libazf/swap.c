// SPDX-License-Identifier: MIT
/*
 * swap.c - a new mount in the place of a live one, while files are open.
 *
 * Linux 6.5 can put a mount below another. Older ones do so where a mount
 * arrives by propagation: it is put below what is there. So the new mount is
 * made in a name space of our own, on a copy of the directory that holds the
 * mount point, which has nothing mounted in it and is a peer of the original.
 * Then the old one, on top, is taken off.
 */
#include "swap.h"

#include "azf-private.h"
#include "system.h"
#include "table.h"

#include <errno.h>
#include <sched.h>

/**
 * struct swap - one call
 * @apart: the mount
 * @name: the last component of its target
 * @parent: a copy of the directory that holds it, mounted nowhere yet
 * @home: the name space of the old mount
 * @device: of the old mount
 */
struct swap {
	const struct azf_apart *apart;
	const char *name;
	int parent;
	int home;
	struct statx device;
};

static void close_both(const struct swap *swap)
{
	azf_close_fd(&swap->parent);
	azf_close_fd(&swap->home);
}

static int cannot(const char *what, struct azf_error *err)
{
	return azf_fail(err, AZF_E_SYSTEM, "cannot %s: %s", what,
			strerror(errno));
}

/* ---- in the child ---- */

static int copy_of(const char *target)
{
	return open_tree(AT_FDCWD, target, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

/* Below the old one. */
static int tuck(void *arg, struct azf_error *err)
{
	const struct swap *swap = arg;
	const char *target = swap->apart->target;
	azf_autoclose int mount = copy_of(target);

	if (mount < 0 ||
	    move_mount(swap->parent, "", AT_FDCWD, target,
		       MOVE_MOUNT_F_EMPTY_PATH) ||
	    move_mount(mount, "", swap->parent, swap->name,
		       MOVE_MOUNT_F_EMPTY_PATH))
		return cannot("put the new mount below the old one", err);
	return 0;
}

/* On top of it. */
static int cover(void *arg, struct azf_error *err)
{
	const struct swap *swap = arg;
	const char *target = swap->apart->target;
	azf_autoclose int mount = copy_of(target);

	if (mount < 0 || setns(swap->home, CLONE_NEWNS) ||
	    move_mount(mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH))
		return cannot("put the new mount over the old one", err);
	return 0;
}

static int make(const struct swap *swap,
		int (*place)(void *arg, struct azf_error *err),
		struct azf_error *err)
{
	struct azf_apart apart = *swap->apart;

	apart.then = place;
	apart.arg = (void *)swap;
	return azf_apart_mount(&apart, err);
}

/* ---- the old mount ---- */

struct count {
	const char *target;
	int mounts;
};

static int count_line(void *arg, const struct azf_table_line *line)
{
	struct count *count = arg;

	count->mounts += azf_streq(line->target, count->target);
	return 0;
}

/* How many mounts are on top of each other, automount points too; 0: unknown */
static int mounts_at(const char *target)
{
	struct count count = { .target = target };
	const struct azf_table_visitor visitor = { count_line, NULL, &count };

	return azf_mountinfo_visit(NULL, &visitor) ? 0 : count.mounts;
}

/* Asks no server. */
static int look(const char *target, struct statx *stx)
{
	return statx(AT_FDCWD, target, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		     STATX_TYPE, stx);
}

static bool is_on_top(const struct swap *swap)
{
	struct statx now;

	return look(swap->apart->target, &now) == 0 &&
	       now.stx_dev_major == swap->device.stx_dev_major &&
	       now.stx_dev_minor == swap->device.stx_dev_minor;
}

/* ".." of the root of a mount is in the file system that it is mounted in. */
static int prepare(struct swap *swap, struct azf_error *err)
{
	const char *target = swap->apart->target;
	azf_autoclose int root = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	azf_autoclose int directory = -1;

	if (root >= 0)
		directory = openat(root, "..",
				   O_PATH | O_DIRECTORY | O_CLOEXEC);
	swap->home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (directory < 0 || swap->home < 0 || look(target, &swap->device))
		return cannot("look at the mount", err);
	swap->parent = open_tree(directory, "",
				 AT_EMPTY_PATH | OPEN_TREE_CLONE |
					 OPEN_TREE_CLOEXEC);
	return swap->parent < 0 ? cannot("mount anew before Linux 5.2", err) :
				  0;
}

static int take_off(const struct swap *swap, enum azf_swapped *ret_how,
		    struct azf_error *err)
{
	const char *target = swap->apart->target;

	if (!is_on_top(swap))
		return azf_fail(err, AZF_E_MOUNT,
				"something else was mounted there meanwhile");
	*ret_how = AZF_SWAP_CLEAN;
	if (umount2(target, UMOUNT_NOFOLLOW) == 0)
		return 0;
	*ret_how = AZF_SWAP_BUSY;
	if (errno == EBUSY &&
	    umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH) == 0)
		return 0;
	return cannot("take the old mount off", err);
}

int azf_swap_mount(const struct azf_apart *apart, enum azf_swapped *ret_how,
		   struct azf_error *err)
{
	azf_cleanup(close_both) struct swap swap = {
		.apart = apart,
		.name = strrchr(apart->target, '/') + 1,
		.parent = -1,
		.home = -1,
	};
	int r = prepare(&swap, err);

	if (r)
		return r;
	if (mounts_at(apart->target) == 1) {
		r = make(&swap, tuck, err);
		if (r)
			return r;
		if (mounts_at(apart->target) == 2)
			return take_off(&swap, ret_how, err);
	}
	*ret_how = AZF_SWAP_COVERED;
	return make(&swap, cover, err);
}
