// SPDX-License-Identifier: MIT
/* refusal.c - from a service's refusal to one cause and one cure. */
#include "refusal.h"

#include "azf-private.h"
#include "json.h"

/* Longer texts of a service are cut. */
#define TEXT_SHOWN 200

/* Behind the rows of every endpoint; %v is the name of the service. */
static const struct azf_refusal_row common[] = {
	{ -AZF_HTTP_NO_NAME, true, NULL, NULL,
	  "the name %h does not exist in DNS",
	  "Check the account name; a private endpoint needs its DNS zone "
	  "linked to this network" },
	{ -AZF_HTTP_NO_RESOLVER, true, NULL, NULL,
	  "no DNS server answers the question for %h",
	  "Check /etc/resolv.conf and the network" },
	{ -AZF_HTTP_NO_CONNECTION, true, NULL, NULL,
	  "%v at %h cannot be reached: %d",
	  "Check the network, and that firewalls let HTTPS out" },
	{ -AZF_HTTP_SILENT, true, NULL, NULL,
	  "%v at %h does not answer in time: %d",
	  "Check the network, and that firewalls let HTTPS out" },
	{ -AZF_HTTP_BROKEN, true, NULL, NULL,
	  "the connection to %v at %h broke off: %d",
	  "Try again; if it stays so, check proxies and firewalls in between" },
	{ -AZF_HTTP_CLOCK, true, NULL, NULL,
	  "the certificate of %h is not valid at the time that this machine's "
	  "clock shows: %d",
	  "Set the clock: timedatectl set-ntp true" },
	{ -AZF_HTTP_UNTRUSTED, false, NULL, NULL,
	  "the certificate of %h cannot be trusted: %d",
	  "Install the CA certificates (package ca-certificates); if a proxy "
	  "opens TLS, name its CA with ca_file= in azfiles.conf" },
	{ -AZF_HTTP_PROXY, true, NULL, NULL,
	  "the proxy of azfiles.conf does not let us reach %h: %d",
	  "Check https_proxy= and no_proxy= in azfiles.conf" },
	{ -AZF_HTTP_TOO_LARGE, false, NULL, NULL,
	  "the answer of %v at %h is longer than 64 KiB",
	  "Check that %h is the right address, and proxies in between" },
	{ -AZF_HTTP_LOCAL, false, NULL, NULL,
	  "the request to %h could not be sent: %d",
	  "Check the endpoints in azfiles.conf" },
	{ 429, true, NULL, NULL, "%v at %h is asked too often (HTTP 429)",
	  "Try again in a minute" },
	{ 0, false, NULL, NULL, "%v at %h refuses with HTTP %s %c: %d",
	  "Look the code up in the service's documentation" },
};

static bool fits(const struct azf_refusal_row *row,
		 const struct azf_refusal *refusal)
{
	const struct azf_http_answer *answer = refusal->answer;
	int status = answer->failure == AZF_HTTP_ANSWERED ?
			     answer->status :
			     -(int)answer->failure;

	if (row->status ? row->status != status : status < 0)
		return false;
	if (row->code && !azf_streq(row->code, refusal->code))
		return false;
	return !row->words || strcasestr(refusal->text, row->words);
}

static void add_text(struct azf_str *out, const struct azf_refusal *refusal)
{
	const char *text = refusal->answer->failure == AZF_HTTP_ANSWERED ?
				   refusal->text :
				   refusal->answer->detail;
	size_t len = strcspn(text, "\r\n");

	if (len > TEXT_SHOWN)
		len = TEXT_SHOWN;
	/* it goes on in our words */
	while (len && (text[len - 1] == '.' || text[len - 1] == ' '))
		len--;
	if (len)
		azf_str_add(out, "%.*s", (int)len, text);
	else
		azf_str_add(out, "no reason given");
}

static void expand_one(struct azf_str *out, char c,
		       const struct azf_refusal *refusal)
{
	const struct azf_http_answer *answer = refusal->answer;

	switch (c) {
	case 'h':
		azf_str_add(out, "%s", refusal->host);
		break;
	case 'v':
		azf_str_add(out, "%s", refusal->service);
		break;
	case 'i':
		azf_str_add(out, "%s", refusal->identity);
		break;
	case 't':
		azf_str_add(out, "%s", refusal->tenant);
		break;
	case 'c':
		azf_str_add(out, "%s",
			    refusal->code[0] ? refusal->code :
					       "without a code");
		break;
	case 's':
		azf_str_add(out, "%d", answer->status);
		break;
	case 'n':
		azf_str_add(out, "%lld seconds %s",
			    llabs((long long)answer->skew),
			    answer->skew > 0 ? "ahead of" : "behind");
		break;
	case 'd':
		add_text(out, refusal);
		break;
	default:
		azf_str_add(out, "%%%c", c);
	}
}

static void expand(struct azf_str *out, const char *template,
		   const struct azf_refusal *refusal)
{
	for (; *template; template ++) {
		if (template[0] == '%' && template[1])
			expand_one(out, *++template, refusal);
		else
			azf_str_add(out, "%c", *template);
	}
}

static const struct azf_refusal_row *find(const struct azf_refusal *refusal)
{
	const struct azf_refusal_row *row = refusal->rows;

	for (; row->cause; row++) {
		if (fits(row, refusal))
			return row;
	}
	/* the last row of the common ones fits what no other does */
	for (row = common; !fits(row, refusal); row++)
		;
	return row;
}

int azf_refuse(const struct azf_refusal *refusal, struct azf_error *err)
{
	const struct azf_refusal_row *row = find(refusal);
	bool passes = row->transient || refusal->answer->status >= 500;
	azf_autostr struct azf_str cause = { 0 }, cure = { 0 };

	expand(&cause, row->cause, refusal);
	expand(&cure, row->cure, refusal);
	if (cause.failed || cure.failed)
		return azf_no_memory(err);
	azf_fail(err, passes ? AZF_E_TRANSIENT : AZF_E_MOUNT, "%s", cause.text);
	return azf_cure(err, "%s", cure.text);
}

int azf_refuse_metadata(const struct azf_refusal *refusal,
			struct azf_error *err)
{
	azf_autojson struct azf_json *json =
		azf_json_parse(refusal->answer->body, refusal->answer->len);
	const char *code = azf_json_string(json, "error");
	const char *text = azf_json_string(json, "error_description");
	struct azf_refusal full = *refusal;

	full.code = code ? code : "";
	full.text = text ? text : "";
	return azf_refuse(&full, err);
}
