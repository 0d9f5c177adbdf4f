/* SPDX-License-Identifier: MIT */
/*
 * fields.h - KEY=VALUE lines: the one text format of ours.
 *
 * Requests to azfiles-credential and its answers, the files below /run/azfiles
 * and azfiles.conf are all written in it.
 */
#ifndef AZF_FIELDS_H
#define AZF_FIELDS_H

#include "util.h"

struct azf_error;

/* A set with more fields, or a longer value, is not one of ours; a program of
 * identity=exec: writes a token as one.
 */
#define AZF_FIELDS_MAX	    32
#define AZF_FIELD_VALUE_MAX 16384

struct azf_field {
	char *key;
	char *value;
};

/**
 * struct azf_fields - an ordered set of fields, no key twice
 *
 * Starts as { 0 }; azf_fields_free() releases what it owns. Values are wiped
 * when they are released, since tokens pass through here.
 */
struct azf_fields {
	struct azf_field list[AZF_FIELDS_MAX];
	size_t count;
};

#define azf_autofields azf_cleanup(azf_fields_free)
void azf_fields_free(struct azf_fields *fields);

/**
 * azf_fields_parse() - read lines
 * @text: need not be NUL terminated. Keys are lower case letters, digits, '_'
 *	and '.'; empty lines and lines that begin with # are skipped; values
 *	are all behind the first '=', without control characters
 * @len: of @text in bytes
 * @fields: added to; a key that is there already is an error
 * @ret_line: on failure the number of the line; may be NULL
 *
 * Return: 0, -EINVAL for a line that is none of these, -ENOMEM or -E2BIG.
 */
int azf_fields_parse(const char *text, size_t len, struct azf_fields *fields,
		     unsigned int *ret_line) AZF_MUST_CHECK;

/* The value of a key, or NULL. */
const char *azf_fields_get(const struct azf_fields *fields, const char *key);

/**
 * azf_fields_number() - the value of a key as a number
 *
 * Return: whether the key is there and its value is a number up to INT64_MAX.
 */
bool azf_fields_number(const struct azf_fields *fields, const char *key,
		       uint64_t *ret_value) AZF_MUST_CHECK;

/* Whether all keys and values are the same, in the same order. */
bool azf_fields_equal(const struct azf_fields *a, const struct azf_fields *b);

/**
 * azf_fields_set() - add a field, or give it another value
 * @value: NULL: nothing is done
 *
 * Return: 0, -EINVAL for a key or value that could not be read back, -ENOMEM
 * or -E2BIG.
 */
int azf_fields_set(struct azf_fields *fields, const char *key,
		   const char *value) AZF_MUST_CHECK;

int azf_fields_set_number(struct azf_fields *fields, const char *key,
			  int64_t value) AZF_MUST_CHECK;

/**
 * azf_fields_format() - write lines
 * @ret_len: length in bytes
 *
 * Return: a text that azf_fields_parse() reads back, NUL terminated, to be
 * given to azf_wipe_free() by the caller; NULL if out of memory.
 */
char *azf_fields_format(const struct azf_fields *fields, size_t *ret_len);

#endif
