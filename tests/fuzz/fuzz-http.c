// SPDX-License-Identifier: MIT
/* fuzz-http.c - headers of answers, of which some words reach messages. */
#include "fuzz.h"
#include "http.h"
#include "token.h"

static void check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	must(len < size);
	must(!azf_has_control(text, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct azf_http_answer answer;
	const char *at = (const char *)bytes;
	const char *end = at + size;
	char name[64];

	memset(&answer, 0, offsetof(struct azf_http_answer, body));
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;
		/* of its own size, so that a byte too far is noticed */
		char *line = malloc((size_t)(next - at));

		must(line);
		memcpy(line, at, (size_t)(next - at));
		azf_http_header(line, (size_t)(next - at), &answer);
		free(line);
		at = next;
	}
	check_text(answer.error_code, sizeof(answer.error_code));
	check_text(answer.request_id, sizeof(answer.request_id));
	check_text(answer.challenge, sizeof(answer.challenge));
	must(answer.date >= -1);
	if (azf_arc_challenge(answer.challenge, name, sizeof(name)))
		must(name[0] != '.' && !strchr(name, '/'));
	return 0;
}
