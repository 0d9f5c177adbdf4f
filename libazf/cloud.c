// SPDX-License-Identifier: MIT
/* cloud.c - the Azure clouds, and which of them a host belongs to. */
#include "cloud.h"

#include "util.h"

#include <strings.h>

/* File endpoints as "az cloud list" and learn.microsoft.com give them. */
#define PUBLIC "https://login.microsoftonline.com"

static const struct azf_cloud clouds[] = {
	{ "AzureCloud", "file.core.windows.net", PUBLIC, false },
	{ "AzureCloud", "file.storage.azure.net", PUBLIC, true },
	{ "AzureUSGovernment", "file.core.usgovcloudapi.net",
	  "https://login.microsoftonline.us", false },
	{ "AzureChinaCloud", "file.core.chinacloudapi.cn",
	  "https://login.partner.microsoftonline.cn", false },
	{ "AzureGermanCloud", "file.core.cloudapi.de",
	  "https://login.microsoftonline.de", false },
};

/* Length of "z07." at the start of a label list, or 0. */
static size_t zone_label(const char *text)
{
	size_t digits;

	if (text[0] != 'z' && text[0] != 'Z')
		return 0;
	digits = strspn(text + 1, "0123456789");
	return digits && text[1 + digits] == '.' ? digits + 2 : 0;
}

const struct azf_cloud *azf_cloud_find(const char *host,
				       size_t *ret_account_len,
				       bool *ret_private_link)
{
	static const char link[] = "privatelink.";
	size_t account_len = strcspn(host, ".");
	const char *rest = host + account_len;
	bool private_link = false;
	size_t zone;

	if (account_len == 0 || rest[0] != '.')
		return NULL;
	rest++;
	if (strncasecmp(rest, link, sizeof(link) - 1) == 0) {
		private_link = true;
		rest += sizeof(link) - 1;
	}
	zone = zone_label(rest);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(clouds); i++) {
		if (clouds[i].zoned != (zone != 0) ||
		    strcasecmp(rest + zone, clouds[i].suffix) != 0)
			continue;
		*ret_account_len = account_len;
		*ret_private_link = private_link;
		return &clouds[i];
	}
	return NULL;
}
