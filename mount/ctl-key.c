// SPDX-License-Identifier: MIT
/* ctl-key.c - "key add", "key list", "key delete": what mounts find by account.
 */
#include "ctl-key.h"
#include "azf-private.h"
#include "ctl.h"
#include "stored-key.h"

#include <errno.h>
#include <time.h>

/* ---- what is stored ---- */

static int stored_already(const char *name, const char *which,
			  struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "a %skey of %s is stored already", which,
		 name);
	return azf_cure(err, "Use --replace to put this one in its place%s",
			which[0] ? "" :
				   ", or --second for the account's "
				   "other key");
}

/* The keys that are given in the place of those that are stored. */
static int merge(struct ctl_key *key, bool second, bool replace,
		 struct azf_error *err)
{
	struct azf_credential *stored = &key->stored;
	const char *name = key->name;

	if (second && key->count == 2)
		return azf_fail(err, AZF_E_USAGE,
				"--second takes one key, and two were given");
	if (second && !stored->password.len) {
		azf_fail(err, AZF_E_MOUNT, "no first key of %s is stored",
			 name);
		return azf_cure(err,
				"Store it first: 'azfilesctl key add %s', or "
				"give both keys at once, a line each",
				name);
	}
	if (!replace && !second && stored->password.len)
		return stored_already(name, "", err);
	if (!replace && (second || key->count == 2) && stored->password2.len)
		return stored_already(name, "second ", err);
	if (second) {
		stored->password2 = key->keys[0];
		return 0;
	}
	stored->password = key->keys[0];
	if (key->count == 2)
		stored->password2 = key->keys[1];
	return 0;
}

/*
 * What cannot be read cannot be kept; whoever says --replace has lost it
 * already, be it that the key was sealed on another machine.
 */
static int read_stored(struct ctl_key *key, enum azf_key_kind kind,
		       bool replace, struct azf_error *err)
{
	int r;

	if (kind == AZF_KEY_NONE)
		return 0;
	r = azf_stored_key_read(key->name, kind, &ctl_log, &key->stored, err);
	if (r == 0 || !replace)
		return r;
	azf_note(&ctl_log, AZF_WARN,
		 "%s. It is replaced as a whole: a second key in it is lost",
		 err->cause);
	azf_credential_free(&key->stored);
	return 0;
}

static int set_names(struct ctl_key *key, const char *user,
		     struct azf_error *err)
{
	const char *name = user ? user : key->name;

	if (!user && (!key->azure || key->stored.username))
		return 0;
	if (user && azf_has_control(user, strlen(user)))
		return azf_fail(err, AZF_E_USAGE,
				"there is a control character in the user "
				"name");
	return azf_credential_set_user(&key->stored, name, strlen(name), err);
}

/* A key that is sealed stays so: nothing but "key delete" takes that back. */
static int store(const struct ctl_call *call, struct ctl_key *key,
		 struct azf_error *err)
{
	bool second = ctl_value(call, "second") != NULL;
	bool replace = ctl_value(call, "replace") != NULL;
	azf_autoclose int directory = -1;
	enum azf_key_kind kind;
	int r;

	r = azf_stored_keys_lock(&directory, err);
	if (r)
		return r;
	kind = azf_stored_key_kind(key->name, &ctl_log);
	r = read_stored(key, kind, replace && !second, err);
	if (r == 0)
		r = merge(key, second, replace, err);
	if (r == 0)
		r = set_names(key, ctl_value(call, "username"), err);
	if (r)
		return r;
	if (kind == AZF_KEY_NONE || ctl_value(call, "seal"))
		kind = ctl_value(call, "seal") ? AZF_KEY_SEALED : AZF_KEY_FILE;
	return azf_stored_key_write(directory, key->name, kind, &key->stored,
				    &ctl_log, err);
}

static int run_add(const struct ctl_call *call)
{
	azf_cleanup(ctl_key_end) struct ctl_key *key =
		azf_secret_alloc(sizeof(*key));
	struct azf_error err = { 0 };
	int r;

	if (ctl_need_root(call))
		return 1;
	if (!key) {
		(void)azf_no_memory(&err);
		return ctl_fail(&err);
	}
	r = ctl_key_find_name(call->args[0], &key->name, &key->azure, &err);
	if (ctl_value(call, "username"))
		key->azure = false;
	if (r == 0)
		r = ctl_key_read(key, ctl_value(call, "file"), &err);
	if (r == 0)
		r = store(call, key, &err);
	return r ? ctl_fail(&err) : 0;
}

const struct ctl_verb ctl_key_add = {
	.name = "key add",
	.arguments = "ACCOUNT|HOST",
	.min = 1,
	.max = 1,
	.help = "store a key for mounts to find; it is typed, or read from "
		"standard input",
	.options =
		(const struct ctl_option[]){
			{ "file", 'f', "FILE", "read it from there" },
			{ "seal", 's', NULL,
			  "so that only this machine can read it" },
			{ "second", 0, NULL, "it is the account's other key" },
			{ "replace", 'r', NULL,
			  "in the place of the one stored" },
			{ "username", 'u', "NAME",
			  "it is the password of this user" },
			{ 0 },
		},
	.run = run_add,
};

/* ---- key list ---- */

static void print_key(void *arg, const struct azf_stored_key *key)
{
	azf_cleanup(
		azf_credential_free) struct azf_credential credential = { 0 };
	struct azf_error err = { 0 };
	char date[32] = "";
	struct tm tm;
	int *status = arg;
	int r;

	r = azf_stored_key_read(key->name, key->kind, &ctl_log, &credential,
				&err);
	if (localtime_r(&key->time, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm);
	(void)printf("%-24s %-6s %-4s %s\n", key->name,
		     key->kind == AZF_KEY_SEALED ? "sealed" : "file",
		     r			      ? "?" :
		     credential.password2.len ? "2" :
		     credential.password.len  ? "1" :
						"0",
		     date);
	if (r)
		*status = ctl_fail(&err);
}

static int run_list(const struct ctl_call *call)
{
	struct azf_error err = { 0 };
	int status = 0;
	int r;

	if (ctl_need_root(call))
		return 1;
	(void)printf("%-24s %-6s %-4s %s\n", "ACCOUNT", "KIND", "KEYS",
		     "STORED");
	r = azf_stored_keys_visit(print_key, &status);
	if (r) {
		(void)azf_fail(&err, AZF_E_SYSTEM,
			       "cannot read " AZF_KEYS_DIR ": %s",
			       strerror(-r));
		return ctl_fail(&err);
	}
	return fflush(stdout) ? 2 : status;
}

const struct ctl_verb ctl_key_list = {
	.name = "key list",
	.arguments = "",
	.help = "which keys are stored, of what kind and since when",
	.options = ctl_no_options,
	.run = run_list,
};

/* ---- key delete ---- */

static int run_delete(const struct ctl_call *call)
{
	azf_autofree char *name = NULL;
	azf_autoclose int directory = -1;
	struct azf_error err = { 0 };
	bool ignored;
	int r;

	if (ctl_need_root(call))
		return 1;
	if (ctl_key_find_name(call->args[0], &name, &ignored, &err) ||
	    azf_stored_keys_lock(&directory, &err))
		return ctl_fail(&err);
	r = azf_stored_key_delete(directory, name);
	if (r == 0)
		return 0;
	if (r == -ENOENT) {
		(void)azf_fail(&err, AZF_E_MOUNT, "no key of %s is stored",
			       name);
		(void)azf_cure(&err, "'azfilesctl key list' shows all");
	} else {
		(void)azf_fail(&err, AZF_E_SYSTEM,
			       "cannot remove the key of %s: %s", name,
			       strerror(-r));
	}
	return ctl_fail(&err);
}

const struct ctl_verb ctl_key_delete = {
	.name = "key delete",
	.arguments = "ACCOUNT|HOST",
	.min = 1,
	.max = 1,
	.help = "forget the keys of an account",
	.options = ctl_no_options,
	.run = run_delete,
};
