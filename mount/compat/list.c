// SPDX-License-Identifier: MIT
/* list.c - what is in the cache, byte for byte as AzFilesAuthenticator has it. */
#include "cache.h"

#include <time.h>

/* "12/08/25 04:45:27 UTC (epoch: 1765169127)" */
struct when {
	char text[96];
};

static struct when when_of(int64_t epoch)
{
	time_t time = (time_t)epoch;
	char text[64] = "N/A";
	struct when when;
	struct tm tm;

	/* two digits of the year: it is not us who chose that */
	if (epoch > 0 && localtime_r(&time, &tm))
		(void)snprintf(text, sizeof(text),
			       "%02d/%02d/%02d %02d:%02d:%02d %s",
			       tm.tm_mon + 1, tm.tm_mday, tm.tm_year % 100,
			       tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_zone);
	(void)snprintf(when.text, sizeof(when.text), "%s (epoch: %lld)", text,
		       (long long)epoch);
	return when;
}

static void print_text(const struct azf_ccache_ticket *ticket, unsigned int n)
{
	(void)printf("Credential %u:\n"
		     "  Server: %s\n"
		     "  Client: %s\n"
		     "  Realm: %s\n"
		     "  Ticket flags: %u\n",
		     n, ticket->server, ticket->client, ticket->realm,
		     ticket->flags);
	(void)printf("  Ticket start time: %s\n"
		     "  Ticket end time:   %s\n"
		     "  Ticket renew till: %s\n",
		     when_of(ticket->starts).text,
		     when_of(ticket->expires).text,
		     when_of(ticket->renew_till).text);
}

/* Names of principals are bytes, and libazf has made them printable. */
static void print_member(const char *key, const char *value, bool last)
{
	(void)printf("    \"%s\": \"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			(void)putchar('\\');
		(void)putchar((unsigned char)*value < 0x80 ? *value : '?');
	}
	(void)printf("\"%s\n", last ? "" : ",");
}

static void print_json(const struct azf_ccache_ticket *ticket, unsigned int n)
{
	(void)printf("%s\n  {\n", n > 1 ? "," : "");
	print_member("server", ticket->server, false);
	print_member("client", ticket->client, false);
	print_member("realm", ticket->realm, false);
	(void)printf("    \"ticket_flags\": %u,\n", ticket->flags);
	print_member("ticket_start_time", when_of(ticket->starts).text, false);
	print_member("ticket_end_time", when_of(ticket->expires).text, false);
	print_member("ticket_renew_till", when_of(ticket->renew_till).text,
		     true);
	(void)printf("  }");
}

static unsigned int print_tickets(const struct azf_ccache *ccache, bool json)
{
	size_t count = ccache ? azf_ccache_count(ccache) : 0;
	unsigned int n = 0;

	for (size_t i = 0; i < count; i++) {
		struct azf_ccache_ticket ticket;

		if (!azf_ccache_ticket(ccache, i, &ticket))
			continue;
		n++;
		if (json)
			print_json(&ticket, n);
		else
			print_text(&ticket, n);
		azf_ccache_ticket_free(&ticket);
	}
	return n;
}

int compat_list(const struct compat *compat, bool json, struct azf_error *err)
{
	compat_autocache struct compat_cache cache = COMPAT_CACHE_CLOSED;
	int r = compat_cache_open(compat, false, &cache, err);

	if (r)
		return r;
	if (json) {
		(void)putchar('[');
		(void)printf("%s]\n",
			     print_tickets(cache.ccache, true) ? "\n" : "");
	} else {
		(void)printf("Using Kerberos cache: %s\n",
			     compat->settings.ccache);
		(void)print_tickets(cache.ccache, false);
	}
	if (fflush(stdout))
		return azf_fail(err, AZF_E_SYSTEM, "cannot write: %m");
	return 0;
}
