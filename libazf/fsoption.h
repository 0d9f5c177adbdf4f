/* SPDX-License-Identifier: MIT */
/* fsoption.h - which option the kernel does not take, and its own words. */
#ifndef AZF_FSOPTION_H
#define AZF_FSOPTION_H

#include "options.h"

/**
 * struct azf_fsoption - an option that the kernel refuses
 * @name: as the kernel reads it, with "no" in front where it is turned off; ""
 *	when none was found
 * @words: what the kernel says of it, or ""
 * @unknown: it does not know the name
 */
struct azf_fsoption {
	char name[48];
	char words[200];
	bool unknown;
};

/**
 * azf_fsoption_find() - have the kernel's cifs read the options one by one
 * @options: those for the kernel are read; no secret is among them
 * @ret_option: always filled
 *
 * To be used behind a mount that failed with EINVAL. Nothing is mounted and no
 * server is asked: fsopen(2) and fsconfig(2) only.
 *
 * Return: whether one was found. Not so where the kernel is older than 5.11, or
 * where what it refuses are not the options.
 */
bool azf_fsoption_find(const struct azf_options *options,
		       struct azf_fsoption *ret_option);

/**
 * azf_fsoption_message() - one record of the log of fsopen(2)
 * @record: as read, changed in place; warnings and remarks are left out
 */
void azf_fsoption_message(char *record, struct azf_fsoption *option);

#endif
