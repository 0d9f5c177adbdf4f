// SPDX-License-Identifier: MIT
/* krb-types.c - the encryption types of keys and tickets. */
#include "krb-types.h"

/* MS-ADTS 3.1.1.1.8.1: sAMAccountName of a machine, without the dollar sign. */
#define MACHINE_MAX 15

void azf_krb_types_add(struct azf_krb_types *types, krb5_enctype type)
{
	if (types->count < AZF_KRB_TYPES_MAX &&
	    !azf_krb_types_have(types, type))
		types->list[types->count++] = type;
}

bool azf_krb_types_have(const struct azf_krb_types *types, krb5_enctype type)
{
	for (size_t i = 0; i < types->count; i++) {
		if (types->list[i] == type)
			return true;
	}
	return false;
}

void azf_krb_types_keep(struct azf_krb_types *types,
			const struct azf_krb_types *others)
{
	size_t count = 0;

	for (size_t i = 0; i < types->count; i++) {
		if (azf_krb_types_have(others, types->list[i]))
			types->list[count++] = types->list[i];
	}
	types->count = count;
}

bool azf_krb_types_meet(const struct azf_krb_types *a,
			const struct azf_krb_types *b)
{
	struct azf_krb_types both = *a;

	azf_krb_types_keep(&both, b);
	return both.count != 0;
}

bool azf_krb_types_permitted(krb5_context context,
			     struct azf_krb_types *ret_types)
{
	krb5_enctype *list = NULL;

	*ret_types = (struct azf_krb_types){ .count = 0 };
	if (krb5_get_permitted_enctypes(context, &list))
		return false;
	for (size_t i = 0; list[i]; i++)
		azf_krb_types_add(ret_types, list[i]);
	krb5_free_enctypes(context, list);
	return true;
}

static void show_one(krb5_enctype type, char *text, size_t size)
{
	switch (type) {
	case ENCTYPE_AES256_CTS_HMAC_SHA1_96:
		(void)snprintf(text, size, "AES-256");
		break;
	case ENCTYPE_AES128_CTS_HMAC_SHA1_96:
		(void)snprintf(text, size, "AES-128");
		break;
	case ENCTYPE_ARCFOUR_HMAC:
		(void)snprintf(text, size, "RC4");
		break;
	default:
		if (krb5_enctype_to_name(type, 0, text, size))
			(void)snprintf(text, size, "type %d", type);
	}
}

void azf_krb_types_show(const struct azf_krb_types *types, char *text,
			size_t size)
{
	size_t len = 0;

	(void)snprintf(text, size, "none");
	for (size_t i = 0; i < types->count; i++) {
		const char *between = i == 0		    ? "" :
				      i + 1 == types->count ? " and " :
							      ", ";
		char name[64];
		int n;

		show_one(types->list[i], name, sizeof(name));
		n = snprintf(text + len, size - len, "%s%s", between, name);
		if (n < 0 || (size_t)n >= size - len)
			return;
		len += (size_t)n;
	}
}

/* ---- keytabs ---- */

static void show(krb5_context context, krb5_const_principal principal,
		 char *text, size_t size)
{
	char *name = NULL;

	if (krb5_unparse_name(context, principal, &name))
		return;
	(void)snprintf(text, size, "%s", name);
	azf_printable(text);
	krb5_free_unparsed_name(context, name);
}

/* The name with more than 15 characters before the dollar sign, cut. */
static bool is_cut_of(krb5_const_principal found, krb5_const_principal wanted)
{
	const krb5_data *a, *b;

	if (found->length != 1 || wanted->length != 1)
		return false;
	a = &found->data[0];
	b = &wanted->data[0];
	return b->length > MACHINE_MAX && a->length == MACHINE_MAX + 1 &&
	       a->data[MACHINE_MAX] == '$' &&
	       strncasecmp(a->data, b->data, MACHINE_MAX) == 0;
}

static void take_entry(krb5_context context, const krb5_keytab_entry *entry,
		       krb5_const_principal wanted, struct azf_krb_keys *keys)
{
	if (!krb5_principal_compare(context, entry->principal, wanted)) {
		if (is_cut_of(entry->principal, wanted))
			show(context, entry->principal, keys->cut,
			     sizeof(keys->cut));
		return;
	}
	if (!keys->found || entry->vno > keys->kvno) {
		keys->types.count = 0;
		keys->kvno = entry->vno;
	}
	keys->found = true;
	if (entry->vno == keys->kvno)
		azf_krb_types_add(&keys->types, entry->key.enctype);
}

krb5_error_code azf_krb_keys_read(krb5_context context, krb5_keytab keytab,
				  krb5_const_principal principal,
				  struct azf_krb_keys *ret_keys)
{
	krb5_keytab_entry entry;
	krb5_kt_cursor cursor;
	krb5_error_code r;

	*ret_keys = (struct azf_krb_keys){ .found = false };
	r = krb5_kt_start_seq_get(context, keytab, &cursor);
	if (r)
		return r;
	while ((r = krb5_kt_next_entry(context, keytab, &entry, &cursor)) ==
	       0) {
		take_entry(context, &entry, principal, ret_keys);
		(void)krb5_free_keytab_entry_contents(context, &entry);
	}
	(void)krb5_kt_end_seq_get(context, keytab, &cursor);
	if (ret_keys->found)
		ret_keys->cut[0] = '\0';
	return r == KRB5_KT_END ? 0 : r;
}
