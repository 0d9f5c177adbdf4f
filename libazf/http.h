/* SPDX-License-Identifier: MIT */
/* http.h - requests over HTTP; the only user of libcurl. */
#ifndef AZF_HTTP_H
#define AZF_HTTP_H

#include "util.h"

struct azf_config;

/* A longer body is not one of a service that we know. */
#define AZF_HTTP_BODY_MAX 65536

/* Why there was no answer. */
enum azf_http_failure {
	AZF_HTTP_ANSWERED,
	AZF_HTTP_NO_NAME,     /* DNS says that the name does not exist */
	AZF_HTTP_NO_RESOLVER, /* DNS says nothing */
	AZF_HTTP_NO_CONNECTION,
	AZF_HTTP_SILENT,    /* nothing came in time */
	AZF_HTTP_BROKEN,    /* what came is not HTTP, or is not whole */
	AZF_HTTP_UNTRUSTED, /* the certificate does not verify */
	AZF_HTTP_CLOCK,	    /* it would at another time */
	AZF_HTTP_PROXY,
	AZF_HTTP_TOO_LARGE,
	AZF_HTTP_LOCAL, /* we could not even ask */
};

/**
 * struct azf_http_request - one request
 * @url: http:// only with @metadata, https:// only without
 * @host: in @url, for the resolver's second opinion
 * @metadata: a metadata service: never through a proxy, two seconds to connect
 * @headers: "Name: value", NULL at the end
 * @body: of a POST; NULL for a GET
 * @body_len: in bytes
 */
struct azf_http_request {
	const char *url;
	const char *host;
	bool metadata;
	const char *const *headers;
	const char *body;
	size_t body_len;
};

/**
 * struct azf_http_answer - what came back
 * @failure: AZF_HTTP_ANSWERED, or all below but @detail is empty
 * @status: of HTTP
 * @retry_after: seconds, or 0
 * @date: of the server's clock, or -1
 * @skew: seconds that our clock is ahead of it, or 0
 * @error_code: x-ms-error-code
 * @request_id: x-ms-request-id
 * @challenge: WWW-Authenticate
 * @detail: libcurl's words for @failure
 * @body: NUL terminated, wiped by the next request
 * @len: of @body in bytes
 */
struct azf_http_answer {
	enum azf_http_failure failure;
	int status;
	int64_t retry_after;
	int64_t date;
	int64_t skew;
	char error_code[64];
	char request_id[64];
	char challenge[512];
	char detail[256];
	size_t len;
	char body[AZF_HTTP_BODY_MAX + 1];
};

/**
 * azf_http_new() - prepare for requests
 * @config: must outlive the result
 *
 * Connections are kept for the next request to the same host. Redirects are
 * not followed, and TLS is always verified.
 *
 * Return: to be freed with azf_http_free(); NULL if out of memory.
 */
struct azf_http *azf_http_new(const struct azf_config *config);
#define azf_autohttp azf_cleanup(azf_http_free_pointer)
void azf_http_free(struct azf_http *http);
static inline void azf_http_free_pointer(struct azf_http **http)
{
	azf_http_free(*http);
}

/**
 * azf_http_send() - one request, one answer
 * @deadline_ms: of azf_now_ms(); the request ends then at the latest
 *
 * Return: owned by @http, until the next request.
 */
const struct azf_http_answer *azf_http_send(
	struct azf_http *http, const struct azf_http_request *request,
	int64_t deadline_ms);

/* For azf_http_send() and tests: a line of the header, whole, without a NUL. */
void azf_http_header(const char *data, size_t len,
		     struct azf_http_answer *answer);

/**
 * struct azf_http_schedule - what an endpoint wants to be asked again, and when
 * @pauses_s: seconds before the second, third, … request
 * @count: of @pauses_s
 * @metadata: 404 and 410 pass too; 410 is asked every ten seconds as long as
 *	there is time, since the service is being updated (how-to-use-vm-token)
 */
struct azf_http_schedule {
	const unsigned char *pauses_s;
	size_t count;
	bool metadata;
};

/**
 * azf_http_send_patiently() - ask again while the failure may pass
 * @schedule: 408, 429, 5xx, and connections that fail or break are repeated
 * @deadline_ms: of azf_now_ms(); no request begins later
 *
 * Retry-After is honoured up to a minute; if it reaches beyond the deadline,
 * the failure is returned at once. Pauses vary at random by an eighth.
 *
 * Return: the last answer, owned by @http.
 */
const struct azf_http_answer *azf_http_send_patiently(
	struct azf_http *http, const struct azf_http_request *request,
	const struct azf_http_schedule *schedule, int64_t deadline_ms);

/* The last answer; before the first request an empty one. */
const struct azf_http_answer *azf_http_last(const struct azf_http *http);

/**
 * azf_http_escape() - percent-encode for a query or a form
 *
 * Return: to be given to azf_wipe_free(); NULL if out of memory.
 */
char *azf_http_escape(const char *text, size_t len);

#endif
