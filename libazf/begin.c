// SPDX-License-Identifier: MIT
/* begin.c - what a program of ours does before all else. */
#include "begin.h"

#include "secret.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * With O_PATH what is closed stays as good as closed, EBADF included, but the
 * number is taken. Children inherit it.
 */
static void take_standard_files(void)
{
	int fd;

	do
		fd = open("/", O_PATH);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

void azf_begin(void)
{
	take_standard_files();
	(void)signal(SIGCHLD, SIG_DFL);
	(void)umask(022);
	azf_secret_close_memory();
}
