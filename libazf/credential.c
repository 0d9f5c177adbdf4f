// SPDX-License-Identifier: MIT
/* credential.c - who we are to the server: inline, file, or stored key. */
#include "credential.h"

#include "azf-private.h"
#include "options.h"
#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* A credentials file holds a few short lines; anything larger is not one. */
#define FILE_MAX 16384

void azf_credential_free(struct azf_credential *credential)
{
	free(credential->username);
	free(credential->domain);
	free(credential->origin);
	azf_secret_wipe(&credential->password);
	azf_secret_wipe(&credential->password2);
	*credential = (struct azf_credential){ 0 };
}

static int replace(char **text, const char *value, size_t len,
		   struct azf_error *err)
{
	char *copy = strndup(value, len);

	if (!copy)
		return azf_no_memory(err);
	free(*text);
	*text = copy;
	return 0;
}

/*
 * "AZURE\acct" is a domain and a user; the kernel wants them apart. That is
 * how Windows and old Azure pages write it.
 */
static int set_username(struct azf_credential *credential, const char *value,
			size_t len, struct azf_error *err)
{
	const char *backslash = memchr(value, '\\', len);
	int r;

	if (!backslash)
		return replace(&credential->username, value, len, err);
	r = replace(&credential->domain, value, (size_t)(backslash - value),
		    err);
	if (r)
		return r;
	backslash++;
	return replace(&credential->username, backslash,
		       len - (size_t)(backslash - value), err);
}

enum field {
	NO_FIELD,
	USERNAME,
	PASSWORD,
	PASSWORD2,
	DOMAIN_NAME
};

static enum field field_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		enum field field;
	} names[] = {
		{ "username", USERNAME },     { "user", USERNAME },
		{ "password", PASSWORD },     { "pass", PASSWORD },
		{ "password2", PASSWORD2 },   { "pass2", PASSWORD2 },
		{ "domain", DOMAIN_NAME },    { "dom", DOMAIN_NAME },
		{ "workgroup", DOMAIN_NAME },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(names); i++) {
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, name, len) == 0)
			return names[i].field;
	}
	return NO_FIELD;
}

static int set_field(struct azf_credential *credential, enum field field,
		     const char *value, size_t len, struct azf_error *err)
{
	struct azf_secret *secret = field == PASSWORD ? &credential->password :
							&credential->password2;

	switch (field) {
	case USERNAME:
		return set_username(credential, value, len, err);
	case DOMAIN_NAME:
		return replace(&credential->domain, value, len, err);
	case PASSWORD:
	case PASSWORD2:
		if (azf_secret_set(secret, value, len))
			return 0;
		return azf_fail(err, AZF_E_MOUNT,
				"a password is longer than %d characters",
				AZF_SECRET_MAX);
	case NO_FIELD:
		break;
	}
	return azf_fail(err, AZF_E_USAGE, "unknown key");
}

int azf_credential_parse(const char *text, const char *path,
			 const struct azf_log *log,
			 struct azf_credential *credential,
			 struct azf_error *err)
{
	unsigned int number = 0;

	while (*text) {
		const char *line = text;
		size_t len = strcspn(line, "\n");
		const char *equals;
		size_t name_len;

		text = line + len + (line[len] == '\n');
		number++;
		while (len && line[len - 1] == '\r')
			len--;
		for (; len && isblank((unsigned char)*line); len--)
			line++;
		if (len == 0 || *line == '#')
			continue;
		equals = memchr(line, '=', len);
		name_len = equals ? (size_t)(equals - line) : 0;
		while (name_len && isblank((unsigned char)line[name_len - 1]))
			name_len--;
		/* the line is not shown: it may be a key without its name */
		if (!equals || field_of(line, name_len) == NO_FIELD) {
			azf_note(log, AZF_WARN,
				 "line %u of %s is ignored: it is not one of "
				 "username=, password=, password2=, domain=",
				 number, path);
			continue;
		}
		equals++;
		if (set_field(credential, field_of(line, name_len), equals,
			      len - (size_t)(equals - line), err)) {
			char cause[sizeof(err->cause) / 2];

			(void)snprintf(cause, sizeof(cause), "%.*s",
				       (int)sizeof(cause) - 1, err->cause);
			return azf_fail(err, err->code, "line %u of %s: %s",
					number, path, cause);
		}
	}
	return 0;
}

static int file_error(struct azf_error *err, const char *path, int error)
{
	azf_fail(err, AZF_E_MOUNT, "cannot read the credentials file %s: %s",
		 path, strerror(error));
	if (error == ENOENT)
		return azf_cure(err, "Create it with the lines "
				     "username=ACCOUNT and password=KEY, and "
				     "chmod 600 it");
	if (error == EFBIG)
		return azf_cure(err, "A credentials file has a few lines; "
				     "check that this is the right one");
	return azf_cure(err, "Check the path and its permissions");
}

struct file_text {
	char text[FILE_MAX];
};

static void wipe_text(struct file_text *file)
{
	explicit_bzero(file, sizeof(*file));
}

static int read_file(int fd, const char *path, const struct azf_log *log,
		     struct azf_credential *credential, struct azf_error *err)
{
	azf_cleanup(wipe_text) struct file_text file;
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) < 0)
		return file_error(err, path, errno);
	if (!S_ISREG(st.st_mode))
		return azf_fail(err, AZF_E_MOUNT,
				"the credentials file %s is not a regular file",
				path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		azf_note(log, AZF_WARN,
			 "other users may read or write %s (mode %04o). "
			 "Run: chmod 600 %s",
			 path, st.st_mode & 07777U, path);
	len = azf_read_file(fd, file.text, sizeof(file.text));
	if (len < 0)
		return file_error(err, path, (int)-len);
	if (memchr(file.text, '\0', (size_t)len))
		return azf_fail(err, AZF_E_MOUNT,
				"the credentials file %s contains a NUL byte",
				path);
	return azf_credential_parse(file.text, path, log, credential, err);
}

/* O_NONBLOCK, since a FIFO in the place of the file must not stop us. */
static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static int from_file(const char *path, bool needs_key,
		     const struct azf_log *log,
		     struct azf_credential *credential, struct azf_error *err)
{
	azf_autoclose int fd = open_file(path);
	int r;

	if (fd < 0)
		return file_error(err, path, errno);
	r = read_file(fd, path, log, credential, err);
	if (r)
		return r;
	if (!credential->password.len && needs_key) {
		azf_fail(err, AZF_E_MOUNT, "the file %s has no password", path);
		return azf_cure(err, "Add a line password=KEY to it");
	}
	return replace(&credential->origin, path, strlen(path), err);
}

/* The name of a stored key: the account, or another server's host name. */
static const char *key_name(const struct azf_source *source)
{
	return source->account ? source->account : source->host;
}

static int from_store(const struct azf_source *source,
		      const struct azf_log *log,
		      struct azf_credential *credential, struct azf_error *err)
{
	azf_autofree char *path = NULL;

	if (asprintf(&path, AZF_KEYS_DIR "/%s.cred", key_name(source)) < 0) {
		path = NULL;
		return azf_no_memory(err);
	}
	if (access(path, F_OK) == 0)
		return from_file(path, true, log, credential, err);
	azf_fail(err, AZF_E_MOUNT, "no key of %s was given, and none is stored",
		 key_name(source));
	return azf_cure(err,
			"Put password=KEY into %s (mode 0600), or name another "
			"file with credentials=FILE",
			path);
}

/* Keys on the line win over those of a file. */
static int from_line(const struct azf_options *options,
		     const struct azf_log *log,
		     struct azf_credential *credential, struct azf_error *err)
{
	static const char line[] = "the mount line";

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
	return replace(&credential->origin, line, strlen(line), err);
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
		r = set_username(credential, username, strlen(username), err);
	if (r == 0 && domain)
		r = replace(&credential->domain, domain, strlen(domain), err);
	if (r || (credential->username && credential->username[0]))
		return r;
	/* the kernel wants a name even where the ticket says who we are */
	if (source->account || credential->ticket) {
		const char *name = source->account ? source->account : "root";

		return replace(&credential->username, name, strlen(name), err);
	}
	azf_fail(err, AZF_E_USAGE, "no user name for %s", source->host);
	return azf_cure(err, "Add username=NAME to the options or to the "
			     "credentials file");
}

static bool without_key(const struct azf_options *options)
{
	const char *sec = azf_options_value(options, "sec");

	return sec && (azf_starts_with(sec, "krb5") || azf_streq(sec, "none"));
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
		r = from_file(path, options->password.len == 0, log, &found,
			      err);
	else if (!found.ticket && !options->password.len)
		r = from_store(source, log, &found, err);
	if (r == 0)
		r = from_line(options, log, &found, err);
	if (r == 0)
		r = complete(options, source, &found, err);
	if (r)
		return r;
	*ret_credential = found;
	/* the copy owns the strings; the secrets left here are wiped */
	found.username = found.domain = found.origin = NULL;
	return 0;
}
