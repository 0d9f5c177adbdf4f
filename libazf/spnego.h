/* SPDX-License-Identifier: MIT */
/* spnego.h - what a server of SMB wants to see instead of a password. */
#ifndef AZF_SPNEGO_H
#define AZF_SPNEGO_H

#include "util.h"

#include <sys/types.h>

struct azf_error;

/* SMB's session setup counts the bytes of a token in 16 bits. */
#define AZF_SPNEGO_TOKEN_MAX 65535
#define AZF_SPNEGO_KEY_MAX   64

/**
 * struct azf_spnego - an answer to a server, and what both then know
 * @token_len: of @token in bytes
 * @key_len: of @key in bytes
 * @key: of the session: a secret
 * @token: for the server
 */
struct azf_spnego {
	size_t token_len;
	size_t key_len;
	unsigned char key[AZF_SPNEGO_KEY_MAX];
	unsigned char token[AZF_SPNEGO_TOKEN_MAX];
};

/* Whose ticket is used, and for whom. */
struct azf_spnego_request {
	/* open for reading: a FILE credential cache; not closed. Or -1: the
	 * caches that libkrb5 finds for the user @uid, as that user, with the
	 * KRB5CCNAME of the process @pid if it is the user's
	 */
	int ccache_fd;
	uid_t uid;
	pid_t pid;
	/* cifs/HOST@REALM, as in the ticket; or NULL: it is cifs/@host, in the
	 * realm of the ticket that the cache holds. Without one it is in the
	 * realm that Kerberos' own configuration says, and a ticket may be got
	 * over the network; but not with @cached
	 */
	const char *server;
	const char *host;
	bool cached;
	int timeout_ms;
};

/**
 * azf_spnego_make() - make the one token that an SMB server needs
 * @ret_answer: on success to be given to azf_spnego_release(); neither swapped
 *	out nor dumped
 * @err: filled on failure
 *
 * With @ccache_fd -1, @err tells what is wrong with the user's tickets, but not
 * who that user is.
 *
 * Works in a child without privileges, since a credential cache is made of what
 * a server once sent, and Kerberos' libraries read it. With @server or @cached
 * neither krb5.conf nor DNS has a say, and nothing goes over the network.
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_spnego_make(const struct azf_spnego_request *request,
		    struct azf_spnego **ret_answer, struct azf_error *err);
void azf_spnego_release(struct azf_spnego *answer);

#endif
