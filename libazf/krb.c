// SPDX-License-Identifier: MIT
/* krb.c - what the users of libkrb5 have in common. */
#include "krb.h"

#include <endian.h>

#define NAME_MAX_BYTES 512

bool azf_krb_open(struct azf_krb *krb)
{
	static const char *const no_files[] = { "/dev/null", NULL };

	return profile_init((const char **)no_files, &krb->profile) == 0 &&
	       krb5_init_context_profile(krb->profile, 0, &krb->context) == 0;
}

void azf_krb_close(struct azf_krb *krb)
{
	if (krb->context)
		krb5_free_context(krb->context);
	if (krb->profile)
		profile_abandon(krb->profile);
	*krb = (struct azf_krb){ 0 };
}

char *azf_krb_name(const struct azf_krb *krb, krb5_const_principal principal)
{
	char *name = NULL;
	char *copy = NULL;

	if (krb5_unparse_name(krb->context, principal, &name))
		return NULL;
	if (strlen(name) < NAME_MAX_BYTES) {
		copy = strdup(name);
		if (copy)
			azf_printable(copy);
	}
	krb5_free_unparsed_name(krb->context, name);
	return copy;
}

static bool component_is(krb5_const_principal principal, krb5_int32 i,
			 const char *text)
{
	const krb5_data *data = &principal->data[i];

	return data->length == strlen(text) &&
	       strncasecmp(data->data, text, data->length) == 0;
}

bool azf_krb_is_for(krb5_const_principal server, const char *host)
{
	return server->length == 2 && component_is(server, 0, "cifs") &&
	       component_is(server, 1, host) && server->realm.length > 0;
}

/* ---- a file of credentials ---- */

/**
 * struct out - the bytes of a ccache
 * @data: NULL while they are only counted
 */
struct out {
	unsigned char *data;
	size_t len;
};

static void put(struct out *out, const void *bytes, size_t len)
{
	if (out->data && len)
		memcpy(out->data + out->len, bytes, len);
	out->len += len;
}

static void put8(struct out *out, unsigned int value)
{
	const unsigned char byte = (unsigned char)value;

	put(out, &byte, sizeof(byte));
}

static void put16(struct out *out, unsigned int value)
{
	const uint16_t big = htobe16((uint16_t)value);

	put(out, &big, sizeof(big));
}

static void put32(struct out *out, uint32_t value)
{
	const uint32_t big = htobe32(value);

	put(out, &big, sizeof(big));
}

static void put_data(struct out *out, const void *bytes, size_t len)
{
	put32(out, (uint32_t)len);
	put(out, bytes, len);
}

static void put_principal(struct out *out, krb5_const_principal principal)
{
	put32(out, (uint32_t)principal->type);
	put32(out, (uint32_t)principal->length);
	put_data(out, principal->realm.data, principal->realm.length);
	for (krb5_int32 i = 0; i < principal->length; i++)
		put_data(out, principal->data[i].data,
			 principal->data[i].length);
}

static void put_addresses(struct out *out, krb5_address *const *list)
{
	uint32_t count = 0;

	while (list && list[count])
		count++;
	put32(out, count);
	for (uint32_t i = 0; i < count; i++) {
		put16(out, (unsigned int)list[i]->addrtype);
		put_data(out, list[i]->contents, list[i]->length);
	}
}

static void put_authdata(struct out *out, krb5_authdata *const *list)
{
	uint32_t count = 0;

	while (list && list[count])
		count++;
	put32(out, count);
	for (uint32_t i = 0; i < count; i++) {
		put16(out, (unsigned int)list[i]->ad_type);
		put_data(out, list[i]->contents, list[i]->length);
	}
}

static void put_creds(struct out *out, const krb5_creds *creds)
{
	put_principal(out, creds->client);
	put_principal(out, creds->server);
	put16(out, (unsigned int)creds->keyblock.enctype);
	put_data(out, creds->keyblock.contents, creds->keyblock.length);
	put32(out, (uint32_t)creds->times.authtime);
	put32(out, (uint32_t)creds->times.starttime);
	put32(out, (uint32_t)creds->times.endtime);
	put32(out, (uint32_t)creds->times.renew_till);
	put8(out, creds->is_skey ? 1 : 0);
	put32(out, (uint32_t)creds->ticket_flags);
	put_addresses(out, creds->addresses);
	put_authdata(out, creds->authdata);
	put_data(out, creds->ticket.data, creds->ticket.length);
	put_data(out, creds->second_ticket.data, creds->second_ticket.length);
}

/* How the KDC's clock differs from ours is the one field that there is. */
static void put_header(struct out *out, int32_t offset)
{
	put16(out, 0x0504);
	put16(out, offset ? 12 : 0);
	if (!offset)
		return;
	put16(out, 1);
	put16(out, 8);
	put32(out, (uint32_t)offset);
	put32(out, 0);
}

static void put_ccache(struct out *out, int32_t offset,
		       krb5_const_principal owner, const krb5_creds *list,
		       size_t count)
{
	put_header(out, offset);
	put_principal(out, owner);
	for (size_t i = 0; i < count; i++)
		put_creds(out, &list[i]);
}

int32_t azf_krb_offset(const struct azf_krb *krb)
{
	krb5_timestamp seconds;
	krb5_int32 microseconds;

	return krb5_get_time_offsets(krb->context, &seconds, &microseconds) ?
		       0 :
		       seconds;
}

unsigned char *azf_krb_ccache(const struct azf_krb *krb,
			      krb5_const_principal owner,
			      const krb5_creds *list, size_t count,
			      size_t *ret_len)
{
	int32_t offset = azf_krb_offset(krb);
	struct out out = { NULL, 0 };

	put_ccache(&out, offset, owner, list, count);
	out.data = malloc(out.len);
	if (!out.data)
		return NULL;
	out.len = 0;
	put_ccache(&out, offset, owner, list, count);
	*ret_len = out.len;
	return out.data;
}
