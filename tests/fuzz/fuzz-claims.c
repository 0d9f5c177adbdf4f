// SPDX-License-Identifier: MIT
/* fuzz-claims.c - access tokens, of which some claims are shown. */
#include "claims.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct azf_fields claims = { .count = 0 };
	char *text = fuzz_text(bytes, size);

	if (azf_claims_read(text, &claims))
		must(claims.count == 0);
	for (size_t i = 0; i < claims.count; i++) {
		const char *value = claims.list[i].value;

		must(strlen(value) <= 128);
		fuzz_remark(NULL, AZF_INFO, value);
	}
	azf_fields_free(&claims);
	free(text);
	return 0;
}
