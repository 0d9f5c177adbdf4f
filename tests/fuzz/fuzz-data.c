// SPDX-License-Identifier: MIT
/*
 * fuzz-data.c - the data string of mount(2), read back as the kernel reads it.
 * The input is a user name, a domain and two keys, a line each.
 */
#include "fuzz.h"
#include "kernel-data.h"

/* The value of an option. */
static bool kernel_reads(const char *data, const char *name, const char *want)
{
	char token[AZF_DATA_MAX + 1];

	while (kernel_token(&data, token)) {
		if (azf_starts_with(token, name) && token[strlen(name)] == '=')
			return azf_streq(token + strlen(name) + 1, want);
	}
	return *want == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct azf_data data;
	struct azf_request request = { 0 };
	char *text = fuzz_text(bytes, size), *rest = text;
	const char *user = strsep(&rest, "\n"), *domain = strsep(&rest, "\n");
	const char *key = strsep(&rest, "\n"), *key2 = strsep(&rest, "\n");
	char kernel[] = "seal,vers=3.1.1";
	struct azf_plan plan = { .request = &request, .port = 445 };
	struct azf_error err = { 0 };

	plan.kernel = kernel;
	plan.credential.username = strdup(user);
	plan.credential.domain = domain ? strdup(domain) : NULL;
	if (key && azf_secret_set(&plan.credential.password, key, strlen(key)))
		must(plan.credential.password.len == strlen(key));
	if (key2)
		(void)azf_secret_set(&plan.credential.password2, key2,
				     strlen(key2));
	if (azf_plan_data(&plan, "::1", AZF_BOTH_KEYS, &data, &err) == 0) {
		const struct azf_credential *c = &plan.credential;

		must(data.len == strlen(data.text) && data.len <= AZF_DATA_MAX);
		must(data.text[0] != ',');
		must(kernel_reads(data.text, "ip", "::1"));
		must(kernel_reads(data.text, "port", "445"));
		must(kernel_reads(data.text, "vers", "3.1.1"));
		must(kernel_reads(data.text, "username", user));
		must(kernel_reads(data.text, "domain", domain ? domain : ""));
		must(kernel_reads(data.text, "password", c->password.text));
		must(kernel_reads(data.text, "password2", c->password2.text));
	} else {
		must(err.code == AZF_E_USAGE && data.overflow);
	}
	plan.kernel = NULL;
	azf_plan_free(&plan);
	free(text);
	return 0;
}
