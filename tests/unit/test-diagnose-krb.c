// SPDX-License-Identifier: MIT
/* test-diagnose-krb.c - errors of libkrb5 in words. */
#include "test.h"

#include "diagnose-krb.h"
#include "krb-names.h"

#include <ctype.h>
#include <krb5.h>

#define KEYTAB "/etc/krb5.keytab"

static const struct row {
	krb5_error_code code;
	enum azf_krb_step step;
	bool transient, unfit;
	int64_t skew;
	const char *canonical, *pointer;
	const char *cause, *cure;
} rows[] = {
	/* the clock, measured or not */
	{ .code = KRB5KRB_AP_ERR_SKEW,
	  .step = AZF_KRB_SIGN_IN,
	  .transient = true,
	  .skew = 601,
	  .cause = "clock is 601 seconds ahead of that of the KDC of CORP, and "
		   "Kerberos allows 300",
	  .cure = "set-ntp" },
	{ .code = KRB5KDC_ERR_PREAUTH_FAILED,
	  .step = AZF_KRB_SIGN_IN,
	  .transient = true,
	  .skew = -700,
	  .cause = "clock is 700 seconds behind that",
	  .cure = "set-ntp" },
	{ .code = KRB5KRB_AP_ERR_SKEW,
	  .step = AZF_KRB_SERVICE,
	  .transient = true,
	  .cause = "clock differs too much",
	  .cure = "set-ntp" },
	/* the key */
	{ .code = KRB5KDC_ERR_PREAUTH_FAILED,
	  .step = AZF_KRB_SIGN_IN,
	  .skew = 20,
	  .cause = "NODE1$@CORP in " KEYTAB " (kvno 3) is not",
	  .cure = "renew" },
	/* names */
	{ .code = KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
	  .step = AZF_KRB_SERVICE,
	  .canonical = "anf1.corp",
	  .pointer = "anf1.corp",
	  .cause = "by the name of files.corp, nor of anf1.corp",
	  .cure = "setspn -S cifs/files.corp" },
	{ .code = KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
	  .step = AZF_KRB_SERVICE,
	  .pointer = "anf1.corp",
	  .cause = "no alias but has an address of its own (192.0.2.5); a "
		   "reverse lookup calls that anf1.corp",
	  .cure = "make files.corp a CNAME of it" },
	{ .code = KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
	  .step = AZF_KRB_SERVICE,
	  .pointer = "files.corp",
	  .cause = "no alias of another",
	  .cure = "setspn -S cifs/files.corp" },
	/* encryption types */
	{ .code = KRB5_KT_NOTFOUND,
	  .step = AZF_KRB_SIGN_IN,
	  .unfit = true,
	  .cause = "keys of NODE1$@CORP for RC4 alone, and /etc/krb5.conf or "
		   "the system's crypto policy permits AES-256",
	  .cure = "AES" },
	{ .code = KRB5_KT_NOTFOUND,
	  .step = AZF_KRB_SIGN_IN,
	  .cause =
		  "wants another encryption type of NODE1$@CORP than those in " KEYTAB
		  ": RC4",
	  .cure = "allow one" },
	{ .code = KRB5KDC_ERR_ETYPE_NOSUPP,
	  .step = AZF_KRB_SIGN_IN,
	  .cause =
		  "takes none of the encryption types that NODE1$@CORP has in " KEYTAB
		  ": RC4",
	  .cure = "Allow AES" },
	{ .code = KRB5KDC_ERR_ETYPE_NOSUPP,
	  .step = AZF_KRB_SERVICE,
	  .cause = "server files.corp has no encryption type that this machine "
		   "permits (AES-256)",
	  .cure = "msDS-SupportedEncryptionTypes" },
	/* KDCs */
	{ .code = KRB5_KDC_UNREACH,
	  .step = AZF_KRB_SIGN_IN,
	  .transient = true,
	  .cause = "no KDC of the realm CORP answers",
	  .cure = "port 88" },
	{ .code = KRB5_REALM_UNKNOWN,
	  .step = AZF_KRB_SIGN_IN,
	  .transient = true,
	  .cause = "no KDC is found",
	  .cure = "_kerberos._tcp.CORP" },
	/* what nobody thought of */
	{ .code = 12345,
	  .step = AZF_KRB_SERVICE,
	  .cause = "no ticket for files.corp: it said so",
	  .cure = "log" },
};

static void assert_readable(const char *text)
{
	assert_true(text[0]);
	assert_lacks(text, "?");
	assert_lacks(text, "(null)");
	for (const char *p = text; *p; p++)
		assert_false(p[0] == '%' && isalpha(p[1]));
}

static void each_has_one_cause_and_one_cure(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct azf_krb_names names = { .address = "192.0.2.5" };
		const struct azf_krb_failure failure = {
			.step = row->step,
			.code = row->code,
			.said = "it said so",
			.client = "NODE1$@CORP",
			.host = "files.corp",
			.realm = "CORP",
			.keytab = KEYTAB,
			.enctypes = "RC4",
			.kvno = 3,
			.permitted = "AES-256",
			.unfit = row->unfit,
			.clock = row->skew != 0,
			.skew = row->skew,
			.names = &names,
		};
		struct azf_error err = { 0 };
		int r;

		if (row->canonical)
			strcpy(names.canonical, row->canonical);
		if (row->pointer)
			strcpy(names.pointer, row->pointer);
		r = azf_krb_diagnose(&failure, &err);
		assert_failure(r, &err,
			       row->transient ? AZF_E_TRANSIENT : AZF_E_MOUNT,
			       row->cause, row->cure);
		assert_readable(err.cause);
		assert_readable(err.cure);
	}
}

static void an_address_is_no_name(void **state)
{
	struct azf_error err = { 0 };
	int r;

	(void)state;
	r = azf_krb_refuse_address("10.0.0.5", "", &err);
	assert_failure(r, &err, AZF_E_MOUNT, "10.0.0.5 is an address",
		       "ip=10.0.0.5");
	r = azf_krb_refuse_address("10.0.0.5", "anf1.corp", &err);
	assert_failure(r, &err, AZF_E_MOUNT, "by their names only",
		       "proves nothing, says anf1.corp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_one_cause_and_one_cure),
		cmocka_unit_test(an_address_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
