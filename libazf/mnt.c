// SPDX-License-Identifier: MIT
/*
 * mnt.c - our own mount(2), and the place that it mounts on.
 *
 * libmount could do all of it, but its debug and error texts print all that it
 * is given, the key too, and since 2.39 its mount is an fsopen(2), which fails
 * without telling why where the module is not loaded yet. To load it alone
 * would take more than all else that is done up to mount(2).
 */
#include "mnt.h"

#include "azf-private.h"
#include "system.h"
#include "table.h"

#include <errno.h>
#include <sched.h>
#include <sys/wait.h>

/**
 * struct azf_mnt - one mount point, for as long as a mount is tried
 * @target: its path, as tables of mounts have it
 * @place: itself, whatever its path has come to mean meanwhile
 * @there: the mount name space of the target (mount -N); or -1 for ours
 * @here: with @there, ours
 */
struct azf_mnt {
	const struct azf_plan *plan;
	char *target;
	int place;
	int there;
	int here;
	unsigned long flags;
};

/* What users of fstab are not to get through a mount that is theirs. */
#define MS_OWNERS (MS_NOSUID | MS_NODEV)
#define MS_USERS  (MS_OWNERS | MS_NOEXEC)

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

/* As mount(8) has them; the later word wins. The others are no flags. */
static const struct {
	const char *word;
	unsigned long set;
	unsigned long clear;
} flags[] = {
	{ "ro", MS_RDONLY, 0 },
	{ "rw", 0, MS_RDONLY },
	{ "nosuid", MS_NOSUID, 0 },
	{ "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 },
	{ "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 },
	{ "exec", 0, MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS, 0 },
	{ "async", 0, MS_SYNCHRONOUS },
	{ "dirsync", MS_DIRSYNC, 0 },
	{ "remount", MS_REMOUNT, 0 },
	{ "mand", MS_MANDLOCK, 0 },
	{ "nomand", 0, MS_MANDLOCK },
	{ "noatime", MS_NOATIME, 0 },
	{ "atime", 0, MS_NOATIME },
	{ "nodiratime", MS_NODIRATIME, 0 },
	{ "diratime", 0, MS_NODIRATIME },
	{ "relatime", MS_RELATIME, 0 },
	{ "norelatime", 0, MS_RELATIME },
	{ "strictatime", MS_STRICTATIME, 0 },
	{ "nostrictatime", 0, MS_STRICTATIME },
	{ "lazytime", MS_LAZYTIME, 0 },
	{ "nolazytime", 0, MS_LAZYTIME },
	{ "iversion", MS_I_VERSION, 0 },
	{ "noiversion", 0, MS_I_VERSION },
	{ "nosymfollow", MS_NOSYMFOLLOW, 0 },
	{ "symfollow", 0, MS_NOSYMFOLLOW },
	{ "silent", MS_SILENT, 0 },
	{ "loud", 0, MS_SILENT },
	{ "user", MS_USERS, 0 },
	{ "users", MS_USERS, 0 },
	{ "owner", MS_OWNERS, 0 },
	{ "group", MS_OWNERS, 0 },
};

static unsigned long flags_of(const char *words)
{
	unsigned long all = 0;

	for (size_t len; *words; words += len + (words[len] == ',')) {
		len = strcspn(words, ",");
		for (size_t i = 0; i < AZF_ARRAY_SIZE(flags); i++) {
			if (strncmp(flags[i].word, words, len) != 0 ||
			    flags[i].word[len])
				continue;
			all = (all & ~flags[i].clear) | flags[i].set;
		}
	}
	return all;
}

/* Into the mount name space of the target; 0, or an errno negated. */
static int go_there(const struct azf_mnt *mnt)
{
	return mnt->there < 0 || setns(mnt->there, CLONE_NEWNS) == 0 ? 0 :
								       -errno;
}

static void come_back(const struct azf_mnt *mnt)
{
	if (mnt->there >= 0)
		(void)setns(mnt->here, CLONE_NEWNS);
}

/**
 * struct search - what the topmost mount at the target is
 * @found: an automount point is no share
 */
struct search {
	const struct azf_mnt *mnt;
	enum {
		FOUND_NO_SHARE,
		FOUND_OTHER_SHARE,
		FOUND_SAME_SHARE
	} found;
};

/* The kernel drops slashes that make no difference; they may have been typed. */
static bool is_same_source(const char *a, const char *b)
{
	for (;; a++, b++) {
		size_t a_slashes = strspn(a, "/");
		size_t b_slashes = strspn(b, "/");

		a += a_slashes;
		b += b_slashes;
		if (!*a || !*b)
			return !*a && !*b;
		if (!a_slashes != !b_slashes || *a != *b)
			return false;
	}
}

static int look_at(void *arg, const struct azf_table_line *line)
{
	struct search *search = arg;
	const char *source = search->mnt->plan->request->source;

	if (!azf_streq(line->target, search->mnt->target))
		return 0;
	search->found = !azf_table_is_smb(line->type) ? FOUND_NO_SHARE :
			is_same_source(line->source, source) ?
							FOUND_SAME_SHARE :
							FOUND_OTHER_SHARE;
	return 0;
}

static int no_target(const char *target, int error, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "the mount point %s %s", target,
		 error == ENOENT  ? "does not exist" :
		 error == ENOTDIR ? "is not a directory" :
				    strerror(error));
	if (error == ENOENT)
		return azf_cure(err,
				"Create it with 'mkdir -p %s', or add "
				"X-mount.mkdir to the options",
				target);
	if (error == ENOTDIR)
		return azf_cure(err, "Mount on a directory");
	return azf_cure(err, "Choose another directory");
}

/*
 * With nosharesock each mount has a super block of its own, so the kernel does
 * not notice when the same share is mounted on top of itself: we must. Only a
 * target that is the root of a mount is worth reading mountinfo for; asking
 * that neither triggers an automount nor waits for a server.
 */
static int check_target(struct azf_mnt *mnt, struct azf_error *err)
{
	const char *target = mnt->plan->request->target;
	struct statx stx;
	struct search search = { mnt, FOUND_NO_SHARE };
	const struct azf_table_visitor visitor = { look_at, NULL, &search };

	/* without O_DIRECTORY, which would trigger an automount */
	mnt->place = open(target, O_PATH | O_CLOEXEC);
	if (mnt->place < 0 ||
	    statx(mnt->place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_TYPE, &stx) < 0)
		return no_target(target, errno, err);
	if (!S_ISDIR(stx.stx_mode))
		return no_target(target, ENOTDIR, err);
	/* as tables of mounts have it */
	mnt->target = realpath(target, NULL);
	if (!mnt->target)
		return no_target(target, errno, err);
	/* before Linux 5.8 the attribute is unknown, and all are looked up */
	if (!(stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) ||
	    (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		/* where it cannot be read, the kernel has the last word */
		(void)!azf_mountinfo_visit(NULL, &visitor);
	if (mnt->plan->remount && search.found == FOUND_NO_SHARE) {
		azf_fail(err, AZF_E_MOUNT, "no share is mounted on %s", target);
		return azf_cure(err, "Mount it without 'remount'");
	}
	if (!mnt->plan->remount && search.found == FOUND_OTHER_SHARE)
		azf_note(mnt->plan->request->log, AZF_WARN,
			 "another share is mounted on %s; this one covers it",
			 target);
	if (!mnt->plan->remount && search.found == FOUND_SAME_SHARE) {
		azf_fail(err, AZF_E_MOUNT, "it is mounted on %s already",
			 target);
		return azf_cure(err, "To change options use 'mount -o "
				     "remount'; to begin anew, umount it "
				     "first");
	}
	return 0;
}

static int open_namespace(struct azf_mnt *mnt, struct azf_error *err)
{
	const char *path = mnt->plan->request->namespace_path;

	if (!path)
		return 0;
	mnt->here = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	mnt->there = open(path, O_RDONLY | O_CLOEXEC);
	if (mnt->here >= 0 && mnt->there >= 0 && go_there(mnt) == 0)
		return 0;
	azf_fail(err, AZF_E_SYSTEM, "cannot use the name space %s", path);
	return azf_cure(err, "Check the argument of -N");
}

static void close_pointer(struct azf_mnt **mnt)
{
	azf_mnt_close(*mnt);
}

int azf_mnt_open(const struct azf_plan *plan, struct azf_mnt **ret_mnt,
		 struct azf_error *err)
{
	azf_cleanup(close_pointer) struct azf_mnt *mnt = calloc(1,
								sizeof(*mnt));
	int r;

	if (!mnt)
		return azf_no_memory(err);
	mnt->plan = plan;
	mnt->place = mnt->there = mnt->here = -1;
	mnt->flags = flags_of(plan->flags);
	r = open_namespace(mnt, err);
	if (r == 0) {
		r = check_target(mnt, err);
		come_back(mnt);
	}
	if (r)
		return r;
	*ret_mnt = azf_take(mnt);
	return 0;
}

/*
 * What was checked is what is mounted on: while we try again, whoever owns a
 * directory on the way could put a link in its place. Only where /proc is that
 * of another PID name space, which does not show us, the path has to do.
 */
static const char *place_of(const struct azf_mnt *mnt, char *buffer,
			    size_t size)
{
	struct statx there, place;

	(void)snprintf(buffer, size, "/proc/self/fd/%d", mnt->place);
	if (statx(AT_FDCWD, buffer, AT_STATX_DONT_SYNC, STATX_INO, &there) ||
	    statx(mnt->place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO,
		  &place) ||
	    there.stx_ino != place.stx_ino ||
	    there.stx_dev_major != place.stx_dev_major ||
	    there.stx_dev_minor != place.stx_dev_minor)
		return mnt->target;
	return buffer;
}

int azf_mnt_call(struct azf_mnt *mnt, const struct azf_data *data)
{
	char place[sizeof("/proc/self/fd/2147483647")];
	int error = -go_there(mnt);

	if (error)
		return error;
	errno = 0;
	/*
	 * A positive result would be a mount that did not happen ("sloppy"
	 * makes the kernel do that), so anything but 0 is a failure.
	 */
	if (mount(mnt->plan->request->source,
		  place_of(mnt, place, sizeof(place)), "cifs", mnt->flags,
		  data->text) != 0)
		error = errno ? errno : EINVAL;
	come_back(mnt);
	return error;
}

/* In a child that shares nothing with us; its exit status is the answer. */
static int mount_unseen(const char *source, const char *data)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return EXIT_FAILURE;
	return mount(source, "/", "cifs", MS_RDONLY, data) ? EXIT_FAILURE :
							     EXIT_SUCCESS;
}

bool azf_mnt_share_exists(struct azf_mnt *mnt, const struct azf_data *data)
{
	const struct azf_plan *plan = mnt->plan;
	azf_autofree char *share = strndup(plan->request->source,
					   plan->source.share_end);
	/* a copy on the stack: the child does not get what *data holds */
	azf_autodata struct azf_data copy = *data;
	int status;
	pid_t pid;

	if (!share)
		return false;
	pid = fork();
	if (pid == 0)
		_exit(mount_unseen(share, copy.text));
	while (pid > 0 && waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return pid > 0 && WIFEXITED(status) &&
	       WEXITSTATUS(status) == EXIT_SUCCESS;
}

void azf_mnt_close(struct azf_mnt *mnt)
{
	if (!mnt)
		return;
	free(mnt->target);
	azf_close_fd(&mnt->place);
	azf_close_fd(&mnt->there);
	azf_close_fd(&mnt->here);
	free(mnt);
}
