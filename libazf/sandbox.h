/* SPDX-License-Identifier: MIT */
/* sandbox.h - system calls and files that a process does without from now on. */
#ifndef AZF_SANDBOX_H
#define AZF_SANDBOX_H

#include "util.h"

enum azf_sandbox_may {
	AZF_MAY_EXECUTE = 1 << 0,
	AZF_MAY_USE_KEYS = 1 << 1,
};

/**
 * azf_sandbox_calls() - give up system calls, by a filter of seccomp
 * @may: of enum azf_sandbox_may: to execute programs, have children and change
 *	their users and modes; to use the kernel's keyrings
 *
 * Nobody mounts, traces, loads code into the kernel, makes name spaces, types
 * into a terminal, or opens other sockets than those of the Internet, of Unix
 * and of routing: these fail with EPERM, such sockets with EAFNOSUPPORT. A call
 * by the rules of another architecture ends the process.
 *
 * Once "no new privileges" is set, by a process with one thread. Where the
 * kernel has no such filters nothing happens. Programs inherit it.
 */
void azf_sandbox_calls(unsigned int may);

/**
 * azf_sandbox_files() - give up files, by Landlock
 * @read: NULL terminated: what may be read besides what libraries of the system
 *	need; those that are not there do no harm. Or NULL
 * @write: a file that may be written too, or a directory whose files may; or
 *	NULL
 *
 * Nothing is made, renamed, removed or executed. What is open stays so, and
 * what is only in memory can be opened again. Besides, as far as the kernel
 * knows it: no TCP port is waited at, and no process outside gets a signal or a
 * connection without a file.
 *
 * The conditions are those of azf_sandbox_calls().
 */
void azf_sandbox_files(const char *const *read, const char *write);

#endif
