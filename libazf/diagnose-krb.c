// SPDX-License-Identifier: MIT
/*
 * diagnose-krb.c - from an error of libkrb5 to one cause and one cure.
 *
 * The table is read from the top; the first row that fits is the diagnosis.
 */
#include "diagnose-krb.h"

#include "azf-private.h"
#include "krb-names.h"
#include "krb-watch.h"

#define ANY_STEP (-1)

static bool skewed(const struct azf_krb_failure *f)
{
	return f->clock && llabs((long long)f->skew) > AZF_KRB_SKEW_MAX_S;
}

static bool unfit_keys(const struct azf_krb_failure *f)
{
	return f->unfit;
}

static bool is_alias(const struct azf_krb_failure *f)
{
	return f->names && f->names->canonical[0];
}

/* What a reverse lookup says proves nothing, and may be of use to a person. */
static bool has_pointer(const struct azf_krb_failure *f)
{
	return f->names && f->names->pointer[0] &&
	       !azf_streq(f->names->pointer, f->host);
}

/**
 * struct row - an error
 * @code: of libkrb5; 0 for any
 * @step: enum azf_krb_step, or ANY_STEP
 * @fits: what must be so besides; or NULL
 * @transient: worth trying again
 *
 * %c client, %h host, %r realm, %k keytab, %e encryption types in it,
 * %p those permitted, %v its kvno, %w how the clock differs, %l what the host
 * is an alias of, %a its address, %o what that is called, %m what libkrb5 says
 */
static const struct row {
	krb5_error_code code;
	int step;
	bool (*fits)(const struct azf_krb_failure *f);
	bool transient;
	const char *cause;
	const char *cure;
} rows[] = {
	{ KRB5_KDC_UNREACH, ANY_STEP, NULL, true,
	  "no KDC of the realm %r answers",
	  "Check that a domain controller is running, and that this network "
	  "lets UDP and TCP port 88 through to it" },
	{ KRB5_REALM_UNKNOWN, ANY_STEP, NULL, true,
	  "no KDC is found for the realm %r",
	  "Check the realm, and that this machine's name servers have the SRV "
	  "records of _kerberos._tcp.%r; or name a kdc in /etc/krb5.conf" },
	{ KRB5_REALM_CANT_RESOLVE, ANY_STEP, NULL, true,
	  "the names of the KDCs of the realm %r have no addresses",
	  "Check this machine's name servers, and /etc/krb5.conf" },
	{ KRB5KDC_ERR_SVC_UNAVAILABLE, ANY_STEP, NULL, true,
	  "the KDC of the realm %r is busy", "Try again in a minute" },
	{ KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ANY_STEP, NULL, false,
	  "the KDC of the realm %r does not know %c",
	  "Check principal=, and that the account still exists; if this "
	  "machine was joined anew, renew the keytab %k" },
	{ KRB5KDC_ERR_PREAUTH_FAILED, ANY_STEP, skewed, true,
	  "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5KDC_ERR_PREAUTH_FAILED, ANY_STEP, NULL, false,
	  "the key of %c in %k (kvno %v) is not the one that the KDC has: the "
	  "account's password was changed since",
	  "Rejoin the domain or renew the keytab" },
	{ KRB5KRB_AP_ERR_BAD_INTEGRITY, AZF_KRB_SIGN_IN, NULL, false,
	  "the key of %c in %k (kvno %v) is not the one that the KDC has: the "
	  "account's password was changed since",
	  "Rejoin the domain or renew the keytab" },
	{ KRB5KDC_ERR_KEY_EXP, ANY_STEP, NULL, false,
	  "the password of %c has expired",
	  "Rejoin the domain, or have a new password set and renew the keytab "
	  "%k" },
	{ KRB5KDC_ERR_CLIENT_REVOKED, ANY_STEP, NULL, false,
	  "the account of %c is disabled, locked or expired",
	  "Have it enabled in the directory of %r" },
	{ KRB5KDC_ERR_NAME_EXP, ANY_STEP, NULL, false,
	  "the account of %c has expired",
	  "Have it prolonged in the directory of %r" },
	{ KRB5KDC_ERR_CLIENT_NOTYET, ANY_STEP, NULL, false,
	  "the account of %c is not valid yet",
	  "Check this in the directory of %r" },
	{ KRB5KDC_ERR_POLICY, ANY_STEP, NULL, false,
	  "the policy of the realm %r gives %c no ticket for %h",
	  "Check when and from where the account may sign in" },
	{ KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AZF_KRB_SERVICE, is_alias, false,
	  "the realm %r knows no server by the name of %h, nor of %l, which "
	  "that is an alias of",
	  "Use the name that the server was joined to the domain with, or add "
	  "one of these: setspn -S cifs/%h ACCOUNT" },
	{ KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AZF_KRB_SERVICE, has_pointer, false,
	  "the realm %r knows no server by the name of %h, which in DNS is no "
	  "alias but has an address of its own (%a); a reverse lookup calls "
	  "that %o",
	  "Use the name that the server was joined to the domain with; or make "
	  "%h a CNAME of it, or add the name: setspn -S cifs/%h ACCOUNT" },
	{ KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AZF_KRB_SERVICE, NULL, false,
	  "the realm %r knows no server by the name of %h, which in DNS is no "
	  "alias of another",
	  "Use the name that the server was joined to the domain with; or make "
	  "%h a CNAME of it, or add the name: setspn -S cifs/%h ACCOUNT" },
	{ KRB5KDC_ERR_SERVICE_REVOKED, ANY_STEP, NULL, false,
	  "the account of the server %h is disabled",
	  "Have it enabled in the directory of %r" },
	{ KRB5KDC_ERR_SERVICE_EXP, ANY_STEP, NULL, false,
	  "the account of the server %h has expired",
	  "Have it prolonged in the directory of %r" },
	{ KRB5KRB_AP_ERR_SKEW, ANY_STEP, NULL, true, "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5_KDCREP_SKEW, ANY_STEP, NULL, true, "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5KDC_ERR_NEVER_VALID, ANY_STEP, NULL, true,
	  "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5KDC_ERR_ETYPE_NOSUPP, AZF_KRB_SERVICE, NULL, false,
	  "the account of the server %h has no encryption type that this "
	  "machine permits (%p)",
	  "Allow AES on the account of the server "
	  "(msDS-SupportedEncryptionTypes), and set its password anew" },
	{ 0, ANY_STEP, unfit_keys, false,
	  "%k has keys of %c for %e alone, and /etc/krb5.conf or the system's "
	  "crypto policy permits %p",
	  "Renew the keytab with AES keys, or permit the type there" },
	{ KRB5KDC_ERR_ETYPE_NOSUPP, ANY_STEP, NULL, false,
	  "the KDC of the realm %r takes none of the encryption types that %c "
	  "has in %k: %e",
	  "Allow AES for the account and rejoin the domain or renew the "
	  "keytab" },
	{ KRB5_KT_NOTFOUND, ANY_STEP, NULL, false,
	  "the KDC of the realm %r wants another encryption type of %c than "
	  "those in %k: %e",
	  "Renew the keytab, or allow one of these types for the account" },
	{ KRB5_PROG_ETYPE_NOSUPP, ANY_STEP, NULL, false,
	  "libkrb5 takes none of the keys of %c in %k: %e",
	  "Renew the keytab with AES keys, and check permitted_enctypes in "
	  "/etc/krb5.conf" },
	{ KRB5_CONFIG_ETYPE_NOSUPP, ANY_STEP, NULL, false,
	  "/etc/krb5.conf leaves no encryption type to use",
	  "Check permitted_enctypes and default_tkt_enctypes there" },
	{ KRB5_KEYTAB_BADVNO, AZF_KRB_KEYS, NULL, false, "%k is no keytab",
	  "Check keytab=, and the file" },
	{ 0, AZF_KRB_KEYS, NULL, false, "cannot read the keytab %k: %m",
	  "Check keytab=, and the file" },
	{ 0, AZF_KRB_SIGN_IN, NULL, false,
	  "the realm %r gives %c no ticket: %m",
	  "Look for the reason in the log of the KDC" },
	{ 0, ANY_STEP, NULL, false,
	  "the realm %r gives %c no ticket for %h: %m",
	  "Look for the reason in the log of the KDC" },
};

static void add_clock(struct azf_str *text, const struct azf_krb_failure *f)
{
	if (f->clock)
		azf_str_add(text,
			    "is %lld seconds %s that of the KDC of %s, and "
			    "Kerberos allows %d",
			    llabs((long long)f->skew),
			    f->skew < 0 ? "behind" : "ahead of", f->realm,
			    AZF_KRB_SKEW_MAX_S);
	else
		azf_str_add(text, "differs too much from that of the KDC of %s",
			    f->realm);
}

static void expand(struct azf_str *text, const char *template,
		   const struct azf_krb_failure *f)
{
	const struct azf_krb_names *names = f->names;
	const char *const words[128] = {
		['c'] = f->client,
		['h'] = f->host,
		['r'] = f->realm,
		['k'] = f->keytab,
		['e'] = f->enctypes,
		['p'] = f->permitted,
		['m'] = f->said,
		['l'] = names ? names->canonical : NULL,
		['a'] = names ? names->address : NULL,
		['o'] = names ? names->pointer : NULL,
	};

	for (; *template; template ++) {
		const char *word;

		if (template[0] != '%') {
			azf_str_add(text, "%c", *template);
			continue;
		}
		template ++;
		word = words[(unsigned char)*template & 127];
		if (*template == 'v')
			azf_str_add(text, "%u", f->kvno);
		else if (*template == 'w')
			add_clock(text, f);
		else
			azf_str_add(text, "%s", word ? word : "?");
	}
}

static bool suits(const struct row *row, const struct azf_krb_failure *f)
{
	return (row->code == 0 || row->code == f->code) &&
	       (row->step == ANY_STEP || row->step == (int)f->step) &&
	       (!row->fits || row->fits(f));
}

int azf_krb_diagnose(const struct azf_krb_failure *failure,
		     struct azf_error *err)
{
	azf_autostr struct azf_str cause = { 0 }, cure = { 0 };
	const struct row *row = rows;

	while (!suits(row, failure))
		row++;
	expand(&cause, row->cause, failure);
	expand(&cure, row->cure, failure);
	if (cause.failed || cure.failed)
		return azf_no_memory(err);
	azf_fail(err, row->transient ? AZF_E_TRANSIENT : AZF_E_MOUNT, "%s",
		 cause.text);
	return azf_cure(err, "%s", cure.text);
}

int azf_krb_refuse_address(const char *host, const char *pointer,
			   struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT,
		 "%s is an address, and Kerberos knows servers by their names "
		 "only",
		 host);
	if (pointer[0])
		return azf_cure(err,
				"Mount by the server's name; a reverse lookup, "
				"which proves nothing, says %s. ip=%s keeps "
				"the address",
				pointer, host);
	return azf_cure(err,
			"Mount by the server's name; ip=%s keeps the address",
			host);
}
