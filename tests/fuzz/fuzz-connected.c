// SPDX-License-Identifier: MIT
/* fuzz-connected.c - what the kernel says of its connections. */
#include "connected.h"
#include "fuzz.h"

static void check(const struct azf_connections *connections)
{
	for (size_t i = 0; i < connections->host_count; i++) {
		must(connections->hosts[i]);
		must(azf_connections_have(connections, connections->hosts[i]));
	}
	for (size_t i = 0; i < connections->count; i++) {
		const struct azf_connected *share = &connections->shares[i];
		struct azf_mounted mount = {
			.source = share->share,
			.kerberos = share->kerberos,
		};
		const struct azf_connected *found = NULL;
		size_t count = 0;

		must(azf_starts_with(share->share, "//"));
		must(!strchr(share->share, '\\'));
		must(share->channels >= 1 && share->channels <= 64);
		while ((found = azf_connections_next(connections, &mount,
						     found)))
			must(++count <= connections->count);
		must(count >= 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_autoconnections struct azf_connections connections = { .count = 0 };
	/* fmemopen(3) refuses a size of 0 */
	FILE *file = size ? fmemopen((void *)bytes, size, "r") : NULL;

	if (!file)
		return 0;
	must(azf_connections_parse(file, &connections) == 0);
	check(&connections);
	(void)fclose(file);
	return 0;
}
