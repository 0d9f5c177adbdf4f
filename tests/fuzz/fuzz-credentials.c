// SPDX-License-Identifier: MIT
/* fuzz-credentials.c - the text of a credentials file. */
#include "credential.h"
#include "fuzz.h"

static void check_secret(const struct azf_secret *secret, const char *text)
{
	must(secret->len <= AZF_SECRET_MAX);
	must(strlen(secret->text) == secret->len);
	must(strstr(text, secret->text));
	must(!strpbrk(secret->text, "\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct azf_log log = { fuzz_remark, NULL };
	char *text = malloc(size + 1);
	struct azf_credential found = { 0 };
	struct azf_error err = { 0 };
	int r;

	must(text);
	memcpy(text, bytes, size);
	text[size] = '\0';
	r = azf_credential_parse(text, size, "/file", &log, &found, &err);
	must((r == 0) == (err.code == 0));
	must(r || strlen(text) == size); /* a NUL is in no good file */
	check_secret(&found.password, text);
	check_secret(&found.password2, text);
	must(!found.username || strstr(text, found.username));
	must(!found.domain || strstr(text, found.domain));
	azf_credential_free(&found);
	must(!found.password.len && !found.username);
	free(text);
	return 0;
}
