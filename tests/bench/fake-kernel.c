// SPDX-License-Identifier: MIT
/*
 * fake-kernel.c - what of the kernel a benchmark cannot have: mount(2) of cifs,
 * and the key that its upcall answers. LD_PRELOAD puts it into our programs and
 * into those of cifs-utils.
 *
 * As in the kernel, a mount with sec=krb5 begins with an upcall, and waits for
 * it. AZF_BENCH_UPCALL names the program.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of cifs in Linux 6.1, see fs/smb/client/cifs_spnego.c. */
#define DESCRIPTION                                                 \
	"cifs.spnego;0;0;39010000;ver=0x2;"                         \
	"host=acct1.file.core.windows.net;ip4=10.77.0.11;sec=krb5;" \
	"uid=0x0;creduid=0x0;user=system;pid=0x1"

/* struct cifs_spnego_msg */
struct message {
	uint32_t version;
	uint32_t flags;
	uint32_t key_len;
	uint32_t token_len;
};

int mount(const char *source, const char *target, const char *type,
	  unsigned long flags, const void *data);
int keyctl_describe(int32_t key, char *buffer, size_t size);
long keyctl_instantiate(int32_t key, const void *payload, size_t len,
			int32_t keyring);
long keyctl_reject(int32_t key, unsigned int timeout, unsigned int error,
		   int32_t keyring);
int keyctl_describe_alloc(int32_t key, char **ret_buffer);
long keyctl_negate(int32_t key, unsigned int timeout, int32_t keyring);

static int ask(void)
{
	char program[] = "azfiles.upcall", key[] = "1";
	char *const arguments[] = { program, key, NULL };
	const char *path = getenv("AZF_BENCH_UPCALL");
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execv(path, arguments);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		errno = ENOKEY;
		return -1;
	}
	return 0;
}

int mount(const char *source, const char *target, const char *type,
	  unsigned long flags, const void *data)
{
	(void)source;
	(void)target;
	(void)flags;
	return type && strstr(data, "sec=krb5") ? ask() : 0;
}

int keyctl_describe(int32_t key, char *buffer, size_t size)
{
	(void)key;
	if (size >= sizeof(DESCRIPTION))
		memcpy(buffer, DESCRIPTION, sizeof(DESCRIPTION));
	return (int)sizeof(DESCRIPTION);
}

long keyctl_instantiate(int32_t key, const void *payload, size_t len,
			int32_t keyring)
{
	const struct message *message = payload;

	(void)key;
	(void)keyring;
	if (len > sizeof(*message) && message->version == 2 &&
	    message->key_len && message->token_len &&
	    /* that of cifs.upcall ends with some more bytes */
	    len >= sizeof(*message) + message->key_len + message->token_len)
		return 0;
	errno = EINVAL;
	return -1;
}

long keyctl_reject(int32_t key, unsigned int timeout, unsigned int error,
		   int32_t keyring)
{
	(void)key;
	(void)timeout;
	(void)keyring;
	(void)fprintf(stderr, "the upcall rejects the key: %s\n",
		      strerror((int)error));
	return 0;
}

/* What cifs.upcall calls in their place. */
int keyctl_describe_alloc(int32_t key, char **ret_buffer)
{
	(void)key;
	*ret_buffer = strdup(DESCRIPTION);
	return *ret_buffer ? (int)strlen(*ret_buffer) : -1;
}

long keyctl_negate(int32_t key, unsigned int timeout, int32_t keyring)
{
	(void)keyctl_reject(key, timeout, ENOKEY, keyring);
	/* so that whoever waits for it learns of it */
	_exit(1);
}
