/* SPDX-License-Identifier: MIT */
/*
 * refusal.h - from a service's refusal to one cause and one cure.
 *
 * Each endpoint has a const table of the refusals that are known of it. What
 * they have in common, failed connections above all, is in refusal.c.
 */
#ifndef AZF_REFUSAL_H
#define AZF_REFUSAL_H

#include "http.h"

struct azf_error;

/**
 * struct azf_refusal_row - one known refusal; a row without @cause ends a table
 * @status: of HTTP; 0 for any; enum azf_http_failure negated for none
 * @transient: may pass
 * @code: what the service's code must be, or NULL
 * @words: what must be in its text, or NULL. Texts are for people and may
 *	change, so behind each such row stands one without
 * @cause: with %h host, %i identity, %t tenant, %s status, %c code,
 *	%d the service's or libcurl's text, %n "7 seconds behind"
 * @cure: the same
 */
struct azf_refusal_row {
	int status;
	bool transient;
	const char *code;
	const char *words;
	const char *cause;
	const char *cure;
};

/**
 * struct azf_refusal - what came back, and what the texts talk about
 * @rows: of the endpoint
 * @answer: of the last attempt
 * @service: "the metadata service", for texts that rows have in common
 * @host: of the service
 * @identity: that a token was asked for, or ""
 * @tenant: or ""
 * @code: the service's error code, or ""
 * @text: the service's description, or ""; its first line is shown
 */
struct azf_refusal {
	const struct azf_refusal_row *rows;
	const struct azf_http_answer *answer;
	const char *service;
	const char *host;
	const char *identity;
	const char *tenant;
	const char *code;
	const char *text;
};

/* Return: -AZF_E_TRANSIENT or -AZF_E_MOUNT, with @err filled. */
int azf_refuse(const struct azf_refusal *refusal, struct azf_error *err);

/* The same with @code and @text from the JSON of a metadata service. */
int azf_refuse_metadata(const struct azf_refusal *refusal,
			struct azf_error *err);

#endif
