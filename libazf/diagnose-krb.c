// SPDX-License-Identifier: MIT
/*
 * diagnose-krb.c - from an error of libkrb5 to one cause and one cure.
 *
 * The table is read from the top; the first row that fits is the diagnosis.
 */
#include "diagnose-krb.h"

#include "azf-private.h"
#include "krb.h"

#define ANY_STEP (-1)

/**
 * struct row - an error
 * @code: of libkrb5; 0 for any
 * @step: enum azf_krb_step, or ANY_STEP
 * @transient: worth trying again
 *
 * %c client, %s server, %r realm, %k keytab, %e encryption types in it,
 * %v its kvno, %w how the clock differs, %m what libkrb5 says
 */
static const struct row {
	krb5_error_code code;
	int step;
	bool transient;
	const char *cause;
	const char *cure;
} rows[] = {
	{ KRB5_KDC_UNREACH, ANY_STEP, true, "no KDC of the realm %r answers",
	  "Check that a domain controller is running, and that this network "
	  "lets UDP and TCP port 88 through to it" },
	{ KRB5_REALM_UNKNOWN, ANY_STEP, true,
	  "no KDC is found for the realm %r",
	  "Check the realm, and that this machine's name servers have the SRV "
	  "records of _kerberos._tcp.%r; or name a kdc in /etc/krb5.conf" },
	{ KRB5_REALM_CANT_RESOLVE, ANY_STEP, true,
	  "the names of the KDCs of the realm %r have no addresses",
	  "Check this machine's name servers, and /etc/krb5.conf" },
	{ KRB5KDC_ERR_SVC_UNAVAILABLE, ANY_STEP, true,
	  "the KDC of the realm %r is busy", "Try again in a minute" },
	{ KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ANY_STEP, false,
	  "the KDC of the realm %r does not know %c",
	  "Check principal=, and that the account still exists; if this "
	  "machine was joined anew, renew the keytab %k" },
	{ KRB5KDC_ERR_PREAUTH_FAILED, ANY_STEP, false,
	  "the key of %c in %k (kvno %v) is not the one that the KDC has: the "
	  "account's password was changed since",
	  "Rejoin the domain or renew the keytab" },
	{ KRB5KRB_AP_ERR_BAD_INTEGRITY, AZF_KRB_SIGN_IN, false,
	  "the key of %c in %k (kvno %v) is not the one that the KDC has: the "
	  "account's password was changed since",
	  "Rejoin the domain or renew the keytab" },
	{ KRB5KDC_ERR_KEY_EXP, ANY_STEP, false,
	  "the password of %c has expired",
	  "Rejoin the domain, or have a new password set and renew the keytab "
	  "%k" },
	{ KRB5KDC_ERR_CLIENT_REVOKED, ANY_STEP, false,
	  "the account of %c is disabled, locked or expired",
	  "Have it enabled in the directory of %r" },
	{ KRB5KDC_ERR_NAME_EXP, ANY_STEP, false,
	  "the account of %c has expired",
	  "Have it prolonged in the directory of %r" },
	{ KRB5KDC_ERR_CLIENT_NOTYET, ANY_STEP, false,
	  "the account of %c is not valid yet",
	  "Check this in the directory of %r" },
	{ KRB5KDC_ERR_POLICY, ANY_STEP, false,
	  "the policy of the realm %r gives %c no ticket for %s",
	  "Check when and from where the account may sign in" },
	{ KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AZF_KRB_SERVICE, false,
	  "the KDC of the realm %r knows no service %s",
	  "Use the name that the server was joined to the domain with, or add "
	  "this one: setspn -S %s ACCOUNT" },
	{ KRB5KDC_ERR_SERVICE_REVOKED, ANY_STEP, false,
	  "the account of the service %s is disabled",
	  "Have it enabled in the directory of %r" },
	{ KRB5KDC_ERR_SERVICE_EXP, ANY_STEP, false,
	  "the account of the service %s has expired",
	  "Have it prolonged in the directory of %r" },
	{ KRB5KRB_AP_ERR_SKEW, ANY_STEP, true, "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5_KDCREP_SKEW, ANY_STEP, true, "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5KDC_ERR_NEVER_VALID, ANY_STEP, true, "this machine's clock %w",
	  "Set the clock: timedatectl set-ntp true" },
	{ KRB5KDC_ERR_ETYPE_NOSUPP, AZF_KRB_SERVICE, false,
	  "the account of the service %s has no encryption type that %c may "
	  "use",
	  "Allow AES on the account of the server "
	  "(msDS-SupportedEncryptionTypes), and set its password anew" },
	{ KRB5KDC_ERR_ETYPE_NOSUPP, ANY_STEP, false,
	  "the KDC of the realm %r takes none of the encryption types that %c "
	  "has in %k: %e",
	  "Allow AES for the account and rejoin the domain or renew the "
	  "keytab" },
	{ KRB5_KT_NOTFOUND, ANY_STEP, false,
	  "libkrb5 takes none of the keys of %c in %k: %e",
	  "Renew the keytab with AES keys, and check permitted_enctypes in "
	  "/etc/krb5.conf" },
	{ KRB5_PROG_ETYPE_NOSUPP, ANY_STEP, false,
	  "libkrb5 takes none of the keys of %c in %k: %e",
	  "Renew the keytab with AES keys, and check permitted_enctypes in "
	  "/etc/krb5.conf" },
	{ KRB5_CONFIG_ETYPE_NOSUPP, ANY_STEP, false,
	  "/etc/krb5.conf leaves no encryption type to use",
	  "Check permitted_enctypes and default_tkt_enctypes there" },
	{ KRB5_KEYTAB_BADVNO, AZF_KRB_KEYS, false, "%k is no keytab",
	  "Check keytab=, and the file" },
	{ 0, AZF_KRB_KEYS, false, "cannot read the keytab %k: %m",
	  "Check keytab=, and the file" },
	{ 0, AZF_KRB_SIGN_IN, false, "the realm %r gives %c no ticket: %m",
	  "Look for the reason in the log of the KDC" },
	{ 0, ANY_STEP, false, "the realm %r gives %c no ticket for %s: %m",
	  "Look for the reason in the log of the KDC" },
};

static void add_clock(struct azf_str *text, const struct azf_krb_failure *f)
{
	if (f->clock)
		azf_str_add(text, "is %lld seconds %s that of the KDC of %s",
			    (long long)(f->skew < 0 ? -f->skew : f->skew),
			    f->skew < 0 ? "behind" : "ahead of", f->realm);
	else
		azf_str_add(text, "differs too much from that of the KDC of %s",
			    f->realm);
}

static void expand(struct azf_str *text, const char *template,
		   const struct azf_krb_failure *f)
{
	const char *const words[128] = {
		['c'] = f->client, ['s'] = f->server,	['r'] = f->realm,
		['k'] = f->keytab, ['e'] = f->enctypes, ['m'] = f->said,
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

int azf_krb_diagnose(const struct azf_krb_failure *failure,
		     struct azf_error *err)
{
	azf_autostr struct azf_str cause = { 0 }, cure = { 0 };
	const struct row *row = rows;

	while ((row->code && row->code != failure->code) ||
	       (row->step != ANY_STEP && row->step != (int)failure->step))
		row++;
	expand(&cause, row->cause, failure);
	expand(&cure, row->cure, failure);
	if (cause.failed || cure.failed)
		return azf_no_memory(err);
	azf_fail(err, row->transient ? AZF_E_TRANSIENT : AZF_E_MOUNT, "%s",
		 cause.text);
	return azf_cure(err, "%s", cure.text);
}
