// SPDX-License-Identifier: MIT
/*
 * mnt.c - libmount around our own mount(2).
 *
 * libmount knows flags, name spaces and tables of mounts. It does not get the
 * data string: its debug and error texts print all that it is given, and before
 * 2.41 and after, its mount call behaves differently. So the system call is
 * made here, with the key. Nor is libmount asked to prepare it: since 2.39 that
 * is an fsopen(2), which fails without telling why where the module is not
 * loaded yet.
 */
#include "mnt.h"

#include "azf-private.h"
#include "system.h"
#include "table.h"

#include <errno.h>
#include <libmount.h>
#include <sched.h>
#include <sys/wait.h>

/**
 * struct azf_mnt - one mount point, for as long as a mount is tried
 * @target: its path, as tables of mounts have it
 * @place: itself, whatever its path has come to mean meanwhile
 */
struct azf_mnt {
	const struct azf_plan *plan;
	struct libmnt_context *context;
	char *target;
	int place;
	unsigned long flags;
};

/* A block in which we are in the mount name space of the target (mount -N). */
#define azf_in_target_namespace(mnt)                                         \
	__attribute__((unused,                                               \
		       cleanup(leave_namespace))) struct visit visit_ = {    \
		(mnt)->context, mnt_context_switch_target_ns((mnt)->context) \
	}

struct visit {
	struct libmnt_context *context;
	struct libmnt_ns *origin;
};

static void leave_namespace(struct visit *visit)
{
	if (visit->origin)
		(void)mnt_context_switch_ns(visit->context, visit->origin);
}

static void free_table(struct libmnt_table **table)
{
	mnt_unref_table(*table);
}

static void free_iter(struct libmnt_iter **iter)
{
	mnt_free_iter(*iter);
}

bool azf_table_is_smb(const char *type)
{
	return azf_streq(type, "cifs") || azf_streq(type, "smb3");
}

const char *azf_table_option(const char *options, const char *name,
			     size_t *ret_len)
{
	size_t len = strlen(name);

	for (const char *word = options; *word;) {
		size_t end = strcspn(word, ",");

		if (strncmp(word, name, len) == 0 && word[len] == '=') {
			*ret_len = end - len - 1;
			return word + len + 1;
		}
		word += end + (word[end] == ',');
	}
	return NULL;
}

bool azf_table_has(const char *options, const char *word)
{
	size_t len = strlen(word);

	while (*options) {
		size_t end = strcspn(options, ",");

		if (end == len && strncmp(options, word, len) == 0)
			return true;
		options += end + (options[end] == ',');
	}
	return false;
}

/* libmount asks whether to go on behind a line that it cannot read. */
static int broken_line(struct libmnt_table *table, const char *path, int number)
{
	const struct azf_table_visitor *visitor = mnt_table_get_userdata(table);

	(void)path;
	if (visitor->broken)
		visitor->broken(visitor->arg, (unsigned int)number);
	return 1;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int azf_table_visit(const char *path, const struct azf_table_visitor *visitor)
{
	azf_cleanup(free_table) struct libmnt_table *table = mnt_new_table();
	azf_cleanup(free_iter) struct libmnt_iter *iter =
		mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r;

	if (!table || !iter)
		return -ENOMEM;
	(void)mnt_table_set_userdata(table, (void *)visitor);
	(void)mnt_table_set_parser_errcb(table, broken_line);
	r = mnt_table_parse_file(table, path ? path : "/proc/self/mountinfo");
	while (r == 0 && mnt_table_next_fs(table, iter, &fs) == 0) {
		const struct azf_table_line line = {
			.source = or_empty(mnt_fs_get_source(fs)),
			.target = or_empty(mnt_fs_get_target(fs)),
			.type = or_empty(mnt_fs_get_fstype(fs)),
			.options = or_empty(mnt_fs_get_options(fs)),
			.root = or_empty(mnt_fs_get_root(fs)),
			.device = mnt_fs_get_devno(fs),
		};

		r = visitor->line(visitor->arg, &line);
	}
	return r;
}

enum found {
	FOUND_NO_SHARE,
	FOUND_OTHER_SHARE,
	FOUND_SAME_SHARE
};

/* What the topmost mount at the target is. An automount point is no share. */
static enum found find_mounted(struct azf_mnt *mnt)
{
	azf_cleanup(free_table) struct libmnt_table *table =
		mnt_new_table_from_file("/proc/self/mountinfo");
	struct libmnt_fs *fs =
		table ? mnt_table_find_target(table, mnt->target,
					      MNT_ITER_BACKWARD) :
			NULL;
	const char *type = fs ? mnt_fs_get_fstype(fs) : NULL;

	if (!type || !azf_table_is_smb(type))
		return FOUND_NO_SHARE;
	return mnt_fs_streq_srcpath(fs, mnt->plan->request->source) ?
		       FOUND_SAME_SHARE :
		       FOUND_OTHER_SHARE;
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
	enum found found = FOUND_NO_SHARE;

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
		found = find_mounted(mnt);
	if (mnt->plan->remount && found == FOUND_NO_SHARE) {
		azf_fail(err, AZF_E_MOUNT, "no share is mounted on %s", target);
		return azf_cure(err, "Mount it without 'remount'");
	}
	if (!mnt->plan->remount && found == FOUND_OTHER_SHARE)
		azf_note(mnt->plan->request->log, AZF_WARN,
			 "another share is mounted on %s; this one covers it",
			 target);
	if (!mnt->plan->remount && found == FOUND_SAME_SHARE) {
		azf_fail(err, AZF_E_MOUNT, "it is mounted on %s already",
			 target);
		return azf_cure(err, "To change options use 'mount -o "
				     "remount'; to begin anew, umount it "
				     "first");
	}
	return 0;
}

static int prepare(struct azf_mnt *mnt, struct azf_error *err)
{
	const struct azf_request *request = mnt->plan->request;
	struct libmnt_context *context = mnt->context;

	if (mnt_context_init_helper(context, MNT_ACT_MOUNT, 0))
		return azf_no_memory(err);
	if (request->namespace_path &&
	    mnt_context_set_target_ns(context, request->namespace_path)) {
		azf_fail(err, AZF_E_SYSTEM, "cannot use the name space %s",
			 request->namespace_path);
		return azf_cure(err, "Check the argument of -N");
	}
	/* the options are known to be good: only memory can be missing */
	if (mnt_context_set_options(context, mnt->plan->flags) ||
	    mnt_context_get_mflags(context, &mnt->flags))
		return azf_no_memory(err);
	return 0;
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
	mnt->place = -1;
	mnt->context = mnt_new_context();
	if (!mnt->context)
		return azf_no_memory(err);
	r = prepare(mnt, err);
	if (r == 0) {
		azf_in_target_namespace(mnt);
		r = check_target(mnt, err);
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
	int error = 0;

	azf_in_target_namespace(mnt);
	errno = 0;
	/*
	 * A positive result would be a mount that did not happen ("sloppy"
	 * makes the kernel do that), so anything but 0 is a failure.
	 */
	if (mount(mnt->plan->request->source,
		  place_of(mnt, place, sizeof(place)), "cifs", mnt->flags,
		  data->text) != 0)
		error = errno ? errno : EINVAL;
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
	mnt_free_context(mnt->context);
	free(mnt->target);
	azf_close_fd(&mnt->place);
	free(mnt);
}
