// SPDX-License-Identifier: MIT
/* fuzz-ticket.c - JSON of the ticket service. */
#include "fuzz.h"
#include "jwt.h"
#include "kerbticket.h"
#include "wipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char host[] = "acct1.file.core.windows.net";
	struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };
	char *text = fuzz_text(bytes, size);
	size_t len;
	void *data = azf_base64_decode(text, &len);

	must(!data || len <= size);
	azf_wipe_free(data);
	free(text);
	if (azf_kerbticket_parse((const char *)bytes, size, host, 1, &krbcred,
				 &err)) {
		must(!krbcred.ccache && err.cause[0]);
		fuzz_remark(NULL, AZF_DEBUG, err.cause);
		return 0;
	}
	must(krbcred.ccache_len > 0);
	azf_krbcred_free(&krbcred);
	return 0;
}
