/* SPDX-License-Identifier: MIT */
/* run.h - run a program, hand it a text, and read what it answers. */
#ifndef AZF_RUN_H
#define AZF_RUN_H

#include "util.h"

#include <sys/types.h>

#ifndef AZF_LIBEXECDIR
#define AZF_LIBEXECDIR "/usr/libexec/azfiles"
#endif
#define AZF_CREDENTIAL	      AZF_LIBEXECDIR "/azfiles-credential"
/* Where systemd runs it for others: azfiles-credential.socket. */
#define AZF_CREDENTIAL_SOCKET "/run/azfiles-credential.socket"

/* What a pipe holds. */
#define AZF_RUN_INPUT_MAX 65536

/**
 * struct azf_program - a program to run, and what it is handed
 * @argv: ends with NULL; argv[0] is an absolute path, and is executed directly.
 *	Everybody can read it in ps
 * @input: what it reads from its standard input
 * @input_len: in bytes, at most AZF_RUN_INPUT_MAX
 * @output: gets what it writes
 * @size: of @output; more than that is an error
 * @complaint: gets the last line that it writes to standard error, NUL
 *	terminated; NULL lets it write to ours
 * @complaint_size: of @complaint
 * @timeout_ms: it is killed after so many milliseconds
 * @is_whole: whether no more is to be waited for; NULL: it writes until it ends
 */
struct azf_program {
	const char *const *argv;
	const char *input;
	size_t input_len;
	char *output;
	size_t size;
	char *complaint;
	size_t complaint_size;
	int timeout_ms;
	bool (*is_whole)(const char *output, size_t len);
};

/**
 * azf_run() - run a program with a text on its standard input
 * @program: gets an empty environment but for PATH, and no descriptor but 0, 1
 *	and 2
 * @ret_len: length of what it wrote
 *
 * Return: 0 when it ended with status 0; -ENOENT, -ETIMEDOUT, -EFBIG, -EPROTO
 * when it ended otherwise, or another errno negated.
 */
int azf_run(const struct azf_program *program, size_t *ret_len) AZF_MUST_CHECK;

/**
 * azf_run_served() - have systemd run a program for us
 * @path: of a socket whose connections become the standard input and
 *	output of a new process
 * @program: without @argv and @complaint
 * @ret_len: length of what it wrote; nothing if it failed
 *
 * For a process that may not do itself what the program does.
 *
 * Return: 0; -ENOENT or -ECONNREFUSED when nobody listens; -ETIMEDOUT, -EFBIG,
 * or another errno negated.
 */
int azf_run_served(const char *path, const struct azf_program *program,
		   size_t *ret_len) AZF_MUST_CHECK;

/**
 * struct azf_talk - a program that is asked more than once
 * @fd: a socket, its standard input and output; -1 when there is none
 * @pid: 0 when somebody else runs it
 */
struct azf_talk {
	int fd;
	pid_t pid;
};

#define AZF_TALK_NONE ((struct azf_talk){ .fd = -1 })

/**
 * azf_talk_begin() - start a program as azf_run() does, but for the pipes
 * @argv: as in struct azf_program
 * @ret_talk: filled on success
 *
 * Return: 0, -ENOENT, or another errno negated.
 */
int azf_talk_begin(const char *const *argv,
		   struct azf_talk *ret_talk) AZF_MUST_CHECK;

/* The same as for azf_run_served(), with what that returns. */
int azf_talk_served(const char *path, struct azf_talk *ret_talk) AZF_MUST_CHECK;

/**
 * azf_talk() - say something, and read what is answered to it
 * @program: without @argv and @complaint; with @is_whole
 * @ret_len: length of the answer; one that is not whole is the last
 *
 * Return: 0; -ETIMEDOUT, -EFBIG, -EPIPE when it has ended, or said something
 * that it was not asked for; or another errno negated. Then all that is left is
 * azf_talk_end().
 */
int azf_talk(struct azf_talk *talk, const struct azf_program *program,
	     size_t *ret_len) AZF_MUST_CHECK;

/* Nothing more is said; whatever does not end then is killed. */
void azf_talk_end(struct azf_talk *talk);

#endif
