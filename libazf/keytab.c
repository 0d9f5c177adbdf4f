// SPDX-License-Identifier: MIT
/* keytab.c - a file with Kerberos keys as a copy in memory. */
#include "keytab.h"

#include "azf-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

void azf_keytab_close(struct azf_keytab *keytab)
{
	if (keytab->bytes) {
		explicit_bzero(keytab->bytes, keytab->len);
		(void)munmap(keytab->bytes, keytab->len);
	}
	azf_close_fd(&keytab->fd);
	*keytab = (struct azf_keytab){ .fd = -1 };
}

static int unusable(const char *path, const char *why, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "cannot use the keytab %s: %s", path, why);
	return azf_cure(err, "Check keytab=, and the file");
}

static int cannot_open(const char *path, int error, struct azf_error *err)
{
	if (error == ELOOP) {
		unusable(path, "it is a link", err);
		return azf_cure(err, "Name the file itself with keytab=");
	}
	if (error != ENOENT)
		return unusable(path, strerror(error), err);
	azf_fail(err, AZF_E_MOUNT, "there is no keytab %s", path);
	return azf_cure(err, "Join this machine to the domain so that it has "
			     "one, or name another with keytab=");
}

/* Whoever can read it can be this machine, whoever can write it chooses who. */
static int check(const char *path, const struct stat *st, struct azf_error *err)
{
	if (!S_ISREG(st->st_mode))
		return unusable(path, "it is not a regular file", err);
	if (st->st_uid != 0) {
		azf_fail(err, AZF_E_MOUNT,
			 "the keytab %s belongs to uid %u, and not to root",
			 path, st->st_uid);
		return azf_cure(err, "chown root %s; chmod 600 %s", path, path);
	}
	if (st->st_mode & (S_IWGRP | S_IRWXO)) {
		azf_fail(err, AZF_E_MOUNT,
			 "others may read or write the keytab %s (mode %04o)",
			 path, st->st_mode & 07777);
		return azf_cure(err,
				"chmod 600 %s, and have its keys changed if "
				"somebody may have read them",
				path);
	}
	if (st->st_size == 0)
		return unusable(path, "it is empty", err);
	if (st->st_size > AZF_KEYTAB_MAX)
		return unusable(path, "it is larger than a megabyte", err);
	return 0;
}

/* Return: 0, or an errno negated. */
static int make_room(struct azf_keytab *keytab, size_t len)
{
	keytab->fd = memfd_create("keytab", MFD_CLOEXEC);
	if (keytab->fd < 0 || ftruncate(keytab->fd, (off_t)len))
		return -errno;
	keytab->bytes = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED,
			     keytab->fd, 0);
	if (keytab->bytes == MAP_FAILED) {
		keytab->bytes = NULL;
		return -errno;
	}
	keytab->len = len;
	(void)mlock2(keytab->bytes, len, MLOCK_ONFAULT);
	(void)madvise(keytab->bytes, len, MADV_DONTDUMP);
	return 0;
}

/* Return: 0, or an errno negated. */
static int copy(int fd, const struct azf_keytab *keytab)
{
	size_t done = 0;

	while (done < keytab->len) {
		ssize_t n = read(fd, (char *)keytab->bytes + done,
				 keytab->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

int azf_keytab_open(const char *path, struct azf_keytab *ret_keytab,
		    struct azf_error *err)
{
	azf_cleanup(azf_keytab_close) struct azf_keytab keytab = { .fd = -1 };
	azf_autoclose int fd = -1;
	struct stat st;
	int r;

	if (path[0] != '/')
		return unusable(path, "it is not an absolute path", err);
	fd = open(path,
		  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return cannot_open(path, errno, err);
	r = check(path, &st, err);
	if (r)
		return r;
	r = make_room(&keytab, (size_t)st.st_size);
	if (r == 0)
		r = copy(fd, &keytab);
	if (r)
		return unusable(path, strerror(-r), err);
	*ret_keytab = keytab;
	keytab = (struct azf_keytab){ .fd = -1 };
	return 0;
}
