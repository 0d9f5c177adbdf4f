/* SPDX-License-Identifier: MIT */
/* ctl-status.h - the three forms of "status". */
#ifndef AZF_CTL_STATUS_H
#define AZF_CTL_STATUS_H

#include "status.h"

/* ---- ctl-status.c ---- */

/* What a mount signs in with, in a word: the same in all forms. */
const char *ctl_status_sign_in(const struct azf_status *status);

/* ---- ctl-status-export.c ---- */

/* As man/azfilesctl-status.schema.json has it. Return: 0, or -ENOMEM. */
int ctl_status_json(const struct azf_status_list *status) AZF_MUST_CHECK;

/* The text format of Prometheus, version 0.0.4. */
void ctl_status_prometheus(const struct azf_status_list *status);

#endif
