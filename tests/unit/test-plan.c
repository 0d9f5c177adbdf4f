// SPDX-License-Identifier: MIT
/* test-plan.c - requests turned into flags and the data string of mount(2). */
#include "test.h"

#include "plan.h"

/* One plan and what it was made of. */
struct fixture {
	struct azf_options *options;
	struct remarks remarks;
	struct azf_log log;
	struct azf_request request;
	struct azf_plan plan;
	struct azf_data data;
	struct azf_error err;
};

static void end(struct fixture *f)
{
	azf_plan_free(&f->plan);
	azf_options_free(f->options);
}

#define autofixture azf_cleanup(end)

static int make(struct fixture *f, const char *line)
{
	f->options = test_options(line);
	f->log = (struct azf_log){ test_remark, &f->remarks };
	f->request = (struct azf_request){
		.source = "//acct.file.core.windows.net/share",
		.target = "/mnt",
		.options = f->options,
		.access = f->request.access,
		.default_retry = 75,
		.log = &f->log,
	};
	return azf_plan_make(&f->request, &f->plan, &f->err);
}

static const char *data(struct fixture *f, const char *line, enum azf_keys keys)
{
	if (make(f, line))
		fail_msg("%s: %s", line, f->err.cause);
	if (azf_plan_data(&f->plan, "10.0.0.4", keys, &f->data, &f->err))
		fail_msg("%s: %s", line, f->err.cause);
	assert_int_equal(f->data.len, strlen(f->data.text));
	return f->data.text;
}

static void assert_data(const char *line, enum azf_keys keys, const char *want)
{
	autofixture struct fixture f = { 0 };

	assert_string_equal(data(&f, line, keys), want);
}

#define DEFAULTS "mfsymlinks,nosharesock,serverino,echo_interval=10,actimeo=30"

static void defaults(void **state)
{
	(void)state;
	assert_data("pass=k", AZF_BOTH_KEYS,
		    "ip=10.0.0.4,port=445,username=acct," DEFAULTS
		    ",password=k");
}

static void each_default_can_be_turned_off(void **state)
{
	static const struct {
		const char *line, *kernel;
	} rows[] = {
		{ "pass=k", DEFAULTS },
		{ "pass=k,mfsymlinks,nosharesock", DEFAULTS },
		{ "pass=k,nomfsymlinks",
		  "nosharesock,serverino,echo_interval=10,actimeo=30" },
		{ "pass=k,sharesock",
		  "mfsymlinks,serverino,echo_interval=10,actimeo=30" },
		{ "pass=k,noserverino",
		  "mfsymlinks,nosharesock,echo_interval=10,actimeo=30,noserverino" },
		{ "pass=k,serverino",
		  "mfsymlinks,nosharesock,echo_interval=10,actimeo=30,serverino" },
		{ "pass=k,actimeo=1",
		  "mfsymlinks,nosharesock,serverino,echo_interval=10,actimeo=1" },
		{ "pass=k,acregmax=1",
		  "mfsymlinks,nosharesock,serverino,echo_interval=10,acregmax=1" },
		{ "pass=k,acdirmax=1",
		  "mfsymlinks,nosharesock,serverino,echo_interval=10,acdirmax=1" },
		{ "pass=k,noac",
		  "mfsymlinks,nosharesock,serverino,echo_interval=10,noac" },
		{ "pass=k,echo_interval=60",
		  "mfsymlinks,nosharesock,serverino,actimeo=30,echo_interval=60" },
		{ "pass=k,nomfsymlinks,sharesock,noserverino,noac,echo_interval=1",
		  "noserverino,noac,echo_interval=1" },
		{ "pass=k,sharesock,nosharesock,nomfsymlinks,mfsymlinks",
		  DEFAULTS },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		autofixture struct fixture f = { 0 };

		assert_int_equal(make(&f, rows[i].line), 0);
		assert_string_equal(f.plan.kernel, rows[i].kernel);
	}
}

static void options_are_sorted_by_who_acts_on_them(void **state)
{
	autofixture struct fixture f = { 0 };

	(void)state;
	assert_int_equal(
		make(&f, "ro,noexec,_netdev,nofail,x-systemd.automount,"
			 "vers=3.1.1,seal,file_mode=644,dirmode=755,uid=root,"
			 "retry=5m,port=1445,addr=10.0.0.9,user=u,pass=k,dom=d,"
			 "nobrl,user,sync"),
		0);
	assert_string_equal(f.plan.flags, "ro,noexec,user,sync");
	assert_string_equal(f.plan.kernel,
			    DEFAULTS ",vers=3.1.1,seal,file_mode=0644,"
				     "dir_mode=0755,uid=0,nobrl");
	assert_string_equal(f.plan.address, "10.0.0.9");
	assert_int_equal(f.plan.port, 1445);
	assert_int_equal(f.plan.retry, 300);
	assert_false(f.plan.remount);
}

static void without_options_flags_are_empty(void **state)
{
	autofixture struct fixture f = { 0 };

	(void)state;
	assert_int_equal(make(&f, "pass=k"), 0);
	assert_string_equal(f.plan.flags, "");
	assert_null(f.plan.address);
	assert_int_equal(f.plan.port, 445);
	assert_int_equal(f.plan.retry, 75);
}

static void r_and_w_are_the_last_word(void **state)
{
	autofixture struct fixture f = { .request = { .access = "ro" } };
	autofixture struct fixture g = { .request = { .access = "rw" } };

	(void)state;
	assert_int_equal(make(&f, "rw,pass=k"), 0);
	assert_string_equal(f.plan.flags, "rw,ro");
	assert_int_equal(make(&g, "pass=k"), 0);
	assert_string_equal(g.plan.flags, "rw");
}

static void no_secret_is_in_what_is_shown(void **state)
{
	autofixture struct fixture f = { 0 };

	(void)state;
	assert_int_equal(make(&f, "pass=SECRET,pass2=SECRET,seal,ro"), 0);
	assert_lacks(f.plan.kernel, "SECRET");
	assert_lacks(f.plan.flags, "SECRET");
	assert_lacks(f.plan.kernel, "pass");
	assert_lacks(f.remarks.text, "SECRET");
}

static void keys_are_chosen(void **state)
{
	autofixture struct fixture f = { 0 };
	autofixture struct fixture g = { 0 };
	autofixture struct fixture h = { 0 };

	(void)state;
	assert_contains(data(&f, "pass=a,pass2=b", AZF_BOTH_KEYS),
			",password=a,password2=b");
	assert_contains(data(&g, "pass=a,pass2=b", AZF_FIRST_KEY),
			",password=a");
	assert_lacks(g.data.text, "password2");
	assert_contains(data(&h, "pass=a,pass2=b", AZF_SECOND_KEY),
			",password=b");
	assert_lacks(h.data.text, "password2");
}

static void commas_are_doubled(void **state)
{
	(void)state;
	assert_data(
		"user=u,pass=,,a,,,,b,,,noac,dom=d", AZF_BOTH_KEYS,
		"ip=10.0.0.4,port=445,username=u,domain=d,mfsymlinks,"
		"nosharesock,serverino,echo_interval=10,noac,password=,,a,,,,b,,");
}

static void an_empty_domain_is_left_out(void **state)
{
	(void)state;
	assert_data("user=\\u,pass=k,noac", AZF_BOTH_KEYS,
		    "ip=10.0.0.4,port=445,username=u,mfsymlinks,nosharesock,"
		    "serverino,echo_interval=10,noac,password=k");
}

static void without_key_there_is_no_password(void **state)
{
	(void)state;
	assert_data("sec=krb5", AZF_BOTH_KEYS,
		    "ip=10.0.0.4,port=445,username=acct," DEFAULTS ",sec=krb5");
}

static void a_remount_has_no_credential(void **state)
{
	autofixture struct fixture f = { 0 };

	(void)state;
	assert_string_equal(
		data(&f, "remount,ro,actimeo=5", AZF_BOTH_KEYS),
		"mfsymlinks,nosharesock,serverino,echo_interval=10,actimeo=5");
	assert_true(f.plan.remount);
	assert_string_equal(f.plan.flags, "remount,ro");
	assert_null(f.plan.credential.username);
	assert_true(f.data.text[0] != ',');
}

/* A line whose data string is longer by one byte for each @extra. */
static int long_data(struct fixture *f, size_t extra)
{
	char line[5000] = "pass=k,context=";
	size_t len = strlen(line);

	memset(line + len, 'x', extra);
	assert_int_equal(make(f, line), 0);
	return azf_plan_data(&f->plan, "10.0.0.4", AZF_BOTH_KEYS, &f->data,
			     &f->err);
}

static void the_kernels_limit_is_kept(void **state)
{
	autofixture struct fixture f = { 0 };
	autofixture struct fixture fits = { 0 };
	autofixture struct fixture breaks = { 0 };
	size_t room;

	(void)state;
	assert_int_equal(long_data(&f, 1), 0);
	room = AZF_DATA_MAX - f.data.len;
	assert_int_equal(long_data(&fits, 1 + room), 0);
	assert_int_equal(strlen(fits.data.text), AZF_DATA_MAX);
	assert_contains(fits.data.text, ",password=k");
	assert_failure(long_data(&breaks, 2 + room), &breaks.err, AZF_E_USAGE,
		       "4095 bytes", "Leave some");
	assert_int_equal(breaks.data.len, AZF_DATA_MAX);
	assert_int_equal(breaks.data.text[AZF_DATA_MAX], '\0');
}

static void an_overflow_in_the_key_is_noticed(void **state)
{
	autofixture struct fixture f = { 0 };
	char line[5000] = "context=";

	(void)state;
	memset(line + strlen(line), 'x', 3900);
	strcat(line, ",password=");
	memset(line + strlen(line), 'k', 200);
	assert_int_equal(make(&f, line), 0);
	assert_int_equal(azf_plan_data(&f.plan, "10.0.0.4", AZF_FIRST_KEY,
				       &f.data, &f.err),
			 -AZF_E_USAGE);
	assert_lacks(f.err.cause, "kk");
}

static void an_ipv6_address_goes_in_as_it_is(void **state)
{
	autofixture struct fixture f = { 0 };

	(void)state;
	assert_int_equal(make(&f, "pass=k"), 0);
	assert_int_equal(azf_plan_data(&f.plan, "fe80::1%2", AZF_BOTH_KEYS,
				       &f.data, &f.err),
			 0);
	assert_true(azf_starts_with(f.data.text, "ip=fe80::1%2,port=445,"));
}

static void what_is_wrong_fails_before_anything_else(void **state)
{
	autofixture struct fixture f = { 0 };
	autofixture struct fixture g = { 0 };

	(void)state;
	assert_failure(make(&f, "credentials=/nowhere"), &f.err, AZF_E_MOUNT,
		       "/nowhere", "Create it");
	assert_null(f.plan.kernel);
	g.options = test_options("pass=k");
	g.log = (struct azf_log){ test_remark, &g.remarks };
	g.request = (struct azf_request){ .source = "smb://h/s",
					  .target = "/mnt",
					  .options = g.options,
					  .log = &g.log };
	assert_failure(azf_plan_make(&g.request, &g.plan, &g.err), &g.err,
		       AZF_E_USAGE, "smb://h/s", "//h/s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(each_default_can_be_turned_off),
		cmocka_unit_test(options_are_sorted_by_who_acts_on_them),
		cmocka_unit_test(without_options_flags_are_empty),
		cmocka_unit_test(r_and_w_are_the_last_word),
		cmocka_unit_test(no_secret_is_in_what_is_shown),
		cmocka_unit_test(keys_are_chosen),
		cmocka_unit_test(commas_are_doubled),
		cmocka_unit_test(an_empty_domain_is_left_out),
		cmocka_unit_test(without_key_there_is_no_password),
		cmocka_unit_test(a_remount_has_no_credential),
		cmocka_unit_test(the_kernels_limit_is_kept),
		cmocka_unit_test(an_overflow_in_the_key_is_noticed),
		cmocka_unit_test(an_ipv6_address_goes_in_as_it_is),
		cmocka_unit_test(what_is_wrong_fails_before_anything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
