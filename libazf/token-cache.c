// SPDX-License-Identifier: MIT
/* token-cache.c - under which name a token is kept, and how it is forgotten. */
#include "azf-private.h"
#include "cloud.h"
#include "drop.h"
#include "inputs.h"
#include "keyring.h"
#include "token.h"

#include <errno.h>
#include <sys/wait.h>

/* Of one identity there may be one token in each cloud. */
char *azf_token_name(const char *what, const char *tag, const char *host)
{
	size_t account_len;
	bool private_link;
	const struct azf_cloud *cloud = azf_cloud_find(host, &account_len,
						       &private_link);
	char *name;

	if (asprintf(&name, "%s:%s@%s", what, tag,
		     cloud ? cloud->name : "AzureCloud") < 0)
		return NULL;
	return name;
}

/* Keyrings belong to users: only as that one it can be reached. */
static void __attribute__((noreturn)) forget_as_user(const char *name)
{
	struct azf_error err = { 0 };

	if (azf_drop(AZF_DROP_USER, NULL, &err))
		_exit(EXIT_FAILURE);
	azf_keyring_forget(name);
	_exit(EXIT_SUCCESS);
}

void azf_token_forget(const char *tag, const char *host)
{
	azf_autofree char *name = azf_token_name("token", tag, host);
	azf_autofree char *lock = NULL;
	pid_t pid;

	if (!name)
		return;
	pid = fork();
	if (pid == 0)
		forget_as_user(name);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* who holds it gets a token of its own, and nobody waits for it */
	if (asprintf(&lock, AZF_TOKEN_LOCK_DIR "/%s", tag) < 0)
		lock = NULL;
	else
		(void)unlink(lock);
}
