/* SPDX-License-Identifier: MIT */
/* anew.h - take a mount away that hangs, and mount its line of fstab again. */
#ifndef AZF_ANEW_H
#define AZF_ANEW_H

#include "azf-private.h"

/**
 * azf_mount_anew() - detach a mount, and mount again what fstab says
 * @target: where it is
 * @fstab: path of the table
 * @mount: mounts the line of @target; returns 0 or an errno negated
 * @arg: handed to @mount
 * @err: filled on failure
 *
 * Files that are open stay with the old mount and are lost if that does not
 * come back: only for a person who said so. A target that has no line in
 * @fstab, or that has other mounts below it, is left as it is.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_mount_anew(const char *target, const char *fstab,
		   int (*mount)(void *arg, const char *target), void *arg,
		   struct azf_error *err);

#endif
