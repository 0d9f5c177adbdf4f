// SPDX-License-Identifier: MIT
/* ticket-talk.c - one azfiles-credential for many tickets of one identity. */
#include "ticket-talk.h"

#include "ticket-answer.h"
#include "wipe.h"

#include <errno.h>

/* With the last answer, it ends before systemd's patience does. */
#define TALK_MS 40000

void azf_ticket_talk_end(struct azf_ticket_talk *talk)
{
	azf_talk_end(&talk->program);
	azf_fields_free(&talk->request);
}

/* Whether it runs, and but for the host it was asked the same. */
static bool goes_on(struct azf_ticket_talk *talk,
		    const struct azf_fields *request, const char *host)
{
	return talk->program.fd >= 0 && azf_now_ms() < talk->last_ms &&
	       azf_fields_set(&talk->request, "host", host) == 0 &&
	       azf_fields_equal(&talk->request, request);
}

/* With a newline behind it, which makes an empty line behind fields. */
static int say(struct azf_ticket_talk *talk, const char *text,
	       struct azf_program *program, size_t *ret_len)
{
	azf_autofree char *line = NULL;
	int len = asprintf(&line, "%s\n", text);

	if (len < 0) {
		line = NULL;
		return -ENOMEM;
	}
	program->input = line;
	program->input_len = (size_t)len;
	program->is_whole = azf_ticket_answer_is_whole;
	return azf_talk(&talk->program, program, ret_len);
}

static int begin(struct azf_ticket_talk *talk)
{
	static const char *const argv[] = { AZF_CREDENTIAL, NULL };
	int r = azf_talk_served(AZF_CREDENTIAL_SOCKET, &talk->program);

	talk->last_ms = azf_now_ms() + TALK_MS;
	return r == -ENOENT || r == -ECONNREFUSED ?
		       azf_talk_begin(argv, &talk->program) :
		       r;
}

static int ask_anew(struct azf_ticket_talk *talk,
		    const struct azf_fields *request,
		    struct azf_program *program, size_t *ret_len)
{
	size_t len;
	char *text = azf_fields_format(request, &len);
	int r;

	azf_ticket_talk_end(talk);
	if (!text)
		return -ENOMEM;
	r = azf_fields_parse(text, len, &talk->request, NULL);
	if (r == 0)
		r = begin(talk);
	if (r == 0)
		r = say(talk, text, program, ret_len);
	azf_wipe_free(text);
	return r;
}

static int ask(struct azf_ticket_talk *talk, const struct azf_fields *request,
	       const char *host, struct azf_program *program, size_t *ret_len)
{
	if (goes_on(talk, request, host)) {
		int r = say(talk, host, program, ret_len);

		/* unless it had ended by itself before */
		if (*ret_len || (r && r != -EPIPE && r != -ECONNRESET))
			return r;
	}
	return ask_anew(talk, request, program, ret_len);
}

int azf_ticket_talk(struct azf_ticket_talk *talk, struct azf_fields *request,
		    struct azf_program *program, size_t *ret_len)
{
	azf_autoanswer struct azf_ticket_answer answer = { .ok = false };
	const char *host = azf_fields_get(request, "host");
	int r = host ? azf_fields_set(request, "more", "1") : -EINVAL;

	*ret_len = 0;
	if (r == 0)
		r = ask(talk, request, host, program, ret_len);
	/* nobody knows what else it would say */
	if (r ||
	    !azf_ticket_answer_read(program->output, *ret_len, host, &answer))
		azf_ticket_talk_end(talk);
	return r;
}
