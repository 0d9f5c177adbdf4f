/* SPDX-License-Identifier: MIT */
/* unit-name.h - systemd's names of units for paths, and values in units. */
#ifndef AZF_UNIT_NAME_H
#define AZF_UNIT_NAME_H

#include "util.h"

/* With its suffix; systemd takes no longer one. */
#define AZF_UNIT_NAME_MAX 255

/**
 * azf_unit_name() - the name of the unit that belongs to a path
 * @path: absolute; repeated slashes and "." components do not count
 * @suffix: ".mount", ".automount"
 * @ret_name: on success a new string for the caller to free
 *
 * What "systemd-escape --path --suffix" prints.
 *
 * Return: 0, -EINVAL for a path that is not absolute or has a ".." component,
 * -ENAMETOOLONG for a name that systemd would replace by a hash, -ENOMEM.
 */
int azf_unit_name(const char *path, const char *suffix,
		  char **ret_name) AZF_MUST_CHECK;

/**
 * azf_unit_value() - a text as the value of a setting that takes one text
 * @text: for What=, Where=, Options=, Description=
 * @ret_value: on success a new string for the caller to free
 *
 * Such a setting takes the rest of its line as it is, but for specifiers and
 * blanks at both ends.
 *
 * Return: 0, -EINVAL for a text that such a line cannot hold (a control
 * character but a tab, a blank at either end, a backslash at the end, or
 * nothing at all), -ENOMEM.
 */
int azf_unit_value(const char *text, char **ret_value) AZF_MUST_CHECK;

/**
 * azf_unit_word() - a text as one word of a setting that takes a list
 * @text: for RequiresMountsFor=, Environment=
 * @ret_word: on success a new string, in quotes, for the caller to free
 *
 * Return: 0, -EINVAL for a control character, -ENOMEM.
 */
int azf_unit_word(const char *text, char **ret_word) AZF_MUST_CHECK;

#endif
