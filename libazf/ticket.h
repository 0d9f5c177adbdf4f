/* SPDX-License-Identifier: MIT */
/* ticket.h - a Kerberos ticket for a host and an identity, fresh when needed. */
#ifndef AZF_TICKET_H
#define AZF_TICKET_H

#include "azf.h"
#include "state.h"

#include <time.h>

/* A failed attempt is not repeated for so many seconds by the upcall. */
#define AZF_TICKET_HOLD_OFF 10

/* The metadata service may take seconds when it is well. */
#define AZF_TICKET_PATIENCE_MIN 15
#define AZF_TICKET_PATIENCE_MAX 60

enum azf_ticket_when {
	/* a mount: a failure of a moment ago does not count */
	AZF_TICKET_NOW,
	/* the upcall, which the kernel may run three times a second: a failure
	 * is remembered and returned at once until AZF_TICKET_HOLD_OFF is over
	 */
	AZF_TICKET_UNLESS_FAILED,
	/* a refresh by the timer: before the ticket is due to others, and after
	 * failures not until some time is over
	 */
	AZF_TICKET_EARLY,
	/* a refresh that was asked for: even a fresh ticket is replaced */
	AZF_TICKET_ALWAYS,
};

/**
 * azf_ticket_ensure() - have a fresh ticket in the ccache of a state directory
 * @state: open; its file "credential" says how to get one
 * @when: see enum azf_ticket_when
 * @patience: seconds that one attempt, or the wait for somebody else's, may
 *	take; at least AZF_TICKET_PATIENCE_MIN is given
 * @log: remarks
 * @err: filled on failure
 *
 * A ticket is fresh before its "renew" time (two thirds of its life; with
 * AZF_TICKET_EARLY before its "early" time). Without one, azfiles-credential
 * runs, started by one process at a time: who waits for the lock finds the
 * ticket that the other got. If that fails and the old ticket has not expired
 * yet, it is good enough.
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_ticket_ensure(const struct azf_state *state, enum azf_ticket_when when,
		      unsigned int patience, const struct azf_log *log,
		      struct azf_error *err);

struct azf_ticket_talk;

/**
 * azf_ticket_renew() - azf_ticket_ensure() for one of many, in a refresh
 * @talk: with which azfiles-credential is asked; see ticket-talk.h
 */
int azf_ticket_renew(const struct azf_state *state, enum azf_ticket_when when,
		     struct azf_ticket_talk *talk, const struct azf_log *log,
		     struct azf_error *err);

/**
 * azf_ticket_keep() - get a ticket now, and have it stay until it is cleared
 * @state: open; its file "credential" says how to get one
 * @token: access token, where that says that somebody hands it over; or NULL
 * @log: remarks
 * @err: filled on failure; a ticket that was there stays, and what it was
 *
 * Return: as azf_ticket_ensure().
 */
int azf_ticket_keep(const struct azf_state *state, const char *token,
		    const struct azf_log *log, struct azf_error *err);

/* Whether azf_ticket_keep() got it: it stays though no mount uses it. */
bool azf_ticket_is_kept(const struct azf_state *state);

/**
 * azf_ticket_is_given() - whether somebody has to hand over a token for another
 * @credential: fields of the identity
 */
bool azf_ticket_is_given(const struct azf_fields *credential);

/* How tags begin of identities whose tickets are a user's own; the uid follows.
 */
#define AZF_TICKET_USERS_TAG "ccache-"

/**
 * azf_ticket_is_users() - whether the tickets are a user's own
 * @credential: fields of the identity
 *
 * Then they are in the user's caches, and never got or renewed by us.
 */
bool azf_ticket_is_users(const struct azf_fields *credential);

/* The longest access token. */
#define AZF_TICKET_TOKEN_MAX 16384

/* Take the access token of its identity out of the cache, as far as possible. */
void azf_ticket_forget_token(const struct azf_state *state);

/**
 * azf_ticket_remember() - keep how to get tickets, for the upcall
 * @credential: host, identity and what belongs to it; no secret
 *
 * Return: 0 or -AZF_E_SYSTEM.
 */
int azf_ticket_remember(const struct azf_state *state,
			const struct azf_fields *credential,
			struct azf_error *err);

/**
 * azf_ticket_claim() - open a state directory to get tickets in
 * @tag: of the identity
 * @credential: as for azf_ticket_remember(), which gets it; its host counts
 * @ret_state: filled; the caller closes it, also on failure
 *
 * As azf_state_claim(): a refresh does not forget it in the next minutes.
 *
 * Return: 0 or -AZF_E_SYSTEM.
 */
int azf_ticket_claim(const char *tag, const struct azf_fields *credential,
		     struct azf_state *ret_state, struct azf_error *err);

/**
 * struct azf_ticket_times - from when on a ticket is what; seconds since 1970
 * @early: a refresh replaces it; between a half and two thirds of its life
 * @renew: everybody replaces it
 * @expires: it is useless
 */
struct azf_ticket_times {
	uint64_t early;
	uint64_t renew;
	uint64_t expires;
};

/* Return: whether there is a ticket; it may have expired. */
bool azf_ticket_times(const struct azf_state *state,
		      struct azf_ticket_times *ret_times) AZF_MUST_CHECK;

/**
 * azf_ticket_failure() - why the last attempt failed, while it still counts
 * @when: who wants to know. To a mount or a person no failure counts; to the
 *	upcall that of AZF_TICKET_HOLD_OFF ago; to a refresh the longer, the
 *	further away the ticket's end is; to both as long as Retry-After said
 *
 * Return: 0 when there was none, else what azf_ticket_ensure() returned then,
 * with @err filled.
 */
int azf_ticket_failure(const struct azf_state *state, enum azf_ticket_when when,
		       struct azf_error *err);

/**
 * struct azf_ticket_past - how the last attempts went; seconds since 1970
 * @renewed: when the ticket was got; 0 when there is none
 * @failed: when an attempt failed after that; 0 when none did
 * @err: why it failed
 */
struct azf_ticket_past {
	uint64_t renewed;
	uint64_t failed;
	struct azf_error err;
};

void azf_ticket_past(const struct azf_state *state,
		     struct azf_ticket_past *ret_past);

/**
 * azf_ticket_failed() - remember a failure
 * @retry_after: seconds that the service wants to be left alone; or 0
 */
void azf_ticket_failed(const struct azf_state *state, uint64_t retry_after,
		       const struct azf_error *err);

#endif
