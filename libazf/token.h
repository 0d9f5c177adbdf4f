/* SPDX-License-Identifier: MIT */
/* token.h - an access token for storage, from any kind of identity. */
#ifndef AZF_TOKEN_H
#define AZF_TOKEN_H

#include "fields.h"
#include "http.h"

struct azf_config;
struct azf_error;
struct azf_inputs;

/*
 * What tokens are asked for, https://storage.azure.com, as it stands in queries
 * and forms. A slash at its end makes another audience, which the storage
 * service refuses (learn.microsoft.com, files-managed-identities).
 */
#define AZF_TOKEN_RESOURCE "https%3A%2F%2Fstorage.azure.com"

#define AZF_TOKEN_MAX 16384

/**
 * struct azf_token - a bearer token
 * @identity: whose it is, for messages; borrowed from the source
 * @expires: seconds since 1970, or 0 when nobody said it
 * @len: of @text in bytes
 * @text: NUL terminated; letters, digits and -._~+/= only
 */
struct azf_token {
	const char *identity;
	int64_t expires;
	size_t len;
	char text[AZF_TOKEN_MAX + 1];
};

/**
 * struct azf_token_source - what there is to get a token with
 * @request: fields of the identity
 * @config: endpoints
 * @inputs: opened by root
 * @http: for requests
 * @host: of the storage account, whose cloud decides on the authority
 * @deadline_ms: of azf_now_ms()
 */
struct azf_token_source {
	const struct azf_fields *request;
	const struct azf_config *config;
	const struct azf_inputs *inputs;
	struct azf_http *http;
	const char *host;
	int64_t deadline_ms;
};

/**
 * azf_token_get() - get a token, from the cache if there is one
 * @source: what to get it with
 * @fresh: the one that @token holds was refused: get another
 * @token: filled on success; in memory of azf_secret_alloc()
 * @ret_cached: it came from the cache
 * @err: filled on failure
 *
 * Any number of processes that want a token of one identity make one request:
 * they wait for @source->inputs->lock and find it in the cache, or the failure.
 * It is kept in the keyring for a third of its life, and not in the last five
 * minutes of it.
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_token_get(const struct azf_token_source *source, bool fresh,
		  struct azf_token *token, bool *ret_cached,
		  struct azf_error *err);

/* Take the token of an identity out of the cache, if there is one. */
void azf_token_forget(const struct azf_token_source *source);

/**
 * azf_token_probe() - get a token now, whatever the cache has
 * @source: as for azf_token_get()
 * @token: filled on success; in memory of azf_secret_alloc()
 * @err: filled on failure
 *
 * To find out whether it can be had: nobody waits, and the cache stays as it is.
 *
 * Return: as azf_token_get().
 */
int azf_token_probe(const struct azf_token_source *source,
		    struct azf_token *token, struct azf_error *err);

/**
 * azf_token_reach() - does the metadata service answer at all?
 * @source: of an identity that uses one: system, client, resource
 * @ret_host: on success or failure HOST[:PORT] of the service, for the caller
 *	to free(); NULL when out of memory
 * @err: filled on failure
 *
 * One request for nothing, without what makes it valid: any answer is one.
 *
 * Return: 0, -AZF_E_TRANSIENT, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_token_reach(const struct azf_token_source *source, char **ret_host,
		    struct azf_error *err);

/* --- for the files token-*.c, one for each family of identities ----------- */

/* Each gets a token from where it is made. */
int azf_token_metadata(const struct azf_token_source *source,
		       struct azf_token *token, struct azf_error *err);
int azf_token_arc(const struct azf_token_source *source, const char *url,
		  struct azf_token *token, struct azf_error *err);
int azf_token_arc_refused(const struct azf_http_answer *answer,
			  const char *host, const char *identity,
			  struct azf_error *err);
int azf_token_workload(const struct azf_token_source *source,
		       struct azf_token *token, struct azf_error *err);
int azf_token_principal(const struct azf_token_source *source,
			struct azf_token *token, struct azf_error *err);
int azf_token_file(const struct azf_token_source *source,
		   struct azf_token *token, struct azf_error *err);
int azf_token_program(const struct azf_token_source *source,
		      struct azf_token *token, struct azf_error *err);

/**
 * azf_token_set() - fill a token
 * @text: need not be NUL terminated
 *
 * Return: false if it is empty, too long, or not a bearer token (RFC 6750 2.1).
 */
bool azf_token_set(struct azf_token *token, const char *text,
		   size_t len) AZF_MUST_CHECK;

/**
 * azf_token_parse() - read the answer of a token service
 * @body: JSON; only access_token has to be there (as the Azure SDKs do)
 * @len: in bytes
 * @now: seconds since 1970
 * @client_id: what an echo of the identity must be if there is one; or NULL
 * @token: filled on success
 *
 * Return: NULL, or what is wrong with it, to go on "the answer of … ".
 */
const char *azf_token_parse(const char *body, size_t len, int64_t now,
			    const char *client_id, struct azf_token *token);

/**
 * azf_arc_challenge() - the file that an Arc agent's challenge names
 * @challenge: value of WWW-Authenticate
 * @name: on success the name below AZF_ARC_TOKENS
 * @size: of @name in bytes
 *
 * Of the path only its last part is taken: the directory is known, and the
 * agent's port may be held by somebody else.
 *
 * Return: whether it names a file as the agent does.
 */
bool azf_arc_challenge(const char *challenge, char *name,
		       size_t size) AZF_MUST_CHECK;

#endif
