/* SPDX-License-Identifier: MIT */
/*
 * ends.h - when sessions end that began with a ticket which is replaced by now.
 *
 * The server ends a session when the ticket ends that it began with. The kernel
 * notices that with the first operation afterwards, begins another session, and
 * may let that operation fail with EAGAIN. So somebody has to be there first.
 */
#ifndef AZF_ENDS_H
#define AZF_ENDS_H

#include "state.h"

/* Clocks differ by less: until then the server may not have ended it. */
#define AZF_ENDS_SKEW_S 300

/**
 * azf_ends_add() - remember an end; of many, the first ones are forgotten
 * @state: locked by the caller
 * @end: seconds since 1970
 *
 * Return: 0, or an errno negated.
 */
int azf_ends_add(const struct azf_state *state, uint64_t end) AZF_MUST_CHECK;

/* Whether one of them has come by @now. */
bool azf_ends_reached(const struct azf_state *state, uint64_t now);

/**
 * azf_ends_drop() - forget those which have come for good by @now
 * @state: not locked by the caller; if others hold the lock, nothing is done
 */
void azf_ends_drop(const struct azf_state *state, uint64_t now);

#endif
