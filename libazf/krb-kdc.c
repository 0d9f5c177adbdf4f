// SPDX-License-Identifier: MIT
/* krb-kdc.c - where the KDCs of a realm are, and what one says unasked. */
#include "krb-kdc.h"

/* Codes of KRB-ERROR, RFC 4120 7.5.9. */
#define ERROR_ETYPE_NOSUPP 14U

static const struct place {
	const char *setting; /* below [realms] in krb5.conf */
	const char *service;
	in_port_t port;
} places[] = {
	[AZF_KRB_KDC] = { "kdc", "_kerberos._tcp", 88 },
	[AZF_KRB_KPASSWD] = { "kpasswd_server", "_kpasswd._tcp", 464 },
	[AZF_KRB_LDAP] = { NULL, "_ldap._tcp", 389 },
};

/* [TRANSPORT/]HOST[:PORT], [ADDRESS]:PORT; a URL is of a proxy. */
static void take_setting(const char *text, in_port_t otherwise,
			 struct azf_srv_list *servers)
{
	struct azf_srv server = { .port = otherwise };
	const char *slash = strchr(text, '/');
	const char *end, *colon;
	uint64_t port;

	if (strstr(text, "://") || servers->count == AZF_SRV_MAX)
		return;
	if (slash)
		text = slash + 1;
	end = text[0] == '[' ? strchr(text, ']') : NULL;
	text += end != NULL;
	if (!end)
		end = text + strcspn(text, ": \t");
	colon = end + (*end == ']');
	if (*colon == ':' && azf_parse_uint(colon + 1, 1, UINT16_MAX, &port))
		server.port = (in_port_t)port;
	if (end == text || (size_t)(end - text) >= sizeof(server.host))
		return;
	memcpy(server.host, text, (size_t)(end - text));
	servers->list[servers->count++] = server;
}

static void read_settings(profile_t profile, const char *realm,
			  const struct place *place,
			  struct azf_srv_list *servers)
{
	const char *names[] = { "realms", realm, place->setting, NULL };
	char **values = NULL;

	if (!place->setting || profile_get_values(profile, names, &values))
		return;
	for (size_t i = 0; values[i]; i++)
		take_setting(values[i], place->port, servers);
	profile_free_list(values);
}

/* A setting of krb5.conf that is on or off. */
static bool is_on(profile_t profile, const char *name, bool otherwise)
{
	int value = otherwise;

	return profile_get_boolean(profile, "libdefaults", name, NULL,
				   otherwise, &value) ?
		       otherwise :
		       value != 0;
}

bool azf_krb_places(krb5_context context, const char *realm,
		    enum azf_krb_place place, struct azf_srv_list *ret_servers)
{
	struct _profile_t *profile = NULL;
	char name[512];
	bool dns;

	ret_servers->count = 0;
	if (krb5_get_profile(context, &profile))
		return false;
	read_settings(profile, realm, &places[place], ret_servers);
	dns = is_on(profile, "dns_lookup_kdc", true);
	profile_release(profile);
	if (ret_servers->count)
		return true;
	if (!dns)
		return false;
	(void)snprintf(name, sizeof(name), "%s.%s", places[place].service,
		       realm);
	azf_srv_find(name, ret_servers);
	return false;
}

bool azf_krb_trusts_pointers(krb5_context context)
{
	struct _profile_t *profile = NULL;
	bool trusts;

	if (krb5_get_profile(context, &profile))
		return false;
	/* libkrb5's own default is to trust them */
	trusts = is_on(profile, "rdns", false);
	profile_release(profile);
	return trusts;
}

krb5_error_code azf_krb_kdc_ask(krb5_context context, krb5_principal client,
				const struct azf_krb_types *types,
				struct azf_krb_watch *ret_watch)
{
	krb5_get_init_creds_opt *options = NULL;
	krb5_init_creds_context request = NULL;
	krb5_error_code r;

	*ret_watch = (struct azf_krb_watch){ .once = true };
	r = krb5_get_init_creds_opt_alloc(context, &options);
	if (r)
		return r;
	if (types)
		krb5_get_init_creds_opt_set_etype_list(
			options, (krb5_enctype *)types->list,
			(int)types->count);
	r = krb5_init_creds_init(context, client, NULL, NULL, 0, options,
				 &request);
	azf_krb_watch(context, ret_watch);
	if (r == 0)
		r = krb5_init_creds_get(context, request);
	azf_krb_watch(context, NULL);
	krb5_init_creds_free(context, request);
	krb5_get_init_creds_opt_free(context, options);
	return ret_watch->answered ? 0 : r;
}

krb5_error_code azf_krb_kdc_types(krb5_context context, krb5_principal client,
				  const struct azf_krb_types *candidates,
				  struct azf_krb_types *ret_types)
{
	ret_types->count = 0;
	for (size_t i = 0; i < candidates->count; i++) {
		const struct azf_krb_types one = { { candidates->list[i] }, 1 };
		struct azf_krb_watch watch;
		krb5_error_code r = azf_krb_kdc_ask(context, client, &one,
						    &watch);

		/* one that this libkrb5 does not have, or may not use */
		if (r == KRB5_PROG_ETYPE_NOSUPP ||
		    r == KRB5_CONFIG_ETYPE_NOSUPP)
			continue;
		if (r)
			return r;
		if (watch.error != ERROR_ETYPE_NOSUPP)
			azf_krb_types_add(ret_types, candidates->list[i]);
	}
	return 0;
}
