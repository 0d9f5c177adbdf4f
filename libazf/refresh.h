/* SPDX-License-Identifier: MIT */
/*
 * refresh.h - tickets renewed before anybody needs them, sessions begun anew
 * before anybody notices, and what no mount uses, and nobody set, forgotten.
 */
#ifndef AZF_REFRESH_H
#define AZF_REFRESH_H

#include "util.h"

struct azf_error;
struct azf_log;

/*
 * What no mount has used for so many seconds is forgotten. That is longer than
 * a mount takes from its ticket to the moment when the kernel knows of it.
 */
#define AZF_REFRESH_UNUSED_S 300

/**
 * struct azf_refresh - one run
 * @now: replace fresh tickets too
 * @target: only what the mount there needs, and nothing is forgotten; NULL for
 *	all
 * @mounts: a file like /proc/PID/mountinfo; NULL for what is mounted now
 * @servers: a file like cifs's DebugData; NULL for the kernel's own
 * @log: AZF_INFO for what was done, AZF_DEBUG for what needed nothing
 */
struct azf_refresh {
	bool now;
	const char *target;
	const char *mounts;
	const char *servers;
	const struct azf_log *log;
};

/**
 * azf_refresh() - look after all tickets that there are, once
 * @refresh: what to do
 * @err: filled on failure
 *
 * Takes as long as the services take, but begins nothing after four minutes:
 * what is left is for the next run. Needs root.
 *
 * Return: 0, also when a ticket could not be renewed that still works;
 * -AZF_E_TRANSIENT or -AZF_E_MOUNT when a mount is without a ticket and none
 * could be got, or none at @target needs one; -AZF_E_SYSTEM.
 */
int azf_refresh(const struct azf_refresh *refresh, struct azf_error *err);

#endif
