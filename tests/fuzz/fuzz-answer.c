// SPDX-License-Identifier: MIT
/* fuzz-answer.c - what azfiles-credential answers, piece by piece. */
#include "fuzz.h"
#include "ticket-answer.h"
#include "ticket.h"

#include <fcntl.h>

/* What root writes down of it, and says. */
static void keep(const struct azf_ticket_answer *answer)
{
	static struct azf_state state = { .fd = -1 };
	const struct azf_log log = { fuzz_remark, NULL };
	struct azf_ticket_times times;
	struct azf_error err = { 0 };
	uint64_t after = 0;

	if (state.fd < 0) {
		state.path = strdup(fuzz_directory());
		state.fd = open(state.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	must(state.path && state.fd >= 0);
	if (azf_ticket_answer_keep(answer, &state, false, &log, &after, &err)) {
		must(err.code == AZF_E_MOUNT || err.code == AZF_E_TRANSIENT);
		fuzz_remark(NULL, AZF_DEBUG, err.cause);
		fuzz_remark(NULL, AZF_DEBUG, err.cure);
		return;
	}
	must(azf_ticket_times(&state, &times));
	must(times.renew <= times.expires);
}

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
	keep(&answer);
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
