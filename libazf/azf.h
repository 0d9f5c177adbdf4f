/* SPDX-License-Identifier: MIT */
/*
 * azf.h - mount Azure Files shares, and keep the tickets for them.
 *
 * All that is here is for root. Functions may be called by several threads at
 * once. They print nothing, never exit, and leave the working directory, the
 * umask, the environment and what signals do as they are. They do start
 * processes and wait for them, each by its number: whoever has SIGCHLD ignored,
 * or waits for any child there is, takes the result away from them. libazf(3)
 * has the rest.
 */
#ifndef AZF_H
#define AZF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AZF_VERSION "0.1.0"

/**
 * enum azf_code - what kind of failure it was
 *
 * Functions return 0, or one of these negated. They begin above every errno,
 * so that the two can never be mixed up. azf_exit_status() maps each to the
 * exit status that mount(8) documents.
 */
enum azf_code {
	AZF_E_USAGE = 5000, /* bad source, option or caller: exit 1 */
	AZF_E_SYSTEM,	    /* out of memory, cannot fork, …: exit 2 */
	AZF_E_INTERRUPTED,  /* a signal ended the wait: exit 8 */
	AZF_E_MOUNT,	    /* the mount failed, and will again: exit 32 */
	AZF_E_TRANSIENT,    /* the mount failed, but may work later: exit 32 */
};

/**
 * struct azf_error - one failure, as a person should read it
 * @code: enum azf_code, or 0 when nothing failed
 * @cause: one cause, a clause without a capital or full stop
 * @cure: what to do about it, one or more sentences; may be empty
 *
 * Neither text ever holds a secret or a control character.
 */
struct azf_error {
	enum azf_code code;
	char cause[512];
	char cure[512];
};

/* The exit status that mount(8) documents for a code. */
int azf_exit_status(enum azf_code code);

enum azf_level {
	AZF_DEBUG, /* what -v shows */
	AZF_INFO,  /* worth a line in the journal */
	AZF_WARN,  /* works, but should be changed */
};

/**
 * struct azf_log - where the library's remarks go
 * @fn: called with a line without a newline; never with a secret
 * @arg: handed to @fn
 */
struct azf_log {
	void (*fn)(void *arg, enum azf_level level, const char *text);
	void *arg;
};

/* Of azf_share_umount(). */
enum azf_umount_flag {
	AZF_UMOUNT_LAZY = 1, /* detach it now, end it when nobody uses it */
};

/**
 * azf_share_mount() - mount an SMB share
 * @source: //HOST/SHARE[/PATH], as in mount.azfiles(8)
 * @target: the mount point, an absolute path
 * @options: as behind -o, separated by commas; NULL for none. The caller wipes
 *	what it put into it
 * @log: remarks; or NULL
 * @err: filled on failure; or NULL
 *
 * Blocks while the kernel connects and, with retry=SECONDS among the options,
 * between attempts; else it tries once. The mount does not appear in utab. The
 * children that it starts look up names and run azfiles-credential.
 *
 * Return: 0 when the share is mounted at the target, or an enum azf_code
 * negated.
 */
int azf_share_mount(const char *source, const char *target, const char *options,
		    const struct azf_log *log, struct azf_error *err);

/**
 * azf_share_umount() - unmount an SMB share
 * @target: where azf_share_mount(), or mount(8), mounted it
 * @flags: of enum azf_umount_flag, or 0
 * @err: filled on failure; or NULL
 *
 * Of several mounts at one place the last goes away. What is no SMB mount is
 * left alone. Starts no process.
 *
 * Return: 0; -AZF_E_TRANSIENT when it is in use; -AZF_E_MOUNT when no share is
 * mounted there; -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_share_umount(const char *target, unsigned int flags,
		     struct azf_error *err);

/**
 * azf_ticket_set() - get a Kerberos ticket now, and keep it until it is cleared
 * @host: of the storage account, as ACCOUNT.file.core.windows.net; the name of
 *	a private link means the same
 * @options: those of a mount, of which identity= and what belongs to it count
 * @token: an access token for https://storage.azure.com, for "identity=token"
 *	without token_file=; else NULL. Not kept: the ticket works until its
 *	end. The caller wipes it
 * @log: remarks; or NULL
 * @err: filled on failure; or NULL
 *
 * A mount with the same identity finds the ticket, and so does the kernel. A
 * ticket that is there already is replaced; on failure it stays. Blocks for
 * about a minute at most. Runs azfiles-credential, in a process of its own.
 *
 * Return: 0; -AZF_E_TRANSIENT when it may work later; -AZF_E_MOUNT,
 * -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_ticket_set(const char *host, const char *options, const char *token,
		   const struct azf_log *log, struct azf_error *err);

/**
 * azf_ticket_clear() - forget tickets, and the access tokens of their identities
 * @host: as for azf_ticket_set(); its name may also be no name of Azure
 * @tag: of struct azf_ticket; NULL for all tickets of the host
 * @log: a warning for each mount that uses one of them; or NULL
 * @err: filled on failure; or NULL
 *
 * Waits for whoever gets the ticket at the moment, for about a minute at most.
 * Runs azfiles-credential.
 *
 * Return: how many were forgotten, which may be 0; -AZF_E_USAGE, or
 * -AZF_E_SYSTEM.
 */
int azf_ticket_clear(const char *host, const char *tag,
		     const struct azf_log *log, struct azf_error *err);

/**
 * struct azf_ticket - a host, an identity, and the ticket that it has there
 * @host: canonical, in lower case
 * @tag: names the identity; the mount's username=
 * @kind: of the identity: system, client, resource, workload, sp, token, exec;
 *	"" when that cannot be read
 * @name: what belongs to the kind: client id, resource id, path of the token or
 *	the program; NULL for system, and for a token that was handed over
 * @server: principal that the ticket is for; NULL without a ticket, as
 *	@principal
 * @principal: that it names us by
 * @ccache: path of the file that the ticket is in; it may not be there
 * @renew: seconds since 1970, from when on it is replaced; 0 without a ticket,
 *	as @expires
 * @expires: when it ends; it may have ended
 * @kept: azf_ticket_set() got it: it stays until it is cleared
 * @renewable: another can be got without somebody handing over a token
 * @failed: when the last attempt to get a ticket failed; 0 when it did not
 * @failure: why; its code is 0 when it did not
 */
struct azf_ticket {
	char *host;
	char *tag;
	char *kind;
	char *name;
	char *server;
	char *principal;
	char *ccache;
	int64_t renew;
	int64_t expires;
	bool kept;
	bool renewable;
	int64_t failed;
	struct azf_error failure;
};

/**
 * azf_ticket_list() - what tickets there are
 * @ret_list: on success pointers to @ret_count tickets, and a NULL, ordered by
 *	host and tag; to be given to azf_ticket_list_free()
 * @ret_count: how many; or NULL
 * @err: filled on failure; or NULL
 *
 * Nobody is asked but the file system. Later versions may add to the end of
 * struct azf_ticket. Starts no process.
 *
 * Return: 0, -AZF_E_USAGE for others than root, or -AZF_E_SYSTEM.
 */
int azf_ticket_list(struct azf_ticket ***ret_list, size_t *ret_count,
		    struct azf_error *err);
void azf_ticket_list_free(struct azf_ticket **list);

#ifdef __cplusplus
}
#endif

#endif
