/* SPDX-License-Identifier: MIT */
/* request.h - one call of mount(8): its options, and what is made of them. */
#ifndef AZF_REQUEST_H
#define AZF_REQUEST_H

#include "azf.h"

/* The accepted options of one mount; see options.c. */
struct azf_options;

/**
 * azf_options_new() - an empty set of options
 * @sloppy: drop unknown options instead of failing (mount -s)
 *
 * Return: the set, to be freed with azf_options_free(); NULL if out of memory.
 */
struct azf_options *azf_options_new(bool sloppy);
#define azf_autooptions azf_cleanup(azf_options_free_pointer)
void azf_options_free(struct azf_options *options);
static inline void azf_options_free_pointer(struct azf_options **options)
{
	azf_options_free(*options);
}

/**
 * azf_options_parse() - add one -o argument
 * @options: the set to add to
 * @text: a comma separated list. Overwritten: when this returns, whether with
 *	success or not, every secret in it has been replaced by asterisks, so
 *	that an argv string does not show it.
 * @err: filled on failure
 *
 * Every name is looked up and every value checked, so that a typo fails here
 * and not in the kernel.
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_options_parse(struct azf_options *options, char *text,
		      struct azf_error *err);

/**
 * azf_options_help() - print the option table
 * @print: called once for each option, in the order of the table
 * @arg: handed to @print
 */
void azf_options_help(void (*print)(void *arg, const char *section,
				    const char *usage, const char *help),
		      void *arg);

/* One or two keys; see secret.h. */
struct azf_key_pair;

/**
 * struct azf_request - one call of mount(8), as it came in
 * @source: //HOST/SHARE[/PATH]; reaches the kernel in exactly this spelling
 * @target: the mount point
 * @options: the parsed options; the caller keeps ownership
 * @keys: sign in with these, and not with those that options or files name; or
 *	NULL. With a remount, they are given to the live mount
 * @access: "ro" or "rw" (-r, -w), as if it were the last option; or NULL
 * @fake: -f: do everything but call mount(2)
 * @namespace_path: -N: mount in this mount namespace; or NULL
 * @default_retry: seconds to go on trying when there is no retry= option
 * @interrupted: the wait between two attempts ends when this becomes true
 * @log: remarks, must not be NULL
 */
struct azf_request {
	const char *source;
	const char *target;
	const struct azf_options *options;
	const struct azf_key_pair *keys;
	const char *access;
	bool fake;
	const char *namespace_path;
	unsigned int default_retry;
	const volatile bool *interrupted;
	const struct azf_log *log;
};

/**
 * azf_mount() - mount an SMB share
 * @request: what to mount, where and how
 * @err: filled on failure
 *
 * Needs CAP_SYS_ADMIN. Blocks while the kernel connects,
 * and between attempts for as long as retry= says.
 *
 * Return: 0 when the share is mounted at the target (with @request->fake: when
 * everything up to mount(2) worked), or an enum azf_code negated.
 */
int azf_mount(const struct azf_request *request, struct azf_error *err);

#endif
