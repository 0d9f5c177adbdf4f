// SPDX-License-Identifier: MIT
/* ticket-set.c - tickets that somebody sets and clears; see azf.h. */
#include "azf-private.h"
#include "inputs.h"
#include "mounted.h"
#include "options.h"
#include "plan.h"
#include "ticket.h"

#include <errno.h>

/* As long as somebody who gets a ticket may hold it. */
#define LOCK_MS 65000

/* ---- set ---- */

static int check_identity(const struct azf_options *options,
			  struct azf_error *err)
{
	const char *identity = azf_options_value(options, "identity");

	if (identity && azf_streq(identity, "ccache")) {
		azf_fail(err, AZF_E_USAGE,
			 "the tickets of identity=ccache are the user's own");
		return azf_cure(err, "Let the user run kinit");
	}
	if (identity && !azf_streq(identity, "key"))
		return 0;
	azf_fail(err, AZF_E_USAGE,
		 identity ? "identity=key needs no ticket" :
			    "no identity is given");
	return azf_cure(err, identity ? "Store the key with 'azfilesctl key "
					"add'" :
					"Add identity=, as in the options of "
					"a mount");
}

/* Whether the program would take it is for the program to say. */
static int check_token(const struct azf_plan *plan, const char *token,
		       struct azf_error *err)
{
	bool wanted = azf_ticket_is_given(&plan->identity);

	if (wanted && !token) {
		azf_fail(err, AZF_E_USAGE, "no token is given");
		return azf_cure(err, "Hand one over, or name a file with "
				     "token_file=");
	}
	if (!wanted && token) {
		azf_fail(err, AZF_E_USAGE,
			 "a token is given to an identity "
			 "that gets its own");
		return azf_cure(err, "Leave the token out, or use "
				     "identity=token without token_file=");
	}
	if (!token)
		return 0;
	if (token[0] == '\0')
		return azf_fail(err, AZF_E_USAGE, "the token is empty");
	if (strlen(token) > AZF_TICKET_TOKEN_MAX)
		return azf_fail(err, AZF_E_USAGE,
				"the token is longer than %d characters",
				AZF_TICKET_TOKEN_MAX);
	return 0;
}

static int set(const struct azf_plan *plan, const char *token,
	       struct azf_error *err)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	int r = check_token(plan, token, err);

	if (r)
		return r;
	r = azf_ticket_claim(plan->tag, &plan->identity, &state, err);
	return r ? r : azf_ticket_keep(&state, token, plan->request->log, err);
}

int azf_ticket_set(const char *host, const char *options, const char *token,
		   const struct azf_log *log, struct azf_error *err)
{
	azf_autooptions struct azf_options *set_of = azf_options_new(false);
	azf_cleanup(azf_plan_free) struct azf_plan plan = { .request = NULL };
	azf_autofree char *text = strdup(options ? options : "");
	azf_autofree char *name = NULL;
	azf_autofree char *source = NULL;
	struct azf_request request = { .options = set_of, .log = log };
	struct azf_error unseen;
	int r;

	if (!err)
		err = &unseen;
	if (!log)
		request.log = &azf_no_log;
	r = azf_need_root(err);
	if (r == 0 && (!set_of || !text))
		r = azf_no_memory(err);
	if (r == 0)
		r = azf_source_host(host ? host : "", &name, err);
	if (r == 0)
		r = azf_options_parse(set_of, text, err);
	if (r == 0)
		r = check_identity(set_of, err);
	if (r)
		return r;
	if (asprintf(&source, "//%s/share", name) < 0) {
		source = NULL;
		return azf_no_memory(err);
	}
	request.source = source;
	r = azf_plan_make(&request, &plan, err);
	return r ? r : set(&plan, token, err);
}

/* ---- clear ---- */

/**
 * struct clearing - one azf_ticket_clear()
 * @host: whose tickets; canonical
 * @tag: the one; NULL for all
 * @list: tags found
 */
struct clearing {
	const char *host;
	const char *tag;
	const struct azf_log *log;
	struct azf_mounted_list mounted;
	char **list;
	size_t count;
};

static void end_clearing(struct clearing *clearing)
{
	for (size_t i = 0; i < clearing->count; i++)
		free(clearing->list[i]);
	free(clearing->list);
	azf_mounted_free(&clearing->mounted);
}

static int collect(void *arg, const char *host, const char *tag)
{
	struct clearing *clearing = arg;
	char **list;

	if (!azf_streq(host, clearing->host) ||
	    (clearing->tag && !azf_streq(tag, clearing->tag)))
		return 0;
	list = reallocarray(clearing->list, clearing->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	clearing->list = list;
	list[clearing->count] = strdup(tag);
	return list[clearing->count++] ? 0 : -ENOMEM;
}

static void warn_of_mounts(const struct clearing *clearing, const char *tag)
{
	for (size_t i = 0; i < clearing->mounted.count; i++) {
		const struct azf_mounted *mount = &clearing->mounted.mounts[i];

		if (azf_mounted_uses(mount, clearing->host, tag))
			azf_note(clearing->log, AZF_WARN,
				 "the mount on %s uses the ticket of %s: it "
				 "works until its connection ends. Then mount "
				 "it again, or set the ticket again",
				 mount->target, tag);
	}
}

/* Return: 1 when it was forgotten, 0 when it was no credential of ours. */
static int clear(const struct clearing *clearing, const char *tag,
		 struct azf_error *err)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	azf_autoclose int lock = -1;
	int r;

	if (azf_state_open(clearing->host, tag, false, &state))
		return 0;
	lock = azf_state_lock(&state, LOCK_MS);
	r = lock < 0 ? lock : 0;
	if (r == 0) {
		azf_ticket_forget_token(&state);
		r = azf_state_forget(&state, clearing->host, tag);
	}
	if (r) {
		azf_fail(err, AZF_E_SYSTEM, "cannot forget %s: %s", state.path,
			 strerror(-r));
		return azf_cure(err, r == -ETIMEDOUT ?
					     "Another process is getting a "
					     "ticket for long. Try again" :
					     "Look what is in it");
	}
	warn_of_mounts(clearing, tag);
	return 1;
}

int azf_ticket_clear(const char *host, const char *tag,
		     const struct azf_log *log, struct azf_error *err)
{
	azf_cleanup(end_clearing) struct clearing clearing = {
		.tag = tag,
		.log = log ? log : &azf_no_log,
	};
	azf_autofree char *name = NULL;
	struct azf_error unseen;
	int forgotten = 0, r;

	if (!err)
		err = &unseen;
	r = azf_need_root(err);
	if (r == 0)
		r = azf_source_host(host ? host : "", &name, err);
	if (r)
		return r;
	clearing.host = name;
	r = azf_state_visit(collect, &clearing);
	if (r == 0)
		r = azf_mounted_all(NULL, &clearing.mounted);
	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read " AZF_RUN_DIR " or the table of "
				"mounts: %s",
				strerror(-r));
	for (size_t i = 0; i < clearing.count; i++) {
		r = clear(&clearing, clearing.list[i], err);
		if (r < 0)
			return r;
		forgotten += r;
	}
	return forgotten;
}
