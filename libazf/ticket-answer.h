/* SPDX-License-Identifier: MIT */
/*
 * ticket-answer.h - what azfiles-credential answers for one host.
 *
 * It may be what an attacker chose. Fields come first, then an empty line, and
 * the bytes of the ccache, which nobody here looks into.
 */
#ifndef AZF_TICKET_ANSWER_H
#define AZF_TICKET_ANSWER_H

#include "state.h"

struct azf_error;
struct azf_log;

/* A longer answer is not one of ours. */
#define AZF_TICKET_ANSWER_MAX (256 * 1024)

/**
 * struct azf_ticket_answer - an answer taken apart
 * @fields: without secrets; to be freed by the caller
 * @ok: there is a ticket
 * @ccache: in the text that was read
 * @ccache_len: in bytes
 */
struct azf_ticket_answer {
	struct azf_fields fields;
	bool ok;
	const char *ccache;
	size_t ccache_len;
};

#define azf_autoanswer azf_cleanup(azf_ticket_answer_free)
static inline void azf_ticket_answer_free(struct azf_ticket_answer *answer)
{
	azf_fields_free(&answer->fields);
}

/**
 * azf_ticket_answer_read() - take an answer apart
 * @text: from its beginning to its end
 * @len: in bytes
 * @host: that was asked for; an answer for another is none
 * @ret_answer: starts as { 0 }
 *
 * Return: whether it is one.
 */
bool azf_ticket_answer_read(const char *text, size_t len, const char *host,
			    struct azf_ticket_answer *ret_answer) AZF_MUST_CHECK;

/**
 * azf_ticket_answer_is_whole() - whether an answer has come to its end
 * @text: from its beginning
 * @len: bytes that came so far
 *
 * Return: true also when it will never be one. An answer that does not say how
 * long it is ends with the program that writes it.
 */
bool azf_ticket_answer_is_whole(const char *text, size_t len);

/**
 * azf_ticket_answer_keep() - write what an answer says into a state directory
 * @state: whose lock the caller holds
 * @last: there is nothing to get another ticket with
 * @log: remarks
 * @ret_retry_after: seconds that the service wants us to wait; set on failure
 * @err: filled on failure, also that of the answer
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_ticket_answer_keep(const struct azf_ticket_answer *answer,
			   const struct azf_state *state, bool last,
			   const struct azf_log *log, uint64_t *ret_retry_after,
			   struct azf_error *err);

/* Say that a state directory cannot be written to. Return: -AZF_E_SYSTEM. */
int azf_ticket_cannot_write(const struct azf_state *state, int error,
			    struct azf_error *err);

#endif
