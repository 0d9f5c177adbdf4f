/* SPDX-License-Identifier: MIT */
/* cloud.h - the Azure clouds, and which of them a host belongs to. */
#ifndef AZF_CLOUD_H
#define AZF_CLOUD_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct azf_cloud - one Azure cloud
 * @name: as "az cloud list" spells it
 * @suffix: of the file endpoint, after ACCOUNT and its dot
 * @authority: its Entra
 * @zoned: a label zNN stands between the account and the suffix
 */
struct azf_cloud {
	const char *name;
	const char *suffix;
	const char *authority;
	bool zoned;
};

/**
 * azf_cloud_find() - the cloud that a host name belongs to
 * @host: compared without regard to case
 * @ret_account_len: length of the account, which is the first label
 * @ret_private_link: the label "privatelink" stands before the suffix
 *
 * Return: a row of the table, or NULL when the host is not an Azure file
 * endpoint; the outputs are set only with a row.
 */
const struct azf_cloud *azf_cloud_find(const char *host,
				       size_t *ret_account_len,
				       bool *ret_private_link);

#endif
