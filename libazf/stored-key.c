// SPDX-License-Identifier: MIT
/* stored-key.c - the keys in /etc/azfiles/keys, which mounts find by account. */
#include "stored-key.h"

#include "azf-private.h"
#include "seal.h"
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char *const suffixes[] = {
	[AZF_KEY_FILE] = ".cred",
	[AZF_KEY_SEALED] = ".cred.enc",
};

/* What passes through memory when a key is sealed or unsealed. */
struct texts {
	char plain[AZF_CREDENTIAL_MAX];
	char sealed[AZF_CREDENTIAL_MAX];
};

static void release(struct texts **texts)
{
	azf_secret_release(*texts, sizeof(**texts));
}

#define autotexts azf_cleanup(release)

static char *file_name(const char *name, enum azf_key_kind kind)
{
	char *file;

	return asprintf(&file, "%s%s", name, suffixes[kind]) < 0 ? NULL : file;
}

static char *path_of(const char *name, enum azf_key_kind kind)
{
	char *path;

	return asprintf(&path, AZF_KEYS_DIR "/%s%s", name, suffixes[kind]) < 0 ?
		       NULL :
		       path;
}

char *azf_stored_key_name(const struct azf_source *source)
{
	if (source->account)
		return strdup(source->account);
	return azf_source_canonical_host(source->host);
}

static bool is_stored(const char *name, enum azf_key_kind kind)
{
	azf_autofree char *path = path_of(name, kind);

	return path && access(path, F_OK) == 0;
}

enum azf_key_kind azf_stored_key_kind(const char *name,
				      const struct azf_log *log)
{
	bool sealed = is_stored(name, AZF_KEY_SEALED);

	if (!is_stored(name, AZF_KEY_FILE))
		return sealed ? AZF_KEY_SEALED : AZF_KEY_NONE;
	if (sealed)
		azf_note(log, AZF_WARN,
			 "the key of %s is stored twice, in " AZF_KEYS_DIR
			 "/%s.cred, which is used, and " AZF_KEYS_DIR
			 "/%s.cred.enc. Remove one of them",
			 name, name, name);
	return AZF_KEY_FILE;
}

/* ---- reading ---- */

static int read_sealed(const char *name, const char *path,
		       const struct azf_log *log,
		       struct azf_credential *credential, struct azf_error *err)
{
	autotexts struct texts *texts = azf_secret_alloc(sizeof(*texts));
	struct azf_seal seal = { .name = name, .path = path };
	size_t len = 0;
	mode_t ignored;
	int r;

	if (!texts)
		return azf_no_memory(err);
	r = azf_credential_text(path, texts->sealed, sizeof(texts->sealed),
				&seal.input_len, &ignored, err);
	if (r)
		return r;
	seal.input = texts->sealed;
	seal.output = texts->plain;
	seal.size = sizeof(texts->plain);
	r = azf_unseal(&seal, &len, err);
	return r ? r :
		   azf_credential_parse(texts->plain, len, path, log,
					credential, err);
}

int azf_stored_key_read(const char *name, enum azf_key_kind kind,
			const struct azf_log *log,
			struct azf_credential *credential,
			struct azf_error *err)
{
	azf_autofree char *path = path_of(name, kind);
	int r;

	if (!path)
		return azf_no_memory(err);
	credential->stored = true;
	if (kind == AZF_KEY_FILE)
		return azf_credential_read(path, log, credential, err);
	r = read_sealed(name, path, log, credential, err);
	if (r)
		return r;
	free(credential->origin);
	credential->origin = azf_take(path);
	return 0;
}

/* ---- writing ---- */

static int unusable(int error, struct azf_error *err)
{
	azf_fail(err, AZF_E_SYSTEM, "cannot use " AZF_KEYS_DIR ": %s",
		 error == -EPERM ? "others than root may write to it" :
				   strerror(-error));
	return error == -EPERM ? azf_cure(err, "Run: chown root " AZF_KEYS_DIR
					       "; chmod 700 " AZF_KEYS_DIR) :
				 -(int)err->code;
}

int azf_stored_keys_lock(int *ret_directory, struct azf_error *err)
{
	azf_autoclose int directory = -1;

	/* where it is missing and cannot be made, the next line says why */
	(void)mkdir(AZF_SYSCONFDIR "/azfiles", 0755);
	directory = azf_open_directory(AT_FDCWD, AZF_KEYS_DIR, true);
	if (directory < 0)
		return unusable(directory, err);
	while (flock(directory, LOCK_EX)) {
		if (errno != EINTR)
			return unusable(-errno, err);
	}
	*ret_directory = directory;
	directory = -1;
	return 0;
}

static void add_line(char *text, size_t size, const char *key,
		     const char *value)
{
	size_t len = strlen(text);

	if (value && value[0])
		(void)snprintf(text + len, size - len, "%s=%s\n", key, value);
}

static int seal_text(const char *name, struct texts *texts, size_t *ret_len,
		     const struct azf_log *log, struct azf_error *err)
{
	azf_autofree char *path = path_of(name, AZF_KEY_SEALED);
	const struct azf_seal seal = {
		.name = name,
		.path = path,
		.input = texts->plain,
		.input_len = strlen(texts->plain),
		.output = texts->sealed,
		.size = sizeof(texts->sealed),
	};

	return path ? azf_seal(&seal, ret_len, log, err) : azf_no_memory(err);
}

static int put_in_place(int directory, const char *name, enum azf_key_kind kind,
			const void *data, size_t len, struct azf_error *err)
{
	enum azf_key_kind other = kind == AZF_KEY_FILE ? AZF_KEY_SEALED :
							 AZF_KEY_FILE;
	azf_autofree char *file = file_name(name, kind);
	azf_autofree char *old = file_name(name, other);
	int r;

	if (!file || !old)
		return azf_no_memory(err);
	r = azf_replace_file(directory, file, data, len);
	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot write " AZF_KEYS_DIR "/%s: %s", file,
				strerror(-r));
	if (unlinkat(directory, old, 0) && errno != ENOENT)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot remove " AZF_KEYS_DIR "/%s: %s", old,
				strerror(errno));
	(void)fsync(directory);
	return 0;
}

int azf_stored_key_write(int directory, const char *name,
			 enum azf_key_kind kind,
			 const struct azf_credential *credential,
			 const struct azf_log *log, struct azf_error *err)
{
	autotexts struct texts *texts = azf_secret_alloc(sizeof(*texts));
	const char *data;
	size_t len;
	int r = 0;

	if (!texts)
		return azf_no_memory(err);
	add_line(texts->plain, sizeof(texts->plain), "username",
		 credential->username);
	add_line(texts->plain, sizeof(texts->plain), "domain",
		 credential->domain);
	add_line(texts->plain, sizeof(texts->plain), "password",
		 credential->password.text);
	add_line(texts->plain, sizeof(texts->plain), "password2",
		 credential->password2.text);
	data = texts->plain;
	len = strlen(texts->plain);
	if (kind == AZF_KEY_SEALED) {
		data = texts->sealed;
		r = seal_text(name, texts, &len, log, err);
	}
	return r ? r : put_in_place(directory, name, kind, data, len, err);
}

bool azf_stored_key_rotate(struct azf_credential *credential,
			   const struct azf_secret *key)
{
	if (azf_streq(credential->password.text, key->text))
		return false;
	credential->password2 = credential->password;
	credential->password = *key;
	return true;
}

int azf_stored_key_delete(int directory, const char *name)
{
	bool found = false;

	for (enum azf_key_kind kind = AZF_KEY_FILE; kind <= AZF_KEY_SEALED;
	     kind++) {
		azf_autofree char *file = file_name(name, kind);

		if (!file)
			return -ENOMEM;
		if (unlinkat(directory, file, 0) == 0)
			found = true;
		else if (errno != ENOENT)
			return -errno;
	}
	(void)fsync(directory);
	return found ? 0 : -ENOENT;
}

/* ---- listing ---- */

/* The kind of a stored key by the name of its file, and the length of NAME. */
static enum azf_key_kind kind_of(const char *file, size_t *ret_len)
{
	size_t len = strlen(file);

	for (enum azf_key_kind kind = AZF_KEY_FILE; kind <= AZF_KEY_SEALED;
	     kind++) {
		size_t suffix = strlen(suffixes[kind]);

		if (len > suffix &&
		    azf_streq(file + len - suffix, suffixes[kind])) {
			*ret_len = len - suffix;
			return kind;
		}
	}
	return AZF_KEY_NONE;
}

static int is_key(const struct dirent *entry)
{
	size_t ignored;

	return kind_of(entry->d_name, &ignored) != AZF_KEY_NONE;
}

static int when_stored(const char *file, time_t *ret_time)
{
	char path[sizeof(AZF_KEYS_DIR "/") + NAME_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), AZF_KEYS_DIR "/%s", file);
	if (stat(path, &st))
		return -errno;
	*ret_time = st.st_mtime;
	return 0;
}

int azf_stored_keys_visit(void (*visit)(void *arg,
					const struct azf_stored_key *key),
			  void *arg)
{
	struct dirent **entries;
	int count = scandir(AZF_KEYS_DIR, &entries, is_key, alphasort);
	int r = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		azf_autofree struct dirent *entry = entries[i];
		struct azf_stored_key key = { .name = entry->d_name };
		size_t len = 0;

		if (r == 0)
			r = when_stored(entry->d_name, &key.time);
		if (r) {
			/* one that was removed a moment ago is none */
			r = r == -ENOENT ? 0 : r;
			continue;
		}
		key.kind = kind_of(entry->d_name, &len);
		entry->d_name[len] = '\0';
		visit(arg, &key);
	}
	free(entries);
	return r;
}
