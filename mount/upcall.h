/* SPDX-License-Identifier: MIT */
/* upcall.h - what the two files of azfiles.upcall share. */
#ifndef AZF_UPCALL_H
#define AZF_UPCALL_H

#include "keydesc.h"
#include "state.h"

struct azf_error;
struct azf_spnego;

/* How long Kerberos may take. */
#define UPCALL_GSS_MS 15000

/**
 * struct question - one run of us
 * @key: its number
 * @text: its description
 * @desc: taken apart; without a host if that could not be done
 * @host: in lower case, without "privatelink"; NULL if it is not understood
 * @state: of the identity that is asked for
 * @quiet: it was said a moment ago
 */
struct question {
	int32_t key;
	char text[AZF_KEYDESC_MAX];
	struct azf_keydesc desc;
	char *host;
	struct azf_state state;
	bool quiet;
};

/* Hand over the answer. Return: 0 or -AZF_E_SYSTEM. */
int upcall_instantiate(const struct question *question,
		       const struct azf_spnego *answer, struct azf_error *err);

/* Tell the kernel that there is no answer, without a word to the log. */
void upcall_reject(const struct question *question);

/* A line of the log. */
void upcall_say(const struct question *question, int priority,
		const char *text);

/* Likewise: a cause and a cure. */
void upcall_say_error(const struct question *question,
		      const struct azf_error *err);

/* ---- upcall-user.c ---- */

/**
 * upcall_answer_as_user() - answer with the tickets of the user who asks
 * @question: its @creduid counts
 * @remember: the host is one of ours: why there are no tickets is kept beside
 *	the machine's, and said once
 *
 * Return: the exit status.
 */
int upcall_answer_as_user(const struct question *question, bool remember);

/**
 * upcall_answered_from_cache() - answer with a ticket for this very host
 *
 * One that somebody has put into the user's file of credentials, as
 * azfilesauthmanager does: old versions of cifs.upcall want a ticket granting
 * ticket besides, and newer ones read the same file.
 *
 * Return: whether that was the answer.
 */
bool upcall_answered_from_cache(const struct question *question);

#endif
