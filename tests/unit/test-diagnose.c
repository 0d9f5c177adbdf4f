// SPDX-License-Identifier: MIT
/* test-diagnose.c - one evidence for each row of the table of causes. */
#include "test.h"

#include "diagnose.h"

#include <ctype.h>
#include <errno.h>

#define KEY                                            \
	"SECRETSECRETSECRETSECRETSECRETSECRETSECRETSE" \
	"CRETSECRETSECRETSECRETSECRETSECRETSECRETSE=="

struct fixture {
	struct azf_options *options;
	struct remarks remarks;
	struct azf_log log;
	struct azf_request request;
	struct azf_plan plan;
	struct azf_evidence evidence;
};

static void end(struct fixture *f)
{
	azf_plan_free(&f->plan);
	azf_options_free(f->options);
}

#define autofixture azf_cleanup(end)

static const char azure[] = "//acct.file.core.windows.net/share";

/* The plan of a mount with a good key, and evidence that says nothing more. */
static void make(struct fixture *f, const char *source, const char *line)
{
	struct azf_error err = { 0 };

	f->options = test_options(line);
	f->log = (struct azf_log){ test_remark, &f->remarks };
	f->request = (struct azf_request){
		.source = source ? source : azure,
		.target = "/srv/share",
		.options = f->options,
		.log = &f->log,
	};
	if (azf_plan_make(&f->request, &f->plan, &err))
		fail_msg("%s: %s", line, err.cause);
	f->evidence = (struct azf_evidence){
		.plan = &f->plan,
		.address = { .text = "20.60.1.1", .tcp = AZF_TCP_OPEN },
		.release = "6.1.0-9",
		.key_length = 88,
		.key_has_form = true,
	};
}

static void assert_readable(const char *text)
{
	assert_true(text[0]);
	assert_lacks(text, "SECRET");
	assert_lacks(text, "  ");
	assert_lacks(text, "''");
	assert_lacks(text, "()");
	assert_lacks(text, "(null)");
	for (const char *p = text; *p; p++)
		assert_false(p[0] == '%' && isalpha(p[1]));
	assert_true(text[strlen(text) - 1] != '.');
	assert_true(text[strlen(text) - 1] != ' ');
}

#define HOST "acct.file.core.windows.net"

#define ROW(number, words, remedy, ...)                                        \
	{                                                                      \
		.error = number, .cause = words, .cure = remedy, ##__VA_ARGS__ \
	}

static const struct row {
	int error;
	const char *cause, *cure;
	const char *source, *line;
	unsigned int said;
	const char *word, *private_address, *refused, *words;
	size_t key_length;
	enum azf_tcp tcp;
	bool bad_key, fips, share_exists, ticket;
	bool unknown, identity, no_request_key, no_rule, upcall, stored;
	int skew;
} rows[] = {
	ROW(EACCES, "public address 20.60.1.1", "ip=10.0.0.4",
	    .private_address = "10.0.0.4"),
	ROW(ETIMEDOUT, "private endpoint at 10.0.0.4", "private DNS zone",
	    .private_address = "10.0.0.4", .tcp = AZF_TCP_SILENT),
	ROW(EACCES, "does not accept the key", "present key",
	    .private_address = "10.0.0.4", .said = AZF_KMSG_LOGON_FAILURE),
	ROW(EACCES, "user acct is disabled", "enabled",
	    .said = AZF_KMSG_ACCOUNT_CLOSED),
	ROW(EACCES, "'other' is not the storage account 'acct'",
	    "username=acct", .line = "user=other"),
	ROW(EACCES, "has 87 characters, a key has 88", "keys list -n acct",
	    .key_length = 87, .bad_key = true),
	ROW(EACCES, "from the mount line is not a storage account key",
	    "keys list", .bad_key = true),
	ROW(EACCES, "does not accept the key of acct from the mount line",
	    "identity",
	    .said = AZF_KMSG_LOGON_FAILURE | AZF_KMSG_SESSION_SETUP),
	ROW(EACCES, "does not accept the key of acct from the mount line",
	    "azfilesctl key add acct --replace", .stored = true,
	    .said = AZF_KMSG_LOGON_FAILURE),
	ROW(EACCES, "demands encryption, and SMB 2.1 has none", "vers=3.1.1",
	    .line = "vers=2.1"),
	ROW(EACCES, "refuses to sign in acct", "NTLMv2",
	    .said = AZF_KMSG_SESSION_SETUP),
	ROW(EACCES, "accepts the key but refuses access to the share 'share'",
	    "firewall", .said = AZF_KMSG_FAILED),
	ROW(EACCES, "refuses access to the share 'share'", "firewall"),
	ROW(EACCES, "//server does not accept the key of me", "present key",
	    .source = "//server/s", .line = "user=me", .key_length = 3,
	    .said = AZF_KMSG_LOGON_FAILURE),
	ROW(EACCES, "refuses access to the share 'share'", "allows this user",
	    .line = "remount"),
	ROW(EACCES, "refuses access to the share 'share'", "allows this user",
	    .ticket = true),
	ROW(EPERM, "does not let this process mount", "CAP_SYS_ADMIN"),
	ROW(ENOENT, "FIPS mode", "Kerberos", .fips = true),
	ROW(ENOENT, "MD5", "Kerberos", .said = AZF_KMSG_NO_CRYPTO),
	ROW(ENOENT, "'share' has no directory 'a/b'", "Create it",
	    .source = "//" HOST "/share/a/b", .share_exists = true),
	ROW(ENOENT, "no share 'No_Such'; names", "--storage-account acct",
	    .source = "//" HOST "/No_Such"),
	ROW(ENOENT, "no share 'ab'; names", "--storage-account acct",
	    .source = "//" HOST "/ab"),
	ROW(ENOENT, HOST " has no share 'share'", "Create the share"),
	ROW(ENOENT, HOST " has no share 'share'", "Create the share",
	    .source = "//" HOST "/share/a"),
	ROW(ENOENT, "server has no share 'No_Such'", "Create the share",
	    .source = "//server/No_Such", .line = "user=me"),
	ROW(EINVAL, "(6.1.0-9) does not know the option 'reparse'",
	    "newer kernel", .said = AZF_KMSG_UNKNOWN_OPTION, .word = "reparse"),
	ROW(EINVAL, "value of the option 'bsize'", "Correct it",
	    .said = AZF_KMSG_BAD_VALUE, .word = "bsize"),
	ROW(EINVAL, "(6.1.0-9) does not know the option 'reparse'",
	    "newer kernel", .refused = "reparse", .unknown = true,
	    .said = AZF_KMSG_BAD_VALUE, .word = "uid"),
	ROW(EINVAL, "does not accept the option 'rasize': Invalid rasize 5",
	    "Correct it", .refused = "rasize", .words = "Invalid rasize 5"),
	ROW(EINVAL, "value of the option 'uid'", "Correct it", .refused = "uid",
	    .words = "Bad value for 'uid'"),
	ROW(EINVAL, "value of the option 'srcaddr'", "Correct it",
	    .refused = "srcaddr"),
	ROW(EINVAL, "the option 'sec' cannot be changed while it is mounted",
	    "umount it", .line = "remount", .said = AZF_KMSG_FIXED_OPTION,
	    .word = "sec"),
	ROW(EINVAL, "cannot be changed while it is mounted", "umount it",
	    .line = "remount"),
	ROW(EINVAL, "(6.1.0-9) does not accept the options",
	    "mount.azfiles -v"),
	ROW(EOPNOTSUPP, "no persistent handles", "Leave out persistenthandles",
	    .line = "persistenthandles"),
	ROW(EOPNOTSUPP, "seal demands encryption", "Leave out seal",
	    .line = "seal", .said = AZF_KMSG_NOT_ENCRYPTED),
	ROW(EOPNOTSUPP, "does not speak SMB 3.0",
	    "Leave out vers=", .line = "vers=3.0"),
	ROW(EOPNOTSUPP, "no SMB dialect in common", "SMB 2.1 to 3.1.1"),
	ROW(EOPNOTSUPP, "no SMB dialect in common", "SMB 2.1 to 3.1.1",
	    .line = "vers=default"),
	ROW(ELIBACC, "lacks the character set 'klingon'",
	    "iocharset=", .line = "iocharset=klingon"),
	ROW(ENODEV, "has no cifs file system", "linux-image-6.1.0-9"),
	ROW(EBUSY, "/srv/share is busy", "umount it"),
	ROW(ENOTDIR, "is not a directory", "directory"),
	ROW(EACCES, "takes the ticket of the identity system", "role",
	    .identity = true),
	ROW(EACCES, "clock is 601 seconds fast compared with that of " HOST,
	    "set-ntp", .identity = true, .skew = 601),
	ROW(EIO, "clock is 301 seconds slow", "set-ntp", .ticket = true,
	    .skew = -301),
	ROW(EACCES, "takes the ticket of the identity system", "role",
	    .identity = true, .skew = 300),
	ROW(ENOENT, "there is no /sbin/request-key", "Install keyutils",
	    .ticket = true, .no_request_key = true),
	ROW(ENOSYS, "built without Kerberos for cifs", "CONFIG_CIFS_UPCALL",
	    .ticket = true),
	ROW(ENOKEY, "does not reach azfiles.upcall", "Install azfiles anew",
	    .identity = true, .no_rule = true),
	ROW(ENOKEY, "the role is missing", "Give it", .identity = true,
	    .upcall = true),
	ROW(ENOKEY, "no answer from azfiles.upcall for " HOST, "journalctl",
	    .identity = true),
	ROW(ENOKEY, "no Kerberos ticket for " HOST, "klist", .ticket = true),
	ROW(ENOKEY, "10.0.0.5 is an address", "ip=10.0.0.5", .ticket = true,
	    .source = "//10.0.0.5/s"),
	ROW(EKEYEXPIRED, "has expired", "kinit", .ticket = true),
	ROW(ECONNREFUSED, "nothing listens on TCP port 1445 of " HOST,
	    "server is running", .line = "port=1445", .tcp = AZF_TCP_REFUSED),
	ROW(EINPROGRESS, "TCP port 445 of " HOST " (20.60.1.1) does not answer",
	    "outgoing TCP 445", .tcp = AZF_TCP_SILENT),
	ROW(EHOSTUNREACH, "no route to " HOST, "Check the network",
	    .tcp = AZF_TCP_UNREACHABLE),
	ROW(EHOSTDOWN, "does not answer as an SMB server", "firewall"),
	ROW(ECONNRESET, "broke off", "check the network"),
	ROW(EAGAIN, "broke off", "check the network"),
	ROW(EIO, "mount(2) failed: Input/output error", "dmesg"),
	ROW(EXDEV, "mount(2) failed: ", "dmesg"),
};

static void prepare(struct fixture *f, const struct row *row)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "%s%s%s",
		       row->identity ? "identity=system" :
		       row->ticket   ? "sec=krb5" :
				       "pass=" KEY,
		       row->line ? "," : "", row->line ? row->line : "");
	make(f, row->source, line);
	f->evidence.error = row->error;
	f->evidence.kernel.said = row->said;
	f->evidence.fips = row->fips;
	f->evidence.share_exists = row->share_exists;
	f->evidence.no_request_key = row->no_request_key;
	f->evidence.no_rule = row->no_rule;
	f->evidence.clock = row->skew != 0;
	f->evidence.skew = row->skew;
	if (row->upcall) {
		strcpy(f->evidence.upcall.cause, "the role is missing");
		strcpy(f->evidence.upcall.cure, "Give it");
	}
	f->evidence.key_has_form = !row->bad_key;
	f->plan.credential.stored = row->stored;
	if (row->key_length)
		f->evidence.key_length = row->key_length;
	if (row->tcp)
		f->evidence.address.tcp = row->tcp;
	if (row->word)
		strcpy(f->evidence.kernel.word, row->word);
	if (row->refused)
		strcpy(f->evidence.refused.name, row->refused);
	if (row->words)
		strcpy(f->evidence.refused.words, row->words);
	f->evidence.refused.unknown = row->unknown;
	if (row->private_address)
		strcpy(f->evidence.private_address, row->private_address);
}

static void each_cause_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		autofixture struct fixture f = { 0 };
		struct azf_error err = { 0 };
		const char *cause = rows[i].cause;

		prepare(&f, &rows[i]);
		if (azf_starts_with(cause, "//"))
			cause += 2;
		assert_true(azf_diagnose(&f.evidence, &err) < 0);
		if (!strstr(err.cause, cause) ||
		    !strstr(err.cure, rows[i].cure))
			fail_msg("row %zu, \"%s\": %s. %s", i, cause, err.cause,
				 err.cure);
		assert_readable(err.cause);
		assert_readable(err.cure);
	}
}

static void what_passes_is_transient(void **state)
{
	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		autofixture struct fixture f = { 0 };
		struct azf_error err = { 0 };
		bool passes = rows[i].error == ECONNREFUSED ||
			      rows[i].error == EINPROGRESS ||
			      rows[i].error == EHOSTUNREACH ||
			      rows[i].error == EHOSTDOWN ||
			      rows[i].error == ECONNRESET ||
			      rows[i].error == ETIMEDOUT ||
			      rows[i].error == EAGAIN;

		prepare(&f, &rows[i]);
		assert_int_equal(azf_diagnose(&f.evidence, &err),
				 passes ? -AZF_E_TRANSIENT : -AZF_E_MOUNT);
		assert_int_equal(azf_exit_status(err.code), 32);
	}
}

/* Whatever evidence comes together, the result can be read. */
static void every_combination_is_readable(void **state)
{
	static const char *const lines[] = {
		"pass=" KEY,
		"pass=" KEY ",vers=2.1,seal",
		"sec=krb5",
		"remount,ro",
		"pass=" KEY ",user=other,persistenthandles,vers=default",
	};
	static const char *const sources[] = { azure, "//server/s/a",
					       "//" HOST "/S/a" };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lines) * 3; i++) {
		autofixture struct fixture f = { 0 };

		/* another server needs to be told who we are */
		if (i % 3 == 1 && azf_streq(lines[i / 3], lines[0]))
			continue;
		if (i % 3 == 1 && azf_streq(lines[i / 3], lines[1]))
			continue;
		make(&f, sources[i % 3], lines[i / 3]);
		for (int error = 1; error <= EHWPOISON; error++) {
			for (unsigned int bit = 0; bit < 11; bit++) {
				struct azf_error err = { 0 };

				f.evidence.error = error;
				f.evidence.address.tcp = bit % 5;
				f.evidence.kernel.said = 1u << bit >> 1;
				f.evidence.fips = bit % 2;
				strcpy(f.evidence.kernel.word, "word");
				assert_true(azf_diagnose(&f.evidence, &err) <
					    0);
				assert_readable(err.cause);
				assert_readable(err.cure);
			}
		}
	}
}

static void names_from_outside_cannot_break_the_line(void **state)
{
	autofixture struct fixture f = { 0 };
	struct azf_error err = { 0 };

	(void)state;
	make(&f, "//" HOST "/%h%n%s", "pass=" KEY);
	f.evidence.error = EACCES;
	f.request.target = "/srv/a\nb";
	assert_true(azf_diagnose(&f.evidence, &err) < 0);
	assert_contains(err.cause, "'%h%n%s'");
	f.evidence.error = EBUSY;
	assert_true(azf_diagnose(&f.evidence, &err) < 0);
	assert_contains(err.cause, "/srv/a?b");
}

static void the_evidence_is_gathered(void **state)
{
	autofixture struct fixture f = { 0 };
	autofixture struct fixture g = { 0 };

	(void)state;
	make(&f, "//127.0.0.1/share", "user=u,port=1,pass=" KEY);
	f.evidence.error = ECONNREFUSED;
	f.evidence.address = (struct azf_address){ .text = "127.0.0.1" };
	f.evidence.address.sockaddr.in4 = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	azf_evidence_gather(&f.evidence);
	assert_int_equal(f.evidence.address.tcp, AZF_TCP_REFUSED);
	assert_int_equal(f.evidence.key_length, strlen(KEY));
	assert_true(f.evidence.key_has_form);
	assert_true(f.evidence.release[0]);
	assert_string_equal(f.evidence.private_address, "");
	make(&g, "//127.0.0.1/share", "user=u,pass=QUJD/+==");
	g.evidence.error = EINVAL;
	azf_evidence_gather(&g.evidence);
	assert_false(g.evidence.key_has_form);
	assert_int_equal(g.evidence.key_length, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cause_is_found),
		cmocka_unit_test(what_passes_is_transient),
		cmocka_unit_test(every_combination_is_readable),
		cmocka_unit_test(names_from_outside_cannot_break_the_line),
		cmocka_unit_test(the_evidence_is_gathered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
