// SPDX-License-Identifier: MIT
/* ticket-list.c - what tickets there are; see azf.h. */
#include "azf-private.h"
#include "ticket.h"

#include <errno.h>

/* The field of a credential that a person knows its identity by. */
static const struct {
	const char *kind;
	const char *field;
} names[] = {
	{ "client", "client_id" },   { "resource", "resource_id" },
	{ "workload", "client_id" }, { "sp", "client_id" },
	{ "token", "token_file" },   { "exec", "program" },
	{ "keytab", "principal" },   { "ccache", "cruid" },
};

/* Ends with a NULL. */
struct list {
	struct azf_ticket **tickets;
	size_t count;
};

static void free_ticket(struct azf_ticket *ticket)
{
	free(ticket->host);
	free(ticket->tag);
	free(ticket->kind);
	free(ticket->name);
	free(ticket->server);
	free(ticket->principal);
	free(ticket->ccache);
	free(ticket);
}

void azf_ticket_list_free(struct azf_ticket **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free_ticket(list[i]);
	free(list);
}

static void end_list(struct list *list)
{
	azf_ticket_list_free(list->tickets);
}

/* A NULL @text stays one. Return: whether there was memory. */
static bool copy(char **ret_copy, const char *text)
{
	*ret_copy = text ? strdup(text) : NULL;
	return *ret_copy || !text;
}

static bool fill_identity(struct azf_ticket *ticket,
			  const struct azf_state *state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	const char *kind = NULL, *name = NULL;

	if (azf_state_read(state, "credential", &fields) == 0)
		kind = azf_fields_get(&fields, "identity");
	if (!kind)
		kind = "";
	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		if (azf_streq(names[i].kind, kind))
			name = azf_fields_get(&fields, names[i].field);
	}
	ticket->kept = azf_ticket_is_kept(state);
	ticket->renewable = *kind && !azf_ticket_is_given(&fields) &&
			    !azf_ticket_is_users(&fields);
	return copy(&ticket->kind, kind) && copy(&ticket->name, name);
}

static bool fill_times(struct azf_ticket *ticket, const struct azf_state *state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct azf_ticket_times times;

	if (!azf_ticket_times(state, &times) ||
	    azf_state_read(state, "ticket", &fields))
		return true;
	ticket->renew = (int64_t)times.renew;
	ticket->expires = (int64_t)times.expires;
	return copy(&ticket->server, azf_fields_get(&fields, "server")) &&
	       copy(&ticket->principal, azf_fields_get(&fields, "principal"));
}

static void fill_failure(struct azf_ticket *ticket,
			 const struct azf_state *state)
{
	struct azf_ticket_past past;

	azf_ticket_past(state, &past);
	ticket->failed = (int64_t)past.failed;
	ticket->failure = past.err;
}

static struct azf_ticket *look_at(const struct azf_state *state,
				  const char *host, const char *tag)
{
	struct azf_ticket *ticket = calloc(1, sizeof(*ticket));

	if (!ticket)
		return NULL;
	if (copy(&ticket->host, host) && copy(&ticket->tag, tag) &&
	    fill_identity(ticket, state) && fill_times(ticket, state)) {
		fill_failure(ticket, state);
		if (asprintf(&ticket->ccache, "%s/ccache", state->path) >= 0)
			return ticket;
		ticket->ccache = NULL;
	}
	free_ticket(ticket);
	return NULL;
}

static int visit(void *arg, const char *host, const char *tag)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	struct list *list = arg;
	struct azf_ticket **tickets;
	struct azf_ticket *ticket;

	/* not a directory, not root's own, gone: not ours */
	if (azf_state_open(host, tag, false, &state))
		return 0;
	ticket = look_at(&state, host, tag);
	if (!ticket)
		return -ENOMEM;
	tickets = reallocarray(list->tickets, list->count + 2,
			       sizeof(struct azf_ticket *));
	if (!tickets) {
		free_ticket(ticket);
		return -ENOMEM;
	}
	list->tickets = tickets;
	tickets[list->count++] = ticket;
	tickets[list->count] = NULL;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct azf_ticket *left = *(struct azf_ticket *const *)a;
	const struct azf_ticket *right = *(struct azf_ticket *const *)b;
	int order = strcmp(left->host, right->host);

	return order ? order : strcmp(left->tag, right->tag);
}

int azf_ticket_list(struct azf_ticket ***ret_list, size_t *ret_count,
		    struct azf_error *err)
{
	azf_cleanup(end_list) struct list list = {
		.tickets = calloc(1, sizeof(struct azf_ticket *)),
	};
	struct azf_error unseen;
	int r;

	if (!err)
		err = &unseen;
	r = azf_need_root(err);
	if (r)
		return r;
	r = list.tickets ? azf_state_visit(visit, &list) : -ENOMEM;
	if (r) {
		azf_fail(err, AZF_E_SYSTEM, "cannot read " AZF_RUN_DIR ": %s",
			 strerror(-r));
		return azf_cure(err, "It must belong to root, with mode 0700");
	}
	qsort(list.tickets, list.count, sizeof(struct azf_ticket *), compare);
	if (ret_count)
		*ret_count = list.count;
	*ret_list = azf_take(list.tickets);
	return 0;
}
