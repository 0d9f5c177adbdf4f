// SPDX-License-Identifier: MIT
/*
 * drop.c - from root to a user who can do nothing, for good.
 *
 * The order matters. Users are looked up while files are all that is asked;
 * the bounding set and the groups can be changed by root only; the change of
 * user resets "dumpable" and the signal of a dying parent, so these come last.
 */
#include "drop.h"

#include "azf-private.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#ifdef __GLIBC__
#include <nss.h>
#endif

#define MIB ((rlim_t)1024 * 1024)

struct account {
	uid_t uid;
	gid_t gid;
	gid_t groups[1];
	size_t group_count;
};

/*
 * The soft limits that are not hard keep a mistake of ours in bounds; a program
 * of identity=exec: may raise them for itself.
 */
static const struct azf_limit soft_and_hard[] = {
	{ 0, RLIMIT_CORE, true },    { 0, RLIMIT_FSIZE, true },
	{ 64, RLIMIT_NOFILE, true }, { 512 * MIB, RLIMIT_AS, false },
	{ 30, RLIMIT_CPU, false },
};

static int find_account(const char *user, const char *group,
			struct account *ret_account, struct azf_error *err)
{
	const struct passwd *pw;
	const struct group *gr;

#ifdef __GLIBC__
	/* system users are in the files; other services may be on the network */
	(void)__nss_configure_lookup("passwd", "files");
	(void)__nss_configure_lookup("group", "files");
#endif
	pw = getpwnam(user);
	if (!pw || pw->pw_uid == 0) {
		azf_fail(err, AZF_E_MOUNT,
			 "there is no system user '%s' to talk to the network",
			 user);
		return azf_cure(err,
				"Run systemd-sysusers, or useradd -r -M "
				"-s /usr/sbin/nologin %s",
				user);
	}
	*ret_account = (struct account){ .uid = pw->pw_uid, .gid = pw->pw_gid };
	gr = group ? getgrnam(group) : NULL;
	if (gr && gr->gr_gid != 0)
		ret_account->groups[ret_account->group_count++] = gr->gr_gid;
	return 0;
}

bool azf_drop_limits(const struct azf_limit *limits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct rlimit limit;

		if (getrlimit(limits[i].resource, &limit))
			return false;
		if (limit.rlim_max > limits[i].limit && limits[i].hard)
			limit.rlim_max = limits[i].limit;
		if (limit.rlim_cur > limits[i].limit)
			limit.rlim_cur = limits[i].limit;
		if (setrlimit(limits[i].resource, &limit))
			return false;
	}
	return true;
}

void azf_drop_bounds(void)
{
	unsigned long cap = 0;

	/* fails where root lacks CAP_SETPCAP; no_new_privs makes up for it */
	while (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static bool change_user(const struct account *account)
{
	azf_drop_bounds();
	return setgroups(account->group_count, account->groups) == 0 &&
	       setresgid(account->gid, account->gid, account->gid) == 0 &&
	       setresuid(account->uid, account->uid, account->uid) == 0;
}

bool azf_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capset, &header, data) == 0;
}

static bool has_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return true;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(data); i++) {
		if (data[i].effective | data[i].permitted | data[i].inheritable)
			return true;
	}
	return false;
}

static bool is_dropped(const struct account *account)
{
	uid_t uid[3];
	gid_t gid[3], groups[2];
	int count = getgroups(AZF_ARRAY_SIZE(groups), groups);

	if (getresuid(&uid[0], &uid[1], &uid[2]) ||
	    getresgid(&gid[0], &gid[1], &gid[2]))
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (uid[i] != account->uid || gid[i] != account->gid)
			return false;
	}
	if (count != (int)account->group_count ||
	    (count && groups[0] != account->groups[0]))
		return false;
	return setuid(0) != 0 && setgid(0) != 0 && !has_capabilities() &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

int azf_drop(const char *user, const char *group, struct azf_error *err)
{
	pid_t parent = getppid();
	struct account account = { 0 };
	int r;

	if (geteuid() != 0)
		return azf_fail(err, AZF_E_SYSTEM,
				"azfiles-credential was not started by root");
	r = find_account(user, group, &account, err);
	if (r)
		return r;
	if (!azf_drop_limits(soft_and_hard, AZF_ARRAY_SIZE(soft_and_hard)) ||
	    !change_user(&account) || !azf_drop_capabilities() ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || clearenv() ||
	    chdir("/"))
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot give up root's privileges: %s",
				strerror(errno));
	if (!is_dropped(&account))
		return azf_fail(err, AZF_E_SYSTEM,
				"root's privileges are still there after they "
				"were given up");
	/* it may have died before the kernel knew what we want */
	if (getppid() != parent)
		return azf_fail(err, AZF_E_INTERRUPTED, "the caller is gone");
	return 0;
}
