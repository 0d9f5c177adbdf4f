// SPDX-License-Identifier: MIT
/* fuzz-source.c - sources, good and bad. */
#include "fuzz.h"
#include "source.h"

#include <ctype.h>

static void check_source(const char *text, const struct azf_source *source)
{
	must(azf_starts_with(text, "//"));
	must(source->host[0] && source->share[0]);
	must(!strpbrk(source->host, "/\\?@"));
	must(!strpbrk(source->share, "/\\?"));
	must(source->path[0] != '/');
	must(!source->cloud == !source->account);
	must(strstr(text, source->host));
	must(source->share_end <= strlen(text));
	for (const char *p = source->account; p && *p; p++)
		must(!isupper((unsigned char)*p));
}

/* A name that stands alone, as "azfilesctl set" takes it. */
static void check_host(const char *text)
{
	azf_autofree char *host = NULL;
	struct azf_error err = { 0 };

	if (azf_source_host(text, &host, &err) == 0) {
		must(host[0] && host[0] != '.' && !strpbrk(host, "/:@ "));
		must(!azf_has_control(host, strlen(host)));
	} else {
		must(!host && err.code == AZF_E_USAGE && err.cure[0]);
		fuzz_remark(NULL, AZF_DEBUG, err.cause);
		fuzz_remark(NULL, AZF_DEBUG, err.cure);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = fuzz_text(bytes, size);
	char *shown = azf_source_display(text);
	struct azf_source source = { 0 };
	struct azf_error err = { 0 };

	/* never a query, never more than there was */
	must(strlen(shown) <= strlen(text));
	must(!strchr(shown, '?') || strpbrk(text, "\n\r\t\033") ||
	     strlen(shown) > 0);
	if (azf_source_parse(text, &source, &err) == 0) {
		check_source(text, &source);
		/* what is accepted is shown as it is */
		must(strchr(text, '@') || azf_streq(shown, text));
	} else {
		must(err.code == AZF_E_USAGE && err.cause[0] && err.cure[0]);
		must(!source.host && !source.share);
	}
	check_host(text);
	azf_source_free(&source);
	free(shown);
	free(text);
	return 0;
}
