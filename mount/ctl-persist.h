/* SPDX-License-Identifier: MIT */
/*
 * ctl-persist.h - what "persist" and "unpersist" share: mount points, fstab,
 * units, and the programs that act on them.
 */
#ifndef AZF_CTL_PERSIST_H
#define AZF_CTL_PERSIST_H

#include "azf.h"
#include "util.h"

#ifndef AZF_FSTAB
#define AZF_FSTAB "/etc/fstab"
#endif

#ifndef AZF_UNIT_DIR
#define AZF_UNIT_DIR "/etc/systemd/system"
#endif

/**
 * struct ctl_mount - a mount that is to last
 * @source: //HOST/SHARE[/PATH]
 * @target: as ctl_place_resolve() made it
 * @options: with all that a line of fstab needs
 * @automount: the first access mounts it
 * @required: the boot fails without it
 * @retry: for how many seconds it is tried again
 */
struct ctl_mount {
	const char *source;
	const char *target;
	const char *options;
	unsigned int retry;
	bool automount;
	bool required;
};

/* ---- ctl-place.c: mount points ---- */

/**
 * struct ctl_place - what is at a mount point
 * @exists: it is a directory
 * @share: the source of the SMB share that is mounted there, or NULL
 * @automount: systemd waits there for the first access
 * @other: something else is mounted there
 * @disk: the mount point of the file system that it is on
 * @device: the source of that one
 */
struct ctl_place {
	bool exists;
	bool automount;
	bool other;
	char *share;
	char *disk;
	char *device;
};

/**
 * ctl_place_resolve() - the one name of a mount point
 * @target: as typed
 * @ret_path: without symbolic links if it exists, else without slashes and
 *	dots that make no difference; for the caller to free
 */
int ctl_place_resolve(const char *target, char **ret_path,
		      struct azf_error *err);

/* Look at it, without mounting anything. @ret_place is filled on success. */
int ctl_place_look(const char *path, struct ctl_place *ret_place,
		   struct azf_error *err);
void ctl_place_free(struct ctl_place *place);

/* Is it on a disk that a machine of Azure may lose? */
bool ctl_place_is_temporary(const char *path, const struct ctl_place *place);

/* Are there files in it that a share would hide? */
bool ctl_place_is_hiding(const char *path, const struct ctl_place *place);

/* Warn of both. */
void ctl_place_warn(const char *path, const struct ctl_place *place);

/* ---- ctl-try.c ---- */

/**
 * ctl_try_check() - check a line as mount.azfiles would
 * @options: those of a line of fstab, without secrets
 */
int ctl_try_check(const struct ctl_mount *mount, struct azf_error *err);

/**
 * ctl_try_mount() - mount a share where nobody sees it
 *
 * In a child with a mount name space of its own, with which the mount ends.
 */
int ctl_try_mount(const struct ctl_mount *mount, struct azf_error *err);

/* ---- ctl-fstab.c ---- */

/**
 * ctl_fstab_put() - have the line in fstab
 * @dry: only show the difference
 * @ret_changed: whether it was written, or would be; set on success
 */
int ctl_fstab_put(const struct ctl_mount *mount, bool dry, bool *ret_changed,
		  struct azf_error *err);
int ctl_fstab_drop(const char *target, bool dry, bool *ret_changed,
		   struct azf_error *err);

/* An error when fstab has a line for this mount point, of whatever type. */
int ctl_fstab_check_free(const struct ctl_mount *mount, struct azf_error *err);

/* ---- ctl-units.c ---- */

/* Is there a unit file for this mount point, whoever made it? */
bool ctl_units_exist(const char *target);

/* As with fstab. The units are enabled, and disabled before they go. */
int ctl_units_put(const struct ctl_mount *mount, bool dry, bool *ret_changed,
		  struct azf_error *err);
int ctl_units_drop(const char *target, bool dry, bool *ret_changed,
		   struct azf_error *err);

/* ---- ctl-system.c: systemctl, mount, umount ---- */

/* Is systemd the init of this machine? */
bool ctl_system_has_systemd(void);

/* Have systemd read what was changed; nothing without systemd. */
int ctl_system_reload(struct azf_error *err);

/* "systemctl VERB UNIT"; also for the files alone, where it does not run. */
int ctl_system_unit(const char *verb, const char *unit, struct azf_error *err);

/* "/bin/mount TARGET" or "/bin/umount TARGET"; they tell why it failed. */
int ctl_system_mount(const char *program, const char *target,
		     struct azf_error *err);

/* The unit of a mount point. Free the result. */
int ctl_system_unit_name(const char *target, const char *suffix,
			 char **ret_name, struct azf_error *err);

#endif
