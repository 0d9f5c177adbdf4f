// SPDX-License-Identifier: MIT
/* ctl-system.c - systemctl, mount and umount, run without a shell. */
#include "azf-private.h"
#include "ctl-persist.h"
#include "unit-name.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

/* They are at these places on every system, merged /usr or not. */
#define SYSTEMCTL "/bin/systemctl"

/* Return: the exit status of the program, or an errno negated. */
static int run(const char *const *argv)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const environment[] = { path, NULL };
	posix_spawnattr_t attributes;
	sigset_t signals;
	int status = 0;
	pid_t pid;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGXFSZ); /* which we ignore */
	r = posix_spawnattr_init(&attributes);
	if (r)
		return -r;
	(void)posix_spawnattr_setsigdefault(&attributes, &signals);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	r = posix_spawn(&pid, argv[0], NULL, &attributes, (char *const *)argv,
			environment);
	(void)posix_spawnattr_destroy(&attributes);
	if (r)
		return -r;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* What the program says about a failure is on standard error already. */
static int report(int result, const char *const *argv, const char *cure,
		  struct azf_error *err)
{
	if (result == 0)
		return 0;
	if (result < 0)
		return azf_fail(err, AZF_E_SYSTEM, "cannot run %s: %s", argv[0],
				strerror(-result));
	azf_fail(err, AZF_E_MOUNT, "'%s %s%s%s' failed with status %d", argv[0],
		 argv[1], argv[2] ? " " : "", argv[2] ? argv[2] : "", result);
	return azf_cure(err, "%s", cure);
}

bool ctl_system_has_systemd(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

int ctl_system_reload(struct azf_error *err)
{
	static const char *const argv[] = { SYSTEMCTL, "daemon-reload", NULL };

	if (!ctl_system_has_systemd())
		return 0;
	return report(run(argv), argv, "It says why", err);
}

int ctl_system_unit(const char *verb, const char *unit, struct azf_error *err)
{
	const char *const argv[] = { SYSTEMCTL, verb, unit, "--quiet", NULL };
	char cure[384];

	(void)snprintf(cure, sizeof(cure), "'journalctl -u %s' may say why",
		       unit);
	return report(run(argv), argv, cure, err);
}

int ctl_system_mount(const char *program, const char *target,
		     struct azf_error *err)
{
	const char *const argv[] = { program, target, NULL };

	return report(run(argv), argv, "It says why", err);
}

int ctl_system_unit_name(const char *target, const char *suffix,
			 char **ret_name, struct azf_error *err)
{
	int r = azf_unit_name(target, suffix, ret_name);

	if (r == -ENOMEM)
		return azf_no_memory(err);
	if (r)
		return azf_fail(err, AZF_E_USAGE,
				"systemd has no unit for the mount point %s",
				target);
	return 0;
}
