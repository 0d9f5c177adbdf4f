/* SPDX-License-Identifier: MIT */
/* table.h - the lines of fstab and of the kernel's table of mounts. */
#ifndef AZF_TABLE_H
#define AZF_TABLE_H

#include "util.h"

#include <sys/types.h>

/**
 * struct azf_table_line - one mount, planned or live
 * @source: as written, octal escapes decoded
 * @target: likewise
 * @type: of the file system
 * @options: separated by commas; of a live mount those of the file system too
 * @root: of a live mount the directory of the file system that is mounted, "/"
 *	but for some bind mounts; else ""
 * @device: of a live mount, as stat(2) has it; else 0
 *
 * The strings live as long as the call of line().
 */
struct azf_table_line {
	const char *source;
	const char *target;
	const char *type;
	const char *options;
	const char *root;
	dev_t device;
};

/**
 * struct azf_table_visitor - who looks at a table
 * @line: called for each line in order; a result other than 0 ends the walk
 * @broken: called with the number of a line that is none; may be NULL
 * @arg: handed to both
 */
struct azf_table_visitor {
	int (*line)(void *arg, const struct azf_table_line *line);
	void (*broken)(void *arg, unsigned int number);
	void *arg;
};

/**
 * azf_table_visit() - walk through a table
 * @path: of a file in the format of fstab; NULL for what is mounted now
 * @visitor: gets the lines
 *
 * A broken line harms no other.
 *
 * Return: 0, what @visitor returned, or an errno negated.
 */
int azf_table_visit(const char *path,
		    const struct azf_table_visitor *visitor) AZF_MUST_CHECK;

/**
 * azf_mountinfo_visit() - the same for what is mounted now, without libmount
 * @path: of a file in the format of /proc/PID/mountinfo; NULL for our own
 * @visitor: gets the lines
 *
 * Return: as azf_table_visit().
 */
int azf_mountinfo_visit(const char *path,
			const struct azf_table_visitor *visitor) AZF_MUST_CHECK;

/* Is it the type of an SMB mount in the kernel's table: "cifs" or "smb3"? */
bool azf_table_is_smb(const char *type);

/**
 * azf_table_option() - the value of an option in a list of the kernel's
 * @options: separated by commas
 * @name: of the option
 * @ret_len: length of the value
 *
 * Return: where the value begins, or NULL when the option is not there.
 */
const char *azf_table_option(const char *options, const char *name,
			     size_t *ret_len);

/* Whether a word without a value is in such a list. */
bool azf_table_has(const char *options, const char *word);

/* Whether a line of fstab is for @target, where the kernel has it mounted. */
bool azf_table_is_at(const struct azf_table_line *line, const char *target);

#endif
