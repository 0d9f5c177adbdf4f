// SPDX-License-Identifier: MIT
/* anew.c - take a mount away that hangs, and mount its line of fstab again. */
#include "anew.h"

#include "parallel.h"
#include "table.h"

#include <errno.h>
#include <sys/mount.h>

/* The kernel may want to tell the server before it lets go. */
#define DETACH_MS 30000

struct search {
	const char *target;
	unsigned int count;
};

static int count_same(void *arg, const struct azf_table_line *line)
{
	struct search *search = arg;

	search->count += azf_table_is_at(line, search->target);
	return 0;
}

static int count_below(void *arg, const struct azf_table_line *line)
{
	struct search *search = arg;
	size_t len = strlen(search->target);

	search->count += strncmp(line->target, search->target, len) == 0 &&
			 line->target[len] == '/';
	return 0;
}

static int count(const char *path,
		 int (*look)(void *arg, const struct azf_table_line *line),
		 const char *target, unsigned int *ret_count,
		 struct azf_error *err)
{
	struct search search = { target, 0 };
	const struct azf_table_visitor visitor = { look, NULL, &search };
	int r = azf_table_visit(path, &visitor);

	*ret_count = search.count;
	return r ? azf_fail(err, AZF_E_SYSTEM, "cannot read %s: %s",
			    path ? path : "the table of mounts", strerror(-r)) :
		   0;
}

struct departure {
	const char *target;
	int error;
};

/* Runs in a child: the kernel finds out here that the server is away. */
static void detach(void *data)
{
	struct departure *departure = data;

	departure->error = umount2(departure->target,
				   MNT_DETACH | UMOUNT_NOFOLLOW) ?
				   errno :
				   0;
}

static int take_away(const char *target, struct azf_error *err)
{
	struct departure departure = { target, 0 };
	unsigned int before, after;
	int r = count(NULL, count_same, target, &before, err);

	if (r)
		return r;
	r = azf_parallel_run(detach, &departure, sizeof(departure), 1,
			     DETACH_MS);
	if (r == 0)
		r = -departure.error;
	if (r)
		return azf_fail(err, AZF_E_MOUNT, "cannot detach %s: %s",
				target, strerror(-r));
	/* no answer is no failure: it may be gone, and hang while it says so */
	r = count(NULL, count_same, target, &after, err);
	if (r == 0 && after >= before)
		return azf_fail(err, AZF_E_MOUNT, "cannot detach %s", target);
	return r;
}

int azf_mount_anew(const char *target, const char *fstab,
		   int (*mount)(void *arg, const char *target), void *arg,
		   struct azf_error *err)
{
	unsigned int lines, below;
	int r = count(fstab, count_same, target, &lines, err);

	if (r == 0)
		r = count(NULL, count_below, target, &below, err);
	if (r)
		return r;
	if (!lines) {
		azf_fail(err, AZF_E_MOUNT, "%s has no line in %s", target,
			 fstab);
		return azf_cure(err,
				"'umount -l %s', and mount it again by "
				"hand",
				target);
	}
	if (below) {
		azf_fail(err, AZF_E_MOUNT,
			 "other file systems are mounted "
			 "below %s",
			 target);
		return azf_cure(err, "Umount them first");
	}
	r = take_away(target, err);
	if (r)
		return r;
	r = mount(arg, target);
	if (r == 0)
		return 0;
	azf_fail(err, AZF_E_MOUNT,
		 "%s was detached, and mount(8) could not "
		 "mount it again",
		 target);
	return azf_cure(err, "Do what mount(8) says, then 'mount %s'", target);
}
