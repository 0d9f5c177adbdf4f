// SPDX-License-Identifier: MIT
/* test-config.c - azfiles.conf. */
#include "test.h"

#include "config.h"

static int parse(const char *text, struct azf_config *config,
		 struct azf_error *err)
{
	return azf_config_parse(text, strlen(text), "/c", config, err);
}

static void all_keys(void **state)
{
	azf_autoconfig struct azf_config config = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(parse("# comment\n\nimds_endpoint=http://1.2.3.4:80/\n"
			       "arc_endpoint=http://[::1]:40342\n"
			       "authority_host=https://login.example\n"
			       "https_proxy=http://u:p@proxy:3128/\n"
			       "no_proxy=a,b\nca_path=/ca\nca_file=/ca.pem\n"
			       "connect_timeout=3\ntotal_timeout=9\n"
			       "storage_port=8443",
			       &config, &err),
			 0);
	assert_string_equal(config.imds_endpoint, "http://1.2.3.4:80");
	assert_string_equal(config.arc_endpoint, "http://[::1]:40342");
	assert_string_equal(config.authority_host, "https://login.example");
	assert_string_equal(config.https_proxy, "http://u:p@proxy:3128/");
	assert_string_equal(config.no_proxy, "a,b");
	assert_string_equal(config.ca_path, "/ca");
	assert_string_equal(config.ca_file, "/ca.pem");
	assert_int_equal(config.connect_timeout, 3);
	assert_int_equal(config.total_timeout, 9);
	assert_int_equal(config.storage_port, 8443);
}

static void without_a_file_there_are_defaults(void **state)
{
	azf_autoconfig struct azf_config config = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(azf_config_read("/nonexistent/x", &config, &err), 0);
	assert_null(config.imds_endpoint);
	assert_int_equal(config.connect_timeout, 10);
	assert_int_equal(config.total_timeout, 30);
	assert_int_equal(config.storage_port, 443);
}

static void mistakes_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "\n#\nbogus=1\n",
		  "line 3 of /c has the unknown key 'bogus'" },
		{ "nonsense\n", "line 1 of /c is not KEY=VALUE" },
		{ "ca_path=/a\nca_path=/b\n", "line 2 of /c is not KEY=VALUE" },
		{ "imds_endpoint=https://x\n", "line 1 of /c is wrong" },
		{ "imds_endpoint=http://x/path\n", "takes http://HOST" },
		{ "imds_endpoint=http://\n", "takes http://HOST" },
		{ "authority_host=http://x\n", "takes https://HOST" },
		{ "authority_host=https://u@x\n", "takes https://HOST" },
		{ "https_proxy=socks5://x\n", "takes a URL" },
		{ "ca_file=x\n", "absolute path" },
		{ "ca_file=\n", "absolute path" },
		{ "connect_timeout=0\n", "from 1 to 300" },
		{ "total_timeout=1000\n", "from 1 to 600" },
		{ "storage_port=65536\n", "from 1 to 65535" },
		{ "storage_port=x\n", "from 1 to 65535" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autoconfig struct azf_config config = { 0 };
		struct azf_error err = { 0 };
		int r = parse(rows[i].text, &config, &err);

		assert_failure(r, &err, AZF_E_MOUNT, rows[i].words,
			       "azfiles.conf(5)");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys),
		cmocka_unit_test(without_a_file_there_are_defaults),
		cmocka_unit_test(mistakes_are_told_with_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
