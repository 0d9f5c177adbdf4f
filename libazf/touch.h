/* SPDX-License-Identifier: MIT */
/* touch.h - one harmless operation on a mount, by somebody who may get stuck. */
#ifndef AZF_TOUCH_H
#define AZF_TOUCH_H

#include "util.h"

/* So many are touched at the same time. */
#define AZF_TOUCH_MAX 32

/**
 * azf_touch() - have mounts ask their servers for something
 * @targets: where SMB shares are mounted
 * @count: of @targets, at most AZF_TOUCH_MAX
 * @timeout_ms: for all of them together
 * @results: for each 0 when the server answered; -ETIMEDOUT; -ENODEV when no
 *	share is mounted there (any more); or another errno negated
 *
 * Each is touched by a child of its own. A child that the kernel does not let
 * go is left behind; it ends when it can.
 */
void azf_touch(const char *const *targets, size_t count, int timeout_ms,
	       int *results);

#endif
