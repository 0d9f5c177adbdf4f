/* SPDX-License-Identifier: MIT */
/* parallel.h - work that may never end, in children that can be left behind. */
#ifndef AZF_PARALLEL_H
#define AZF_PARALLEL_H

#include "util.h"

/* Longer items would not arrive in one piece. */
#define AZF_PARALLEL_MAX 4000

/**
 * azf_parallel_run() - call a function for each of many items, all at once
 * @work: called in a child of its own for each item, with the child's copy of
 *	it; what it leaves there comes back. It has no open files but what it
 *	opens itself, and the privileges of the caller
 * @items: in and out; one whose child gave no answer in time stays as it is
 * @size: of one item in bytes, at most AZF_PARALLEL_MAX
 * @count: of items
 * @timeout_ms: for all of them together
 *
 * A child that does not answer is killed. The kernel may refuse to let it die,
 * as it does while it waits for a server: such a child is nobody's burden, it
 * has no descriptor of the caller's and is left behind.
 *
 * Return: 0, or an errno negated when a child could not be started: the items
 * of those that were are valid.
 */
int azf_parallel_run(void (*work)(void *item), void *items, size_t size,
		     size_t count, int timeout_ms) AZF_MUST_CHECK;

#endif
