// SPDX-License-Identifier: MIT
/* state.c - /run/azfiles/HOST/TAG, all that we remember about an identity. */
#include "state.h"

#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define FILE_MAX      65536
#define LOCK_PAUSE_MS 20

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
