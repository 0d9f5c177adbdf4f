// SPDX-License-Identifier: MIT
/* flows-state.c - what is kept: state, tickets, keys, configuration, fstab. */
#include "flows.h"
#include "inject.h"

#include "ccache.h"
#include "config.h"
#include "fstab-edit.h"
#include "identity.h"
#include "inputs.h"
#include "keyring.h"
#include "replace.h"
#include "stored-key.h"
#include "token.h"

#define KEY_FILE AZF_KEYS_DIR "/acct.cred"
#define OLD_KEY	 "username=acct\npassword=OLD\n"
#define NEW_KEY	 "username=acct\npassword=" SECRET "\n"
#define CONFIG	 FAKE "/azfiles.conf"
#define FSTAB_OLD \
	"//h/s /mnt azfiles credentials=/k 0 0\n/dev/sda / ext4 defaults 0 1\n"
#define FSTAB_NEW \
	FSTAB_OLD "//" HOST "/s /new\\040place azfiles identity=system 0 0\n"

static int failed_with(int r, struct azf_error *err)
{
	return r ? azf_fail(err, AZF_E_SYSTEM, "%s", strerror(-r)) : 0;
}

/* ---- state ---- */

static int visit(void *arg, const char *host, const char *tag)
{
	bool *seen = arg;

	*seen = *seen || (azf_streq(host, HOST) && azf_streq(tag, "system"));
	return 0;
}

static void prepare_state(void)
{
	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	put(PATH "/ticket", "server=old\n", 11);
}

static int write_state(struct azf_error *err)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	azf_autofields struct azf_fields again = { .count = 0 };
	azf_autostate struct azf_state state = { .fd = -1 };
	azf_autoclose int lock = -1;
	bool seen = false;
	int r = azf_state_claim(HOST, "system", &state);

	if (r == 0)
		r = lock = azf_state_lock(&state, 1000);
	if (r >= 0)
		r = azf_fields_set(&fields, "server", "new");
	if (r == 0)
		r = azf_state_write_fields(&state, "ticket", &fields);
	if (r == 0)
		r = azf_state_read(&state, "ticket", &again);
	if (r == 0 && !azf_streq(azf_fields_get(&again, "server"), "new"))
		flow_fail("something else is read");
	if (r == 0)
		r = azf_state_visit(visit, &seen);
	if (r == 0 && !seen)
		flow_fail("it is not seen");
	return failed_with(r, err);
}

static void check_state(int r)
{
	flow_whole(PATH "/ticket", "server=new\n", "server=old\n");
	if (r == 0)
		assert_string_equal(get(PATH "/ticket", NULL), "server=new\n");
}

static int forget_state(struct azf_error *err)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	int r = azf_state_open(HOST, "system", false, &state);

	r = r ? r : azf_state_forget(&state, HOST, "system");
	return failed_with(r, err);
}

static void check_forgotten(int r)
{
	if (r == 0)
		assert_false(is_there(PATH "/ticket"));
}

/* ---- refresh ---- */

static void prepare_refresh(void)
{
	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	mounted_as_system();
	mounted_at("/other", "//" OTHER "/s", "sec=krb5,username=x");
	mounted_at("/third", "//" HOST "/t", "sec=krb5,username=y");
	mounted_at("/key", "//" HOST "/key", "username=acct1");
	append(SERVERS,
	       "Display Internal CIFS Data Structures for Debugging\n");
	have(-1, 100, 200);
	/* what goes on with the same azfiles-credential */
	add_host(OTHER);
	will_for_each("good");
}

static int run_refresh(struct azf_error *err)
{
	const struct azf_refresh request = {
		.mounts = TABLE,
		.servers = SERVERS,
		.log = &flow_log,
	};

	return azf_refresh(&request, err);
}

static void check_refresh(int r)
{
	(void)r;
	flow_whole(PATH "/ccache", "new", "old");
	flow_whole(AZF_RUN_DIR "/" OTHER "/system/ccache", "new", "old");
	/* it is mounted, whatever was not seen */
	if (is_there(PATH "/unused"))
		flow_fail("a ticket that a mount needs is called unused");
	assert_true(get(PATH "/ticket", NULL)[0]);
	assert_true(get(PATH "/credential", NULL)[0]);
}

/* ---- stored keys ---- */

static void prepare_key(void)
{
	azf_autoclose int directory = -1;
	struct azf_error err;

	assert_int_equal(azf_stored_keys_lock(&directory, &err), 0);
	put(KEY_FILE, OLD_KEY, strlen(OLD_KEY));
	assert_int_equal(chmod(KEY_FILE, 0600), 0);
}

static void count_key(void *arg, const struct azf_stored_key *key)
{
	*(int *)arg += azf_streq(key->name, "acct");
}

static int write_key(struct azf_error *err)
{
	azf_cleanup(
		azf_credential_free) struct azf_credential credential = { 0 };
	azf_cleanup(azf_credential_free) struct azf_credential again = { 0 };
	azf_autoclose int directory = -1;
	int keys = 0;
	int r = azf_stored_keys_lock(&directory, err);

	if (r == 0)
		r = azf_credential_set_user(&credential, "acct", 4, err);
	if (r)
		return r;
	assert_true(
		azf_secret_set(&credential.password, SECRET, strlen(SECRET)));
	r = azf_stored_key_write(directory, "acct", AZF_KEY_FILE, &credential,
				 &flow_log, err);
	if (r == 0)
		r = azf_stored_key_read("acct", AZF_KEY_FILE, &flow_log, &again,
					err);
	if (r == 0)
		assert_string_equal(again.password.text, SECRET);
	if (r)
		return r;
	r = failed_with(azf_stored_keys_visit(count_key, &keys), err);
	if (r == 0 && keys != 1)
		flow_fail("it is not in the list");
	return r;
}

static void check_key(int r)
{
	flow_whole(KEY_FILE, NEW_KEY, OLD_KEY);
	if (r == 0)
		assert_string_equal(get(KEY_FILE, NULL), NEW_KEY);
	if (inject->at && !azf_streq(inject->call, "unlinkat"))
		flow_no_secret("/etc", KEY_FILE);
}

/* ---- tokens ---- */

static int note_key(struct azf_error *err)
{
	char buffer[32];
	ssize_t len;
	int r = azf_keyring_store("inject", "note", 4, 60);

	if (r)
		return failed_with(r, err);
	len = azf_keyring_load("inject", buffer, sizeof(buffer));
	azf_keyring_forget("inject");
	if (len >= 0 && (len != 4 || memcmp(buffer, "note", 4) != 0))
		flow_fail("another note is read");
	return len < 0 ? failed_with((int)len, err) : 0;
}

static void forget_note(void)
{
	azf_keyring_forget("inject");
}

static void prepare_token(void)
{
	static const char program[] =
		"#!/bin/sh\ncat >/dev/null\necho token=" SECRET "\n";

	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	put(FAKE "/token", program, strlen(program));
}

static int get_token(struct azf_error *err)
{
	azf_autofields struct azf_fields request = { .count = 0 };
	azf_autoinputs struct azf_inputs inputs = { .program = -1,
						    .lock = -1,
						    .arc_tokens = -1 };
	static struct azf_token token;
	struct azf_config config = { 0 };
	struct azf_token_source source = {
		.request = &request,
		.config = &config,
		.inputs = &inputs,
		.host = HOST,
		.deadline_ms = azf_now_ms() + 5000,
	};
	bool cached = false;
	int r = azf_fields_set(&request, "identity", "exec");

	if (r == 0)
		r = azf_fields_set(&request, "program", FAKE "/token");
	if (r)
		return failed_with(r, err);
	r = azf_inputs_open(&request, &config, &inputs, err);
	if (r)
		return r;
	for (int i = 0; r == 0 && i < 2; i++) {
		token.len = 0;
		r = azf_token_get(&source, false, &token, &cached, err);
		if (r == 0)
			assert_string_equal(token.text, SECRET);
	}
	azf_token_forget(&source);
	return r;
}

static void check_token(int r)
{
	(void)r;
	flow_no_secret(AZF_RUN_DIR, NULL);
}

/* ---- configuration ---- */

static void prepare_config(void)
{
	static const char text[] = "imds_endpoint=http://127.0.0.1:1\n"
				   "https_proxy=http://proxy:3128\n"
				   "no_proxy=a,b\nca_path=/etc/ssl/certs\n"
				   "total_timeout=20\n";

	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	put(CONFIG, text, strlen(text));
	assert_int_equal(chmod(CONFIG, 0644), 0);
}

static int read_config(struct azf_error *err)
{
	azf_autoconfig struct azf_config config = { 0 };
	int r = azf_config_read(CONFIG, &config, err);

	if (r == 0)
		assert_string_equal(config.https_proxy, "http://proxy:3128");
	return r;
}

/* ---- fstab ---- */

static void prepare_fstab(void)
{
	put("/etc/fstab", FSTAB_OLD, strlen(FSTAB_OLD));
	(void)unlink("/etc/fstab.old");
}

static int edit_fstab(struct azf_error *err)
{
	const struct azf_fstab_line line = { "//" HOST "/s", "/new place",
					     "identity=system" };
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	azf_autofree char *text = NULL;
	struct azf_fstab_edit edit = { 0 };
	size_t len;
	int r = azf_replace_open("/etc/fstab", &file, err);

	if (r == 0)
		r = azf_fstab_put(file.text, file.path, &line, &edit, err);
	if (r)
		return r;
	text = azf_edit_apply(file.text, file.len, &edit.edit, &len);
	azf_edit_free(&edit.edit);
	if (!text)
		return azf_no_memory(err);
	return azf_replace_write(&file, text, len, "fstab.old", err);
}

static void check_fstab(int r)
{
	const char *text = get("/etc/fstab", NULL);

	if (!azf_streq(text, FSTAB_OLD) && !azf_streq(text, FSTAB_NEW))
		flow_fail("fstab holds '%s'", text);
	if (r && !azf_streq(text, FSTAB_OLD))
		flow_fail("it failed, and fstab is the new one");
	if (is_there("/etc/fstab.old") &&
	    !azf_streq(get("/etc/fstab.old", NULL), FSTAB_OLD))
		flow_fail("the old fstab is not whole");
}

const struct flow flows_state[] = {
	{ "state is written and read", prepare_state, write_state,
	  check_state },
	{ "state is forgotten", prepare_state, forget_state, check_forgotten },
	{ "tickets are refreshed", prepare_refresh, run_refresh,
	  check_refresh },
	{ "a key is stored and read", prepare_key, write_key, check_key },
	{ "a note in the keyring", forget_note, note_key, NULL },
	{ "a token is got and recalled", prepare_token, get_token,
	  check_token },
	{ "azfiles.conf is read", prepare_config, read_config, NULL },
	{ "fstab is edited", prepare_fstab, edit_fstab, check_fstab },
	{ .name = NULL },
};
