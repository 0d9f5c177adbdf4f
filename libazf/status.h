/* SPDX-License-Identifier: MIT */
/* status.h - what is known of each mount of ours. */
#ifndef AZF_STATUS_H
#define AZF_STATUS_H

#include "mounted.h"
#include "ticket.h"

#include <errno.h>

/* What a mount signs in with. */
enum azf_sign_in {
	AZF_SIGN_IN_UNKNOWN,   /* who asks may not see it */
	AZF_SIGN_IN_TICKET,    /* a ticket of ours */
	AZF_SIGN_IN_USERS,     /* tickets that are a user's own */
	AZF_SIGN_IN_NO_TICKET, /* we have none: another program's, or lost */
	AZF_SIGN_IN_STORED,    /* the key that is stored for the account */
	AZF_SIGN_IN_SEALED,    /* the same, sealed */
	AZF_SIGN_IN_FILE,      /* the key in a file that fstab names */
	AZF_SIGN_IN_LINE,      /* the key in fstab itself */
	AZF_SIGN_IN_ELSEWHERE, /* a key that the next mount will not find */
};

/* Whether all traffic is encrypted. */
enum azf_encryption {
	AZF_ENCRYPTION_UNKNOWN,
	AZF_ENCRYPTION_OFF,
	AZF_ENCRYPTION_ON,
};

/**
 * struct azf_status - one mount
 * @mount: as the kernel shows it
 * @identity: that its tickets are for; "" for a key or when it is not known
 * @error: 0 when it answers; EACCES when we may not ask, ENODEV when something
 *	else is mounted over it, ETIMEDOUT when it hangs; else what whoever
 *	uses it gets
 * @took_ms: until the answer
 * @encryption: see there
 * @channels: connections to the server; 0 when that is not known
 * @sign_in: see there
 * @times: of the ticket, with AZF_SIGN_IN_TICKET
 * @past: when that was got, and whether an attempt failed since; also with
 *	AZF_SIGN_IN_NO_TICKET
 * @stored: when the key was stored, seconds since 1970; 0 when that is not known
 */
struct azf_status {
	const struct azf_mounted *mount;
	char *identity;
	int error;
	int took_ms;
	enum azf_encryption encryption;
	unsigned int channels;
	enum azf_sign_in sign_in;
	struct azf_ticket_times times;
	struct azf_ticket_past past;
	time_t stored;
};

/**
 * struct azf_status_list - all of them, in the kernel's order
 * @hidden: there may be more to see for root
 */
struct azf_status_list {
	struct azf_mounted_list mounted;
	struct azf_status *list;
	size_t count;
	bool hidden;
};

#define azf_autostatus azf_cleanup(azf_status_free)
void azf_status_free(struct azf_status_list *status);

/**
 * azf_status_read() - look at all mounts of ours
 * @target: only at what is mounted there; NULL for all
 * @timeout_ms: that they may take to answer, all together
 * @ret_status: filled on success
 * @err: filled on failure
 *
 * Changes nothing, and hangs for no mount: each is asked by a child.
 *
 * Return: 0, -AZF_E_MOUNT when @target is no mount of ours, or -AZF_E_SYSTEM.
 */
int azf_status_read(const char *target, int timeout_ms,
		    struct azf_status_list *ret_status, struct azf_error *err);

/* Whether it does not answer, and should. */
static inline bool azf_status_is_ill(const struct azf_status *status)
{
	return status->error && status->error != ENODEV &&
	       status->error != EACCES;
}

#endif
