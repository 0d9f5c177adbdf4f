/* SPDX-License-Identifier: MIT */
/* krbcred-maker.h - KRB-CRED messages like those of the ticket service. */
#ifndef AZF_KRBCRED_MAKER_H
#define AZF_KRBCRED_MAKER_H

#include "util.h"

#include <krb5.h>

#define MAKER_REALM "FILES.AZURE.STORAGE.MICROSOFT.COM"

/**
 * struct recipe - what to put into a message
 * @service: "cifs"
 * @host: second component of the server principal
 * @endtime: seconds since 1970
 * @count: tickets, at most 2
 */
struct recipe {
	const char *service;
	const char *host;
	int64_t endtime;
	size_t count;
};

/* One DER value around the @len bytes at the front of @buffer. */
static inline size_t maker_wrap(unsigned char tag, unsigned char *buffer,
				size_t len)
{
	unsigned char head[4] = { tag };
	size_t head_len = 2;

	if (len < 128) {
		head[1] = (unsigned char)len;
	} else {
		head[1] = 0x82;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		head_len = 4;
	}
	/* backwards, since they overlap */
	for (size_t i = len; i > 0; i--)
		buffer[head_len + i - 1] = buffer[i - 1];
	memcpy(buffer, head, head_len);
	return head_len + len;
}

static inline size_t maker_text(unsigned char *out, const char *text)
{
	memcpy(out, text, strlen(text));
	return maker_wrap(0x1b, out, strlen(text));
}

static inline size_t maker_number(unsigned char *out, unsigned char number)
{
	out[0] = number;
	return maker_wrap(0x02, out, 1);
}

/* SEQUENCE { [0] type, [1] SEQUENCE OF { service, host } } */
static inline size_t maker_name(unsigned char *out, const struct recipe *recipe)
{
	size_t head = maker_wrap(0xa0, out, maker_number(out, 2));
	unsigned char *p = out + head;
	size_t len = maker_text(p, recipe->service);

	len += maker_text(p + len, recipe->host);
	len = maker_wrap(0xa1, p, maker_wrap(0x30, p, len));
	return maker_wrap(0x30, out, head + len);
}

/* A Ticket (RFC 4120 5.3) whose encrypted part nobody will ever open. */
static inline size_t maker_ticket(unsigned char *out,
				  const struct recipe *recipe)
{
	size_t len = maker_wrap(0xa0, out, maker_number(out, 5));
	unsigned char *p;
	size_t n;

	len += maker_wrap(0xa1, out + len, maker_text(out + len, MAKER_REALM));
	len += maker_wrap(0xa2, out + len, maker_name(out + len, recipe));
	p = out + len;
	n = maker_wrap(0xa0, p, maker_number(p, 18));
	memset(p + n, 0x5a, 200);
	n += maker_wrap(0xa2, p + n, maker_wrap(0x04, p + n, 200));
	len += maker_wrap(0xa3, p, maker_wrap(0x30, p, n));
	return maker_wrap(0x61, out, maker_wrap(0x30, out, len));
}

/* Return: the message for the caller to free(); NULL after a failure. */
static inline unsigned char *make_krbcred(const struct recipe *recipe,
					  size_t *ret_len)
{
	static unsigned char key[32], ticket[2048];
	krb5_context context = NULL;
	krb5_auth_context auth = NULL;
	krb5_creds creds = { 0 };
	krb5_creds *list[3] = { NULL };
	krb5_replay_data replay = { 0 };
	krb5_data *message = NULL;
	unsigned char *copy = NULL;

	memset(key, 0x11, sizeof(key));
	creds.keyblock.enctype = ENCTYPE_AES256_CTS_HMAC_SHA1_96;
	creds.keyblock.length = sizeof(key);
	creds.keyblock.contents = key;
	creds.times.authtime = (krb5_timestamp)(recipe->endtime - 3600);
	creds.times.starttime = creds.times.authtime;
	creds.times.endtime = (krb5_timestamp)recipe->endtime;
	creds.times.renew_till = creds.times.endtime;
	creds.ticket_flags = 0x00800000;
	creds.ticket.data = (char *)ticket;
	creds.ticket.length = (unsigned int)maker_ticket(ticket, recipe);
	for (size_t i = 0; i < recipe->count; i++)
		list[i] = &creds;
	if (krb5_init_context(&context) ||
	    krb5_build_principal(context, &creds.client, strlen(MAKER_REALM),
				 MAKER_REALM, "AzureFileClient", NULL) ||
	    krb5_build_principal(context, &creds.server, strlen(MAKER_REALM),
				 MAKER_REALM, recipe->service, recipe->host,
				 NULL) ||
	    krb5_auth_con_init(context, &auth) ||
	    krb5_auth_con_setflags(context, auth, 0) ||
	    krb5_mk_ncred(context, auth, list, &message, &replay))
		goto out;
	copy = malloc(message->length);
	if (copy)
		memcpy(copy, message->data, message->length);
	*ret_len = message->length;
out:
	if (message)
		krb5_free_data(context, message);
	if (auth)
		(void)krb5_auth_con_free(context, auth);
	krb5_free_principal(context, creds.client);
	krb5_free_principal(context, creds.server);
	krb5_free_context(context);
	return copy;
}

#endif
