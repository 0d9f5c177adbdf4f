// SPDX-License-Identifier: MIT
/*
 * ticket.c - a Kerberos ticket for a host and an identity, fresh when needed.
 *
 * The ticket itself is got by azfiles-credential, which gives up its privileges
 * before it meets the network.
 */
#include "ticket.h"

#include "azf-private.h"
#include "identity.h"
#include "run.h"
#include "secret.h"
#include "ticket-answer.h"
#include "ticket-talk.h"
#include "wipe.h"

#include <errno.h>

#define FORGET_ANSWER_MAX 4096
/* To write a few lines, which nobody does for long. */
#define LOCK_MS		  65000
/* For azfiles-credential to begin and end. */
#define MARGIN_S	  5
/* Of a refresh, for one ticket. */
#define RENEW_S		  30

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

/**
 * struct request - what azfiles-credential reads
 * @text: in memory of azf_secret_alloc(): there may be a token in it
 */
struct request {
	char *text;
	size_t len;
	size_t size;
};

static void free_request(struct request *request)
{
	azf_secret_release(request->text, request->size);
}

/**
 * struct attempt - one run of azfiles-credential
 * @credential: what the mount left in the file of that name
 * @token: to be exchanged; NULL: @credential says where to get one
 * @patience: seconds that it may take
 * @served: by systemd, if it does that
 * @forget: nothing is wanted but that a token is forgotten
 * @talk: that goes on with @ask; or NULL
 * @retry_after: seconds that the service wants us to wait; set on failure
 */
struct attempt {
	const struct azf_state *state;
	const struct azf_log *log;
	struct azf_fields credential;
	const char *token;
	unsigned int patience;
	bool served;
	bool forget;
	struct azf_ticket_talk *talk;
	int (*ask)(struct azf_ticket_talk *talk, struct azf_fields *request,
		   struct azf_program *program, size_t *ret_len);
	uint64_t retry_after;
};

static void end_attempt(struct attempt *attempt)
{
	azf_fields_free(&attempt->credential);
}

static int read_credential(struct attempt *attempt, struct azf_error *err)
{
	int r = azf_state_read(attempt->state, "credential",
			       &attempt->credential);

	if (r == 0)
		return 0;
	azf_fail(err, AZF_E_MOUNT, "cannot read %s/credential: %s",
		 attempt->state->path, strerror(-r));
	return azf_cure(err, "Mount the share again");
}

/* The fields and, behind an empty line, the token. */
static int make_request(struct attempt *attempt, struct request *ret_request)
{
	const char *token = attempt->token;
	size_t token_len = token ? strlen(token) : 0;
	char *fields = NULL;
	size_t len = 0;

	if (!attempt->forget ||
	    azf_fields_set(&attempt->credential, "forget", "1") == 0)
		fields = azf_fields_format(&attempt->credential, &len);
	if (!fields)
		return -ENOMEM;
	ret_request->len = len + (token ? 1 + token_len : 0);
	ret_request->size = ret_request->len + 1;
	ret_request->text = azf_secret_alloc(ret_request->size);
	if (ret_request->text) {
		memcpy(ret_request->text, fields, len);
		if (token) {
			ret_request->text[len] = '\n';
			memcpy(ret_request->text + len + 1, token, token_len);
		}
	}
	azf_wipe_free(fields);
	return ret_request->text ? 0 : -ENOMEM;
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
	azf_secret_release(*answer, AZF_TICKET_ANSWER_MAX);
}

/*
 * A refresh has neither the network nor the right to change its user where
 * systemd offers to run the program for it.
 */
static int run_credential(struct attempt *attempt, char *output, size_t size,
			  size_t *ret_len)
{
	static const char *const argv[] = { AZF_CREDENTIAL, NULL };
	azf_cleanup(free_request) struct request request = { .text = NULL };
	struct azf_program program = {
		.output = output,
		.size = size,
		.timeout_ms = (int)(attempt->patience + MARGIN_S) * 1000,
	};
	int r = azf_fields_set_number(&attempt->credential, "deadline",
				      attempt->patience);

	if (r == 0 && attempt->talk)
		return attempt->ask(attempt->talk, &attempt->credential,
				    &program, ret_len);
	r = r ? r : make_request(attempt, &request);
	if (r)
		return r;
	program.input = request.text;
	program.input_len = request.len;
	r = -ENOENT;
	if (attempt->served)
		r = azf_run_served(AZF_CREDENTIAL_SOCKET, &program, ret_len);
	if (r != -ENOENT && r != -ECONNREFUSED)
		return r;
	program.argv = argv;
	return azf_run(&program, ret_len);
}

static int no_token(const struct attempt *attempt, struct azf_error *err)
{
	const char *host = azf_fields_get(&attempt->credential, "host");
	struct azf_ticket_times times;

	if (!host)
		host = "HOST";
	if (!azf_ticket_times(attempt->state, &times))
		azf_fail(err, AZF_E_MOUNT, "no token was set for %s", host);
	else
		azf_fail(err, AZF_E_MOUNT,
			 "the ticket for %s %s, and the token that it was got "
			 "with was not kept",
			 host,
			 now() < times.expires ? "cannot be renewed" :
						 "has ended");
	return azf_cure(err,
			"Hand a token to 'azfilesctl set %s token' on its "
			"standard input",
			host);
}

static int take_answer(struct attempt *attempt, const char *text, size_t len,
		       struct azf_error *err)
{
	azf_autoanswer struct azf_ticket_answer answer = { .ok = false };
	const char *host = azf_fields_get(&attempt->credential, "host");

	if (azf_ticket_answer_read(text, len, host ? host : "", &answer))
		return azf_ticket_answer_keep(&answer, attempt->state,
					      attempt->token, attempt->log,
					      &attempt->retry_after, err);
	azf_fail(err, AZF_E_MOUNT, AZF_CREDENTIAL " ended without an answer");
	return azf_cure(err, "Install azfiles anew");
}

static int get_ticket(struct attempt *attempt, struct azf_error *err)
{
	azf_cleanup(free_answer) char *answer =
		azf_secret_alloc(AZF_TICKET_ANSWER_MAX);
	size_t len = 0;
	int r = read_credential(attempt, err);

	if (r)
		return r;
	if (!attempt->token && azf_ticket_is_given(&attempt->credential))
		return no_token(attempt, err);
	r = answer ? run_credential(attempt, answer, AZF_TICKET_ANSWER_MAX,
				    &len) :
		     -ENOMEM;
	return r ? cannot_run(r, err) : take_answer(attempt, answer, len, err);
}

void azf_ticket_forget_token(const struct azf_state *state)
{
	azf_cleanup(end_attempt) struct attempt attempt = {
		.state = state,
		.patience = MARGIN_S,
		.served = true,
		.forget = true,
	};
	char answer[FORGET_ANSWER_MAX];
	struct azf_error err = { 0 };
	size_t len;

	/* if it fails, the token is forgotten when its time is over */
	if (read_credential(&attempt, &err) == 0 &&
	    azf_identity_is_entra(&attempt.credential) &&
	    !azf_ticket_is_given(&attempt.credential))
		(void)!run_credential(&attempt, answer, sizeof(answer), &len);
}

int azf_ticket_remember(const struct azf_state *state,
			const struct azf_fields *credential,
			struct azf_error *err)
{
	azf_autofields struct azf_fields known = { .count = 0 };
	azf_autoclose int lock = -1;
	int r;

	if (azf_state_read(state, "credential", &known) == 0 &&
	    azf_fields_equal(&known, credential))
		return 0;
	lock = azf_state_lock(state, LOCK_MS);
	r = lock < 0 ? lock :
		       azf_state_write_fields(state, "credential", credential);
	return r ? azf_ticket_cannot_write(state, r, err) : 0;
}

int azf_ticket_claim(const char *tag, const struct azf_fields *credential,
		     struct azf_state *ret_state, struct azf_error *err)
{
	int r = azf_state_claim(azf_fields_get(credential, "host"), tag,
				ret_state);

	if (r == 0)
		return azf_ticket_remember(ret_state, credential, err);
	azf_fail(err, AZF_E_SYSTEM, "cannot use " AZF_RUN_DIR ": %s",
		 strerror(-r));
	return azf_cure(err, "It must belong to root, with mode 0700; "
			     "remove it to have it made anew");
}

/* With the lock held. */
static int attempt_now(struct attempt *attempt, struct azf_error *err)
{
	int r = get_ticket(attempt, err);

	if (r)
		azf_ticket_failed(attempt->state, attempt->retry_after, err);
	return r;
}

/* Likewise. */
static int renew(struct attempt *attempt, enum azf_ticket_when when,
		 struct azf_error *err)
{
	int r;

	/* another one may have been here while we waited for the lock */
	if (when != AZF_TICKET_ALWAYS &&
	    look(attempt->state, when) == FRESH_TICKET)
		return 0;
	r = azf_ticket_failure(attempt->state, when, err);
	return r ? r : attempt_now(attempt, err);
}

/* Return: the lock, or a code negated. */
static int lock_for(const struct attempt *attempt, struct azf_error *err)
{
	int lock = azf_state_lock(attempt->state,
				  (int)(attempt->patience + MARGIN_S) * 1000);

	if (lock == -ETIMEDOUT)
		return azf_fail(err, AZF_E_TRANSIENT,
				"another process has been getting a ticket for "
				"%u seconds",
				attempt->patience);
	if (lock < 0)
		return azf_fail(err, AZF_E_SYSTEM, "cannot lock %s: %s",
				attempt->state->path, strerror(-lock));
	return lock;
}

static int ensure(struct attempt *attempt, enum azf_ticket_when when,
		  unsigned int patience, struct azf_error *err)
{
	azf_autoclose int lock = -1;
	int r;

	if (when != AZF_TICKET_ALWAYS &&
	    look(attempt->state, when) == FRESH_TICKET)
		return 0;
	attempt->patience = patience;
	if (patience < AZF_TICKET_PATIENCE_MIN)
		attempt->patience = AZF_TICKET_PATIENCE_MIN;
	if (patience > AZF_TICKET_PATIENCE_MAX)
		attempt->patience = AZF_TICKET_PATIENCE_MAX;
	lock = lock_for(attempt, err);
	r = lock < 0 ? lock : renew(attempt, when, err);
	if (r && when != AZF_TICKET_ALWAYS &&
	    look(attempt->state, when) != NO_TICKET) {
		azf_note(attempt->log, AZF_WARN,
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
	azf_cleanup(end_attempt) struct attempt attempt = {
		.state = state,
		.log = log,
		.served = when == AZF_TICKET_EARLY || when == AZF_TICKET_ALWAYS,
	};

	return ensure(&attempt, when, patience, err);
}

int azf_ticket_renew(const struct azf_state *state, enum azf_ticket_when when,
		     struct azf_ticket_talk *talk, const struct azf_log *log,
		     struct azf_error *err)
{
	azf_cleanup(end_attempt) struct attempt attempt = {
		.state = state,
		.log = log,
		.talk = talk,
		/* by its address, that programs without it do not have it */
		.ask = azf_ticket_talk,
	};

	return ensure(&attempt, when, RENEW_S, err);
}

int azf_ticket_keep(const struct azf_state *state, const char *token,
		    const struct azf_log *log, struct azf_error *err)
{
	azf_cleanup(end_attempt) struct attempt attempt = {
		.state = state,
		.log = log,
		.token = token,
		.patience = AZF_TICKET_PATIENCE_MAX / 2,
	};
	azf_autoclose int lock = lock_for(&attempt, err);
	int r;

	if (lock < 0)
		return lock;
	r = attempt_now(&attempt, err);
	if (r)
		return r;
	r = azf_state_write(state, "kept", "", 0);
	return r ? azf_ticket_cannot_write(state, r, err) : 0;
}
