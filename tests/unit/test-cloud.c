// SPDX-License-Identifier: MIT
/* test-cloud.c - which hosts belong to Azure. */
#include "test.h"

#include "cloud.h"

static void azure_hosts_are_known(void **state)
{
	static const struct {
		const char *host;
		const char *cloud;
		size_t account_len;
		bool private_link;
	} rows[] = {
		{ "acct.file.core.windows.net", "AzureCloud", 4, false },
		{ "ACCT.File.Core.Windows.NET", "AzureCloud", 4, false },
		{ "a.privatelink.file.core.windows.net", "AzureCloud", 1,
		  true },
		{ "a.PrivateLink.file.core.windows.net", "AzureCloud", 1,
		  true },
		{ "acct.z7.file.storage.azure.net", "AzureCloud", 4, false },
		{ "acct.z42.file.storage.azure.net", "AzureCloud", 4, false },
		{ "acct.privatelink.z4.file.storage.azure.net", "AzureCloud", 4,
		  true },
		{ "acct.file.core.usgovcloudapi.net", "AzureUSGovernment", 4,
		  false },
		{ "acct.file.core.chinacloudapi.cn", "AzureChinaCloud", 4,
		  false },
		{ "acct.file.core.cloudapi.de", "AzureGermanCloud", 4, false },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const struct azf_cloud *cloud;
		bool private_link = !rows[i].private_link;
		size_t len = 99;

		cloud = azf_cloud_find(rows[i].host, &len, &private_link);
		if (!cloud)
			fail_msg("%s is not known", rows[i].host);
		assert_string_equal(cloud->name, rows[i].cloud);
		assert_int_equal(len, rows[i].account_len);
		assert_int_equal(private_link, rows[i].private_link);
	}
}

static void other_hosts_are_not(void **state)
{
	static const char *const hosts[] = {
		"",
		".",
		"localhost",
		"10.0.0.4",
		"fe80::1",
		"file.core.windows.net",
		".file.core.windows.net",
		"acct.file.core.windows.net.",
		"acct.file.core.windows.net.evil.example",
		"acct.blob.core.windows.net",
		"acct.xfile.core.windows.net",
		"acct.privatelink",
		"acct.privatelink.",
		"acct.privatelink.privatelink.file.core.windows.net",
		"acct.file.storage.azure.net",
		"acct.z.file.storage.azure.net",
		"acct.zx1.file.storage.azure.net",
		"acct.z1.file.core.windows.net",
		"a.b.file.core.windows.net",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(hosts); i++) {
		bool private_link = true;
		size_t len = 99;

		if (azf_cloud_find(hosts[i], &len, &private_link))
			fail_msg("%s is taken for Azure's", hosts[i]);
		assert_int_equal(len, 99);
		assert_true(private_link);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(azure_hosts_are_known),
		cmocka_unit_test(other_hosts_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
