// SPDX-License-Identifier: MIT
/*
 * dump-counts.c - the counts of children that end by _exit(2), see
 * tests/coverage.
 *
 * Those that have no privileges may not write any file.
 */
#include <unistd.h>

void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
	if (geteuid() == 0)
		__gcov_dump();
	__real__exit(status);
}
