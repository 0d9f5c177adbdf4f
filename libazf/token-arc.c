// SPDX-License-Identifier: MIT
/*
 * token-arc.c - managed identities of machines outside Azure, from the Azure
 * Arc agent (learn.microsoft.com, managed-identity-authentication). It proves
 * that we may have a token by letting us read a file that only root and the
 * group "himds" can.
 */
#include "token.h"

#include "azf-private.h"
#include "inputs.h"
#include "json.h"
#include "refusal.h"
#include "secret.h"
#include "wipe.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define CHALLENGE_MAX 4096

static const unsigned char pauses[] = { 1, 2, 4, 8 };
/* 404 is an identity that is not assigned here: it does not pass */
static const struct azf_http_schedule schedule = { pauses,
						   AZF_ARRAY_SIZE(pauses),
						   false };

static const struct azf_refusal_row rows[] = {
	{ 404, false, NULL, NULL,
	  "the identity %i is not assigned to this Azure Arc machine",
	  "Assign it, or use identity=system; user-assigned identities need "
	  "the agent of summer 2026 or newer" },
	{ 400, false, NULL, NULL,
	  "the Azure Arc agent gives no token for the identity %i (HTTP 400 "
	  "%c): %d",
	  "Check the machine with: azcmagent show" },
	{ 401, false, NULL, NULL,
	  "the Azure Arc agent does not accept the answer to its challenge: "
	  "%d",
	  "Restart it: systemctl restart himdsd" },
	{ 403, false, NULL, NULL,
	  "the Azure Arc agent refuses a token (HTTP 403 %c): %d",
	  "Check the machine with: azcmagent show" },
	{ -AZF_HTTP_NO_CONNECTION, true, NULL, NULL,
	  "the Azure Arc agent at %h cannot be reached: %d",
	  "Start it: systemctl start himdsd" },
	{ -AZF_HTTP_SILENT, true, NULL, NULL,
	  "the Azure Arc agent at %h does not answer: %d",
	  "Restart it: systemctl restart himdsd" },
	{ 0, false, NULL, NULL,
	  "the Azure Arc agent gives no token for the identity %i (HTTP %s "
	  "%c): %d",
	  "Check the machine with: azcmagent show" },
	{ .cause = NULL },
};

bool azf_arc_challenge(const char *challenge, char *name, size_t size)
{
	static const char scheme[] = "Basic realm=";
	const char *path, *base;
	size_t len;

	if (strncasecmp(challenge, scheme, sizeof(scheme) - 1) != 0)
		return false;
	path = challenge + sizeof(scheme) - 1;
	base = strrchr(path, '/');
	base = base ? base + 1 : path;
	len = strspn(base, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "abcdefghijklmnopqrstuvwxyz0123456789._-");
	if (base[0] == '.' || base[len] != '\0' || len <= strlen(".key") ||
	    !azf_streq(base + len - strlen(".key"), ".key"))
		return false;
	return snprintf(name, size, "%s", base) < (int)size;
}

static int unreadable(const char *name, int error, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT,
		 "the challenge " AZF_ARC_TOKENS "/%s of the Azure Arc agent "
		 "cannot be used: %s",
		 name, strerror(error));
	return azf_cure(err, "The directory belongs to the group 'himds', "
			     "which has to exist: reinstall the agent if it "
			     "does not");
}

/**
 * struct answer - the header that answers a challenge
 *
 * In memory of azf_secret_alloc().
 */
struct answer {
	char text[CHALLENGE_MAX + sizeof("Authorization: Basic ")];
};

static void free_answer(struct answer **answer)
{
	azf_secret_release(*answer, sizeof(**answer));
}

/*
 * The directory was opened by root. It may not have been there yet: the agent
 * makes it for its first challenge, and lets its group in.
 */
static int open_challenge(int dir, const char *name)
{
	azf_autoclose int late = -1;

	if (dir < 0)
		dir = late = open(AZF_ARC_TOKENS, O_PATH | O_DIRECTORY |
							  O_NOFOLLOW |
							  O_CLOEXEC);
	if (dir < 0)
		return -1;
	return openat(dir, name,
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			      O_CLOEXEC);
}

static int read_challenge(int dir, const char *name, struct answer *answer,
			  struct azf_error *err)
{
	static const char start[] = "Authorization: Basic ";
	azf_autoclose int fd = open_challenge(dir, name);
	char *secret = answer->text + sizeof(start) - 1;
	struct stat st;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st))
		return unreadable(name, errno, err);
	if (!S_ISREG(st.st_mode))
		return unreadable(name, EINVAL, err);
	memcpy(answer->text, start, sizeof(start));
	len = azf_read_file(fd, secret, CHALLENGE_MAX + 1);
	if (len < 0)
		return unreadable(name, (int)-len, err);
	while (len && isspace((unsigned char)secret[len - 1]))
		secret[--len] = '\0';
	/* it becomes part of a header */
	for (ssize_t i = 0; i < len; i++) {
		if (secret[i] < ' ' || secret[i] > '~')
			return unreadable(name, EBADMSG, err);
	}
	return len ? 0 : unreadable(name, ENODATA, err);
}

int azf_token_arc_refused(const struct azf_http_answer *answer,
			  const char *host, const char *identity,
			  struct azf_error *err)
{
	const struct azf_refusal refusal = {
		.rows = rows,
		.answer = answer,
		.service = "the Azure Arc agent",
		.host = host,
		.identity = identity,
		.tenant = "",
	};

	return azf_refuse_metadata(&refusal, err);
}

static int malformed(const char *host, const char *what, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "the answer of the Azure Arc agent at %s %s",
		 host, what);
	return azf_cure(err, "Check that it is the agent that listens there: "
			     "azcmagent show");
}

/*
 * An agent that does not know the selector gives a token of the machine's own
 * identity. One that knows it says whose token it is.
 */
static bool is_echoed(const struct azf_fields *request, const char *body,
		      size_t len)
{
	azf_autojson struct azf_json *json = azf_json_parse(body, len);
	const char *kind = azf_fields_get(request, "identity");
	const char *wanted, *echo;

	if (azf_streq(kind, "system"))
		return true;
	if (azf_streq(kind, "client")) {
		wanted = azf_fields_get(request, "client_id");
		echo = azf_json_string(json, "client_id");
	} else {
		wanted = azf_fields_get(request, "resource_id");
		echo = azf_json_string(json, "msi_res_id");
		if (!echo)
			echo = azf_json_string(json, "mi_res_id");
	}
	return wanted && echo && strcasecmp(wanted, echo) == 0;
}

static int take(const struct azf_token_source *source, const char *host,
		struct azf_token *token, struct azf_error *err)
{
	const struct azf_http_answer *answer = azf_http_last(source->http);
	const char *wrong = azf_token_parse(answer->body, answer->len,
					    time(NULL), NULL, token);

	if (wrong)
		return malformed(host, wrong, err);
	if (is_echoed(source->request, answer->body, answer->len))
		return 0;
	azf_fail(err, AZF_E_MOUNT,
		 "the Azure Arc agent does not confirm that its token is for "
		 "the identity %s",
		 token->identity);
	return azf_cure(err, "User-assigned identities need a newer agent; "
			     "update it, or use identity=system");
}

int azf_token_arc(const struct azf_token_source *source, const char *url,
		  struct azf_token *token, struct azf_error *err)
{
	azf_cleanup(free_answer) struct answer *proof =
		azf_secret_alloc(sizeof(*proof));
	azf_autofree char *host = strndup(
		url + strlen("http://"), strcspn(url + strlen("http://"), "/"));
	const char *headers[] = { "Metadata: true", NULL, NULL };
	struct azf_http_request request = {
		.url = url, .host = host, .metadata = true, .headers = headers
	};
	const struct azf_http_answer *answer;
	char name[256];
	int r;

	if (!proof || !host)
		return azf_no_memory(err);
	answer = azf_http_send_patiently(source->http, &request, &schedule,
					 source->deadline_ms);
	if (answer->failure == AZF_HTTP_ANSWERED && answer->status == 200)
		return malformed(host, "comes without a challenge", err);
	if (answer->failure != AZF_HTTP_ANSWERED || answer->status != 401)
		return azf_token_arc_refused(answer, host, token->identity,
					     err);
	if (!azf_arc_challenge(answer->challenge, name, sizeof(name)))
		return malformed(host, "has a challenge that names no file",
				 err);
	r = read_challenge(source->inputs->arc_tokens, name, proof, err);
	if (r)
		return r;
	headers[1] = proof->text;
	/* a challenge is good for one answer: no second request with it */
	answer = azf_http_send(source->http, &request, source->deadline_ms);
	if (answer->failure != AZF_HTTP_ANSWERED || answer->status != 200)
		return azf_token_arc_refused(answer, host, token->identity,
					     err);
	return take(source, host, token, err);
}
