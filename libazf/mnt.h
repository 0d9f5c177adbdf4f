/* SPDX-License-Identifier: MIT */
/* mnt.h - our own mount(2), and the place that it mounts on. */
#ifndef AZF_MNT_H
#define AZF_MNT_H

#include "plan.h"

struct azf_mnt;

/**
 * azf_mnt_open() - prepare a mount, and check its target
 * @plan: must outlive the result
 * @ret_mnt: set on success; azf_mnt_close() frees it
 * @err: filled on failure, for example when the source is mounted there already
 *
 * Return: 0, or an enum azf_code negated.
 */
int azf_mnt_open(const struct azf_plan *plan, struct azf_mnt **ret_mnt,
		 struct azf_error *err);

/**
 * azf_mnt_call() - the one system call
 * @mnt: prepared
 * @data: what azf_plan_data() wrote
 *
 * Return: 0, or the errno of mount(2), positive.
 */
int azf_mnt_call(struct azf_mnt *mnt, const struct azf_data *data);

/**
 * azf_mnt_share_exists() - try the share without the path below it
 * @mnt: a mount that failed
 * @data: what azf_plan_data() wrote
 *
 * Mounts in a child with a mount name space of its own, so that nothing of it
 * is ever seen and all of it ends with the child.
 */
bool azf_mnt_share_exists(struct azf_mnt *mnt, const struct azf_data *data);

/* NULL is fine. */
void azf_mnt_close(struct azf_mnt *mnt);

#endif
