/* SPDX-License-Identifier: MIT */
/* flows.h - what is run again and again, with one call after the other failing.
 */
#ifndef AZF_FLOWS_H
#define AZF_FLOWS_H

#include "refresh-rig.h"

/* It is in what the flows are given, and must not be where it does not belong. */
#define SECRET "SECRETKEY"

/**
 * struct flow - something that people do
 * @prepare: before each run, with nothing failing; or NULL
 * @run: returns 0, or an error negated; of a program, what it said is its cause
 * @check: what must be true afterwards, whatever failed; @r is what @run
 *	returned; or NULL
 */
struct flow {
	const char *name;
	void (*prepare)(void);
	int (*run)(struct azf_error *err);
	void (*check)(int r);
};

extern const struct flow flows_mount[], flows_state[], flows_programs[];

/* Say that it is wrong, and go on. */
void flow_fail(const char *fmt, ...) AZF_PRINTF(1, 2);

/* No file below holds SECRET, but for that one. */
void flow_no_secret(const char *directory, const char *but);

/* It holds one of these texts, and nothing is beside it that was on the way. */
void flow_whole(const char *path, const char *one, const char *other);

extern const struct azf_log flow_log;

#endif
