// SPDX-License-Identifier: MIT
/* test-krb-kdc.c - keys, encryption types, and what KDCs say. */
#include "test.h"

#include "krb-kdc.h"

#define NOW 1765082912

/* A context with a krb5.conf of its own. */
struct rig {
	char path[32];
	profile_t profile;
	krb5_context context;
};

static void open_rig(struct rig *rig, const char *text)
{
	const char *paths[] = { rig->path, NULL };
	int fd;

	(void)snprintf(rig->path, sizeof(rig->path), "/tmp/azf-krb-XXXXXX");
	fd = mkstemp(rig->path);
	assert_true(fd >= 0);
	assert_int_equal(azf_write_all(fd, text, strlen(text)), 0);
	(void)close(fd);
	assert_int_equal(profile_init((const char **)paths, &rig->profile), 0);
	assert_int_equal(
		krb5_init_context_profile(rig->profile, 0, &rig->context), 0);
}

static void close_rig(struct rig *rig)
{
	krb5_free_context(rig->context);
	profile_abandon(rig->profile);
	(void)unlink(rig->path);
}

#define autorig azf_cleanup(close_rig)

static void krb5_conf_may_name_the_servers(void **state)
{
	autorig struct rig rig = { .profile = NULL };
	struct azf_srv_list servers;

	(void)state;
	open_rig(&rig, "[realms]\n CORP.EXAMPLE = {\n"
		       "  kdc = dc1.corp.example\n"
		       "  kdc = tcp/dc2.corp.example:8888\n"
		       "  kdc = [fd00::1]:89\n"
		       "  kdc = https://proxy.example/KdcProxy\n"
		       "  kpasswd_server = dc3.corp.example\n }\n");
	assert_true(azf_krb_places(rig.context, "CORP.EXAMPLE", AZF_KRB_KDC,
				   &servers));
	assert_int_equal(servers.count, 3);
	assert_string_equal(servers.list[0].host, "dc1.corp.example");
	assert_int_equal(servers.list[0].port, 88);
	assert_string_equal(servers.list[1].host, "dc2.corp.example");
	assert_int_equal(servers.list[1].port, 8888);
	assert_string_equal(servers.list[2].host, "fd00::1");
	assert_int_equal(servers.list[2].port, 89);
	assert_true(azf_krb_places(rig.context, "CORP.EXAMPLE", AZF_KRB_KPASSWD,
				   &servers));
	assert_string_equal(servers.list[0].host, "dc3.corp.example");
	assert_int_equal(servers.list[0].port, 464);
}

static void krb5_conf_may_keep_dns_out(void **state)
{
	autorig struct rig rig = { .profile = NULL };
	struct azf_srv_list servers;

	(void)state;
	open_rig(&rig, "[libdefaults]\n dns_lookup_kdc = false\n");
	assert_false(azf_krb_places(rig.context, "CORP.EXAMPLE", AZF_KRB_KDC,
				    &servers));
	assert_int_equal(servers.count, 0);
}

/* libkrb5 trusts them unless it is told not to. */
static void pointers_are_trusted_when_krb5_conf_says_so(void **state)
{
	static const struct {
		const char *text;
		bool trusts;
	} rows[] = {
		{ "[libdefaults]\n", false },
		{ "[libdefaults]\n rdns = false\n", false },
		{ "[libdefaults]\n rdns = true\n", true },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		autorig struct rig rig = { .profile = NULL };

		open_rig(&rig, rows[i].text);
		assert_int_equal(azf_krb_trusts_pointers(rig.context),
				 rows[i].trusts);
	}
}

/* ---- the clock ---- */

static void hear(struct rig *rig, krb5_ui_4 code, krb5_timestamp stime,
		 struct azf_krb_watch *watch)
{
	krb5_principal server;
	krb5_error error = { .error = code, .stime = stime };
	krb5_data message;

	assert_int_equal(krb5_parse_name(rig->context, "krbtgt/A@A", &server),
			 0);
	error.server = server;
	assert_int_equal(krb5_mk_error(rig->context, &error, &message), 0);
	azf_krb_watch_reply(rig->context, &message, NOW, watch);
	krb5_free_data_contents(rig->context, &message);
	krb5_free_principal(rig->context, server);
}

static void a_refusal_tells_the_time(void **state)
{
	autorig struct rig rig = { .profile = NULL };
	struct azf_krb_watch watch = { .once = false };
	krb5_data other = { .length = 3, .data = (char *)"abc" };

	(void)state;
	open_rig(&rig, "");
	hear(&rig, 25, NOW - 601, &watch);
	assert_true(watch.answered);
	assert_true(watch.clock);
	assert_int_equal(watch.skew, 601);
	assert_int_equal(watch.error, 25);
	hear(&rig, 25, NOW + 300, &watch);
	assert_int_equal(watch.skew, -300);
	/* what is no refusal leaves the clock as it is known */
	azf_krb_watch_reply(rig.context, &other, NOW, &watch);
	assert_int_equal(watch.error, 0);
	assert_int_equal(watch.skew, -300);
}

/* ---- keytabs ---- */

static void add_key(struct rig *rig, krb5_keytab keytab, const char *name,
		    unsigned int kvno, krb5_enctype type)
{
	krb5_keytab_entry entry = { .vno = kvno, .key = { .enctype = type } };

	assert_int_equal(krb5_parse_name(rig->context, name, &entry.principal),
			 0);
	assert_int_equal(krb5_c_make_random_key(rig->context, type, &entry.key),
			 0);
	assert_int_equal(krb5_kt_add_entry(rig->context, keytab, &entry), 0);
	(void)krb5_free_keytab_entry_contents(rig->context, &entry);
}

static void look(struct rig *rig, krb5_keytab keytab, const char *name,
		 struct azf_krb_keys *keys)
{
	krb5_principal principal;

	assert_int_equal(krb5_parse_name(rig->context, name, &principal), 0);
	assert_int_equal(
		azf_krb_keys_read(rig->context, keytab, principal, keys), 0);
	krb5_free_principal(rig->context, principal);
}

static void the_newest_keys_of_a_principal_count(void **state)
{
	autorig struct rig rig = { .profile = NULL };
	struct azf_krb_keys keys;
	krb5_keytab keytab;
	char text[64];

	(void)state;
	open_rig(&rig, "[libdefaults]\n allow_rc4 = true\n");
	assert_int_equal(krb5_kt_resolve(rig.context, "MEMORY:keys", &keytab),
			 0);
	add_key(&rig, keytab, "MORE-THAN-FIFTE$@A", 1, ENCTYPE_ARCFOUR_HMAC);
	add_key(&rig, keytab, "NODE1$@A", 2, ENCTYPE_ARCFOUR_HMAC);
	add_key(&rig, keytab, "NODE1$@A", 3, ENCTYPE_AES256_CTS_HMAC_SHA1_96);
	add_key(&rig, keytab, "NODE1$@A", 3, ENCTYPE_AES128_CTS_HMAC_SHA1_96);
	add_key(&rig, keytab, "NODE1$@A", 1, ENCTYPE_ARCFOUR_HMAC);
	look(&rig, keytab, "NODE1$@A", &keys);
	assert_true(keys.found);
	assert_int_equal(keys.kvno, 3);
	azf_krb_types_show(&keys.types, text, sizeof(text));
	/* a keytab in memory is read from its end */
	assert_string_equal(text, "AES-128 and AES-256");
	(void)krb5_kt_close(rig.context, keytab);
}

static void a_machine_has_fifteen_characters(void **state)
{
	autorig struct rig rig = { .profile = NULL };
	struct azf_krb_keys keys;
	krb5_keytab keytab;

	(void)state;
	open_rig(&rig, "");
	assert_int_equal(krb5_kt_resolve(rig.context, "MEMORY:cut", &keytab),
			 0);
	add_key(&rig, keytab, "host/a.example@A", 1,
		ENCTYPE_AES256_CTS_HMAC_SHA1_96);
	add_key(&rig, keytab, "MORE-THAN-FIFTE$@A", 1,
		ENCTYPE_AES256_CTS_HMAC_SHA1_96);
	look(&rig, keytab, "MORE-THAN-FIFTEEN$@A", &keys);
	assert_false(keys.found);
	assert_string_equal(keys.cut, "MORE-THAN-FIFTE$@A");
	look(&rig, keytab, "more-than-fifteen@A", &keys);
	assert_string_equal(keys.cut, "MORE-THAN-FIFTE$@A");
	look(&rig, keytab, "OTHER-THAN-FIFTEEN$@A", &keys);
	assert_string_equal(keys.cut, "");
	look(&rig, keytab, "MORE-THAN-FIFTE$@A", &keys);
	assert_true(keys.found);
	assert_string_equal(keys.cut, "");
	(void)krb5_kt_close(rig.context, keytab);
}

static void types_are_shown_in_words(void **state)
{
	static const struct {
		struct azf_krb_types types;
		const char *text;
	} rows[] = {
		{ { { 0 }, 0 }, "none" },
		{ { { 23 }, 1 }, "RC4" },
		{ { { 18, 17, 23 }, 3 }, "AES-256, AES-128 and RC4" },
		{ { { 20 }, 1 }, "aes256-cts-hmac-sha384-192" },
		{ { { 9999 }, 1 }, "type 9999" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		char text[64];

		azf_krb_types_show(&rows[i].types, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void krb5_conf_permits_types(void **state)
{
	autorig struct rig rig = { .profile = NULL };
	const struct azf_krb_types rc4 = { { ENCTYPE_ARCFOUR_HMAC }, 1 };
	struct azf_krb_types types;

	(void)state;
	open_rig(&rig, "[libdefaults]\n permitted_enctypes = aes256-cts\n");
	assert_true(azf_krb_types_permitted(rig.context, &types));
	assert_int_equal(types.count, 1);
	assert_int_equal(types.list[0], ENCTYPE_AES256_CTS_HMAC_SHA1_96);
	assert_false(azf_krb_types_meet(&types, &rc4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(krb5_conf_may_name_the_servers),
		cmocka_unit_test(krb5_conf_may_keep_dns_out),
		cmocka_unit_test(pointers_are_trusted_when_krb5_conf_says_so),
		cmocka_unit_test(a_refusal_tells_the_time),
		cmocka_unit_test(the_newest_keys_of_a_principal_count),
		cmocka_unit_test(a_machine_has_fifteen_characters),
		cmocka_unit_test(types_are_shown_in_words),
		cmocka_unit_test(krb5_conf_permits_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
