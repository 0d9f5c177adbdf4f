/* SPDX-License-Identifier: MIT */
/*
 * krbcred.c - the Kerberos part of the stand-in cloud.
 *
 *   krbcred make KEYTAB CLIENT SERVICE SECONDS [SHIFT SERVICE-KEYTAB]
 *           asks the KDC for a ticket for SERVICE (no TGT) and writes it to
 *           stdout as an unencrypted KRB-CRED; to stderr "END KEY", its end
 *           time and session key (hex). With SHIFT, all its times are moved
 *           by so many seconds, inside the encrypted part as well.
 *   krbcred store CCACHE
 *           reads such a KRB-CRED from stdin into a new credentials cache.
 */
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exported by MIT's library for its KDC, declared in no public header. */
krb5_error_code krb5_encrypt_tkt_part(krb5_context, const krb5_keyblock *,
				      krb5_ticket *);
krb5_error_code encode_krb5_ticket(const krb5_ticket *, krb5_data **);

static krb5_context context;

static void check(krb5_error_code code, const char *what)
{
	if (!code)
		return;
	fprintf(stderr, "krbcred: %s: %s\n", what,
		krb5_get_error_message(context, code));
	exit(1);
}

static void request(krb5_creds *creds, char *argv[])
{
	krb5_get_init_creds_opt *options;
	krb5_principal client;
	krb5_keytab keytab;
	krb5_deltat life = atoi(argv[5]);

	check(krb5_kt_resolve(context, argv[2], &keytab), argv[2]);
	check(krb5_parse_name(context, argv[3], &client), argv[3]);
	check(krb5_get_init_creds_opt_alloc(context, &options), "options");
	krb5_get_init_creds_opt_set_tkt_life(options, life);
	krb5_get_init_creds_opt_set_renew_life(options, life);
	krb5_get_init_creds_opt_set_forwardable(options, 0);
	krb5_get_init_creds_opt_set_proxiable(options, 0);
	check(krb5_get_init_creds_keytab(context, creds, client, keytab, 0,
					 argv[4], options),
	      "the KDC gives no ticket");
}

static void move_times(krb5_ticket_times *times, krb5_deltat shift)
{
	times->authtime += shift;
	if (times->starttime)
		times->starttime += shift;
	times->endtime += shift;
	if (times->renew_till)
		times->renew_till += shift;
}

static void shift_ticket(krb5_creds *creds, const char *shift,
			 const char *keytab_name)
{
	krb5_keytab_entry entry;
	krb5_ticket *ticket;
	krb5_keytab keytab;
	krb5_data *encoded;

	check(krb5_kt_resolve(context, keytab_name, &keytab), keytab_name);
	check(krb5_decode_ticket(&creds->ticket, &ticket), "decoding");
	check(krb5_server_decrypt_ticket_keytab(context, keytab, ticket),
	      "decrypting");
	check(krb5_kt_get_entry(context, keytab, ticket->server,
				ticket->enc_part.kvno, ticket->enc_part.enctype,
				&entry),
	      "service key");
	move_times(&ticket->enc_part2->times, atoi(shift));
	move_times(&creds->times, atoi(shift));
	check(krb5_encrypt_tkt_part(context, &entry.key, ticket), "encrypting");
	ticket->enc_part.kvno = entry.vno;
	check(encode_krb5_ticket(ticket, &encoded), "encoding");
	creds->ticket = *encoded;
}

static void print_facts(const krb5_creds *creds)
{
	unsigned int i;

	fprintf(stderr, "%lu ", (unsigned long)(uint32_t)creds->times.endtime);
	for (i = 0; i < creds->keyblock.length; i++)
		fprintf(stderr, "%02x", creds->keyblock.contents[i]);
	fputc('\n', stderr);
}

static void make(int argc, char *argv[])
{
	krb5_auth_context auth;
	krb5_creds creds = { 0 };
	krb5_creds *list[] = { &creds, NULL };
	krb5_data *message;

	request(&creds, argv);
	if (argc == 8)
		shift_ticket(&creds, argv[6], argv[7]);
	/* No key and no flags: not encrypted, no replay cache, no addresses. */
	check(krb5_auth_con_init(context, &auth), "context");
	krb5_auth_con_setflags(context, auth, 0);
	check(krb5_mk_ncred(context, auth, list, &message, NULL), "KRB-CRED");
	fwrite(message->data, 1, message->length, stdout);
	print_facts(&creds);
}

static void store(const char *name)
{
	static char buffer[65536];
	krb5_data message = { .data = buffer };
	krb5_auth_context auth;
	krb5_creds **creds;
	krb5_ccache cache;
	size_t i;

	message.length = (unsigned int)fread(buffer, 1, sizeof(buffer), stdin);
	check(krb5_auth_con_init(context, &auth), "context");
	krb5_auth_con_setflags(context, auth, 0);
	check(krb5_rd_cred(context, auth, &message, &creds, NULL), "KRB-CRED");
	check(krb5_cc_resolve(context, name, &cache), name);
	check(krb5_cc_initialize(context, cache, creds[0]->client), name);
	for (i = 0; creds[i]; i++)
		check(krb5_cc_store_cred(context, cache, creds[i]), name);
}

int main(int argc, char *argv[])
{
	check(krb5_init_context(&context), "krb5.conf");
	if ((argc == 6 || argc == 8) && !strcmp(argv[1], "make"))
		make(argc, argv);
	else if (argc == 3 && !strcmp(argv[1], "store"))
		store(argv[2]);
	else
		return 2;
	return fflush(stdout) ? 1 : 0;
}
