// SPDX-License-Identifier: MIT
/* fuzz-arc.c - challenges of the Azure Arc agent. */
#include "fuzz.h"
#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = fuzz_text(bytes, size);
	char name[64] = "";

	if (azf_arc_challenge(text, name, sizeof(name))) {
		size_t len = strlen(name);

		must(len > 4 && len < sizeof(name));
		must(!strchr(name, '/') && name[0] != '.');
		must(azf_streq(name + len - 4, ".key"));
		must(strstr(text, name));
	}
	free(text);
	return 0;
}
