// SPDX-License-Identifier: MIT
/* krb-probe.c - what "azfilesctl doctor" wants to know about a realm. */
#include "krb-probe.h"

#include "azf-private.h"
#include "krb-kdc.h"

static int set(struct azf_fields *found, const char *key, const char *value,
	       struct azf_error *err)
{
	return azf_fields_set(found, key, value) ? azf_no_memory(err) : 0;
}

static int set_number(struct azf_fields *found, const char *key, int64_t value,
		      struct azf_error *err)
{
	return azf_fields_set_number(found, key, value) ? azf_no_memory(err) :
							  0;
}

static int set_types(struct azf_fields *found, const char *key,
		     const struct azf_krb_types *types, struct azf_error *err)
{
	char text[160];

	azf_krb_types_show(types, text, sizeof(text));
	return set(found, key, text, err);
}

static int probe_keytab(struct azf_kinit *kinit, struct azf_fields *found,
			struct azf_error *err)
{
	const struct azf_krb_keys *keys = azf_kinit_keys(kinit);
	struct azf_krb_types permitted;
	int r = set_number(found, "kvno", keys->kvno, err);

	if (r == 0)
		r = set_types(found, "keys", &keys->types, err);
	if (r || !azf_krb_types_permitted(azf_kinit_context(kinit), &permitted))
		return r;
	r = set_types(found, "permitted", &permitted, err);
	if (r || azf_krb_types_meet(&keys->types, &permitted))
		return r;
	return azf_kinit_failed(kinit, AZF_KRB_KEYS, KRB5_KT_NOTFOUND, err);
}

/* Return: 0 or a code negated; *ret_count servers were found. */
static int find_place(struct azf_kinit *kinit, enum azf_krb_place place,
		      struct azf_fields *found, size_t *ret_count,
		      struct azf_error *err)
{
	static const char *const keys[] = {
		[AZF_KRB_KDC] = "kdc",
		[AZF_KRB_KPASSWD] = "kpasswd",
		[AZF_KRB_LDAP] = "ldap",
	};
	azf_autostr struct azf_str text = { 0 };
	struct azf_srv_list servers;
	bool configured = azf_krb_places(azf_kinit_context(kinit),
					 azf_kinit_realm(kinit), place,
					 &servers);
	int r = 0;

	for (size_t i = 0; i < servers.count; i++)
		azf_str_add(&text, "%s%s %u", i ? "," : "",
			    servers.list[i].host, servers.list[i].port);
	if (text.failed)
		return azf_no_memory(err);
	*ret_count = servers.count;
	if (place == AZF_KRB_KDC)
		r = set(found, "source", configured ? "krb5.conf" : "DNS", err);
	return r ? r : set(found, keys[place], text.text, err);
}

static int probe_places(struct azf_kinit *kinit, struct azf_fields *found,
			struct azf_error *err)
{
	size_t kdcs = 0, others;
	int r = find_place(kinit, AZF_KRB_KDC, found, &kdcs, err);

	if (r == 0)
		r = find_place(kinit, AZF_KRB_KPASSWD, found, &others, err);
	if (r == 0)
		r = find_place(kinit, AZF_KRB_LDAP, found, &others, err);
	if (r || kdcs)
		return r;
	return azf_kinit_failed(kinit, AZF_KRB_SIGN_IN, KRB5_REALM_UNKNOWN,
				err);
}

static int probe_kdc(struct azf_kinit *kinit, struct azf_fields *found,
		     struct azf_error *err)
{
	struct azf_krb_watch watch;
	krb5_error_code code = azf_krb_kdc_ask(azf_kinit_context(kinit),
					       azf_kinit_client(kinit), NULL,
					       &watch);

	if (code)
		return azf_kinit_failed(kinit, AZF_KRB_SIGN_IN, code, err);
	return watch.clock ? set_number(found, "skew", watch.skew, err) : 0;
}

/* What there are keys of, and what domains have: not all that there is. */
static struct azf_krb_types find_candidates(
	const struct azf_krb_types *keys, const struct azf_krb_types *permitted)
{
	struct azf_krb_types types = { { ENCTYPE_AES256_CTS_HMAC_SHA1_96,
					 ENCTYPE_AES128_CTS_HMAC_SHA1_96,
					 ENCTYPE_ARCFOUR_HMAC },
				       3 };

	for (size_t i = 0; i < keys->count; i++)
		azf_krb_types_add(&types, keys->list[i]);
	azf_krb_types_keep(&types, permitted);
	return types;
}

static int probe_enctypes(struct azf_kinit *kinit, struct azf_fields *found,
			  struct azf_error *err)
{
	struct azf_krb_types common = azf_kinit_keys(kinit)->types;
	struct azf_krb_types permitted, candidates, account;
	krb5_error_code code;
	int r = probe_keytab(kinit, found, err);

	if (r || !azf_krb_types_permitted(azf_kinit_context(kinit), &permitted))
		return r;
	candidates = find_candidates(&common, &permitted);
	code = azf_krb_kdc_types(azf_kinit_context(kinit),
				 azf_kinit_client(kinit), &candidates,
				 &account);
	if (code)
		return azf_kinit_failed(kinit, AZF_KRB_SIGN_IN, code, err);
	azf_krb_types_keep(&common, &permitted);
	azf_krb_types_keep(&common, &account);
	r = set_types(found, "account", &account, err);
	if (r == 0)
		r = set_types(found, "common", &common, err);
	if (r || common.count)
		return r;
	return azf_kinit_failed(kinit, AZF_KRB_SIGN_IN,
				KRB5KDC_ERR_ETYPE_NOSUPP, err);
}

static const struct probe {
	const char *name;
	int (*run)(struct azf_kinit *kinit, struct azf_fields *found,
		   struct azf_error *err);
} probes[] = {
	{ "keytab", probe_keytab },
	{ "places", probe_places },
	{ "kdc", probe_kdc },
	{ "enctypes", probe_enctypes },
};

static const struct probe *find(const char *what)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(probes); i++) {
		if (azf_streq(probes[i].name, what))
			return &probes[i];
	}
	return NULL;
}

bool azf_krb_is_probe(const char *what)
{
	return find(what) != NULL;
}

int azf_krb_probe(struct azf_kinit *kinit, const char *what,
		  struct azf_fields *found, struct azf_error *err)
{
	const struct probe *probe = find(what);
	int r = set(found, "principal", azf_kinit_principal(kinit), err);

	if (r == 0)
		r = set(found, "realm", azf_kinit_realm(kinit), err);
	return r ? r : probe->run(kinit, found, err);
}
