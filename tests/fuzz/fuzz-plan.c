// SPDX-License-Identifier: MIT
/*
 * fuzz-plan.c - a line of fstab, up to the data string of mount(2): no line
 * can say more to the kernel than its options do. The input is a source and
 * options, a line each.
 */
#include "fuzz.h"
#include "kernel-data.h"
#include "options.h"
#include "state.h"

static bool is_of_kernel(const char *name)
{
	static const char *const added[] = { "username",   "domain",
					     "ip",	   "port",
					     "password",   "password2",
					     "mfsymlinks", "nosharesock" };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(added); i++) {
		if (azf_streq(added[i], name))
			return true;
	}
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];

		if (option->owner != AZF_FOR_KERNEL || option->canonical)
			continue;
		if (azf_streq(option->name, name) ||
		    (azf_starts_with(name, "no") &&
		     azf_streq(option->name, name + 2)))
			return true;
	}
	return false;
}

static void check_data(const struct azf_plan *plan)
{
	static struct azf_data data;
	struct azf_error err = { 0 };
	char token[AZF_DATA_MAX + 1];
	unsigned int addresses = 0, users = 0;
	const char *at = data.text;

	if (azf_plan_data(plan, "10.0.0.4", AZF_BOTH_KEYS, &data, &err)) {
		must(err.code == AZF_E_USAGE && data.overflow);
		return;
	}
	while (kernel_token(&at, token)) {
		token[strcspn(token, "=")] = '\0';
		must(is_of_kernel(token));
		addresses += azf_streq(token, "ip");
		users += azf_streq(token, "username");
	}
	must(addresses == 1 || plan->remount);
	must(users <= 1);
}

static void check_plan(const struct azf_plan *plan)
{
	must(plan->source.host[0] && plan->port);
	must(!plan->tag == (plan->identity.count == 0));
	must(!plan->tag || azf_state_is_name(plan->tag));
	must(!plan->tag || !plan->credential.password.len);
	must(plan->kernel && plan->kernel[0] && plan->flags);
	/* a label in quotes holds commas that only SELinux's part reads so */
	if (!strchr(plan->kernel, '"'))
		check_data(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct azf_log log = { fuzz_remark, NULL };
	struct azf_options *options = azf_options_new(false);
	char *text = fuzz_text(bytes, size), *rest = text;
	const char *source = strsep(&rest, "\n");
	struct azf_request request = { .source = source,
				       .options = options,
				       .log = &log };
	struct azf_plan plan;
	struct azf_error err = { 0 };

	must(options);
	if (!rest || azf_options_parse(options, rest, &err) == 0) {
		if (azf_plan_make(&request, &plan, &err) == 0) {
			check_plan(&plan);
			azf_plan_free(&plan);
		} else {
			must(err.code && err.cause[0]);
			fuzz_remark(NULL, AZF_DEBUG, err.cause);
			fuzz_remark(NULL, AZF_DEBUG, err.cure);
		}
	}
	azf_options_free(options);
	free(text);
	return 0;
}
