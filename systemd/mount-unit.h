/* SPDX-License-Identifier: MIT */
/* mount-unit.h - what the units for a line of fstab say. */
#ifndef MOUNT_UNIT_H
#define MOUNT_UNIT_H

#include "line.h"

/**
 * struct share - a line of fstab of type azfiles
 * @fstab: the path of that file
 * @source: as it stands there
 * @target: what line_target() made of the mount point
 * @words: the options
 * @warn: called for an option that cannot be honoured
 * @arg: for @warn
 */
struct share {
	const char *fstab;
	const char *source;
	const char *target;
	struct words words;
	void (*warn)(const struct share *share, const char *option,
		     const char *value);
	void *arg;
};

/**
 * mount_unit_write() - a whole .mount unit
 * @unit: starts empty
 *
 * What systemd-fstab-generator writes for a file system of the network, and
 * what mount_unit_extend() has to say.
 *
 * Return: 0, -EINVAL for a line with an empty field or a control character,
 * which a unit cannot hold, -ENOMEM.
 */
int mount_unit_write(const struct share *share,
		     struct azf_str *unit) AZF_MUST_CHECK;

/* The same of an .automount unit. */
int automount_unit_write(const struct share *share,
			 struct azf_str *unit) AZF_MUST_CHECK;

/*
 * A drop-in with what systemd-fstab-generator does not know of our mounts; it
 * stays empty when there is nothing.
 */
int mount_unit_extend(const struct share *share,
		      struct azf_str *drop_in) AZF_MUST_CHECK;

#endif
