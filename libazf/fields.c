// SPDX-License-Identifier: MIT
/* fields.c - KEY=VALUE lines: the one text format of ours. */
#include "fields.h"

#include "wipe.h"

#include <errno.h>

void azf_fields_free(struct azf_fields *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		free(fields->list[i].key);
		if (fields->list[i].value)
			azf_wipe_free(fields->list[i].value);
	}
	*fields = (struct azf_fields){ .count = 0 };
}

static bool is_key(const char *text, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0' || !strchr(allowed, text[i]))
			return false;
	}
	return len > 0;
}

/* What cannot break a line, or the line of a log. */
static bool is_value(const char *text, size_t len)
{
	return len <= AZF_FIELD_VALUE_MAX && !azf_has_control(text, len);
}

static struct azf_field *find(struct azf_fields *fields, const char *key,
			      size_t len)
{
	for (size_t i = 0; i < fields->count; i++) {
		const char *known = fields->list[i].key;

		if (strlen(known) == len && memcmp(known, key, len) == 0)
			return &fields->list[i];
	}
	return NULL;
}

const char *azf_fields_get(const struct azf_fields *fields, const char *key)
{
	const struct azf_field *field = find((struct azf_fields *)fields, key,
					     strlen(key));

	return field ? field->value : NULL;
}

bool azf_fields_equal(const struct azf_fields *a, const struct azf_fields *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!azf_streq(a->list[i].key, b->list[i].key) ||
		    !azf_streq(a->list[i].value, b->list[i].value))
			return false;
	}
	return true;
}

bool azf_fields_number(const struct azf_fields *fields, const char *key,
		       uint64_t *ret_value)
{
	const char *value = azf_fields_get(fields, key);

	return value && azf_parse_uint(value, 0, INT64_MAX, ret_value);
}

static int add(struct azf_fields *fields, const char *key, size_t key_len,
	       const char *value, size_t value_len)
{
	struct azf_field field;

	if (fields->count == AZF_FIELDS_MAX)
		return -E2BIG;
	field.key = strndup(key, key_len);
	field.value = strndup(value, value_len);
	if (!field.key || !field.value) {
		free(field.key);
		free(field.value);
		return -ENOMEM;
	}
	fields->list[fields->count++] = field;
	return 0;
}

static int parse_line(const char *line, size_t len, struct azf_fields *fields)
{
	const char *equals;
	size_t key_len;

	if (len == 0 || line[0] == '#')
		return 0;
	equals = memchr(line, '=', len);
	if (!equals)
		return -EINVAL;
	key_len = (size_t)(equals - line);
	if (!is_key(line, key_len) ||
	    !is_value(equals + 1, len - key_len - 1) ||
	    find(fields, line, key_len))
		return -EINVAL;
	return add(fields, line, key_len, equals + 1, len - key_len - 1);
}

int azf_fields_parse(const char *text, size_t len, struct azf_fields *fields,
		     unsigned int *ret_line)
{
	const char *end = text + len;
	unsigned int number = 0;

	while (text < end) {
		size_t rest = (size_t)(end - text);
		const char *newline = memchr(text, '\n', rest);
		size_t line_len = newline ? (size_t)(newline - text) : rest;
		int r = parse_line(text, line_len, fields);

		number++;
		if (r) {
			if (ret_line)
				*ret_line = number;
			return r;
		}
		text += line_len + (newline ? 1 : 0);
	}
	return 0;
}

int azf_fields_set(struct azf_fields *fields, const char *key,
		   const char *value)
{
	struct azf_field *field;
	char *copy;

	if (!value)
		return 0;
	if (!is_key(key, strlen(key)) || !is_value(value, strlen(value)))
		return -EINVAL;
	field = find(fields, key, strlen(key));
	if (!field)
		return add(fields, key, strlen(key), value, strlen(value));
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	azf_wipe_free(field->value);
	field->value = copy;
	return 0;
}

int azf_fields_set_number(struct azf_fields *fields, const char *key,
			  int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return azf_fields_set(fields, key, text);
}

char *azf_fields_format(const struct azf_fields *fields, size_t *ret_len)
{
	size_t len = 0;
	char *text, *p;

	for (size_t i = 0; i < fields->count; i++)
		len += strlen(fields->list[i].key) +
		       strlen(fields->list[i].value) + strlen("=\n");
	text = malloc(len + 1);
	if (!text)
		return NULL;
	p = text;
	for (size_t i = 0; i < fields->count; i++) {
		p = stpcpy(p, fields->list[i].key);
		*p++ = '=';
		p = stpcpy(p, fields->list[i].value);
		*p++ = '\n';
	}
	*p = '\0';
	*ret_len = len;
	return text;
}
