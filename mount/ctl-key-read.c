// SPDX-License-Identifier: MIT
/* ctl-key-read.c - whose key it is, and the key itself, typed or from a file. */
#include "azf-private.h"
#include "ctl-key.h"
#include "ctl.h"
#include "source.h"
#include "stored-key.h"

#include <bsd/readpassphrase.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>

void ctl_key_end(struct ctl_key **key)
{
	if (!*key)
		return;
	free((*key)->name);
	azf_credential_free(&(*key)->stored);
	azf_secret_release(*key, sizeof(**key));
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
int ctl_key_find_name(const char *argument, char **ret_name, bool *ret_azure,
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

static int prompt(struct ctl_key *key, struct azf_error *err)
{
	char question[320];

	(void)snprintf(question, sizeof(question),
		       "Key of %s (it is not shown): ", key->name);
	if (readpassphrase(question, key->text, sizeof(key->text),
			   RPP_ECHO_OFF | RPP_REQUIRE_TTY))
		return 0;
	return cannot_read("the terminal", errno, err);
}

static int read_text(struct ctl_key *key, const char *file,
		     struct azf_error *err)
{
	bool from_stdin = !file || azf_streq(file, "-");
	azf_autoclose int opened = -1;
	ssize_t len;

	if (from_stdin && isatty(STDIN_FILENO))
		return prompt(key, err);
	if (!from_stdin) {
		opened = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (opened < 0)
			return cannot_read(file, errno, err);
	}
	len = azf_read_file(from_stdin ? STDIN_FILENO : opened, key->text,
			    sizeof(key->text));
	if (len < 0)
		return cannot_read(from_stdin ? "the standard input" : file,
				   (int)-len, err);
	/* what is behind it would be lost without a word */
	if (memchr(key->text, '\0', (size_t)len)) {
		azf_fail(err, AZF_E_MOUNT, "there is a NUL byte in the key");
		return azf_cure(err, "Give it as plain text, not as UTF-16");
	}
	return 0;
}

/* Blanks around a key come from copying; those of a password may be its own. */
static int take_key(struct ctl_key *key, const char *line, size_t len,
		    struct azf_error *err)
{
	struct azf_secret *secret = &key->keys[key->count];

	while (len && line[len - 1] == '\r')
		len--;
	while (key->azure && len && isspace((unsigned char)line[len - 1]))
		len--;
	for (; key->azure && len && isspace((unsigned char)*line); len--)
		line++;
	if (len == 0)
		return 0;
	if (key->count == 2)
		return azf_fail(err, AZF_E_MOUNT,
				"there are more than two lines: an account "
				"has two keys");
	if (!azf_secret_set(secret, line, len))
		return azf_fail(err, AZF_E_MOUNT,
				"a password is longer than %d characters",
				AZF_SECRET_MAX);
	for (size_t i = 0; i < len; i++) {
		if (iscntrl((unsigned char)line[i]))
			return azf_fail(err, AZF_E_MOUNT,
					"there is a control character in it");
	}
	if (key->azure && !azf_secret_is_key(secret)) {
		azf_fail(err, AZF_E_MOUNT,
			 "this is not a storage account key: it has %zu "
			 "characters, a key has 88 in base64",
			 len);
		return azf_cure(err,
				"Copy the whole key: az storage account keys "
				"list -n %s",
				key->name);
	}
	key->count++;
	return 0;
}

int ctl_key_read(struct ctl_key *key, const char *file, struct azf_error *err)
{
	const char *line = key->text;
	int r = read_text(key, file, err);

	while (r == 0 && *line) {
		size_t len = strcspn(line, "\n");

		r = take_key(key, line, len, err);
		line += len + (line[len] == '\n');
	}
	if (r || key->count)
		return r;
	azf_fail(err, AZF_E_MOUNT, "no key was given");
	return azf_cure(err, "Give it on the standard input");
}
