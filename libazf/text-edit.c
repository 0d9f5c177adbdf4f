// SPDX-License-Identifier: MIT
/* text-edit.c - some lines of a text replaced by others. */
#include "text-edit.h"

void azf_edit_free(struct azf_edit *edit)
{
	free(edit->text);
	*edit = (struct azf_edit){ 0 };
}

char *azf_edit_apply(const char *text, size_t len, const struct azf_edit *edit,
		     size_t *ret_len)
{
	size_t new_len = strlen(edit->text);
	size_t rest = len - edit->end;
	char *result = malloc(edit->begin + new_len + rest + 1);

	if (!result)
		return NULL;
	memcpy(result, text, edit->begin);
	memcpy(result + edit->begin, edit->text, new_len);
	memcpy(result + edit->begin + new_len, text + edit->end, rest);
	*ret_len = edit->begin + new_len + rest;
	result[*ret_len] = '\0';
	return result;
}

/* Also one that lacks its newline counts. */
static size_t count_lines(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n' || i + 1 == len;
	return count;
}

/* Of no lines the one in front of them is named. */
static void add_range(struct azf_str *diff, char sign, size_t before,
		      size_t count)
{
	azf_str_add(diff, " %c%zu", sign, before + (count ? 1 : 0));
	if (count != 1)
		azf_str_add(diff, ",%zu", count);
}

static void add_lines(struct azf_str *diff, char sign, const char *text,
		      size_t len)
{
	while (len) {
		const char *newline = memchr(text, '\n', len);
		size_t line = newline ? (size_t)(newline - text) : len;

		azf_str_add(diff, "%c%.*s\n", sign, (int)line, text);
		if (!newline)
			azf_str_add(diff, "\\ No newline at end of file\n");
		line += newline ? 1 : 0;
		text += line;
		len -= line;
	}
}

void azf_edit_diff(const char *text, const struct azf_edit *edit,
		   struct azf_str *diff)
{
	const char *old = text + edit->begin;
	size_t old_len = edit->end - edit->begin;
	size_t new_len = strlen(edit->text);
	size_t before = count_lines(text, edit->begin);

	azf_str_add(diff, "@@");
	add_range(diff, '-', before, count_lines(old, old_len));
	add_range(diff, '+', before, count_lines(edit->text, new_len));
	azf_str_add(diff, " @@\n");
	add_lines(diff, '-', old, old_len);
	add_lines(diff, '+', edit->text, new_len);
}
