// SPDX-License-Identifier: MIT
/* secret.c - the only home of keys and passwords. */
#include "secret.h"

#include <string.h>

bool azf_secret_set(struct azf_secret *secret, const char *text, size_t len)
{
	azf_secret_wipe(secret);
	if (len > AZF_SECRET_MAX || memchr(text, '\0', len))
		return false;
	memcpy(secret->text, text, len);
	secret->text[len] = '\0';
	secret->len = len;
	return true;
}

void azf_secret_wipe(struct azf_secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}
