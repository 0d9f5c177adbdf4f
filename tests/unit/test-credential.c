// SPDX-License-Identifier: MIT
/* test-credential.c - who we are: from the line, a file, or a stored key. */
#include "test.h"

#include "credential.h"
#include "source.h"

#include <fcntl.h>
#include <sys/stat.h>

#define autosource     azf_cleanup(azf_source_free)
#define autocredential azf_cleanup(azf_credential_free)

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

static void the_format_is_that_of_mount_cifs(void **state)
{
	static const struct {
		const char *text, *username, *password, *password2, *domain;
	} rows[] = {
		{ "username=u\npassword=p\n", "u", "p", "", "(none)" },
		{ "user=u\npass=p\n", "u", "p", "", "(none)" },
		{ "password=p\npassword2=q\n", "(none)", "p", "q", "(none)" },
		{ "password=p\npass2=q\n", "(none)", "p", "q", "(none)" },
		{ "domain=d\n", "(none)", "", "", "d" },
		{ "dom=d\n", "(none)", "", "", "d" },
		{ "workgroup=d\n", "(none)", "", "", "d" },
		{ "username=u\npassword=p", "u", "p", "", "(none)" },
		{ "username=u\r\npassword=p\r\n", "u", "p", "", "(none)" },
		{ "username=u\r\npassword=p\r", "u", "p", "", "(none)" },
		{ "\n\n# x\n#password=q\npassword=p\n", "(none)", "p", "",
		  "(none)" },
		{ "  username=u\n\tpassword=p\n", "u", "p", "", "(none)" },
		{ "username =u\npassword\t=p\n", "u", "p", "", "(none)" },
		{ "password=a=b==\n", "(none)", "a=b==", "", "(none)" },
		{ "password=a,b,,c\n", "(none)", "a,b,,c", "", "(none)" },
		{ "password= a b \n", "(none)", " a b ", "", "(none)" },
		{ "password=#p\n", "(none)", "#p", "", "(none)" },
		{ "username=AZURE\\acct\n", "acct", "", "", "AZURE" },
		{ "domain=X\nusername=AZURE\\acct\n", "acct", "", "", "AZURE" },
		{ "username=AZURE\\acct\ndomain=X\n", "acct", "", "", "X" },
		{ "username=a\nusername=b\n", "b", "", "", "(none)" },
		{ "password=a\npassword=b\n", "(none)", "b", "", "(none)" },
		{ "", "(none)", "", "", "(none)" },
		{ "\n\r\n \n", "(none)", "", "", "(none)" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		autocredential struct azf_credential found = { 0 };
		struct remarks remarks = { "" };
		const struct azf_log log = { test_remark, &remarks };
		struct azf_error err = { 0 };

		if (azf_credential_parse(rows[i].text, strlen(rows[i].text),
					 "/f", &log, &found, &err))
			fail_msg("%s: %s", rows[i].text, err.cause);
		assert_string_equal(or_none(found.username), rows[i].username);
		assert_string_equal(found.password.text, rows[i].password);
		assert_string_equal(found.password2.text, rows[i].password2);
		assert_string_equal(or_none(found.domain), rows[i].domain);
		assert_string_equal(remarks.text, "");
	}
}

static void what_is_no_key_is_ignored_and_not_shown(void **state)
{
	static const char text[] = "SECRET\n=SECRET\nkey=SECRET\n"
				   "Password=SECRET\n"
				   "password=good\n";
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks = { "" };
	const struct azf_log log = { test_remark, &remarks };
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(azf_credential_parse(text, strlen(text), "/the/file",
					      &log, &found, &err),
			 0);
	assert_string_equal(found.password.text, "good");
	assert_contains(remarks.text, "warn: line 1 of /the/file");
	assert_contains(remarks.text, "warn: line 2 of /the/file");
	assert_contains(remarks.text, "warn: line 3 of /the/file");
	assert_contains(remarks.text, "warn: line 4 of /the/file");
	assert_lacks(remarks.text, "line 5");
	assert_lacks(remarks.text, "SECRET");
}

static void a_password_has_a_limit(void **state)
{
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks = { "" };
	const struct azf_log log = { test_remark, &remarks };
	struct azf_error err = { 0 };
	char text[600] = "username=u\npassword=";
	size_t len = strlen(text);

	(void)state;
	memset(text + len, 'k', AZF_SECRET_MAX);
	assert_int_equal(azf_credential_parse(text, strlen(text), "/f", &log,
					      &found, &err),
			 0);
	assert_int_equal(found.password.len, AZF_SECRET_MAX);
	text[len + AZF_SECRET_MAX] = 'k';
	assert_failure(azf_credential_parse(text, strlen(text), "/f", &log,
					    &found, &err),
		       &err, AZF_E_MOUNT, "line 2 of /f", "");
	assert_contains(err.cause, "longer than 512");
	assert_lacks(err.cause, "kkk");
}

/* The credential of a mount, as the plan asks for it. */
static int find(const char *line, const char *source_text,
		struct azf_credential *found, struct remarks *remarks,
		struct azf_error *err)
{
	azf_autooptions struct azf_options *options = test_options(line);
	autosource struct azf_source source = { 0 };
	const struct azf_log log = { test_remark, remarks };

	*err = (struct azf_error){ 0 };
	remarks->text[0] = '\0';
	assert_int_equal(azf_source_parse(source_text, &source, err), 0);
	return azf_credential_find(options, &source, &log, found, err);
}

static const char azure[] = "//ACCT.file.core.windows.net/share";

static void the_line_works_with_a_warning(void **state)
{
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	assert_int_equal(find("username=AZURE\\me,password=SECRET,pass2=OTHER",
			      azure, &found, &remarks, &err),
			 0);
	assert_string_equal(found.username, "me");
	assert_string_equal(found.domain, "AZURE");
	assert_string_equal(found.password.text, "SECRET");
	assert_string_equal(found.password2.text, "OTHER");
	assert_string_equal(found.origin, "the mount line");
	assert_false(found.ticket);
	assert_contains(remarks.text, "warn: ");
	assert_contains(remarks.text, "credentials=FILE");
	assert_lacks(remarks.text, "SECRET");
	assert_lacks(remarks.text, "OTHER");
}

static void the_account_is_the_user(void **state)
{
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	assert_int_equal(find("password=k", azure, &found, &remarks, &err), 0);
	assert_string_equal(found.username, "acct");
	assert_failure(find("password=k", "//server/s", &found, &remarks, &err),
		       &err, AZF_E_USAGE, "no user name for server",
		       "username=NAME");
}

/* A file of the test's own; returns the options that name it. */
static void write_file(char path[32], char line[64], const char *text,
		       size_t len, mode_t mode)
{
	azf_autoclose int fd = -1;

	(void)snprintf(path, 32, "/tmp/azf-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)snprintf(line, 64, "credentials=%s", path);
}

static int find_in_file(const char *text, size_t len, mode_t mode,
			struct azf_credential *found, struct remarks *remarks,
			struct azf_error *err)
{
	char path[32], line[64];
	int r;

	write_file(path, line, text, len, mode);
	r = find(line, azure, found, remarks, err);
	assert_int_equal(unlink(path), 0);
	return r;
}

static void a_file_works(void **state)
{
	static const char text[] = "username=me\r\npassword=SECRET";
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	assert_int_equal(find_in_file(text, strlen(text), 0600, &found,
				      &remarks, &err),
			 0);
	assert_string_equal(found.username, "me");
	assert_string_equal(found.password.text, "SECRET");
	assert_true(azf_starts_with(found.origin, "/tmp/azf-test-"));
	assert_string_equal(remarks.text, "");
}

static void a_file_that_others_can_read_is_warned_of(void **state)
{
	static const char text[] = "password=SECRET\n";
	static const mode_t modes[] = { 0640, 0604, 0660, 0644, 0777 };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(modes); i++) {
		autocredential struct azf_credential found = { 0 };
		struct remarks remarks;
		struct azf_error err;

		assert_int_equal(find_in_file(text, strlen(text), modes[i],
					      &found, &remarks, &err),
				 0);
		assert_contains(remarks.text, "warn: other users");
		assert_contains(remarks.text, "chmod 600");
		assert_lacks(remarks.text, "SECRET");
	}
}

#define SWAPPED "test-credential.swapped"
#define OTHER	"test-credential.other"

/* Whether open(2) of SWAPPED finds OTHER in its place, or it comes there later.
 */
static enum {
	NO_SWAP,
	BEFORE_OPEN,
	AFTER_OPEN
} swap;

int open(const char *path, int flags, ...)
{
	bool swapped = swap != NO_SWAP && azf_streq(path, SWAPPED);
	mode_t mode = 0;
	va_list args;
	int fd;

	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	if (swapped && swap == BEFORE_OPEN)
		(void)rename(OTHER, SWAPPED);
	fd = openat(AT_FDCWD, path, flags, mode);
	if (swapped && swap == AFTER_OPEN)
		(void)rename(OTHER, SWAPPED);
	return fd;
}

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fchmod(fileno(file), mode), 0);
	assert_int_equal(fclose(file), 0);
}

/* What is said of a file is about what was read, whatever its path is by now. */
static void a_file_that_is_swapped_is_judged_as_read(void **state)
{
	(void)state;
	for (swap = BEFORE_OPEN; swap <= AFTER_OPEN; swap++) {
		autocredential struct azf_credential found = { 0 };
		struct remarks remarks = { "" };
		const struct azf_log log = { test_remark, &remarks };
		struct azf_error err = { 0 };

		put(SWAPPED, "password=one\n", 0600);
		put(OTHER, "password=two\n", 0644);
		assert_int_equal(
			azf_credential_read(SWAPPED, &log, &found, &err), 0);
		assert_string_equal(found.password.text,
				    swap == BEFORE_OPEN ? "two" : "one");
		assert_int_equal(strstr(remarks.text, "other users") != NULL,
				 swap == BEFORE_OPEN);
		assert_int_not_equal(access(OTHER, F_OK), 0);
		assert_int_equal(unlink(SWAPPED), 0);
	}
	swap = NO_SWAP;
}

static void files_that_are_none_are_refused(void **state)
{
	static char large[20000];
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	memset(large, '#', sizeof(large));
	assert_failure(find_in_file("", 0, 0600, &found, &remarks, &err), &err,
		       AZF_E_MOUNT, "has no password", "password=KEY");
	assert_failure(find_in_file("username=u\n", 11, 0600, &found, &remarks,
				    &err),
		       &err, AZF_E_MOUNT, "has no password", "password=KEY");
	assert_failure(find_in_file("password=\n", 10, 0600, &found, &remarks,
				    &err),
		       &err, AZF_E_MOUNT, "has no password", "password=KEY");
	assert_failure(find_in_file("password=a\0b\n", 13, 0600, &found,
				    &remarks, &err),
		       &err, AZF_E_MOUNT, "NUL byte", "");
	assert_failure(find_in_file(large, sizeof(large), 0600, &found,
				    &remarks, &err),
		       &err, AZF_E_MOUNT, "cannot read", "a few lines");
	assert_failure(find("credentials=/nowhere/at/all", azure, &found,
			    &remarks, &err),
		       &err, AZF_E_MOUNT, "cannot read", "Create it");
	assert_failure(find("credentials=/tmp", azure, &found, &remarks, &err),
		       &err, AZF_E_MOUNT, "not a regular file", "");
	assert_null(found.username);
}

static void a_fifo_does_not_block(void **state)
{
	autocredential struct azf_credential found = { 0 };
	char path[] = "/tmp/azf-test-XXXXXX", line[64];
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	(void)close(mkstemp(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(line, sizeof(line), "credentials=%s", path);
	assert_failure(find(line, azure, &found, &remarks, &err), &err,
		       AZF_E_MOUNT, "not a regular file", "");
	assert_int_equal(unlink(path), 0);
}

static void the_line_wins_over_the_file(void **state)
{
	static const char text[] = "username=X\\a\npassword=p\ndomain=d\n";
	autocredential struct azf_credential found = { 0 };
	char path[32], line[64], all[128];
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	write_file(path, line, text, strlen(text), 0600);
	(void)snprintf(all, sizeof(all), "%s,username=b,domain=e", line);
	assert_int_equal(find(all, azure, &found, &remarks, &err), 0);
	assert_string_equal(found.username, "b");
	assert_string_equal(found.domain, "e");
	assert_string_equal(found.password.text, "p");
	assert_int_equal(unlink(path), 0);
}

static void a_missing_stored_key_is_explained(void **state)
{
	autocredential struct azf_credential found = { 0 };
	struct remarks remarks;
	struct azf_error err;

	(void)state;
	assert_failure(find("rw", "//azfnosuch.file.core.windows.net/s", &found,
			    &remarks, &err),
		       &err, AZF_E_MOUNT, "no key of azfnosuch",
		       "azfilesctl key add azfnosuch'");
	assert_failure(find("rw", "//azfnosuch.example/s", &found, &remarks,
			    &err),
		       &err, AZF_E_MOUNT, "no key of azfnosuch.example",
		       "key add azfnosuch.example'");
}

static void tickets_need_no_key(void **state)
{
	static const char *const lines[] = { "sec=krb5", "sec=krb5i",
					     "sec=none" };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lines); i++) {
		autocredential struct azf_credential found = { 0 };
		struct remarks remarks;
		struct azf_error err;

		assert_int_equal(find(lines[i], "//server/s", &found, &remarks,
				      &err),
				 0);
		assert_true(found.ticket);
		assert_string_equal(found.username, "root");
		assert_int_equal(found.password.len, 0);
	}
}

/* Its user and domain count; a key in it goes nowhere. */
static void a_file_need_not_have_a_key_then(void **state)
{
	static const char *const texts[] = {
		"username=me\n",
		"username=me\npassword=SECRET\npassword2=OTHER\n",
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++) {
		autocredential struct azf_credential found = { 0 };
		char path[32], line[64], all[128];
		struct remarks remarks;
		struct azf_error err;

		write_file(path, line, texts[i], strlen(texts[i]), 0600);
		(void)snprintf(all, sizeof(all), "sec=krb5,%s", line);
		if (find(all, azure, &found, &remarks, &err))
			fail_msg("%s", err.cause);
		assert_int_equal(unlink(path), 0);
		assert_true(found.ticket);
		assert_string_equal(found.username, "me");
		assert_int_equal(found.password.len, 0);
		assert_int_equal(found.password2.len, 0);
	}
}

static void keys_that_are_given_have_an_origin_too(void **state)
{
	azf_autooptions struct azf_options *options =
		test_options("username=me");
	autosource struct azf_source source = { 0 };
	autocredential struct azf_credential found = { 0 };
	azf_autokeys struct azf_key_pair keys = { .first.len = 1 };
	struct azf_error err = { 0 };

	(void)state;
	keys.first.text[0] = 'k';
	assert_int_equal(azf_source_parse(azure, &source, &err), 0);
	assert_int_equal(
		azf_credential_given(options, &source, &keys, &found, &err), 0);
	assert_string_equal(found.username, "me");
	assert_string_equal(found.password.text, "k");
	/* messages say where a key comes from */
	assert_non_null(found.origin);
	assert_true(found.origin[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_format_is_that_of_mount_cifs),
		cmocka_unit_test(what_is_no_key_is_ignored_and_not_shown),
		cmocka_unit_test(a_password_has_a_limit),
		cmocka_unit_test(the_line_works_with_a_warning),
		cmocka_unit_test(the_account_is_the_user),
		cmocka_unit_test(a_file_works),
		cmocka_unit_test(a_file_that_others_can_read_is_warned_of),
		cmocka_unit_test(a_file_that_is_swapped_is_judged_as_read),
		cmocka_unit_test(files_that_are_none_are_refused),
		cmocka_unit_test(a_fifo_does_not_block),
		cmocka_unit_test(the_line_wins_over_the_file),
		cmocka_unit_test(a_missing_stored_key_is_explained),
		cmocka_unit_test(tickets_need_no_key),
		cmocka_unit_test(a_file_need_not_have_a_key_then),
		cmocka_unit_test(keys_that_are_given_have_an_origin_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
