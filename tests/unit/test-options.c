// SPDX-License-Identifier: MIT
/* test-options.c - from the text behind -o to a set of accepted options. */
#include "test.h"

#include <ctype.h>

/* Parse one list that must be refused; the text as it is afterwards. */
static char *refused(const char *list, struct azf_error *err)
{
	azf_autooptions struct azf_options *options = azf_options_new(false);
	char *text = strdup(list);

	*err = (struct azf_error){ 0 };
	if (azf_options_parse(options, text, err) == 0)
		fail_msg("'%s' is accepted", list);
	assert_int_equal(err->code, AZF_E_USAGE);
	return text;
}

static void assert_refused(const char *list, const char *cause,
			   const char *cure)
{
	struct azf_error err;
	azf_autofree char *text = refused(list, &err);

	assert_contains(err.cause, cause);
	assert_contains(err.cure, cure);
}

static void nothing_is_fine(void **state)
{
	azf_autooptions struct azf_options *options = test_options("");
	azf_autooptions struct azf_options *commas = test_options(",,rw,,");

	(void)state;
	assert_int_equal(options->count, 0);
	assert_int_equal(commas->count, 1);
	assert_null(azf_options_get(options, "rw"));
	azf_options_free(NULL);
}

static void options_keep_their_order(void **state)
{
	static const char *const names[] = { "ro", "vers", "seal",
					     "file_mode" };
	azf_autooptions struct azf_options *options =
		test_options("ro,vers=3.1.1,seal,file_mode=0644");
	size_t i = 0;

	(void)state;
	azf_for_each_setting(setting, options)
		assert_string_equal(setting->option->name, names[i++]);
	assert_int_equal(i, AZF_ARRAY_SIZE(names));
	assert_string_equal(azf_options_value(options, "vers"), "3.1.1");
	assert_null(azf_options_value(options, "seal"));
	assert_non_null(azf_options_get(options, "seal"));
}

static void several_lists_add_up(void **state)
{
	azf_autooptions struct azf_options *options =
		test_options("ro,vers=2.1");
	char more[] = "seal,vers=3.0";
	struct azf_error err;

	(void)state;
	assert_int_equal(azf_options_parse(options, more, &err), 0);
	assert_int_equal(options->count, 3);
	assert_string_equal(azf_options_value(options, "vers"), "3.0");
}

static void of_two_the_last_one_counts(void **state)
{
	azf_autooptions struct azf_options *options = test_options(
		"vers=2.1,noserverino,pass=one,ip=10.0.0.1,file_mode=0644,"
		"vers=3.0,serverino,password=two,addr=10.0.0.2,file_mode=600");

	(void)state;
	assert_int_equal(options->count, 4);
	assert_string_equal(azf_options_value(options, "vers"), "3.0");
	assert_false(azf_options_get(options, "serverino")->off);
	assert_string_equal(options->password.text, "two");
	assert_string_equal(azf_options_value(options, "ip"), "10.0.0.2");
	assert_string_equal(azf_options_value(options, "file_mode"), "0600");
}

static void no_turns_off(void **state)
{
	azf_autooptions struct azf_options *options = test_options(
		"nosharesock,nomfsymlinks,noserverino,nobrl,nolinux,noposix");
	const struct azf_setting *setting;

	(void)state;
	assert_true(azf_options_get(options, "sharesock")->off);
	assert_true(azf_options_get(options, "mfsymlinks")->off);
	assert_true(azf_options_get(options, "serverino")->off);
	assert_true(azf_options_get(options, "brl")->off);
	setting = azf_options_get(options, "unix");
	assert_true(setting && setting->off);
}

static void no_is_not_always_a_prefix(void **state)
{
	azf_autooptions struct azf_options *options =
		test_options("nocase,nodfs,nodev,nosuid,noexec,noac,nosparse");

	(void)state;
	azf_for_each_setting(setting, options)
		assert_false(setting->off);
	assert_non_null(azf_options_get(options, "nocase"));
	assert_refused("noseal", "unknown option 'noseal'", "'seal'");
	assert_refused("nocase=1", "'nocase' takes no value", "");
	assert_refused("noserverino=1", "'noserverino' takes no value", "");
	assert_refused("novers", "unknown option 'novers'", "");
}

static void other_names_mean_the_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "ver=3.0", "vers" },
		{ "cred=/a", "credentials" },
		{ "user=a", "username" },
		{ "dom=a", "domain" },
		{ "workgroup=a", "domain" },
		{ "addr=::1", "ip" },
		{ "signloosely", "ignore_signature" },
		{ "esize=1", "min_enc_offload" },
		{ "dirmode=0700", "dir_mode" },
		{ "setuidfromacl", "idsfromsid" },
		{ "modesid", "modefromsid" },
		{ "ignorecase", "nocase" },
		{ "linux", "unix" },
		{ "posix", "unix" },
		{ "forcemand", "forcemandatorylock" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(pairs); i++) {
		azf_autooptions struct azf_options *options =
			test_options(pairs[i][0]);

		assert_int_equal(options->count, 1);
		assert_string_equal(options->settings[0].option->name,
				    pairs[i][1]);
	}
}

static void user_with_and_without_a_value_differ(void **state)
{
	azf_autooptions struct azf_options *flag = test_options("user");
	azf_autooptions struct azf_options *name = test_options("user=me");

	(void)state;
	assert_null(azf_options_get(flag, "username"));
	assert_int_equal(flag->settings[0].option->owner, AZF_FOR_MOUNT);
	assert_string_equal(azf_options_value(name, "username"), "me");
}

static void what_others_do_is_dropped(void **state)
{
	azf_autooptions struct azf_options *options = test_options(
		"_netdev,nofail,auto,noauto,comment,comment=x,uhelper=x,"
		"x-systemd.automount,x-systemd.mount-timeout=5,X-mount.mkdir,"
		"x-gvfs-show,x-,X-=");

	(void)state;
	assert_int_equal(options->count, 0);
	assert_refused("x", "unknown option 'x'", "");
	assert_refused("xx-systemd", "unknown option 'xx-systemd'", "");
}

static void a_typo_gets_a_suggestion(void **state)
{
	(void)state;
	assert_refused("verz=3.0", "unknown option 'verz'", "mean 'vers'?");
	assert_refused("file_mod=1", "'file_mod'", "mean 'file_mode'?");
	assert_refused("mfsymlink", "'mfsymlink'", "mean 'mfsymlinks'?");
	assert_refused("nomfsymlink", "'nomfsymlink'", "'nomfsymlinks'?");
	assert_refused("credential=/x", "", "mean 'credentials'?");
	assert_refused("rw,sael", "'sael'", "mean 'seal'?");
	assert_refused("Vers=3.0", "'Vers'", "mean 'vers'?");
	assert_refused("zzzzzzzz", "'zzzzzzzz'", "lists the known options");
	assert_refused("=", "unknown option ''", "");
	assert_refused("a\nb", "unknown option 'a?b'", "");
}

static void a_suggestion_is_always_an_option(void **state)
{
	char word[] = "____________________________________________";

	(void)state;
	for (size_t len = 1; len < sizeof(word); len++) {
		struct azf_error err;
		azf_autofree char *text = refused(word + sizeof(word) - 1 - len,
						  &err);

		assert_lacks(err.cure, "''");
	}
}

static void sloppy_drops_what_is_unknown(void **state)
{
	azf_autooptions struct azf_options *options = azf_options_new(true);
	char text[] = "vers=3.0,bogus,bogus2=x,seal";
	char wrong[] = "vers=9";
	struct azf_error err;

	(void)state;
	assert_int_equal(azf_options_parse(options, text, &err), 0);
	assert_int_equal(options->count, 2);
	/* but a bad value of a known option stays an error */
	assert_int_equal(azf_options_parse(options, wrong, &err), -AZF_E_USAGE);
}

static void some_are_refused_with_a_reason(void **state)
{
	(void)state;
	assert_refused("guest", "'guest' is not used here", "sec=none");
	assert_refused("sloppy", "'sloppy' is not used here", "mount -s");
	assert_refused("unc=//h/s", "'unc' is not used", "//HOST/SHARE");
	assert_refused("target=//h/s", "'target' is not used", "//HOST/SHARE");
	assert_refused("path=//h/s", "'path' is not used", "//HOST/SHARE");
	assert_refused("prefixpath=a", "'prefixpath'", "//HOST/SHARE/PATH");
}

static void values_are_there_or_not(void **state)
{
	(void)state;
	assert_refused("vers", "the option 'vers' needs a value", "");
	assert_refused("seal=1", "the option 'seal' takes no value", "");
	assert_refused("ro=1", "the option 'ro' takes no value", "");
	assert_refused("password", "the option 'password' needs a value", "");
	assert_refused("vers=", "", "");
	assert_refused("username=", "'username' is empty", "");
}

static void labels_may_contain_commas(void **state)
{
	azf_autooptions struct azf_options *options = test_options(
		"context=\"u:r:t:s0:c1,c2\",seal,rootcontext=\"x,y\"");

	(void)state;
	assert_string_equal(azf_options_value(options, "context"),
			    "\"u:r:t:s0:c1,c2\"");
	assert_string_equal(azf_options_value(options, "rootcontext"),
			    "\"x,y\"");
	assert_non_null(azf_options_get(options, "seal"));
}

static void the_table_is_printed(void *arg, const char *section,
				 const char *usage, const char *help)
{
	unsigned int *count = arg;

	assert_true(section[0] && usage[0] && help[0]);
	assert_null(strchr(usage, ' '));
	(*count)++;
}

static void help_has_a_line_for_each_option(void **state)
{
	unsigned int printed = 0, expected = 0;

	(void)state;
	azf_options_help(the_table_is_printed, &printed);
	for (size_t i = 0; i < azf_option_count; i++)
		expected += azf_option_table[i].owner != AZF_FOR_REFUSAL;
	assert_int_equal(printed, expected);
}

static bool has_value(const struct azf_option *option)
{
	return option->value != AZF_NO_VALUE;
}

static const struct azf_option *row_of(const char *name, bool value)
{
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];

		if (azf_streq(option->name, name) && has_value(option) == value)
			return option;
	}
	return NULL;
}

static void check_row(const struct azf_option *option)
{
	const struct azf_option *target;

	/* unique: the first of its name and kind is itself */
	assert_ptr_equal(row_of(option->name, has_value(option)), option);
	assert_true(strlen(option->name) < 32);
	for (const char *p = option->name; *p; p++)
		assert_true(islower(*p) || isdigit(*p) || *p == '_');
	assert_true(option->min <= option->max || option->max == 0);
	if (option->value == AZF_UINT && !option->canonical)
		assert_true(option->max > 0);
	if (!option->canonical) {
		assert_non_null(option->help);
		assert_true(option->help[0]);
		assert_true(!option->negatable || !has_value(option));
		return;
	}
	target = row_of(option->canonical, has_value(option));
	assert_non_null(target);
	assert_null(target->canonical);
	assert_int_equal(target->owner, option->owner);
	assert_int_equal(target->value, option->value);
	assert_int_equal(target->negatable, option->negatable);
}

static void every_row_is_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < azf_option_count; i++)
		check_row(&azf_option_table[i]);
}

/* A value that fits a row. */
static const char *example(const struct azf_option *option, char buffer[64])
{
	switch (option->value) {
	case AZF_TEXT:
		(void)snprintf(buffer, 64, "%s",
			       option->words ? option->words : "text");
		buffer[strcspn(buffer, "|")] = '\0';
		return buffer;
	case AZF_UINT:
		(void)snprintf(buffer, 64, "%llu",
			       (unsigned long long)option->min);
		return buffer;
	case AZF_MODE:
		return "0755";
	case AZF_UID:
	case AZF_GID:
		return "root";
	case AZF_ADDRESS:
		return "10.0.0.4";
	case AZF_TIME:
		return "5";
	case AZF_SNAPSHOT:
		return "1";
	case AZF_PATH:
		return "/x";
	case AZF_NO_VALUE:
	case AZF_OPTIONAL:
		break;
	}
	return "";
}

static void every_row_can_be_reached(void **state)
{
	(void)state;
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];
		const char *name = option->canonical;
		azf_autooptions struct azf_options *options =
			azf_options_new(false);
		struct azf_error err = { 0 };
		char text[128], value[64];
		int r;

		(void)snprintf(text, sizeof(text), "%s%s%s", option->name,
			       has_value(option) ? "=" : "",
			       example(name ? row_of(name, has_value(option)) :
					      option,
				       value));
		r = azf_options_parse(options, text, &err);
		if (option->owner == AZF_FOR_REFUSAL)
			assert_int_equal(r, -AZF_E_USAGE);
		else if (r)
			fail_msg("%s: %s", text, err.cause);
	}
}

static void every_negation_can_be_reached(void **state)
{
	(void)state;
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];
		azf_autooptions struct azf_options *options = NULL;
		char text[64];

		if (!option->negatable)
			continue;
		(void)snprintf(text, sizeof(text), "no%s", option->name);
		options = test_options(text);
		assert_int_equal(options->count, 1);
		assert_true(options->settings[0].off);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_fine),
		cmocka_unit_test(options_keep_their_order),
		cmocka_unit_test(several_lists_add_up),
		cmocka_unit_test(of_two_the_last_one_counts),
		cmocka_unit_test(no_turns_off),
		cmocka_unit_test(no_is_not_always_a_prefix),
		cmocka_unit_test(other_names_mean_the_same),
		cmocka_unit_test(user_with_and_without_a_value_differ),
		cmocka_unit_test(what_others_do_is_dropped),
		cmocka_unit_test(a_typo_gets_a_suggestion),
		cmocka_unit_test(a_suggestion_is_always_an_option),
		cmocka_unit_test(sloppy_drops_what_is_unknown),
		cmocka_unit_test(some_are_refused_with_a_reason),
		cmocka_unit_test(values_are_there_or_not),
		cmocka_unit_test(labels_may_contain_commas),
		cmocka_unit_test(help_has_a_line_for_each_option),
		cmocka_unit_test(every_row_is_well_formed),
		cmocka_unit_test(every_row_can_be_reached),
		cmocka_unit_test(every_negation_can_be_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
