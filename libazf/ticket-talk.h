/* SPDX-License-Identifier: MIT */
/*
 * ticket-talk.h - one azfiles-credential for many tickets of one identity.
 *
 * What costs most is that it starts and that it gets a token, which serves all
 * hosts. It is never asked for another identity: what a server may have made of
 * it must not see what that one proves itself with.
 */
#ifndef AZF_TICKET_TALK_H
#define AZF_TICKET_TALK_H

#include "fields.h"
#include "run.h"

/**
 * struct azf_ticket_talk - an azfiles-credential that waits for another host
 * @program: that runs, if one does
 * @request: what it was asked first, and then with other hosts
 * @last_ms: of azf_now_ms(); what is asked later is asked another one
 */
struct azf_ticket_talk {
	struct azf_talk program;
	struct azf_fields request;
	int64_t last_ms;
};

#define AZF_TICKET_TALK_NONE \
	((struct azf_ticket_talk){ .program = AZF_TALK_NONE })

/**
 * azf_ticket_talk() - ask for one more ticket
 * @talk: goes on if it is one of that identity, else a new one is begun, by
 *	systemd if it offers that
 * @request: fields; "host" is the one
 * @program: @output, @size and @timeout_ms count; gets one answer
 * @ret_len: length of the answer
 *
 * Return: as azf_talk().
 */
int azf_ticket_talk(struct azf_ticket_talk *talk, struct azf_fields *request,
		    struct azf_program *program,
		    size_t *ret_len) AZF_MUST_CHECK;

void azf_ticket_talk_end(struct azf_ticket_talk *talk);

#endif
