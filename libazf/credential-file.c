// SPDX-License-Identifier: MIT
/* credential-file.c - the files that hold a user name and keys. */
#include "credential.h"

#include "azf-private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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
int azf_credential_set_user(struct azf_credential *credential,
			    const char *value, size_t len,
			    struct azf_error *err)
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
		return azf_credential_set_user(credential, value, len, err);
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

int azf_credential_parse(const char *text, size_t text_len, const char *path,
			 const struct azf_log *log,
			 struct azf_credential *credential,
			 struct azf_error *err)
{
	unsigned int number = 0;

	if (memchr(text, '\0', text_len))
		return azf_fail(err, AZF_E_MOUNT,
				"the credentials file %s contains a NUL byte",
				path);
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

/* O_NONBLOCK, since a FIFO in the place of the file must not stop us. */
int azf_credential_text(const char *path, char *text, size_t size,
			size_t *ret_len, mode_t *ret_mode,
			struct azf_error *err)
{
	azf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						  O_NONBLOCK);
	struct stat st;
	ssize_t len;

	text[0] = '\0';
	if (fd < 0 || fstat(fd, &st) < 0)
		return file_error(err, path, errno);
	if (!S_ISREG(st.st_mode))
		return azf_fail(err, AZF_E_MOUNT,
				"the credentials file %s is not a regular file",
				path);
	len = azf_read_file(fd, text, size);
	if (len < 0)
		return file_error(err, path, (int)-len);
	*ret_len = (size_t)len;
	*ret_mode = st.st_mode & 07777;
	return 0;
}

struct file_text {
	char text[AZF_CREDENTIAL_MAX];
};

static void wipe_text(struct file_text *file)
{
	explicit_bzero(file, sizeof(*file));
}

int azf_credential_read(const char *path, const struct azf_log *log,
			struct azf_credential *credential,
			struct azf_error *err)
{
	azf_cleanup(wipe_text) struct file_text file;
	mode_t mode = 0;
	size_t len = 0;
	int r;

	r = azf_credential_text(path, file.text, sizeof(file.text), &len, &mode,
				err);
	if (r)
		return r;
	if (mode & (S_IRWXG | S_IRWXO))
		azf_note(log, AZF_WARN,
			 "other users may read or write %s (mode %04o). "
			 "Run: chmod 600 %s",
			 path, mode, path);
	r = azf_credential_parse(file.text, len, path, log, credential, err);
	return r ? r : replace(&credential->origin, path, strlen(path), err);
}
