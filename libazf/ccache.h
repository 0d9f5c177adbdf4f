/* SPDX-License-Identifier: MIT */
/* ccache.h - a file of credentials with tickets for many servers. */
#ifndef AZF_CCACHE_H
#define AZF_CCACHE_H

#include "util.h"

#include <sys/types.h>

struct azf_error;

/* A larger file is not one. The cache of a person may hold many tickets. */
#define AZF_CCACHE_MAX (1024 * 1024)

/**
 * struct azf_ccache_ticket - what is known of one
 * @client: principal that it names us by
 * @server: principal that it is for
 * @realm: of @server
 * @flags: as Kerberos numbers them
 * @starts: seconds since 1970
 * @expires: the same
 * @renew_till: the same, or 0
 */
struct azf_ccache_ticket {
	char *client;
	char *server;
	char *realm;
	uint32_t flags;
	int64_t starts;
	int64_t expires;
	int64_t renew_till;
};
void azf_ccache_ticket_free(struct azf_ccache_ticket *ticket);

/* Tickets, and the principal that the file belongs to. */
struct azf_ccache;

#define azf_autoccache azf_cleanup(azf_ccache_free_pointer)
void azf_ccache_free(struct azf_ccache *ccache);
static inline void azf_ccache_free_pointer(struct azf_ccache **ccache)
{
	azf_ccache_free(*ccache);
}

/**
 * azf_ccache_read() - read a file of credentials
 * @fd: of a regular file, or of memory; it is opened again below /proc
 * @ret_ccache: on success to be given to azf_ccache_free(), which wipes it
 * @err: filled on failure
 *
 * Kerberos' library reads it: what a stranger wrote is not to be read as root.
 *
 * Return: 0, -AZF_E_MOUNT for a file that is no credential cache, or
 * -AZF_E_SYSTEM.
 */
int azf_ccache_read(int fd, struct azf_ccache **ret_ccache,
		    struct azf_error *err);

/* The same from memory. */
int azf_ccache_parse(const void *data, size_t len,
		     struct azf_ccache **ret_ccache, struct azf_error *err);

size_t azf_ccache_count(const struct azf_ccache *ccache);

/**
 * azf_ccache_ticket() - describe a ticket
 * @i: below azf_ccache_count()
 * @ret_ticket: on success to be given to azf_ccache_ticket_free()
 *
 * Return: false for what is no ticket to cifs/HOST; or out of memory.
 */
bool azf_ccache_ticket(const struct azf_ccache *ccache, size_t i,
		       struct azf_ccache_ticket *ret_ticket) AZF_MUST_CHECK;

/**
 * azf_ccache_find() - a ticket that works now
 * @host: the ticket is for cifs/@host, whatever the case
 * @now: seconds since 1970
 *
 * Return: its server as the ticket spells it, for the caller to free(); NULL
 * if there is none.
 */
char *azf_ccache_find(const struct azf_ccache *ccache, const char *host,
		      int64_t now) AZF_MUST_CHECK;

/**
 * azf_ccache_take() - take over the tickets of another cache
 * @from: left without tickets
 *
 * A ticket for the same server goes, whoever's it was. A cache with nothing
 * else in it becomes that of the principal of @from.
 *
 * Return: 0; -AZF_E_MOUNT when it belongs to another principal than @from;
 * -AZF_E_SYSTEM.
 */
int azf_ccache_take(struct azf_ccache *ccache, struct azf_ccache *from,
		    struct azf_error *err);

/* Drop the tickets for cifs/@host. Return: how many that were. */
size_t azf_ccache_drop(struct azf_ccache *ccache, const char *host);

/* Drop the tickets for cifs/HOST that have ended by @now. */
void azf_ccache_drop_expired(struct azf_ccache *ccache, int64_t now);

/* As azf_krb_ccache(): the file's content, to be given to azf_wipe_free(). */
unsigned char *azf_ccache_format(const struct azf_ccache *ccache,
				 size_t *ret_len);

/**
 * azf_ccache_default_path() - where the credentials of a user are by default
 * @uid: of the user
 *
 * As /etc/krb5.conf says, or else Kerberos itself. Reads no environment.
 *
 * Return: for the caller to free(); NULL when it is no file.
 */
char *azf_ccache_default_path(uid_t uid) AZF_MUST_CHECK;

#endif
