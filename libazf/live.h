/* SPDX-License-Identifier: MIT */
/* live.h - the Kerberos mounts that there are, and the kernel's servers. */
#ifndef AZF_LIVE_H
#define AZF_LIVE_H

#include "util.h"

/**
 * struct azf_live_mount - an SMB mount with sec=krb5 or a kin of it
 * @host: canonical, in lower case
 * @tag: of the identity; NULL for a mount of many users, where the kernel does
 *	not show it
 * @target: where it is
 */
struct azf_live_mount {
	char *host;
	char *tag;
	char *target;
};

/**
 * struct azf_live - those of our mount name space
 *
 * Starts as { 0 }; azf_live_free() releases what it owns.
 */
struct azf_live {
	struct azf_live_mount *list;
	size_t count;
};

#define azf_autolive azf_cleanup(azf_live_free)
void azf_live_free(struct azf_live *live);

/**
 * azf_live_read() - look at the table of mounts
 * @table: of a file like it; NULL for what is mounted now
 *
 * Return: 0, or an errno negated.
 */
int azf_live_read(const char *table, struct azf_live *live) AZF_MUST_CHECK;

/* Whether @mount may need the ticket of that host and identity. */
bool azf_live_uses(const struct azf_live_mount *mount, const char *host,
		   const char *tag);

/**
 * struct azf_servers - the servers that the kernel has to do with
 * @hosts: canonical names
 * @unnamed: there are some whose names it does not tell
 *
 * Of all name spaces: what a container mounted is not in our table of mounts.
 */
struct azf_servers {
	char **hosts;
	size_t count;
	bool unnamed;
};

#define azf_autoservers azf_cleanup(azf_servers_free)
void azf_servers_free(struct azf_servers *servers);

/**
 * azf_servers_read() - ask the kernel for its servers
 * @path: of a file like cifs's DebugData; NULL for the kernel's own
 *
 * Return: 0, also without a cifs module; or an errno negated.
 */
int azf_servers_read(const char *path,
		     struct azf_servers *servers) AZF_MUST_CHECK;

/* Whether that host may be one of them. */
bool azf_servers_have(const struct azf_servers *servers, const char *host);

#endif
