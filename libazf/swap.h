/* SPDX-License-Identifier: MIT */
/* swap.h - a new mount in the place of a live one, while files are open. */
#ifndef AZF_SWAP_H
#define AZF_SWAP_H

#include "apart.h"

enum azf_swapped {
	AZF_SWAP_CLEAN,	  /* the old one is gone */
	AZF_SWAP_BUSY,	  /* it goes when what is open in it is closed */
	AZF_SWAP_COVERED, /* it is there below the new one */
};

/**
 * azf_swap_mount() - mount a share anew where it is mounted
 * @apart: the mount; its @then is not used
 * @ret_how: set on success
 * @err: filled on failure; then the old mount is there as it was
 *
 * At no moment there is no share at the mount point. What is open in the old
 * mount stays open, with the old connection. Nothing else may be mounted below
 * it: that would go, too.
 *
 * The old one can only go where systemd, or another, has made the mount that
 * it is mounted in a shared one, and where there is no automount point below.
 *
 * Return: 0, or an enum azf_code negated.
 */
int azf_swap_mount(const struct azf_apart *apart, enum azf_swapped *ret_how,
		   struct azf_error *err);

#endif
