/* SPDX-License-Identifier: MIT */
/* options.h - the option table, and a set of accepted options. */
#ifndef AZF_OPTIONS_H
#define AZF_OPTIONS_H

#include "request.h"
#include "secret.h"
#include "util.h"

/* Who acts on an option. */
enum azf_owner {
	AZF_FOR_KERNEL,	 /* goes into the data string of mount(2) */
	AZF_FOR_HELPER,	 /* ours; never leaves this process */
	AZF_FOR_SECRET,	 /* ours, and its value is kept as a secret */
	AZF_FOR_MOUNT,	 /* a flag of mount(2) */
	AZF_FOR_NOBODY,	 /* acted on by mount(8) or systemd, dropped here */
	AZF_FOR_REFUSAL, /* known, and never right; help says why */
};

/* What a value must look like. */
enum azf_value {
	AZF_NO_VALUE,
	AZF_TEXT,     /* words: NULL, or a list of which it must be one */
	AZF_OPTIONAL, /* may have a value; any */
	AZF_UINT,     /* min..max, decimal */
	AZF_MODE,     /* octal permission bits; reaches the kernel as 0NNN */
	AZF_UID,      /* number or name; reaches the kernel as a number */
	AZF_GID,      /* likewise */
	AZF_ADDRESS,  /* IPv4 or IPv6 */
	AZF_TIME,     /* seconds, or with a suffix s, m or h */
	AZF_SNAPSHOT, /* @GMT-YYYY.MM.DD-HH.MM.SS, or 100 ns since 1601 */
	AZF_PATH,     /* absolute */
};

/**
 * struct azf_option - a row of the table
 * @name: the word before the equals sign
 * @canonical: the name of the row that this one is another spelling of; or NULL
 * @owner: who acts on it
 * @value: what its value must look like
 * @negatable: "no" in front of the name turns it off
 * @min: smallest number accepted
 * @max: largest number accepted, or longest text in bytes; 0 for no limit
 * @words: the values accepted, separated by '|'; or NULL for any
 * @arg: what the help calls the value
 * @help: one line; of a refused option: what to do instead
 */
struct azf_option {
	const char *name;
	const char *canonical;
	enum azf_owner owner : 8;
	enum azf_value value : 8;
	bool negatable;
	uint32_t min;
	uint32_t max;
	const char *words;
	const char *arg;
	const char *help;
};

extern const struct azf_option azf_option_table[];
extern const size_t azf_option_count;

/**
 * struct azf_setting - an option that was given
 * @option: its canonical row
 * @off: it was given with "no" in front
 * @value: as the kernel wants it, or NULL without a value
 */
struct azf_setting {
	const struct azf_option *option;
	bool off;
	char *value;
};

struct azf_options {
	bool sloppy;
	struct azf_setting *settings;
	size_t count;
	struct azf_secret password;
	struct azf_secret password2;
};

#define azf_for_each_setting(s, options)                                    \
	for (const struct azf_setting *s = (options)->settings,             \
				      *s##_end = s ? s + (options)->count : \
						     NULL;                  \
	     s < s##_end; s++)

/**
 * azf_options_get() - the last setting of an option
 * @name: canonical
 *
 * Return: the setting, or NULL when the option was not given.
 */
const struct azf_setting *azf_options_get(const struct azf_options *options,
					  const char *name);

/* Its value, or NULL when it was not given. */
const char *azf_options_value(const struct azf_options *options,
			      const char *name);

/**
 * azf_value_check() - check a value and bring it into the kernel's form
 * @option: the row; its @value must not be AZF_NO_VALUE
 * @text: what stood behind the equals sign; never a secret
 * @ret_value: on success a new string for the caller to free
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_value_check(const struct azf_option *option, const char *text,
		    char **ret_value, struct azf_error *err);

#endif
