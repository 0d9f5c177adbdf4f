// SPDX-License-Identifier: MIT
/* test-kinit.c - a keytab is read, a principal chosen, an error understood. */
#include "test.h"

#include "diagnose-krb.h"
#include "kinit.h"
#include "krb.h"

#include <sys/stat.h>
#include <time.h>

#define HOST "files.example.com"

/* One file for each test program, in a directory of its own. */
static char path[64];

static int setup(void **state)
{
	char dir[] = "/tmp/test-kinit-XXXXXX";

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/keytab", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	return rmdir(path);
}

static void add_key(krb5_context context, krb5_keytab keytab, const char *name,
		    unsigned int kvno, krb5_enctype enctype, size_t len)
{
	static unsigned char bytes[32] = "not a secret";
	krb5_keytab_entry entry = {
		.vno = kvno,
		.key = { .enctype = enctype,
			 .length = (unsigned int)len,
			 .contents = bytes },
	};

	assert_int_equal(krb5_parse_name(context, name, &entry.principal), 0);
	assert_int_equal(krb5_kt_add_entry(context, keytab, &entry), 0);
	krb5_free_principal(context, entry.principal);
}

/* Of each name an old key of AES-128 and a new one of AES-256. */
static void make_keytab(const char *const *names)
{
	azf_autokrb struct azf_krb krb = { 0 };
	char name[80];
	krb5_keytab keytab;

	(void)unlink(path);
	(void)snprintf(name, sizeof(name), "WRFILE:%s", path);
	assert_true(azf_krb_open(&krb));
	assert_int_equal(krb5_kt_resolve(krb.context, name, &keytab), 0);
	for (; *names; names++) {
		add_key(krb.context, keytab, *names, 6,
			ENCTYPE_AES128_CTS_HMAC_SHA1_96, 16);
		add_key(krb.context, keytab, *names, 7,
			ENCTYPE_AES256_CTS_HMAC_SHA1_96, 32);
	}
	(void)krb5_kt_close(krb.context, keytab);
	assert_int_equal(chmod(path, 0600), 0);
}

static const char *const joined[] = { "host/web01.example.com@EXAMPLE.COM",
				      "WEB01$@EXAMPLE.COM", "svc@EXAMPLE.COM",
				      NULL };

/* Return: the principal that was chosen, to be freed; or NULL and @err. */
static char *choose(const char *principal, struct azf_error *err)
{
	azf_cleanup(azf_keytab_close) struct azf_keytab keytab = { .fd = -1 };
	azf_autokinit struct azf_kinit *kinit = NULL;
	const struct azf_kinit_request request = {
		.keytab = &keytab,
		.path = path,
		.principal = principal,
		.host = HOST,
	};

	if (azf_keytab_open(path, &keytab, err) ||
	    azf_kinit_open(&request, &kinit, err))
		return NULL;
	assert_string_equal(azf_kinit_realm(kinit),
			    strchr(azf_kinit_principal(kinit), '@') + 1);
	return strdup(azf_kinit_principal(kinit));
}

static void assert_chosen(const char *principal, const char *expected)
{
	struct azf_error err = { 0 };
	azf_autofree char *name = choose(principal, &err);

	if (!name)
		fail_msg("%s: %s", principal ? principal : "none", err.cause);
	assert_string_equal(name, expected);
}

static void the_machine_is_the_name_with_a_dollar(void **state)
{
	(void)state;
	make_keytab(joined);
	assert_chosen(NULL, "WEB01$@EXAMPLE.COM");
}

static void others_are_chosen_whatever_the_case(void **state)
{
	(void)state;
	make_keytab(joined);
	assert_chosen("svc", "svc@EXAMPLE.COM");
	assert_chosen("SVC@example.com", "svc@EXAMPLE.COM");
	assert_chosen("web01$", "WEB01$@EXAMPLE.COM");
	assert_chosen("host/web01.example.com",
		      "host/web01.example.com@EXAMPLE.COM");
}

static void assert_not_chosen(const char *principal, const char *words,
			      const char *cure)
{
	struct azf_error err = { 0 };

	assert_null(choose(principal, &err));
	assert_failure(-(int)err.code, &err, AZF_E_MOUNT, words, cure);
}

static void who_is_not_there_is_told_who_is(void **state)
{
	static const char *const user[] = { "svc@EXAMPLE.COM", NULL };

	(void)state;
	make_keytab(joined);
	assert_not_chosen("sv", "no key of sv, but of host/web01",
			  "principal=");
	assert_not_chosen("svc@OTHER", "WEB01$@EXAMPLE.COM, svc@EXAMPLE.COM",
			  "principal=");
	make_keytab(user);
	assert_not_chosen(NULL, "of a machine (NAME$@REALM), but of svc@",
			  "principal=");
}

static void a_file_that_others_may_read_is_refused(void **state)
{
	struct azf_error err = { 0 };

	(void)state;
	make_keytab(joined);
	assert_int_equal(chmod(path, 0640), 0);
	assert_chosen(NULL, "WEB01$@EXAMPLE.COM");
	for (mode_t bit = 1; bit <= 020; bit <<= 1) {
		if (bit == 010)
			continue;
		assert_int_equal(chmod(path, 0600 | bit), 0);
		assert_not_chosen(NULL, "others may read or write the keytab",
				  "chmod 600");
	}
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chown(path, 3001, 0), 0);
	assert_not_chosen(NULL, "belongs to uid 3001", "chown root");
	assert_int_equal(unlink(path), 0);
	assert_null(choose(NULL, &err));
	assert_contains(err.cause, "there is no keytab /tmp/");
	assert_contains(err.cure, "keytab=");
}

static void write_file(const void *text, size_t len)
{
	FILE *file;

	(void)unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void what_is_no_keytab_is_told(void **state)
{
	static char large[AZF_KEYTAB_MAX + 1];

	(void)state;
	write_file("root:x:0:0\n", 11);
	assert_not_chosen(NULL, "is no keytab", "keytab=");
	write_file("", 0);
	assert_not_chosen(NULL, "it is empty", "keytab=");
	write_file(large, sizeof(large));
	assert_not_chosen(NULL, "larger than a megabyte", "keytab=");
	write_file("\x05\x02\x00\x00\x10\x00garbage", 13);
	assert_not_chosen(NULL, "there is no key in the keytab", "keytab=");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_not_chosen(NULL, "it is a link", "the file itself");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_not_chosen(NULL, "not a regular file", "keytab=");
}

/* ---- errors ---- */

static const struct {
	enum azf_krb_step step;
	krb5_error_code code;
	enum azf_code is;
	const char *words;
	const char *cure;
} errors[] = {
	{ AZF_KRB_SIGN_IN, KRB5_KDC_UNREACH, AZF_E_TRANSIENT,
	  "no KDC of the realm EXAMPLE.COM answers", "port 88" },
	{ AZF_KRB_SIGN_IN, KRB5_REALM_UNKNOWN, AZF_E_TRANSIENT,
	  "no KDC is found for the realm EXAMPLE.COM",
	  "_kerberos._tcp.EXAMPLE.COM" },
	{ AZF_KRB_SIGN_IN, KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, AZF_E_MOUNT,
	  "does not know WEB01$@EXAMPLE.COM", "renew the keytab /k" },
	{ AZF_KRB_SIGN_IN, KRB5KDC_ERR_PREAUTH_FAILED, AZF_E_MOUNT,
	  "in /k (kvno 7) is not the one that the KDC has", "Rejoin" },
	{ AZF_KRB_SIGN_IN, KRB5KRB_AP_ERR_BAD_INTEGRITY, AZF_E_MOUNT,
	  "in /k (kvno 7) is not the one that the KDC has", "Rejoin" },
	{ AZF_KRB_SIGN_IN, KRB5KDC_ERR_KEY_EXP, AZF_E_MOUNT,
	  "the password of WEB01$@EXAMPLE.COM has expired", "renew" },
	{ AZF_KRB_SIGN_IN, KRB5KDC_ERR_CLIENT_REVOKED, AZF_E_MOUNT,
	  "disabled, locked or expired", "enabled" },
	{ AZF_KRB_SERVICE, KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AZF_E_MOUNT,
	  "knows no server by the name of " HOST, "setspn -S cifs/" HOST },
	{ AZF_KRB_SIGN_IN, KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AZF_E_MOUNT,
	  "no ticket: said by libkrb5", "log" },
	{ AZF_KRB_SIGN_IN, KRB5KRB_AP_ERR_SKEW, AZF_E_TRANSIENT,
	  "clock is 600 seconds behind that of the KDC", "timedatectl" },
	{ AZF_KRB_SIGN_IN, KRB5KDC_ERR_ETYPE_NOSUPP, AZF_E_MOUNT,
	  "that WEB01$@EXAMPLE.COM has in /k: arcfour-hmac", "AES" },
	{ AZF_KRB_SERVICE, KRB5KDC_ERR_ETYPE_NOSUPP, AZF_E_MOUNT,
	  "the server " HOST " has no encryption type", "AES" },
	{ AZF_KRB_SIGN_IN, KRB5_KT_NOTFOUND, AZF_E_MOUNT,
	  "wants another encryption type of WEB01$@EXAMPLE.COM", "Renew" },
	{ AZF_KRB_KEYS, KRB5_KEYTAB_BADVNO, AZF_E_MOUNT, "/k is no keytab",
	  "keytab=" },
	{ AZF_KRB_KEYS, KRB5_KT_IOERR, AZF_E_MOUNT,
	  "cannot read the keytab /k: said by libkrb5", "keytab=" },
	{ AZF_KRB_SERVICE, KRB5KRB_ERR_GENERIC, AZF_E_MOUNT,
	  "no ticket for " HOST ": said by libkrb5", "log" },
};

static void each_error_has_a_cause_and_a_cure(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(errors); i++) {
		const struct azf_krb_failure failure = {
			.step = errors[i].step,
			.code = errors[i].code,
			.said = "said by libkrb5",
			.client = "WEB01$@EXAMPLE.COM",
			.host = HOST,
			.realm = "EXAMPLE.COM",
			.keytab = "/k",
			.enctypes = "arcfour-hmac",
			.kvno = 7,
			.clock = errors[i].code == KRB5KRB_AP_ERR_SKEW,
			.skew = -600,
		};
		struct azf_error err = { 0 };
		int r = azf_krb_diagnose(&failure, &err);

		assert_failure(r, &err, errors[i].is, errors[i].words,
			       errors[i].cure);
		assert_lacks(err.cause, "%");
		assert_lacks(err.cure, "%");
	}
}

static void a_clock_that_nobody_told_differs_too_much(void **state)
{
	const struct azf_krb_failure failure = {
		.step = AZF_KRB_SERVICE,
		.code = KRB5KRB_AP_ERR_SKEW,
		.realm = "EXAMPLE.COM",
	};
	struct azf_error err = { 0 };

	(void)state;
	(void)azf_krb_diagnose(&failure, &err);
	assert_string_equal(err.cause, "this machine's clock differs too much "
				       "from that of the KDC of EXAMPLE.COM");
}

/* How the KDC's clock differs is kept in the file for whoever uses it. */
static void a_ccache_keeps_the_offset(void **state)
{
	static const unsigned char head[] = { 5, 4, 0, 12, 0, 1,
					      0, 8, 0, 0,  2, 0x58 };
	azf_autokrb struct azf_krb krb = { 0 };
	krb5_principal owner;
	unsigned char *bytes;
	size_t len;

	(void)state;
	assert_true(azf_krb_open(&krb));
	assert_int_equal(krb5_parse_name(krb.context, "a@B", &owner), 0);
	bytes = azf_krb_ccache(&krb, owner, NULL, 0, &len);
	assert_memory_equal(bytes, "\x05\x04\x00\x00", 4);
	free(bytes);
	assert_int_equal(krb5_set_real_time(krb.context,
					    (krb5_timestamp)time(NULL) + 600,
					    -1),
			 0);
	assert_in_range(azf_krb_offset(&krb), 599, 600);
	bytes = azf_krb_ccache(&krb, owner, NULL, 0, &len);
	assert_memory_equal(bytes, head, sizeof(head) - 1);
	free(bytes);
	krb5_free_principal(krb.context, owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_machine_is_the_name_with_a_dollar),
		cmocka_unit_test(others_are_chosen_whatever_the_case),
		cmocka_unit_test(who_is_not_there_is_told_who_is),
		cmocka_unit_test(a_file_that_others_may_read_is_refused),
		cmocka_unit_test(what_is_no_keytab_is_told),
		cmocka_unit_test(each_error_has_a_cause_and_a_cure),
		cmocka_unit_test(a_clock_that_nobody_told_differs_too_much),
		cmocka_unit_test(a_ccache_keeps_the_offset),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
