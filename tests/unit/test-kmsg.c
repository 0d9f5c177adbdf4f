// SPDX-License-Identifier: MIT
/* test-kmsg.c - records of /dev/kmsg, as Linux 6.1 and 6.12 write them. */
#include "test.h"

#include "kmsg.h"

#include <sys/socket.h>

/* What /dev/kmsg makes of \\acct1.file.core.windows.net */
#define SERVER "\\x5c\\x5cacct1.file.core.windows.net"
#define OTHER  "\\x5c\\x5cacct2.file.core.windows.net"

static const char host[] = "acct1.file.core.windows.net";

static const struct {
	const char *line;
	unsigned int said;
	const char *word;
} rows[] = {
	{ "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE",
	  AZF_KMSG_LOGON_FAILURE, "" },
	{ "CIFS: Status code returned 0xc000006a STATUS_WRONG_PASSWORD",
	  AZF_KMSG_LOGON_FAILURE, "" },
	{ "CIFS: Status code returned 0xc0000064 STATUS_NO_SUCH_USER",
	  AZF_KMSG_LOGON_FAILURE, "" },
	{ "CIFS: Status code returned 0xc0000072 "
	  "STATUS_ACCOUNT_DISABLED",
	  AZF_KMSG_ACCOUNT_CLOSED, "" },
	{ "CIFS: Status code returned 0xc0000234 "
	  "STATUS_ACCOUNT_LOCKED_OUT",
	  AZF_KMSG_ACCOUNT_CLOSED, "" },
	{ "CIFS: Status code returned 0xc0000193 "
	  "STATUS_ACCOUNT_EXPIRED",
	  AZF_KMSG_ACCOUNT_CLOSED, "" },
	{ "CIFS: Status code returned 0xc0000071 "
	  "STATUS_PASSWORD_EXPIRED",
	  AZF_KMSG_ACCOUNT_CLOSED, "" },
	{ "CIFS: VFS: " SERVER " Send error in SessSetup = -13",
	  AZF_KMSG_SESSION_SETUP, "" },
	{ "cifs: Unknown parameter 'password2'", AZF_KMSG_UNKNOWN_OPTION,
	  "password2" },
	{ "cifs: Bad value for 'uid'", AZF_KMSG_BAD_VALUE, "uid" },
	{ "CIFS: VFS: can not change sec during remount", AZF_KMSG_FIXED_OPTION,
	  "sec" },
	{ "CIFS: VFS: " SERVER " IPC: server doesn't support encryption",
	  AZF_KMSG_NOT_ENCRYPTED, "" },
	{ "CIFS: VFS: Encryption is not supported on share",
	  AZF_KMSG_NOT_ENCRYPTED, "" },
	{ "CIFS: VFS: Could not allocate crypto hmac(md5)", AZF_KMSG_NO_CRYPTO,
	  "" },
	{ "CIFS: VFS: cifs_mount failed w/return code = -13", AZF_KMSG_FAILED,
	  "" },
	/* of others */
	{ "CIFS: VFS: " OTHER " Send error in SessSetup = -13", 0, "" },
	{ "CIFS: VFS: " SERVER ".evil Send error in SessSetup = -13", 0, "" },
	{ "ext4: Unknown parameter 'password2'", 0, "" },
	{ "usb 1-1: STATUS_LOGON_FAILURE", 0, "" },
	/* without meaning */
	{ "CIFS: Attempting to mount " SERVER "\\x5cshare", 0, "" },
	{ "CIFS: VFS: Error connecting to socket. Aborting operation.", 0, "" },
	{ "CIFS: enabling forceuid mount option implicitly because "
	  "uid= option is specified",
	  0, "" },
	{ "", 0, "" },
};

static void records_mean_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		struct azf_kmsg_report report = { 0 };
		char record[256];

		(void)snprintf(record, sizeof(record), "3,987,123456789,-;%s\n",
			       rows[i].line);
		azf_kmsg_line(record, host, &report);
		if (report.said != rows[i].said)
			fail_msg("%s: %#x", rows[i].line, report.said);
		assert_string_equal(report.word, rows[i].word);
	}
}

static void the_case_of_the_host_does_not_matter(void **state)
{
	struct azf_kmsg_report report = { 0 };

	(void)state;
	azf_kmsg_line("3,1,1,-;CIFS: VFS: " SERVER
		      " Send error in SessSetup = -13\n",
		      "ACCT1.File.Core.Windows.NET", &report);
	assert_int_equal(report.said, AZF_KMSG_SESSION_SETUP);
}

/* As it was typed, which our own name of it is without. */
static void an_address_has_brackets(void **state)
{
	static const char line[] =
		"3,9,1,-;CIFS: VFS: \\x5c\\x5c[fd00::4] Send error in SessSetup";
	struct azf_kmsg_report report = { 0 };

	(void)state;
	azf_kmsg_line(line, "fd00::40", &report);
	assert_int_equal(report.said, 0);
	azf_kmsg_line(line, "fd00::4", &report);
	assert_int_equal(report.said, AZF_KMSG_SESSION_SETUP);
}

static void strange_quotes_are_survived(void **state)
{
	static const char *const lines[] = {
		"cifs: Unknown parameter '",
		"cifs: Unknown parameter '\n",
		"cifs: Unknown parameter 'abc",
		"cifs: Bad value for ''",
		("cifs: Unknown parameter "
		 "'a-name-that-is-much-longer-than-any-option-of-the-kernel-is'"),
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lines); i++) {
		struct azf_kmsg_report report = { 0 };

		azf_kmsg_line(lines[i], host, &report);
		assert_true(report.said != 0);
		assert_string_equal(report.word, "");
	}
}

static void a_word_stays_printable(void **state)
{
	struct azf_kmsg_report report = { 0 };

	(void)state;
	azf_kmsg_line("cifs: Unknown parameter 'a\033b'", host, &report);
	assert_string_equal(report.word, "a?b");
}

/* /dev/kmsg gives one record for each read(), as such a socket does. */
static void all_records_since_the_mark_are_read(void **state)
{
	static const char *const records[] = {
		"6,1,1,-;CIFS: Attempting to mount " SERVER "\\x5cshare\n",
		"3,2,1,-;CIFS: Status code returned 0xc000006d "
		"STATUS_LOGON_FAILURE\n",
		"3,3,1,-;CIFS: VFS: " SERVER
		" Send error in SessSetup = -13\n SUBSYSTEM=cifs\n",
		"3,4,1,-;CIFS: VFS: cifs_mount failed w/return code = -13\n",
	};
	struct azf_kmsg_report report = { .said = 1u << 31, .word = "old" };
	int fds[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(records); i++)
		assert_true(write(fds[0], records[i], strlen(records[i])) > 0);
	azf_kmsg_read(fds[1], host, &report);
	assert_int_equal(report.said, AZF_KMSG_LOGON_FAILURE |
					      AZF_KMSG_SESSION_SETUP |
					      AZF_KMSG_FAILED);
	assert_string_equal(report.word, "");
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void without_a_log_nothing_was_said(void **state)
{
	struct azf_kmsg_report report = { .said = 1 };
	azf_autoclose int fd = azf_kmsg_mark();

	(void)state;
	azf_kmsg_read(-1, host, &report);
	assert_int_equal(report.said, 0);
	report.said = 1;
	azf_kmsg_read(fd, host, &report);
	assert_int_equal(report.said, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_mean_something),
		cmocka_unit_test(the_case_of_the_host_does_not_matter),
		cmocka_unit_test(an_address_has_brackets),
		cmocka_unit_test(strange_quotes_are_survived),
		cmocka_unit_test(a_word_stays_printable),
		cmocka_unit_test(all_records_since_the_mark_are_read),
		cmocka_unit_test(without_a_log_nothing_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
