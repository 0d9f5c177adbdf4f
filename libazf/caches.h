/* SPDX-License-Identifier: MIT */
/* caches.h - the Kerberos tickets of the user that this process runs as. */
#ifndef AZF_CACHES_H
#define AZF_CACHES_H

#include "util.h"

/**
 * struct azf_caches - what there is
 * @name: of the cache that counts, as libkrb5 has it: TYPE:WHERE
 * @client: the principal that it belongs to; "" without one
 * @server: cifs/HOST@REALM of a ticket for the host that works now; or ""
 * @expires: when the last ticket that helps ends, seconds since 1970; 0 if
 *	there is none
 * @foreign: @name is a file of another user's, and was not read
 */
struct azf_caches {
	char name[256];
	char client[256];
	char server[256];
	int64_t expires;
	bool foreign;
};

/**
 * azf_caches_look() - look into the caches that libkrb5 finds by default
 * @host: for whose sake
 * @now: seconds since 1970
 * @ret_caches: filled as far as there is something
 *
 * Files, directories, keyrings and KCM, as krb5.conf and KRB5CCNAME say. Only
 * for a process that runs as the user. Nothing goes over the network.
 */
void azf_caches_look(const char *host, int64_t now,
		     struct azf_caches *ret_caches);

/**
 * azf_caches_keep() - give up writing all files but those of the cache
 * @caches: of azf_caches_look()
 *
 * libkrb5 adds tickets to it. All files of the user can still be read, and
 * nothing be made, renamed, removed or executed: see sandbox.h. Neither can the
 * environment of another process be read any more.
 */
void azf_caches_keep(const struct azf_caches *caches);

#endif
