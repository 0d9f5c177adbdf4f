// SPDX-License-Identifier: MIT
/*
 * logon.c - the password that a user acts with on mounts of many users.
 *
 * What is in the kernel's own key can never be read back. So a second key
 * remembers who it was made for; it holds no secret.
 */
#include "logon.h"

#include "azf-private.h"
#include "fields.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

/* "cifs:a:" or "cifs:d:" and the longest name. */
#define NAME_MAX_LEN (7 + AZF_LOGON_DOMAIN_MAX + 1)
#define NOTE_MAX     1024

/*
 * fs/smb/client/connect.c has these names. An IPv6 address is there without its
 * scope.
 */
static void full_name(enum azf_logon_kind kind, const char *name,
		      char text[NAME_MAX_LEN])
{
	size_t len = kind == AZF_LOGON_ADDRESS ? strcspn(name, "%") :
						 strlen(name);

	(void)snprintf(text, NAME_MAX_LEN, "cifs:%c:%.*s",
		       kind == AZF_LOGON_ADDRESS ? 'a' : 'd', (int)len, name);
}

int azf_logon_check_user(const char *user, struct azf_error *err)
{
	size_t len = strlen(user);
	bool colon = strchr(user, ':') != NULL;

	if (colon || azf_has_control(user, len))
		return azf_fail(err, AZF_E_USAGE,
				"a user name with a %s cannot be given to the "
				"kernel",
				colon ? "colon" : "control character");
	if (len == 0 || len > AZF_LOGON_USER_MAX)
		return azf_fail(err, AZF_E_USAGE,
				"a user name has 1 to %d characters",
				AZF_LOGON_USER_MAX);
	return 0;
}

static int failed(int r, struct azf_error *err)
{
	azf_fail(err, AZF_E_SYSTEM, "the kernel does not keep the password: %s",
		 strerror(-r));
	if (r == -EDQUOT)
		return azf_cure(err, "This user has too many keys: 'keyctl "
				     "show @u' lists them");
	if (r == -ENOSYS || r == -EPERM)
		return azf_cure(err, "Keys of the kernel are not to be had "
				     "here, as in many containers");
	return -(int)err->code;
}

/* Never longer than its key; one that is missing is only not shown. */
static void remember(const char *name, const struct azf_logon *logon,
		     unsigned int seconds)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	char *text;
	size_t len;

	if (azf_fields_set(&fields, "user", logon->user) ||
	    (logon->host[0] && azf_fields_set(&fields, "host", logon->host)) ||
	    azf_fields_set_number(&fields, "until", logon->until))
		return;
	text = azf_fields_format(&fields, &len);
	if (text &&
	    azf_keyring_store(name, text, len, seconds ? seconds : UINT_MAX))
		azf_keyring_forget(name);
	free(text);
}

int azf_logon_store(enum azf_logon_kind kind, const char *name,
		    const struct azf_logon *logon,
		    const struct azf_secret *password, struct azf_error *err)
{
	char full[NAME_MAX_LEN];
	char *payload;
	size_t size = sizeof(logon->user) + sizeof(password->text) + 1;
	int64_t now = time(NULL);
	unsigned int seconds = 0;
	int r = azf_logon_check_user(logon->user, err);

	if (r)
		return r;
	if (logon->until)
		seconds = logon->until > now ?
				  (unsigned int)(logon->until - now) :
				  1;
	full_name(kind, name, full);
	payload = azf_secret_alloc(size);
	if (!payload)
		return azf_no_memory(err);
	(void)snprintf(payload, size, "%s:%s", logon->user, password->text);
	r = azf_keyring_store_secret(full, payload, strlen(payload), seconds);
	azf_secret_release(payload, size);
	if (r)
		return failed(r, err);
	remember(full, logon, seconds);
	return 0;
}

static void recall(const char *name, struct azf_logon *logon)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	char text[NOTE_MAX];
	ssize_t len = azf_keyring_load(name, text, sizeof(text));
	const char *user, *host;
	uint64_t until = 0;

	if (len < 0 || azf_fields_parse(text, (size_t)len, &fields, NULL))
		return;
	user = azf_fields_get(&fields, "user");
	host = azf_fields_get(&fields, "host");
	(void)snprintf(logon->user, sizeof(logon->user), "%s",
		       user ? user : "");
	(void)snprintf(logon->host, sizeof(logon->host), "%s",
		       host ? host : "");
	if (azf_fields_number(&fields, "until", &until))
		logon->until = (int64_t)until;
}

void azf_logon_find(enum azf_logon_kind kind, const char *name,
		    struct azf_logon *ret_logon)
{
	char full[NAME_MAX_LEN];

	*ret_logon = (struct azf_logon){ .reach = AZF_KEYRING_ABSENT };
	full_name(kind, name, full);
	ret_logon->reach = azf_keyring_find_secret(full);
	if (ret_logon->reach != AZF_KEYRING_ABSENT)
		recall(full, ret_logon);
}

struct visit {
	void (*visit)(void *arg, enum azf_logon_kind kind, const char *name,
		      const struct azf_logon *logon);
	void *arg;
};

static void visit_one(void *arg, const char *full)
{
	const struct visit *visit = arg;
	enum azf_logon_kind kind = azf_starts_with(full, "cifs:a:") ?
					   AZF_LOGON_ADDRESS :
					   AZF_LOGON_DOMAIN;
	const char *name = full + strlen("cifs:a:");
	struct azf_logon logon;

	if (kind == AZF_LOGON_DOMAIN && !azf_starts_with(full, "cifs:d:"))
		return;
	azf_logon_find(kind, name, &logon);
	visit->visit(visit->arg, kind, name, &logon);
}

int azf_logon_visit(void (*visit)(void *arg, enum azf_logon_kind kind,
				  const char *name,
				  const struct azf_logon *logon),
		    void *arg)
{
	struct visit each = { visit, arg };

	return azf_keyring_visit_secrets("cifs:", visit_one, &each);
}

bool azf_logon_forget(enum azf_logon_kind kind, const char *name)
{
	char full[NAME_MAX_LEN];

	full_name(kind, name, full);
	azf_keyring_forget(full);
	return azf_keyring_forget_secret(full) == 0;
}
