// SPDX-License-Identifier: MIT
/* test-keydesc.c - key descriptions, as Linux 6.1 and 6.12 write them. */
#include "test.h"

#include "keydesc.h"

#include <errno.h>

#define OWNER "cifs.spnego;0;0;39010000;"
#define START OWNER "ver=0x2;host=acct1.file.core.windows.net;"
#define REST  "ip4=10.77.0.11;sec=krb5;uid=0x0;creduid=0x0;"

static struct azf_keydesc parse(const char *text)
{
	struct azf_keydesc desc = { .host = "" };

	if (azf_keydesc_parse(text, &desc))
		fail_msg("refused: %s", text);
	return desc;
}

static void a_question_of_linux_6_1(void **state)
{
	struct azf_keydesc desc = parse(START REST "user=system;pid=0x1f4");

	(void)state;
	assert_string_equal(desc.host, "acct1.file.core.windows.net");
	assert_string_equal(desc.address, "10.77.0.11");
	assert_string_equal(desc.sec, "krb5");
	assert_string_equal(desc.user, "system");
	assert_string_equal(desc.upcall_target, "");
	assert_int_equal(desc.uid, 0);
	assert_int_equal(desc.creduid, 0);
	assert_int_equal(desc.pid, 500);
}

static void a_question_of_linux_6_12(void **state)
{
	struct azf_keydesc desc = parse(
		OWNER "ver=0x2;host=ACCT1;ip6=fd77::11;sec=mskrb5;"
		      "uid=0xbba;creduid=0xfffffffe;pid=0x1;"
		      "upcall_target=app");

	(void)state;
	assert_string_equal(desc.host, "ACCT1");
	assert_string_equal(desc.address, "fd77::11");
	assert_string_equal(desc.sec, "mskrb5");
	assert_string_equal(desc.user, "");
	assert_string_equal(desc.upcall_target, "app");
	assert_int_equal(desc.uid, 3002);
	assert_int_equal(desc.creduid, 0xfffffffe);
}

static void fields_of_a_newer_kernel_are_skipped(void **state)
{
	struct azf_keydesc desc = parse(
		START "ip4=10.77.0.11;color=blue;sec=krb5;uid=0x0;"
		      "creduid=0x7;size=;user=me;pid=0x1;"
		      "upcall_target=mount;more=a=b");

	(void)state;
	assert_int_equal(desc.creduid, 7);
	assert_string_equal(desc.user, "me");
	assert_string_equal(desc.upcall_target, "mount");
}

static void refused(const char *text)
{
	struct azf_keydesc desc = { .uid = 17 };

	if (azf_keydesc_parse(text, &desc) != -EINVAL)
		fail_msg("accepted: %s", text);
	assert_int_equal(desc.uid, 17);
	assert_string_equal(desc.host, "");
}

/* The kernel quotes nothing: what was typed may look like the next fields. */
static void smuggled_fields_are_refused(void **state)
{
	static const char *const texts[] = {
		/* in the host */
		START "ip4=1.2.3.4;sec=krb5;creduid=0x0;user=system;" REST
		      "pid=0x1",
		START "user=system;" REST "pid=0x1",
		START "creduid=0x0;ip4=1.2.3.4;sec=krb5;uid=0x1;creduid=0x7;"
		      "pid=0x1",
		START "x=y;" REST "user=system;pid=0x1",
		START "x;" REST "user=system;pid=0x1",
		START "ip4=1.2.3.4;ip6=fd77::1;sec=krb5;creduid=0x0;pid=0x1",
		/* in the user name */
		START REST "user=system;x=y;pid=0x1",
		START REST "user=system;pid=0x1;pid=0x2",
		START REST "user=system;;pid=0x1",
		START REST "user=system;creduid=0x0;pid=0x1",
		START REST "user=x;user=system;pid=0x1",
		START REST "user=system;upcall_target=app;pid=0x1",
		START REST "user=system",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++)
		refused(texts[i]);
}

static void what_is_no_question_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"cifs.spnego",
		OWNER,
		"user;0;0;39010000;ver=0x2;host=h;" REST "pid=0x1",
		"cifs.spnego;1000;0;39010000;ver=0x2;host=h;" REST "pid=0x1",
		"cifs.spnego;0;0;39010000ver=0x2;host=h;" REST "pid=0x1",
		OWNER "host=h;" REST "pid=0x1",
		OWNER "ver=0x1;host=h;" REST "pid=0x1",
		OWNER "ver=0x2;host=;" REST "pid=0x1",
		OWNER "ver=0x2;" REST "pid=0x1",
		OWNER "ver=0x2;host=a\nb;" REST "pid=0x1",
		OWNER "ver=0x2;host=h;ver=0x2;" REST "pid=0x1",
		START "ip4=1.2.3.4;sec=;creduid=0x0;pid=0x1",
		START "ip4=1.2.3.4;creduid=0x0;pid=0x1",
		START "ip4=1.2.3.4;sec=krb5;uid=0x0;user=system;pid=0x1",
		START "ip4=1.2.3.4;sec=krb5;uid=0x0",
		START "ip4=1.2.3.4;sec=krb5;creduid=0;pid=0x1",
		START "ip4=1.2.3.4;sec=krb5;creduid=0x;pid=0x1",
		START "ip4=1.2.3.4;sec=krb5;creduid=-0x1;pid=0x1",
		START "ip4=1.2.3.4;sec=krb5;creduid=0x 1;pid=0x1",
		START "ip4=1.2.3.4;sec=krb5;creduid=0x100000000;pid=0x1",
		START REST "pid=0x1;",
		START REST "=0x1",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++)
		refused(texts[i]);
}

/* @len letters in the place of a value. */
static void with_length(char *text, size_t size, const char *before, int len,
			const char *behind)
{
	char letters[512];

	memset(letters, 'a', sizeof(letters));
	(void)snprintf(text, size, "%s%.*s%s", before, len, letters, behind);
}

static void long_values_are_refused(void **state)
{
	char text[1024];

	(void)state;
	with_length(text, sizeof(text), OWNER "ver=0x2;host=", 255,
		    ";" REST "pid=0x1");
	assert_int_equal(strlen(parse(text).host), 255);
	with_length(text, sizeof(text), OWNER "ver=0x2;host=", 256,
		    ";" REST "pid=0x1");
	refused(text);
	with_length(text, sizeof(text), START REST "user=", 256, ";pid=0x1");
	assert_int_equal(strlen(parse(text).user), 256);
	with_length(text, sizeof(text), START REST "user=", 257, ";pid=0x1");
	refused(text);
	with_length(text, sizeof(text), START "ip4=", 64,
		    ";sec=krb5;creduid=0x0;pid=0x1");
	refused(text);
	with_length(text, sizeof(text), START "ip4=1.2.3.4;sec=", 16,
		    ";creduid=0x0;pid=0x1");
	refused(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_of_linux_6_1),
		cmocka_unit_test(a_question_of_linux_6_12),
		cmocka_unit_test(fields_of_a_newer_kernel_are_skipped),
		cmocka_unit_test(smuggled_fields_are_refused),
		cmocka_unit_test(what_is_no_question_is_refused),
		cmocka_unit_test(long_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
