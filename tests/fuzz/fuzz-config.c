// SPDX-License-Identifier: MIT
/* fuzz-config.c - azfiles.conf. */
#include "config.h"
#include "fuzz.h"

/* Nothing in it can become more than a scheme, a host and a port. */
static void check_endpoint(const char *endpoint, const char *scheme)
{
	if (!endpoint)
		return;
	must(strncasecmp(endpoint, scheme, strlen(scheme)) == 0);
	must(endpoint[strlen(scheme)]);
	must(!strpbrk(endpoint + strlen(scheme), "/@?# \\%"));
	fuzz_remark(NULL, AZF_DEBUG, endpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_autoconfig struct azf_config config = { 0 };
	struct azf_error err = { 0 };

	if (azf_config_parse((const char *)bytes, size, "azfiles.conf", &config,
			     &err)) {
		must(err.code && err.cause[0] && err.cure[0]);
		must(!config.imds_endpoint && !config.ca_file);
		fuzz_remark(NULL, AZF_DEBUG, err.cause);
		return 0;
	}
	check_endpoint(config.imds_endpoint, "http://");
	check_endpoint(config.arc_endpoint, "http://");
	check_endpoint(config.authority_host, "https://");
	must(!config.ca_path || config.ca_path[0] == '/');
	must(!config.ca_file || config.ca_file[0] == '/');
	must(config.connect_timeout >= 1 && config.connect_timeout <= 300);
	must(config.total_timeout >= 1 && config.total_timeout <= 600);
	must(config.storage_port >= 1 && config.storage_port <= 65535);
	return 0;
}
