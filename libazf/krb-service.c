// SPDX-License-Identifier: MIT
/* krb-service.c - a ticket for a file server, by the name that it has. */
#include "krb-service.h"

#include <errno.h>

static krb5_error_code name_server(krb5_context context,
				   const struct azf_krb_service *service,
				   const char *host, krb5_principal *ret_server)
{
	const krb5_data *own = &service->client->realm;
	azf_autofree char *realm = strndup(own->data, own->length);
	char **found = NULL;
	const char *chosen = realm;
	krb5_error_code code;

	if (!realm)
		return ENOMEM;
	if (krb5_get_host_realm(context, host, &found) == 0 && found[0] &&
	    found[0][0])
		chosen = found[0];
	/* of no type that libkrb5 would look up in DNS */
	code = krb5_build_principal(context, ret_server,
				    (unsigned int)strlen(chosen), chosen,
				    "cifs", host, NULL);
	if (found)
		(void)krb5_free_host_realm(context, found);
	return code;
}

static krb5_error_code get_by(krb5_context context,
			      const struct azf_krb_service *service,
			      const char *host, krb5_creds **ret_creds)
{
	krb5_creds wanted = { .client = service->client };
	krb5_error_code code = name_server(context, service, host,
					   &wanted.server);

	if (code)
		return code;
	code = krb5_get_credentials(context, 0, service->tickets, &wanted,
				    ret_creds);
	krb5_free_principal(context, wanted.server);
	return code;
}

krb5_error_code azf_krb_service_get(krb5_context context,
				    const struct azf_krb_service *service,
				    krb5_creds **ret_creds)
{
	const struct azf_krb_names *names = service->names;
	krb5_error_code code = KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN;

	for (size_t i = 0; i < names->count; i++) {
		code = get_by(context, service, names->list[i], ret_creds);
		if (code != KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN)
			break;
	}
	return code;
}
