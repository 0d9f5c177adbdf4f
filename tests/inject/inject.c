// SPDX-License-Identifier: MIT
/* inject.c - calls that fail when they are told to; see inject.h. */
#include "inject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <libmount.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int inject_fd = -1;
struct inject *inject;
int inject_refusal;

static bool armed;
static unsigned int calls;
static uint64_t state;

/* ---- when ---- */

/* xorshift64: the same everywhere. */
static unsigned int draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 32);
}

/* Whether this call fails; then with one of its errnos. */
static bool fails(const char *call, const int *errnos, size_t count)
{
	bool now;

	if (!armed)
		return false;
	calls++;
	now = inject->at ? calls == inject->at : draw() % inject->odds == 0;
	if (!now)
		return false;
	errno = errnos[inject->at ? 0 : draw() % count];
	inject->errno_of = errno;
	inject->fired++;
	(void)snprintf(inject->call, sizeof(inject->call), "%s", call);
	return true;
}

void inject_arm(unsigned int at, unsigned int seed, unsigned int odds)
{
	*inject = (struct inject){ .at = at, .seed = seed, .odds = odds };
	calls = 0;
	state = 0x9e3779b97f4a7c15u * (seed + 1u);
	armed = true;
}

void inject_disarm(void)
{
	armed = false;
}

static bool map(int fd)
{
	inject = mmap(NULL, sizeof(*inject), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	return inject != MAP_FAILED;
}

bool inject_begin(void)
{
	inject_fd = memfd_create("inject", 0);
	/* out of the way of what a test looks at */
	inject_fd = fcntl(inject_fd, F_DUPFD, 200);
	return inject_fd >= 0 && ftruncate(inject_fd, 4096) == 0 &&
	       map(inject_fd);
}

/* A program that was started for it. */
__attribute__((constructor)) static void inherit(void)
{
	const char *fd = getenv(INJECT_FD);

	if (!fd || !map(atoi(fd)))
		return;
	inject_arm(inject->at, inject->seed, inject->odds);
}

/* What follows is not its own. */
__attribute__((destructor)) static void finish(void)
{
	inject_disarm();
}

/* ---- what ---- */

#define LIST(...) ((const int[]){ __VA_ARGS__ })
#define FAILS(name, ...) \
	fails(name, LIST(__VA_ARGS__), sizeof(LIST(__VA_ARGS__)) / sizeof(int))

/* A result, a name, parameters, arguments, what it returns then, its errnos. */
#define WRAP(type, name, parameters, arguments, failure, ...)               \
	type __real_##name parameters;                                      \
	type __wrap_##name parameters;                                      \
	type __wrap_##name parameters                                       \
	{                                                                   \
		return FAILS(#name, __VA_ARGS__) ? (failure) :              \
						   __real_##name arguments; \
	}

/* clang-format off */
WRAP(void *, malloc, (size_t n), (n), NULL, ENOMEM)
WRAP(void *, calloc, (size_t n, size_t m), (n, m), NULL, ENOMEM)
WRAP(void *, realloc, (void *p, size_t n), (p, n), NULL, ENOMEM)
WRAP(void *, reallocarray, (void *p, size_t n, size_t m), (p, n, m), NULL, ENOMEM)
WRAP(char *, strdup, (const char *s), (s), NULL, ENOMEM)
WRAP(char *, strndup, (const char *s, size_t n), (s, n), NULL, ENOMEM)
WRAP(char *, realpath, (const char *p, char *r), (p, r), NULL, ENOENT, EACCES, ELOOP, ENOMEM)
WRAP(ssize_t, __getdelim, (char **l, size_t *n, int d, FILE *f), (l, n, d, f), -1, ENOMEM)
WRAP(ssize_t, getline, (char **l, size_t *n, FILE *f), (l, n, f), -1, ENOMEM)

WRAP(FILE *, fopen, (const char *p, const char *m), (p, m), NULL, EMFILE, EACCES, ENOMEM)
WRAP(ssize_t, read, (int fd, void *b, size_t n), (fd, b, n), -1, EIO, EINTR, EAGAIN)
WRAP(ssize_t, pread, (int fd, void *b, size_t n, off_t o), (fd, b, n, o), -1, EIO)
WRAP(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), -1, ENOSPC, EINTR, EIO)
WRAP(int, fsync, (int fd), (fd), -1, EIO, ENOSPC)
WRAP(int, ftruncate, (int fd, off_t n), (fd, n), -1, ENOSPC)
WRAP(off_t, lseek, (int fd, off_t o, int w), (fd, o, w), -1, EINVAL)
WRAP(int, flock, (int fd, int o), (fd, o), -1, ENOLCK, EINTR)
WRAP(int, fstat, (int fd, struct stat *s), (fd, s), -1, EIO)
WRAP(int, stat, (const char *p, struct stat *s), (p, s), -1, EACCES)
WRAP(int, lstat, (const char *p, struct stat *s), (p, s), -1, EACCES)
WRAP(int, fstatat, (int d, const char *p, struct stat *s, int f), (d, p, s, f), -1, EACCES, EIO)
WRAP(int, access, (const char *p, int m), (p, m), -1, EACCES)
WRAP(int, fchown, (int fd, uid_t u, gid_t g), (fd, u, g), -1, EPERM)
WRAP(int, fchmod, (int fd, mode_t m), (fd, m), -1, EPERM)
WRAP(int, mkdir, (const char *p, mode_t m), (p, m), -1, ENOSPC, EROFS)
WRAP(int, mkdirat, (int d, const char *p, mode_t m), (d, p, m), -1, ENOSPC, EROFS)
WRAP(int, unlink, (const char *p), (p), -1, EACCES)
WRAP(int, unlinkat, (int d, const char *p, int f), (d, p, f), -1, EACCES, EROFS)
WRAP(int, renameat, (int d, const char *p, int e, const char *q), (d, p, e, q), -1, EIO, ENOSPC)
WRAP(int, linkat, (int d, const char *p, int e, const char *q, int f), (d, p, e, q, f), -1, ENOENT)
WRAP(int, symlinkat, (const char *t, int d, const char *p), (t, d, p), -1, ENOSPC)
WRAP(DIR *, opendir, (const char *p), (p), NULL, EMFILE)
WRAP(DIR *, fdopendir, (int fd), (fd), NULL, ENOMEM)
WRAP(int, memfd_create, (const char *n, unsigned int f), (n, f), -1, EMFILE)
WRAP(void *, mmap, (void *p, size_t n, int r, int f, int fd, off_t o), (p, n, r, f, fd, o), MAP_FAILED, ENOMEM)
WRAP(int, mlock2, (const void *p, size_t n, unsigned int f), (p, n, f), -1, ENOMEM)

WRAP(pid_t, fork, (void), (), -1, EAGAIN, ENOMEM)
WRAP(int, pipe2, (int *p, int f), (p, f), -1, EMFILE)
WRAP(int, dup2, (int a, int b), (a, b), -1, EMFILE)
WRAP(int, poll, (struct pollfd *p, nfds_t n, int t), (p, n, t), -1, ENOMEM, EINTR)
WRAP(int, execve, (const char *p, char *const *a, char *const *e), (p, a, e), -1, ENOENT, EACCES)
WRAP(int, umount2, (const char *p, int f), (p, f), -1, EBUSY, EINVAL)
WRAP(int, unshare, (int f), (f), -1, EPERM)
WRAP(int, setns, (int fd, int t), (fd, t), -1, EPERM)

WRAP(int, socket, (int d, int t, int p), (d, t, p), -1, EMFILE)
WRAP(int, socketpair, (int d, int t, int p, int *f), (d, t, p, f), -1, EMFILE)
WRAP(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, EHOSTUNREACH, ETIMEDOUT)
WRAP(ssize_t, send, (int fd, const void *b, size_t n, int f), (fd, b, n, f), -1, ECONNRESET)
WRAP(ssize_t, recv, (int fd, void *b, size_t n, int f), (fd, b, n, f), -1, ECONNRESET)
WRAP(int, setsockopt, (int fd, int l, int o, const void *v, socklen_t n), (fd, l, o, v, n), -1, EINVAL)
WRAP(int, getsockopt, (int fd, int l, int o, void *v, socklen_t *n), (fd, l, o, v, n), -1, EINVAL)
WRAP(int, getaddrinfo, (const char *h, const char *s, const struct addrinfo *i, struct addrinfo **r), (h, s, i, r), EAI_MEMORY, ENOMEM)
WRAP(int, getnameinfo, (const struct sockaddr *a, socklen_t l, char *h, socklen_t m, char *s, socklen_t n, int f), (a, l, h, m, s, n, f), EAI_MEMORY, ENOMEM)

WRAP(key_serial_t, add_key, (const char *t, const char *d, const void *p, size_t n, key_serial_t r), (t, d, p, n, r), -1, EDQUOT, ENOSYS)
WRAP(long, keyctl_search, (key_serial_t r, const char *t, const char *d, key_serial_t e), (r, t, d, e), -1, ENOKEY, ENOSYS)
WRAP(long, keyctl_read, (key_serial_t k, char *b, size_t n), (k, b, n), -1, EACCES, EKEYREVOKED)
WRAP(long, keyctl_read_alloc, (key_serial_t k, void **b), (k, b), -1, EACCES, ENOMEM)
WRAP(long, keyctl_set_timeout, (key_serial_t k, unsigned int t), (k, t), -1, EACCES)
WRAP(long, keyctl_setperm, (key_serial_t k, key_perm_t p), (k, p), -1, EACCES)
WRAP(long, keyctl_unlink, (key_serial_t k, key_serial_t r), (k, r), -1, EACCES)
WRAP(long, keyctl_describe, (key_serial_t k, char *b, size_t n), (k, b, n), -1, EACCES)

WRAP(struct libmnt_table *, mnt_new_table, (void), (), NULL, ENOMEM)
WRAP(struct libmnt_iter *, mnt_new_iter, (int d), (d), NULL, ENOMEM)
WRAP(struct libmnt_context *, mnt_new_context, (void), (), NULL, ENOMEM)
WRAP(int, mnt_table_parse_file, (struct libmnt_table *t, const char *p), (t, p), -errno, EIO, ENOMEM)
WRAP(int, mnt_context_set_options, (struct libmnt_context *c, const char *o), (c, o), -errno, ENOMEM)
/* clang-format on */

/* What would be a share is a tmpfs, or what inject_refusal says. */
int __real_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	if (!type || (strcmp(type, "cifs") != 0 && strcmp(type, "smb3") != 0))
		return __real_mount(source, target, type, flags, data);
	if (FAILS("mount", EACCES, EINVAL, ENOENT, EHOSTDOWN, EOPNOTSUPP,
		  ECONNREFUSED, ENOMEM, EBUSY, ETIMEDOUT, EIO, EPERM, ENODEV))
		return -1;
	errno = inject_refusal;
	return errno ? -1 : __real_mount("none", target, "tmpfs", 0, NULL);
}

int __wrap_asprintf(char **text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *fmt, ...)
{
	va_list args;
	int len;

	if (FAILS("asprintf", ENOMEM)) {
		/* what is left there is not to be used */
		*text = (char *)-1;
		return -1;
	}
	va_start(args, fmt);
	len = vasprintf(text, fmt, args);
	va_end(args);
	return len;
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	if (FAILS("open", EMFILE, EACCES, ENOENT))
		return -1;
	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	if (FAILS("openat", EMFILE, EACCES, ENOSPC))
		return -1;
	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return __real_openat(dir, path, flags, mode);
}

/* What has been given up may be somebody else's by now. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	int r = __real_close(fd);

	if (r && errno == EBADF && inject)
		inject->doubled = true;
	return r;
}

/* It says that when all has been written, perhaps not to the disk. */
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
	int r = __real_fclose(file);

	return FAILS("fclose", ENOSPC) ? EOF : r;
}
