/* SPDX-License-Identifier: MIT */
/* heal.h - find out why one mount does not answer, and do what helps. */
#ifndef AZF_HEAL_H
#define AZF_HEAL_H

#include "azf-private.h"
#include "mounted.h"

/* What was found, and what was done about it; a set of bits. */
enum azf_did {
	AZF_DID_MOVE = 1 << 0,	/* the name leads to another address now */
	AZF_DID_FLUSH = 1 << 1, /* the kernel forgot the address of the name */
	AZF_DID_DROP = 1 << 2,	/* its stuck connections were ended */
	AZF_DID_ANEW = 1 << 3,	/* it was detached, and mounted again */
};

/**
 * struct azf_heal - one mount, and what was found and done
 * @mount: the mount
 * @dry_run: only look
 * @did: set of enum azf_did
 * @address: that answers connections; "" if none does
 * @err: why the mount cannot answer; no code when nothing stands in its way
 *	any more
 */
struct azf_heal {
	const struct azf_mounted *mount;
	bool dry_run;
	unsigned int did;
	char address[sizeof(((struct azf_address *)0)->text)];
	struct azf_error err;
};

/**
 * azf_heal() - help a mount that does not answer
 * @heal: @mount and @dry_run are set; the rest is filled
 *
 * Looks the name up, connects to what it finds, gets a ticket if the mount's
 * has run out, has the kernel forget the address of the name, and ends the
 * mount's connection if it is stuck. Never touches the mount. May take a
 * minute.
 */
void azf_heal(struct azf_heal *heal);

#endif
