// SPDX-License-Identifier: MIT
/*
 * fstab-edit.c - one line of fstab added, changed or taken out.
 *
 * libmount could write the whole file anew, but not leave what people made of
 * it: columns, comments, blank lines, line ends. So the lines are looked at
 * here, and one of them is touched.
 */
#include "fstab-edit.h"

#include "azf-private.h"

enum {
	SOURCE,
	TARGET,
	TYPE,
	OPTIONS,
	FIELDS
};

/**
 * struct row - a line of the text
 * @begin: where it begins, in bytes
 * @end: where it ends, with its line end
 * @number: from 1
 * @fields: the first ones, decoded; NULL from the one that is missing
 */
struct row {
	size_t begin;
	size_t end;
	size_t number;
	char *fields[FIELDS];
};

static void free_row(struct row *row)
{
	for (size_t i = 0; i < FIELDS; i++)
		free(row->fields[i]);
	*row = (struct row){ 0 };
}

/* A field with its octal escapes decoded; NULL if out of memory. */
static char *decode(const char *field, size_t len)
{
	char *result = strndup(field, len);

	return result ? azf_octal_decode(result) : NULL;
}

static void encode(struct azf_str *line, const char *field)
{
	for (; *field; field++) {
		bool escaped = strchr(" \t\\", *field) != NULL;

		azf_str_add(line, escaped ? "\\%03o" : "%c", *field);
	}
}

/* Split a line into its first fields. A comment has none. */
static int split(const char *text, struct row *row, struct azf_error *err)
{
	const char *p = text + row->begin;
	const char *end = text + row->end;

	for (size_t i = 0; i < FIELDS; i++) {
		size_t len;

		p += strspn(p, " \t");
		len = strcspn(p, " \t\r\n");
		if (p >= end || len == 0 || (i == 0 && *p == '#'))
			return 0;
		row->fields[i] = decode(p, len);
		if (!row->fields[i])
			return azf_no_memory(err);
		p += len;
	}
	return 0;
}

/* The next component of a path behind *@p; its length, 0 at the end. */
static size_t component(const char **p)
{
	size_t len;

	do {
		*p += strspn(*p, "/");
		len = strcspn(*p, "/");
		if (len != 1 || **p != '.')
			return len;
		*p += 1;
	} while (true);
}

/* Slashes and dots that make no difference do not count. */
static bool is_same_path(const char *a, const char *b)
{
	if (a[0] != '/' || b[0] != '/')
		return azf_streq(a, b);
	for (;;) {
		size_t a_len = component(&a);
		size_t b_len = component(&b);

		if (a_len != b_len || memcmp(a, b, a_len) != 0)
			return false;
		if (a_len == 0)
			return true;
		a += a_len;
		b += b_len;
	}
}

static int refuse_other(const char *path, const struct row *row,
			struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT,
		 "line %zu of %s mounts a file system of the type %s on %s",
		 row->number, path, row->fields[TYPE], row->fields[TARGET]);
	return azf_cure(err, "Take that line out, or choose another directory");
}

static int refuse_two(const char *path, const struct row *one,
		      const struct row *other, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "lines %zu and %zu of %s both mount on %s",
		 one->number, other->number, path, one->fields[TARGET]);
	return azf_cure(err, "Take one of them out");
}

/**
 * find() - the line of the type azfiles with this target
 * @others: how to treat lines of other types: an error, or as if not there
 * @ret_row: filled on success; without a number when there is no such line
 */
static int find(const char *text, const char *path, const char *target,
		bool others, struct row *ret_row, struct azf_error *err)
{
	azf_cleanup(free_row) struct row found = { 0 };
	size_t begin = 0;

	for (size_t number = 1; text[begin]; number++) {
		azf_cleanup(free_row) struct row row = { .begin = begin,
							 .number = number };
		size_t len = strcspn(text + begin, "\n");

		row.end = begin + len + (text[begin + len] ? 1 : 0);
		begin = row.end;
		if (split(text, &row, err))
			return -AZF_E_SYSTEM;
		if (!row.fields[TYPE] ||
		    !is_same_path(row.fields[TARGET], target))
			continue;
		if (!azf_streq(row.fields[TYPE], "azfiles")) {
			if (others)
				return refuse_other(path, &row, err);
			continue;
		}
		if (found.number)
			return refuse_two(path, &found, &row, err);
		found = row;
		row = (struct row){ 0 };
	}
	*ret_row = found;
	found = (struct row){ 0 };
	return 0;
}

/* What ends the line that ends at @end. */
static const char *line_end(const char *text, size_t end)
{
	if (end == 0 || text[end - 1] != '\n')
		return "";
	return end > 1 && text[end - 2] == '\r' ? "\r\n" : "\n";
}

static size_t begin_of_line(const char *text, size_t end)
{
	while (end > 0 && text[end - 1] != '\n')
		end--;
	return end;
}

static void add_line(struct azf_str *text, const struct azf_fstab_line *line,
		     const char *end)
{
	encode(text, line->source);
	azf_str_add(text, " ");
	encode(text, line->target);
	azf_str_add(text, " azfiles ");
	encode(text, line->options);
	azf_str_add(text, " 0 0%s", end);
}

/*
 * Behind all others. A text without a newline at its end stays one, so that
 * azf_fstab_drop() can tell what it was.
 */
static void append(const char *text, const struct azf_fstab_line *line,
		   struct azf_edit *edit, struct azf_str *new_text)
{
	size_t len = strlen(text);
	size_t begin = begin_of_line(text, len);
	const char *end = line_end(text, len);

	edit->begin = edit->end = len;
	if (*end || len == 0) {
		add_line(new_text, line, *end ? end : "\n");
		return;
	}
	edit->begin = begin;
	end = text[len - 1] == '\r' ? "\r\n" : line_end(text, begin);
	azf_str_add(new_text, "%s%s", text + begin, *end ? end : "\n");
	add_line(new_text, line, "");
}

static int finish(struct azf_str *new_text, const struct azf_fstab_edit *edit,
		  struct azf_fstab_edit *ret_edit, struct azf_error *err)
{
	/* the string must exist even where nothing comes */
	azf_str_add(new_text, "%s", "");
	if (new_text->failed)
		return azf_no_memory(err);
	*ret_edit = *edit;
	ret_edit->edit.text = azf_take(new_text->text);
	return 0;
}

static bool has_control(const char *field)
{
	for (; *field; field++) {
		unsigned char c = (unsigned char)*field;

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static int check_line(const struct azf_fstab_line *line, const char *path,
		      struct azf_error *err)
{
	if (!has_control(line->source) && !has_control(line->target) &&
	    !has_control(line->options))
		return 0;
	azf_fail(err, AZF_E_USAGE,
		 "a line break or another control character cannot stand in "
		 "a line of %s",
		 path);
	return azf_cure(err, "Leave it out");
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (const char *p = text; *p; p++)
		count += *p == '\n' || p[1] == '\0';
	return count;
}

int azf_fstab_put(const char *text, const char *path,
		  const struct azf_fstab_line *line,
		  struct azf_fstab_edit *ret_edit, struct azf_error *err)
{
	azf_cleanup(free_row) struct row row = { 0 };
	azf_autostr struct azf_str new_text = { 0 };
	struct azf_fstab_edit edit = { 0 };
	int r;

	r = check_line(line, path, err);
	if (r == 0)
		r = find(text, path, line->target, true, &row, err);
	if (r)
		return r;
	edit.number = row.number;
	if (row.number && azf_streq(row.fields[SOURCE], line->source) &&
	    azf_streq(row.fields[OPTIONS] ? row.fields[OPTIONS] : "",
		      line->options)) {
		*ret_edit = edit;
		return 0;
	}
	if (row.number) {
		edit.change = AZF_FSTAB_CHANGE;
		edit.edit.begin = row.begin;
		edit.edit.end = row.end;
		add_line(&new_text, line, line_end(text, row.end));
	} else {
		edit.change = AZF_FSTAB_ADD;
		edit.number = count_lines(text) + 1;
		append(text, line, &edit.edit, &new_text);
	}
	return finish(&new_text, &edit, ret_edit, err);
}

int azf_fstab_drop(const char *text, const char *path, const char *target,
		   struct azf_fstab_edit *ret_edit, struct azf_error *err)
{
	azf_cleanup(free_row) struct row row = { 0 };
	azf_autostr struct azf_str new_text = { 0 };
	struct azf_fstab_edit edit = { 0 };
	int r;

	r = find(text, path, target, false, &row, err);
	if (r)
		return r;
	if (!row.number) {
		*ret_edit = edit;
		return 0;
	}
	edit.change = AZF_FSTAB_REMOVE;
	edit.number = row.number;
	edit.edit.begin = row.begin;
	edit.edit.end = row.end;
	if (!*line_end(text, row.end) && row.begin) {
		/* the line in front of it becomes the one without a newline */
		const char *end = line_end(text, row.begin);
		size_t keep = row.begin - strlen(end);

		edit.edit.begin = begin_of_line(text, row.begin - 1);
		azf_str_add(&new_text, "%.*s", (int)(keep - edit.edit.begin),
			    text + edit.edit.begin);
	}
	return finish(&new_text, &edit, ret_edit, err);
}
