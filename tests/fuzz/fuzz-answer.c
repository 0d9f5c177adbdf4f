// SPDX-License-Identifier: MIT
/* fuzz-answer.c - what azfiles-credential answers, piece by piece. */
#include "fuzz.h"
#include "ticket-answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char host[] = "acct1.file.core.windows.net";
	azf_autoanswer struct azf_ticket_answer answer = { .ok = false };
	const char *text = (const char *)bytes;
	const char *of;
	bool whole = false;

	/* what is whole stays so, whatever follows */
	for (size_t len = 0; len <= size; len++) {
		bool is = azf_ticket_answer_is_whole(text, len);

		must(is || !whole);
		whole = is;
	}
	if (!azf_ticket_answer_read(text, size, host, &answer))
		return 0;
	of = azf_fields_get(&answer.fields, "host");
	must(!of || azf_streq(of, host));
	must(azf_fields_get(&answer.fields, "result"));
	if (!answer.ok)
		return 0;
	must(answer.ccache && answer.ccache + answer.ccache_len == text + size);
	must(answer.ccache_len < size);
	must(whole || !azf_fields_get(&answer.fields, "length"));
	return 0;
}
