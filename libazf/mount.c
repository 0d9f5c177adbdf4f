// SPDX-License-Identifier: MIT
/*
 * mount.c - one run of a mount: plan, addresses, mount(2), diagnosis, retry.
 */
#include "azf-private.h"
#include "diagnose.h"
#include "mnt.h"
#include "module.h"
#include "retry.h"
#include "ticket.h"

#include <errno.h>

/**
 * struct run - the state of one azf_mount()
 * @keys: what the next attempt hands to the kernel
 * @single: the kernel knows no password2=, so we try the keys ourselves
 * @loaded: the kernel did not load its module, so we did
 * @announced: the user knows that we go on trying
 */
struct run {
	struct azf_plan plan;
	struct azf_mnt *mnt;
	struct azf_retry retry;
	struct azf_data data;
	enum azf_keys keys;
	bool single;
	bool loaded;
	bool announced;
};

static void end_run(struct run **run)
{
	if (!*run)
		return;
	azf_mnt_close((*run)->mnt);
	azf_plan_free(&(*run)->plan);
	azf_secret_release(*run, sizeof(**run));
}

static const struct azf_log *log_of(const struct run *run)
{
	return run->plan.request->log;
}

/*
 * While we go on trying, one look at the evidence is enough: the first, which
 * is announced, and the last, which is the result.
 */
static bool is_worth_a_look(const struct run *run, int error)
{
	return !run->announced || !azf_errno_is_transient(error) ||
	       !azf_retry_left(&run->retry);
}

static int diagnose(struct run *run, const struct azf_address *address,
		    int error, int kmsg, struct azf_error *err)
{
	struct azf_evidence evidence = {
		.plan = &run->plan,
		.error = error,
		.address = *address,
	};

	azf_kmsg_read(kmsg, run->plan.source.host, &evidence.kernel);
	if (error == ENOENT && run->plan.source.path[0])
		evidence.share_exists = azf_mnt_share_exists(run->mnt,
							     &run->data);
	azf_data_wipe(&run->data);
	if (is_worth_a_look(run, error))
		azf_evidence_gather(&evidence);
	if (evidence.refused.words[0])
		azf_note(log_of(run), AZF_DEBUG, "the kernel says: %s",
			 evidence.refused.words);
	return azf_diagnose(&evidence, err);
}

/* One of many mounts at once may come too early; see azf_module_load(). */
static bool load_module(struct run *run, int error)
{
	if (error != ENODEV || run->loaded)
		return false;
	run->loaded = true;
	return azf_module_load();
}

/* Before Linux 6.9 the kernel takes one key; then we try one after the other */
static bool next_key(struct run *run, int error)
{
	if (!run->plan.credential.password.len ||
	    !run->plan.credential.password2.len)
		return false;
	if (run->keys == AZF_BOTH_KEYS && error == EINVAL) {
		run->keys = AZF_FIRST_KEY;
		return true;
	}
	if (run->keys == AZF_FIRST_KEY && error == EACCES) {
		run->keys = AZF_SECOND_KEY;
		return true;
	}
	return false;
}

static void warn_of_old_key(const struct azf_plan *plan)
{
	const struct azf_source *source = &plan->source;

	if (plan->credential.stored)
		azf_note(plan->request->log, AZF_WARN,
			 "%s refused the first key, the second one works. "
			 "Store the new key with 'azfilesctl key rotate %s'",
			 source->host,
			 source->account ? source->account : source->host);
	else
		azf_note(plan->request->log, AZF_WARN,
			 "%s refused the first key, the second one works. Put "
			 "the new key into %s",
			 source->host, plan->credential.origin);
}

/* Ask the kernel with one address, and with each key that there is. */
static int try_address(struct run *run, const struct azf_address *address,
		       struct azf_error *err)
{
	azf_autoclose int kmsg = azf_kmsg_mark();
	int error, r;

	run->keys = run->single ? AZF_FIRST_KEY : AZF_BOTH_KEYS;
	do {
		r = azf_plan_data(&run->plan, address->text, run->keys,
				  &run->data, err);
		if (r || run->plan.request->fake)
			return r;
		error = azf_mnt_call(run->mnt, &run->data);
		run->single = run->keys != AZF_BOTH_KEYS;
	} while (error && (next_key(run, error) || load_module(run, error)));
	if (error)
		return diagnose(run, address, error, kmsg, err);
	azf_data_wipe(&run->data);
	if (run->keys == AZF_SECOND_KEY)
		warn_of_old_key(&run->plan);
	return 0;
}

static int find_addresses(struct run *run, struct azf_addresses *addresses,
			  struct azf_error *err)
{
	const char *given = run->plan.address;

	return azf_resolve(given ? given : run->plan.source.host,
			   run->plan.port, addresses, err);
}

/* With an identity: have its ticket ready before the kernel asks for it. */
static int find_ticket(struct run *run, struct azf_error *err)
{
	const struct azf_plan *plan = &run->plan;
	azf_autostate struct azf_state state = { .fd = -1 };
	int r;

	if (!plan->tag)
		return 0;
	r = azf_ticket_claim(plan->tag, &plan->identity, &state, err);
	if (r == 0 && !azf_ticket_is_users(&plan->identity))
		r = azf_ticket_ensure(&state, AZF_TICKET_NOW, plan->retry,
				      log_of(run), err);
	return r;
}

static int try_all(struct run *run, struct azf_error *err)
{
	struct azf_addresses addresses = { .count = 1 };
	int r = 0;

	/* a live mount has its address and its ticket already */
	if (!run->plan.remount)
		r = find_ticket(run, err);
	if (r == 0 && !run->plan.remount)
		r = find_addresses(run, &addresses, err);
	if (r)
		return r;
	for (size_t i = 0; i < addresses.count; i++) {
		azf_note(log_of(run), AZF_DEBUG, "address %s (%zu of %zu)",
			 addresses.list[i].text, i + 1, addresses.count);
		r = try_address(run, &addresses.list[i], err);
		if (r != -AZF_E_TRANSIENT)
			return r;
	}
	return r;
}

/*
 * systemd ends a mount that takes too long: what it waited for must be told. A
 * child that got the signal, too, is no failure of the system, and what came
 * @before that may be the reason.
 */
static int interrupted(int r, const struct azf_error *before,
		       struct azf_error *err)
{
	if (r == -AZF_E_SYSTEM && before->code)
		*err = *before;
	else if (r == -AZF_E_SYSTEM)
		azf_fail(err, AZF_E_INTERRUPTED, "it was interrupted");
	err->code = AZF_E_INTERRUPTED;
	return -AZF_E_INTERRUPTED;
}

static bool is_interrupted(const struct run *run)
{
	return run->retry.interrupted && *run->retry.interrupted;
}

/* Try until it works, cannot work, or the time is over. */
static int try_until(struct run *run, struct azf_error *err)
{
	struct azf_error before = { 0 };
	int r;

	for (;;) {
		bool last = !azf_retry_left(&run->retry);

		r = try_all(run, err);
		if (is_interrupted(run) &&
		    (r == -AZF_E_TRANSIENT || r == -AZF_E_SYSTEM))
			return interrupted(r, &before, err);
		if (r != -AZF_E_TRANSIENT || last)
			return r;
		if (!run->announced) {
			azf_note(log_of(run), AZF_INFO,
				 "%s; trying again for %u seconds", err->cause,
				 run->plan.retry);
			run->announced = true;
		}
		before = *err;
		if (!azf_retry_pause(&run->retry))
			return interrupted(r, &before, err);
	}
}

static void show_plan(const struct run *run)
{
	const struct azf_plan *plan = &run->plan;
	const struct azf_credential *credential = &plan->credential;

	azf_note(log_of(run), AZF_DEBUG, "target %s", plan->request->target);
	azf_note(log_of(run), AZF_DEBUG, "flags %s",
		 plan->flags[0] ? plan->flags : "none");
	azf_note(log_of(run), AZF_DEBUG, "options %s", plan->kernel);
	if (credential->username)
		azf_note(log_of(run), AZF_DEBUG, "user %s%s%s%s%s",
			 credential->username, credential->domain ? " of " : "",
			 credential->domain ? credential->domain : "",
			 credential->password.len ? ", key ******** from " : "",
			 credential->origin ? credential->origin : "");
}

int azf_mount(const struct azf_request *request, struct azf_error *err)
{
	azf_cleanup(end_run) struct run *run = azf_secret_alloc(sizeof(*run));
	int r;

	if (!run)
		return azf_no_memory(err);
	r = azf_plan_make(request, &run->plan, err);
	if (r)
		return r;
	show_plan(run);
	r = azf_mnt_open(&run->plan, &run->mnt, err);
	if (r)
		return r;
	azf_retry_begin(&run->retry, run->plan.retry, request->interrupted);
	return try_until(run, err);
}
