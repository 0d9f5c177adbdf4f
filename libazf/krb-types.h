/* SPDX-License-Identifier: MIT */
/* krb-types.h - the encryption types of keys and tickets, and what they match. */
#ifndef AZF_KRB_TYPES_H
#define AZF_KRB_TYPES_H

#include "krb.h"

/* Keytabs hold one or two keys of each of the few types that there are. */
#define AZF_KRB_TYPES_MAX 16

/* Encryption types, each once. */
struct azf_krb_types {
	krb5_enctype list[AZF_KRB_TYPES_MAX];
	size_t count;
};

void azf_krb_types_add(struct azf_krb_types *types, krb5_enctype type);
bool azf_krb_types_have(const struct azf_krb_types *types, krb5_enctype type);

/* Drop those that are not among @others, too. */
void azf_krb_types_keep(struct azf_krb_types *types,
			const struct azf_krb_types *others);

/* Whether some type is in both. */
bool azf_krb_types_meet(const struct azf_krb_types *a,
			const struct azf_krb_types *b);

/* What krb5.conf and this version of libkrb5 permit. */
bool azf_krb_types_permitted(krb5_context context,
			     struct azf_krb_types *ret_types) AZF_MUST_CHECK;

/**
 * azf_krb_types_show() - the types in the words of Active Directory
 * @text: "AES-256, AES-128 and RC4"; "none" of none
 */
void azf_krb_types_show(const struct azf_krb_types *types, char *text,
			size_t size);

/**
 * struct azf_krb_keys - what a keytab has of one principal
 * @found: there is an entry of it
 * @kvno: the highest number of a version among the entries
 * @types: of the keys of that version
 * @cut: there is none, but one of this name, cut to the 15 characters that
 *	Active Directory gives a machine; or ""
 */
struct azf_krb_keys {
	bool found;
	unsigned int kvno;
	struct azf_krb_types types;
	char cut[256];
};

/**
 * azf_krb_keys_read() - look for a principal's keys
 * @keytab: open
 * @principal: of a person or machine
 *
 * Return: 0, or libkrb5's code of a keytab that cannot be read.
 */
krb5_error_code azf_krb_keys_read(krb5_context context, krb5_keytab keytab,
				  krb5_const_principal principal,
				  struct azf_krb_keys *ret_keys);

#endif
