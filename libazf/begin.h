/* SPDX-License-Identifier: MIT */
/* begin.h - what a program of ours does before all else. */
#ifndef AZF_BEGIN_H
#define AZF_BEGIN_H

/**
 * azf_begin() - put right what a program inherits and could stumble over
 *
 * Standard input, output and error are taken, though they may be of no use: the
 * first file that is opened would otherwise be one of them, and get what is
 * printed. Children can be waited for also when the caller ignored SIGCHLD, new
 * files have the modes that the code gives them, and memory is closed as by
 * azf_secret_close_memory(). For main() alone: it changes the whole process.
 */
void azf_begin(void);

#endif
