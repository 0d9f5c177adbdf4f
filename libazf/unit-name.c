// SPDX-License-Identifier: MIT
/* unit-name.c - systemd's names of units for paths, and values in units. */
#include "unit-name.h"

#include <errno.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.";

/* One component of a path, without the slashes around it. */
static void add_component(struct azf_str *name, const char *p, size_t len)
{
	if (name->len)
		azf_str_add(name, "-");
	for (size_t i = 0; i < len; i++) {
		/* only at the very beginning: the file would be hidden */
		bool hidden = name->len == 0 && p[i] == '.';

		if (strchr(plain, p[i]) && !hidden)
			azf_str_add(name, "%c", p[i]);
		else
			azf_str_add(name, "\\x%02x", (unsigned char)p[i]);
	}
}

int azf_unit_name(const char *path, const char *suffix, char **ret_name)
{
	azf_autostr struct azf_str name = { 0 };

	if (path[0] != '/')
		return -EINVAL;
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0)
			return -EINVAL;
		if (len && (len != 1 || path[0] != '.'))
			add_component(&name, path, len);
		path += len;
		path += strspn(path, "/");
	}
	azf_str_add(&name, "%s%s", name.len ? "" : "-", suffix);
	if (name.failed)
		return -ENOMEM;
	if (name.len > AZF_UNIT_NAME_MAX)
		return -ENAMETOOLONG;
	*ret_name = azf_take(name.text);
	return 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A backslash at the end would take the next line in. */
static bool fits_line(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || is_blank(text[0]) || is_blank(text[len - 1]) ||
	    text[len - 1] == '\\')
		return false;
	for (; *text; text++) {
		if (is_control(*text) && *text != '\t')
			return false;
	}
	return true;
}

int azf_unit_value(const char *text, char **ret_value)
{
	azf_autostr struct azf_str value = { 0 };

	if (!fits_line(text))
		return -EINVAL;
	for (; *text; text++)
		azf_str_add(&value, "%s%c", *text == '%' ? "%" : "", *text);
	if (value.failed)
		return -ENOMEM;
	*ret_value = azf_take(value.text);
	return 0;
}

int azf_unit_word(const char *text, char **ret_word)
{
	azf_autostr struct azf_str word = { 0 };

	azf_str_add(&word, "\"");
	for (; *text; text++) {
		if (is_control(*text))
			return -EINVAL;
		azf_str_add(&word, "%s%c",
			    *text == '%'	  ? "%" :
			    strchr("\"\\", *text) ? "\\" :
						    "",
			    *text);
	}
	azf_str_add(&word, "\"");
	if (word.failed)
		return -ENOMEM;
	*ret_word = azf_take(word.text);
	return 0;
}
