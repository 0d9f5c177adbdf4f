// SPDX-License-Identifier: MIT
/*
 * dump-counts.c - the counts of children that end by _exit(2), see
 * tests/coverage.
 *
 * One that may not write files has a limit that it can lift again for them: no
 * other limit is as hard for it as it was meant.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where they are; tests/coverage knows the whole path. */
#ifndef COUNTS
#define COUNTS "build/coverage"
#endif

void __gcov_dump(void);
/* of tests/inject, where that is */
void inject_disarm(void) __attribute__((weak));
int __real_setrlimit(int resource, const struct rlimit *limit);
int __wrap_setrlimit(int resource, const struct rlimit *limit);
int __real_kill(pid_t pid, int number);
int __wrap_kill(pid_t pid, int number);
void __real_azf_sandbox_files(const char *const *read, const char *write)
	__attribute__((weak));
void __wrap_azf_sandbox_files(const char *const *read, const char *write);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

/* Also of those that end otherwise. */
__attribute__((destructor)) static void may_write(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (inject_disarm)
		inject_disarm();
	(void)__real_setrlimit(RLIMIT_FSIZE, &all);
}

void __wrap__exit(int status)
{
	may_write();
	__gcov_dump();
	__real__exit(status);
}

int __wrap_setrlimit(int resource, const struct rlimit *limit)
{
	struct rlimit soft = *limit;

	if (resource == RLIMIT_FSIZE)
		soft.rlim_max = RLIM_INFINITY;
	return __real_setrlimit(resource, &soft);
}

/* One that has said what it had to say is about to write its counts. */
int __wrap_kill(pid_t pid, int number)
{
	siginfo_t info = { .si_pid = 0 };

	for (int i = 0; number == SIGKILL && pid > 0 && i < 50; i++) {
		if (waitid(P_PID, (id_t)pid, &info,
			   WEXITED | WNOHANG | WNOWAIT) ||
		    info.si_pid)
			break;
		(void)usleep(10000);
	}
	return __real_kill(pid, number);
}

/* One that may write somewhere has no second place for its counts. */
void __wrap_azf_sandbox_files(const char *const *read, const char *write)
{
	if (!write)
		__real_azf_sandbox_files(read, COUNTS);
}
