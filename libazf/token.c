// SPDX-License-Identifier: MIT
/* token.c - the table of identities, the token cache, and its one flight. */
#include "token.h"

#include "azf-private.h"
#include "cloud.h"
#include "inputs.h"
#include "json.h"
#include "keyring.h"
#include "when.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

/* A token with less time left counts as expired, as in MSAL. */
#define MARGIN_S      300
/*
 * A ticket lives as long as the token that it was got with: half of its life
 * later, when the first may ask for another, the token must be another too.
 */
#define KEPT_PART     3
#define LOCK_PAUSE_MS 20

/* So long is a failure told to others without asking again. */
#define FAILURE_S 5

/**
 * struct kind - a kind of identity
 * @get: asks for a token
 * @cached: worth keeping; what is read from a file anew each time is not
 * @shown: the field that a person knows the identity by; or NULL: @name
 */
static const struct kind {
	const char *name;
	int (*get)(const struct azf_token_source *source,
		   struct azf_token *token, struct azf_error *err);
	bool cached;
	const char *shown;
} kinds[] = {
	{ "system", azf_token_metadata, true, NULL },
	{ "client", azf_token_metadata, true, "client_id" },
	{ "resource", azf_token_metadata, true, "resource_id" },
	{ "workload", azf_token_workload, true, "client_id" },
	{ "sp", azf_token_principal, true, "client_id" },
	{ "token", azf_token_file, false, "token_file" },
	{ "exec", azf_token_program, true, "program" },
};

bool azf_token_set(struct azf_token *token, const char *text, size_t len)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-._~+/=";

	if (len == 0 || len > AZF_TOKEN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!text[i] || !strchr(allowed, text[i]))
			return false;
	}
	/* it may be further behind in there, from the cache */
	memmove(token->text, text, len);
	token->text[len] = '\0';
	token->len = len;
	return true;
}

/* What cannot be understood is not known: the token itself may be fine. */
static int64_t expiry_of(const struct azf_json *json, int64_t now)
{
	char text[64];
	int64_t expires;
	uint64_t seconds;

	if (azf_json_text(json, "expires_on", text, sizeof(text)) &&
	    azf_when_any(text, &expires))
		return expires;
	if (azf_json_text(json, "expires_in", text, sizeof(text)) &&
	    azf_parse_uint(text, 0, INT32_MAX, &seconds))
		return now + (int64_t)seconds;
	return 0;
}

const char *azf_token_parse(const char *body, size_t len, int64_t now,
			    const char *client_id, struct azf_token *token)
{
	azf_autojson struct azf_json *json = azf_json_parse(body, len);
	const char *text = azf_json_string(json, "access_token");
	const char *type = azf_json_string(json, "token_type");
	const char *echo = azf_json_string(json, "client_id");

	if (!json)
		return "is not JSON";
	if (!text)
		return "has no access_token";
	if (type && strcasecmp(type, "Bearer") != 0)
		return "is not a bearer token";
	if (client_id && echo && strcasecmp(echo, client_id) != 0)
		return "is for another identity than the one asked for";
	if (!azf_token_set(token, text, strlen(text)))
		return "has an access_token that is no bearer token";
	token->expires = expiry_of(json, now);
	return NULL;
}

static const struct kind *find_kind(const struct azf_fields *request)
{
	const char *name = azf_fields_get(request, "identity");

	for (size_t i = 0; name && i < AZF_ARRAY_SIZE(kinds); i++) {
		if (azf_streq(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

/* Of one identity there may be one token in each cloud. */
static char *cache_name(const struct azf_token_source *source, const char *what)
{
	size_t account_len;
	bool private_link;
	const struct azf_cloud *cloud =
		azf_cloud_find(source->host, &account_len, &private_link);
	char *name;

	if (asprintf(&name, "%s:%s@%s", what, source->inputs->tag,
		     cloud ? cloud->name : "AzureCloud") < 0)
		return NULL;
	return name;
}

/* What the cache holds is ours, and still checked: the expiry and the text. */
static bool load(const char *name, struct azf_token *token)
{
	int64_t expires;
	ssize_t len = azf_keyring_load(name, token->text, AZF_TOKEN_MAX);
	char *text = token->text + sizeof(expires);

	if (len <= (ssize_t)sizeof(expires))
		return false;
	memcpy(&expires, token->text, sizeof(expires));
	if (expires - MARGIN_S <= time(NULL))
		return false;
	if (!azf_token_set(token, text, (size_t)len - sizeof(expires)))
		return false;
	token->expires = expires;
	return true;
}

/* Where the kernel has no keys, or no room, each process asks for its own. */
static void store(const char *name, const struct azf_token *token)
{
	int64_t life = token->expires - time(NULL);
	int64_t left = life / KEPT_PART < life - MARGIN_S ? life / KEPT_PART :
							    life - MARGIN_S;
	char payload[sizeof(token->expires) + AZF_TOKEN_MAX];

	if (!token->expires || left <= 0 || left > INT32_MAX)
		return;
	memcpy(payload, &token->expires, sizeof(token->expires));
	memcpy(payload + sizeof(token->expires), token->text, token->len);
	if (azf_keyring_store(name, payload,
			      sizeof(token->expires) + token->len,
			      (unsigned int)left))
		azf_keyring_forget(name);
	explicit_bzero(payload, sizeof(payload));
}

/*
 * Why the one request of many failed, for those who waited for it: they would
 * only hear the same, one after the other.
 */
static void remember_failure(const struct azf_token_source *source,
			     const struct azf_error *err)
{
	azf_autofree char *name = cache_name(source, "failed");

	if (name && azf_keyring_store(name, err, sizeof(*err), FAILURE_S))
		azf_keyring_forget(name);
}

static bool recall_failure(const struct azf_token_source *source,
			   struct azf_error *err)
{
	azf_autofree char *name = cache_name(source, "failed");
	struct azf_error found;

	if (!name || azf_keyring_load(name, &found, sizeof(found)) !=
			     (ssize_t)sizeof(found))
		return false;
	found.cause[sizeof(found.cause) - 1] = '\0';
	found.cure[sizeof(found.cure) - 1] = '\0';
	*err = found;
	return true;
}

/* Return: 0; 1 when somebody else held it before; or a failure. */
static int lock(int fd, int64_t deadline_ms, struct azf_error *err)
{
	const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000 };
	int waited = 0;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return azf_fail(err, AZF_E_SYSTEM,
					"cannot lock the token cache: %s",
					strerror(errno));
		if (azf_now_ms() >= deadline_ms) {
			azf_fail(err, AZF_E_TRANSIENT,
				 "another process is still asking for a token "
				 "of this identity");
			return azf_cure(err, "Try again; its own message says "
					     "why it takes so long");
		}
		waited = 1;
		(void)nanosleep(&pause, NULL);
	}
	return waited;
}

static void unlock(const int *fd)
{
	(void)flock(*fd, LOCK_UN);
}

/* With @token->expires of a token that was refused, or 0. */
static int get_under_lock(const struct azf_token_source *source,
			  const struct kind *kind, const char *name,
			  struct azf_token *token, bool *ret_cached,
			  struct azf_error *err)
{
	azf_cleanup(unlock) int fd = source->inputs->lock;
	int64_t refused = token->expires;
	int r = lock(fd, source->deadline_ms, err);

	if (r < 0)
		return r;
	*ret_cached = load(name, token) && token->expires != refused;
	if (*ret_cached)
		return 0;
	if (r && recall_failure(source, err))
		return -(int)err->code;
	azf_keyring_forget(name);
	token->expires = 0;
	r = kind->get(source, token, err);
	if (r == 0)
		store(name, token);
	else
		remember_failure(source, err);
	return r;
}

/* The row of the identity, after @token is named for it; NULL with @err filled.
 */
static const struct kind *begin(const struct azf_token_source *source,
				struct azf_token *token, struct azf_error *err)
{
	const struct kind *kind = find_kind(source->request);

	if (!kind) {
		azf_fail(err, AZF_E_SYSTEM,
			 "the request names no known identity");
		return NULL;
	}
	token->identity = kind->shown ?
				  azf_fields_get(source->request, kind->shown) :
				  kind->name;
	/* a token that was handed over comes from no file */
	if (!token->identity && kind->get == azf_token_file)
		token->identity = kind->name;
	if (token->identity)
		return kind;
	azf_fail(err, AZF_E_SYSTEM, "the request has no %s", kind->shown);
	return NULL;
}

int azf_token_get(const struct azf_token_source *source, bool fresh,
		  struct azf_token *token, bool *ret_cached,
		  struct azf_error *err)
{
	const struct kind *kind = begin(source, token, err);
	azf_autofree char *name = cache_name(source, "token");

	if (!kind)
		return -(int)err->code;
	if (!name)
		return azf_no_memory(err);
	*ret_cached = false;
	if (!kind->cached)
		return kind->get(source, token, err);
	if (!fresh) {
		*ret_cached = load(name, token);
		if (*ret_cached)
			return 0;
		token->expires = 0;
	}
	return get_under_lock(source, kind, name, token, ret_cached, err);
}

int azf_token_probe(const struct azf_token_source *source,
		    struct azf_token *token, struct azf_error *err)
{
	const struct kind *kind = begin(source, token, err);

	return kind ? kind->get(source, token, err) : -(int)err->code;
}

void azf_token_forget(const struct azf_token_source *source)
{
	azf_autofree char *name = cache_name(source, "token");

	if (name)
		azf_keyring_forget(name);
}
