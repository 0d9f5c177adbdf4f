// SPDX-License-Identifier: MIT
/* state.c - /run/azfiles/HOST/TAG, all that we remember about an identity. */
#include "state.h"

#include "wipe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define FILE_MAX      65536
#define LOCK_PAUSE_MS 20
/* It is held while a ticket is got, which is a minute at most. */
#define CLAIM_MS      65000
#define CLAIM_TRIES   5
#define NEW_NAME_MAX  64

static void name_of_new(char new_name[NEW_NAME_MAX], const char *name)
{
	(void)snprintf(new_name, NEW_NAME_MAX, "%s.new", name);
}

bool azf_state_is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len > 0 && len <= 255 && name[len] == '\0' && name[0] != '.';
}

int azf_state_open(const char *host, const char *tag, bool create,
		   struct azf_state *ret_state)
{
	azf_autoclose int run = -1;
	azf_autoclose int host_fd = -1;
	char *path;
	int fd;

	if (!azf_state_is_name(host) || !azf_state_is_name(tag))
		return -EINVAL;
	run = azf_open_directory(AT_FDCWD, AZF_RUN_DIR, create);
	if (run < 0)
		return run;
	host_fd = azf_open_directory(run, host, create);
	if (host_fd < 0)
		return host_fd;
	fd = azf_open_directory(host_fd, tag, create);
	if (fd < 0)
		return fd;
	if (asprintf(&path, AZF_RUN_DIR "/%s/%s", host, tag) < 0) {
		(void)close(fd);
		return -ENOMEM;
	}
	*ret_state = (struct azf_state){ .fd = fd, .path = path };
	return 0;
}

void azf_state_close(struct azf_state *state)
{
	if (state->path)
		(void)close(state->fd);
	free(state->path);
	*state = (struct azf_state){ .fd = -1 };
}

/* Whether it is still there; @state->fd may be all that is left of it. */
static bool is_linked(const struct azf_state *state)
{
	struct stat st;

	return fstat(state->fd, &st) == 0 && st.st_nlink > 0;
}

/* A refresh that is about to forget it holds the lock, and looks again. */
static int unmark(const struct azf_state *state)
{
	azf_autoclose int lock = -1;

	if (faccessat(state->fd, "unused", F_OK, AT_SYMLINK_NOFOLLOW))
		return 0;
	lock = azf_state_lock(state, CLAIM_MS);
	if (lock < 0)
		return lock;
	azf_state_remove(state, "unused");
	return 0;
}

int azf_state_claim(const char *host, const char *tag,
		    struct azf_state *ret_state)
{
	int r = -ENOENT;

	for (int try = 0; try < CLAIM_TRIES && r == -ENOENT; try++) {
		azf_autostate struct azf_state state = { .fd = -1 };

		/* what it is made in may go away as well: hence again */
		r = azf_state_open(host, tag, true, &state);
		if (r == 0)
			r = unmark(&state);
		if (r == 0 && !is_linked(&state))
			r = -ENOENT;
		if (r)
			continue;
		*ret_state = state;
		state.path = NULL;
	}
	return r;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* One level of the two; -ENOENT when it is gone. */
static int list(int parent, const char *name,
		int (*fn)(void *arg, int fd, const char *name), void *arg)
{
	azf_cleanup(close_dir) DIR *dir = NULL;
	const struct dirent *entry;
	int fd = azf_open_directory(parent, name, false);
	int r = 0;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (azf_state_is_name(entry->d_name))
			r = fn(arg, fd, entry->d_name);
	}
	return r;
}

/**
 * struct walk - azf_state_visit() under way
 * @host: the directory that is being listed
 */
struct walk {
	int (*fn)(void *arg, const char *host, const char *tag);
	void *arg;
	const char *host;
};

static int visit_tag(void *arg, int fd, const char *name)
{
	const struct walk *walk = arg;

	(void)fd;
	return walk->fn(walk->arg, walk->host, name);
}

static int visit_host(void *arg, int fd, const char *name)
{
	struct walk *walk = arg;
	int r;

	walk->host = name;
	r = list(fd, name, visit_tag, walk);
	/* gone a moment ago, or nothing of ours */
	return r == -ENOENT || r == -ENOTDIR || r == -EPERM ? 0 : r;
}

int azf_state_visit(int (*fn)(void *arg, const char *host, const char *tag),
		    void *arg)
{
	struct walk walk = { .fn = fn, .arg = arg };
	int r = list(AT_FDCWD, AZF_RUN_DIR, visit_host, &walk);

	return r == -ENOENT ? 0 : r;
}

int azf_state_forget(const struct azf_state *state, const char *host,
		     const char *tag)
{
	static const char *const files[] = { "ccache",	   "ticket", "failed",
					     "ends",	   "unused", "kept",
					     "credential", "lock" };
	azf_autoclose int run = azf_open_directory(AT_FDCWD, AZF_RUN_DIR,
						   false);
	azf_autoclose int host_fd = -1;

	if (run < 0)
		return run;
	host_fd = azf_open_directory(run, host, false);
	if (host_fd < 0)
		return host_fd;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(files); i++) {
		char new_name[NEW_NAME_MAX];

		azf_state_remove(state, files[i]);
		name_of_new(new_name, files[i]);
		azf_state_remove(state, new_name);
	}
	if (unlinkat(host_fd, tag, AT_REMOVEDIR))
		return -errno;
	/* unless there are others in it */
	(void)unlinkat(run, host, AT_REMOVEDIR);
	return 0;
}

int azf_state_lock(const struct azf_state *state, int timeout_ms)
{
	const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000 };
	int64_t deadline = azf_now_ms() + timeout_ms;
	azf_autoclose int fd = openat(state->fd, "lock",
				      O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
				      0600);
	int result;

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (azf_now_ms() >= deadline)
			return -ETIMEDOUT;
		(void)nanosleep(&pause, NULL);
	}
	result = fd;
	fd = -1;
	return result;
}

int azf_state_read(const struct azf_state *state, const char *name,
		   struct azf_fields *fields)
{
	azf_autoclose int fd = openat(state->fd, name,
				      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[FILE_MAX];
	ssize_t len;
	int r;

	if (fd < 0)
		return -errno;
	len = azf_read_file(fd, text, sizeof(text));
	if (len < 0)
		return (int)len;
	r = azf_fields_parse(text, (size_t)len, fields, NULL);
	return r;
}

int azf_state_write(const struct azf_state *state, const char *name,
		    const void *data, size_t len)
{
	return azf_replace_file(state->fd, name, data, len);
}

int azf_state_write_fields(const struct azf_state *state, const char *name,
			   const struct azf_fields *fields)
{
	size_t len;
	char *text = azf_fields_format(fields, &len);
	int r;

	if (!text)
		return -ENOMEM;
	r = azf_state_write(state, name, text, len);
	azf_wipe_free(text);
	return r;
}

void azf_state_remove(const struct azf_state *state, const char *name)
{
	(void)unlinkat(state->fd, name, 0);
}
