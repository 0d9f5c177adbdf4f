/* SPDX-License-Identifier: MIT */
/* credential-job.h - what azfiles-credential is asked for, and answers. */
#ifndef AZF_CREDENTIAL_JOB_H
#define AZF_CREDENTIAL_JOB_H

#include "azf-private.h"
#include "config.h"
#include "fields.h"
#include "http.h"
#include "inputs.h"
#include "keytab.h"
#include "krbcred.h"
#include "token.h"

struct azf_cloud;

/**
 * struct credential_job - one request, and what it takes
 * @http: NULL before the first request
 * @given: a token that the caller hands over, in the request; or NULL
 * @given_len: in bytes
 * @token: in memory of azf_secret_alloc(); NULL before it is needed
 * @cloud: that @token was asked for in, if @asked
 * @asked: there is a token, or @no_token says why not
 * @cached: the token came from the cache
 * @host: the one whose turn it is
 * @more: others follow
 * @patience_ms: that there is for each
 * @deadline_ms: of azf_now_ms(), for this one
 * @keytab: of identity=keytab
 * @skew: seconds that our clock is ahead of a KDC's
 * @found: what a probe found out
 */
struct credential_job {
	struct azf_fields request;
	struct azf_config config;
	struct azf_inputs inputs;
	struct azf_http *http;
	char *given;
	size_t given_len;
	struct azf_token *token;
	const struct azf_cloud *cloud;
	bool asked;
	bool cached;
	struct azf_error no_token;
	const char *host;
	bool more;
	int64_t patience_ms;
	int64_t deadline_ms;
	struct azf_keytab keytab;
	int64_t skew;
	struct azf_fields found;
};

/* Say that a request "the request @what". Return: -AZF_E_USAGE. */
int credential_bad_request(struct azf_error *err, const char *what);

/* Whether it is for a keytab's tickets. */
bool credential_has_keytab(const struct credential_job *job);

/**
 * credential_read_request() - read a request from the standard input
 * @job: starts as { 0 }; what is said of time-outs goes into its @config later
 *
 * Up to the end, or to the empty line when hosts follow it.
 *
 * Return: 0 or -AZF_E_USAGE.
 */
int credential_read_request(struct credential_job *job, struct azf_error *err);

/* What a request says of time-outs wins over azfiles.conf, whose ranges they
 * have. */
int credential_take_timeouts(struct credential_job *job, struct azf_error *err);

/**
 * credential_next_host() - wait for another host to get a ticket for
 *
 * Return: whether @job is for another one now.
 */
bool credential_next_host(struct credential_job *job) AZF_MUST_CHECK;

/**
 * credential_answer() - write an answer to the standard output
 * @krbcred: a ticket, if there is one
 * @err: or why there is none; with code 0: there is one
 *
 * Return: 0, or an errno negated.
 */
int credential_answer(const struct credential_job *job,
		      const struct azf_krbcred *krbcred,
		      const struct azf_error *err) AZF_MUST_CHECK;

#endif
