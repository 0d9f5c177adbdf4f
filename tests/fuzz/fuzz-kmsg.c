// SPDX-License-Identifier: MIT
/* fuzz-kmsg.c - records of the kernel log. */
#include "fuzz.h"
#include "kmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = fuzz_text(bytes, size);
	struct azf_kmsg_report report = { 0 };

	azf_kmsg_line(text, "acct.file.core.windows.net", &report);
	must(strlen(report.word) < sizeof(report.word));
	must(!report.word[0] ||
	     (report.said & (AZF_KMSG_UNKNOWN_OPTION | AZF_KMSG_BAD_VALUE |
			     AZF_KMSG_FIXED_OPTION)));
	fuzz_remark(NULL, AZF_DEBUG, report.word);
	if (!strcasestr(text, "cifs"))
		must(!report.said);
	free(text);
	return 0;
}
