/* SPDX-License-Identifier: MIT */
/* json.h - JSON objects from the network; the only user of jansson. */
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
 * Metadata services write numbers as strings, Entra as numbers .
 *
 * Return: whether there is such a member, not empty, and it fits.
 */
bool azf_json_text(const struct azf_json *json, const char *key, char *buffer,
		   size_t size) AZF_MUST_CHECK;

/* The first element of a member that is an array of whole numbers, or 0. */
int64_t azf_json_first_number(const struct azf_json *json, const char *key);

#endif
