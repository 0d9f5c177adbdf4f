// SPDX-License-Identifier: MIT
/*
 * ctl-login.c - azfilesctl login and logout: a user's own password for mounts
 * of many users.
 */
#include "ctl.h"

#include "azf-private.h"
#include "ctl-key.h"
#include "ctl-login.h"
#include "ctl-table.h"
#include "logon.h"
#include "mounted.h"
#include "source.h"

#include <errno.h>
#include <pwd.h>
#include <time.h>

#define ADDRESSES_MAX 32
#define TIMEOUT_MAX   (366U * 24 * 3600)

/**
 * struct place - where a password is good
 * @kind: a host, by its addresses, or a domain
 * @name: of the host, canonical, or of the domain
 * @account: of Azure, when it is the host's; or NULL
 * @addresses: of the host
 * @live: a mount of many users is there now
 */
struct place {
	enum azf_logon_kind kind;
	char *name;
	char *account;
	char addresses[ADDRESSES_MAX][sizeof(((struct azf_address *)0)->text)];
	size_t count;
	bool live;
};

static void free_place(struct place *place)
{
	free(place->name);
	free(place->account);
}

/* Root's own operations are the mount's: the kernel never asks for root. */
static int refuse_root(const struct ctl_call *call)
{
	if (getuid() != 0)
		return 0;
	return ctl_usage("root acts with the credential of the mount itself. "
			 "Run 'azfilesctl %s' as the user whom it is for",
			 call->verb->name);
}

static void add_address(struct place *place, const char *address)
{
	if (!address[0] || place->count == ADDRESSES_MAX)
		return;
	for (size_t i = 0; i < place->count; i++) {
		if (azf_streq(place->addresses[i], address))
			return;
	}
	(void)snprintf(place->addresses[place->count++],
		       sizeof(place->addresses[0]), "%s", address);
}

/* A mount may be connected to an address that the name has no longer. */
static void add_mounts(struct place *place)
{
	azf_automounted struct azf_mounted_list list = { 0 };

	if (azf_mounted_all(NULL, &list))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct azf_mounted *mount = &list.mounts[i];

		if (!mount->multiuser || mount->kerberos)
			continue;
		if (!azf_streq(place->name, place->kind == AZF_LOGON_ADDRESS ?
						    mount->canonical :
						    mount->domain))
			continue;
		place->live = true;
		if (place->kind == AZF_LOGON_ADDRESS)
			add_address(place, mount->address);
	}
}

static int set_host(struct place *place, const char *text,
		    struct azf_error *err)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	azf_autofree char *share = NULL;
	int r = azf_source_host(text, &place->name, err);

	if (r)
		return r;
	if (asprintf(&share, "//%s/share", place->name) < 0) {
		share = NULL;
		return azf_no_memory(err);
	}
	r = azf_source_parse(share, &source, err);
	place->account = azf_take(source.account);
	return r;
}

/* Either a host or a domain. Return: 0, or the exit status after a message. */
static int find_place(const struct ctl_call *call, struct place *place)
{
	const char *domain = ctl_value(call, "domain");
	struct azf_error err = { 0 };

	if ((call->count > 0) == (domain != NULL))
		return ctl_usage("%s takes a host, or --domain and no host. "
				 "'azfilesctl %s --help' shows how to call it",
				 call->verb->name, call->verb->name);
	if (domain && (!domain[0] || strlen(domain) > AZF_LOGON_DOMAIN_MAX))
		return ctl_usage("this is no name of a domain");
	place->kind = domain ? AZF_LOGON_DOMAIN : AZF_LOGON_ADDRESS;
	if (domain)
		place->name = strdup(domain);
	else if (set_host(place, call->args[0], &err))
		return ctl_fail(&err);
	if (!place->name) {
		(void)azf_no_memory(&err);
		return ctl_fail(&err);
	}
	add_mounts(place);
	return 0;
}

static int add_resolved(const char *host, struct place *place,
			struct azf_error *err)
{
	struct azf_addresses addresses = { .count = 0 };
	int r = azf_resolve(host, 0, &addresses, err);

	for (size_t i = 0; r == 0 && i < addresses.count; i++)
		add_address(place, addresses.list[i].text);
	return r;
}

/* ---- login ---- */

static const char *login_name(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw ? pw->pw_name : NULL;
}

/* Return: 0, or the exit status after a message. */
static int choose_user(const struct ctl_call *call, const struct place *place,
		       struct azf_logon *logon)
{
	const char *user = ctl_value(call, "user");
	struct azf_error err = { 0 };

	if (!user)
		user = place->account ? place->account : login_name();
	if (!user)
		return ctl_usage("this machine has no name for uid %u. Give "
				 "the server's with --user",
				 getuid());
	if (azf_logon_check_user(user, &err))
		return ctl_fail(&err);
	(void)snprintf(logon->user, sizeof(logon->user), "%s", user);
	(void)snprintf(logon->host, sizeof(logon->host), "%s",
		       place->kind == AZF_LOGON_ADDRESS ? place->name : "");
	return 0;
}

static int choose_end(const struct ctl_call *call, struct azf_logon *logon)
{
	const char *text = ctl_value(call, "timeout");
	uint64_t seconds;

	if (!text)
		return 0;
	if (!azf_parse_time(text, TIMEOUT_MAX, &seconds) || seconds == 0)
		return ctl_usage("'%s' is no time. Use seconds, or a number "
				 "with s, m or h behind it",
				 text);
	logon->until = time(NULL) + (int64_t)seconds;
	return 0;
}

static int read_password(const struct place *place,
			 const struct azf_logon *logon, struct ctl_key *key,
			 struct azf_error *err)
{
	int r;

	key->azure = place->account && azf_streq(logon->user, place->account);
	if (key->azure)
		key->name = strdup(place->account);
	else if (asprintf(&key->name, "%s at %s", logon->user, place->name) < 0)
		key->name = NULL;
	if (!key->name)
		return azf_no_memory(err);
	r = ctl_key_read(key, NULL, err);
	if (r == 0 && key->count != 1)
		r = azf_fail(err, AZF_E_USAGE,
			     "there is more than one line: the kernel takes "
			     "one password of a user");
	return r;
}

static int store(const struct place *place, const struct azf_logon *logon,
		 const struct azf_secret *password, struct azf_error *err)
{
	int r = 0;

	if (place->kind == AZF_LOGON_DOMAIN)
		return azf_logon_store(AZF_LOGON_DOMAIN, place->name, logon,
				       password, err);
	for (size_t i = 0; r == 0 && i < place->count; i++) {
		struct azf_logon old;

		azf_logon_find(AZF_LOGON_ADDRESS, place->addresses[i], &old);
		if (old.host[0] && !azf_streq(old.host, place->name))
			azf_note(&ctl_log, AZF_WARN,
				 "%s also has the address %s: its key is "
				 "replaced, since the kernel tells servers "
				 "apart by their address",
				 old.host, place->addresses[i]);
		r = azf_logon_store(AZF_LOGON_ADDRESS, place->addresses[i],
				    logon, password, err);
	}
	return r;
}

static void report_login(const struct place *place,
			 const struct azf_logon *logon)
{
	azf_autostr struct azf_str where = { 0 };
	char until[CTL_WHEN_MAX];

	azf_str_add(&where, "%s", place->name);
	for (size_t i = 0; i < place->count; i++)
		azf_str_add(&where, "%s%s", i ? ", " : " (",
			    place->addresses[i]);
	azf_str_add(&where, "%s", place->count ? ")" : "");
	(void)printf("%s at %s until %s\n", logon->user,
		     where.failed ? "?" : where.text,
		     logon->until ? ctl_when(logon->until, until) :
				    "logout or a reboot");
}

/* Whether what the user starts from here finds it. */
static void check_reach(const struct place *place)
{
	const char *name = place->kind == AZF_LOGON_DOMAIN ?
				   place->name :
				   place->addresses[0];
	struct azf_logon logon;

	azf_logon_find(place->kind, name, &logon);
	if (logon.reach == AZF_KEYRING_ELSEWHERE && azf_keyring_join() == 0)
		azf_logon_find(place->kind, name, &logon);
	if (logon.reach != AZF_KEYRING_FOUND)
		azf_note(&ctl_log, AZF_WARN, "%s", CTL_LOGIN_ELSEWHERE);
}

static int login(const struct ctl_call *call, struct place *place,
		 struct ctl_key *key)
{
	struct azf_logon logon = { .reach = AZF_KEYRING_ABSENT };
	struct azf_error err = { 0 };
	int status = choose_user(call, place, &logon);

	if (status == 0)
		status = choose_end(call, &logon);
	if (status)
		return status;
	if (place->kind == AZF_LOGON_ADDRESS &&
	    add_resolved(call->args[0], place, &err)) {
		if (place->count == 0)
			return ctl_fail(&err);
		azf_note(&ctl_log, AZF_WARN,
			 "%s. The key is for the address that is connected now",
			 err.cause);
	}
	if (read_password(place, &logon, key, &err) ||
	    store(place, &logon, &key->keys[0], &err))
		return ctl_fail(&err);
	report_login(place, &logon);
	check_reach(place);
	return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) : 0;
}

static int run_login(const struct ctl_call *call)
{
	azf_cleanup(ctl_key_end) struct ctl_key *key = NULL;
	azf_cleanup(free_place) struct place place = { .name = NULL };
	int status = refuse_root(call);

	if (status == 0)
		status = find_place(call, &place);
	if (status)
		return status;
	key = azf_secret_alloc(sizeof(*key));
	if (key)
		return login(call, &place, key);
	(void)fputs("azfilesctl: out of memory\n", stderr);
	return azf_exit_status(AZF_E_SYSTEM);
}

const struct ctl_verb ctl_login = {
	.name = "login",
	.arguments = "[HOST]",
	.min = 0,
	.max = 1,
	.help = "keep your key or password for mounts of many users; it is "
		"typed, or read from standard input",
	.options =
		(const struct ctl_option[]){
			{ "user", 'u', "NAME", "your name at the server" },
			{ "domain", 'd', "DOMAIN",
			  "for all servers of mounts with that domain=" },
			{ "timeout", 't', "TIME", "forget it after that time" },
			{ 0 },
		},
	.run = run_login,
};

/* ---- logout ---- */

struct search {
	const struct place *place;
	int count;
};

static bool is_of(const struct place *place, enum azf_logon_kind kind,
		  const char *name, const struct azf_logon *logon)
{
	return place->kind == kind &&
	       azf_streq(place->name,
			 kind == AZF_LOGON_DOMAIN ? name : logon->host);
}

static void forget_one(void *arg, enum azf_logon_kind kind, const char *name,
		       const struct azf_logon *logon)
{
	struct search *search = arg;

	if (is_of(search->place, kind, name, logon))
		search->count += azf_logon_forget(kind, name);
}

/* Also what another program stored, or another session has. */
static int forget(struct place *place, int *ret_count, struct azf_error *err)
{
	struct search search = { .place = place };
	int r = azf_logon_visit(forget_one, &search);

	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the keyring of this user: %s",
				strerror(-r));
	for (size_t i = 0; i < place->count; i++)
		search.count += azf_logon_forget(AZF_LOGON_ADDRESS,
						 place->addresses[i]);
	if (place->kind == AZF_LOGON_DOMAIN)
		search.count += azf_logon_forget(place->kind, place->name);
	*ret_count = search.count;
	return 0;
}

static int run_logout(const struct ctl_call *call)
{
	azf_cleanup(free_place) struct place place = { .name = NULL };
	struct azf_error err = { 0 };
	int status = refuse_root(call), count = 0;
	const char *name;

	if (status == 0)
		status = find_place(call, &place);
	if (status)
		return status;
	/* a name that is gone has no addresses, and perhaps a key all the same */
	if (place.kind == AZF_LOGON_ADDRESS)
		(void)add_resolved(call->args[0], &place, &err);
	if (forget(&place, &count, &err))
		return ctl_fail(&err);
	name = place.name;
	if (count == 0)
		(void)printf("there was no key for %s\n", name);
	else
		(void)printf("the key for %s is forgotten\n", name);
	if (count && place.live)
		(void)printf("the kernel keeps a session that is open until it "
			     "was not used for 10 to 20 minutes\n");
	return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) : 0;
}

const struct ctl_verb ctl_logout = {
	.name = "logout",
	.arguments = "[HOST]",
	.min = 0,
	.max = 1,
	.help = "forget what 'login' kept",
	.options =
		(const struct ctl_option[]){
			{ "domain", 'd', "DOMAIN",
			  "what was kept for a domain" },
			{ 0 },
		},
	.run = run_logout,
};
