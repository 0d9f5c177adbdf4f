/* SPDX-License-Identifier: MIT */
/* drop.h - from root to a user who can do nothing, for good. */
#ifndef AZF_DROP_H
#define AZF_DROP_H

#include "util.h"

#include <sys/resource.h>

struct azf_error;

/**
 * azf_drop() - give up all privileges
 * @user: a system user, whose group is taken with it
 * @group: one more group to keep, where it exists; or NULL
 * @err: filled on failure; then the process must not go on
 *
 * Afterwards: that user and no other group, no capability, none to be gained by
 * executing anything, no core file and no ptrace by the same user, small
 * limits, an empty environment, and death with the parent. Each of these is
 * looked at once more before it returns.
 *
 * Return: 0, -AZF_E_MOUNT when there is no such user, -AZF_E_SYSTEM.
 */
int azf_drop(const char *user, const char *group, struct azf_error *err);

/**
 * struct azf_limit - what a process may take of a resource, see setrlimit(2)
 * @hard: for good; else it may raise the limit again
 */
struct azf_limit {
	rlim_t limit;
	int resource;
	bool hard;
};

/* Never more than there was. Return: whether all are set. */
bool azf_drop_limits(const struct azf_limit *limits,
		     size_t count) AZF_MUST_CHECK;

/* What it, and what it executes, could have again. For root, as long as it is. */
void azf_drop_bounds(void);

/* The capabilities of this process alone. Return: whether they are gone. */
bool azf_drop_capabilities(void) AZF_MUST_CHECK;

#endif
