// SPDX-License-Identifier: MIT
/*
 * ticket.c - a Kerberos ticket for a host and an identity, fresh when needed.
 *
 * The ticket itself is got by azfiles-credential, which gives up its privileges
 * before it meets the network. What it sends back is written here as it came:
 * fields first, an empty line, and the bytes of the ccache.
 */
#include "ticket.h"

#include "azf-private.h"
#include "ends.h"
#include "run.h"
#include "secret.h"
#include "wipe.h"

#include <bsd/stdlib.h>
#include <errno.h>

#define ANSWER_MAX	  (256 * 1024)
#define FORGET_ANSWER_MAX 4096
/* To write a few lines, which nobody does for long. */
#define LOCK_MS		  65000
/* For azfiles-credential to begin and end. */
#define MARGIN_S	  5
#define SKEW_MAX_S	  300

static uint64_t now(void)
{
	return (uint64_t)time(NULL);
}

/* How much longer the ticket in the ccache is good for. */
enum freshness {
	NO_TICKET,
	OLD_TICKET,
	FRESH_TICKET
};

static enum freshness look(const struct azf_state *state,
			   enum azf_ticket_when when)
{
	struct azf_ticket_times times;

	if (!azf_ticket_times(state, &times) || now() >= times.expires)
		return NO_TICKET;
	return now() >= (when == AZF_TICKET_EARLY ? times.early : times.renew) ?
		       OLD_TICKET :
		       FRESH_TICKET;
}

/* The request: what the mount left in "credential", and how long it may take */
static int make_request(const struct azf_state *state, unsigned int patience,
			bool forget, char **ret_text, size_t *ret_len,
			struct azf_error *err)
{
	azf_autofields struct azf_fields request = { .count = 0 };
	char deadline[16];
	int r;

	r = azf_state_read(state, "credential", &request);
	if (r) {
		azf_fail(err, AZF_E_MOUNT, "cannot read %s/credential: %s",
			 state->path, strerror(-r));
		return azf_cure(err, "Mount the share again");
	}
	(void)snprintf(deadline, sizeof(deadline), "%u", patience);
	r = azf_fields_set(&request, "deadline", deadline);
	if (r == 0 && forget)
		r = azf_fields_set(&request, "forget", "1");
	*ret_text = r ? NULL : azf_fields_format(&request, ret_len);
	return *ret_text ? 0 : azf_no_memory(err);
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

static int cannot_write(const struct azf_state *state, int error,
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

static int store_ticket(const struct azf_state *state,
			const struct azf_fields *answer, const char *ccache,
			size_t len, struct azf_error *err)
{
	azf_autofields struct azf_fields ticket = { .count = 0 };
	struct azf_ticket_times before;
	uint64_t starts, expires;
	int r;

	if (!azf_fields_number(answer, "starts", &starts) ||
	    !azf_fields_number(answer, "expires", &expires) ||
	    expires <= now() || starts > expires || len == 0 ||
	    !azf_fields_get(answer, "server"))
		return azf_fail(err, AZF_E_MOUNT,
				"azfiles-credential gave no usable ticket");
	if (starts > now())
		starts = now();
	r = describe(answer, (int64_t)starts, (int64_t)expires, &ticket);
	if (r == 0 && azf_ticket_times(state, &before))
		r = azf_ends_add(state, before.expires);
	r = r ? r : azf_state_write(state, "ccache", ccache, len);
	r = r ? r : azf_state_write_fields(state, "ticket", &ticket);
	if (r)
		return cannot_write(state, r, err);
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
			 "this machine's clock differs from the server's by "
			 "%llu seconds, and Kerberos allows %d. Set the clock",
			 (unsigned long long)seconds, SKEW_MAX_S);
}

static int take_answer(const struct azf_state *state, const char *text,
		       size_t len, const struct azf_log *log,
		       uint64_t *ret_after, struct azf_error *err)
{
	azf_autofields struct azf_fields answer = { .count = 0 };
	const char *blank = memmem(text, len, "\n\n", 2);
	size_t head = blank ? (size_t)(blank - text) + 1 : len;
	const char *result = NULL;

	if (azf_fields_parse(text, head, &answer, NULL) == 0)
		result = azf_fields_get(&answer, "result");
	if (result && azf_streq(result, "fail"))
		return tell_failure(&answer, ret_after, err);
	if (!result || !azf_streq(result, "ok") || !blank) {
		azf_fail(err, AZF_E_MOUNT,
			 AZF_CREDENTIAL " ended without an answer");
		return azf_cure(err, "Install azfiles anew");
	}
	warn_of_skew(&answer, log);
	return store_ticket(state, &answer, blank + 2, len - head - 1, err);
}

static int cannot_run(int error, struct azf_error *err)
{
	if (error == -EPROTO || error == -EFBIG)
		azf_fail(err, AZF_E_SYSTEM,
			 AZF_CREDENTIAL " ended without a proper answer");
	else
		azf_fail(err,
			 error == -ETIMEDOUT ? AZF_E_TRANSIENT : AZF_E_SYSTEM,
			 "cannot run " AZF_CREDENTIAL ": %s", strerror(-error));
	return azf_cure(err, "%s",
			error == -ETIMEDOUT ? "Try again" :
					      "Install azfiles anew");
}

static void free_answer(char **answer)
{
	azf_secret_release(*answer, ANSWER_MAX);
}

/*
 * A refresh has neither the network nor the right to change its user where
 * systemd offers to run the program for it.
 */
static int run_credential(struct azf_program *program, bool refresh,
			  size_t *ret_len)
{
	static const char *const argv[] = { AZF_CREDENTIAL, NULL };
	int r = -ENOENT;

	if (refresh)
		r = azf_run_served(AZF_CREDENTIAL_SOCKET, program, ret_len);
	if (r != -ENOENT && r != -ECONNREFUSED)
		return r;
	program->argv = argv;
	return azf_run(program, ret_len);
}

/* @ret_after: seconds that the service wants us to wait; set on failure. */
static int get_ticket(const struct azf_state *state, enum azf_ticket_when when,
		      unsigned int patience, const struct azf_log *log,
		      uint64_t *ret_after, struct azf_error *err)
{
	azf_cleanup(free_answer) char *answer = NULL;
	bool refresh = when == AZF_TICKET_EARLY || when == AZF_TICKET_ALWAYS;
	struct azf_program program = {
		.size = ANSWER_MAX,
		.timeout_ms = (int)(patience + MARGIN_S) * 1000,
	};
	char *request = NULL;
	size_t request_len = 0, answer_len = 0;
	int r;

	r = make_request(state, patience, false, &request, &request_len, err);
	if (r)
		return r;
	answer = azf_secret_alloc(ANSWER_MAX);
	program.input = request;
	program.input_len = request_len;
	program.output = answer;
	if (!answer)
		r = -ENOMEM;
	else
		r = run_credential(&program, refresh, &answer_len);
	azf_wipe_free(request);
	if (r)
		return cannot_run(r, err);
	return take_answer(state, answer, answer_len, log, ret_after, err);
}

void azf_ticket_forget_token(const struct azf_state *state)
{
	char answer[FORGET_ANSWER_MAX];
	struct azf_program program = {
		.output = answer,
		.size = sizeof(answer),
		.timeout_ms = MARGIN_S * 1000,
	};
	struct azf_error err = { 0 };
	char *request = NULL;
	size_t len;

	if (make_request(state, MARGIN_S, true, &request, &program.input_len,
			 &err))
		return;
	program.input = request;
	/* if it fails, the token is forgotten when its time is over */
	(void)!run_credential(&program, true, &len);
	azf_wipe_free(request);
}

static bool same(const struct azf_fields *a, const struct azf_fields *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!azf_streq(a->list[i].key, b->list[i].key) ||
		    !azf_streq(a->list[i].value, b->list[i].value))
			return false;
	}
	return true;
}

int azf_ticket_remember(const struct azf_state *state,
			const struct azf_fields *credential,
			struct azf_error *err)
{
	azf_autofields struct azf_fields known = { .count = 0 };
	azf_autoclose int lock = -1;
	int r;

	if (azf_state_read(state, "credential", &known) == 0 &&
	    same(&known, credential))
		return 0;
	lock = azf_state_lock(state, LOCK_MS);
	r = lock < 0 ? lock :
		       azf_state_write_fields(state, "credential", credential);
	return r ? cannot_write(state, r, err) : 0;
}

/* With the lock held. */
static int renew(const struct azf_state *state, enum azf_ticket_when when,
		 unsigned int patience, const struct azf_log *log,
		 struct azf_error *err)
{
	enum freshness freshness = look(state, when);
	uint64_t after = 0;
	int r;

	/* another one may have been here while we waited for the lock */
	if (freshness == FRESH_TICKET && when != AZF_TICKET_ALWAYS)
		return 0;
	r = azf_ticket_failure(state, when, err);
	if (r == 0) {
		r = get_ticket(state, when, patience, log, &after, err);
		if (r)
			azf_ticket_failed(state, after, err);
	}
	if (r && freshness == OLD_TICKET && when != AZF_TICKET_ALWAYS) {
		azf_note(log, AZF_WARN,
			 "the ticket could not be renewed: %s. "
			 "The old one still works",
			 err->cause);
		return 0;
	}
	return r;
}

int azf_ticket_ensure(const struct azf_state *state, enum azf_ticket_when when,
		      unsigned int patience, const struct azf_log *log,
		      struct azf_error *err)
{
	azf_autoclose int lock = -1;

	if (when != AZF_TICKET_ALWAYS && look(state, when) == FRESH_TICKET)
		return 0;
	if (patience < AZF_TICKET_PATIENCE_MIN)
		patience = AZF_TICKET_PATIENCE_MIN;
	if (patience > AZF_TICKET_PATIENCE_MAX)
		patience = AZF_TICKET_PATIENCE_MAX;
	lock = azf_state_lock(state, (int)(patience + MARGIN_S) * 1000);
	if (lock == -ETIMEDOUT)
		return azf_fail(err, AZF_E_TRANSIENT,
				"another process has been getting a ticket for "
				"%u seconds",
				patience);
	if (lock < 0)
		return azf_fail(err, AZF_E_SYSTEM, "cannot lock %s: %s",
				state->path, strerror(-lock));
	return renew(state, when, patience, log, err);
}
