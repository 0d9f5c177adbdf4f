// SPDX-License-Identifier: MIT
/* fuzz-options.c - the text behind -o. */
#include "fuzz.h"
#include "options.h"

/* Whatever the table takes for a secret must be stars afterwards. */
static void check_blotted(const char *text)
{
	static const char *const names[] = { "password=", "pass=", "password2=",
					     "pass2=" };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		const char *p = text;
		size_t len = strlen(names[i]);

		while ((p = strstr(p, names[i])) != NULL) {
			bool whole = p == text || p[-1] == ',';

			p += len;
			if (whole)
				must(strspn(p, "*") == strcspn(p, ","));
		}
	}
}

static void check_settings(const struct azf_options *options)
{
	azf_for_each_setting(setting, options) {
		must(!setting->option->canonical);
		must(setting->option->owner != AZF_FOR_SECRET);
		must(setting->option->owner != AZF_FOR_REFUSAL);
		must(azf_options_get(options, setting->option->name));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct azf_options *options = azf_options_new(size % 2);
	char *text = fuzz_text(bytes, size);
	size_t len = strlen(text);
	struct azf_error err = { 0 };
	int r = azf_options_parse(options, text, &err);

	must(strlen(text) == len);
	must((r == 0) == (err.code == 0));
	must(r == 0 || r == -AZF_E_USAGE);
	if (!strchr(text, '"')) /* a label in quotes may hold anything */
		check_blotted(text);
	check_settings(options);
	azf_options_free(options);
	free(text);
	return 0;
}
