// SPDX-License-Identifier: MIT
/* fuzz-unit.c - any text in a unit of systemd, read back as systemd does. */
#include "fuzz.h"
#include "unit-name.h"

static unsigned char unescaped(const char **at)
{
	char hex[3] = "";

	if (**at == '-')
		return '/';
	if (**at != '\\')
		return (unsigned char)**at;
	must((*at)[1] == 'x');
	memcpy(hex, *at + 2, 2);
	*at += 3;
	return (unsigned char)strtoul(hex, NULL, 16);
}

/* The path without what does not count in one: "//", "/./", "/" at its end. */
static void shorten(char *path)
{
	char *to = path;

	for (const char *from = path; *from;) {
		size_t slashes = strspn(from, "/");
		size_t len = strcspn(from + slashes, "/");
		bool dot = len == 1 && from[slashes] == '.';

		if (len && !dot) {
			*to++ = '/';
			memmove(to, from + slashes, len);
			to += len;
		}
		from += slashes + len;
	}
	*to = '\0';
}

static void check_name(char *path)
{
	azf_autofree char *name = NULL;
	char *end;

	if (azf_unit_name(path, ".mount", &name))
		return;
	must(azf_unit_is_name(name));
	must(!strpbrk(name, "/ \t\n\"'%$"));
	shorten(path);
	end = name + strlen(name) - strlen(".mount");
	must(azf_streq(end, ".mount"));
	if (strlen(path) > 60) /* the name may end in a hash */
		return;
	if (!*path) {
		must(azf_streq(name, "-.mount"));
		return;
	}
	path++;
	for (const char *at = name; at < end; at++, path++)
		must((unsigned char)*path == unescaped(&at));
	must(!*path);
}

/* %% is a percent sign, and %i nothing. */
static void check_value(const char *text)
{
	azf_autofree char *value = NULL;
	size_t len;

	if (azf_unit_value(text, &value))
		return;
	len = strlen(value);
	must(len && !strpbrk(value, "\n\r"));
	must(!strchr(" \t", value[0]) && !strchr(" \t\\", value[len - 1]));
	for (const char *at = value; *at; at++) {
		if (*at == '%') {
			at++;
			must(*at == '%' || *at == 'i');
			if (*at == 'i')
				continue;
		}
		must(*at == *text++);
	}
	must(!*text);
}

static void check_word(const char *text)
{
	azf_autofree char *word = NULL;
	const char *at;

	if (azf_unit_word(text, &word))
		return;
	must(word[0] == '"' && !strpbrk(word, "\n\r"));
	for (at = word + 1; *at != '"'; at++) {
		if (*at == '%' || *at == '\\')
			at++;
		must(*at && *at == *text++);
	}
	must(!at[1] && !*text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = fuzz_text(bytes, size);
	azf_autofree char *reference = NULL;

	if (azf_unit_reference(text, &reference) == 0)
		must(azf_unit_is_name(reference));
	check_value(text);
	check_word(text);
	check_name(text);
	free(text);
	return 0;
}
