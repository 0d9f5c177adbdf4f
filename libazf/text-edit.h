/* SPDX-License-Identifier: MIT */
/* text-edit.h - some lines of a text replaced by others. */
#ifndef AZF_TEXT_EDIT_H
#define AZF_TEXT_EDIT_H

#include "util.h"

/**
 * struct azf_edit - whole lines that go, and those that come in their place
 * @begin: where the first one begins, in bytes
 * @end: where the last one ends, with its newline; @begin when none goes
 * @text: what comes; "" for nothing. Owned by the struct
 */
struct azf_edit {
	size_t begin;
	size_t end;
	char *text;
};

void azf_edit_free(struct azf_edit *edit);

/**
 * azf_edit_apply() - make the new text
 * @text: the old one
 * @len: of @text in bytes
 * @edit: of this text
 * @ret_len: of the result in bytes
 *
 * Return: the new text for the caller to free, or NULL if out of memory.
 */
char *azf_edit_apply(const char *text, size_t len, const struct azf_edit *edit,
		     size_t *ret_len) AZF_MUST_CHECK;

/**
 * azf_edit_diff() - show it as "diff -U0" does
 * @text: the old text
 * @edit: of this text
 * @diff: the hunk is added to it, without the names of the files
 */
void azf_edit_diff(const char *text, const struct azf_edit *edit,
		   struct azf_str *diff);

#endif
