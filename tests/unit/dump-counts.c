// SPDX-License-Identifier: MIT
/*
 * dump-counts.c - the counts of children that end by _exit(2), see
 * tests/coverage.
 *
 * One that may not write files has a limit that it can lift again for them: no
 * other limit is as hard for it as it was meant.
 */
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

void __gcov_dump(void);
/* of tests/inject, where that is */
void inject_disarm(void) __attribute__((weak));
int __real_setrlimit(int resource, const struct rlimit *limit);
int __wrap_setrlimit(int resource, const struct rlimit *limit);
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
