/* SPDX-License-Identifier: MIT */
/* when.h - points in time, as services write them. */
#ifndef AZF_WHEN_H
#define AZF_WHEN_H

#include "util.h"

/**
 * azf_when_rfc3339() - YYYY-MM-DDThh:mm:ss[.fffffff](Z|+hh:mm|-hh:mm)
 * @text: nothing may stand around it; 0 to 7 digits of a fraction, which are
 *	checked and dropped. The ticket service writes three.
 * @ret_epoch: seconds since 1970, set on success only
 *
 * Return: whether it is such a time, and a day that exists.
 */
bool azf_when_rfc3339(const char *text, int64_t *ret_epoch) AZF_MUST_CHECK;

/**
 * azf_when_any() - what metadata services write into expires_on
 * @text: seconds since 1970, RFC 3339, "2006-01-02 15:04:05" in UTC, or
 *	"01/02/2006 15:04:05 +00:00": all are met
 * @ret_epoch: set on success only
 *
 * Return: whether it is one of these.
 */
bool azf_when_any(const char *text, int64_t *ret_epoch) AZF_MUST_CHECK;

#endif
