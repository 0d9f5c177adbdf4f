// SPDX-License-Identifier: MIT
/* fuzz-keydesc.c - descriptions of cifs.spnego keys. */
#include "fuzz.h"
#include "keydesc.h"

#include <errno.h>

static void check_text(const char *text, const char *value, size_t size)
{
	must(strnlen(value, size) < size);
	must(!strchr(value, ';'));
	must(strstr(text, value));
	fuzz_remark(NULL, AZF_DEBUG, value);
}

/* How often a field begins in the text, whoever wrote it. */
static unsigned int count(const char *text, const char *field)
{
	unsigned int n = 0;

	while ((text = strstr(text, field))) {
		text += strlen(field);
		n++;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = fuzz_text(bytes, size);
	struct azf_keydesc desc = { .uid = 17 };
	int r = azf_keydesc_parse(text, &desc);

	if (r == 0) {
		must(desc.host[0] && desc.sec[0]);
		check_text(text, desc.host, sizeof(desc.host));
		check_text(text, desc.address, sizeof(desc.address));
		check_text(text, desc.sec, sizeof(desc.sec));
		check_text(text, desc.user, sizeof(desc.user));
		check_text(text, desc.upcall_target,
			   sizeof(desc.upcall_target));
		/* what the machine's identity is given for is said once */
		must(count(text, ";creduid=") == 1);
		must(count(text, ";host=") == 1);
		must(count(text, ";user=") <= 1);
	} else {
		must(r == -EINVAL && desc.uid == 17 && !desc.host[0]);
	}
	free(text);
	return 0;
}
