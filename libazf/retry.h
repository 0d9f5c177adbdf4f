/* SPDX-License-Identifier: MIT */
/* retry.h - which failures pass, and how long to wait for it. */
#ifndef AZF_RETRY_H
#define AZF_RETRY_H

#include "util.h"

/*
 * Without retry=, when nobody waits at a terminal: long enough for a server
 * that boots together with us, short enough for the 90 seconds that systemd
 * gives a mount of its own accord.
 */
#define AZF_RETRY_SECONDS   75
/*
 * What a unit grants the last attempt, which begins within those seconds: as
 * much as systemd's own time-out for a whole mount.
 */
#define AZF_ATTEMPT_SECONDS 90

/**
 * struct azf_retry - a row of attempts that ends at a deadline
 * @deadline_ms: on CLOCK_MONOTONIC, in milliseconds
 * @pause_ms: the next pause before jitter
 * @interrupted: ends a pause when it becomes true; or NULL
 */
struct azf_retry {
	int64_t deadline_ms;
	unsigned int pause_ms;
	const volatile bool *interrupted;
};

/**
 * azf_retry_begin() - start the clock
 * @seconds: how long after now an attempt may begin
 */
void azf_retry_begin(struct azf_retry *retry, unsigned int seconds,
		     const volatile bool *interrupted);

/* Whether there is time for another attempt. */
bool azf_retry_left(const struct azf_retry *retry);

/**
 * azf_retry_pause() - wait before the next attempt
 *
 * Pauses grow from half a second to eight, each changed at random by a
 * quarter, so that machines that lost the same server do not come back in
 * step. The last one ends at the deadline.
 *
 * Return: false when interrupted.
 */
bool azf_retry_pause(struct azf_retry *retry);

/* Whether mount(2) may succeed later after it failed with this errno. */
bool azf_errno_is_transient(int error);

#endif
