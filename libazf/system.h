/* SPDX-License-Identifier: MIT */
/*
 * system.h - system calls that the C library may lack: musl before 1.2.4 has no
 * statx(), and glibc before 2.36 has no open_tree() and move_mount().
 */
#ifndef AZF_SYSTEM_H
#define AZF_SYSTEM_H

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef STATX_TYPE
#include <linux/stat.h>

static inline int statx(int dir, const char *path, int flags, unsigned int mask,
			struct statx *ret_stx)
{
	return (int)syscall(SYS_statx, dir, path, flags, mask, ret_stx);
}
#endif

#ifndef OPEN_TREE_CLONE
#include <linux/mount.h>

static inline int open_tree(int dir, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dir, path, flags);
}

static inline int move_mount(int from, const char *from_path, int to,
			     const char *to_path, unsigned int flags)
{
	return (int)syscall(SYS_move_mount, from, from_path, to, to_path,
			    flags);
}
#endif

#endif
