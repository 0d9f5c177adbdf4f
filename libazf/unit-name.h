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
 * What "systemd-escape --path --suffix" prints; of a name that would be too
 * long, the beginning and a hash, as systemd has it.
 *
 * Return: 0, -EINVAL for a path that is not absolute or has a ".." component,
 * -ENOMEM.
 */
int azf_unit_name(const char *path, const char *suffix,
		  char **ret_name) AZF_MUST_CHECK;

/* Is it the name of a unit, instances and templates included? */
bool azf_unit_is_name(const char *text);

/**
 * azf_unit_reference() - the unit that somebody means
 * @text: a unit's name, or a path: of a device below /dev or /sys, else of a
 *	mount point
 * @ret_name: on success a new string for the caller to free
 *
 * Whatever is neither is made a name of a mount unit, as systemctl does it.
 *
 * Return: 0, -EINVAL for a text that no name can be made of, -ENOMEM.
 */
int azf_unit_reference(const char *text, char **ret_name) AZF_MUST_CHECK;

/**
 * azf_unit_value() - a text as the value of a setting that takes one text
 * @text: for What=, Where=, Options=, Description=
 * @ret_value: on success a new string for the caller to free
 *
 * Such a setting takes the rest of its line as it is, but for specifiers and
 * blanks at both ends, and a backslash at its end takes the next line in.
 *
 * Return: 0, -EINVAL for a text that such a line cannot hold (a control
 * character but a tab, or nothing at all), -ENOMEM.
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
