// SPDX-License-Identifier: MIT
/* ctl-key-rotate.c - "key rotate": a new key, stored and in live mounts. */
#include "azf-private.h"
#include "ctl-key.h"
#include "ctl.h"
#include "stored-key.h"

/**
 * struct rotation - one call
 * @key: of the account
 * @mounts: those that are live; none with --no-mounts
 */
struct rotation {
	const struct ctl_call *call;
	struct ctl_key *key;
	struct ctl_key_mounts mounts;
};

static void end(struct rotation *rotation)
{
	ctl_key_mounts_free(&rotation->mounts);
	ctl_key_end(&rotation->key);
}

static int read_key(struct rotation *rotation, struct azf_error *err)
{
	const struct ctl_call *call = rotation->call;
	struct ctl_key *key = rotation->key;
	int r;

	r = ctl_key_find_name(call->args[0], &key->name, &key->azure, err);
	if (r == 0)
		r = ctl_key_read(key, ctl_value(call, "file"), err);
	if (r == 0 && key->count > 1) {
		azf_fail(err, AZF_E_USAGE,
			 "it takes the new key alone, and two were given");
		return azf_cure(err, "The one that is stored stays as the "
				     "second one");
	}
	return r;
}

static int not_stored(const char *name, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "no key of %s is stored", name);
	return azf_cure(err,
			"Store it with 'azfilesctl key add %s'; keys in other "
			"files are changed there",
			name);
}

static int find_mounts(struct rotation *rotation, struct azf_error *err)
{
	const struct ctl_key *key = rotation->key;
	const char *user = key->stored.username;

	if (ctl_value(rotation->call, "no-mounts"))
		return 0;
	return ctl_key_mounts_find(key->name, user ? user : key->name,
				   &rotation->mounts, err);
}

/* A key that the server does not take must not drive out one that it takes. */
static int check(const struct rotation *rotation, struct azf_error *err)
{
	int r = ctl_key_mounts_check(&rotation->mounts, &rotation->key->keys[0],
				     err);

	if (r != -AZF_E_TRANSIENT)
		return r;
	azf_note(&ctl_log, AZF_WARN, "the new key could not be tried: %s",
		 err->cause);
	*err = (struct azf_error){ 0 };
	return 0;
}

/* A key that is sealed stays so. */
static int store(const struct rotation *rotation, int directory,
		 enum azf_key_kind kind, struct azf_error *err)
{
	struct ctl_key *key = rotation->key;
	bool seal = ctl_value(rotation->call, "seal") != NULL;

	if (!azf_stored_key_rotate(&key->stored, &key->keys[0]) &&
	    (kind == AZF_KEY_SEALED || !seal)) {
		(void)printf("%s: the key is stored already\n", key->name);
		return 0;
	}
	return azf_stored_key_write(directory, key->name,
				    seal ? AZF_KEY_SEALED : kind, &key->stored,
				    &ctl_log, err);
}

/* The lock is held until the mounts are done: two at once would swap twice. */
static int rotate(struct rotation *rotation, struct azf_error *err)
{
	struct ctl_key *key = rotation->key;
	azf_autokeys struct azf_key_pair keys = { { 0 }, { 0 } };
	azf_autoclose int directory = -1;
	enum azf_key_kind kind;
	int r = azf_stored_keys_lock(&directory, err);

	if (r)
		return r;
	kind = azf_stored_key_kind(key->name, &ctl_log);
	if (kind == AZF_KEY_NONE)
		return not_stored(key->name, err);
	r = azf_stored_key_read(key->name, kind, &ctl_log, &key->stored, err);
	if (r == 0)
		r = find_mounts(rotation, err);
	if (r == 0)
		r = check(rotation, err);
	if (r == 0)
		r = store(rotation, directory, kind, err);
	if (r)
		return r;
	keys.first = key->stored.password;
	keys.second = key->stored.password2;
	return ctl_key_mounts_change(&rotation->mounts, &keys);
}

static int run(const struct ctl_call *call)
{
	azf_cleanup(end) struct rotation rotation = {
		.call = call,
		.key = azf_secret_alloc(sizeof(*rotation.key)),
	};
	struct azf_error err = { 0 };
	int r;

	if (ctl_need_root(call))
		return 1;
	if (!rotation.key) {
		(void)azf_no_memory(&err);
		return ctl_fail(&err);
	}
	r = read_key(&rotation, &err);
	if (r == 0)
		r = rotate(&rotation, &err);
	if (r < 0)
		return ctl_fail(&err);
	if (fflush(stdout))
		return 2;
	return r ? azf_exit_status(AZF_E_MOUNT) : 0;
}

const struct ctl_verb ctl_key_rotate = {
	.name = "key rotate",
	.arguments = "ACCOUNT|HOST",
	.min = 1,
	.max = 1,
	.help = "store a new key, keep the old one as the second, and have "
		"live mounts use it",
	.options =
		(const struct ctl_option[]){
			{ "file", 'f', "FILE", "read it from there" },
			{ "seal", 's', NULL,
			  "so that only this machine can read it" },
			{ "no-mounts", 0, NULL, "only store it" },
			{ 0 },
		},
	.run = run,
};
