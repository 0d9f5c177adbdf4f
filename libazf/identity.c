// SPDX-License-Identifier: MIT
/* identity.c - who we are to the server: the table of identities. */
#include "identity.h"

#include "azf-private.h"
#include "options.h"
#include "ticket.h"

#include <ctype.h>
#include <errno.h>

/**
 * struct kind - a row of the table
 * @name: what the request calls it
 * @is: whether a value of identity= means it
 * @own: the field that the value of identity= itself becomes; or NULL
 * @needs: options that must be given, separated by '|'; of a group in
 *	parentheses, one
 * @takes: options that may be given
 * @entra: Entra knows it, not a Kerberos realm
 */
struct kind {
	const char *name;
	bool (*is)(const struct kind *kind, const char *value);
	const char *own;
	const char *needs;
	const char *takes;
	bool entra;
};

static bool is_word(const struct kind *kind, const char *value)
{
	return azf_streq(value, kind->name);
}

/* 8-4-4-4-12 hexadecimal digits */
static bool is_guid(const struct kind *kind, const char *value)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	(void)kind;
	for (size_t i = 0; i < sizeof(form); i++) {
		unsigned char c = (unsigned char)value[i];

		if (form[i] == 'x' ? !isxdigit(c) : value[i] != form[i])
			return false;
	}
	return true;
}

static bool is_resource(const struct kind *kind, const char *value)
{
	(void)kind;
	return strncasecmp(value, "/subscriptions/", 15) == 0;
}

static bool is_program(const struct kind *kind, const char *value)
{
	(void)kind;
	return azf_starts_with(value, "exec:/");
}

static const struct kind kinds[] = {
	{ "system", is_word, NULL, "", "", true },
	{ "client", is_guid, "client_id", "", "", true },
	{ "resource", is_resource, "resource_id", "", "", true },
	{ "workload", is_word, NULL, "tenant_id|client_id|token_file",
	  "authority_host", true },
	{ "sp", is_word, NULL,
	  "tenant_id|client_id|(client_secret_file|client_certificate)",
	  "authority_host", true },
	{ "token", is_word, NULL, "", "token_file", true },
	{ "exec", is_program, "program", "", "tenant_id|client_id", true },
	{ "keytab", is_word, NULL, "", "keytab|principal", false },
	{ "ccache", is_word, NULL, "", "", false },
};

/* Every option that only an identity gives a meaning. */
static const char *const details[] = {
	"client_id",  "tenant_id",	    "authority_host",
	"token_file", "client_secret_file", "client_certificate",
	"keytab",     "principal",
};

static bool listed(const char *list, const char *name)
{
	const char *p = strstr(list, name);
	size_t len = strlen(name);

	return p && (p == list || strchr("|(", p[-1])) &&
	       (p[len] == '\0' || strchr("|)", p[len]));
}

static const struct kind *find_kind(const char *value)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kinds); i++) {
		if (kinds[i].is(&kinds[i], value))
			return &kinds[i];
	}
	return NULL;
}

/* The first of @kind's needs that was not given, or NULL. */
static const char *missing(const struct kind *kind,
			   const struct azf_options *options)
{
	const char *alternatives = strchr(kind->needs, '(');
	bool one_given = alternatives == NULL;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(details); i++) {
		bool given = azf_options_value(options, details[i]) != NULL;
		bool is_alternative = alternatives &&
				      listed(alternatives, details[i]);

		if (is_alternative)
			one_given |= given;
		else if (listed(kind->needs, details[i]) && !given)
			return details[i];
	}
	return one_given ? NULL : alternatives;
}

static int check_details(const struct kind *kind, const char *identity,
			 const struct azf_options *options,
			 struct azf_error *err)
{
	const char *need = missing(kind, options);

	if (need) {
		azf_fail(err, AZF_E_USAGE, "identity=%s needs %s=", identity,
			 need);
		return azf_cure(err, "Add it to the options");
	}
	for (size_t i = 0; i < AZF_ARRAY_SIZE(details); i++) {
		if (!azf_options_value(options, details[i]) ||
		    listed(kind->needs, details[i]) ||
		    listed(kind->takes, details[i]))
			continue;
		azf_fail(err, AZF_E_USAGE,
			 "%s= has no meaning with identity=%s", details[i],
			 identity);
		return azf_cure(err, "Leave it out, or choose the identity "
				     "that it belongs to");
	}
	return 0;
}

static int unknown_identity(const char *identity, struct azf_error *err)
{
	azf_fail(err, AZF_E_USAGE, "identity=%s is not known", identity);
	return azf_cure(err,
			"Use system, a client id, /subscriptions/…, "
			"workload, sp, token, exec:/PATH, keytab, or ccache");
}

int azf_identity_absent(const struct azf_options *options,
			struct azf_error *err)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(details); i++) {
		if (!azf_options_get(options, details[i]))
			continue;
		azf_fail(err, AZF_E_USAGE,
			 "%s= is given without identity=", details[i]);
		return azf_cure(err, "Add the identity= that it belongs to");
	}
	return 0;
}

/* Client ids are the same in any case; a tag must not be. */
static int set_own(struct azf_fields *fields, const struct kind *kind,
		   const char *identity)
{
	azf_autofree char *value = NULL;

	if (!kind->own)
		return 0;
	if (azf_streq(kind->own, "program"))
		identity += strlen("exec:");
	value = strdup(identity);
	if (!value)
		return -ENOMEM;
	for (char *p = value; azf_streq(kind->own, "client_id") && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return azf_fields_set(fields, kind->own, value);
}

int azf_identity_fields(const struct azf_options *options,
			struct azf_fields *ret_fields, struct azf_error *err)
{
	const char *identity = azf_options_value(options, "identity");
	const char *cruid = azf_options_value(options, "cruid");
	const struct kind *kind = identity ? find_kind(identity) : NULL;
	azf_autofields struct azf_fields fields = { .count = 0 };
	int r;

	if (!kind)
		return unknown_identity(identity ? identity : "", err);
	r = check_details(kind, identity, options, err);
	if (r)
		return r;
	r = azf_fields_set(&fields, "identity", kind->name);
	if (r == 0)
		r = set_own(&fields, kind, identity);
	for (size_t i = 0; r == 0 && i < AZF_ARRAY_SIZE(details); i++)
		r = azf_fields_set(&fields, details[i],
				   azf_options_value(options, details[i]));
	/* an option of the kernel's, which means something to it with a key too
	 */
	if (r == 0 && azf_streq(kind->name, "ccache"))
		r = azf_fields_set(&fields, "cruid", cruid ? cruid : "0");
	if (r == -EINVAL)
		return azf_fail(err, AZF_E_USAGE,
				"an option of identity %s is too long or "
				"contains a control character",
				kind->name);
	if (r)
		return azf_no_memory(err);
	*ret_fields = fields;
	fields.count = 0;
	return 0;
}

bool azf_identity_is_entra(const struct azf_fields *fields)
{
	const char *name = azf_fields_get(fields, "identity");

	for (size_t i = 0; name && i < AZF_ARRAY_SIZE(kinds); i++) {
		if (azf_streq(kinds[i].name, name))
			return kinds[i].entra;
	}
	return false;
}

/* FNV-1a, to tell identities apart; nothing is protected by it. */
static uint64_t hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; *text; text++) {
		h ^= (unsigned char)*text;
		h *= 0x100000001b3ULL;
	}
	return h;
}

char *azf_identity_tag(const struct azf_fields *fields)
{
	const char *kind = azf_fields_get(fields, "identity");
	const char *client = azf_fields_get(fields, "client_id");
	const char *cruid = azf_fields_get(fields, "cruid");
	azf_autofree char *text = NULL;
	char *tag = NULL;
	size_t len;

	if (!kind)
		return NULL;
	if (azf_streq(kind, "system"))
		return strdup("system");
	if (azf_streq(kind, "client"))
		return client ? strdup(client) : NULL;
	if (azf_streq(kind, "ccache"))
		return asprintf(&tag, AZF_TICKET_USERS_TAG "%s",
				cruid ? cruid : "0") < 0 ?
			       NULL :
			       tag;
	/* the machine's own, of which there is one: "identity" is all there is */
	if (azf_streq(kind, "keytab") && !azf_fields_get(fields, "keytab") &&
	    !azf_fields_get(fields, "principal"))
		return strdup("keytab");
	/* one that somebody hands over */
	if (azf_streq(kind, "token") && !azf_fields_get(fields, "token_file"))
		return strdup("token");
	text = azf_fields_format(fields, &len);
	if (!text || asprintf(&tag, "%s-%016llx", kind,
			      (unsigned long long)hash(text)) < 0)
		return NULL;
	return tag;
}
