// SPDX-License-Identifier: MIT
/* test-krbcred.c - KRB-CRED messages, and the ccache that klist(1) reads. */
#include "test.h"

#include "jwt.h"
#include "kerbticket.h"
#include "krbcred-maker.h"
#include "krbcred.h"

#include <fcntl.h>
#include <openssl/evp.h>

#define HOST "acct1.file.core.windows.net"
#define NOW  1765082912
#define END  (NOW + 86215)

static int read_recipe(const struct recipe *recipe, int64_t now,
		       struct azf_krbcred *ret_krbcred, struct azf_error *err)
{
	size_t len;
	azf_autofree unsigned char *der = make_krbcred(recipe, &len);

	assert_non_null(der);
	return azf_krbcred_read(der, len, HOST, now, ret_krbcred, err);
}

static void names_and_times_come_from_the_ticket(void **state)
{
	static const struct recipe recipe = { "cifs",
					      "Acct1.file.core.windows.net",
					      END, 1 };
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(read_recipe(&recipe, NOW, &krbcred, &err), 0);
	assert_string_equal(krbcred.client, "AzureFileClient@" MAKER_REALM);
	assert_string_equal(krbcred.server,
			    "cifs/Acct1.file.core.windows.net@" MAKER_REALM);
	assert_int_equal(krbcred.expires, END);
	assert_int_equal(krbcred.starts, END - 3600);
}

static void after_2038(void **state)
{
	static const struct recipe recipe = { "cifs", HOST, 3000000000, 1 };
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(read_recipe(&recipe, 2999999000, &krbcred, &err), 0);
	assert_int_equal(krbcred.expires, 3000000000);
}

static void what_is_not_asked_for_is_refused(void **state)
{
	static const struct {
		struct recipe recipe;
		const char *words;
	} rows[] = {
		{ { "cifs", "acct2.file.core.windows.net", END, 1 },
		  "it is for cifs/acct2" },
		{ { "cifs", HOST "x", END, 1 }, "it is for" },
		{ { "host", HOST, END, 1 }, "it is for host/" },
		{ { "cifs", HOST, NOW, 1 }, "it expired 0 seconds ago" },
		{ { "cifs", HOST, NOW - 60, 1 }, "it expired 60 seconds ago" },
		{ { "cifs", HOST, END, 2 }, "one ticket in clear" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autokrbcred struct azf_krbcred krbcred = { 0 };
		struct azf_error err = { 0 };
		int r = read_recipe(&rows[i].recipe, NOW, &krbcred, &err);

		assert_failure(r, &err, AZF_E_MOUNT, rows[i].words, "");
		assert_null(krbcred.ccache);
	}
}

/* Cut off anywhere, or with any byte changed: an error or a ticket, no crash. */
static void damage_is_survived(void **state)
{
	static const struct recipe recipe = { "cifs", HOST, END, 1 };
	size_t len;
	azf_autofree unsigned char *der = make_krbcred(&recipe, &len);

	(void)state;
	assert_non_null(der);
	for (size_t i = 0; i < len; i++) {
		azf_autokrbcred struct azf_krbcred cut = { 0 };
		azf_autokrbcred struct azf_krbcred changed = { 0 };
		struct azf_error err = { 0 };

		assert_int_not_equal(
			azf_krbcred_read(der, i, HOST, NOW, &cut, &err), 0);
		der[i] ^= 0x41;
		if (azf_krbcred_read(der, len, HOST, NOW, &changed, &err) == 0)
			assert_non_null(changed.ccache);
		der[i] ^= 0x41;
	}
}

/* What "klist -fe" prints of the ccache. */
static void klist(const struct azf_krbcred *krbcred, char *text, size_t size)
{
	char path[] = "/tmp/azf-ccache-XXXXXX";
	azf_autofree char *command = NULL;
	int fd = mkstemp(path);
	size_t len;
	FILE *pipe;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, krbcred->ccache, krbcred->ccache_len),
			 krbcred->ccache_len);
	assert_int_equal(close(fd), 0);
	assert_true(asprintf(&command, "TZ=UTC klist -fe -c %s 2>&1", path) >
		    0);
	pipe = popen(command, "re");
	assert_non_null(pipe);
	len = fread(text, 1, size - 1, pipe);
	text[len] = '\0';
	assert_int_equal(pclose(pipe), 0);
	assert_int_equal(unlink(path), 0);
}

static void klist_reads_the_ccache(void **state)
{
	static const struct recipe recipe = { "cifs", HOST, END, 1 };
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };
	char text[2048];

	(void)state;
	assert_int_equal(read_recipe(&recipe, NOW, &krbcred, &err), 0);
	klist(&krbcred, text, sizeof(text));
	assert_contains(text,
			"Default principal: AzureFileClient@" MAKER_REALM);
	assert_contains(text, "cifs/" HOST "@" MAKER_REALM);
	assert_contains(text, "04:45:27"); /* END */
	assert_contains(text, "Flags: R");
	assert_contains(text, "aes256-cts");
}

static char *answer_with(const char *expiration, const char *ticket)
{
	char *text = NULL;

	assert_true(asprintf(&text,
			     "{\"expirationTime\": \"%s\", "
			     "\"sessionKey\": \"AA==\", "
			     "\"kerberosServiceTicket\": \"%s\"}",
			     expiration, ticket) > 0);
	return text;
}

static void the_answer_of_the_service(void **state)
{
	static const struct recipe recipe = { "cifs", HOST, END, 1 };
	static const char good_time[] = "2025-12-08T04:45:27.000Z";
	size_t len;
	azf_autofree unsigned char *der = make_krbcred(&recipe, &len);
	unsigned char base64[4096];
	azf_autofree char *good = NULL;
	azf_autofree char *bad_time = NULL;
	azf_autofree char *bad_base64 = NULL;
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };
	int r;

	(void)state;
	assert_non_null(der);
	assert_true(EVP_EncodeBlock(base64, der, (int)len) > 0);
	good = answer_with(good_time, (char *)base64);
	bad_time = answer_with("tomorrow", (char *)base64);
	bad_base64 = answer_with(good_time, "AAA\\nA");
	assert_int_equal(azf_kerbticket_parse(good, strlen(good), HOST, NOW,
					      &krbcred, &err),
			 0);
	assert_int_equal(krbcred.expires, END);
	r = azf_kerbticket_parse(bad_time, strlen(bad_time), HOST, NOW,
				 &krbcred, &err);
	assert_failure(r, &err, AZF_E_MOUNT, "expirationTime", "endpoint");
	r = azf_kerbticket_parse(bad_base64, strlen(bad_base64), HOST, NOW,
				 &krbcred, &err);
	assert_failure(r, &err, AZF_E_MOUNT, "not base64", "endpoint");
	r = azf_kerbticket_parse(good, 40, HOST, NOW, &krbcred, &err);
	assert_failure(r, &err, AZF_E_MOUNT, "not JSON", "endpoint");
	r = azf_kerbticket_parse("{\"expirationTime\":1}", 20, HOST, NOW,
				 &krbcred, &err);
	assert_failure(r, &err, AZF_E_MOUNT, "no ticket", "endpoint");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_times_come_from_the_ticket),
		cmocka_unit_test(after_2038),
		cmocka_unit_test(what_is_not_asked_for_is_refused),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(klist_reads_the_ccache),
		cmocka_unit_test(the_answer_of_the_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
