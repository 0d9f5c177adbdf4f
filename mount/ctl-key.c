// SPDX-License-Identifier: MIT
/* ctl-key.c - "key add", "key list", "key delete": what mounts find by account.
 */
#include "azf-private.h"
#include "ctl.h"
#include "source.h"
#include "stored-key.h"

#include <bsd/readpassphrase.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>

/* Two keys and the line ends; what is longer is something else. */
#define INPUT_MAX 2048

/**
 * struct addition - one "key add"
 * @name: under which it is stored
 * @azure: it is an account of Azure, whose keys have a known form
 * @text: what was typed or read
 * @keys: one or two of them
 * @count: of @keys
 * @stored: the file as it was, then as it will be
 */
struct addition {
	char *name;
	bool azure;
	char text[INPUT_MAX];
	struct azf_secret keys[2];
	int count;
	struct azf_credential stored;
};

static void end_addition(struct addition **addition)
{
	if (!*addition)
		return;
	free((*addition)->name);
	azf_credential_free(&(*addition)->stored);
	azf_secret_release(*addition, sizeof(**addition));
}

/* ---- whose key ---- */

/* A word without a dot is an account; a server has its whole name. */
static bool is_account(const char *name)
{
	size_t len = strlen(name);

	return len >= 3 && len <= 24 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

/* The same rule as for the source of a mount, so that it is found. */
static int find_name(const char *argument, char **ret_name, bool *ret_azure,
		     struct azf_error *err)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	azf_autofree char *text = NULL;

	if (argument[0] == '\0' || argument[0] == '.' ||
	    strpbrk(argument, "/\\@? ")) {
		azf_fail(err, AZF_E_USAGE,
			 "'%s' is neither a storage account nor a host",
			 argument);
		return azf_cure(err, "Write it as myaccount, or as "
				     "myaccount.file.core.windows.net");
	}
	if (asprintf(&text, "//%s/share", argument) < 0) {
		text = NULL;
		return azf_no_memory(err);
	}
	if (azf_source_parse(text, &source, err))
		return -(int)err->code;
	*ret_name = azf_stored_key_name(&source);
	if (!*ret_name)
		return azf_no_memory(err);
	*ret_azure = source.account || is_account(*ret_name);
	return 0;
}

/* ---- what is typed or read ---- */

static int cannot_read(const char *what, int error, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "cannot read the key from %s: %s", what,
		 error == EFBIG ? "that is too much for a key" :
				  strerror(error));
	return azf_cure(err, "It is one line, or two for both keys");
}

static int prompt(struct addition *addition, struct azf_error *err)
{
	char question[320];

	(void)snprintf(question, sizeof(question),
		       "Key of %s (it is not shown): ", addition->name);
	if (readpassphrase(question, addition->text, sizeof(addition->text),
			   RPP_ECHO_OFF | RPP_REQUIRE_TTY))
		return 0;
	return cannot_read("the terminal", errno, err);
}

static int read_text(struct addition *addition, const char *file,
		     struct azf_error *err)
{
	bool from_stdin = !file || azf_streq(file, "-");
	azf_autoclose int opened = -1;
	ssize_t len;

	if (from_stdin && isatty(STDIN_FILENO))
		return prompt(addition, err);
	if (!from_stdin) {
		opened = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (opened < 0)
			return cannot_read(file, errno, err);
	}
	len = azf_read_file(from_stdin ? STDIN_FILENO : opened, addition->text,
			    sizeof(addition->text));
	if (len < 0)
		return cannot_read(from_stdin ? "the standard input" : file,
				   (int)-len, err);
	return 0;
}

/* Blanks around a key come from copying; those of a password may be its own. */
static int take_key(struct addition *addition, const char *line, size_t len,
		    struct azf_error *err)
{
	struct azf_secret *key = &addition->keys[addition->count];

	while (len && line[len - 1] == '\r')
		len--;
	while (addition->azure && len && isspace((unsigned char)line[len - 1]))
		len--;
	for (; addition->azure && len && isspace((unsigned char)*line); len--)
		line++;
	if (len == 0)
		return 0;
	if (addition->count == 2)
		return azf_fail(err, AZF_E_MOUNT,
				"there are more than two lines: an account "
				"has two keys");
	if (!azf_secret_set(key, line, len))
		return azf_fail(err, AZF_E_MOUNT,
				"a password is longer than %d characters",
				AZF_SECRET_MAX);
	for (size_t i = 0; i < len; i++) {
		if (iscntrl((unsigned char)line[i]))
			return azf_fail(err, AZF_E_MOUNT,
					"there is a control character in it");
	}
	if (addition->azure && !azf_secret_is_key(key)) {
		azf_fail(err, AZF_E_MOUNT,
			 "this is not a storage account key: it has %zu "
			 "characters, a key has 88 in base64",
			 len);
		return azf_cure(err,
				"Copy the whole key: az storage account keys "
				"list -n %s",
				addition->name);
	}
	addition->count++;
	return 0;
}

static int take_keys(struct addition *addition, const char *file,
		     struct azf_error *err)
{
	const char *line = addition->text;
	int r = read_text(addition, file, err);

	while (r == 0 && *line) {
		size_t len = strcspn(line, "\n");

		r = take_key(addition, line, len, err);
		line += len + (line[len] == '\n');
	}
	if (r == 0 && addition->count == 0)
		r = azf_fail(err, AZF_E_MOUNT, "no key was given");
	return r;
}

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
static int merge(struct addition *addition, bool second, bool replace,
		 struct azf_error *err)
{
	struct azf_credential *stored = &addition->stored;
	const char *name = addition->name;

	if (second && addition->count == 2)
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
	if (!replace && (second || addition->count == 2) &&
	    stored->password2.len)
		return stored_already(name, "second ", err);
	if (second) {
		stored->password2 = addition->keys[0];
		return 0;
	}
	stored->password = addition->keys[0];
	if (addition->count == 2)
		stored->password2 = addition->keys[1];
	return 0;
}

/*
 * What cannot be read cannot be kept; whoever says --replace has lost it
 * already, be it that the key was sealed on another machine.
 */
static int read_stored(struct addition *addition, enum azf_key_kind kind,
		       bool replace, struct azf_error *err)
{
	int r;

	if (kind == AZF_KEY_NONE)
		return 0;
	r = azf_stored_key_read(addition->name, kind, &ctl_log,
				&addition->stored, err);
	if (r == 0 || !replace)
		return r;
	azf_note(&ctl_log, AZF_WARN,
		 "%s. It is replaced as a whole: a second key in it is lost",
		 err->cause);
	azf_credential_free(&addition->stored);
	return 0;
}

static int set_names(struct addition *addition, const char *user,
		     struct azf_error *err)
{
	const char *name = user ? user : addition->name;

	if (user) {
		for (const char *p = user; *p; p++) {
			if (iscntrl((unsigned char)*p))
				return azf_fail(err, AZF_E_USAGE,
						"there is a control character "
						"in the user name");
		}
	} else if (!addition->azure || addition->stored.username) {
		return 0;
	}
	return azf_credential_set_user(&addition->stored, name, strlen(name),
				       err);
}

/* A key that is sealed stays so: nothing but "key delete" takes that back. */
static int store(const struct ctl_call *call, struct addition *addition,
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
	kind = azf_stored_key_kind(addition->name, &ctl_log);
	r = read_stored(addition, kind, replace && !second, err);
	if (r == 0)
		r = merge(addition, second, replace, err);
	if (r == 0)
		r = set_names(addition, ctl_value(call, "username"), err);
	if (r)
		return r;
	if (kind == AZF_KEY_NONE || ctl_value(call, "seal"))
		kind = ctl_value(call, "seal") ? AZF_KEY_SEALED : AZF_KEY_FILE;
	return azf_stored_key_write(directory, addition->name, kind,
				    &addition->stored, &ctl_log, err);
}

static int run_add(const struct ctl_call *call)
{
	azf_cleanup(end_addition) struct addition *addition =
		azf_secret_alloc(sizeof(*addition));
	struct azf_error err = { 0 };
	int r;

	if (ctl_need_root(call))
		return 1;
	if (!addition) {
		(void)azf_no_memory(&err);
		return ctl_fail(&err);
	}
	r = find_name(call->args[0], &addition->name, &addition->azure, &err);
	if (ctl_value(call, "username"))
		addition->azure = false;
	if (r == 0)
		r = take_keys(addition, ctl_value(call, "file"), &err);
	if (r == 0)
		r = store(call, addition, &err);
	return r ? ctl_fail(&err) : 0;
}

const struct ctl_verb ctl_key_add = {
	.name = "key add",
	.arguments = "ACCOUNT|HOST",
	.min = 1,
	.max = 1,
	.help = "store a key for mounts to find; it is typed, or read from "
		"standard input",
	.options = {
		{ "file", 'f', "FILE", "read it from there" },
		{ "seal", 's', NULL, "so that only this machine can read it" },
		{ "second", 0, NULL, "it is the account's other key" },
		{ "replace", 'r', NULL, "in the place of the one stored" },
		{ "username", 'u', "NAME", "it is the password of this user" },
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
	if (find_name(call->args[0], &name, &ignored, &err) ||
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
	.run = run_delete,
};
