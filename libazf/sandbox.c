// SPDX-License-Identifier: MIT
/*
 * sandbox.c - system calls and files that a process does without from now on.
 *
 * A list of what is denied, not of what is allowed: which calls libraries make
 * changes with each of their versions, and a ticket must not depend on that.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__arm__)
#define ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_PPC64LE
#endif

/* The same number everywhere, and younger than the headers may be. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

/* ---- system calls ---- */

#ifdef ARCH

/* Also for programs: azfiles-credential@.service denies them the same. */
static const int never[] = {
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	428, /* open_tree */
	429, /* move_mount */
	430, /* fsopen */
	431, /* fsconfig */
	432, /* fsmount */
	433, /* fspick */
	442, /* mount_setattr */
	467, /* open_tree_attr */
	SYS_unshare,
	SYS_setns,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	438, /* pidfd_getfd */
	440, /* process_madvise */
	SYS_kcmp,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	425, /* io_uring_setup */
	426, /* io_uring_enter */
	427, /* io_uring_register */
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
	SYS_open_by_handle_at,
	SYS_fanotify_init,
	SYS_quotactl,
	443, /* quotactl_fd */
	SYS_swapon,
	SYS_swapoff,
	SYS_reboot,
	SYS_acct,
	SYS_syslog,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_vhangup,
	SYS_personality,
};

static const int without_programs[] = {
	SYS_execve,
	SYS_execveat,
#ifdef SYS_fork
	SYS_fork,
	SYS_vfork,
#endif
	SYS_setuid,
	SYS_setgid,
	SYS_setreuid,
	SYS_setregid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setfsuid,
	SYS_setfsgid,
	SYS_setgroups,
	SYS_capset,
#ifdef SYS_chmod
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_mknod,
#endif
	SYS_fchmod,
	SYS_fchmodat,
	452, /* fchmodat2 */
	SYS_fchown,
	SYS_fchownat,
	SYS_mknodat,
	/* connections are made, and none is waited for */
	SYS_listen,
	SYS_accept4,
#ifdef SYS_accept
	SYS_accept,
#endif
};

static const int of_keys[] = { SYS_add_key, SYS_request_key, SYS_keyctl };

struct filter {
	struct sock_filter code[256];
	unsigned short len;
};

static void put(struct filter *filter, unsigned int code, unsigned int k,
		unsigned int no)
{
	filter->code[filter->len++] = (struct sock_filter){
		(unsigned short)code, 0, (unsigned char)no, k
	};
}

/* What follows, up to @count instructions, is for when it does. */
static void put_if(struct filter *filter, unsigned int comparison,
		   unsigned int k, unsigned int count)
{
	put(filter, BPF_JMP | BPF_K | comparison, k, count);
}

static void put_load(struct filter *filter, size_t offset)
{
	put(filter, BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset, 0);
}

/* All that is looked at is an int; the kernel does not look at more either. */
static void put_load_argument(struct filter *filter, size_t n)
{
	size_t offset = offsetof(struct seccomp_data, args) + 8 * n;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	offset += 4;
#endif
	put_load(filter, offset);
}

static void put_return(struct filter *filter, unsigned int what)
{
	put(filter, BPF_RET | BPF_K, what, 0);
}

static void put_deny(struct filter *filter, int error)
{
	put_return(filter, SECCOMP_RET_ERRNO | (unsigned int)error);
}

/* A bit for each call that is denied; later ones than these are not known. */
struct calls {
	uint32_t bits[16];
};

static void add(struct calls *calls, const int *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		calls->bits[numbers[i] / 32] |= 1U << numbers[i] % 32;
}

/*
 * As a map, since the kernel goes through a list for each call there is before
 * it takes the filter, which would be most of what all of this costs.
 */
static void put_denied(struct filter *filter, const struct calls *calls)
{
	put(filter, BPF_ALU | BPF_AND | BPF_K, 31, 0);
	put(filter, BPF_MISC | BPF_TAX, 0, 0);
	put_load(filter, offsetof(struct seccomp_data, nr));
	put(filter, BPF_ALU | BPF_RSH | BPF_K, 5, 0);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(calls->bits); i++) {
		put_if(filter, BPF_JEQ, (unsigned int)i, 5);
		put(filter, BPF_LD | BPF_IMM, calls->bits[i], 0);
		put(filter, BPF_ALU | BPF_RSH | BPF_X, 0, 0);
		put_if(filter, BPF_JSET, 1, 1);
		put_deny(filter, EPERM);
		put_return(filter, SECCOMP_RET_ALLOW);
	}
	put_return(filter, SECCOMP_RET_ALLOW);
}

static void put_architecture(struct filter *filter)
{
	put_load(filter, offsetof(struct seccomp_data, arch));
	filter->code[filter->len++] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put_return(filter, SECCOMP_RET_KILL_PROCESS);
	put_load(filter, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	/* x32: the same architecture, other numbers */
	put_if(filter, BPF_JGE, 0x40000000, 1);
	put_return(filter, SECCOMP_RET_KILL_PROCESS);
#endif
}

/* What is typed into root's terminal is run by root's shell. */
static void put_ioctl(struct filter *filter)
{
	put_if(filter, BPF_JEQ, SYS_ioctl, 6);
	put_load_argument(filter, 1);
	put_if(filter, BPF_JEQ, TIOCSTI, 1);
	put_deny(filter, EPERM);
	put_if(filter, BPF_JEQ, TIOCLINUX, 1);
	put_deny(filter, EPERM);
	put_return(filter, SECCOMP_RET_ALLOW);
}

static void put_socket(struct filter *filter)
{
	static const unsigned int families[] = { AF_UNIX, AF_INET, AF_INET6 };

	put_if(filter, BPF_JEQ, SYS_socket, 2 * AZF_ARRAY_SIZE(families) + 6);
	put_load_argument(filter, 0);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(families); i++) {
		put_if(filter, BPF_JEQ, families[i], 1);
		put_return(filter, SECCOMP_RET_ALLOW);
	}
	put_if(filter, BPF_JEQ, AF_NETLINK, 3);
	put_load_argument(filter, 2);
	put_if(filter, BPF_JEQ, 0 /* NETLINK_ROUTE */, 1);
	put_return(filter, SECCOMP_RET_ALLOW);
	put_deny(filter, EAFNOSUPPORT);
}

/*
 * Threads only, or children, too; none with name spaces of its own. Where the
 * flags of clone3() are cannot be looked at; libraries then take clone().
 */
static void put_clone(struct filter *filter, unsigned int may)
{
	const unsigned int spaces = CLONE_NEWNS | CLONE_NEWCGROUP |
				    CLONE_NEWUTS | CLONE_NEWIPC |
				    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

	put_if(filter, BPF_JEQ, 435 /* clone3 */, 1);
	put_deny(filter, ENOSYS);
	put_if(filter, BPF_JEQ, SYS_clone, may & AZF_MAY_EXECUTE ? 4 : 6);
#ifdef __s390x__
	put_load_argument(filter, 1);
#else
	put_load_argument(filter, 0);
#endif
	put_if(filter, BPF_JSET, spaces, 1);
	put_deny(filter, EPERM);
	if (!(may & AZF_MAY_EXECUTE)) {
		put_if(filter, BPF_JSET, CLONE_THREAD, 1);
		put_return(filter, SECCOMP_RET_ALLOW);
		put_deny(filter, EPERM);
	} else {
		put_return(filter, SECCOMP_RET_ALLOW);
	}
}

void azf_sandbox_calls(unsigned int may)
{
	struct filter filter = { .len = 0 };
	struct calls calls = { 0 };
	struct sock_fprog program = { .filter = filter.code };

	put_architecture(&filter);
	put_ioctl(&filter);
#ifdef SYS_socket
	put_socket(&filter);
#endif
	put_clone(&filter, may);
	add(&calls, never, AZF_ARRAY_SIZE(never));
	if (!(may & AZF_MAY_EXECUTE))
		add(&calls, without_programs, AZF_ARRAY_SIZE(without_programs));
	if (!(may & AZF_MAY_USE_KEYS))
		add(&calls, of_keys, AZF_ARRAY_SIZE(of_keys));
	put_denied(&filter, &calls);
	program.len = filter.len;
	(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

#else
void azf_sandbox_calls(unsigned int may)
{
	(void)may;
}
#endif

/* ---- files ---- */

/* Of <linux/landlock.h>, which may be missing, or older than the kernel. */
#define FS_EXECUTE   (1ULL << 0)
#define FS_WRITE     (1ULL << 1)
#define FS_READ_FILE (1ULL << 2)
#define FS_READ_DIR  (1ULL << 3)
#define FS_TRUNCATE  (1ULL << 14)
#define NET_BIND_TCP (1ULL << 0)
#define SCOPES	     ((1ULL << 0) | (1ULL << 1))

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/*
 * What libraries read that resolve names, trust certificates and speak
 * Kerberos, modules of sssd and others included. No homes, and nowhere that
 * shares and disks are mounted. Files are named that may be links to elsewhere.
 */
static const char *const of_system[] = {
	"/usr",
	"/usr/local",
	"/lib",
	"/lib64",
	"/opt",
	"/nix",
	"/gnu",
	"/etc",
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/krb5.conf",
	"/run",
	"/var/run",
	"/var/lib",
	"/dev",
	"/proc",
	"/sys",
};

struct rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* All that each version of the kernel's interface can deny, and we can spare. */
static struct ruleset ruleset_of(long version)
{
	static const uint64_t last[] = { 0, 12, 13, 14, 14, 15 };
	size_t i = version > 5 ? 5 : (size_t)version;

	return (struct ruleset){
		.fs = (2ULL << last[i]) - 1,
		.net = version >= 4 ? NET_BIND_TCP : 0,
		.scoped = version >= 6 ? SCOPES : 0,
	};
}

static void allow(int rules, const char *path, uint64_t what)
{
	azf_autoclose int fd = open(path, O_PATH | O_CLOEXEC);
	struct rule rule = { what, fd };

	if (fd < 0)
		return;
	/* of a file there is nothing to list */
	if (syscall(SYS_landlock_add_rule, rules, 1, &rule, 0) &&
	    errno == EINVAL) {
		rule.allowed &= ~FS_READ_DIR;
		(void)syscall(SYS_landlock_add_rule, rules, 1, &rule, 0);
	}
}

void azf_sandbox_files(const char *const *read, const char *write)
{
	const uint64_t reading = FS_READ_FILE | FS_READ_DIR;
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	azf_autoclose int rules = -1;
	struct ruleset ruleset;

	if (version < 1)
		return;
	ruleset = ruleset_of(version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
			     sizeof(ruleset), 0);
	if (rules < 0)
		return;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(of_system); i++)
		allow(rules, of_system[i], reading);
	for (; read && *read; read++)
		allow(rules, *read, reading);
	if (write)
		allow(rules, write,
		      (reading | FS_WRITE | FS_TRUNCATE) & ruleset.fs);
	(void)syscall(SYS_landlock_restrict_self, rules, 0);
}
