/* SPDX-License-Identifier: MIT */
/*
 * inject.h - calls of the system, and of its library, that fail when they are
 * told to.
 *
 * inject.c is linked in with --wrap for each call that it knows: what libazf
 * and the programs call goes through it, what other libraries call does not, so
 * that the same run makes the same calls.
 */
#ifndef AZF_INJECT_H
#define AZF_INJECT_H

#include <stdbool.h>

/**
 * struct inject - shared by all processes of a run
 * @at: the call that fails, from 1, of each process; 0 for those of @seed
 * @seed: with one chance in @odds each call fails, and with which errno
 * @odds: see there
 * @fired: how many calls have failed
 * @call: the name of the last one that did
 * @errno_of: what it said
 * @doubled: a descriptor was closed that was not open
 */
struct inject {
	unsigned int at;
	unsigned int seed;
	unsigned int odds;
	unsigned int fired;
	char call[32];
	int errno_of;
	bool doubled;
};

/* The environment variable that names the descriptor of a program's. */
#define INJECT_FD "AZF_INJECT_FD"

/* The descriptor that holds it, for a program to be run. */
extern int inject_fd;
extern struct inject *inject;

/* What mount(2) of a share says; 0 for success. */
extern int inject_refusal;

/* Before the first run. Return: whether there is memory to share. */
bool inject_begin(void);

/* From now on, and no more. */
void inject_arm(unsigned int at, unsigned int seed, unsigned int odds);
void inject_disarm(void);

#endif
