// SPDX-License-Identifier: MIT
/*
 * ctl-doctor-identity.c - "doctor": from the metadata service to a ticket.
 *
 * azfiles-credential asks, as it does for mounts, and keeps nothing: a token in
 * the cache would hide a metadata service that is dead. What it tells are texts
 * and claims; tokens and tickets stay with it.
 */
#include "azf-private.h"
#include "config.h"
#include "ctl-doctor.h"
#include "identity.h"
#include "run.h"
#include "state.h"
#include "ticket.h"
#include "wipe.h"

#include <errno.h>
#include <pwd.h>
#include <time.h>

#define RESOURCE     "https://storage.azure.com"
#define ANSWER_MAX   16384
#define MARGIN_S     5
#define SKEW_FAIL_S  300
#define TOKEN_LIFE_S 300 /* with less left, it counts as expired */

/* ---- to ask azfiles-credential ---- */

static int send_request(const struct azf_fields *request, unsigned int seconds,
			char *answer, size_t *ret_len)
{
	static const char *const argv[] = { AZF_CREDENTIAL, NULL };
	struct azf_program program = {
		.argv = argv,
		.output = answer,
		.size = ANSWER_MAX,
		.timeout_ms = (int)(seconds + MARGIN_S) * 1000,
	};
	char *text = azf_fields_format(request, &program.input_len);
	int r;

	if (!text)
		return -ENOMEM;
	program.input = text;
	r = azf_run(&program, ret_len);
	azf_wipe_free(text);
	return r;
}

static int ask(const struct doctor_subject *subject, const char *what,
	       unsigned int seconds, struct azf_fields *ret_answer)
{
	azf_autofields struct azf_fields request = { .count = 0 };
	char answer[ANSWER_MAX];
	const char *end;
	size_t len = 0;
	int r = azf_fields_set(&request, "probe", what);

	r = r ? r : azf_fields_set_number(&request, "deadline", seconds);
	for (size_t i = 0; r == 0 && i < subject->identity.count; i++)
		r = azf_fields_set(&request, subject->identity.list[i].key,
				   subject->identity.list[i].value);
	r = r ? r : send_request(&request, seconds, answer, &len);
	if (r)
		return r;
	end = memmem(answer, len, "\n\n", 2);
	if (!end)
		return -EPROTO;
	return azf_fields_parse(answer, (size_t)(end - answer) + 1, ret_answer,
				NULL);
}

const char *doctor_field(const struct azf_fields *answer, const char *key)
{
	const char *value = azf_fields_get(answer, key);

	return value ? value : "";
}

/* With what support of Azure wants to know, where the cause lacks it. */
static void say_refusal(struct doctor_report *report,
			const struct azf_fields *answer)
{
	const char *cause = doctor_field(answer, "cause");
	const char *code = doctor_field(answer, "error_code");
	const char *id = doctor_field(answer, "request_id");
	azf_autostr struct azf_str text = { 0 };

	azf_str_add(&text, "%s", cause[0] ? cause : "no reason given");
	if (!strstr(cause, code))
		azf_str_add(&text, " (%s)", code);
	if (id[0])
		azf_str_add(&text, " (request id %s)", id);
	doctor_fail(report, "%s", text.failed ? cause : text.text);
	doctor_cure(report, "%s", doctor_field(answer, "cure"));
}

bool doctor_probe(struct doctor_report *report,
		  const struct doctor_subject *subject, const char *what,
		  unsigned int seconds, struct azf_fields *ret_answer)
{
	int r = ask(subject, what, seconds, ret_answer);

	if (r == 0 && azf_streq(doctor_field(ret_answer, "result"), "ok"))
		return true;
	report->notes.no_token = true;
	if (r == -ENOENT) {
		/* which the check of the programs said */
		doctor_skip(report, AZF_CREDENTIAL " is not there to ask");
		doctor_cure(report, "Install azfiles anew");
	} else if (r) {
		doctor_fail(report, "cannot ask " AZF_CREDENTIAL ": %s",
			    strerror(-r));
		doctor_cure(report, "Run doctor again; if it stays so, install "
				    "azfiles anew");
	} else {
		say_refusal(report, ret_answer);
	}
	return false;
}

bool doctor_is_askable(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	return !azf_ticket_is_users(&subject->identity) &&
	       azf_fields_get(&subject->identity, "identity") &&
	       azf_fields_get(&subject->identity, "host") &&
	       !doctor_needs_root(report, subject, "identities") &&
	       getpwnam("azfiles");
}

/* ---- the metadata service ---- */

/* A variable that names a service; azfiles reads its own file alone. */
static const char *foreign_endpoint(void)
{
	static const char *const names[] = {
		"IDENTITY_ENDPOINT",
		"IMDS_ENDPOINT",
		"MSI_ENDPOINT",
		"AZURE_POD_IDENTITY_AUTHORITY_HOST",
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return names[i];
	}
	return NULL;
}

static bool has_own_endpoint(void)
{
	azf_autoconfig struct azf_config config = { 0 };
	struct azf_error ignored;

	return azf_config_read(AZF_CONFIG_FILE, &config, &ignored) == 0 &&
	       (config.imds_endpoint || config.arc_endpoint);
}

static bool uses_metadata(const struct doctor_subject *subject)
{
	const char *kind = azf_fields_get(&subject->identity, "identity");

	return kind &&
	       (azf_streq(kind, "system") || azf_streq(kind, "client") ||
		azf_streq(kind, "resource"));
}

void doctor_check_metadata(struct doctor_report *report,
			   const struct doctor_subject *subject)
{
	azf_autofields struct azf_fields answer = { .count = 0 };
	const char *foreign = foreign_endpoint();
	bool own = has_own_endpoint();

	/* notes may come from another identity of the host */
	report->notes.no_token = false;
	if (!uses_metadata(subject) || !doctor_is_askable(report, subject))
		return;
	if (doctor_probe(report, subject, "metadata", 5, &answer)) {
		doctor_ok(report, "%s answers at %s",
			  azf_streq(doctor_field(&answer, "service"), "arc") ?
				  "the Azure Arc agent" :
				  "the metadata service of the Azure VM",
			  doctor_field(&answer, "endpoint"));
		if (!foreign || own)
			return;
		doctor_warn(report,
			    "the variable %s names another service, which "
			    "azfiles does not ask",
			    foreign);
		doctor_cure(report,
			    "Set imds_endpoint= or arc_endpoint= "
			    "in " AZF_CONFIG_FILE " if that is the right one");
	} else if (own) {
		doctor_cure(report,
			    ". The address is that of " AZF_CONFIG_FILE);
	} else if (foreign) {
		doctor_cure(report,
			    ". If the variable %s has the right address, put "
			    "it into " AZF_CONFIG_FILE,
			    foreign);
	}
}

/* ---- the token ---- */

static bool judge_audience(struct doctor_report *report,
			   const struct azf_fields *claims)
{
	const char *audience = azf_fields_get(claims, "aud");

	if (!audience || azf_streq(audience, RESOURCE))
		return true;
	doctor_fail(report, "the token is for '%s', and not for " RESOURCE,
		    audience);
	doctor_cure(report, "Whoever gives it must be asked for " RESOURCE
			    ", without a slash at its end");
	return false;
}

static bool judge_life(struct doctor_report *report,
		       const struct azf_fields *claims)
{
	uint64_t expires, now = (uint64_t)time(NULL);
	char text[40];

	if (!azf_fields_number(claims, "exp", &expires) ||
	    expires > now + TOKEN_LIFE_S)
		return true;
	doctor_show_time(expires, text, sizeof(text));
	doctor_fail(report, "the token %s %s",
		    expires > now ? "is good only until" : "expired at", text);
	doctor_cure(report, "Check this machine's clock, and that whoever "
			    "gives the token renews it");
	return false;
}

static bool judge_client(struct doctor_report *report,
			 const struct doctor_subject *subject,
			 const struct azf_fields *claims)
{
	const char *wanted = azf_fields_get(&subject->identity, "client_id");
	const char *got = azf_fields_get(claims, "appid");

	if (!wanted || !got || strcasecmp(wanted, got) == 0)
		return true;
	doctor_fail(report,
		    "the token is for the application %s, and not for "
		    "%s",
		    got, wanted);
	doctor_cure(report, "Check client_id= or identity=, and who gives the "
			    "token");
	return false;
}

static void show_claims(struct doctor_report *report,
			const struct azf_fields *claims)
{
	uint64_t expires;
	char text[40] = "an unknown time";

	if (!azf_fields_get(claims, "aud")) {
		doctor_ok(report, "there is a token; it does not tell for "
				  "whom");
		return;
	}
	if (azf_fields_number(claims, "exp", &expires))
		doctor_show_time(expires, text, sizeof(text));
	doctor_ok(report, "aud %s, tid %s, appid %s, oid %s, until %s",
		  doctor_field(claims, "aud"), doctor_field(claims, "tid"),
		  doctor_field(claims, "appid"), doctor_field(claims, "oid"),
		  text);
}

static bool goes_without_token(struct doctor_report *report)
{
	if (!report->notes.no_token)
		return false;
	doctor_skip(report, "it needs what is missing above");
	doctor_cure(report, "Cure that first");
	return true;
}

/* The name is what the account is asked by, whatever ip= says. */
static bool goes_without_name(struct doctor_report *report,
			      const struct doctor_subject *subject)
{
	if (report->notes.net != DOCTOR_NET_DEAD || report->notes.addresses[0])
		return false;
	report->notes.no_token = true;
	doctor_skip(report, "%s has no address", subject->canonical);
	doctor_cure(report, "See the finding about its name");
	return true;
}

void doctor_check_token(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	azf_autofields struct azf_fields answer = { .count = 0 };

	if (!azf_identity_is_entra(&subject->identity) ||
	    !doctor_is_askable(report, subject) || goes_without_token(report) ||
	    !doctor_probe(report, subject, "token", 15, &answer))
		return;
	if (judge_audience(report, &answer) && judge_life(report, &answer) &&
	    judge_client(report, subject, &answer))
		show_claims(report, &answer);
	else
		report->notes.no_token = true;
}

/* ---- the ticket ---- */

/* The service's own clock, which judges tokens. */
static bool judge_skew(struct doctor_report *report,
		       const struct azf_fields *answer)
{
	const char *text = doctor_field(answer, "skew");
	uint64_t seconds;

	if (report->notes.clock ||
	    !azf_parse_uint(text + (text[0] == '-'), 0, INT64_MAX, &seconds) ||
	    seconds <= SKEW_FAIL_S)
		return true;
	doctor_fail(report,
		    "this machine's clock is %llu seconds %s that of the "
		    "service that gives tickets, and Kerberos allows %d",
		    (unsigned long long)seconds,
		    text[0] == '-' ? "behind" : "ahead of", SKEW_FAIL_S);
	doctor_cure(report, "Set the clock: timedatectl set-ntp true");
	return false;
}

void doctor_check_ticket(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	azf_autofields struct azf_fields answer = { .count = 0 };
	char text[40] = "an unknown time";
	uint64_t expires;

	if (!doctor_is_askable(report, subject) || goes_without_token(report) ||
	    goes_without_name(report, subject) ||
	    !doctor_probe(report, subject, "ticket", 20, &answer) ||
	    !judge_skew(report, &answer))
		return;
	if (azf_fields_number(&answer, "expires", &expires))
		doctor_show_time(expires, text, sizeof(text));
	if (azf_identity_is_entra(&subject->identity))
		doctor_ok(report, "%s gives one for %s until %s",
			  subject->canonical, doctor_field(&answer, "server"),
			  text);
	else
		doctor_ok(report, "the KDC gives %s one for %s until %s",
			  doctor_field(&answer, "principal"),
			  doctor_field(&answer, "server"), text);
}

/* ---- the ticket that is kept for mounts ---- */

static void say_failure(struct doctor_report *report,
			const struct azf_fields *failed)
{
	const char *cause = azf_fields_get(failed, "cause");
	char text[40] = "an unknown time";
	uint64_t when;

	if (azf_fields_number(failed, "time", &when))
		doctor_show_time(when, text, sizeof(text));
	doctor_warn(report, "the last attempt to renew it, at %s, failed: %s",
		    text, cause ? cause : "no reason was kept");
	doctor_cure(report, "It would work now: 'azfilesctl refresh'");
}

static void judge_kept(struct doctor_report *report,
		       const struct doctor_subject *subject,
		       const struct azf_fields *ticket,
		       const struct azf_fields *failed)
{
	const char *server = doctor_field(ticket, "server");
	const char *host = subject->canonical;
	size_t len = strlen(host);
	char text[40] = "an unknown time";
	uint64_t expires = 0;

	if (azf_fields_number(ticket, "expires", &expires))
		doctor_show_time(expires, text, sizeof(text));
	if (strncasecmp(server, "cifs/", 5) != 0 ||
	    /* elsewhere an alias has the ticket of the name that it stands for */
	    (subject->where.cloud &&
	     (strncasecmp(server + 5, host, len) != 0 ||
	      (server[5 + len] && server[5 + len] != '@')))) {
		doctor_fail(report, "it is for %s, and not for cifs/%s", server,
			    host);
		doctor_cure(report, "Replace it: 'azfilesctl refresh --now'");
	} else if (expires <= (uint64_t)time(NULL)) {
		doctor_fail(report, "it expired at %s", text);
		doctor_cure(report, "'azfilesctl refresh' gets another. Check "
				    "why azfiles-refresh.timer did not");
	} else if (failed->count) {
		say_failure(report, failed);
	} else {
		doctor_ok(report, "it is good until %s", text);
	}
}

void doctor_check_ccache(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	azf_autofields struct azf_fields ticket = { .count = 0 };
	azf_autofields struct azf_fields failed = { .count = 0 };
	azf_autostate struct azf_state state = { .fd = -1 };

	if (!doctor_is_askable(report, subject) ||
	    azf_state_open(subject->canonical, subject->tag, false, &state) ||
	    azf_state_read(&state, "ticket", &ticket) ||
	    goes_without_token(report))
		return;
	(void)!azf_state_read(&state, "failed", &failed);
	judge_kept(report, subject, &ticket, &failed);
}
