// SPDX-License-Identifier: MIT
/*
 * krbcred.c - a KRB-CRED checked and made a ccache; the only user of libkrb5.
 *
 * libkrb5 writes a ccache to a path only, and this process may not write: the
 * format is put together here, as "Credential cache file format" of the MIT
 * Kerberos documentation has it (version 4, big endian).
 */
#include "krbcred.h"

#include "azf-private.h"
#include "wipe.h"

#include <endian.h>
#include <krb5.h>
#include <profile.h>

/* No enctype has a longer key. */
#define KEY_MAX 64

void azf_krbcred_free(struct azf_krbcred *krbcred)
{
	free(krbcred->client);
	free(krbcred->server);
	azf_wipe_free(krbcred->ccache);
	*krbcred = (struct azf_krbcred){ 0 };
}

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

static void put_addresses(struct out *out, krb5_address **list)
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

static void put_ccache(struct out *out, const krb5_creds *creds)
{
	put16(out, 0x0504);
	put16(out, 0); /* no header fields */
	put_principal(out, creds->client);

	put_principal(out, creds->client);
	put_principal(out, creds->server);
	put16(out, (unsigned int)creds->keyblock.enctype);
	put_data(out, creds->keyblock.contents, creds->keyblock.length);
	put32(out, (uint32_t)creds->times.authtime);
	put32(out, (uint32_t)creds->times.starttime);
	put32(out, (uint32_t)creds->times.endtime);
	put32(out, (uint32_t)creds->times.renew_till);
	put8(out, 0); /* not a ticket for user-to-user authentication */
	put32(out, (uint32_t)creds->ticket_flags);
	put_addresses(out, creds->addresses);
	put32(out, 0); /* no authorization data outside the ticket */
	put_data(out, creds->ticket.data, creds->ticket.length);
	put32(out, 0); /* no second ticket */
}

static int make_ccache(const krb5_creds *creds, struct azf_krbcred *krbcred)
{
	struct out out = { NULL, 0 };

	put_ccache(&out, creds);
	krbcred->ccache = malloc(out.len);
	if (!krbcred->ccache)
		return -1;
	krbcred->ccache_len = out.len;
	out = (struct out){ krbcred->ccache, 0 };
	put_ccache(&out, creds);
	return 0;
}

/**
 * struct reader - what libkrb5 needs and makes
 * @creds: NULL at the end
 */
struct reader {
	profile_t profile;
	krb5_context context;
	krb5_auth_context auth;
	krb5_creds **creds;
};

static void free_reader(struct reader *reader)
{
	if (reader->creds)
		krb5_free_tgt_creds(reader->context, reader->creds);
	if (reader->auth)
		(void)krb5_auth_con_free(reader->context, reader->auth);
	if (reader->context)
		krb5_free_context(reader->context);
	if (reader->profile)
		profile_abandon(reader->profile);
}

/*
 * Without flags: no timestamps, no replay cache. Those of the message were
 * written by whoever sent it, since nothing in it is encrypted.
 */
static bool open_reader(struct reader *reader)
{
	static const char *const no_files[] = { "/dev/null", NULL };

	return profile_init((const char **)no_files, &reader->profile) == 0 &&
	       krb5_init_context_profile(reader->profile, 0,
					 &reader->context) == 0 &&
	       krb5_auth_con_init(reader->context, &reader->auth) == 0 &&
	       krb5_auth_con_setflags(reader->context, reader->auth, 0) == 0;
}

static bool component_is(krb5_const_principal principal, krb5_int32 i,
			 const char *text)
{
	const krb5_data *data = &principal->data[i];

	return data->length == strlen(text) &&
	       strncasecmp(data->data, text, data->length) == 0;
}

static bool is_for(krb5_const_principal server, const char *host)
{
	return server->length == 2 && component_is(server, 0, "cifs") &&
	       component_is(server, 1, host) && server->realm.length > 0;
}

/* What goes into messages and files of ours. */
static char *name_of(const struct reader *reader,
		     krb5_const_principal principal)
{
	char *name = NULL;
	char *copy = NULL;

	if (krb5_unparse_name(reader->context, principal, &name))
		return NULL;
	if (strlen(name) < 512) {
		copy = strdup(name);
		if (copy)
			azf_printable(copy);
	}
	krb5_free_unparsed_name(reader->context, name);
	return copy;
}

/* A krb5_timestamp is unsigned since 1.16, whatever its type says. */
static int64_t epoch_of(krb5_timestamp timestamp)
{
	return (int64_t)(uint32_t)timestamp;
}

static int unusable(const char *host, const char *why, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "%s sent a ticket that cannot be used: %s",
		 host, why);
	return azf_cure(err, "Report it to the owner of the service; nothing "
			     "on this machine is wrong");
}

static int take(const struct reader *reader, const char *host, int64_t now,
		struct azf_krbcred *krbcred, struct azf_error *err)
{
	const krb5_creds *creds = reader->creds[0];
	krb5_timestamp starts = creds->times.starttime;

	if (!creds->client || !creds->server || creds->client->length < 1)
		return unusable(host, "it names no principals", err);
	krbcred->client = name_of(reader, creds->client);
	krbcred->server = name_of(reader, creds->server);
	if (!krbcred->client || !krbcred->server)
		return unusable(host, "its principals have no name", err);
	if (!is_for(creds->server, host)) {
		char why[320];

		(void)snprintf(why, sizeof(why), "it is for %.256s",
			       krbcred->server);
		return unusable(host, why, err);
	}
	if (creds->ticket.length == 0 || creds->keyblock.length == 0 ||
	    creds->keyblock.length > KEY_MAX)
		return unusable(host, "it has no ticket or no key", err);
	krbcred->starts = epoch_of(starts ? starts : creds->times.authtime);
	krbcred->expires = epoch_of(creds->times.endtime);
	if (krbcred->expires <= now) {
		char why[80];

		(void)snprintf(why, sizeof(why), "it expired %lld seconds ago",
			       (long long)(now - krbcred->expires));
		return unusable(host, why, err);
	}
	return make_ccache(creds, krbcred) ? azf_no_memory(err) : 0;
}

int azf_krbcred_read(const void *der, size_t len, const char *host, int64_t now,
		     struct azf_krbcred *ret_krbcred, struct azf_error *err)
{
	azf_cleanup(free_reader) struct reader reader = { 0 };
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	krb5_replay_data replay = { 0 };
	krb5_data message;
	int r;

	if (len == 0 || len > AZF_KRBCRED_MAX)
		return unusable(host, "it is empty or longer than 64 KiB", err);
	if (!azf_krbcred_has_shape(der, len))
		return unusable(host,
				"it is no KRB-CRED with one ticket in clear",
				err);
	if (!open_reader(&reader))
		return azf_fail(err, AZF_E_SYSTEM, "cannot set up libkrb5");
	message = (krb5_data){ .length = (unsigned int)len,
			       .data = (char *)der };
	if (krb5_rd_cred(reader.context, reader.auth, &message, &reader.creds,
			 &replay) ||
	    !reader.creds || !reader.creds[0] || reader.creds[1])
		return unusable(host, "libkrb5 does not accept it", err);
	r = take(&reader, host, now, &krbcred, err);
	if (r)
		return r;
	*ret_krbcred = krbcred;
	krbcred = (struct azf_krbcred){ 0 };
	return 0;
}
