// SPDX-License-Identifier: MIT
/* krbcred.c - a KRB-CRED checked and made a ccache. */
#include "krbcred.h"

#include "azf-private.h"
#include "krb.h"
#include "wipe.h"

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
 * struct reader - what libkrb5 needs and makes
 * @creds: NULL at the end
 */
struct reader {
	struct azf_krb krb;
	krb5_auth_context auth;
	krb5_creds **creds;
};

static void free_reader(struct reader *reader)
{
	if (reader->creds)
		krb5_free_tgt_creds(reader->krb.context, reader->creds);
	if (reader->auth)
		(void)krb5_auth_con_free(reader->krb.context, reader->auth);
	azf_krb_close(&reader->krb);
}

/*
 * Without flags: no timestamps, no replay cache. Those of the message were
 * written by whoever sent it, since nothing in it is encrypted.
 */
static bool open_reader(struct reader *reader)
{
	return azf_krb_open(&reader->krb) &&
	       krb5_auth_con_init(reader->krb.context, &reader->auth) == 0 &&
	       krb5_auth_con_setflags(reader->krb.context, reader->auth, 0) ==
		       0;
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
	krbcred->client = azf_krb_name(&reader->krb, creds->client);
	krbcred->server = azf_krb_name(&reader->krb, creds->server);
	if (!krbcred->client || !krbcred->server)
		return unusable(host, "its principals have no name", err);
	if (!azf_krb_is_for(creds->server, host)) {
		char why[320];

		(void)snprintf(why, sizeof(why), "it is for %.256s",
			       krbcred->server);
		return unusable(host, why, err);
	}
	if (creds->ticket.length == 0 || creds->keyblock.length == 0 ||
	    creds->keyblock.length > KEY_MAX)
		return unusable(host, "it has no ticket or no key", err);
	krbcred->starts = azf_krb_epoch(starts ? starts :
						 creds->times.authtime);
	krbcred->expires = azf_krb_epoch(creds->times.endtime);
	if (krbcred->expires <= now) {
		char why[80];

		(void)snprintf(why, sizeof(why), "it expired %lld seconds ago",
			       (long long)(now - krbcred->expires));
		return unusable(host, why, err);
	}
	krbcred->ccache = azf_krb_ccache(&reader->krb, creds->client, creds, 1,
					 &krbcred->ccache_len);
	return krbcred->ccache ? 0 : azf_no_memory(err);
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
	if (krb5_rd_cred(reader.krb.context, reader.auth, &message,
			 &reader.creds, &replay) ||
	    !reader.creds || !reader.creds[0] || reader.creds[1])
		return unusable(host, "libkrb5 does not accept it", err);
	r = take(&reader, host, now, &krbcred, err);
	if (r)
		return r;
	*ret_krbcred = krbcred;
	krbcred = (struct azf_krbcred){ 0 };
	return 0;
}
