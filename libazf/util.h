/* SPDX-License-Identifier: MIT */
/* util.h - cleanup attributes, a growing string, numbers, files. */
#ifndef AZF_UTIL_H
#define AZF_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AZF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define AZF_MUST_CHECK	      __attribute__((warn_unused_result))
#define AZF_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The one way in which anything is released: a variable declared with one of
 * these gives up what it owns when it goes out of scope. azf_take() hands the
 * ownership on. "unused" is for those that are held, and no more.
 */
#define azf_cleanup(fn) __attribute__((cleanup(fn), unused))
#define azf_autofree	azf_cleanup(azf_free_pointer)
#define azf_autoclose	azf_cleanup(azf_close_fd)
#define azf_autofile	azf_cleanup(azf_close_file)
#define azf_take(p)                             \
	__extension__({                         \
		__typeof__(p) azf_taken_ = (p); \
		(p) = NULL;                     \
		azf_taken_;                     \
	})

static inline void azf_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void azf_close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void azf_close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static inline bool azf_streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool azf_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/**
 * struct azf_str - a string that grows
 * @text: NUL terminated, or NULL while empty
 * @len: bytes in @text without the NUL
 * @failed: an addition ran out of memory; the string must not be used
 *
 * Starts as { 0 }. Additions after a failure do nothing, so that a row of them
 * needs one check at its end. Never used for secrets: growing leaves copies.
 */
struct azf_str {
	char *text;
	size_t len;
	size_t size;
	bool failed;
};

#define azf_autostr azf_cleanup(azf_str_free)
void azf_str_free(struct azf_str *str);
void azf_str_add(struct azf_str *str, const char *fmt, ...) AZF_PRINTF(2, 3);

/*
 * Blanks and the like are a backslash and three digits in fstab and in the
 * kernel's table of mounts. Return: @text, which becomes no longer.
 */
char *azf_octal_decode(char *text);

/**
 * azf_parse_uint() - a whole decimal number
 * @text: digits and nothing else
 * @min: smallest value accepted
 * @max: largest value accepted
 * @ret_value: set on success only
 *
 * Return: whether @text was such a number.
 */
bool azf_parse_uint(const char *text, uint64_t min, uint64_t max,
		    uint64_t *ret_value) AZF_MUST_CHECK;

/**
 * azf_parse_time() - seconds, or a number with s, m or h behind it
 * @max: largest number of seconds accepted
 * @ret_seconds: set on success only
 *
 * Return: whether @text was such a time.
 */
bool azf_parse_time(const char *text, uint64_t max,
		    uint64_t *ret_seconds) AZF_MUST_CHECK;

/**
 * azf_read_file() - read a small file into a buffer of the caller's
 * @fd: open for reading
 * @buffer: at least @size bytes; NUL terminated on success
 * @size: of @buffer, in bytes
 *
 * Return: the number of bytes read; -EFBIG if the file does not fit together
 * with its NUL; another errno negated.
 */
ssize_t azf_read_file(int fd, char *buffer, size_t size) AZF_MUST_CHECK;

/*
 * Whether getline(3), which has just failed, was at the end of the file. Without
 * memory it fails as well, and that leaves no mark on @file.
 * Return: 0, or an errno negated.
 */
int azf_end_of_file(FILE *file) AZF_MUST_CHECK;

/* Write all of it. Return: 0, or an errno negated. */
int azf_write_all(int fd, const void *data, size_t len) AZF_MUST_CHECK;

/*
 * Make a descriptor as good as closed, but keep its number taken; those below
 * it are. Return: whether it could be done.
 */
bool azf_blank_fd(int fd);

/**
 * azf_open_directory() - open a directory that is ours
 * @parent: of @name, or AT_FDCWD
 * @name: its last component is not followed if it is a link
 * @create: make it, with mode 0700, where it is missing
 *
 * Return: a descriptor; -EPERM when it belongs to another user or others may
 * write to it; another errno negated.
 */
int azf_open_directory(int parent, const char *name,
		       bool create) AZF_MUST_CHECK;

/**
 * azf_replace_file() - write a file as a whole
 * @directory: of the file
 * @name: of the file; NAME.new beside it is used on the way
 * @data: all that the file will hold
 * @len: of @data, in bytes
 *
 * The file is new and whole under its name, with mode 0600, or the old one is
 * still there: also after a crash. One writer at a time.
 *
 * Return: 0, or an errno negated.
 */
int azf_replace_file(int directory, const char *name, const void *data,
		     size_t len) AZF_MUST_CHECK;

/* The same; the file belongs to that user from the beginning. */
int azf_replace_file_of(int directory, const char *name, const void *data,
			size_t len, uid_t owner) AZF_MUST_CHECK;

/* Milliseconds on CLOCK_MONOTONIC. */
int64_t azf_now_ms(void);

/**
 * azf_has_control() - whether a text holds what could break a line of a log
 * @text: need not be NUL terminated
 * @len: of @text, in bytes
 *
 * Those of ASCII, and U+0080 to U+009F in UTF-8: terminals obey some of them,
 * as they do escapes.
 */
bool azf_has_control(const char *text, size_t len);

/**
 * azf_printable() - replace what azf_has_control() finds
 * @text: changed in place; each byte of a control character becomes '?'
 */
void azf_printable(char *text);

/**
 * azf_distance() - how much two words differ, for "Did you mean ...?"
 *
 * Return: how many letters have to be added, dropped, changed or swapped to make
 * @b of @a (optimal string alignment); UINT_MAX if @b has more than 31.
 */
unsigned int azf_distance(const char *a, const char *b);

#endif
