// SPDX-License-Identifier: MIT
/* fuzz-ccache.c - files of credentials that others have written. */
#include "ccache.h"
#include "fuzz.h"
#include "wipe.h"

static void check_tickets(const struct azf_ccache *ccache)
{
	for (size_t i = 0; i < azf_ccache_count(ccache); i++) {
		struct azf_ccache_ticket ticket;

		if (!azf_ccache_ticket(ccache, i, &ticket))
			continue;
		fuzz_remark(NULL, AZF_DEBUG, ticket.client);
		fuzz_remark(NULL, AZF_DEBUG, ticket.server);
		fuzz_remark(NULL, AZF_DEBUG, ticket.realm);
		must(strncasecmp(ticket.server, "cifs/", 5) == 0);
		azf_ccache_ticket_free(&ticket);
	}
}

/* What is found is gone when it was dropped. */
static void check_drop(struct azf_ccache *ccache)
{
	static const char host[] = "acct1.file.core.windows.net";
	size_t before = azf_ccache_count(ccache);
	azf_autofree char *found = azf_ccache_find(ccache, host, 0);
	size_t dropped = azf_ccache_drop(ccache, host);
	azf_autofree char *again = azf_ccache_find(ccache, host, 0);

	must(!found || dropped);
	must(!again);
	must(azf_ccache_count(ccache) == before - dropped);
	azf_ccache_drop_expired(ccache, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_autoccache struct azf_ccache *ccache = NULL;
	azf_autoccache struct azf_ccache *copy = NULL;
	struct azf_error err = { 0 };
	azf_autowipe unsigned char *data = NULL;
	size_t len;

	if (azf_ccache_parse(bytes, size, &ccache, &err)) {
		must(!ccache && err.cause[0]);
		return 0;
	}
	check_tickets(ccache);
	/* what we write, we can read */
	data = azf_ccache_format(ccache, &len);
	must(data);
	must(azf_ccache_parse(data, len, &copy, &err) == 0);
	must(azf_ccache_count(copy) == azf_ccache_count(ccache));
	check_drop(ccache);
	(void)!azf_ccache_take(ccache, copy, &err);
	return 0;
}
