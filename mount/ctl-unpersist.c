// SPDX-License-Identifier: MIT
/* ctl-unpersist.c - "unpersist": no boot makes this mount again. */
#include "azf-private.h"
#include "ctl-persist.h"
#include "ctl.h"

#include <signal.h>

/*
 * The automount point goes first: else the next access would mount the share
 * again. With it goes what it has mounted.
 */
static int unmount(const char *target, struct azf_error *err)
{
	azf_cleanup(ctl_place_free) struct ctl_place place = { 0 };
	azf_autofree char *name = NULL;
	int r = ctl_place_look(target, &place, err);

	if (r)
		return r;
	if (place.automount && ctl_system_has_systemd()) {
		r = ctl_system_unit_name(target, ".automount", &name, err);
		return r ? r : ctl_system_unit("stop", name, err);
	}
	return place.share ? ctl_system_mount("/bin/umount", target, err) : 0;
}

static int drop(const char *target, bool dry, bool *ret_changed,
		struct azf_error *err)
{
	bool in_fstab = false;
	bool in_units = false;
	int r;

	r = ctl_fstab_drop(target, dry, &in_fstab, err);
	if (r == 0)
		r = ctl_units_drop(target, dry, &in_units, err);
	*ret_changed = in_fstab || in_units;
	return r;
}

static int run(const struct ctl_call *call)
{
	azf_autofree char *target = NULL;
	bool dry = ctl_value(call, "dry-run") != NULL;
	struct azf_error err = { 0 };
	bool changed = false;
	int r;

	if (ctl_need_root(call))
		return 1;
	(void)signal(SIGXFSZ, SIG_IGN);
	r = ctl_place_resolve(call->args[0], &target, &err);
	/* if it is in use, nothing has been changed yet */
	if (r == 0 && ctl_value(call, "now") && !dry)
		r = unmount(target, &err);
	if (r == 0)
		r = drop(target, dry, &changed, &err);
	/* a line by hand may name the mount point by a symbolic link */
	if (r == 0 && !changed && !azf_streq(target, call->args[0]))
		r = drop(call->args[0], dry, &changed, &err);
	if (r == 0 && changed && !dry)
		r = ctl_system_reload(&err);
	if (r == 0 && !changed)
		(void)printf("nothing to do: neither fstab nor a unit of ours "
			     "mounts on %s\n",
			     target);
	return r ? ctl_fail(&err) : 0;
}

const struct ctl_verb ctl_unpersist = {
	.name = "unpersist",
	.arguments = "TARGET",
	.min = 1,
	.max = 1,
	.help = "undo persist",
	.options =
		(const struct ctl_option[]){
			{ "now", 0, NULL, "unmount it now, too" },
			{ "dry-run", 0, NULL, "show what would be written" },
			{ 0 },
		},
	.run = run,
};
