// SPDX-License-Identifier: MIT
/* kinit.c - a keytab's key exchanged for a Kerberos ticket to a file server. */
#include "kinit.h"

#include "azf-private.h"
#include "krb-kdc.h"
#include "krb-service.h"

/* So many names of a keytab are told. */
#define NAMES_MAX 6

/**
 * struct azf_kinit - see kinit.h
 * @watch: what KDCs said
 * @tickets: in memory of this process
 * @name: of @client
 * @realm: of @client
 * @keys: of @client
 * @names: of the server, once they were looked up
 */
struct azf_kinit {
	const struct azf_kinit_request *request;
	struct azf_krb krb;
	struct azf_krb_watch watch;
	krb5_keytab keytab;
	krb5_ccache tickets;
	krb5_principal client;
	char *name;
	char *realm;
	struct azf_krb_keys keys;
	struct azf_krb_names names;
};

void azf_kinit_free(struct azf_kinit *kinit)
{
	krb5_context context = kinit ? kinit->krb.context : NULL;

	if (!kinit)
		return;
	if (kinit->tickets)
		(void)krb5_cc_destroy(context, kinit->tickets);
	if (kinit->keytab)
		(void)krb5_kt_close(context, kinit->keytab);
	if (kinit->client)
		krb5_free_principal(context, kinit->client);
	azf_krb_close(&kinit->krb);
	free(kinit->name);
	free(kinit->realm);
	free(kinit);
}

const char *azf_kinit_principal(const struct azf_kinit *kinit)
{
	return kinit->name;
}

const char *azf_kinit_realm(const struct azf_kinit *kinit)
{
	return kinit->realm;
}

krb5_context azf_kinit_context(const struct azf_kinit *kinit)
{
	return kinit->krb.context;
}

krb5_principal azf_kinit_client(const struct azf_kinit *kinit)
{
	return kinit->client;
}

const struct azf_krb_keys *azf_kinit_keys(const struct azf_kinit *kinit)
{
	return &kinit->keys;
}

/* ---- what went wrong ---- */

int azf_kinit_failed(struct azf_kinit *kinit, enum azf_krb_step step,
		     krb5_error_code code, struct azf_error *err)
{
	const char *said = krb5_get_error_message(kinit->krb.context, code);
	struct azf_krb_types permitted;
	char own[160], allowed[160];
	struct azf_krb_failure failure = {
		.step = step,
		.code = code,
		.said = said,
		.client = kinit->name,
		.host = kinit->request->host,
		.realm = kinit->realm,
		.keytab = kinit->request->path,
		.kvno = kinit->keys.kvno,
		.enctypes = own,
		.permitted = allowed,
		.clock = kinit->watch.clock,
		.skew = kinit->watch.skew,
		.names = &kinit->names,
	};
	int r;

	if (!azf_krb_types_permitted(kinit->krb.context, &permitted))
		permitted = kinit->keys.types;
	azf_krb_types_show(&kinit->keys.types, own, sizeof(own));
	azf_krb_types_show(&permitted, allowed, sizeof(allowed));
	failure.unfit = kinit->keys.found &&
			!azf_krb_types_meet(&kinit->keys.types, &permitted);
	if (code == KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN)
		azf_krb_names_hint(&kinit->names);
	r = azf_krb_diagnose(&failure, err);
	krb5_free_error_message(kinit->krb.context, said);
	return r;
}

/* ---- the principal ---- */

/* Is @name, as NAME@REALM, what was asked for? */
static bool is_wanted(const struct azf_kinit *kinit,
		      krb5_const_principal principal, const char *name)
{
	const char *wanted = kinit->request->principal;
	const krb5_data *first = &principal->data[0];
	size_t len;

	if (!wanted)
		return principal->length == 1 && first->length > 1 &&
		       first->data[first->length - 1] == '$';
	if (strchr(wanted, '@'))
		return strcasecmp(wanted, name) == 0;
	len = strlen(wanted);
	return strncasecmp(wanted, name, len) == 0 && name[len] == '@';
}

static int take_principal(struct azf_kinit *kinit,
			  krb5_const_principal principal, const char *name,
			  struct azf_error *err)
{
	kinit->name = strdup(name);
	kinit->realm = strndup(principal->realm.data, principal->realm.length);
	if (!kinit->name || !kinit->realm ||
	    krb5_copy_principal(kinit->krb.context, principal, &kinit->client))
		return azf_no_memory(err);
	azf_printable(kinit->realm);
	return 0;
}

/**
 * struct names - who is in a keytab, for a message
 * @text: with commas between them
 * @last: the one before, since keys of one name stand together
 */
struct names {
	struct azf_str text;
	size_t count;
	char *last;
};

static void free_names(struct names *names)
{
	azf_str_free(&names->text);
	free(names->last);
}

static void note_name(struct names *names, const char *name)
{
	if (names->last && azf_streq(names->last, name))
		return;
	free(names->last);
	names->last = strdup(name);
	names->count++;
	if (names->count <= NAMES_MAX)
		azf_str_add(&names->text, "%s%s", names->count > 1 ? ", " : "",
			    name);
	else if (names->count == NAMES_MAX + 1)
		azf_str_add(&names->text, ", …");
}

static int look_at(struct azf_kinit *kinit, const krb5_keytab_entry *entry,
		   struct names *names, struct azf_error *err)
{
	azf_autofree char *name = azf_krb_name(&kinit->krb, entry->principal);
	int r = 0;

	if (!name || entry->principal->length < 1)
		return 0;
	note_name(names, name);
	if (!kinit->client && is_wanted(kinit, entry->principal, name))
		r = take_principal(kinit, entry->principal, name, err);
	return r;
}

/* Is there a key of the machine whose name was cut? Then kinit->keys has it. */
static bool is_cut(struct azf_kinit *kinit)
{
	krb5_context context = kinit->krb.context;
	krb5_principal wanted;

	/* there need not be a default realm */
	if (krb5_parse_name_flags(context, kinit->request->principal,
				  KRB5_PRINCIPAL_PARSE_IGNORE_REALM, &wanted))
		return false;
	(void)azf_krb_keys_read(context, kinit->keytab, wanted, &kinit->keys);
	krb5_free_principal(context, wanted);
	return kinit->keys.cut[0];
}

static int no_principal(struct azf_kinit *kinit, const struct names *names,
			struct azf_error *err)
{
	const struct azf_kinit_request *request = kinit->request;
	const char *there = names->text.text && !names->text.failed ?
				    names->text.text :
				    "others";

	if (names->count == 0) {
		azf_fail(err, AZF_E_MOUNT, "there is no key in the keytab %s",
			 request->path);
		return azf_cure(err, "Renew it, or name another with keytab=");
	}
	if (!request->principal) {
		azf_fail(err, AZF_E_MOUNT,
			 "the keytab %s has no key of a machine (NAME$@REALM), "
			 "but of %s",
			 request->path, there);
		return azf_cure(err, "Say with principal= who is meant");
	}
	if (is_cut(kinit)) {
		azf_fail(err, AZF_E_MOUNT,
			 "the keytab %s has no key of %s, but of %s: Active "
			 "Directory cuts the names of machines to 15 "
			 "characters",
			 request->path, request->principal, kinit->keys.cut);
		return azf_cure(err, "Use principal=%s", kinit->keys.cut);
	}
	azf_fail(err, AZF_E_MOUNT,
		 "the keytab %s has no key of %s, but of "
		 "%s",
		 request->path, request->principal, there);
	return azf_cure(err, "Correct principal=, or add its key to the "
			     "keytab");
}

static int choose(struct azf_kinit *kinit, struct azf_error *err)
{
	azf_cleanup(free_names) struct names names = { .count = 0 };
	krb5_context context = kinit->krb.context;
	krb5_keytab_entry entry;
	krb5_kt_cursor cursor;
	krb5_error_code code;
	int r = 0;

	code = krb5_kt_start_seq_get(context, kinit->keytab, &cursor);
	if (code)
		return azf_kinit_failed(kinit, AZF_KRB_KEYS, code, err);
	while (r == 0 && (code = krb5_kt_next_entry(context, kinit->keytab,
						    &entry, &cursor)) == 0) {
		r = look_at(kinit, &entry, &names, err);
		(void)krb5_free_keytab_entry_contents(context, &entry);
	}
	(void)krb5_kt_end_seq_get(context, kinit->keytab, &cursor);
	if (r)
		return r;
	if (code != KRB5_KT_END)
		return azf_kinit_failed(kinit, AZF_KRB_KEYS, code, err);
	if (!kinit->client)
		return no_principal(kinit, &names, err);
	code = azf_krb_keys_read(context, kinit->keytab, kinit->client,
				 &kinit->keys);
	return code ? azf_kinit_failed(kinit, AZF_KRB_KEYS, code, err) : 0;
}

static int bad_configuration(krb5_error_code code, struct azf_error *err)
{
	const char *said = krb5_get_error_message(NULL, code);

	azf_fail(err, AZF_E_MOUNT, "libkrb5 cannot use /etc/krb5.conf: %s",
		 said);
	krb5_free_error_message(NULL, said);
	return azf_cure(err, "Correct it, and the files that it includes; all "
			     "must be readable for everybody, and in /etc, "
			     "/usr, /opt, /run or /var/lib");
}

int azf_kinit_open(const struct azf_kinit_request *request,
		   struct azf_kinit **ret_kinit, struct azf_error *err)
{
	azf_autokinit struct azf_kinit *kinit = calloc(1, sizeof(*kinit));
	krb5_error_code code;
	char path[64];
	int r;

	if (!kinit)
		return azf_no_memory(err);
	kinit->request = request;
	code = krb5_init_context(&kinit->krb.context);
	if (code)
		return bad_configuration(code, err);
	(void)snprintf(path, sizeof(path), "FILE:/proc/self/fd/%d",
		       request->keytab->fd);
	code = krb5_kt_resolve(kinit->krb.context, path, &kinit->keytab);
	if (code)
		return azf_kinit_failed(kinit, AZF_KRB_KEYS, code, err);
	azf_krb_watch(kinit->krb.context, &kinit->watch);
	r = choose(kinit, err);
	if (r)
		return r;
	*ret_kinit = azf_take(kinit);
	return 0;
}

/* ---- the tickets ---- */

/* What is given to others is got from elsewhere: nothing is forwarded. */
static krb5_error_code sign_in(struct azf_kinit *kinit, krb5_creds *ret_tgt)
{
	krb5_context context = kinit->krb.context;
	krb5_get_init_creds_opt *options;
	krb5_init_creds_context request = NULL;
	struct azf_krb_types types = kinit->keys.types, permitted;
	krb5_error_code code;

	code = krb5_get_init_creds_opt_alloc(context, &options);
	if (code)
		return code;
	if (azf_krb_types_permitted(context, &permitted))
		azf_krb_types_keep(&types, &permitted);
	krb5_get_init_creds_opt_set_forwardable(options, 0);
	krb5_get_init_creds_opt_set_proxiable(options, 0);
	/* else the KDC may choose one that the keytab has no key of */
	if (types.count)
		krb5_get_init_creds_opt_set_etype_list(options, types.list,
						       (int)types.count);
	code = krb5_init_creds_init(context, kinit->client, NULL, NULL, 0,
				    options, &request);
	if (code == 0)
		code = krb5_init_creds_set_keytab(context, request,
						  kinit->keytab);
	if (code == 0)
		code = krb5_init_creds_get(context, request);
	if (code == 0)
		code = krb5_init_creds_get_creds(context, request, ret_tgt);
	krb5_init_creds_free(context, request);
	krb5_get_init_creds_opt_free(context, options);
	return code;
}

static krb5_error_code ask_for_service(struct azf_kinit *kinit, krb5_creds *tgt,
				       krb5_creds **ret_creds)
{
	krb5_context context = kinit->krb.context;
	struct azf_krb_service service = {
		.client = tgt->client,
		.names = &kinit->names,
	};
	krb5_error_code code;

	code = krb5_cc_new_unique(context, "MEMORY", NULL, &kinit->tickets);
	if (code == 0)
		code = krb5_cc_initialize(context, kinit->tickets, tgt->client);
	if (code == 0)
		code = krb5_cc_store_cred(context, kinit->tickets, tgt);
	service.tickets = kinit->tickets;
	return code ? code : azf_krb_service_get(context, &service, ret_creds);
}

/* By an address no KDC knows a server: it is not even asked. */
static int find_names(struct azf_kinit *kinit, struct azf_error *err)
{
	const char *host = kinit->request->host;

	azf_krb_names_find(host, azf_krb_trusts_pointers(kinit->krb.context),
			   &kinit->names);
	if (kinit->names.count)
		return 0;
	azf_krb_names_hint(&kinit->names);
	return azf_krb_refuse_address(host, kinit->names.pointer, err);
}

static int take(struct azf_kinit *kinit, const krb5_creds *tgt,
		const krb5_creds *service, struct azf_krbcred *ret_krbcred,
		struct azf_error *err)
{
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	const krb5_ticket_times *times = &service->times;
	/* shallow: what they point to stays the caller's */
	const krb5_creds list[] = { *service, *tgt };

	krbcred.client = azf_krb_name(&kinit->krb, service->client);
	krbcred.server = azf_krb_name(&kinit->krb, service->server);
	krbcred.starts = azf_krb_epoch(times->starttime ? times->starttime :
							  times->authtime);
	krbcred.expires = azf_krb_epoch(times->endtime);
	krbcred.ccache = azf_krb_ccache(&kinit->krb, service->client, list,
					AZF_ARRAY_SIZE(list),
					&krbcred.ccache_len);
	if (!krbcred.client || !krbcred.server || !krbcred.ccache)
		return azf_no_memory(err);
	*ret_krbcred = krbcred;
	krbcred = (struct azf_krbcred){ 0 };
	return 0;
}

int azf_kinit_get(struct azf_kinit *kinit, struct azf_krbcred *ret_krbcred,
		  int64_t *ret_skew, struct azf_error *err)
{
	krb5_context context = kinit->krb.context;
	krb5_creds *service = NULL;
	krb5_creds tgt = { 0 };
	krb5_error_code code;
	int r = find_names(kinit, err);

	if (r)
		return r;
	code = sign_in(kinit, &tgt);
	if (code)
		return azf_kinit_failed(kinit, AZF_KRB_SIGN_IN, code, err);
	*ret_skew = -azf_krb_offset(&kinit->krb);
	code = ask_for_service(kinit, &tgt, &service);
	if (code) {
		r = azf_kinit_failed(kinit, AZF_KRB_SERVICE, code, err);
	} else {
		r = take(kinit, &tgt, service, ret_krbcred, err);
		krb5_free_creds(context, service);
	}
	krb5_free_cred_contents(context, &tgt);
	return r;
}
