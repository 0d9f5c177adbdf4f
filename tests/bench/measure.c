// SPDX-License-Identifier: MIT
/*
 * measure.c - what a program and all that it starts cost together.
 *
 * usage: measure time COMMAND...      prints microseconds of the clock, and of
 *                                     the processor, user and system; and how
 *                                     many page faults there were
 *        measure memory COMMAND...    prints KiB, the peak
 *
 * Memory is the pages that are mapped by any of the processes, each counted
 * once: a page of a library that two of them use, and one that fork() left
 * shared, is one page. One that the rest of the system uses too counts in full.
 * They are counted whenever one of the processes begins a system call: between
 * these memory only grows, and only in one of these it shrinks.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define PAGES_MAX     (1 << 18)
#define PAGE_SIZE     4096
#define PRESENT	      ((uint64_t)1 << 63)
#define FRAME_MASK    (((uint64_t)1 << 55) - 1)
#define OPTIONS                                                           \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
	 PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)

static pid_t processes[PROCESSES_MAX];
static size_t process_count;
static uint64_t pages[PAGES_MAX];
static size_t page_count;

static void __attribute__((noreturn)) die(const char *what)
{
	(void)fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(2);
}

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

static void add_range(FILE *pagemap, uint64_t start, uint64_t end)
{
	uint64_t entry;

	if (fseeko(pagemap, (off_t)(start / PAGE_SIZE * sizeof(entry)),
		   SEEK_SET))
		return;
	for (; start < end; start += PAGE_SIZE) {
		if (fread(&entry, sizeof(entry), 1, pagemap) != 1)
			return;
		if (!(entry & PRESENT))
			continue;
		if (page_count == PAGES_MAX)
			die("too many pages");
		pages[page_count++] = entry & FRAME_MASK;
	}
}

/* A process that has ended in the meantime has none. */
static void add_pages(pid_t pid)
{
	FILE *maps = open_proc(pid, "maps");
	FILE *pagemap = open_proc(pid, "pagemap");
	uint64_t start, end;
	char line[1024];

	while (maps && pagemap && fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "[v") && /* the kernel's own */
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2)
			add_range(pagemap, start, end);
	}
	if (maps)
		(void)fclose(maps);
	if (pagemap)
		(void)fclose(pagemap);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static long together_kib(void)
{
	long count = 0;

	page_count = 0;
	for (size_t i = 0; i < process_count; i++)
		add_pages(processes[i]);
	qsort(pages, page_count, sizeof(*pages), compare);
	for (size_t i = 0; i < page_count; i++)
		count += i == 0 || pages[i] != pages[i - 1];
	return count * (PAGE_SIZE / 1024);
}

static bool is_thread(pid_t pid)
{
	FILE *status = open_proc(pid, "status");
	char line[256];
	int group = pid;

	while (status && fgets(line, sizeof(line), status))
		(void)sscanf(line, "Tgid: %d", &group);
	if (status)
		(void)fclose(status);
	return group != pid;
}

static bool is_known(pid_t pid)
{
	for (size_t i = 0; i < process_count; i++) {
		if (processes[i] == pid)
			return true;
	}
	return false;
}

static void add_process(pid_t pid)
{
	if (is_known(pid) || is_thread(pid))
		return;
	if (process_count == PROCESSES_MAX)
		die("too many processes");
	processes[process_count++] = pid;
}

static void remove_process(pid_t pid)
{
	for (size_t i = 0; i < process_count; i++) {
		if (processes[i] == pid)
			processes[i--] = processes[--process_count];
	}
}

static void count(pid_t pid, long *peak)
{
	struct __ptrace_syscall_info info;
	long now;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	now = together_kib();
	if (now <= *peak)
		return;
	*peak = now;
	if (getenv("MEASURE_VERBOSE"))
		(void)fprintf(stderr, "%ld KiB, %zu processes, call %llu\n",
			      now, process_count,
			      (unsigned long long)info.entry.nr);
}

/* Return: the signal to go on with. */
static int on_stop(pid_t pid, int status, long *peak)
{
	int signal = WSTOPSIG(status);

	if (signal == (SIGTRAP | 0x80)) {
		count(pid, peak);
		return 0;
	}
	/* the first of a child, or an event */
	if (signal == SIGSTOP || status >> 16) {
		add_process(pid);
		return 0;
	}
	return signal;
}

static int follow(pid_t child, long *peak)
{
	int status, result = -1;
	pid_t pid;

	if (waitpid(child, &status, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS))
		die("ptrace");
	/* which is itself, until it is COMMAND */
	(void)ptrace(PTRACE_CONT, child, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			(void)ptrace(PTRACE_SYSCALL, pid, 0,
				     on_stop(pid, status, peak));
			continue;
		}
		remove_process(pid);
		if (pid == child)
			result = status;
	}
	return result;
}

static long long clock_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long time_us(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv)
{
	bool memory = argc > 2 && strcmp(argv[1], "memory") == 0;
	struct rusage usage = { 0 };
	long long began;
	long peak = 0;
	int status;
	pid_t pid;

	if (argc < 3 || (!memory && strcmp(argv[1], "time") != 0)) {
		(void)fprintf(stderr,
			      "usage: measure time|memory COMMAND...\n");
		return 2;
	}
	began = clock_us();
	/* fork() would add its own work to that of the child */
	pid = memory ? fork() : vfork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (memory &&
		    (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP)))
			die("ptrace");
		(void)execv(argv[2], argv + 2);
		_exit(127);
	}
	if (memory)
		status = follow(pid, &peak);
	else if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	if (status) {
		(void)fprintf(stderr, "measure: %s failed\n", argv[2]);
		return 1;
	}
	if (memory)
		return printf("%ld\n", peak) < 0;
	return printf("%lld %lld %ld\n", clock_us() - began,
		      time_us(usage.ru_utime) + time_us(usage.ru_stime),
		      usage.ru_minflt) < 0;
}
