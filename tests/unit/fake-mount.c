// SPDX-License-Identifier: MIT
/*
 * fake-mount.c - mount(2) for tests: it records, and answers as it was told.
 *
 * AZF_TEST_RECORD names a file to which each call adds the lines source=,
 * target=, type=, flags= (hexadecimal), data= and namespace=. AZF_TEST_ERRNO is
 * a list such as "111,111,0": the errno of each call, the last one for all
 * further ones; without it every call succeeds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);

/* What a link in /proc/self/fd stands for; any other path is itself. */
static const char *path_of(const char *target, char *buffer, size_t size)
{
	ssize_t len = -1;

	if (strncmp(target, "/proc/self/fd/", 14) == 0)
		len = readlink(target, buffer, size - 1);
	if (len < 0)
		return target;
	buffer[len] = '\0';
	return buffer;
}

static void record(const char *source, const char *target, const char *type,
		   unsigned long flags, const char *data)
{
	const char *path = getenv("AZF_TEST_RECORD");
	FILE *file = path ? fopen(path, "ae") : NULL;
	char namespace[64] = "", place[4096];

	if (!file)
		return;
	(void)!readlink("/proc/self/ns/mnt", namespace, sizeof(namespace) - 1);
	(void)fprintf(file,
		      "source=%s\ntarget=%s\ntype=%s\nflags=%#lx\ndata=%s\n"
		      "namespace=%s\n",
		      source, path_of(target, place, sizeof(place)), type,
		      flags, data, namespace);
	(void)fclose(file);
}

/* The word of the list that belongs to this call. */
static int answer(unsigned int call)
{
	const char *list = getenv("AZF_TEST_ERRNO");

	if (!list)
		return 0;
	for (; call && strchr(list, ','); call--)
		list = strchr(list, ',') + 1;
	return (int)strtol(list, NULL, 10);
}

int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	static unsigned int calls;

	/* a change of propagation, in a name space that nobody else sees */
	if (!type)
		return 0;
	record(source, target, type, flags, data);
	errno = answer(calls++);
	return errno ? -1 : 0;
}
