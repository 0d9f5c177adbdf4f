// SPDX-License-Identifier: MIT
/* fuzz-krbcred.c - KRB-CRED messages of the ticket service. */
#include "fuzz.h"
#include "krbcred.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char host[] = "acct1.file.core.windows.net";
	struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };

	if (azf_krbcred_read(bytes, size, host, 1, &krbcred, &err)) {
		must(!krbcred.ccache && err.cause[0]);
		fuzz_remark(NULL, AZF_DEBUG, err.cause);
		return 0;
	}
	must(strcasestr(krbcred.server, host));
	must(krbcred.expires > 1);
	must(krbcred.ccache_len > 0 && krbcred.ccache_len < 2 * size + 4096);
	must(krbcred.ccache[0] == 5 && krbcred.ccache[1] == 4);
	fuzz_remark(NULL, AZF_DEBUG, krbcred.server);
	fuzz_remark(NULL, AZF_DEBUG, krbcred.client);
	azf_krbcred_free(&krbcred);
	return 0;
}
