// SPDX-License-Identifier: MIT
/* keydesc.c - the question that cifs asks an upcall, taken apart. */
#include "keydesc.h"

#include <errno.h>

/* Root's, as cifs makes them; user space cannot make keys of this type. */
#define OWNER	 "cifs.spnego;0;0;"
#define HEXDIGIT "0123456789abcdef"
#define VERSION	 2

enum kind {
	VERSION_NUMBER,
	NUMBER,
	TEXT,
	/* text that anybody may have chosen: only the next row may follow, or
	 * the one behind it
	 */
	FREE_TEXT,
};

#define ROW(name, kind, required, member)                                   \
	{                                                                   \
		name, kind, required, offsetof(struct azf_keydesc, member), \
			sizeof(((struct azf_keydesc *)0)->member)           \
	}

/* In the order of the kernel's cifs_get_spnego_key(). */
static const struct row {
	const char *name;
	enum kind kind;
	bool required;
	size_t offset;
	size_t size;
} rows[] = {
	{ "ver", VERSION_NUMBER, true, 0, 0 },
	ROW("host", FREE_TEXT, true, host),
	ROW("ip4", TEXT, false, address),
	ROW("ip6", TEXT, false, address),
	ROW("sec", TEXT, true, sec),
	ROW("uid", NUMBER, false, uid),
	ROW("creduid", NUMBER, true, creduid),
	ROW("user", FREE_TEXT, false, user),
	ROW("pid", NUMBER, false, pid),
	ROW("upcall_target", TEXT, false, upcall_target),
};

#define ROW_IP4 2
#define ROW_IP6 3
#define NO_ROW	SIZE_MAX

/* A field, and where it begins and ends. */
struct field {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

static size_t find_row(const struct field *field)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		if (strlen(rows[i].name) == field->name_len &&
		    memcmp(rows[i].name, field->name, field->name_len) == 0)
			return i;
	}
	return NO_ROW;
}

/* 0x and at most eight digits, as printf's 0x%x writes an unsigned int. */
static bool parse_hex(const struct field *field, uint32_t *ret_value)
{
	uint32_t value = 0;

	if (field->value_len < 3 || field->value_len > 10 ||
	    !azf_starts_with(field->value, "0x"))
		return false;
	for (size_t i = 2; i < field->value_len; i++) {
		const char *digit = strchr(HEXDIGIT, field->value[i]);

		if (!digit)
			return false;
		value = value << 4 | (uint32_t)(digit - HEXDIGIT);
	}
	*ret_value = value;
	return true;
}

static bool take_value(const struct row *row, const struct field *field,
		       struct azf_keydesc *desc)
{
	char *place = (char *)desc + row->offset;
	uint32_t number;

	switch (row->kind) {
	case VERSION_NUMBER:
		return parse_hex(field, &number) && number == VERSION;
	case NUMBER:
		if (!parse_hex(field, &number))
			return false;
		memcpy(place, &number, sizeof(number));
		return true;
	case TEXT:
	case FREE_TEXT:
		if (field->value_len >= row->size ||
		    (row->required && field->value_len == 0))
			return false;
		memcpy(place, field->value, field->value_len);
		place[field->value_len] = '\0';
		return true;
	}
	return false;
}

/*
 * Whether the row may follow the @last one. Rows that are required are not
 * skipped, and behind a free text comes what the kernel writes there: the
 * address behind the host, the pid behind the user.
 */
static bool may_follow(size_t last, size_t row)
{
	if (last == NO_ROW)
		return row == 0;
	if (row == NO_ROW)
		return rows[last].kind != FREE_TEXT;
	if (row <= last || (last == ROW_IP4 && row == ROW_IP6))
		return false;
	if (rows[last].kind == FREE_TEXT)
		return row == last + 1 ||
		       (last + 1 == ROW_IP4 && row == ROW_IP6);
	for (size_t i = last + 1; i < row; i++) {
		if (rows[i].required)
			return false;
	}
	return true;
}

/* Return: the end of the field, or NULL for something that is none. */
static const char *split_field(const char *text, struct field *ret_field)
{
	size_t len = strcspn(text, ";");
	const char *equals = memchr(text, '=', len);

	if (!equals || equals == text)
		return NULL;
	*ret_field = (struct field){
		.name = text,
		.name_len = (size_t)(equals - text),
		.value = equals + 1,
		.value_len = (size_t)(text + len - equals) - 1,
	};
	return text + len;
}

static bool parse_fields(const char *text, struct azf_keydesc *desc)
{
	size_t last = NO_ROW;

	for (;;) {
		struct field field;
		size_t row;

		text = split_field(text, &field);
		if (!text)
			return false;
		row = find_row(&field);
		if (!may_follow(last, row))
			return false;
		if (row != NO_ROW) {
			if (!take_value(&rows[row], &field, desc))
				return false;
			last = row;
		}
		if (*text == '\0')
			break;
		text++;
	}
	for (size_t i = last + 1; i < AZF_ARRAY_SIZE(rows); i++) {
		if (rows[i].required)
			return false;
	}
	return rows[last].kind != FREE_TEXT;
}

int azf_keydesc_parse(const char *text, struct azf_keydesc *ret_desc)
{
	struct azf_keydesc desc = { .host = "" };

	if (azf_has_control(text, strlen(text)))
		return -EINVAL;
	if (!azf_starts_with(text, OWNER))
		return -EINVAL;
	text += strlen(OWNER);
	text += strspn(text, HEXDIGIT);
	if (*text != ';' || !parse_fields(text + 1, &desc))
		return -EINVAL;
	*ret_desc = desc;
	return 0;
}
