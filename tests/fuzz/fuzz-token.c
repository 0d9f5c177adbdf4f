// SPDX-License-Identifier: MIT
/* fuzz-token.c - answers of metadata services and of Entra. */
#include "fuzz.h"
#include "refusal.h"
#include "token.h"
#include "when.h"

#define NOW 1506480573

/* What a refusal's text becomes is one printable line. */
static void refuse(char *text)
{
	static struct azf_http_answer answer = { .status = 400 };
	static const struct azf_refusal_row rows[] = {
		{ 400, false, "c", NULL, "%c: %d", "%h" },
		{ .cause = NULL },
	};
	const struct azf_refusal refusal = {
		rows, &answer, "s", "h", "i", "t", "c", text,
	};
	struct azf_error err = { 0 };

	must(azf_refuse(&refusal, &err) < 0);
	fuzz_remark(NULL, AZF_DEBUG, err.cause);
	must(strlen(err.cause) < 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct azf_token token;
	char *text = fuzz_text(bytes, size);
	const char *wrong;
	int64_t epoch;

	token.len = 0;
	wrong = azf_token_parse((const char *)bytes, size, NOW, "client",
				&token);
	must(!wrong == (token.len > 0));
	must(token.len <= AZF_TOKEN_MAX);
	must(wrong || (strlen(token.text) == token.len &&
		       !strpbrk(token.text, " \r\n\"")));
	if (azf_when_rfc3339(text, &epoch))
		must(azf_when_any(text, &epoch));
	refuse(text);
	free(text);
	return 0;
}
