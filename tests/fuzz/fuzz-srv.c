// SPDX-License-Identifier: MIT
/* fuzz-srv.c - what DNS answers when it is asked for a service. */
#include "fuzz.h"
#include "srv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct azf_srv_list servers = { .count = 7 };

	azf_srv_parse(bytes, size, &servers);
	must(servers.count <= AZF_SRV_MAX);
	for (size_t i = 0; i < servers.count; i++) {
		const char *host = servers.list[i].host;

		must(host[0] && memchr(host, '\0', NI_MAXHOST));
		must(!azf_has_control(host, strlen(host)));
		must(i == 0 ||
		     servers.list[i].priority >= servers.list[i - 1].priority);
	}
	return 0;
}
