// SPDX-License-Identifier: MIT
/* test-ccache.c - files of credentials: read, merged, written, and looked for. */
#include "test.h"

#include "ccache.h"
#include "krb.h"
#include "krbcred-maker.h"
#include "krbcred.h"
#include "wipe.h"

#include <fcntl.h>

#define HOST1 "acct1.file.core.windows.net"
#define HOST2 "acct2.file.core.windows.net"
#define NOW   1765082912
#define END   (NOW + 86215)

/* A cache with one ticket, from a message of the service. */
static struct azf_ccache *make(const char *host, int64_t end)
{
	const struct recipe recipe = { "cifs", host, end, 1 };
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	struct azf_ccache *ccache = NULL;
	struct azf_error err = { 0 };
	size_t len = 0;
	azf_autofree unsigned char *der = make_krbcred(&recipe, &len);

	assert_non_null(der);
	assert_int_equal(azf_krbcred_read(der, len, host, 0, &krbcred, &err),
			 0);
	assert_int_equal(azf_ccache_parse(krbcred.ccache, krbcred.ccache_len,
					  &ccache, &err),
			 0);
	return ccache;
}

/* One of nobody the service knows, with nothing in it, or one ticket. */
static struct azf_ccache *make_other(const char *host)
{
	azf_autokrb struct azf_krb krb = { 0 };
	struct azf_ccache *ccache = NULL;
	struct azf_error err = { 0 };
	krb5_creds creds = { 0 };
	unsigned char *bytes;
	size_t len;

	assert_true(azf_krb_open(&krb));
	assert_int_equal(
		krb5_parse_name(krb.context, "alice@REALM", &creds.client), 0);
	assert_int_equal(krb5_build_principal(krb.context, &creds.server, 5,
					      "REALM", "cifs", host, NULL),
			 0);
	creds.times.endtime = END;
	bytes = azf_krb_ccache(&krb, creds.client, &creds, 1, &len);
	assert_non_null(bytes);
	krb5_free_principal(krb.context, creds.client);
	krb5_free_principal(krb.context, creds.server);
	assert_int_equal(azf_ccache_parse(bytes, len, &ccache, &err), 0);
	azf_wipe_free(bytes);
	return ccache;
}

static struct azf_ccache *again(const struct azf_ccache *ccache)
{
	struct azf_ccache *copy = NULL;
	struct azf_error err = { 0 };
	size_t len;
	unsigned char *bytes = azf_ccache_format(ccache, &len);

	assert_non_null(bytes);
	assert_int_equal(azf_ccache_parse(bytes, len, &copy, &err), 0);
	azf_wipe_free(bytes);
	return copy;
}

static void what_is_written_is_read(void **state)
{
	azf_autoccache struct azf_ccache *first = make(HOST1, END);
	azf_autoccache struct azf_ccache *second = make(HOST2, END);
	azf_autoccache struct azf_ccache *both = NULL;
	struct azf_ccache_ticket ticket;
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(azf_ccache_take(first, second, &err), 0);
	assert_int_equal(azf_ccache_count(second), 0);
	both = again(first);
	assert_int_equal(azf_ccache_count(both), 2);
	assert_true(azf_ccache_ticket(both, 0, &ticket));
	assert_string_equal(ticket.server, "cifs/" HOST1 "@" MAKER_REALM);
	assert_string_equal(ticket.client, "AzureFileClient@" MAKER_REALM);
	assert_string_equal(ticket.realm, MAKER_REALM);
	assert_int_equal(ticket.flags, 8388608);
	assert_int_equal(ticket.starts, END - 3600);
	assert_int_equal(ticket.expires, END);
	assert_int_equal(ticket.renew_till, END);
	azf_ccache_ticket_free(&ticket);
	assert_true(azf_ccache_ticket(both, 1, &ticket));
	assert_string_equal(ticket.server, "cifs/" HOST2 "@" MAKER_REALM);
	azf_ccache_ticket_free(&ticket);
}

static void a_second_ticket_takes_the_place_of_the_first(void **state)
{
	azf_autoccache struct azf_ccache *ccache = make(HOST1, END);
	struct azf_error err = { 0 };
	size_t before, after;

	(void)state;
	azf_wipe_free(azf_ccache_format(ccache, &before));
	for (int i = 1; i <= 5; i++) {
		azf_autoccache struct azf_ccache *next = make(HOST1, END + i);

		assert_int_equal(azf_ccache_take(ccache, next, &err), 0);
	}
	azf_wipe_free(azf_ccache_format(ccache, &after));
	assert_int_equal(azf_ccache_count(ccache), 1);
	assert_int_equal(before, after);
}

static void of_another_principal(void **state)
{
	azf_autoccache struct azf_ccache *other = make_other(HOST2);
	azf_autoccache struct azf_ccache *same_host = make_other(HOST1);
	azf_autoccache struct azf_ccache *first = make(HOST1, END);
	azf_autoccache struct azf_ccache *second = make(HOST1, END);
	azf_autofree char *server = NULL;
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_ccache_take(other, first, &err), &err, AZF_E_MOUNT,
		       "it belongs to another principal, alice@REALM", "");
	assert_int_equal(azf_ccache_count(other), 1);
	/* with nothing left that is alice's */
	assert_int_equal(azf_ccache_drop(same_host, HOST1), 1);
	assert_int_equal(azf_ccache_take(same_host, second, &err), 0);
	server = azf_ccache_find(same_host, HOST1, NOW);
	assert_non_null(server);
	assert_string_equal(server, "cifs/" HOST1 "@" MAKER_REALM);
}

static void looking_for_one(void **state)
{
	azf_autoccache struct azf_ccache *ccache = make(HOST1, END);
	azf_autofree char *found = NULL;

	(void)state;
	found = azf_ccache_find(ccache, "ACCT1.File.Core.Windows.NET", NOW);
	assert_non_null(found);
	assert_null(azf_ccache_find(ccache, HOST2, NOW));
	assert_null(azf_ccache_find(ccache, HOST1, END));
	azf_ccache_drop_expired(ccache, END - 1);
	assert_int_equal(azf_ccache_count(ccache), 1);
	azf_ccache_drop_expired(ccache, END);
	assert_int_equal(azf_ccache_count(ccache), 0);
}

/* Cut off anywhere, or with any byte changed: an error or a cache, no crash. */
static void damage_is_survived(void **state)
{
	azf_autoccache struct azf_ccache *ccache = make(HOST1, END);
	unsigned char *bytes;
	size_t len;

	(void)state;
	bytes = azf_ccache_format(ccache, &len);
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		azf_autoccache struct azf_ccache *cut = NULL;
		azf_autoccache struct azf_ccache *changed = NULL;
		struct azf_error err = { 0 };

		(void)!azf_ccache_parse(bytes, i, &cut, &err);
		bytes[i] ^= 0x41;
		if (azf_ccache_parse(bytes, len, &changed, &err) == 0)
			free(azf_ccache_find(changed, HOST1, NOW));
		bytes[i] ^= 0x41;
	}
	azf_wipe_free(bytes);
}

static void what_is_none(void **state)
{
	azf_autoccache struct azf_ccache *ccache = NULL;
	azf_autoclose int directory = open("/", O_RDONLY | O_CLOEXEC);
	struct azf_error err = { 0 };

	(void)state;
	assert_failure(azf_ccache_parse("text", 4, &ccache, &err), &err,
		       AZF_E_MOUNT, "it is no credential cache", "");
	assert_failure(azf_ccache_read(directory, &ccache, &err), &err,
		       AZF_E_MOUNT, "it is not a regular file", "");
	assert_null(ccache);
}

static void check_default(const char *line, const char *want)
{
	char path[] = "/tmp/azf-krb5-XXXXXX";
	azf_autoclose int fd = mkstemp(path);
	azf_autofree char *got = NULL;

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "[libdefaults]\n%s\n", line) > 0);
	assert_int_equal(setenv("KRB5_CONFIG", path, 1), 0);
	got = azf_ccache_default_path(3001);
	assert_int_equal(unsetenv("KRB5_CONFIG"), 0);
	assert_int_equal(unlink(path), 0);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void where_a_user_has_them(void **state)
{
	(void)state;
	check_default("", "/tmp/krb5cc_3001");
	check_default("default_ccache_name = FILE:/var/k/krb5cc_%{uid}",
		      "/var/k/krb5cc_3001");
	check_default("default_ccache_name = /k/%{euid}/c", "/k/3001/c");
	check_default("default_ccache_name = KEYRING:persistent:%{uid}", NULL);
	check_default("default_ccache_name = FILE:%{TEMP}/c", NULL);
	check_default("default_ccache_name = FILE:/x/%{username}", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_second_ticket_takes_the_place_of_the_first),
		cmocka_unit_test(of_another_principal),
		cmocka_unit_test(looking_for_one),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(where_a_user_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
