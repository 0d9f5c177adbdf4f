// SPDX-License-Identifier: MIT
/* line.c - a line of fstab as systemd understands it. */
#include "line.h"

#include "options.h"
#include "retry.h"

#include <errno.h>
#include <limits.h>

#define LINKS_MAX 32 /* one after another, until it must be a circle */

/* ---- options ---- */

void words_free(struct words *words)
{
	free(words->list);
	free(words->text);
}

/*
 * A backslash keeps a comma, and stands for itself when doubled; before
 * anything else it is a character like others. Of commas in a row one counts.
 */
int words_split(const char *options, struct words *ret_words)
{
	autowords struct words words = { 0 };
	size_t most = 1;
	char *to;

	for (const char *p = options; *p; p++)
		most += *p == ',';
	words.list = calloc(most, sizeof(*words.list));
	words.text = malloc(strlen(options) + most + 1);
	if (!words.list || !words.text)
		return -ENOMEM;
	to = words.text;
	while (*options) {
		char *begin = to;

		while (*options && *options != ',') {
			if (options[0] == '\\' &&
			    (options[1] == ',' || options[1] == '\\'))
				options++;
			*to++ = *options++;
		}
		if (to != begin) {
			*to++ = '\0';
			words.list[words.count++] = begin;
		}
		options += *options == ',';
	}
	*ret_words = words;
	words = (struct words){ 0 };
	return 0;
}

/* What follows the name in a word, "" or "=…"; NULL for another option. */
static const char *behind(const char *word, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0 ||
	    (word[len] != '\0' && word[len] != '='))
		return NULL;
	return word + len;
}

bool words_have(const struct words *words, const char *name)
{
	for (size_t i = 0; i < words->count; i++) {
		if (behind(words->list[i], name))
			return true;
	}
	return false;
}

bool words_choose(const struct words *words, const char *yes, const char *no)
{
	for (size_t i = words->count; i-- > 0;) {
		if (behind(words->list[i], yes))
			return true;
		if (behind(words->list[i], no))
			return false;
	}
	return false;
}

const char *words_next(const struct words *words, const char *name, size_t *i)
{
	while (*i < words->count) {
		const char *rest = behind(words->list[(*i)++], name);

		if (rest && *rest == '=')
			return rest + 1;
	}
	return NULL;
}

const char *words_value(const struct words *words, const char *name)
{
	const char *last = NULL, *value;
	size_t i = 0;

	while ((value = words_next(words, name, &i)))
		last = value;
	return last;
}

unsigned int words_retry(const struct words *words)
{
	const char *text = words_value(words, "retry");
	azf_autofree char *seconds = NULL;
	struct azf_error err = { 0 };
	uint64_t number;

	for (size_t i = 0; text && i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];

		if (azf_streq(option->name, "retry") &&
		    azf_value_check(option, text, &seconds, &err) == 0 &&
		    azf_parse_uint(seconds, 0, option->max, &number))
			return (unsigned int)number;
	}
	return AZF_RETRY_SECONDS;
}

bool words_identity(const struct words *words)
{
	const char *identity = words_value(words, "identity");

	return identity && !azf_streq(identity, "key");
}

bool words_secret(const struct words *words)
{
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];

		if (option->owner == AZF_FOR_SECRET &&
		    words_have(words, option->name))
			return true;
	}
	return false;
}

/* ---- mount points ---- */

/* The name of the component at @p; 0 at the end of the path. */
static size_t component(const char **p)
{
	*p += strspn(*p, "/");
	return strcspn(*p, "/");
}

static bool is_dots(const char *p, size_t len, size_t dots)
{
	return len == dots && memcmp(p, "..", dots) == 0;
}

/*
 * One step of the walk: append a component to @done, or put what its link says
 * in front of the rest, which is in @todo. readlink(2) is all that is asked: it
 * does not need the server of a share that is mounted there.
 */
static int step(char *done, size_t *len, char *todo, const char **p, size_t n)
{
	char link[PATH_MAX];
	ssize_t got;

	if (*len + 1 + n >= PATH_MAX)
		return -ENAMETOOLONG;
	done[*len] = '/';
	memcpy(done + *len + 1, *p, n);
	done[*len + 1 + n] = '\0';
	*p += n;
	got = readlink(done, link, sizeof(link));
	if (got < 0) {
		*len += 1 + n;
		return errno == EINVAL ? 0 : -errno;
	}
	if ((size_t)got + 1 + strlen(*p) >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(todo + got + 1, *p, strlen(*p) + 1);
	memcpy(todo, link, (size_t)got);
	todo[got] = '/';
	*p = todo;
	if (link[0] == '/')
		*len = 0;
	done[*len] = '\0';
	return 1;
}

/* @follow: look at what exists; otherwise only dots and slashes go. */
static int walk(const char *path, bool follow, char done[PATH_MAX])
{
	char todo[PATH_MAX];
	const char *p = todo;
	int links = 0;
	size_t len = 0, n;

	if (strlen(path) >= sizeof(todo))
		return -ENAMETOOLONG;
	memcpy(todo, path, strlen(path) + 1);
	while ((n = component(&p))) {
		int r = 0;

		if (is_dots(p, n, 1)) {
			p += n;
		} else if (is_dots(p, n, 2)) {
			if (!follow)
				return -ENOENT;
			while (len > 0 && done[--len] != '/')
				continue;
			p += n;
		} else if (follow) {
			r = step(done, &len, todo, &p, n);
		} else if (len + 1 + n >= PATH_MAX) {
			return -ENAMETOOLONG;
		} else {
			done[len++] = '/';
			memmove(done + len, p, n);
			len += n;
			p += n;
		}
		if (r == -ENOENT)
			follow = false;
		else if (r < 0 || (links += r) > LINKS_MAX)
			return r < 0 ? r : -ELOOP;
	}
	done[len] = '\0';
	return 0;
}

int line_target(const char *path, char **ret_target)
{
	char done[PATH_MAX] = "";
	int r;

	if (path[0] != '/')
		return -EINVAL;
	r = walk(path, true, done);
	if (r)
		r = walk(path, false, done);
	if (r)
		return r;
	*ret_target = strdup(done[0] ? done : "/");
	return *ret_target ? 0 : -ENOMEM;
}
