/* SPDX-License-Identifier: MIT */
/* line.h - a line of fstab as systemd understands it. */
#ifndef LINE_H
#define LINE_H

#include "table.h"

/**
 * struct words - the options of a line
 * @list: in order, with nothing escaped
 * @count: of @list
 * @text: what the words are kept in
 */
struct words {
	char **list;
	size_t count;
	char *text;
};

#define autowords azf_cleanup(words_free)
void words_free(struct words *words);

/* Take options apart where systemd does. Return: 0 or -ENOMEM. */
int words_split(const char *options, struct words *ret_words) AZF_MUST_CHECK;

/* Is this option given, with a value or without one? */
bool words_have(const struct words *words, const char *name);

/* Of two options that contradict each other, is @yes the last? */
bool words_choose(const struct words *words, const char *yes, const char *no);

/**
 * words_next() - walk through the values of an option
 * @i: begins at 0, and is moved behind what was found
 *
 * Return: what stands behind the equals sign, or NULL behind the last.
 */
const char *words_next(const struct words *words, const char *name, size_t *i);

/* The last value of an option, or NULL. */
const char *words_value(const struct words *words, const char *name);

/* Seconds for which our helper tries such a mount. */
unsigned int words_retry(const struct words *words);

/* Does our helper mount it with an identity? */
bool words_identity(const struct words *words);

/* Does one of them hold a key or a password? */
bool words_secret(const struct words *words);

/**
 * line_target() - the mount point that systemd makes a unit for
 * @path: as it stands in fstab
 * @ret_target: on success a new string for the caller to free
 *
 * Symbolic links are followed, as far as the path exists. Nothing is asked of
 * a server, and no automount is set off, for what is at the path's end.
 *
 * Return: 0, -EINVAL for a path that is not absolute, -ENOENT for one with ".."
 * behind what exists, -ENAMETOOLONG, -ENOMEM.
 */
int line_target(const char *path, char **ret_target) AZF_MUST_CHECK;

#endif
