/* SPDX-License-Identifier: MIT */
/* child.h - work that meets the network, in a child without privileges. */
#ifndef AZF_CHILD_H
#define AZF_CHILD_H

#include "util.h"

#include <sys/types.h>

/* The user, and the group, that have nothing. */
#define AZF_CHILD_NOBODY 65534

/* What AZF_CHILD_RUN sends back must fit into a pipe in one piece. */
#define AZF_CHILD_MAX 4096

/**
 * azf_child_run() - call a function in a child that may do nothing
 * @work: called in the child with its own copy of @data; must not touch
 *	anything else that it wants to keep
 * @data: in, and on success out; its content afterwards is what an attacker
 *	may have chosen, and has to be checked
 * @size: of @data in bytes, at most AZF_CHILD_MAX
 * @keep: a descriptor that it needs, or -1; it has no other of the caller's
 * @timeout_ms: the child is killed after so many milliseconds
 *
 * The child runs as "nobody", gains no privileges, writes no files, sees no
 * memory of azf_secret_alloc(), has limits on time and memory, and is in the
 * sandbox of sandbox.h, without keyrings.
 *
 * Return: 0, -ETIMEDOUT, or another errno negated.
 */
int azf_child_run(void (*work)(void *data), void *data, size_t size, int keep,
		  int timeout_ms) AZF_MUST_CHECK;

/**
 * azf_child_run_as() - the same, in a child that is one user
 * @uid: of the user; root's keeps no capability
 * @gid: the only group that it has
 *
 * The child is killed after @timeout_ms, and executes nothing; for what files
 * it needs @work calls azf_sandbox_files(). An unprivileged caller stays who it
 * is.
 */
int azf_child_run_as(uid_t uid, gid_t gid, void (*work)(void *data), void *data,
		     size_t size, int timeout_ms) AZF_MUST_CHECK;

#endif
