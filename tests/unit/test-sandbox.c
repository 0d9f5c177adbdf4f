// SPDX-License-Identifier: MIT
/* test-sandbox.c - what the sandbox denies, and what works in it. */
#include "test.h"

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What a child runs; returns 0, or the number of what was not as it should be. */
struct child {
	unsigned int may;
	int (*run)(void);
	bool in_files;
	const char *const *read;
	const char *write;
};

static int wait_for(pid_t pid)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int status_of(const struct child *child)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(255);
		if (child->in_files)
			azf_sandbox_files(child->read, child->write);
		else
			azf_sandbox_calls(child->may);
		_exit(child->run());
	}
	return wait_for(pid);
}

/* Valgrind answers calls itself that it does not know. */
static bool is_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "valgrind");
}

static bool has_landlock(void)
{
	return syscall(444 /* landlock_create_ruleset */, NULL, 0, 1) >= 1;
}

/* With arguments that root's kernel finds wrong, and so does no harm. */
static int failure_of(long call)
{
	long r;

	errno = 0;
	r = syscall(call, -1L, -1L, -1L, -1L, -1L, -1L);
	if (r == 0 && (call == SYS_clone
#ifdef SYS_fork
		       || call == SYS_fork
#endif
		       ))
		_exit(0);
	return r == -1 ? errno : 0;
}

static const long never[] = {
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_init_module,
	SYS_finit_module,
	SYS_kexec_load,
	SYS_open_by_handle_at,
	SYS_fanotify_init,
	SYS_swapon,
	SYS_reboot,
	SYS_acct,
	SYS_syslog,
	SYS_sethostname,
	SYS_settimeofday,
	SYS_personality,
	SYS_clone,
	425 /* io_uring_setup */,
	428 /* open_tree */,
};

static const long without_programs[] = {
	SYS_execve,   SYS_execveat,  SYS_setuid, SYS_setgid,  SYS_setresuid,
	SYS_setfsuid, SYS_setgroups, SYS_capset, SYS_fchmod,  SYS_fchmodat,
	SYS_fchownat, SYS_mknodat,   SYS_listen, SYS_accept4,
#ifdef SYS_fork
	SYS_fork,     SYS_chmod,
#endif
};

static const long of_keys[] = { SYS_add_key, SYS_request_key, SYS_keyctl };

/* Return: 0 if that is so for each, or the place of the first that is not. */
static int all_denied(bool denied, const long *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if ((failure_of(calls[i]) == EPERM) != denied)
			return (int)i + 1;
	}
	return 0;
}

#define all(denied, calls) all_denied(denied, calls, AZF_ARRAY_SIZE(calls))

static int try_without_all(void)
{
	int r = all(true, never);

	if (r == 0)
		r = all(true, without_programs);
	return r ? r : all(true, of_keys);
}

static int try_with_programs(void)
{
	int r = all(true, never);

	return r ? r : all(true, of_keys);
}

static int try_with_keys(void)
{
	int r = all(true, never);

	if (r == 0)
		r = all(true, without_programs);
	return r ? r : all(false, of_keys);
}

static void what_is_denied(void **state)
{
	const struct child children[] = {
		{ .run = try_without_all },
		{ .run = try_with_programs, .may = AZF_MAY_EXECUTE },
		{ .run = try_with_keys, .may = AZF_MAY_USE_KEYS },
	};

	(void)state;
	if (is_valgrind())
		return;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(children); i++)
		assert_int_equal(status_of(&children[i]), 0);
}

static int try_sockets(void)
{
	const struct {
		int family;
		int type;
		int protocol;
		int error;
	} rows[] = {
		{ AF_INET, SOCK_STREAM, 0, 0 },
		{ AF_INET6, SOCK_DGRAM, 0, 0 },
		{ AF_UNIX, SOCK_STREAM, 0, 0 },
		{ AF_NETLINK, SOCK_RAW, 0, 0 },
		{ AF_NETLINK, SOCK_RAW, 4, EAFNOSUPPORT },
		{ AF_PACKET, SOCK_DGRAM, 0, EAFNOSUPPORT },
		{ 38 /* AF_ALG */, SOCK_SEQPACKET, 0, EAFNOSUPPORT },
		{ 40 /* AF_VSOCK */, SOCK_STREAM, 0, EAFNOSUPPORT },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		int fd = socket(rows[i].family, rows[i].type, rows[i].protocol);
		int error = fd < 0 ? errno : 0;

		/* a machine without IPv6 */
		if (error != rows[i].error && rows[i].family != AF_INET6)
			return (int)i + 1;
		if (fd >= 0)
			(void)close(fd);
	}
	return 0;
}

static int try_terminal(void)
{
	char letter = 'x';

	if (ioctl(STDIN_FILENO, TIOCSTI, &letter) == 0 || errno != EPERM)
		return 1;
	if (ioctl(STDIN_FILENO, TIOCLINUX, &letter) == 0 || errno != EPERM)
		return 2;
	/* others work, or fail as they do */
	return ioctl(-1, TIOCGWINSZ, &letter) == 0 || errno != EBADF ? 3 : 0;
}

static void sockets_and_terminals(void **state)
{
	const struct child sockets = { .run = try_sockets };
	const struct child terminal = { .run = try_terminal,
					.may = AZF_MAY_EXECUTE };

	(void)state;
	if (is_valgrind())
		return;
	assert_int_equal(status_of(&sockets), 0);
	assert_int_equal(status_of(&terminal), 0);
}

static void *be_thread(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

/* What libraries do that resolve names and speak TLS. */
static int try_library(void)
{
	struct addrinfo *found;
	pthread_t thread;
	int ran = 0;

	if (pthread_create(&thread, NULL, be_thread, &ran) ||
	    pthread_join(thread, NULL) || !ran)
		return 1;
	if (getaddrinfo("localhost", "443", NULL, &found))
		return 2;
	freeaddrinfo(found);
	return 0;
}

static int try_program(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", "exit $(echo 7 | cat)",
			    NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
			       WEXITSTATUS(status) == 7 ?
		       0 :
		       1;
}

static void what_is_needed_works(void **state)
{
	const struct child library = { .run = try_library };
	const struct child program = { .run = try_program,
				       .may = AZF_MAY_EXECUTE };

	(void)state;
	assert_int_equal(status_of(&library), 0);
	assert_int_equal(status_of(&program), 0);
}

#ifdef __x86_64__
static int call_as_x32(void)
{
	(void)syscall(0x40000000L | SYS_getpid);
	return 0;
}

static int call_as_i386(void)
{
	long r = 20; /* getpid there */

	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	return 0;
}

static void other_architectures_end_it(void **state)
{
	const struct child x32 = { .run = call_as_x32 };
	const struct child i386 = { .run = call_as_i386 };
	int status;

	(void)state;
	if (is_valgrind())
		return;
	status = status_of(&x32);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	/* or the kernel has no such calls */
	status = status_of(&i386);
	assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS ||
					    WTERMSIG(status) == SIGSEGV));
}
#endif

/* ---- files ---- */

static char dir[] = "/tmp/test-sandbox-XXXXXX";
static char file[64], other[64], new[64];

static int make_files(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(file, sizeof(file), "%s/file", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
	(void)snprintf(new, sizeof(new), "%s/new", dir);
	return close(open(file, O_CREAT | O_WRONLY, 0600)) ||
	       close(open(other, O_CREAT | O_WRONLY, 0600));
}

static int remove_files(void **state)
{
	(void)state;
	return unlink(file) || unlink(other) || rmdir(dir);
}

/* Return: 0, or an errno. */
static int opens(const char *path, int flags)
{
	azf_autoclose int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : 0;
}

static int memory_opens(void)
{
	azf_autoclose int fd = memfd_create("test", MFD_CLOEXEC);
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd < 0 ? errno : opens(path, O_RDWR);
}

/* One bit for what works of each. */
enum {
	SYSTEM = 1,
	READ = 2,
	WRITE = 4,
	OTHER = 8,
	MAKE = 16,
};

static int what_works(void)
{
	int can = 0;

	if (opens("/etc/passwd", O_RDONLY) == 0 &&
	    opens("/usr/lib", O_RDONLY | O_DIRECTORY) == 0 &&
	    opens("/dev/urandom", O_RDONLY) == 0 && memory_opens() == 0)
		can |= SYSTEM;
	if (opens(file, O_RDONLY) == 0)
		can |= READ;
	if (opens(file, O_RDWR | O_APPEND) == 0 &&
	    opens(file, O_WRONLY | O_TRUNC) == 0)
		can |= WRITE;
	if (opens(other, O_WRONLY) == 0)
		can |= OTHER;
	if (opens(new, O_CREAT | O_WRONLY) == 0 || mkdir(new, 0700) == 0 ||
	    symlink("/", new) == 0 || rename(other, new) == 0 ||
	    unlink(other) == 0)
		can |= MAKE;
	return can;
}

static void only_what_is_given_is_read_and_written(void **state)
{
	const char *const read[] = { "/no/such/path", dir, NULL };
	const char *const all_files[] = { "/", NULL };
	const struct {
		struct child child;
		int want;
	} rows[] = {
		{ { .write = NULL }, SYSTEM },
		{ { .read = read }, SYSTEM | READ },
		{ { .read = all_files }, SYSTEM | READ },
		{ { .write = file }, SYSTEM | READ | WRITE },
		{ { .read = all_files, .write = file }, SYSTEM | READ | WRITE },
		{ { .write = dir }, SYSTEM | READ | WRITE | OTHER },
		{ { .write = "/no/such/path" }, SYSTEM },
	};

	(void)state;
	if (!has_landlock())
		return;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct child child = rows[i].child;
		int status;

		child.run = what_works;
		child.in_files = true;
		status = status_of(&child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_denied),
		cmocka_unit_test(sockets_and_terminals),
		cmocka_unit_test(what_is_needed_works),
#ifdef __x86_64__
		cmocka_unit_test(other_architectures_end_it),
#endif
		cmocka_unit_test(only_what_is_given_is_read_and_written),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
