// SPDX-License-Identifier: MIT
/* credential.c - who we are to the server: inline, file, or stored key. */
#include "credential.h"

#include "azf-private.h"
#include "options.h"
#include "source.h"
#include "stored-key.h"

#include <errno.h>

static int set(char **text, const char *value, struct azf_error *err)
{
	char *copy = strdup(value);

	if (!copy)
		return azf_no_memory(err);
	free(*text);
	*text = copy;
	return 0;
}

static int need_key(const struct azf_credential *credential,
		    struct azf_error *err)
{
	if (credential->password.len)
		return 0;
	azf_fail(err, AZF_E_MOUNT, "the file %s has no password",
		 credential->origin);
	return azf_cure(err, "Add a line password=KEY to it");
}

static int from_file(const char *path, bool needs_key,
		     const struct azf_log *log,
		     struct azf_credential *credential, struct azf_error *err)
{
	int r = azf_credential_read(path, log, credential, err);

	return r || !needs_key ? r : need_key(credential, err);
}

static int from_store(const struct azf_source *source,
		      const struct azf_log *log,
		      struct azf_credential *credential, struct azf_error *err)
{
	azf_autofree char *name = azf_stored_key_name(source);
	enum azf_key_kind kind;
	int r;

	if (!name)
		return azf_no_memory(err);
	kind = azf_stored_key_kind(name, log);
	if (kind == AZF_KEY_NONE) {
		azf_fail(err, AZF_E_MOUNT,
			 "no key of %s was given, and none is stored", name);
		return azf_cure(err,
				"Store it with 'azfilesctl key add %s', or "
				"name a file with credentials=FILE",
				name);
	}
	r = azf_stored_key_read(name, kind, log, credential, err);
	return r ? r : need_key(credential, err);
}

/* Keys on the line win over those of a file. */
static int from_line(const struct azf_options *options,
		     const struct azf_log *log,
		     struct azf_credential *credential, struct azf_error *err)
{
	if (!options->password.len && !options->password2.len)
		return 0;
	azf_note(log, AZF_WARN,
		 "the key is part of the mount line, where other users can see "
		 "it. Put it into a file of mode 0600 and use "
		 "credentials=FILE");
	if (options->password2.len)
		credential->password2 = options->password2;
	if (!options->password.len)
		return 0;
	credential->password = options->password;
	return set(&credential->origin, "the mount line", err);
}

/* What the line says about the user wins over the file. */
static int complete(const struct azf_options *options,
		    const struct azf_source *source,
		    struct azf_credential *credential, struct azf_error *err)
{
	const char *username = azf_options_value(options, "username");
	const char *domain = azf_options_value(options, "domain");
	int r = 0;

	if (username)
		r = azf_credential_set_user(credential, username,
					    strlen(username), err);
	if (r == 0 && domain)
		r = set(&credential->domain, domain, err);
	if (r || (credential->username && credential->username[0]))
		return r;
	/* the kernel wants a name even where the ticket says who we are */
	if (source->account || credential->ticket)
		return set(&credential->username,
			   source->account ? source->account : "root", err);
	azf_fail(err, AZF_E_USAGE, "no user name for %s", source->host);
	return azf_cure(err, "Add username=NAME to the options or to the "
			     "credentials file");
}

static bool without_key(const struct azf_options *options)
{
	const char *sec = azf_options_value(options, "sec");

	return sec && (azf_starts_with(sec, "krb5") || azf_streq(sec, "none"));
}

/* The copy owns the strings; the secrets left here are wiped. */
static void hand_over(struct azf_credential *found,
		      struct azf_credential *ret_credential)
{
	*ret_credential = *found;
	found->username = found->domain = found->origin = NULL;
}

int azf_credential_find(const struct azf_options *options,
			const struct azf_source *source,
			const struct azf_log *log,
			struct azf_credential *ret_credential,
			struct azf_error *err)
{
	azf_cleanup(azf_credential_free) struct azf_credential found = { 0 };
	const char *path = azf_options_value(options, "credentials");
	int r = 0;

	found.ticket = without_key(options);
	if (path)
		r = from_file(path, !found.ticket && !options->password.len,
			      log, &found, err);
	else if (!found.ticket && !options->password.len)
		r = from_store(source, log, &found, err);
	if (r == 0)
		r = from_line(options, log, &found, err);
	if (r == 0)
		r = complete(options, source, &found, err);
	if (r)
		return r;
	/* it would be of no use, and ends in the memory of the kernel */
	if (found.ticket) {
		azf_secret_wipe(&found.password);
		azf_secret_wipe(&found.password2);
	}
	hand_over(&found, ret_credential);
	return 0;
}

int azf_credential_given(const struct azf_options *options,
			 const struct azf_source *source,
			 const struct azf_key_pair *keys,
			 struct azf_credential *ret_credential,
			 struct azf_error *err)
{
	azf_cleanup(azf_credential_free) struct azf_credential found = {
		.password = keys->first,
		.password2 = keys->second,
		.stored = true,
	};
	int r = set(&found.origin, "what was given", err);

	if (r == 0)
		r = complete(options, source, &found, err);
	if (r)
		return r;
	hand_over(&found, ret_credential);
	return 0;
}
