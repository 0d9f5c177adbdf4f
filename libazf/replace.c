// SPDX-License-Identifier: MIT
/* replace.c - a file of the system's configuration, replaced as a whole. */
#include "replace.h"

#include "azf-private.h"
#include "system.h"

#include <errno.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/xattr.h>

/* Linux has no longer list of names, and no longer value. */
#define XATTR_MAX 65536

void azf_replace_close(struct azf_replace *file)
{
	azf_close_fd(&file->fd);
	azf_close_fd(&file->dir);
	free(file->path);
	free(file->text);
	*file = (struct azf_replace)AZF_REPLACE_INIT;
}

static int cannot(struct azf_error *err, const char *what, const char *path,
		  int error)
{
	azf_fail(err, AZF_E_SYSTEM, "cannot %s %s: %s", what, path,
		 strerror(error));
	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		return azf_cure(err, "Nothing was changed. Make room first");
	if (error == EROFS)
		return azf_cure(err, "Nothing was changed. Mount its file "
				     "system read-write first");
	return azf_cure(err, "Nothing was changed");
}

/* ---- reading ---- */

/* The path of a file that is not there yet, in a directory that is. */
static char *resolve_new(const char *path)
{
	azf_autofree char *copy = strdup(path);
	azf_autofree char *dir = NULL;
	struct stat st;
	char *slash = copy ? strrchr(copy, '/') : NULL;
	char *result;

	if (!slash || lstat(path, &st) == 0) {
		errno = copy ? ENOENT : ENOMEM;
		return NULL;
	}
	*slash = '\0';
	dir = realpath(slash == copy ? "/" : copy, NULL);
	if (!dir || asprintf(&result, "%s/%s", dir, slash + 1) < 0)
		return NULL;
	return result;
}

static int resolve(const char *path, struct azf_replace *file,
		   struct azf_error *err)
{
	file->path = realpath(path, NULL);
	if (!file->path && errno == ENOENT)
		file->path = resolve_new(path);
	if (!file->path)
		return cannot(err, "find", path, errno);
	file->name = strrchr(file->path, '/') + 1;
	return 0;
}

static int lock_directory(struct azf_replace *file, struct azf_error *err)
{
	azf_autofree char *path = strndup(file->path,
					  (size_t)(file->name - file->path));

	if (!path)
		return azf_no_memory(err);
	file->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir < 0)
		return cannot(err, "open", path, errno);
	while (flock(file->dir, LOCK_EX)) {
		if (errno != EINTR)
			return cannot(err, "lock", path, errno);
	}
	return 0;
}

static int no_text(const struct azf_replace *file, const char *what,
		   struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "%s %s", file->path, what);
	return azf_cure(err, "Nothing was changed. Put it right first");
}

static int read_text(struct azf_replace *file, struct azf_error *err)
{
	size_t size;
	ssize_t len;

	if (fstat(file->fd, &file->stat))
		return cannot(err, "read", file->path, errno);
	if (!S_ISREG(file->stat.st_mode))
		return no_text(file, "is not a regular file", err);
	if (file->stat.st_size > AZF_REPLACE_MAX)
		return no_text(file, "is larger than 16 MiB", err);
	size = (size_t)file->stat.st_size + 1;
	file->text = malloc(size);
	if (!file->text)
		return azf_no_memory(err);
	len = azf_read_file(file->fd, file->text, size);
	if (len < 0)
		return cannot(err, "read", file->path, (int)-len);
	if (memchr(file->text, '\0', (size_t)len))
		return no_text(file, "contains a NUL byte", err);
	file->len = (size_t)len;
	return 0;
}

int azf_replace_open(const char *path, struct azf_replace *ret_file,
		     struct azf_error *err)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	int r;

	r = resolve(path, &file, err);
	if (r == 0)
		r = lock_directory(&file, err);
	if (r)
		return r;
	/* O_NONBLOCK, since a FIFO in the place of the file must not stop us */
	file.fd = openat(file.dir, file.name,
			 O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
				 O_NONBLOCK);
	if (file.fd < 0 && errno != ENOENT)
		return cannot(err, "open", file.path, errno);
	if (file.fd < 0) {
		file.text = strdup("");
		r = file.text ? 0 : azf_no_memory(err);
	} else {
		r = read_text(&file, err);
	}
	if (r)
		return r;
	*ret_file = file;
	file = (struct azf_replace)AZF_REPLACE_INIT;
	return 0;
}

/* ---- writing ---- */

/* chattr +i and +a forbid also to replace it; the kernel says only EPERM. */
static int check_attributes(const struct azf_replace *file,
			    struct azf_error *err)
{
	const uint64_t fixed = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
	struct statx stx;

	if (file->fd < 0 ||
	    statx(file->fd, "", AT_EMPTY_PATH, STATX_TYPE, &stx) ||
	    !(stx.stx_attributes & fixed))
		return 0;
	azf_fail(err, AZF_E_SYSTEM, "%s is %s", file->path,
		 stx.stx_attributes & STATX_ATTR_IMMUTABLE ? "immutable" :
							     "append-only");
	return azf_cure(err,
			"Nothing was changed. Take that away with 'chattr -ai "
			"%s'",
			file->path);
}

/* An editor may have saved it since we read it. */
static int check_unchanged(const struct azf_replace *file,
			   struct azf_error *err)
{
	const struct stat *old = &file->stat;
	struct stat now;
	bool there = fstatat(file->dir, file->name, &now,
			     AT_SYMLINK_NOFOLLOW) == 0;

	if (file->fd < 0 ?
		    !there :
		    (there && now.st_dev == old->st_dev &&
		     now.st_ino == old->st_ino && now.st_size == old->st_size &&
		     now.st_mtim.tv_sec == old->st_mtim.tv_sec &&
		     now.st_mtim.tv_nsec == old->st_mtim.tv_nsec))
		return 0;
	azf_fail(err, AZF_E_MOUNT, "somebody else has just changed %s",
		 file->path);
	return azf_cure(err, "Nothing was changed here. Try again");
}

/*
 * One attribute. Setting what is there already may need rights that we lack,
 * so it is looked at first.
 */
static int copy_attribute(int from, int to, const char *name)
{
	azf_autofree char *value = malloc(XATTR_MAX);
	azf_autofree char *there = malloc(XATTR_MAX);
	ssize_t len, there_len;

	if (!value || !there)
		return -ENOMEM;
	len = fgetxattr(from, name, value, XATTR_MAX);
	if (len < 0)
		return errno == ENODATA ? 0 : -errno;
	there_len = fgetxattr(to, name, there, XATTR_MAX);
	if (there_len == len && memcmp(value, there, (size_t)len) == 0)
		return 0;
	return fsetxattr(to, name, value, (size_t)len, 0) ? -errno : 0;
}

/* SELinux label, ACL and whatever else hangs on the file. */
static int copy_attributes(int from, int to)
{
	azf_autofree char *names = malloc(XATTR_MAX);
	ssize_t len;
	int r = 0;

	if (!names)
		return -ENOMEM;
	len = flistxattr(from, names, XATTR_MAX);
	if (len < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *name = names; r == 0 && name < names + len;
	     name += strlen(name) + 1) {
		/* hashes of the content and of the file: the kernel's to make */
		if (azf_streq(name, "security.ima") ||
		    azf_streq(name, "security.evm"))
			continue;
		r = copy_attribute(from, to, name);
	}
	return r;
}

static int fill(const struct azf_replace *file, int fd, const char *text,
		size_t len)
{
	int r = azf_write_all(fd, text, len);

	if (r)
		return r;
	/* the mode behind the owner, whose change takes bits away */
	if (file->fd >= 0 && fchown(fd, file->stat.st_uid, file->stat.st_gid))
		return -errno;
	if (fchmod(fd, file->fd < 0 ? 0644 : file->stat.st_mode & 07777))
		return -errno;
	if (file->fd >= 0)
		r = copy_attributes(file->fd, fd);
	if (r == 0 && fsync(fd))
		r = -errno;
	return r;
}

/* The old file itself keeps living under another name. */
static int keep_old(const struct azf_replace *file, const char *backup)
{
	if (file->fd < 0 || !backup)
		return 0;
	if (unlinkat(file->dir, backup, 0) && errno != ENOENT)
		return -errno;
	return linkat(file->dir, file->name, file->dir, backup, 0) ? -errno : 0;
}

static int exchange(const struct azf_replace *file, const char *new_name,
		    const char *backup, struct azf_error *err)
{
	int r = check_unchanged(file, err);

	if (r)
		return r;
	r = keep_old(file, backup);
	if (r)
		return cannot(err, "keep a copy of", file->path, -r);
	if (renameat(file->dir, new_name, file->dir, file->name))
		return cannot(err, "replace", file->path, errno);
	(void)fsync(file->dir);
	return 0;
}

int azf_replace_write(const struct azf_replace *file, const char *text,
		      size_t len, const char *backup, struct azf_error *err)
{
	azf_autoclose int fd = -1;
	char new_name[NAME_MAX + 1];
	int r;

	r = check_attributes(file, err);
	if (r)
		return r;
	/* always the same: what a crash left is used up by the next run */
	if (snprintf(new_name, sizeof(new_name), ".%.200s.azfiles-new",
		     file->name) < 0 ||
	    (unlinkat(file->dir, new_name, 0) && errno != ENOENT))
		return cannot(err, "write", file->path, errno);
	fd = openat(file->dir, new_name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot(err, "write", file->path, errno);
	r = fill(file, fd, text, len);
	if (r)
		r = cannot(err, "write", file->path, -r);
	else
		r = exchange(file, new_name, backup, err);
	if (r)
		(void)unlinkat(file->dir, new_name, 0);
	return r;
}
