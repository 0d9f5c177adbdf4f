/* SPDX-License-Identifier: MIT */
/* source.h - //HOST/SHARE[/PATH] taken apart. */
#ifndef AZF_SOURCE_H
#define AZF_SOURCE_H

#include "cloud.h"
#include "util.h"

struct azf_error;

/**
 * struct azf_source - a source, taken apart
 * @host: as typed; brackets of an IPv6 address removed
 * @share: as typed
 * @path: below the share, without leading or trailing slashes; "" for none
 * @share_end: length in bytes of the source up to the end of the share
 * @account: the storage account in lower case when the host is one of Azure's,
 *	or NULL
 * @cloud: the row of the cloud table that the host belongs to, or NULL
 * @private_link: the host is ACCOUNT.privatelink.SUFFIX
 *
 * All strings are owned by the struct; azf_source_free() releases them.
 */
struct azf_source {
	char *host;
	char *share;
	char *path;
	size_t share_end;
	char *account;
	const struct azf_cloud *cloud;
	bool private_link;
};

/**
 * azf_source_parse() - take a source apart
 * @text: as given to mount(8)
 * @ret_source: filled on success
 * @err: filled on failure; the cure holds the right spelling if one is known
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_source_parse(const char *text, struct azf_source *ret_source,
		     struct azf_error *err);
/**
 * azf_source_display() - a source as it may be shown to anybody
 * @text: as given to mount(8)
 *
 * People paste URLs: what follows a '?' may be a SAS signature, what stands
 * before an '@' a password. Neither is shown.
 *
 * Return: a copy for the caller to free(), or NULL if out of memory.
 */
char *azf_source_display(const char *text) AZF_MUST_CHECK;
/**
 * azf_source_canonical_host() - the name that tickets are made out to
 * @host: as typed
 *
 * Return: the name in lower case, and of a private link name the account's
 * own, for the caller to free(); NULL if out of memory.
 */
char *azf_source_canonical_host(const char *host) AZF_MUST_CHECK;
/**
 * azf_source_host() - a host name that stands alone
 * @text: as typed: the name and nothing else
 * @ret_host: canonical, for the caller to free()
 * @err: filled on failure; the cure holds the right spelling if one is known
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_source_host(const char *text, char **ret_host, struct azf_error *err);
/**
 * azf_source_private_name() - the name that only a private endpoint has
 * @source: of an Azure cloud, and not such a name itself
 *
 * Return: for the caller to free(); NULL if out of memory.
 */
char *azf_source_private_name(const struct azf_source *source) AZF_MUST_CHECK;
void azf_source_free(struct azf_source *source);

#endif
