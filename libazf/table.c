// SPDX-License-Identifier: MIT
/* table.c - fstab, by libmount. */
#include "table.h"

#include <errno.h>
#include <libmount.h>

static void free_table(struct libmnt_table **table)
{
	mnt_unref_table(*table);
}

static void free_iter(struct libmnt_iter **iter)
{
	mnt_free_iter(*iter);
}

/* libmount asks whether to go on behind a line that it cannot read. */
static int broken_line(struct libmnt_table *table, const char *path, int number)
{
	const struct azf_table_visitor *visitor = mnt_table_get_userdata(table);

	(void)path;
	if (visitor->broken)
		visitor->broken(visitor->arg, (unsigned int)number);
	return 1;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int azf_table_visit(const char *path, const struct azf_table_visitor *visitor)
{
	azf_cleanup(free_table) struct libmnt_table *table = NULL;
	azf_cleanup(free_iter) struct libmnt_iter *iter = NULL;
	struct libmnt_fs *fs;
	int r;

	if (!path)
		return azf_mountinfo_visit(NULL, visitor);
	table = mnt_new_table();
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	if (!table || !iter)
		return -ENOMEM;
	(void)mnt_table_set_userdata(table, (void *)visitor);
	(void)mnt_table_set_parser_errcb(table, broken_line);
	r = mnt_table_parse_file(table, path);
	while (r == 0 && mnt_table_next_fs(table, iter, &fs) == 0) {
		const struct azf_table_line line = {
			.source = or_empty(mnt_fs_get_source(fs)),
			.target = or_empty(mnt_fs_get_target(fs)),
			.type = or_empty(mnt_fs_get_fstype(fs)),
			.options = or_empty(mnt_fs_get_options(fs)),
			.root = or_empty(mnt_fs_get_root(fs)),
			.device = mnt_fs_get_devno(fs),
		};

		r = visitor->line(visitor->arg, &line);
	}
	return r;
}
