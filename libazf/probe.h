/* SPDX-License-Identifier: MIT */
/* probe.h - does a mount answer? */
#ifndef AZF_PROBE_H
#define AZF_PROBE_H

#include "util.h"

/**
 * struct azf_probe - the question to one mount
 * @target: its mount point; must live as long as the call
 * @error: 0 when the server answered, if only to say no; ETIMEDOUT when nothing
 *	was heard in time; ENODEV when no SMB file system is to be seen there;
 *	else the errno that the kernel gives to all who use the mount
 * @took_ms: until the answer
 */
struct azf_probe {
	const char *target;
	int error;
	int took_ms;
};

/**
 * azf_probe() - ask mounts, all at once
 * @probes: @target is set; the rest is filled
 * @count: of @probes
 * @timeout_ms: for all of them together
 * @wait: go on asking one that fails, until it answers or the time is over;
 *	otherwise only a reconnection under way (EAGAIN) is waited for
 *
 * Each is asked by a child, since whoever asks may hang until the server is
 * back, deaf even to SIGKILL. The caller never does. The question always
 * reaches the server: it is for the space that is left, which the kernel does
 * not keep.
 *
 * Return: 0 when all were asked, or an errno negated.
 */
int azf_probe(struct azf_probe *probes, size_t count, int timeout_ms,
	      bool wait) AZF_MUST_CHECK;

#endif
