/* SPDX-License-Identifier: MIT */
/* fstab-edit.h - one line of fstab added, changed or taken out. */
#ifndef AZF_FSTAB_EDIT_H
#define AZF_FSTAB_EDIT_H

#include "text-edit.h"

struct azf_error;

/* What an edit does. */
enum azf_fstab_change {
	AZF_FSTAB_NOTHING,
	AZF_FSTAB_ADD,
	AZF_FSTAB_CHANGE,
	AZF_FSTAB_REMOVE,
};

/**
 * struct azf_fstab_line - a line of the type azfiles, octal escapes decoded
 */
struct azf_fstab_line {
	const char *source;
	const char *target;
	const char *options;
};

/**
 * struct azf_fstab_edit - an edit of fstab
 * @change: with AZF_FSTAB_NOTHING there is no @edit
 * @number: of the line that comes, stays, or goes; from 1. 0 if there is none
 * @edit: all other lines stay as they are, byte for byte
 */
struct azf_fstab_edit {
	enum azf_fstab_change change;
	size_t number;
	struct azf_edit edit;
};

/**
 * azf_fstab_put() - have this line, once
 * @text: of fstab, NUL terminated
 * @path: of fstab, for messages
 * @line: replaces a line of the type azfiles with the same target, or comes
 *	last. It ends as the lines of @text do: with a newline, with a carriage
 *	return and a newline, or, as the last of a text that ends without one,
 *	with nothing
 * @ret_edit: filled on success; azf_edit_free() frees its @edit
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_USAGE when a field has a control character, -AZF_E_MOUNT
 * when something else is mounted there, -AZF_E_SYSTEM.
 */
int azf_fstab_put(const char *text, const char *path,
		  const struct azf_fstab_line *line,
		  struct azf_fstab_edit *ret_edit, struct azf_error *err);

/**
 * azf_fstab_drop() - take the line of a target out
 * @target: a line of another type is left alone
 *
 * What azf_fstab_put() added is gone then, byte for byte.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_fstab_drop(const char *text, const char *path, const char *target,
		   struct azf_fstab_edit *ret_edit, struct azf_error *err);

#endif
