// SPDX-License-Identifier: MIT
/*
 * ctl-doctor-krb.c - "doctor": a realm of Kerberos without Entra, as that of an
 * Active Directory: keys, KDCs, the ports of domain controllers.
 *
 * azfiles-credential finds and asks the KDCs, as it does for mounts. Ports are
 * tried here.
 */
#include "ctl-doctor.h"
#include "keytab.h"
#include "resolve.h"

#define SKEW_WARN_S 60
#define SKEW_FAIL_S 300
/* A domain may have hundreds of controllers; these are enough to tell. */
#define SERVERS_MAX 4
#define SERVER_MAX  256

static bool is_kind(const struct doctor_subject *subject, const char *kind)
{
	const char *found = azf_fields_get(&subject->identity, "identity");

	return found && azf_streq(found, kind);
}

/* ---- keys ---- */

static const char *keytab_of(const struct doctor_subject *subject)
{
	const char *path = azf_fields_get(&subject->identity, "keytab");

	return path ? path : AZF_KEYTAB_FILE;
}

void doctor_check_keytab(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	azf_autofields struct azf_fields answer = { .count = 0 };

	if (!is_kind(subject, "keytab"))
		return;
	/* notes may come from another identity of the host */
	report->notes.no_token = false;
	if (!doctor_is_askable(report, subject) ||
	    !doctor_probe(report, subject, "keytab", 5, &answer))
		return;
	doctor_ok(report, "%s has keys of %s, version %s: %s",
		  keytab_of(subject), doctor_field(&answer, "principal"),
		  doctor_field(&answer, "kvno"), doctor_field(&answer, "keys"));
}

/* ---- ports ---- */

/* A server of the realm, and how its port answered. */
struct server {
	char host[SERVER_MAX];
	in_port_t port;
	enum azf_tcp tcp;
	bool resolved;
};

/* "HOST PORT", with commas between them. */
static size_t read_servers(const char *text, struct server *servers)
{
	size_t count = 0;

	while (*text && count < SERVERS_MAX) {
		size_t len = strcspn(text, " ");
		struct server *server = &servers[count];

		*server = (struct server){ .tcp = AZF_TCP_UNTRIED };
		if (len >= sizeof(server->host) || text[len] != ' ')
			break;
		memcpy(server->host, text, len);
		server->port = (in_port_t)strtoul(text + len + 1, NULL, 10);
		text += strcspn(text, ",");
		text += strspn(text, ",");
		count++;
	}
	return count;
}

static void try_server(struct server *server)
{
	struct azf_addresses addresses;
	struct azf_error ignored;

	server->resolved = azf_resolve(server->host, 0, &addresses, &ignored) ==
			   0;
	if (!server->resolved)
		return;
	azf_addresses_probe(&addresses, server->port, false);
	server->tcp = addresses.list[0].tcp;
}

static const char *describe(const struct server *server)
{
	switch (server->tcp) {
	case AZF_TCP_REFUSED:
		return "refuses connections";
	case AZF_TCP_SILENT:
		return "does not answer: a firewall drops it";
	default:
		return "cannot be reached: there is no route";
	}
}

/**
 * struct service - what listens on domain controllers
 * @field: of the answer to the probe of places
 * @name: for people
 * @lack: what goes wrong without it
 */
struct service {
	const char *field;
	const char *name;
	const char *lack;
};

static void report_closed(struct doctor_report *report,
			  const struct service *service,
			  const struct server *server, bool fatal)
{
	if (!server->resolved) {
		doctor_warn(report, "the domain controller %s has no address",
			    server->host);
		doctor_cure(report, "Correct its name in /etc/krb5.conf or "
				    "DNS");
		return;
	}
	if (fatal)
		doctor_fail(report, "TCP port %u (%s) of %s %s", server->port,
			    service->name, server->host, describe(server));
	else
		doctor_warn(report, "TCP port %u (%s) of %s %s", server->port,
			    service->name, server->host, describe(server));
	doctor_cure(report,
		    "Allow TCP and UDP port %u to the domain controllers, and "
		    "check that this one runs: %s",
		    server->port, service->lack);
}

/* Return: whether one of them takes connections, or there is none to try. */
static bool try_ports(struct doctor_report *report,
		      const struct service *service, const char *list,
		      bool fatal)
{
	struct server servers[SERVERS_MAX];
	size_t count = read_servers(list, servers);
	azf_autostr struct azf_str open = { 0 };

	for (size_t i = 0; i < count; i++) {
		try_server(&servers[i]);
		if (servers[i].tcp == AZF_TCP_OPEN)
			azf_str_add(&open, "%s%s", open.len ? ", " : "",
				    servers[i].host);
	}
	for (size_t i = 0; i < count; i++) {
		if (servers[i].tcp != AZF_TCP_OPEN)
			report_closed(report, service, &servers[i],
				      fatal && !open.len);
	}
	if (open.len && !open.failed)
		doctor_ok(report, "%s: %s takes connections on TCP port %u",
			  service->name, open.text, servers[0].port);
	return count == 0 || open.len;
}

static bool find_places(struct doctor_report *report,
			const struct doctor_subject *subject,
			struct azf_fields *ret_answer)
{
	return is_kind(subject, "keytab") && !report->notes.no_token &&
	       doctor_is_askable(report, subject) &&
	       doctor_probe(report, subject, "places", 10, ret_answer);
}

/* ---- the KDC ---- */

static void judge_skew(struct doctor_report *report, const char *realm,
		       const char *text)
{
	bool behind = text[0] == '-';
	uint64_t seconds;

	if (!azf_parse_uint(text + behind, 0, INT64_MAX, &seconds))
		return;
	/* then the check of the server's clock has said it */
	if (seconds > SKEW_WARN_S && report->notes.clock &&
	    llabs((long long)(report->notes.skew -
			      (behind ? -(int64_t)seconds :
					(int64_t)seconds))) <= SKEW_WARN_S)
		return;
	if (seconds <= SKEW_WARN_S) {
		doctor_ok(report, "the clock agrees with that of the KDC of %s",
			  realm);
		return;
	}
	if (seconds > SKEW_FAIL_S)
		doctor_fail(report,
			    "this machine's clock is %llu seconds %s that of "
			    "the KDC of %s, and Kerberos allows %d",
			    (unsigned long long)seconds,
			    behind ? "behind" : "ahead of", realm, SKEW_FAIL_S);
	else
		doctor_warn(report,
			    "this machine's clock is %llu seconds %s that of "
			    "the KDC of %s",
			    (unsigned long long)seconds,
			    behind ? "behind" : "ahead of", realm);
	doctor_cure(report, "Set the clock: timedatectl set-ntp true");
}

void doctor_check_kdc(struct doctor_report *report,
		      const struct doctor_subject *subject)
{
	static const struct service kerberos = {
		"kdc", "Kerberos", "tickets are too large for UDP"
	};
	azf_autofields struct azf_fields places = { .count = 0 };
	azf_autofields struct azf_fields answer = { .count = 0 };

	if (!find_places(report, subject, &places))
		return;
	if (!try_ports(report, &kerberos, doctor_field(&places, "kdc"), true))
		report->notes.no_token = true;
	else if (doctor_probe(report, subject, "kdc", 25, &answer))
		judge_skew(report, doctor_field(&answer, "realm"),
			   doctor_field(&answer, "skew"));
}

void doctor_check_domain(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	static const struct service services[] = {
		{ "kpasswd", "change of passwords",
		  "without it this machine's own password, and with it the "
		  "keytab, cannot be renewed from here" },
		{ "ldap", "LDAP",
		  "without it this machine cannot be joined, and does not know "
		  "the domain's users and groups" },
	};
	azf_autofields struct azf_fields places = { .count = 0 };

	if (!find_places(report, subject, &places))
		return;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(services); i++)
		(void)try_ports(report, &services[i],
				doctor_field(&places, services[i].field),
				false);
}

/* ---- encryption types ---- */

void doctor_check_enctypes(struct doctor_report *report,
			   const struct doctor_subject *subject)
{
	azf_autofields struct azf_fields answer = { .count = 0 };

	if (!is_kind(subject, "keytab") || report->notes.no_token ||
	    !doctor_is_askable(report, subject) ||
	    !doctor_probe(report, subject, "enctypes", 30, &answer))
		return;
	if (azf_streq(doctor_field(&answer, "common"), "RC4")) {
		doctor_warn(report,
			    "of %s this machine and the KDC of %s have no "
			    "encryption type in common but RC4",
			    doctor_field(&answer, "principal"),
			    doctor_field(&answer, "realm"));
		doctor_cure(report, "Allow AES for the account and in "
				    "/etc/krb5.conf, and have the password and "
				    "the keytab renewed: domain controllers "
				    "are about to refuse RC4");
		return;
	}
	doctor_ok(report, "%s: %s has %s, the KDC of %s takes %s",
		  doctor_field(&answer, "principal"), keytab_of(subject),
		  doctor_field(&answer, "keys"), doctor_field(&answer, "realm"),
		  doctor_field(&answer, "account"));
}
