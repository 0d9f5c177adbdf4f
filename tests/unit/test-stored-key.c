// SPDX-License-Identifier: MIT
/*
 * test-stored-key.c - keys that mounts find by account, plain and sealed.
 *
 * /etc, /run and /usr/bin are empty. The systemd-creds in there is this very
 * program: called by that name it plays the part, see play().
 */
#include "test.h"

#include "namespace.h"
#include "seal.h"
#include "source.h"
#include "stored-key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define CREDS	   "/usr/bin/systemd-creds"
#define CALLS	   "/run/calls"	 /* its arguments, a line for each call */
#define BROKEN	   "/run/broken" /* while this exists it fails */
#define PLAIN_FILE AZF_KEYS_DIR "/acct.cred"
#define ENC_FILE   AZF_KEYS_DIR "/acct.cred.enc"

/* ---- the double ---- */

static void say(int fd, const char *text)
{
	if (azf_write_all(fd, text, strlen(text)))
		_exit(2);
}

/* Sealed is NAME, a bar, and each byte with one bit turned around. */
static void __attribute__((noreturn)) play(int argc, char **argv)
{
	static char text[65536];
	ssize_t len = azf_read_file(STDIN_FILENO, text, sizeof(text));
	int calls = open(CALLS, O_WRONLY | O_CREAT | O_APPEND, 0600);
	const char *name = "";
	size_t start = 0;

	for (int i = 1; i < argc; i++) {
		say(calls, argv[i]);
		say(calls, i + 1 < argc ? " " : "\n");
		if (azf_starts_with(argv[i], "--name="))
			name = argv[i] + strlen("--name=");
	}
	say(STDERR_FILENO, "The first line.\n");
	if (len < 0 || access(BROKEN, F_OK) == 0) {
		say(STDERR_FILENO, "Decryption failed.\n");
		_exit(1);
	}
	if (azf_streq(argv[1], "encrypt")) {
		say(STDOUT_FILENO, name);
		say(STDOUT_FILENO, "|");
	} else {
		start = strlen(name) + 1;
		if (strncmp(text, name, start - 1) != 0 ||
		    text[start - 1] != '|')
			_exit(1);
	}
	for (ssize_t i = (ssize_t)start; i < len; i++)
		text[i] ^= 0x20;
	_exit(azf_write_all(STDOUT_FILENO, text + start, (size_t)len - start) !=
	      0);
}

static const char *self;

static int install_double(void)
{
	azf_autoclose int from = open(self, O_RDONLY);
	azf_autoclose int to = open(CREDS, O_WRONLY | O_CREAT, 0755);
	char block[65536];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0) {
		if (azf_write_all(to, block, (size_t)n))
			return -1;
	}
	return n || to < 0 ? -1 : 0;
}

/* ---- the rig ---- */

static int enter(void **state)
{
	static char kept[4096];

	self = realpath(self, kept);
	if (!self || namespace_enter(state) || namespace_hide("/etc"))
		return -1;
	return namespace_hide("/usr/bin");
}

/* Nothing is stored, and systemd-creds works. */
static int clear(void **state)
{
	(void)state;
	(void)unlink(PLAIN_FILE);
	(void)unlink(ENC_FILE);
	(void)unlink(CALLS);
	(void)unlink(BROKEN);
	(void)chmod(AZF_KEYS_DIR, 0700);
	return install_double();
}

static void touch(const char *path)
{
	azf_autoclose int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void content(const char *path, char text[4096])
{
	azf_autoclose int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(azf_read_file(fd, text, 4096) >= 0);
}

#define autocredential azf_cleanup(azf_credential_free)

/* Store two keys of "acct". */
static int store(enum azf_key_kind kind, struct remarks *remarks,
		 struct azf_error *err)
{
	const struct azf_log log = { test_remark, remarks };
	autocredential struct azf_credential credential = { 0 };
	azf_autoclose int directory = -1;

	*remarks = (struct remarks){ "" };
	*err = (struct azf_error){ 0 };
	assert_int_equal(
		azf_credential_set_user(&credential, "D\\acct", 6, err), 0);
	assert_true(azf_secret_set(&credential.password, "FIRSTKEY", 8));
	assert_true(azf_secret_set(&credential.password2, "OTHERKEY", 8));
	assert_int_equal(azf_stored_keys_lock(&directory, err), 0);
	return azf_stored_key_write(directory, "acct", kind, &credential, &log,
				    err);
}

static void stored(enum azf_key_kind kind)
{
	struct remarks remarks;
	struct azf_error err;

	if (store(kind, &remarks, &err))
		fail_msg("%s. %s", err.cause, err.cure);
}

/* As a mount does it. */
static int find(const char *source_text, struct azf_credential *credential,
		struct remarks *remarks, struct azf_error *err)
{
	const struct azf_log log = { test_remark, remarks };
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	struct azf_options *options = test_options("rw");
	int r;

	*remarks = (struct remarks){ "" };
	*err = (struct azf_error){ 0 };
	assert_int_equal(azf_source_parse(source_text, &source, err), 0);
	r = azf_credential_find(options, &source, &log, credential, err);
	azf_options_free(options);
	return r;
}

static const char azure[] = "//ACCT.file.core.windows.net/share";

static void found(const char *origin)
{
	autocredential struct azf_credential credential = { 0 };
	struct remarks remarks;
	struct azf_error err;

	if (find(azure, &credential, &remarks, &err))
		fail_msg("%s. %s", err.cause, err.cure);
	assert_string_equal(remarks.text, "");
	assert_string_equal(credential.username, "acct");
	assert_string_equal(credential.domain, "D");
	assert_string_equal(credential.password.text, "FIRSTKEY");
	assert_string_equal(credential.password2.text, "OTHERKEY");
	assert_string_equal(credential.origin, origin);
	assert_true(credential.stored);
}

/* ---- the tests ---- */

static void a_plain_key_is_roots_alone(void **state)
{
	struct stat st;
	char text[4096];

	(void)state;
	stored(AZF_KEY_FILE);
	content(PLAIN_FILE, text);
	assert_string_equal(text, "username=acct\ndomain=D\npassword=FIRSTKEY\n"
				  "password2=OTHERKEY\n");
	assert_int_equal(stat(PLAIN_FILE, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(AZF_KEYS_DIR, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	found(PLAIN_FILE);
	/* no process is run for it */
	assert_false(exists(CALLS));
}

static void a_sealed_key_comes_back(void **state)
{
	char text[4096];

	(void)state;
	stored(AZF_KEY_FILE);
	stored(AZF_KEY_SEALED);
	assert_false(exists(PLAIN_FILE));
	content(ENC_FILE, text);
	assert_true(azf_starts_with(text, "azfiles.acct|"));
	assert_lacks(text, "KEY");
	found(ENC_FILE);
	stored(AZF_KEY_FILE);
	assert_false(exists(ENC_FILE));
	found(PLAIN_FILE);
}

static void its_arguments_hold_no_key(void **state)
{
	char text[4096];

	(void)state;
	stored(AZF_KEY_SEALED);
	found(ENC_FILE);
	content(CALLS, text);
	assert_string_equal(text, "encrypt --with-key=auto "
				  "--name=azfiles.acct - -\n"
				  "decrypt --name=azfiles.acct - -\n");
}

static void what_it_says_of_a_success_is_passed_on(void **state)
{
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	assert_int_equal(store(AZF_KEY_SEALED, &remarks, &err), 0);
	assert_string_equal(remarks.text,
			    "warn: systemd-creds: The first line\n");
}

static void a_key_that_cannot_be_sealed_leaves_the_old_one(void **state)
{
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	stored(AZF_KEY_FILE);
	touch(BROKEN);
	assert_failure(store(AZF_KEY_SEALED, &remarks, &err), &err, AZF_E_MOUNT,
		       "cannot seal the key of acct: Decryption failed",
		       "without --seal");
	assert_false(exists(ENC_FILE));
	found(PLAIN_FILE);
	assert_int_equal(unlink(CREDS), 0);
	assert_failure(store(AZF_KEY_SEALED, &remarks, &err), &err, AZF_E_MOUNT,
		       "needs " CREDS ", which is missing", "systemd 250");
	assert_false(exists(ENC_FILE));
	found(PLAIN_FILE);
}

static void a_key_of_another_machine_is_told(void **state)
{
	autocredential struct azf_credential credential = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	stored(AZF_KEY_SEALED);
	touch(BROKEN);
	assert_failure(find(azure, &credential, &remarks, &err), &err,
		       AZF_E_MOUNT,
		       "cannot unseal the key in " ENC_FILE
		       " (systemd-creds: Decryption failed)",
		       "sealed on another machine");
	assert_contains(err.cure, "key add acct --seal --replace");
	assert_int_equal(unlink(CREDS), 0);
	assert_failure(find(azure, &credential, &remarks, &err), &err,
		       AZF_E_MOUNT, ENC_FILE " needs " CREDS, "systemd 250");
}

static void a_sealed_key_is_bound_to_its_account(void **state)
{
	static const char other[] = AZF_KEYS_DIR "/other.cred.enc";
	autocredential struct azf_credential credential = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	stored(AZF_KEY_SEALED);
	assert_int_equal(rename(ENC_FILE, other), 0);
	assert_failure(find("//other.file.core.windows.net/s", &credential,
			    &remarks, &err),
		       &err, AZF_E_MOUNT, "cannot unseal", "");
	assert_int_equal(unlink(other), 0);
}

static void of_two_kinds_the_plain_one_counts_with_a_warning(void **state)
{
	autocredential struct azf_credential credential = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	stored(AZF_KEY_FILE);
	touch(ENC_FILE);
	assert_int_equal(find(azure, &credential, &remarks, &err), 0);
	assert_string_equal(credential.origin, PLAIN_FILE);
	assert_contains(remarks.text, "warn: the key of acct is stored twice");
	assert_contains(remarks.text, ENC_FILE);
}

static bool rotate(struct azf_credential *credential, const char *text)
{
	struct azf_secret key = { 0 };

	assert_true(azf_secret_set(&key, text, strlen(text)));
	return azf_stored_key_rotate(credential, &key);
}

static void a_new_key_makes_the_first_one_the_second(void **state)
{
	autocredential struct azf_credential credential = { 0 };

	(void)state;
	assert_true(azf_secret_set(&credential.password, "ONE", 3));
	assert_true(rotate(&credential, "TWO"));
	assert_string_equal(credential.password.text, "TWO");
	assert_string_equal(credential.password2.text, "ONE");
	assert_int_equal(credential.password2.len, 3);
	/* the oldest is dropped */
	assert_true(rotate(&credential, "THREE"));
	assert_string_equal(credential.password.text, "THREE");
	assert_string_equal(credential.password2.text, "TWO");
}

static void the_same_key_again_changes_nothing(void **state)
{
	autocredential struct azf_credential credential = { 0 };

	(void)state;
	assert_true(azf_secret_set(&credential.password, "TWO", 3));
	assert_true(azf_secret_set(&credential.password2, "ONE", 3));
	assert_false(rotate(&credential, "TWO"));
	assert_string_equal(credential.password.text, "TWO");
	assert_string_equal(credential.password2.text, "ONE");
	/* the second one is in use again: they change places */
	assert_true(rotate(&credential, "ONE"));
	assert_string_equal(credential.password.text, "ONE");
	assert_string_equal(credential.password2.text, "TWO");
}

/* "username=NAME" is no key, sealed or not. */
static void a_stored_key_needs_a_password(void **state)
{
	autocredential struct azf_credential credential = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	touch(PLAIN_FILE);
	assert_failure(find(azure, &credential, &remarks, &err), &err,
		       AZF_E_MOUNT, PLAIN_FILE " has no password", "");
}

struct seen {
	char text[1024];
};

static void note_key(void *arg, const struct azf_stored_key *key)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	assert_true(key->time > 0);
	(void)snprintf(seen->text + len, sizeof(seen->text) - len, "%s:%s ",
		       key->name,
		       key->kind == AZF_KEY_SEALED ? "sealed" : "file");
}

static void they_are_listed_in_order_and_deleted(void **state)
{
	struct seen seen = { "" };
	azf_autoclose int directory = -1;
	struct azf_error err;

	(void)state;
	stored(AZF_KEY_SEALED);
	touch(AZF_KEYS_DIR "/zacct.cred");
	touch(AZF_KEYS_DIR "/acct.cred.enc.new");
	touch(AZF_KEYS_DIR "/.cred");
	touch(AZF_KEYS_DIR "/note");
	touch(AZF_KEYS_DIR "/nas.example.cred");
	assert_int_equal(azf_stored_keys_visit(note_key, &seen), 0);
	assert_string_equal(seen.text,
			    "acct:sealed nas.example:file zacct:file ");
	assert_int_equal(azf_stored_keys_lock(&directory, &err), 0);
	touch(PLAIN_FILE);
	assert_int_equal(azf_stored_key_delete(directory, "acct"), 0);
	assert_false(exists(PLAIN_FILE));
	assert_false(exists(ENC_FILE));
	assert_int_equal(azf_stored_key_delete(directory, "acct"), -ENOENT);
	assert_int_equal(azf_stored_key_delete(directory, "zacct"), 0);
	assert_int_equal(azf_stored_key_delete(directory, "nas.example"), 0);
}

static void a_directory_of_others_is_not_written_to(void **state)
{
	azf_autoclose int directory = -1;
	struct azf_error err;

	(void)state;
	assert_int_equal(chmod(AZF_KEYS_DIR, 0770), 0);
	assert_failure(azf_stored_keys_lock(&directory, &err), &err,
		       AZF_E_SYSTEM, "others than root may write",
		       "chmod 700 " AZF_KEYS_DIR);
}

static void the_name_does_not_depend_on_spelling(void **state)
{
	static const struct {
		const char *source, *name;
	} rows[] = {
		{ "//ACCT.file.core.windows.net/s", "acct" },
		{ "//acct.privatelink.file.core.windows.net/s", "acct" },
		{ "//acct.z07.file.storage.azure.net/s", "acct" },
		{ "//NAS.Example/s", "nas.example" },
		{ "//Acct/s", "acct" },
		{ "//[FD77::1]/s", "fd77::1" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_cleanup(azf_source_free) struct azf_source source = { 0 };
		azf_autofree char *name = NULL;
		struct azf_error err;

		assert_int_equal(
			azf_source_parse(rows[i].source, &source, &err), 0);
		name = azf_stored_key_name(&source);
		assert_string_equal(name, rows[i].name);
	}
}

#define CLEAN_TEST(test) cmocka_unit_test_setup(test, clear)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CLEAN_TEST(a_plain_key_is_roots_alone),
		CLEAN_TEST(a_sealed_key_comes_back),
		CLEAN_TEST(its_arguments_hold_no_key),
		CLEAN_TEST(what_it_says_of_a_success_is_passed_on),
		CLEAN_TEST(a_key_that_cannot_be_sealed_leaves_the_old_one),
		CLEAN_TEST(a_key_of_another_machine_is_told),
		CLEAN_TEST(a_sealed_key_is_bound_to_its_account),
		CLEAN_TEST(of_two_kinds_the_plain_one_counts_with_a_warning),
		CLEAN_TEST(a_new_key_makes_the_first_one_the_second),
		CLEAN_TEST(the_same_key_again_changes_nothing),
		CLEAN_TEST(a_stored_key_needs_a_password),
		CLEAN_TEST(they_are_listed_in_order_and_deleted),
		CLEAN_TEST(a_directory_of_others_is_not_written_to),
		CLEAN_TEST(the_name_does_not_depend_on_spelling),
	};

	if (azf_streq(argv[0], CREDS))
		play(argc, argv);
	self = argv[0];
	return cmocka_run_group_tests(tests, enter, NULL);
}
