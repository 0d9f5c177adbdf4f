// SPDX-License-Identifier: MIT
/* ctl-try.c - a line checked, or mounted where nobody sees it. */
#include "apart.h"
#include "azf-private.h"
#include "ctl-persist.h"
#include "ctl.h"
#include "plan.h"

static struct azf_apart apart_of(const struct ctl_mount *mount)
{
	return (struct azf_apart){
		.source = mount->source,
		.target = mount->target,
		.options = mount->options,
		.log = &ctl_log,
	};
}

static int make_plan(const struct azf_request *request, struct azf_error *err)
{
	azf_cleanup(azf_plan_free) struct azf_plan plan = { 0 };

	return azf_plan_make(request, &plan, err);
}

int ctl_try_check(const struct ctl_mount *mount, struct azf_error *err)
{
	const struct azf_apart apart = apart_of(mount);

	return azf_apart_request(&apart, make_plan, err);
}

int ctl_try_mount(const struct ctl_mount *mount, struct azf_error *err)
{
	const struct azf_apart apart = apart_of(mount);
	int r = azf_apart_mount(&apart, err);

	if (r == -AZF_E_SYSTEM && !err->cure[0])
		return azf_cure(err, "Leave the trial out with --no-try");
	return r;
}
