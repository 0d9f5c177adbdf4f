/* SPDX-License-Identifier: MIT */
/* json.h - JSON, read from the network and written for people's scripts. */
#ifndef AZF_JSON_H
#define AZF_JSON_H

#include "util.h"

/* An object, to be released with azf_json_free(). */
struct azf_json;

/**
 * azf_json_parse() - parse a text that is an object
 * @text: need not be NUL terminated
 * @len: of @text in bytes
 *
 * A key that stands twice in an object, a NUL in a string and anything behind
 * the object are errors. What is released is wiped: tokens pass through here.
 *
 * Return: the object; NULL if it is none, or out of memory.
 */
struct azf_json *azf_json_parse(const char *text, size_t len) AZF_MUST_CHECK;

#define azf_autojson azf_cleanup(azf_json_free_pointer)
void azf_json_free(struct azf_json *json);
static inline void azf_json_free_pointer(struct azf_json **json)
{
	azf_json_free(*json);
}

/**
 * azf_json_string() - a member that is a string
 *
 * Return: owned by @json; NULL if there is no such member, it is no string, or
 * @json is NULL.
 */
const char *azf_json_string(const struct azf_json *json, const char *key);

/**
 * azf_json_text() - a member that is a string or a whole number, as text
 * @buffer: filled on success
 * @size: of @buffer in bytes
 *
 * Metadata services write numbers as strings, Entra as numbers.
 *
 * Return: whether there is such a member, not empty, and it fits.
 */
bool azf_json_text(const struct azf_json *json, const char *key, char *buffer,
		   size_t size) AZF_MUST_CHECK;

/* The first element of a member that is an array of whole numbers, or 0. */
int64_t azf_json_first_number(const struct azf_json *json, const char *key);

/*
 * To write some. Objects and arrays begin empty. What is added or appended
 * belongs to its new parent, also on failure; members stay in the order in
 * which they were added. False means out of memory: so does a NULL for an
 * object, array or value, and callers may look once, at the end.
 */
struct azf_json *azf_json_new(void);
struct azf_json *azf_json_new_array(void);

/* A NULL @value is null. Bytes of what is no UTF-8 become question marks. */
bool azf_json_add_string(struct azf_json *object, const char *key,
			 const char *value) AZF_MUST_CHECK;
bool azf_json_add_number(struct azf_json *object, const char *key,
			 int64_t value) AZF_MUST_CHECK;
bool azf_json_add_bool(struct azf_json *object, const char *key,
		       bool value) AZF_MUST_CHECK;
bool azf_json_add(struct azf_json *object, const char *key,
		  struct azf_json *value) AZF_MUST_CHECK;
bool azf_json_append(struct azf_json *array,
		     struct azf_json *value) AZF_MUST_CHECK;

/*
 * The text, to be freed; without a newline at its end. NULL: out of memory. It
 * is ASCII, so that nothing in a string can change a terminal.
 */
char *azf_json_print(const struct azf_json *json) AZF_MUST_CHECK;

#endif
