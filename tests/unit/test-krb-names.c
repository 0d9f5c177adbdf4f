// SPDX-License-Identifier: MIT
/* test-krb-names.c - by what names a server is asked for. */
#include "namespace.h"

#include "krb-names.h"
#include "resolve.h"

#include <fcntl.h>
#include <nss.h>

/* What a CNAME does, /etc/hosts does with the first name of a line. */
static const char hosts[] = "127.0.0.1 localhost\n"
			    "192.0.2.5 anf1.corp.example files.corp.example\n"
			    "192.0.2.6 anf2.corp.example\n";

static int have_hosts(void **state)
{
	azf_autoclose int fd = -1;

	if (namespace_enter(state))
		return -1;
	fd = open("/run/hosts", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || azf_write_all(fd, hosts, sizeof(hosts) - 1) ||
	    mount("/run/hosts", "/etc/hosts", "none", MS_BIND, NULL))
		return -1;
	return __nss_configure_lookup("hosts", "files");
}

static void an_alias_is_asked_for_first(void **state)
{
	struct azf_krb_names names;

	(void)state;
	azf_krb_names_find("files.corp.example", false, &names);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.list[0], "files.corp.example");
	assert_string_equal(names.list[1], "anf1.corp.example");
	assert_string_equal(names.canonical, "anf1.corp.example");
	assert_false(names.literal);
}

static void a_name_of_its_own_has_no_other(void **state)
{
	struct azf_krb_names names;

	(void)state;
	azf_krb_names_find("anf2.corp.example", false, &names);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.list[0], "anf2.corp.example");
	assert_string_equal(names.canonical, "");
	assert_string_equal(names.address, "192.0.2.6");
	assert_string_equal(names.pointer, "");
}

static void a_name_without_an_address_is_still_asked_for(void **state)
{
	struct azf_krb_names names;

	(void)state;
	azf_krb_names_find("anf3.corp.example", true, &names);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.list[0], "anf3.corp.example");
	assert_string_equal(names.address, "");
}

static void reverse_lookups_are_trusted_only_when_asked_for(void **state)
{
	struct azf_krb_names names;

	(void)state;
	azf_krb_names_find("192.0.2.5", false, &names);
	assert_true(names.literal);
	assert_int_equal(names.count, 0);
	assert_string_equal(names.pointer, "");
	azf_krb_names_hint(&names);
	assert_string_equal(names.pointer, "anf1.corp.example");
	assert_int_equal(names.count, 0);

	azf_krb_names_find("192.0.2.5", true, &names);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.list[0], "anf1.corp.example");
}

static void addresses_are_told_from_names(void **state)
{
	static const char *const addresses[] = {
		"10.0.0.4", "::1", "fd00::4", "fe80::1%1", "127.1",
	};
	static const char *const names[] = {
		"anf1",
		"anf1.corp.example",
		"10.0.0.4.example",
		"0x.example",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(addresses); i++)
		assert_true(azf_is_address(addresses[i]));
	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++)
		assert_false(azf_is_address(names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alias_is_asked_for_first),
		cmocka_unit_test(a_name_of_its_own_has_no_other),
		cmocka_unit_test(a_name_without_an_address_is_still_asked_for),
		cmocka_unit_test(
			reverse_lookups_are_trusted_only_when_asked_for),
		cmocka_unit_test(addresses_are_told_from_names),
	};

	return cmocka_run_group_tests(tests, have_hosts, NULL);
}
