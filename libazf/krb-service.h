/* SPDX-License-Identifier: MIT */
/* krb-service.h - a ticket for a file server, by the name that it has. */
#ifndef AZF_KRB_SERVICE_H
#define AZF_KRB_SERVICE_H

#include "krb-names.h"
#include "krb.h"

/**
 * struct azf_krb_service - whose ticket is wanted
 * @tickets: with a ticket granting ticket; the new one is added
 * @client: whose they are
 * @names: of the server; at least one
 */
struct azf_krb_service {
	krb5_ccache tickets;
	krb5_principal client;
	const struct azf_krb_names *names;
};

/**
 * azf_krb_service_get() - ask for cifs/NAME, by one name after the other
 * @ret_creds: on success for krb5_free_creds()
 *
 * The next name is tried only where KDCs do not know a service by the one
 * before. Names go as they are: whatever krb5.conf says about
 * dns_canonicalize_hostname and rdns, libkrb5 asks DNS about KDCs only. What it
 * says about a name's realm counts; where it says nothing, the client's KDC is
 * asked, which knows the way to other realms.
 *
 * Return: 0, or libkrb5's code of the last name that was tried.
 */
krb5_error_code azf_krb_service_get(krb5_context context,
				    const struct azf_krb_service *service,
				    krb5_creds **ret_creds);

#endif
