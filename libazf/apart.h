/* SPDX-License-Identifier: MIT */
/* apart.h - a share mounted where nobody sees it. */
#ifndef AZF_APART_H
#define AZF_APART_H

#include "request.h"

/**
 * struct azf_apart - what to mount apart
 * @source: //HOST/SHARE[/PATH]
 * @target: the mount point; what is mounted there is not, in the child
 * @options: as in a line of fstab, without secrets
 * @keys: sign in with these and not with those that are stored; or NULL
 * @then: called in the child, and its name space, when it is mounted; returns
 *	as azf_mount() does; or NULL
 * @arg: handed to @then
 * @log: remarks
 */
struct azf_apart {
	const char *source;
	const char *target;
	const char *options;
	const struct azf_key_pair *keys;
	int (*then)(void *arg, struct azf_error *err);
	void *arg;
	const struct azf_log *log;
};

/**
 * azf_apart_mount() - mount a share in a mount name space of its own
 * @apart: what to mount
 * @err: filled on failure
 *
 * In a child, with which the name space and all that is mounted in it ends.
 *
 * Return: 0, or an enum azf_code negated.
 */
int azf_apart_mount(const struct azf_apart *apart, struct azf_error *err);

/**
 * azf_apart_request() - parse the options of a mount, and use them
 * @apart: of which @target may be seen by everybody
 * @use: gets the request, which is gone afterwards
 *
 * Return: what @use returned, or an enum azf_code negated.
 */
int azf_apart_request(const struct azf_apart *apart,
		      int (*use)(const struct azf_request *request,
				 struct azf_error *err),
		      struct azf_error *err);

#endif
