// SPDX-License-Identifier: MIT
/* claims.c - what an access token says of itself, for people. */
#include "claims.h"

#include "json.h"
#include "jwt.h"
#include "wipe.h"

#include <errno.h>

#define VALUE_MAX 128

/* Version 2.0 of Entra's tokens has "azp" in place of "appid". */
static const struct {
	const char *field;
	const char *claims[2];
} known[] = {
	{ "aud", { "aud" } },
	{ "tid", { "tid" } },
	{ "appid", { "appid", "azp" } },
	{ "oid", { "oid" } },
	{ "exp", { "exp" } },
};

/* base64url without padding (RFC 7515 2) made what azf_base64_decode() takes. */
static char *standard_base64(const char *text, size_t len)
{
	char *copy = malloc(len + 4);

	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	for (size_t i = 0; i < len; i++) {
		if (copy[i] == '-')
			copy[i] = '+';
		else if (copy[i] == '_')
			copy[i] = '/';
	}
	while (len % 4)
		copy[len++] = '=';
	copy[len] = '\0';
	return copy;
}

static struct azf_json *parse_payload(const char *token)
{
	const char *payload = strchr(token, '.');
	const char *end = payload ? strchr(payload + 1, '.') : NULL;
	azf_autowipe char *text = NULL;
	azf_autowipe void *data = NULL;
	size_t len;

	if (!end)
		return NULL;
	text = standard_base64(payload + 1, (size_t)(end - payload - 1));
	data = text ? azf_base64_decode(text, &len) : NULL;
	return data ? azf_json_parse(data, len) : NULL;
}

int azf_claims_read(const char *token, struct azf_fields *ret_claims)
{
	azf_autojson struct azf_json *json = parse_payload(token);
	int r = json ? 0 : -EINVAL;

	for (size_t i = 0; r == 0 && i < 2 * AZF_ARRAY_SIZE(known); i++) {
		const char *claim = known[i / 2].claims[i % 2];
		char value[VALUE_MAX + 1];

		if (!claim || azf_fields_get(ret_claims, known[i / 2].field) ||
		    !azf_json_text(json, claim, value, sizeof(value)))
			continue;
		azf_printable(value);
		r = azf_fields_set(ret_claims, known[i / 2].field, value);
	}
	return r;
}
