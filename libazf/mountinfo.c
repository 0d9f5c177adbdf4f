// SPDX-License-Identifier: MIT
/*
 * mountinfo.c - the kernel's table of mounts, and lists of options in it.
 *
 * libmount reads it, too; but to load that takes more than all else that a
 * mount does up to mount(2), and one that goes to an automount point needs this
 * table.
 */
#include "table.h"

#include <errno.h>
#include <limits.h>
#include <sys/sysmacros.h>

#define MOUNTINFO     "/proc/self/mountinfo"
/* In front of those that are optional, and behind them. */
#define FIELDS_BEFORE 6
#define FIELDS_BEHIND 3

bool azf_table_is_smb(const char *type)
{
	return azf_streq(type, "cifs") || azf_streq(type, "smb3");
}

/* Slashes behind it are a matter of taste in fstab. */
bool azf_table_is_at(const struct azf_table_line *line, const char *target)
{
	size_t len = strlen(target);

	return strncmp(line->target, target, len) == 0 &&
	       !line->target[len + strspn(line->target + len, "/")];
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

/* Ended and not decoded yet; the source may be empty. */
static bool next_fields(char **rest, char **fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fields[i] = strsep(rest, " ");
		if (!fields[i])
			return false;
	}
	return true;
}

/* MAJOR:MINOR, which is ended at the colon. */
static bool read_device(char *text, dev_t *ret_device)
{
	char *colon = strchr(text, ':');
	uint64_t major, minor;

	if (!colon)
		return false;
	*colon = '\0';
	if (!azf_parse_uint(text, 0, UINT_MAX, &major) ||
	    !azf_parse_uint(colon + 1, 0, UINT_MAX, &minor))
		return false;
	*ret_device = makedev((unsigned int)major, (unsigned int)minor);
	return true;
}

/*
 * Those of the mount, then those of the file system, which begin with "ro" or
 * "rw" of their own: it is read-only if one of them is.
 */
static bool join_options(const char *mount, const char *system,
			 struct azf_str *ret_options)
{
	bool ro = azf_table_has(mount, "ro") || azf_table_has(system, "ro");
	const char *lists[] = { mount, system };

	azf_str_add(ret_options, "%s", ro ? "ro" : "rw");
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lists); i++) {
		const char *list = lists[i];

		if (strncmp(list, "rw", 2) == 0 || strncmp(list, "ro", 2) == 0)
			list += list[2] == ',' || !list[2] ? 2 : 0;
		if (*list)
			azf_str_add(ret_options, "%s%s",
				    *list == ',' ? "" : ",", list);
	}
	return !ret_options->failed;
}

/*
 * ID PARENT DEVICE ROOT TARGET OPTIONS [TAG...] - TYPE SOURCE OPTIONS
 *
 * Return: 0, what the visitor returned, -EBADMSG for another line, -ENOMEM.
 */
static int visit_line(char *text, const struct azf_table_visitor *visitor)
{
	azf_autostr struct azf_str options = { 0 };
	char *before[FIELDS_BEFORE], *behind[FIELDS_BEHIND];
	struct azf_table_line line;
	const char *tag;

	if (!next_fields(&text, before, FIELDS_BEFORE) ||
	    !read_device(before[2], &line.device))
		return -EBADMSG;
	do {
		tag = strsep(&text, " ");
	} while (tag && !azf_streq(tag, "-"));
	if (!tag || !next_fields(&text, behind, FIELDS_BEHIND))
		return -EBADMSG;
	if (!join_options(azf_octal_decode(before[5]),
			  azf_octal_decode(behind[2]), &options))
		return -ENOMEM;
	line.root = azf_octal_decode(before[3]);
	line.target = azf_octal_decode(before[4]);
	line.type = azf_octal_decode(behind[0]);
	line.source = azf_octal_decode(behind[1]);
	line.options = options.text;
	return visitor->line(visitor->arg, &line);
}

int azf_mountinfo_visit(const char *path,
			const struct azf_table_visitor *visitor)
{
	azf_autofile FILE *file = fopen(path ? path : MOUNTINFO, "re");
	azf_autofree char *text = NULL;
	unsigned int number = 0;
	size_t size = 0;
	int r = 0;

	if (!file)
		return -errno;
	while (r == 0 && getline(&text, &size, file) >= 0) {
		text[strcspn(text, "\n")] = '\0';
		number++;
		r = visit_line(text, visitor);
		if (r != -EBADMSG)
			continue;
		r = 0;
		if (visitor->broken)
			visitor->broken(visitor->arg, number);
	}
	return r ? r : azf_end_of_file(file);
}
