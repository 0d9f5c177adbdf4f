// SPDX-License-Identifier: MIT
/* test-connected.c - what the kernel says of its connections, of some ages. */
#include "connected.h"
#include "test.h"

#include <errno.h>

/* As kernels wrote them; also where fuzzing begins. */
#define CORPUS "tests/fuzz/corpus/connected/"

static struct azf_connections read_sample(const char *name)
{
	struct azf_connections connections = { .count = 0 };

	assert_int_equal(azf_connections_read(name, &connections), 0);
	return connections;
}

static struct azf_mounted mount_of(char *source, bool kerberos)
{
	return (struct azf_mounted){ .source = source, .kerberos = kerberos };
}

static void linux_6_1(void **state)
{
	azf_autoconnections struct azf_connections connections =
		read_sample(CORPUS "linux-6.1");
	char sealed[] = "//acct2.file.core.windows.net/share1";
	char plain[] = "//Acct1.file.core.windows.net/share1/dir";
	struct azf_mounted mount = mount_of(sealed, true);
	const struct azf_connected *share;

	(void)state;
	assert_int_equal(connections.count, 2);
	assert_int_equal(connections.host_count, 2);
	assert_false(connections.unnamed);
	share = azf_connections_next(&connections, &mount, NULL);
	assert_non_null(share);
	assert_true(share->encrypted);
	assert_int_equal(share->channels, 1);
	assert_null(azf_connections_next(&connections, &mount, share));
	mount = mount_of(plain, false);
	share = azf_connections_next(&connections, &mount, NULL);
	assert_non_null(share);
	assert_false(share->encrypted);
	/* a mount with a ticket has another session */
	mount.kerberos = true;
	assert_null(azf_connections_next(&connections, &mount, NULL));
}

static void channels_and_encryption_of_newer_kernels(void **state)
{
	azf_autoconnections struct azf_connections connections =
		read_sample(CORPUS "linux-6.12-channels");
	char source[] = "//ACCT1.privatelink.file.core.windows.net/two words";
	char longer[] = "//ACCT1.privatelink.file.core.windows.net/two words2";
	struct azf_mounted mount = mount_of(source, true);
	const struct azf_connected *share;

	(void)state;
	assert_int_equal(connections.count, 2);
	assert_int_equal(connections.host_count, 1);
	assert_true(azf_connections_have(&connections,
					 "acct1.file.core.windows.net"));
	assert_false(azf_connections_have(&connections,
					  "acct2.file.core.windows.net"));
	share = azf_connections_next(&connections, &mount, NULL);
	assert_non_null(share);
	assert_true(share->encrypted);
	assert_int_equal(share->channels, 4);
	mount = mount_of(longer, true);
	assert_null(azf_connections_next(&connections, &mount, NULL));
}

static void names_that_the_kernel_does_not_tell(void **state)
{
	azf_autoconnections struct azf_connections connections =
		read_sample(CORPUS "linux-5.4");

	(void)state;
	assert_true(connections.unnamed);
	assert_true(azf_connections_have(&connections, "any.example"));
	assert_int_equal(connections.count, 1);
}

static void nothing_is_connected(void **state)
{
	azf_autoconnections struct azf_connections connections =
		read_sample(CORPUS "none");

	(void)state;
	assert_int_equal(connections.count, 0);
	assert_false(connections.unnamed);
	assert_int_equal(azf_connections_read("/no/such/file", &connections),
			 0);
	assert_int_equal(azf_connections_read("/proc/self/mem/x", &connections),
			 -ENOTDIR);
}

/* Each kind of line that makes traffic encrypted, alone. */
static void what_encrypts(void **state)
{
	static const char form[] =
		"1) ConnectionId: 0x1 Hostname: h \nNumber of credits: 1\n"
		"\tSessions: \n\t1) Address: 10.0.0.4 Uses: 1\n"
		"\tSecurity type: RawNTLMSSP  SessionId: 0x1%s\n\n\tShares: \n"
		"\t1) \\\\h\\s Mounts: 1 DevInfo: 0x20\n"
		"\tPathComponentMax: 255 Status: 1 Serial Number: 0x1%s\n"
		"\tShare Capabilities: None\tShare Flags: %s\n\n"
		"\t2) encrypted Share Flags: 0x8000\n";
	static const struct {
		const char *session;
		const char *share;
		const char *flags;
		bool encrypted;
	} rows[] = {
		{ "", "", "0x0", false },
		{ " signed", " nosharesock", "0x7fff", false },
		{ " encrypted(gcm256) signed", "", "0x0", true },
		{ "", " Encrypted", "0x0", true },
		{ "", "", "0x8030", true },
	};

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autoconnections struct azf_connections connections = {
			.count = 0
		};
		char text[1024];
		FILE *file;

		(void)snprintf(text, sizeof(text), form, rows[i].session,
			       rows[i].share, rows[i].flags);
		file = fmemopen(text, strlen(text), "r");
		assert_non_null(file);
		assert_int_equal(azf_connections_parse(file, &connections), 0);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(connections.count, 1);
		assert_string_equal(connections.shares[0].share, "//h/s");
		assert_int_equal(connections.shares[0].encrypted,
				 rows[i].encrypted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_6_1),
		cmocka_unit_test(channels_and_encryption_of_newer_kernels),
		cmocka_unit_test(names_that_the_kernel_does_not_tell),
		cmocka_unit_test(nothing_is_connected),
		cmocka_unit_test(what_encrypts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
