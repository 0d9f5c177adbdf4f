// SPDX-License-Identifier: MIT
/* ctl-fstab.c - lines of fstab that come and go. */
#include "azf-private.h"
#include "ctl-persist.h"
#include "fstab-edit.h"
#include "replace.h"

/* Where the old file stays, in the same directory. */
#define BACKUP "fstab.azfiles~"

static void free_edit(struct azf_fstab_edit *edit)
{
	azf_edit_free(&edit->edit);
}

static int show(const struct azf_replace *file, const struct azf_edit *edit,
		struct azf_error *err)
{
	azf_autostr struct azf_str diff = { 0 };

	azf_edit_diff(file->text, edit, &diff);
	if (diff.failed)
		return azf_no_memory(err);
	(void)printf("--- %s\n+++ %s\n%s", file->path, file->path, diff.text);
	return 0;
}

static int write_edit(const struct azf_replace *file,
		      const struct azf_fstab_edit *edit, struct azf_error *err)
{
	static const char *const done[] = {
		[AZF_FSTAB_ADD] = "added",
		[AZF_FSTAB_CHANGE] = "replaced",
		[AZF_FSTAB_REMOVE] = "removed",
	};
	azf_autofree char *text = NULL;
	size_t len;
	int r;

	text = azf_edit_apply(file->text, file->len, &edit->edit, &len);
	if (!text)
		return azf_no_memory(err);
	r = azf_replace_write(file, text, len, BACKUP, err);
	if (r == 0)
		(void)printf("%s line %zu of %s\n", done[edit->change],
			     edit->number, file->path);
	return r;
}

static int show_or_write(const struct azf_replace *file,
			 const struct azf_fstab_edit *edit, bool dry,
			 bool *ret_changed, struct azf_error *err)
{
	*ret_changed = edit->change != AZF_FSTAB_NOTHING;
	if (!*ret_changed)
		return 0;
	return dry ? show(file, &edit->edit, err) : write_edit(file, edit, err);
}

/* What putting the line there would change. */
static int plan_put(const struct ctl_mount *mount, struct azf_replace *file,
		    struct azf_fstab_edit *edit, struct azf_error *err)
{
	const struct azf_fstab_line line = { mount->source, mount->target,
					     mount->options };
	int r = azf_replace_open(AZF_FSTAB, file, err);

	return r ? r : azf_fstab_put(file->text, file->path, &line, edit, err);
}

int ctl_fstab_put(const struct ctl_mount *mount, bool dry, bool *ret_changed,
		  struct azf_error *err)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	azf_cleanup(free_edit) struct azf_fstab_edit edit = { 0 };
	int r = plan_put(mount, &file, &edit, err);

	if (r)
		return r;
	if (edit.change == AZF_FSTAB_NOTHING)
		(void)printf("nothing to do: it is line %zu of %s already\n",
			     edit.number, file.path);
	return show_or_write(&file, &edit, dry, ret_changed, err);
}

int ctl_fstab_drop(const char *target, bool dry, bool *ret_changed,
		   struct azf_error *err)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	azf_cleanup(free_edit) struct azf_fstab_edit edit = { 0 };
	int r;

	r = azf_replace_open(AZF_FSTAB, &file, err);
	if (r == 0)
		r = azf_fstab_drop(file.text, file.path, target, &edit, err);
	return r ? r : show_or_write(&file, &edit, dry, ret_changed, err);
}

int ctl_fstab_check_free(const struct ctl_mount *mount, struct azf_error *err)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	azf_cleanup(free_edit) struct azf_fstab_edit edit = { 0 };
	int r = plan_put(mount, &file, &edit, err);

	if (r || edit.change == AZF_FSTAB_ADD)
		return r;
	azf_fail(err, AZF_E_MOUNT, "line %zu of %s mounts on %s already",
		 edit.number, file.path, mount->target);
	return azf_cure(err,
			"Take it out with 'azfilesctl unpersist %s', or leave "
			"out --units",
			mount->target);
}
