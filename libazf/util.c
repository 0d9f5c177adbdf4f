// SPDX-License-Identifier: MIT
/* util.c - a growing string, numbers, files. */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

void azf_str_free(struct azf_str *str)
{
	free(str->text);
	*str = (struct azf_str){ 0 };
}

static bool grow(struct azf_str *str, size_t more)
{
	size_t size = str->size ? str->size : 128;
	char *text;

	while (size - str->len <= more)
		size *= 2;
	if (size == str->size)
		return true;
	text = realloc(str->text, size);
	if (!text)
		return false;
	str->text = text;
	str->size = size;
	return true;
}

void azf_str_add(struct azf_str *str, const char *fmt, ...)
{
	size_t room = str->size - str->len;
	va_list args;
	int len;

	if (str->failed)
		return;
	va_start(args, fmt);
	len = vsnprintf(room ? str->text + str->len : NULL, room, fmt, args);
	va_end(args);
	if (len < 0 || !grow(str, (size_t)len)) {
		str->failed = true;
		return;
	}
	/* what was cut off the first time */
	if ((size_t)len >= room) {
		va_start(args, fmt);
		(void)vsnprintf(str->text + str->len, (size_t)len + 1, fmt,
				args);
		va_end(args);
	}
	str->len += (size_t)len;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

char *azf_octal_decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) &&
		    is_octal(from[3])) {
			*to = (char)((from[1] - '0') * 64 +
				     (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return text;
}

bool azf_parse_uint(const char *text, uint64_t min, uint64_t max,
		    uint64_t *ret_value)
{
	unsigned long long value;
	char *end;

	/* strtoull() takes leading blanks and a sign; the kernel does not */
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end != '\0' || value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

bool azf_parse_time(const char *text, uint64_t max, uint64_t *ret_seconds)
{
	static const struct {
		const char *suffix;
		unsigned int seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	size_t digits = strspn(text, "0123456789");
	char number[24];
	uint64_t count;

	if (digits >= sizeof(number))
		return false;
	(void)snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(units); i++) {
		if (!azf_streq(text + digits, units[i].suffix))
			continue;
		if (!azf_parse_uint(number, 0, max / units[i].seconds, &count))
			return false;
		*ret_seconds = count * units[i].seconds;
		return true;
	}
	return false;
}

ssize_t azf_read_file(int fd, char *buffer, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buffer + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			buffer[len] = '\0';
			return (ssize_t)len;
		}
		len += (size_t)n;
	}
	return -EFBIG;
}

int azf_end_of_file(FILE *file)
{
	int error = errno ? errno : EIO;

	return feof(file) ? 0 : -error;
}

int azf_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

bool azf_blank_fd(int fd)
{
	(void)close(fd);
	return open("/", O_PATH) == fd;
}

int azf_open_directory(int parent, const char *name, bool create)
{
	azf_autoclose int fd = -1;
	struct stat st;
	int result;

	if (create && mkdirat(parent, name, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(parent, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -EPERM;
	result = fd;
	fd = -1;
	return result;
}

int azf_replace_file(int directory, const char *name, const void *data,
		     size_t len)
{
	return azf_replace_file_of(directory, name, data, len, (uid_t)-1);
}

int azf_replace_file_of(int directory, const char *name, const void *data,
			size_t len, uid_t owner)
{
	azf_autoclose int fd = -1;
	char new_name[NAME_MAX + 1];
	int r;

	if (strlen(name) + strlen(".new") > NAME_MAX)
		return -ENAMETOOLONG;
	(void)snprintf(new_name, sizeof(new_name), "%s.new", name);
	if (unlinkat(directory, new_name, 0) && errno != ENOENT)
		return -errno;
	fd = openat(directory, new_name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* not even asked for where it stays ours: the unit of refresh may not */
	r = owner != (uid_t)-1 && fchown(fd, owner, (gid_t)-1) ? -errno : 0;
	if (r == 0)
		r = azf_write_all(fd, data, len);
	if (r == 0 && fsync(fd))
		r = -errno;
	if (r == 0 && renameat(directory, new_name, directory, name))
		r = -errno;
	if (r)
		(void)unlinkat(directory, new_name, 0);
	else
		(void)fsync(directory);
	return r;
}

int64_t azf_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* How many bytes of the text, which is not empty, are its first control. */
static size_t control_at(const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];
	unsigned char next = len > 1 ? (unsigned char)text[1] : 0;

	if (c == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	return c < ' ' || c == 0x7f;
}

bool azf_has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (control_at(text + i, len - i))
			return true;
	}
	return false;
}

void azf_printable(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		size_t bytes = control_at(text + i, len - i);

		memset(text + i, '?', bytes);
		i += bytes == 2;
	}
}

unsigned int azf_distance(const char *a, const char *b)
{
	unsigned int rows[3][32] = { { 0 } };
	size_t len = strlen(b);
	size_t i;

	if (len >= AZF_ARRAY_SIZE(rows[0]))
		return UINT_MAX;
	for (size_t j = 0; j <= len; j++)
		rows[0][j] = (unsigned int)j;
	for (i = 1; a[i - 1]; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3];
		const unsigned int *two_above = rows[(i + 1) % 3];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= len; j++) {
			bool same = a[i - 1] == b[j - 1];
			bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				       a[i - 2] == b[j - 1];

			row[j] = above[j - 1] + !same;
			if (above[j] + 1 < row[j])
				row[j] = above[j] + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			if (swapped && two_above[j - 2] + 1 < row[j])
				row[j] = two_above[j - 2] + 1;
		}
	}
	return rows[(i - 1) % 3][len];
}
