// SPDX-License-Identifier: MIT
/* ticket-answer.c - what azfiles-credential answers for one host. */
#include "ticket-answer.h"

#include "azf-private.h"
#include "ends.h"
#include "ticket.h"

#include <bsd/stdlib.h>

#define SKEW_MAX_S 300
/* Kerberos counts no further, and sums with it do not overflow. */
#define TIME_MAX   UINT32_MAX

static uint64_t now(void)
{
	return (uint64_t)time(NULL);
}

/* Return: where the fields end, behind the newline of the last; 0 if nowhere. */
static size_t end_of_fields(const char *text, size_t len)
{
	const char *blank = memmem(text, len, "\n\n", 2);

	return blank ? (size_t)(blank - text) + 1 : 0;
}

bool azf_ticket_answer_read(const char *text, size_t len, const char *host,
			    struct azf_ticket_answer *ret_answer)
{
	struct azf_fields *fields = &ret_answer->fields;
	size_t head = end_of_fields(text, len);
	size_t rest = head ? len - head - 1 : 0;
	const char *result, *of;
	uint64_t said;

	if (azf_fields_parse(text, head ? head : len, fields, NULL))
		return false;
	result = azf_fields_get(fields, "result");
	of = azf_fields_get(fields, "host");
	if (!result || (of && !azf_streq(of, host)))
		return false;
	if (azf_streq(result, "fail"))
		return rest == 0;
	if (!azf_streq(result, "ok") || !head ||
	    (azf_fields_get(fields, "length") &&
	     !(azf_fields_number(fields, "length", &said) && said == rest)))
		return false;
	ret_answer->ok = true;
	ret_answer->ccache = text + head + 1;
	ret_answer->ccache_len = rest;
	return true;
}

bool azf_ticket_answer_is_whole(const char *text, size_t len)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	size_t head = end_of_fields(text, len);
	const char *result;
	uint64_t said;

	if (!head)
		return false;
	if (azf_fields_parse(text, head, &fields, NULL))
		return true;
	result = azf_fields_get(&fields, "result");
	if (!result || !azf_streq(result, "ok"))
		return true;
	return azf_fields_number(&fields, "length", &said) &&
	       len - head - 1 >= said;
}

static int tell_failure(const struct azf_fields *answer, uint64_t *ret_after,
			struct azf_error *err)
{
	const char *cause = azf_fields_get(answer, "cause");
	const char *cure = azf_fields_get(answer, "cure");
	const char *id = azf_fields_get(answer, "request_id");
	const char *transient = azf_fields_get(answer, "transient");

	if (!azf_fields_number(answer, "retry_after", ret_after))
		*ret_after = 0;
	azf_fail(err,
		 transient && azf_streq(transient, "1") ? AZF_E_TRANSIENT :
							  AZF_E_MOUNT,
		 "%s%s%s%s", cause ? cause : "no ticket was given",
		 id ? " (request id " : "", id ? id : "", id ? ")" : "");
	return azf_cure(err, "%s", cure ? cure : "");
}

int azf_ticket_cannot_write(const struct azf_state *state, int error,
			    struct azf_error *err)
{
	azf_fail(err, AZF_E_SYSTEM, "cannot write to %s: %s", state->path,
		 strerror(-error));
	return azf_cure(err, "Check that /run is writable and has space");
}

/*
 * Due after two thirds of the life, so that a third is left for an outage. A
 * refresh comes earlier, by up to a sixth of the life at random: machines that
 * started together are not to ask together.
 */
static int describe(const struct azf_fields *answer, int64_t starts,
		    int64_t expires, struct azf_fields *ticket)
{
	int64_t life = expires - starts;
	int64_t renew = starts + life * 2 / 3;
	uint32_t spread = life / 6 < UINT32_MAX ? (uint32_t)(life / 6) : 0;
	int r = azf_fields_set_number(ticket, "early",
				      renew - arc4random_uniform(spread + 1));

	r = r ? r : azf_fields_set_number(ticket, "renew", renew);
	r = r ? r : azf_fields_set_number(ticket, "expires", expires);
	r = r ? r :
		azf_fields_set(ticket, "server",
			       azf_fields_get(answer, "server"));
	return r ? r :
		   azf_fields_set(ticket, "principal",
				  azf_fields_get(answer, "principal"));
}

static int keep_ticket(const struct azf_ticket_answer *answer,
		       const struct azf_state *state, bool last,
		       struct azf_error *err)
{
	const struct azf_fields *fields = &answer->fields;
	azf_autofields struct azf_fields ticket = { .count = 0 };
	struct azf_ticket_times before;
	uint64_t starts, expires;
	int r;

	if (!azf_fields_number(fields, "starts", &starts) ||
	    !azf_fields_number(fields, "expires", &expires) ||
	    expires <= now() || starts > expires || expires > TIME_MAX ||
	    answer->ccache_len == 0 || !azf_fields_get(fields, "server"))
		return azf_fail(err, AZF_E_MOUNT,
				"azfiles-credential gave no usable ticket");
	if (starts > now())
		starts = now();
	/* there is no other token to renew it with */
	if (last)
		starts = expires;
	r = describe(fields, (int64_t)starts, (int64_t)expires, &ticket);
	if (r == 0 && azf_ticket_times(state, &before))
		r = azf_ends_add(state, before.expires);
	r = r ? r :
		azf_state_write(state, "ccache", answer->ccache,
				answer->ccache_len);
	r = r ? r : azf_state_write_fields(state, "ticket", &ticket);
	if (r)
		return azf_ticket_cannot_write(state, r, err);
	azf_state_remove(state, "failed");
	return 0;
}

/* Kerberos allows clocks to differ by five minutes. */
static void warn_of_skew(const struct azf_fields *answer,
			 const struct azf_log *log)
{
	const char *skew = azf_fields_get(answer, "skew");
	uint64_t seconds;

	if (skew &&
	    azf_parse_uint(skew + (skew[0] == '-'), 0, INT64_MAX, &seconds) &&
	    seconds > SKEW_MAX_S)
		azf_note(log, AZF_WARN,
			 "this machine's clock is %llu seconds %s that of the "
			 "server, and Kerberos allows %d. Set the clock",
			 (unsigned long long)seconds,
			 skew[0] == '-' ? "behind" : "ahead of", SKEW_MAX_S);
}

int azf_ticket_answer_keep(const struct azf_ticket_answer *answer,
			   const struct azf_state *state, bool last,
			   const struct azf_log *log, uint64_t *ret_retry_after,
			   struct azf_error *err)
{
	if (!answer->ok)
		return tell_failure(&answer->fields, ret_retry_after, err);
	warn_of_skew(&answer->fields, log);
	return keep_ticket(answer, state, last, err);
}
