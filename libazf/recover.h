/* SPDX-License-Identifier: MIT */
/* recover.h - bring live mounts back that do not answer. */
#ifndef AZF_RECOVER_H
#define AZF_RECOVER_H

#include "heal.h"

/**
 * struct azf_recovered - a mount and how it is
 * @mount: the mount
 * @error: 0 when it answers (now); else the errno that whoever uses it gets,
 *	ETIMEDOUT while they wait, ENODEV when something else is mounted over it
 * @ill: it did not answer in the beginning
 * @took_ms: from then until it answered
 * @heal: what was found and done
 */
struct azf_recovered {
	const struct azf_mounted *mount;
	int error;
	bool ill;
	int took_ms;
	struct azf_heal heal;
};

/**
 * struct azf_recover - what to do
 * @target: of the only mount to look at; NULL for all
 * @timeout: seconds that a mount may take to answer, before something is done
 *	and after it
 * @dry_run: look, and do nothing
 * @mount: mounts what fstab says for a target, and returns 0 or an errno
 *	negated; with it a mount that nothing else helps is detached, and its
 *	open files are lost. Or NULL
 * @report: called for each mount at the end
 * @arg: handed to both
 */
struct azf_recover {
	const char *target;
	unsigned int timeout;
	bool dry_run;
	int (*mount)(void *arg, const char *target);
	void (*report)(void *arg, const struct azf_recovered *result);
	void *arg;
};

/**
 * azf_recover() - find mounts of ours that do not answer, and help them
 * @recover: what to do
 * @err: filled on failure, but for -AZF_E_TRANSIENT
 *
 * What azf_heal() does loses nothing: the kernel connects anew, and sends again
 * what was not answered. All mounts are looked at in parallel, in children:
 * whatever hangs, this does not.
 *
 * Return: 0 when all answer; -AZF_E_TRANSIENT when some do not; -AZF_E_MOUNT
 * when @target is no mount of ours; -AZF_E_SYSTEM.
 */
int azf_recover(const struct azf_recover *recover, struct azf_error *err);

#endif
