// SPDX-License-Identifier: MIT
/* test-source.c - sources taken apart, refused, and shown. */
#include "test.h"

#include "source.h"

static void sources_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *host, *share, *path, *account;
		bool private_link;
	} rows[] = {
		{ "//acct1.file.core.windows.net/share",
		  "acct1.file.core.windows.net", "share", "", "acct1", false },
		{ "//Acct1.file.core.windows.net/Share/A/b",
		  "Acct1.file.core.windows.net", "Share", "A/b", "acct1",
		  false },
		{ "//a.privatelink.file.core.windows.net/s",
		  "a.privatelink.file.core.windows.net", "s", "", "a", true },
		{ "//host/share/", "host", "share", "", NULL, false },
		{ "//host//share//a//b//", "host", "share", "a//b", NULL,
		  false },
		{ "//host/share/with space", "host", "share", "with space",
		  NULL, false },
		{ "//10.0.0.4/share", "10.0.0.4", "share", "", NULL, false },
		{ "//[fe80::1%eth0]/share", "fe80::1%eth0", "share", "", NULL,
		  false },
		{ "//fd00::2/share", "fd00::2", "share", "", NULL, false },
		{ "//host/share/@GMT-2026.01.31-08.30.00", "host", "share",
		  "@GMT-2026.01.31-08.30.00", NULL, false },
		{ "//host/share/\xc3\xa4", "host", "share", "\xc3\xa4", NULL,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_cleanup(azf_source_free) struct azf_source source = { 0 };
		struct azf_error err = { 0 };

		if (azf_source_parse(rows[i].text, &source, &err))
			fail_msg("%s: %s", rows[i].text, err.cause);
		assert_string_equal(source.host, rows[i].host);
		assert_string_equal(source.share, rows[i].share);
		assert_string_equal(source.path, rows[i].path);
		assert_int_equal(source.private_link, rows[i].private_link);
		assert_int_equal(!source.cloud, !rows[i].account);
		assert_int_equal(!source.account, !rows[i].account);
		if (rows[i].account)
			assert_string_equal(source.account, rows[i].account);
	}
}

static void other_spellings_are_refused_with_the_right_one(void **state)
{
	static const struct {
		const char *text, *cure;
	} rows[] = {
		{ "\\\\host\\share", "Write it as //host/share" },
		{ "\\\\host\\share\\a b", "Write it as //host/share/a b" },
		{ "//host\\share", "Write it as //host/share" },
		{ "https://host/share", "Write it as //host/share" },
		{ "HTTPS://host/share/a", "Write it as //host/share/a" },
		{ "http://host/share", "Write it as //host/share" },
		{ "smb://host/share", "Write it as //host/share" },
		{ "cifs://host/share", "Write it as //host/share" },
		{ "file://host/share", "Write it as //host/share" },
		{ "host:/share", "Write it as //host/share" },
		{ "host:/share/a", "Write it as //host/share/a" },
		{ "acct.net:/acct/share/a", "Write it as //acct.net/share/a" },
		{ "acct.net:/acct", "Write it as //acct.net/acct" },
		{ "acct.net:/accts/a", "Write it as //acct.net/accts/a" },
		{ "https://host/share?sv=1&sig=xx",
		  "Write it as //host/share" },
		{ "//host/share?sv=1&sig=xx", "Write it as //host/share" },
		{ "smb://user:pw@host/share", "Write it as //host/share" },
		{ "//user:pw@host/share", "Write it as //host/share" },
		{ "//user@host/share", "Write it as //host/share" },
		{ "", "for example //" },
		{ "/", "for example //" },
		{ "//", "for example //" },
		{ "///host/share", "for example //" },
		{ "//host", "for example //" },
		{ "//host/", "for example //" },
		{ "///", "for example //" },
		{ "//[::1/share", "for example //" },
		{ "//[::1/x]/share", "for example //" },
		{ "//[::1]x/share", "for example //" },
		{ "//[]/share", "for example //" },
		{ "/host/share", "for example //" },
		{ "host/share", "for example //" },
		{ "//host/sh\nare", "for example //" },
		{ "//ho\033st/share", "for example //" },
		{ "//host/sh\xc2\x9b"
		  "31mare",
		  "for example //" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_cleanup(azf_source_free) struct azf_source source = { 0 };
		struct azf_error err = { 0 };

		if (azf_source_parse(rows[i].text, &source, &err) == 0)
			fail_msg("%s is accepted", rows[i].text);
		assert_int_equal(err.code, AZF_E_USAGE);
		assert_contains(err.cause, "the source '");
		assert_contains(err.cure, rows[i].cure);
		assert_null(source.host);
	}
}

static void secrets_in_a_source_are_not_shown(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{ "//host/share/path", "//host/share/path" },
		{ "\\\\host\\share", "\\\\host\\share" },
		{ "//host/share/@GMT-2026", "//host/share/@GMT-2026" },
		{ "//[::1]/share/a@b", "//[::1]/share/a@b" },
		{ "host:/share", "host:/share" },
		{ "https://host/share?sig=SECRET", "https://host/share" },
		{ "https://host?sig=SECRET/a@b", "https://host" },
		{ "//user:SECRET@host/share", "//host/share" },
		{ "smb://user:SECRET@host/share", "smb://host/share" },
		{ "smb://user:SEC/RET@host/share", "smb://host/share" },
		{ "smb://user:SEC@RET@host/share", "smb://host/share" },
		{ "smb://user:SEC?RET@host/share", "smb://" },
		{ "//user:SEC/RET==@host/share", "//host/share" },
		{ "\\\\user:SECRET@host\\share", "\\\\host\\share" },
		{ "user:SECRET@host:/share", "host:/share" },
		{ "user:/SECRET@host:/share", "host:/share" },
		{ "user:SECRET@host", "host" },
		{ "SECRET@host/share", "host/share" },
		{ "https://host:443/share?sig=SEC@RET", "https://" },
		{ "", "" },
		{ "?", "" },
		{ "@", "" },
		{ "//ho\nst/share", "//ho?st/share" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autofree char *shown = azf_source_display(rows[i].text);

		assert_string_equal(shown, rows[i].shown);
	}
}

static void refusals_do_not_echo_secrets(void **state)
{
	static const char *const texts[] = {
		"https://host/share?sv=2026&sig=SECRET",
		"//host/share?sig=SECRET",
		"smb://user:SECRET@host/share",
		"//user:SECRET@host/share",
		"user:SECRET@host:/share",
		"\\\\user:SECRET@host\\share",
		"https://user:SEC/RET@host/share",
		"SECRET@host",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++) {
		azf_cleanup(azf_source_free) struct azf_source source = { 0 };
		struct azf_error err = { 0 };

		assert_int_equal(azf_source_parse(texts[i], &source, &err),
				 -AZF_E_USAGE);
		assert_lacks(err.cause, "SEC");
		assert_lacks(err.cure, "SEC");
		assert_lacks(err.cause, "RET");
		assert_lacks(err.cure, "RET");
	}
}

static void a_private_endpoint_has_a_name(void **state)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	azf_autofree char *name = NULL;
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(
		azf_source_parse("//Acct1.file.core.usgovcloudapi.net/share",
				 &source, &err),
		0);
	name = azf_source_private_name(&source);
	assert_string_equal(name,
			    "acct1.privatelink.file.core.usgovcloudapi.net");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_private_endpoint_has_a_name),
		cmocka_unit_test(sources_are_taken_apart),
		cmocka_unit_test(
			other_spellings_are_refused_with_the_right_one),
		cmocka_unit_test(secrets_in_a_source_are_not_shown),
		cmocka_unit_test(refusals_do_not_echo_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
