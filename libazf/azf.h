/* SPDX-License-Identifier: MIT */
/*
 * azf.h - what libazf offers to programs: one run of a mount, and its errors.
 *
 * The library never prints, never exits and never reads argv. What a person
 * should know comes back in struct azf_error, or through struct azf_log.
 */
#ifndef AZF_H
#define AZF_H

#include <stdbool.h>
#include <stddef.h>

#define AZF_VERSION "0.1.0"

/**
 * enum azf_code - what kind of failure it was
 *
 * Functions return 0, or one of these negated. They begin above every errno,
 * so that the two can never be mixed up. azf_exit_status() maps each to the
 * exit status that mount(8) documents.
 */
enum azf_code {
	AZF_E_USAGE = 5000, /* bad source, option or caller: exit 1 */
	AZF_E_SYSTEM,	    /* out of memory, cannot fork, …: exit 2 */
	AZF_E_INTERRUPTED,  /* a signal ended the wait: exit 8 */
	AZF_E_MOUNT,	    /* the mount failed, and will again: exit 32 */
	AZF_E_TRANSIENT,    /* the mount failed, but may work later: exit 32 */
};

/**
 * struct azf_error - one failure, as a person should read it
 * @code: enum azf_code, or 0 when nothing failed
 * @cause: one cause, a clause without a capital or full stop
 * @cure: what to do about it, one or more sentences; may be empty
 *
 * Neither text ever holds a secret or a control character.
 */
struct azf_error {
	enum azf_code code;
	char cause[512];
	char cure[512];
};

int azf_exit_status(enum azf_code code);

enum azf_level {
	AZF_DEBUG, /* what -v shows */
	AZF_INFO,  /* worth a line in the journal */
	AZF_WARN,  /* works, but should be changed */
};

/**
 * struct azf_log - where the library's remarks go
 * @fn: called with a line without a newline; never with a secret
 * @arg: handed to @fn
 */
struct azf_log {
	void (*fn)(void *arg, enum azf_level level, const char *text);
	void *arg;
};

/* The accepted options of one mount; see options.c. */
struct azf_options;

/**
 * azf_options_new() - an empty set of options
 * @sloppy: drop unknown options instead of failing (mount -s)
 *
 * Return: the set, to be freed with azf_options_free(); NULL if out of memory.
 */
struct azf_options *azf_options_new(bool sloppy);
void azf_options_free(struct azf_options *options);

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
