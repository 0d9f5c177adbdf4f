// SPDX-License-Identifier: MIT
/* apart.c - a share mounted where nobody sees it. */
#include "apart.h"

#include "azf-private.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

int azf_apart_request(const struct azf_apart *apart,
		      int (*use)(const struct azf_request *request,
				 struct azf_error *err),
		      struct azf_error *err)
{
	azf_autooptions struct azf_options *options = azf_options_new(false);
	azf_autofree char *text = strdup(apart->options);
	const struct azf_request request = {
		.source = apart->source,
		.target = apart->target,
		.options = options,
		.keys = apart->keys,
		.log = apart->log,
	};
	int r;

	if (!options || !text)
		return azf_no_memory(err);
	r = azf_options_parse(options, text, err);
	return r ? r : use(&request, err);
}

/*
 * The name space is ours alone, so what is mounted on the target, say the
 * share itself or an automount point, can be taken off.
 */
static int mount_unseen(const struct azf_apart *apart, struct azf_error *err)
{
	int r;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot make a mount name space to try the "
				"mount in: %s",
				strerror(errno));
	while (umount2(apart->target, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	r = azf_apart_request(apart, azf_mount, err);
	if (r == 0 && apart->then)
		r = apart->then(apart->arg, err);
	return r;
}

/*
 * The keys move to where no child of ours has them: who looks the name of the
 * server up has a copy of this stack, on which the caller's may be as well.
 */
static int mount_with(const struct azf_apart *apart, struct azf_key_pair *keys,
		      struct azf_error *err)
{
	struct azf_apart own = *apart;
	struct azf_key_pair *kept;
	int r;

	if (!apart->keys)
		return mount_unseen(apart, err);
	kept = azf_secret_alloc(sizeof(*kept));
	if (!kept)
		return azf_no_memory(err);
	*kept = *keys;
	azf_key_pair_wipe(keys);
	azf_key_pair_wipe((struct azf_key_pair *)apart->keys);
	own.keys = kept;
	r = mount_unseen(&own, err);
	azf_secret_release(kept, sizeof(*kept));
	return r;
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

int azf_apart_mount(const struct azf_apart *apart, struct azf_error *err)
{
	/* the child does not get what is kept for secrets */
	azf_autokeys struct azf_key_pair keys = { { 0 }, { 0 } };
	azf_autoclose int from = -1;
	azf_autoclose int to = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return azf_fail(err, AZF_E_SYSTEM, "cannot make a pipe: %s",
				strerror(errno));
	from = ends[0];
	to = ends[1];
	if (apart->keys)
		keys = *apart->keys;
	pid = fork();
	if (pid < 0)
		return azf_fail(err, AZF_E_SYSTEM, "cannot fork: %s",
				strerror(errno));
	if (pid == 0) {
		struct azf_error result = { 0 };

		(void)mount_with(apart, &keys, &result);
		/* shorter than a pipe is long: it is there as a whole */
		_exit(azf_write_all(to, &result, sizeof(result)) ? 1 : 0);
	}
	azf_close_fd(&to);
	to = -1;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return read_result(from, err);
}
