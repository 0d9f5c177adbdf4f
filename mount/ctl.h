/* SPDX-License-Identifier: MIT */
/* ctl.h - the verbs of azfilesctl: one row and one file each. */
#ifndef AZF_CTL_H
#define AZF_CTL_H

#include "azf.h"
#include "util.h"

#define CTL_OPTIONS_MAX	  10
#define CTL_ARGUMENTS_MAX 8

/**
 * struct ctl_option - an option of a verb
 * @name: the word behind the two hyphens
 * @letter: its short form, or 0
 * @arg: what the help calls its value, in one of the words of @arguments or
 *	another; NULL for an option without one
 * @help: one line
 */
struct ctl_option {
	const char *name;
	char letter;
	const char *arg;
	const char *help;
};

struct ctl_call;

/**
 * struct ctl_verb - a row of the table of verbs
 * @name: one word, or two ("key add")
 * @arguments: as the help shows them; "" for none. By these words the shells
 *	know what to complete: ctl-completion.c has the list
 * @min: fewest arguments
 * @max: most arguments
 * @help: one line
 * @options: what the verb takes, at most CTL_OPTIONS_MAX; one without a name
 *	ends them
 * @run: does it; returns the exit status
 */
struct ctl_verb {
	const char *name;
	const char *arguments;
	int min;
	int max;
	const char *help;
	const struct ctl_option *options;
	int (*run)(const struct ctl_call *call);
};

/**
 * struct ctl_call - a command line, taken apart
 * @args: the arguments that are no options
 * @count: of @args
 * @values: of the verb's options, in the order of the table; "" for one
 *	without a value; NULL for one that was not given. Still in argv
 */
struct ctl_call {
	const struct ctl_verb *verb;
	char *args[CTL_ARGUMENTS_MAX];
	int count;
	char *values[CTL_OPTIONS_MAX];
};

/* Of a verb that takes none. */
extern const struct ctl_option ctl_no_options[];

/* All of them; NULL ends it. */
extern const struct ctl_verb *const ctl_verbs[];

extern const struct ctl_verb ctl_persist;
extern const struct ctl_verb ctl_unpersist;
extern const struct ctl_verb ctl_key_add;
extern const struct ctl_verb ctl_key_delete;
extern const struct ctl_verb ctl_key_list;
extern const struct ctl_verb ctl_key_rotate;
extern const struct ctl_verb ctl_status;
extern const struct ctl_verb ctl_list;
extern const struct ctl_verb ctl_set;
extern const struct ctl_verb ctl_clear;
extern const struct ctl_verb ctl_refresh;
extern const struct ctl_verb ctl_recover;
extern const struct ctl_verb ctl_doctor;
extern const struct ctl_verb ctl_login;
extern const struct ctl_verb ctl_logout;
extern const struct ctl_verb ctl_whoami;
extern const struct ctl_verb ctl_completion;

/* The value of an option of the verb, or NULL when it was not given. */
char *ctl_value(const struct ctl_call *call, const char *option);

/* Remarks of the library on standard error; those of -v are not shown. */
extern const struct azf_log ctl_log;

/*
 * Print a line with names in it that others have chosen, as who may rename a
 * directory above a mount point: nothing in it changes a terminal.
 */
void ctl_print(FILE *file, const char *fmt, ...) AZF_PRINTF(2, 3);

/* Print "azfilesctl: cause. cure". Return: the exit status that belongs to it. */
int ctl_fail(const struct azf_error *err);

/* The same for a wrong command line. Return: 1. */
int ctl_usage(const char *fmt, ...) AZF_PRINTF(1, 2);

/* Return: 0 for root; else 1 after saying that only root can do this. */
int ctl_need_root(const struct ctl_call *call);

/*
 * Bring a mount point into the form of the kernel's table. Asking for its real
 * path might hang. Return: 0; else 1 after saying that it is no absolute path.
 */
int ctl_trim_target(char *target);

#endif
