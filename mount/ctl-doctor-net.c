// SPDX-License-Identifier: MIT
/*
 * ctl-doctor-net.c - "doctor": the name of a server, its addresses, and the
 * port of SMB.
 *
 * One sickness is to be one finding. So what a failure that was found already
 * explains is skipped, and an address that does not answer is blamed on the
 * name where that is known to be doubtful.
 */
#include "azf-private.h"
#include "ctl-doctor.h"
#include "resolve.h"

#define SMB_PORT   445
#define SLOW_MS	   2000
#define HOSTS_FILE "/etc/hosts"

const char *doctor_option(const struct doctor_subject *subject,
			  const char *name)
{
	return subject->options ? azf_options_value(subject->options, name) :
				  NULL;
}

in_port_t doctor_port(const struct doctor_subject *subject)
{
	const char *text = doctor_option(subject, "port");
	uint64_t port;

	return text && azf_parse_uint(text, 1, 65535, &port) ? (in_port_t)port :
							       SMB_PORT;
}

/* ---- addresses in the notes, as texts ---- */

static void note_addresses(struct doctor_notes *notes,
			   const struct azf_addresses *addresses)
{
	size_t len = 0;

	notes->addresses[0] = '\0';
	for (size_t i = 0; i < addresses->count; i++) {
		const char *text = addresses->list[i].text;

		if (len + strlen(text) + 2 > sizeof(notes->addresses))
			return;
		len += (size_t)snprintf(notes->addresses + len,
					sizeof(notes->addresses) - len, "%s%s",
					len ? " " : "", text);
	}
}

/* A literal is resolved without a resolver. */
static void add_literal(struct azf_addresses *addresses, const char *text)
{
	struct azf_addresses one;
	struct azf_error ignored;

	if (addresses->count < AZF_ADDRESS_MAX &&
	    azf_resolve(text, 0, &one, &ignored) == 0)
		addresses->list[addresses->count++] = one.list[0];
}

static void recall_addresses(const struct doctor_notes *notes,
			     struct azf_addresses *ret_addresses)
{
	char copy[sizeof(notes->addresses)];
	char *rest = copy;
	const char *word;

	memcpy(copy, notes->addresses, sizeof(copy));
	ret_addresses->count = 0;
	while ((word = strsep(&rest, " "))) {
		if (word[0])
			add_literal(ret_addresses, word);
	}
}

/* "10.0.0.4, 10.0.0.5", of those with this answer. */
static void list_with(struct azf_str *out,
		      const struct azf_addresses *addresses, enum azf_tcp tcp)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (addresses->list[i].tcp == tcp)
			azf_str_add(out, "%s%s", out->len ? ", " : "",
				    addresses->list[i].text);
	}
}

static bool any_with(const struct azf_addresses *addresses, enum azf_tcp tcp)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (addresses->list[i].tcp == tcp)
			return true;
	}
	return false;
}

/* ---- the name ---- */

/* Whether a line of hosts(5) is about a name; its address is not looked at. */
static bool line_names(char *line, const char *host)
{
	char *rest = line;
	const char *word;
	bool address = true;

	line[strcspn(line, "#\n")] = '\0';
	while ((word = strsep(&rest, " \t"))) {
		if (!word[0])
			continue;
		if (!address && strcasecmp(word, host) == 0)
			return true;
		address = false;
	}
	return false;
}

static bool in_hosts_file(const char *host)
{
	azf_autofile FILE *file = fopen(HOSTS_FILE, "re");
	azf_autofree char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		if (line_names(line, host))
			return true;
	}
	return false;
}

static bool all_public(const struct azf_addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (azf_address_is_private(&addresses->list[i]))
			return false;
	}
	return true;
}

static bool none_answers(struct azf_addresses *addresses, in_port_t port)
{
	azf_addresses_probe(addresses, port, false);
	return !any_with(addresses, AZF_TCP_OPEN);
}

/*
 * Only an account with a private endpoint has a name of that kind. It leads to
 * the public address wherever the private zone is not known.
 */
static bool judge_private_link(struct doctor_report *report,
			       const struct doctor_subject *subject,
			       struct azf_addresses *found)
{
	const struct azf_source *where = &subject->where;
	struct azf_addresses endpoint = { .count = 0 };
	azf_autofree char *name = NULL;
	struct azf_error ignored;
	bool dead;

	if (!where->cloud || !all_public(found))
		return false;
	if (!where->private_link) {
		name = azf_source_private_name(where);
		if (!name || azf_resolve(name, 0, &endpoint, &ignored))
			return false;
	}
	dead = none_answers(found, doctor_port(subject));
	if (dead) {
		report->notes.net = DOCTOR_NET_DEAD;
		doctor_fail(report,
			    "%s has a private endpoint, but is the public "
			    "address %s here, which does not answer on TCP "
			    "port %u",
			    where->host, found->list[0].text,
			    doctor_port(subject));
	} else {
		doctor_warn(report,
			    "%s has a private endpoint, but is the public "
			    "address %s here",
			    where->host, found->list[0].text);
	}
	if (endpoint.count && !all_public(&endpoint))
		doctor_cure(report,
			    "Link the private DNS zone to this network, or "
			    "add ip=%s",
			    endpoint.list[0].text);
	else
		doctor_cure(report, "Link the private DNS zone to this "
				    "network");
	return true;
}

/* Whether name servers know the host by other addresses alone. */
static bool dns_differs(const char *host, const struct azf_addresses *found)
{
	struct azf_addresses others;
	struct azf_error ignored;

	if (azf_resolve_dns(host, &others, &ignored))
		return false;
	for (size_t i = 0; i < found->count; i++) {
		for (size_t j = 0; j < others.count; j++) {
			if (azf_streq(found->list[i].text, others.list[j].text))
				return false;
		}
	}
	return true;
}

static bool judge_hosts_file(struct doctor_report *report,
			     const struct doctor_subject *subject,
			     struct azf_addresses *found)
{
	const char *host = subject->where.host;
	bool differs;

	if (!in_hosts_file(host))
		return false;
	differs = dns_differs(host, found);
	if (none_answers(found, doctor_port(subject))) {
		report->notes.net = DOCTOR_NET_DEAD;
		doctor_fail(report,
			    HOSTS_FILE " says that %s is %s, which does not "
				       "answer on TCP port %u",
			    host, found->list[0].text, doctor_port(subject));
	} else if (differs) {
		doctor_warn(report,
			    HOSTS_FILE " says that %s is %s, and the name "
				       "servers disagree",
			    host, found->list[0].text);
	} else {
		doctor_ok(report, HOSTS_FILE " says that %s is %s", host,
			  found->list[0].text);
		return true;
	}
	doctor_cure(report, "Remove the line: an account's address changes");
	return true;
}

static void judge_name(struct doctor_report *report,
		       const struct doctor_subject *subject,
		       struct azf_addresses *found, int64_t took_ms)
{
	const char *host = subject->where.host;

	if (judge_hosts_file(report, subject, found) ||
	    judge_private_link(report, subject, found))
		return;
	if (took_ms >= SLOW_MS) {
		doctor_warn(report, "it took %lld seconds to resolve %s",
			    (long long)(took_ms / 1000), host);
		doctor_cure(report, "Check the name servers in "
				    "/etc/resolv.conf: the first may be dead");
		return;
	}
	doctor_ok(report, "%s is %s%s", host, report->notes.addresses,
		  all_public(found) ? " (public)" : " (private)");
}

void doctor_check_name(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	const char *given = doctor_option(subject, "ip");
	struct azf_addresses found = { .count = 0 };
	struct azf_error err = { 0 };
	int64_t begin = azf_now_ms();

	if (azf_resolve(given ? given : subject->where.host, 0, &found, &err)) {
		report->notes.net = DOCTOR_NET_DEAD;
		doctor_error(report, DOCTOR_FAIL, &err);
		return;
	}
	report->notes.net = DOCTOR_NET_RESOLVED;
	note_addresses(&report->notes, &found);
	if (given)
		doctor_ok(report, "ip= says that %s is %s", subject->where.host,
			  report->notes.addresses);
	else if (!azf_streq(subject->where.host, found.list[0].text))
		judge_name(report, subject, &found, azf_now_ms() - begin);
}

/* ---- TCP ---- */

static const struct {
	enum azf_tcp tcp;
	const char *what; /* host, addresses, port */
	const char *cure;
} refusals[] = {
	{ AZF_TCP_REFUSED, "%s refuses connections at %s, TCP port %u",
	  "Check the name, and that the server is running" },
	{ AZF_TCP_SILENT,
	  "%s does not answer at %s, TCP port %u: a firewall drops it",
	  "Allow outgoing TCP %u here, at the network's edge and at the "
	  "provider, or use a private endpoint or VPN" },
	{ AZF_TCP_UNREACHABLE, "there is no route to %s at %s, TCP port %u",
	  "Check the network, and the address that the name resolves to" },
};

static void report_refusal(struct doctor_report *report,
			   const struct doctor_subject *subject,
			   const struct azf_addresses *addresses, size_t row,
			   bool fatal)
{
	azf_autostr struct azf_str list = { 0 };
	in_port_t port = doctor_port(subject);
	char cause[512], cure[256];

	list_with(&list, addresses, refusals[row].tcp);
	if (list.failed || !list.len)
		return;
		/* the formats are those of the table above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(cause, sizeof(cause), refusals[row].what,
		       subject->where.host, list.text, port);
	(void)snprintf(cure, sizeof(cure), refusals[row].cure, port);
#pragma GCC diagnostic pop
	if (fatal)
		doctor_fail(report, "%s", cause);
	else
		doctor_warn(report, "%s", cause);
	doctor_cure(report, "%s", cure);
}

void doctor_check_port(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	struct doctor_notes *notes = &report->notes;
	azf_autostr struct azf_str open = { 0 };
	struct azf_addresses addresses;

	if (notes->net == DOCTOR_NET_DEAD) {
		doctor_skip(report, "no address of %s is worth a try",
			    subject->where.host);
		doctor_cure(report, "See the finding about its name");
		return;
	}
	recall_addresses(notes, &addresses);
	azf_addresses_probe(&addresses, doctor_port(subject), true);
	list_with(&open, &addresses, AZF_TCP_OPEN);
	notes->net = open.len ? DOCTOR_NET_OPEN : DOCTOR_NET_DEAD;
	if (open.len && !open.failed) {
		(void)snprintf(notes->open, sizeof(notes->open), "%s",
			       addresses.list[0].text);
		doctor_ok(report, "%s takes connections on TCP port %u",
			  open.text, doctor_port(subject));
	}
	for (size_t i = 0; i < AZF_ARRAY_SIZE(refusals); i++)
		report_refusal(report, subject, &addresses, i, !open.len);
}
