// SPDX-License-Identifier: MIT
/* ctl-list.c - azfilesctl list: what tickets there are. */
#include "ctl.h"

#include "ctl-table.h"
#include "json.h"

#include <time.h>

#define COLUMNS 100
/* Below the line of a ticket: two blanks, a word, and what it is about. */
#define INDENT	8

static const char *left(const struct azf_ticket *ticket, int64_t now,
			char text[CTL_WHEN_MAX])
{
	long long s = ticket->expires - now;

	if (azf_streq(ticket->kind, "ccache"))
		return "user's";
	if (!ticket->expires)
		return "none";
	if (s <= 0)
		return "ended";
	if (s < 120)
		(void)snprintf(text, CTL_WHEN_MAX, "%lld s", s);
	else if (s < 3600)
		(void)snprintf(text, CTL_WHEN_MAX, "%lld min", s / 60);
	else if (s < 48 * 3600)
		(void)snprintf(text, CTL_WHEN_MAX, "%lld:%02lld h", s / 3600,
			       s % 3600 / 60);
	else
		(void)snprintf(text, CTL_WHEN_MAX, "%lld days", s / 86400);
	return text;
}

/* ---- the table ---- */

/* How much of @text goes into a line: to a blank, if there is one. */
static size_t fitting(const char *text)
{
	size_t len = strlen(text), end = COLUMNS - INDENT;

	if (len <= end)
		return len;
	for (size_t at = end; at > 0; at--) {
		if (text[at] == ' ')
			return at;
	}
	return end;
}

static void print_below(const char *word, const char *text)
{
	while (*text) {
		size_t len = fitting(text);

		(void)printf("  %-*s%.*s\n", INDENT - 2, word, (int)len, text);
		text += len;
		text += strspn(text, " ");
		word = "";
	}
}

static void print_times(const struct azf_ticket *ticket)
{
	char expires[CTL_WHEN_MAX], renew[CTL_WHEN_MAX], text[COLUMNS];

	if (!ticket->expires)
		return;
	if (ticket->renewable)
		(void)snprintf(text, sizeof(text), "%s, renewed from %s on",
			       ctl_when(ticket->expires, expires),
			       ctl_when(ticket->renew, renew));
	else
		(void)snprintf(text, sizeof(text),
			       "%s, then its token must be set again",
			       ctl_when(ticket->expires, expires));
	print_below("until", text);
}

static void print_failure(const struct azf_ticket *ticket)
{
	const struct azf_error *err = &ticket->failure;
	char at[CTL_WHEN_MAX];
	char text[sizeof(*err) + CTL_WHEN_MAX];

	if (!ticket->failed)
		return;
	(void)snprintf(text, sizeof(text), "%s %s%s%s",
		       ctl_when(ticket->failed, at), err->cause,
		       err->cure[0] ? ". " : "", err->cure);
	print_below("error", text);
}

static void print_identity(const struct azf_ticket *ticket)
{
	azf_autostr struct azf_str text = { 0 };

	azf_str_add(&text, "%s%s%s%s",
		    ticket->kind[0] ? ticket->kind : "unknown",
		    ticket->name ? " " : "", ticket->name ? ticket->name : "",
		    ticket->kept ? ", set with 'azfilesctl set'" : "");
	print_below("who", text.failed ? "?" : text.text);
}

static int print_table(struct azf_ticket *const *tickets)
{
	int host_width = (int)strlen("HOST"), tag_width = (int)strlen("TAG");
	int64_t now = time(NULL);
	char text[CTL_WHEN_MAX];

	for (size_t i = 0; tickets[i]; i++) {
		int host = (int)strlen(tickets[i]->host);
		int tag = (int)strlen(tickets[i]->tag);

		host_width = host > host_width ? host : host_width;
		tag_width = tag > tag_width ? tag : tag_width;
	}
	if (tickets[0])
		(void)printf("%-*s  %-*s  LEFT\n", host_width, "HOST",
			     tag_width, "TAG");
	for (size_t i = 0; tickets[i]; i++) {
		const struct azf_ticket *ticket = tickets[i];

		(void)printf("%-*s  %-*s  %s\n", host_width, ticket->host,
			     tag_width, ticket->tag, left(ticket, now, text));
		print_identity(ticket);
		print_times(ticket);
		if (ticket->server)
			print_below("for", ticket->server);
		if (ticket->principal)
			print_below("as", ticket->principal);
		print_failure(ticket);
	}
	return 0;
}

/* ---- JSON ---- */

static bool add_time(struct azf_json *json, const char *key, int64_t seconds)
{
	return seconds ? azf_json_add_number(json, key, seconds) :
			 azf_json_add_string(json, key, NULL);
}

static bool add_failure(struct azf_json *json, const struct azf_ticket *ticket)
{
	struct azf_json *failure;

	if (!ticket->failed)
		return azf_json_add_string(json, "failure", NULL);
	failure = azf_json_new();
	return azf_json_add(json, "failure", failure) &&
	       azf_json_add_number(failure, "time", ticket->failed) &&
	       azf_json_add_bool(failure, "transient",
				 ticket->failure.code == AZF_E_TRANSIENT) &&
	       azf_json_add_string(failure, "cause", ticket->failure.cause) &&
	       azf_json_add_string(failure, "cure", ticket->failure.cure);
}

static bool add_ticket(struct azf_json *array, const struct azf_ticket *ticket,
		       int64_t now)
{
	struct azf_json *json = azf_json_new();
	int64_t seconds = ticket->expires > now ? ticket->expires - now : 0;

	return azf_json_append(array, json) &&
	       azf_json_add_string(json, "host", ticket->host) &&
	       azf_json_add_string(json, "tag", ticket->tag) &&
	       azf_json_add_string(json, "kind",
				   ticket->kind[0] ? ticket->kind : NULL) &&
	       azf_json_add_string(json, "name", ticket->name) &&
	       azf_json_add_string(json, "server", ticket->server) &&
	       azf_json_add_string(json, "principal", ticket->principal) &&
	       azf_json_add_string(json, "ccache", ticket->ccache) &&
	       add_time(json, "renew", ticket->renew) &&
	       add_time(json, "expires", ticket->expires) &&
	       azf_json_add_number(json, "seconds_left", seconds) &&
	       azf_json_add_bool(json, "kept", ticket->kept) &&
	       azf_json_add_bool(json, "renewable", ticket->renewable) &&
	       add_failure(json, ticket);
}

static int print_json(struct azf_ticket *const *tickets)
{
	azf_autojson struct azf_json *json = azf_json_new();
	struct azf_json *array = azf_json_new_array();
	azf_autofree char *text = NULL;
	int64_t now = time(NULL);
	bool good = azf_json_add(json, "tickets", array);

	for (size_t i = 0; good && tickets[i]; i++)
		good = add_ticket(array, tickets[i], now);
	text = good ? azf_json_print(json) : NULL;
	if (!text) {
		(void)fputs("azfilesctl: out of memory\n", stderr);
		return azf_exit_status(AZF_E_SYSTEM);
	}
	(void)printf("%s\n", text);
	return 0;
}

static int run(const struct ctl_call *call)
{
	struct azf_ticket **tickets;
	struct azf_error err = { 0 };
	int status = ctl_need_root(call);

	if (status)
		return status;
	if (azf_ticket_list(&tickets, NULL, &err))
		return ctl_fail(&err);
	status = ctl_value(call, "json") ? print_json(tickets) :
					   print_table(tickets);
	azf_ticket_list_free(tickets);
	return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) : status;
}

const struct ctl_verb ctl_list = {
	.name = "list",
	.arguments = "",
	.help = "show the tickets that there are",
	.options =
		(const struct ctl_option[]){
			{ "json", 0, NULL, "as JSON" },
			{ 0 },
		},
	.run = run,
};
