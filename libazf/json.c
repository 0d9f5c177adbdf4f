// SPDX-License-Identifier: MIT
/* json.c - JSON, read and written; the only user of jansson. */
#include "json.h"

#include "wipe.h"

#include <jansson.h>

/* struct azf_json is a json_t by another name, so that no header needs theirs */
static const json_t *object_of(const struct azf_json *json)
{
	return (const json_t *)json;
}

struct azf_json *azf_json_parse(const char *text, size_t len)
{
	json_t *object;

	json_set_alloc_funcs(malloc, azf_wipe_free);
	object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	return (struct azf_json *)object;
}

void azf_json_free(struct azf_json *json)
{
	json_decref((json_t *)json);
}

const char *azf_json_string(const struct azf_json *json, const char *key)
{
	return json_string_value(json_object_get(object_of(json), key));
}

bool azf_json_text(const struct azf_json *json, const char *key, char *buffer,
		   size_t size)
{
	const json_t *member = json_object_get(object_of(json), key);
	const char *string = json_string_value(member);
	int len = 0;

	if (string)
		len = snprintf(buffer, size, "%s", string);
	else if (json_is_integer(member))
		len = snprintf(buffer, size, "%lld",
			       (long long)json_integer_value(member));
	return len > 0 && (size_t)len < size;
}

int64_t azf_json_first_number(const struct azf_json *json, const char *key)
{
	const json_t *array = json_object_get(object_of(json), key);

	return json_integer_value(json_array_get(array, 0));
}

/* ---- written by us ---- */

struct azf_json *azf_json_new(void)
{
	return (struct azf_json *)json_object();
}

struct azf_json *azf_json_new_array(void)
{
	return (struct azf_json *)json_array();
}

/* JSON is UTF-8; a path in a table of mounts may be anything. */
static json_t *any_string(const char *value)
{
	azf_autofree char *ascii = NULL;
	json_t *string = json_string(value);

	if (string)
		return string;
	ascii = strdup(value);
	if (!ascii)
		return NULL;
	for (char *at = ascii; *at; at++) {
		if (*at & 0x80)
			*at = '?';
	}
	return json_string(ascii);
}

bool azf_json_add_string(struct azf_json *object, const char *key,
			 const char *value)
{
	return json_object_set_new((json_t *)object, key,
				   value ? any_string(value) : json_null()) ==
	       0;
}

bool azf_json_add_number(struct azf_json *object, const char *key,
			 int64_t value)
{
	return json_object_set_new((json_t *)object, key,
				   json_integer(value)) == 0;
}

bool azf_json_add_bool(struct azf_json *object, const char *key, bool value)
{
	return json_object_set_new((json_t *)object, key,
				   json_boolean(value)) == 0;
}

bool azf_json_add(struct azf_json *object, const char *key,
		  struct azf_json *value)
{
	return json_object_set_new((json_t *)object, key, (json_t *)value) == 0;
}

bool azf_json_append(struct azf_json *array, struct azf_json *value)
{
	return json_array_append_new((json_t *)array, (json_t *)value) == 0;
}

char *azf_json_print(const struct azf_json *json)
{
	return json ? json_dumps(object_of(json),
				 JSON_INDENT(2) | JSON_ENSURE_ASCII) :
		      NULL;
}
