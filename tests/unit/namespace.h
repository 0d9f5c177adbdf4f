/* SPDX-License-Identifier: MIT */
/* namespace.h - a tree of our own: what a test leaves in /run goes with it. */
#ifndef AZF_NAMESPACE_H
#define AZF_NAMESPACE_H

#include "test.h"

#include "run.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static inline int namespace_hide(const char *path)
{
	return mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
}

/* AZF_LIBEXECDIR, empty. What lies beside it is of no use to a test. */
static inline int namespace_libexec(void)
{
	char path[] = AZF_LIBEXECDIR;
	char *slash;

	if (access(path, F_OK) == 0)
		return namespace_hide(path);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (namespace_hide(path))
		return -1;
	*slash = '/';
	return mkdir(path, 0755);
}

/* For the set up of a group: nobody else sees /run or AZF_LIBEXECDIR. */
static inline int namespace_enter(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    namespace_hide("/run") || namespace_libexec()) {
		print_error("a mount name space needs root: %s\n",
			    strerror(errno));
		return -1;
	}
	return 0;
}

#endif
