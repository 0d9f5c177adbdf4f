// SPDX-License-Identifier: MIT
/* ctl-try.c - a line checked, or mounted where nobody sees it. */
#include "azf-private.h"
#include "ctl-persist.h"
#include "ctl.h"
#include "options.h"
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

static void free_options(struct azf_options **options)
{
	azf_options_free(*options);
}

/* Like the helper: parse, then plan or mount. */
static int with_options(const struct ctl_mount *mount,
			int (*use)(const struct azf_request *request,
				   struct azf_error *err),
			struct azf_error *err)
{
	azf_cleanup(free_options) struct azf_options *options =
		azf_options_new(false);
	azf_autofree char *text = strdup(mount->options);
	const struct azf_request request = {
		.source = mount->source,
		.target = mount->target,
		.options = options,
		.log = &ctl_log,
	};
	int r;

	if (!options || !text)
		return azf_no_memory(err);
	r = azf_options_parse(options, text, err);
	return r ? r : use(&request, err);
}

static int make_plan(const struct azf_request *request, struct azf_error *err)
{
	azf_cleanup(azf_plan_free) struct azf_plan plan = { 0 };

	return azf_plan_make(request, &plan, err);
}

int ctl_try_check(const struct ctl_mount *mount, struct azf_error *err)
{
	return with_options(mount, make_plan, err);
}

/*
 * The name space is ours alone, so what is mounted on the target, say the
 * share itself or an automount point, can be taken off.
 */
static int mount_unseen(const struct ctl_mount *what, struct azf_error *err)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		azf_fail(err, AZF_E_SYSTEM,
			 "cannot make a mount name space to try the mount in: "
			 "%s",
			 strerror(errno));
		return azf_cure(err, "Leave the trial out with --no-try");
	}
	while (umount2(what->target, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	return with_options(what, azf_mount, err);
}

static int read_result(int fd, struct azf_error *err)
{
	struct azf_error result;
	ssize_t n;

	do
		n = read(fd, &result, sizeof(result));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(result))
		return azf_fail(err, AZF_E_SYSTEM,
				"the trial of the mount ended early");
	*err = result;
	return -(int)result.code;
}

int ctl_try_mount(const struct ctl_mount *mount, struct azf_error *err)
{
	azf_autoclose int from = -1;
	azf_autoclose int to = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return azf_fail(err, AZF_E_SYSTEM, "cannot make a pipe: %s",
				strerror(errno));
	from = ends[0];
	to = ends[1];
	pid = fork();
	if (pid < 0)
		return azf_fail(err, AZF_E_SYSTEM, "cannot fork: %s",
				strerror(errno));
	if (pid == 0) {
		struct azf_error result = { 0 };

		(void)mount_unseen(mount, &result);
		/* shorter than a pipe is long: it is there as a whole */
		_exit(azf_write_all(to, &result, sizeof(result)) ? 1 : 0);
	}
	azf_close_fd(&to);
	to = -1;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return read_result(from, err);
}
