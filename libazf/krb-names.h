/* SPDX-License-Identifier: MIT */
/* krb-names.h - the names that a server may have a service ticket by. */
#ifndef AZF_KRB_NAMES_H
#define AZF_KRB_NAMES_H

#include "util.h"

#include <netdb.h>

/* As typed; what that is an alias of; what its address is called. */
#define AZF_KRB_NAMES_MAX 3

/**
 * struct azf_krb_names - the names of a host
 * @list: HOST of cifs/HOST, in the order in which a KDC is to be asked for it
 * @count: of @list; 0 for an address whose reverse lookup is not trusted
 * @literal: the host is an address
 * @canonical: what a CNAME, or /etc/hosts, says that the host is; or ""
 * @address: of the host; or ""
 * @pointer: what a reverse lookup calls @address; or "". Whoever answers for
 *	the address can write anything there: a hint for messages
 */
struct azf_krb_names {
	char list[AZF_KRB_NAMES_MAX][NI_MAXHOST];
	size_t count;
	bool literal;
	char canonical[NI_MAXHOST];
	char address[NI_MAXHOST];
	char pointer[NI_MAXHOST];
};

/**
 * azf_krb_names_find() - look for the names of a host
 * @host: in lower case, without brackets
 * @rdns: the administrator trusts reverse lookups: the pointer is one, too
 * @ret_names: filled
 *
 * Asks DNS, in this process: it is for those that have given up their
 * privileges. What cannot be found is missing; the host itself, if it is no
 * address, is always there.
 */
void azf_krb_names_find(const char *host, bool rdns,
			struct azf_krb_names *ret_names);

/* Fill @pointer, which azf_krb_names_find() does only if it is trusted. */
void azf_krb_names_hint(struct azf_krb_names *names);

#endif
