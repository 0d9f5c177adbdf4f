// SPDX-License-Identifier: MIT
/*
 * test-spnego.c - tokens from credential caches that are made here.
 *
 * The tickets in them are nobody's: a client hands them on unread.
 */
#include "test.h"

#include "spnego.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define HOST   "acct1.file.core.windows.net"
#define REALM  "FILES.AZURE.STORAGE.MICROSOFT.COM"
#define SERVER "cifs/" HOST "@" REALM

/* ENCTYPE_AES256_CTS_HMAC_SHA1_96 and what goes with it */
#define ENCTYPE	 18
#define KEY_SIZE 32

struct bytes {
	unsigned char data[2048];
	size_t len;
};

static void add(struct bytes *bytes, const void *data, size_t len)
{
	assert_true(bytes->len + len <= sizeof(bytes->data));
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

/* ---- the ticket, DER ---- */

static void add_der(struct bytes *bytes, unsigned char tag, const void *data,
		    size_t len)
{
	const unsigned char head[] = { tag, 0x82, (unsigned char)(len >> 8),
				       (unsigned char)len };

	add(bytes, head, sizeof(head));
	add(bytes, data, len);
}

/* A context tag around one primitive value. */
static void add_tagged(struct bytes *bytes, unsigned char context,
		       unsigned char tag, const void *data, size_t len)
{
	struct bytes inner = { .len = 0 };

	add_der(&inner, tag, data, len);
	add_der(bytes, 0xa0 | context, inner.data, inner.len);
}

static void make_ticket(struct bytes *ticket)
{
	static const unsigned char version = 5, type = 2, etype = ENCTYPE;
	static const unsigned char cipher[300] = { 1, 2, 3 };
	struct bytes body = { .len = 0 }, names = { .len = 0 };
	struct bytes name = { .len = 0 }, sealed = { .len = 0 };
	struct bytes sequence = { .len = 0 };

	add_tagged(&body, 0, 0x02, &version, 1);
	add_tagged(&body, 1, 0x1b, REALM, strlen(REALM));
	add_der(&names, 0x1b, "cifs", 4);
	add_der(&names, 0x1b, HOST, strlen(HOST));
	add_tagged(&name, 0, 0x02, &type, 1);
	add_tagged(&name, 1, 0x30, names.data, names.len);
	add_tagged(&body, 2, 0x30, name.data, name.len);
	add_tagged(&sealed, 0, 0x02, &etype, 1);
	add_tagged(&sealed, 2, 0x04, cipher, sizeof(cipher));
	add_tagged(&body, 3, 0x30, sealed.data, sealed.len);
	add_der(&sequence, 0x30, body.data, body.len);
	add_der(ticket, 0x61, sequence.data, sequence.len);
}

/* ---- the cache, version 4 of the FILE format ---- */

static void add_number(struct bytes *bytes, uint32_t value, size_t size)
{
	while (size--) {
		unsigned char byte = (unsigned char)(value >> size * 8);

		add(bytes, &byte, 1);
	}
}

static void add_data(struct bytes *bytes, const void *data, size_t len)
{
	add_number(bytes, (uint32_t)len, 4);
	add(bytes, data, len);
}

static void add_principal(struct bytes *bytes, const char *first,
			  const char *second)
{
	add_number(bytes, 1, 4);
	add_number(bytes, second ? 2 : 1, 4);
	add_data(bytes, REALM, strlen(REALM));
	add_data(bytes, first, strlen(first));
	if (second)
		add_data(bytes, second, strlen(second));
}

/* A cache with one ticket, which ends in @life seconds. Return: open for it. */
static int make_ccache(int life)
{
	uint32_t now = (uint32_t)time(NULL);
	struct bytes cache = { .len = 0 }, ticket = { .len = 0 };
	unsigned char key[KEY_SIZE] = { 7 };
	int fd = memfd_create("test", MFD_CLOEXEC);

	make_ticket(&ticket);
	add_number(&cache, 0x0504, 2);
	add_number(&cache, 0, 2);
	add_principal(&cache, "AzureFileClient", NULL);
	add_principal(&cache, "AzureFileClient", NULL);
	add_principal(&cache, "cifs", HOST);
	add_number(&cache, ENCTYPE, 2);
	add_data(&cache, key, sizeof(key));
	add_number(&cache, now - 7200, 4);
	add_number(&cache, now - 7200, 4);
	add_number(&cache, now + (uint32_t)life, 4);
	add_number(&cache, 0, 4);
	add_number(&cache, 0, 1);
	add_number(&cache, 0x40800000, 4);
	add_number(&cache, 0, 4);
	add_number(&cache, 0, 4);
	add_data(&cache, ticket.data, ticket.len);
	add_data(&cache, "", 0);
	assert_int_equal(write(fd, cache.data, cache.len), cache.len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int make(int fd, const char *server, struct azf_spnego **ret_answer,
		struct azf_error *err)
{
	const struct azf_spnego_request request = {
		.ccache_fd = fd,
		.server = server,
		.host = HOST,
		.timeout_ms = 30000,
	};

	return azf_spnego_make(&request, ret_answer, err);
}

static void assert_token(const struct azf_spnego *answer)
{
	static const char spnego[] = "\x06\x06\x2b\x06\x01\x05\x05\x02";
	static const char krb5[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";

	assert_int_equal(answer->key_len, KEY_SIZE);
	assert_true(answer->token_len > 300);
	assert_int_equal(answer->token[0], 0x60);
	assert_non_null(memmem(answer->token, 16, spnego, sizeof(spnego) - 1));
	assert_non_null(memmem(answer->token, answer->token_len, krb5,
			       sizeof(krb5) - 1));
}

static void a_ticket_makes_a_token(void **state)
{
	azf_autoclose int fd = make_ccache(3600);
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };

	(void)state;
	if (make(fd, SERVER, &answer, &err))
		fail_msg("%s", err.cause);
	assert_token(answer);
	azf_spnego_release(answer);
}

/* As a user's own, with no word about the realm. */
static void the_realm_is_found(void **state)
{
	azf_autoclose int fd = make_ccache(3600);
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };

	(void)state;
	if (make(fd, NULL, &answer, &err))
		fail_msg("%s", err.cause);
	assert_token(answer);
	azf_spnego_release(answer);
}

static void refused(int fd, const char *server, const char *words)
{
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };
	int r = make(fd, server, &answer, &err);

	assert_null(answer);
	assert_failure(r, &err, AZF_E_MOUNT,
		       "Kerberos makes no token for " HOST, "clock");
	assert_contains(err.cause, words);
}

static void an_expired_ticket_makes_none(void **state)
{
	azf_autoclose int fd = make_ccache(-3600);

	(void)state;
	refused(fd, SERVER, "not found");
}

static void a_ticket_for_another_host_makes_none(void **state)
{
	azf_autoclose int fd = make_ccache(3600);

	(void)state;
	refused(fd, "cifs/acct2.file.core.windows.net@" REALM, "not found");
}

static void what_is_no_cache_makes_none(void **state)
{
	static const char *const texts[] = { "", "\5", "\5\4", "\5\4\377\377",
					     "password=geheim\n" };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(texts); i++) {
		azf_autoclose int fd = memfd_create("test", MFD_CLOEXEC);

		assert_true(write(fd, texts[i], strlen(texts[i])) >= 0);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		refused(fd, SERVER, "");
	}
}

static void a_large_cache_is_refused(void **state)
{
	azf_autoclose int fd = memfd_create("test", MFD_CLOEXEC);
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * 1024 * 1024), 0);
	assert_int_equal(make(fd, SERVER, &answer, &err), -AZF_E_SYSTEM);
	assert_contains(err.cause, "credential cache");
}

/* ---- a user's own caches ---- */

#define USER 3001

static char path[64];

/* A process of that user, whose environment names the cache at @path. */
static pid_t start_user(void)
{
	static char long_one[40000] = "LONG=";
	char variable[128], seen[256];
	char *const argv[] = { (char *)"sleep", (char *)"60", NULL };
	char *const envp[] = { variable, long_one, NULL };
	pid_t pid;

	memset(long_one + strlen("LONG="), 'x', 35000);
	(void)snprintf(variable, sizeof(variable), "KRB5CCNAME=FILE:%s", path);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(1);
		(void)execve("/bin/sleep", argv, envp);
		_exit(1);
	}
	/* it is somebody else's until it has become that program */
	(void)snprintf(seen, sizeof(seen), "/proc/%d/environ", (int)pid);
	for (int i = 0; i < 1000; i++) {
		azf_autoclose int fd = open(seen, O_RDONLY);
		char text[256] = "";

		if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
		    azf_streq(text, variable))
			return pid;
		(void)usleep(10000);
	}
	fail_msg("no process of that user");
	return -1;
}

/* With the cache of @fd at @path, as that user's, or that of @owner. */
static int make_as_user(int fd, uid_t owner, struct azf_spnego **ret_answer,
			struct azf_error *err)
{
	struct azf_spnego_request request = {
		.ccache_fd = -1,
		.uid = USER,
		.host = HOST,
		.timeout_ms = 30000,
	};
	char data[4096];
	ssize_t len = fd < 0 ? -1 : azf_read_file(fd, data, sizeof(data));
	int file, r;

	(void)snprintf(path, sizeof(path), "/tmp/azf-spnego-XXXXXX");
	file = mkstemp(path);
	assert_true(file >= 0);
	if (len > 0)
		assert_int_equal(azf_write_all(file, data, (size_t)len), 0);
	assert_int_equal(fchown(file, owner, owner), 0);
	(void)close(file);
	if (fd < 0)
		assert_int_equal(unlink(path), 0);
	request.pid = start_user();
	*err = (struct azf_error){ 0 };
	r = azf_spnego_make(&request, ret_answer, err);
	(void)kill(request.pid, SIGKILL);
	(void)waitpid(request.pid, NULL, 0);
	(void)unlink(path);
	return r;
}

static void a_users_own_ticket_makes_a_token(void **state)
{
	azf_autoclose int fd = make_ccache(3600);
	struct azf_spnego *answer = NULL;
	struct azf_error err;

	(void)state;
	if (make_as_user(fd, USER, &answer, &err))
		fail_msg("%s", err.cause);
	assert_token(answer);
	azf_spnego_release(answer);
}

static void what_is_wrong_with_a_users_is_told(void **state)
{
	static const struct {
		int life;
		bool there;
		uid_t owner;
		const char *cause, *cure;
	} rows[] = {
		{ -3600, true, USER, "the Kerberos ticket of AzureFileClient@",
		  "Let the user run kinit" },
		{ 0, false, USER, "there is no Kerberos ticket in FILE:/tmp/",
		  "Let the user run kinit" },
		{ 3600, true, USER + 1, "belongs to another user",
		  "Remove it, and run kinit as the user" },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autoclose int fd = rows[i].there ?
					       make_ccache(rows[i].life) :
					       -1;
		struct azf_spnego *answer = NULL;
		struct azf_error err;
		int r = make_as_user(fd, rows[i].owner, &answer, &err);

		assert_null(answer);
		assert_failure(r, &err, AZF_E_MOUNT, rows[i].cause,
			       rows[i].cure);
		assert_contains(err.cause, path);
		/* whoever reads that need not know who it is */
		assert_lacks(err.cause, "3001");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_makes_a_token),
		cmocka_unit_test(the_realm_is_found),
		cmocka_unit_test(an_expired_ticket_makes_none),
		cmocka_unit_test(a_ticket_for_another_host_makes_none),
		cmocka_unit_test(what_is_no_cache_makes_none),
		cmocka_unit_test(a_large_cache_is_refused),
		cmocka_unit_test(a_users_own_ticket_makes_a_token),
		cmocka_unit_test(what_is_wrong_with_a_users_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
