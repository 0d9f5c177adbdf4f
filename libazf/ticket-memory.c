// SPDX-License-Identifier: MIT
/* ticket-memory.c - what is known of a ticket, and of attempts that failed. */
#include "ticket.h"

#include "azf-private.h"

#include <fcntl.h>
#include <sys/stat.h>

/* No service means to be left alone for longer. */
#define RETRY_AFTER_MAX_S 900
/* A process waits for the upcall: it may ask a busy service after a minute. */
#define UPCALL_WAIT_MAX_S 60
/* A refresh, when the ticket lives for a day or has been gone for one. */
#define PAUSE_MAX_S	  1800

static uint64_t now(void)
{
	return (uint64_t)time(NULL);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool azf_ticket_times(const struct azf_state *state,
		      struct azf_ticket_times *ret_times)
{
	azf_autofields struct azf_fields ticket = { .count = 0 };

	if (azf_state_read(state, "ticket", &ticket) ||
	    !azf_fields_number(&ticket, "renew", &ret_times->renew) ||
	    !azf_fields_number(&ticket, "expires", &ret_times->expires))
		return false;
	if (!azf_fields_number(&ticket, "early", &ret_times->early) ||
	    ret_times->early > ret_times->renew)
		ret_times->early = ret_times->renew;
	return true;
}

bool azf_ticket_is_given(const struct azf_fields *credential)
{
	const char *identity = azf_fields_get(credential, "identity");

	return identity && azf_streq(identity, "token") &&
	       !azf_fields_get(credential, "token_file");
}

bool azf_ticket_is_users(const struct azf_fields *credential)
{
	const char *identity = azf_fields_get(credential, "identity");

	return identity && azf_streq(identity, "ccache");
}

bool azf_ticket_is_kept(const struct azf_state *state)
{
	return faccessat(state->fd, "kept", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A refresh tries again more often the closer the end comes, and more seldom
 * the longer it has been over: after an eighth of that time.
 */
static uint64_t pause_of_refresh(const struct azf_state *state)
{
	struct azf_ticket_times times;
	uint64_t distance, pause;

	if (!azf_ticket_times(state, &times))
		return AZF_TICKET_HOLD_OFF;
	distance = now() < times.expires ? times.expires - now() :
					   now() - times.expires;
	pause = least(distance / 8, PAUSE_MAX_S);
	return pause < AZF_TICKET_HOLD_OFF ? AZF_TICKET_HOLD_OFF : pause;
}

/* Until when a failure of @failed_at is not to be followed by an attempt. */
static uint64_t held_until(const struct azf_state *state,
			   const struct azf_fields *failed, uint64_t failed_at,
			   enum azf_ticket_when when)
{
	uint64_t until = failed_at, not_before;

	if (when == AZF_TICKET_EARLY)
		until += pause_of_refresh(state);
	else if (when == AZF_TICKET_UNLESS_FAILED)
		until += AZF_TICKET_HOLD_OFF;
	else
		return 0;
	if (!azf_fields_number(failed, "not_before", &not_before))
		return until;
	if (when == AZF_TICKET_UNLESS_FAILED)
		not_before = least(not_before, failed_at + UPCALL_WAIT_MAX_S);
	return until < not_before ? not_before : until;
}

/* Return: when the last attempt failed, if it did; else 0. */
static uint64_t read_failure(const struct azf_state *state,
			     struct azf_fields *failed, struct azf_error *err)
{
	const char *cause, *cure;
	uint64_t failed_at, code;

	if (azf_state_read(state, "failed", failed) ||
	    !azf_fields_number(failed, "time", &failed_at) ||
	    !azf_fields_number(failed, "code", &code) || failed_at > now())
		return 0;
	cause = azf_fields_get(failed, "cause");
	cure = azf_fields_get(failed, "cure");
	azf_fail(err,
		 code == AZF_E_MOUNT || code == AZF_E_SYSTEM ?
			 (enum azf_code)code :
			 AZF_E_TRANSIENT,
		 "%s", cause ? cause : "the last attempt failed");
	(void)azf_cure(err, "%s", cure ? cure : "");
	return failed_at;
}

int azf_ticket_failure(const struct azf_state *state, enum azf_ticket_when when,
		       struct azf_error *err)
{
	azf_autofields struct azf_fields failed = { .count = 0 };
	struct azf_error why = { 0 };
	uint64_t failed_at = read_failure(state, &failed, &why);

	if (!failed_at || now() >= held_until(state, &failed, failed_at, when))
		return 0;
	*err = why;
	return -(int)why.code;
}

void azf_ticket_past(const struct azf_state *state,
		     struct azf_ticket_past *ret_past)
{
	azf_autofields struct azf_fields failed = { .count = 0 };
	struct stat st;

	*ret_past = (struct azf_ticket_past){ 0 };
	if (fstatat(state->fd, "ticket", &st, AT_SYMLINK_NOFOLLOW) == 0)
		ret_past->renewed = (uint64_t)st.st_mtime;
	ret_past->failed = read_failure(state, &failed, &ret_past->err);
}

void azf_ticket_failed(const struct azf_state *state, uint64_t retry_after,
		       const struct azf_error *err)
{
	azf_autofields struct azf_fields failed = { .count = 0 };
	int r = azf_fields_set_number(&failed, "time", (int64_t)now());

	r = r ? r : azf_fields_set_number(&failed, "code", err->code);
	if (r == 0 && retry_after)
		r = azf_fields_set_number(
			&failed, "not_before",
			(int64_t)(now() +
				  least(retry_after, RETRY_AFTER_MAX_S)));
	r = r ? r : azf_fields_set(&failed, "cause", err->cause);
	r = r ? r : azf_fields_set(&failed, "cure", err->cure);
	r = r ? r : azf_state_write_fields(state, "failed", &failed);
	(void)r; /* a memory that is lost costs one more attempt, no more */
}
