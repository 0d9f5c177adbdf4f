// SPDX-License-Identifier: MIT
/* test-ticket-set.c - tickets that a program sets, lists and clears. */
#include "refresh-rig.h"

#include <sys/wait.h>

#define GUID  "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define TOKEN "eyJ0.SECRET.x-y_z"
#define GIVEN AZF_RUN_DIR "/" HOST "/token"

static int set(const char *host, const char *options, const char *token)
{
	rig.err = (struct azf_error){ 0 };
	rig.remarks.text[0] = '\0';
	return azf_ticket_set(host, options, token, &rig.log, &rig.err);
}

/* Begins without any directory. */
static int set_up_empty(void **state)
{
	int r = set_up(state);

	azf_state_close(&rig.state);
	return r ? r : system("rm -rf " AZF_RUN_DIR);
}

static void a_ticket_is_set(void **state)
{
	(void)state;
	will_answer(OK, 0, 3000, "cache", 5);
	assert_int_equal(set(HOST, "identity=system", NULL), 0);
	assert_int_equal(calls(), 1);
	assert_ccache("cache", 5);
	assert_contains(get(FAKE "/request", NULL),
			"identity=system\nhost=" HOST "\n");
	/* a mount finds it */
	assert_int_equal(azf_state_claim(HOST, "system", &rig.state), 0);
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	assert_int_equal(calls(), 1);
	/* and once more replaces it, fresh as it is */
	will_answer(OK, 0, 3000, "new", 3);
	assert_int_equal(set(HOST, "identity=system", NULL), 0);
	assert_int_equal(calls(), 2);
	assert_ccache("new", 3);
}

static void the_host_and_the_identity_are_those_of_a_mount(void **state)
{
	static const struct {
		const char *host, *options, *path;
	} rows[] = {
		{ "ACCT1.File.core.windows.net", "identity=system", PATH },
		{ "acct1.privatelink.file.core.windows.net",
		  "identity=system,uid=0,ro", PATH },
		{ HOST, "identity=" GUID, AZF_RUN_DIR "/" HOST "/" GUID },
		{ HOST, "identity=token,token_file=/f",
		  AZF_RUN_DIR "/" HOST "/token-" },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autofree char *command = NULL;

		assert_int_equal(set_up_empty(state), 0);
		will_answer(OK, 0, 3000, "cache", 5);
		assert_int_equal(set(rows[i].host, rows[i].options, NULL), 0);
		assert_true(asprintf(&command, "test -e %s*/ccache",
				     rows[i].path) > 0);
		assert_int_equal(system(command), 0);
	}
}

static void a_token_is_used_and_not_kept(void **state)
{
	azf_autostate struct azf_state given = { .fd = -1 };
	struct azf_ticket_times times;

	(void)state;
	will_answer(OK, -300, 3000, "cache", 5);
	assert_int_equal(set(HOST, "identity=token", TOKEN), 0);
	assert_contains(get(FAKE "/request", NULL), "deadline=");
	assert_contains(get(FAKE "/request", NULL), "\n\n" TOKEN);
	assert_lacks(get(FAKE "/request", NULL), TOKEN "\n");
	assert_int_not_equal(system("grep -r SECRET " AZF_RUN_DIR), 0);
	/* it is good to its end, and then not renewed */
	assert_int_equal(azf_state_open(HOST, "token", false, &given), 0);
	assert_true(azf_ticket_times(&given, &times));
	assert_int_equal(times.renew, times.expires);
	assert_int_equal(times.early, times.expires);
	assert_int_equal(azf_ticket_ensure(&given, AZF_TICKET_EARLY, 30,
					   &rig.log, &rig.err),
			 0);
	assert_failure(azf_ticket_ensure(&given, AZF_TICKET_ALWAYS, 30,
					 &rig.log, &rig.err),
		       &rig.err, AZF_E_MOUNT, "cannot be renewed",
		       "'azfilesctl set " HOST " token'");
	put(GIVEN "/ticket", "renew=5\nexpires=5\nserver=s\n", 25);
	assert_failure(azf_ticket_ensure(&given, AZF_TICKET_NOW, 30, &rig.log,
					 &rig.err),
		       &rig.err, AZF_E_MOUNT,
		       "the ticket for " HOST " has ended, and the token",
		       "'azfilesctl set " HOST " token'");
	azf_state_remove(&given, "ticket");
	assert_failure(azf_ticket_ensure(&given, AZF_TICKET_NOW, 30, &rig.log,
					 &rig.err),
		       &rig.err, AZF_E_MOUNT, "no token was set for " HOST,
		       "'azfilesctl set " HOST " token'");
	assert_int_equal(calls(), 1);
}

static void what_cannot_be_set_is_told(void **state)
{
	static const struct {
		const char *host, *options, *token, *words, *remedy;
	} rows[] = {
		{ "https://" HOST "/share?sig=SECRET", "identity=system", NULL,
		  "'https://" HOST "/share' is not the name of a host",
		  "Write it as " HOST },
		{ HOST "/", "identity=system", NULL,
		  "is not the name of a host", "Write it as " HOST },
		{ "//" HOST, "identity=system", NULL,
		  "is not the name of a host", "Write it as " HOST },
		{ "", "identity=system", NULL, "is not the name of a host",
		  "Write it as myaccount.file" },
		{ "192.0.2.1", "identity=system", NULL,
		  "192.0.2.1 is not an Azure file endpoint",
		  "ACCOUNT.file.core.windows.net" },
		{ HOST, "", NULL, "no identity is given", "Add identity=" },
		{ HOST, NULL, NULL, "no identity is given", "Add identity=" },
		{ HOST, "identity=key", NULL, "identity=key needs no ticket",
		  "azfilesctl key add" },
		{ HOST, "identity=ccache", NULL, "are the user's own",
		  "kinit" },
		{ HOST, "identity=systems", NULL, "is not known", "workload" },
		{ HOST, "identity=system,client_id=c", NULL, "has no meaning",
		  "Leave it out" },
		{ HOST, "identity=sp,client_id=c", NULL,
		  "needs tenant_id=", "Add it" },
		{ HOST, "identity=system,nosuch", NULL,
		  "unknown option 'nosuch'", "" },
		{ HOST, "identity=system", TOKEN, "gets its own",
		  "Leave the token out" },
		{ HOST, "identity=token,token_file=/f", TOKEN, "gets its own",
		  "without token_file=" },
		{ HOST, "identity=token", NULL, "no token is given",
		  "token_file=" },
		{ HOST, "identity=token", "", "the token is empty", "" },
	};
	char large[AZF_TICKET_TOKEN_MAX + 2];

	(void)state;
	will("exit 1");
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		int r = set(rows[i].host, rows[i].options, rows[i].token);

		assert_failure(r, &rig.err, AZF_E_USAGE, rows[i].words,
			       rows[i].remedy);
		assert_lacks(rig.err.cause, "SECRET");
		assert_lacks(rig.err.cure, "SECRET");
	}
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_failure(set(HOST, "identity=token", large), &rig.err,
		       AZF_E_USAGE, "longer than", "");
	assert_int_equal(calls(), 0);
	assert_false(is_there(AZF_RUN_DIR));
}

static void a_failure_loses_nothing(void **state)
{
	(void)state;
	will_fail("1");
	have_ticket(60, 120);
	assert_failure(set(HOST, "identity=system", NULL), &rig.err,
		       AZF_E_TRANSIENT, "no luck", "Wait");
	assert_ccache("old", 3);
	assert_false(is_there(PATH "/kept"));
	/* who does not care for the reason need not take it */
	assert_int_equal(azf_ticket_set(HOST, "identity=system", NULL, NULL,
					NULL),
			 -AZF_E_TRANSIENT);
	assert_int_equal(azf_ticket_set(NULL, NULL, NULL, NULL, NULL),
			 -AZF_E_USAGE);
}

/* ---- list ---- */

static struct azf_ticket **list(size_t want)
{
	struct azf_ticket **tickets;
	size_t count;

	assert_int_equal(azf_ticket_list(&tickets, &count, &rig.err), 0);
	assert_int_equal(count, want);
	assert_null(tickets[count]);
	return tickets;
}

static void all_tickets_are_listed(void **state)
{
	struct azf_ticket **tickets;
	int64_t began = time(NULL);

	(void)state;
	azf_ticket_list_free(NULL);
	azf_ticket_list_free(list(0));
	will_answer(OK, 0, 3000, "cache", 5);
	assert_int_equal(set(HOST, "identity=system", NULL), 0);
	assert_int_equal(set(HOST, "identity=" GUID, NULL), 0);
	assert_int_equal(set(OTHER, "identity=token", TOKEN), 0);
	will_fail("0");
	assert_int_equal(set(OTHER, "identity=exec:/bin/x", NULL),
			 -AZF_E_MOUNT);
	assert_int_equal(mkdir(AZF_RUN_DIR "/x", 0700), 0);
	assert_int_equal(mkdir(AZF_RUN_DIR "/x/y", 0700), 0);
	put(AZF_RUN_DIR "/x/file", "x", 1);

	tickets = list(5);
	assert_string_equal(tickets[0]->tag, GUID);
	assert_string_equal(tickets[0]->kind, "client");
	assert_string_equal(tickets[0]->name, GUID);
	assert_true(tickets[0]->kept && tickets[0]->renewable);

	assert_string_equal(tickets[1]->host, HOST);
	assert_string_equal(tickets[1]->tag, "system");
	assert_string_equal(tickets[1]->kind, "system");
	assert_null(tickets[1]->name);
	assert_string_equal(tickets[1]->server, "cifs/" HOST "@R");
	assert_string_equal(tickets[1]->principal, "me@R");
	assert_string_equal(tickets[1]->ccache, PATH "/ccache");
	assert_in_range(tickets[1]->renew, began + 2000, began + 2020);
	assert_in_range(tickets[1]->expires, began + 3000, began + 3020);
	assert_int_equal(tickets[1]->failed, 0);
	assert_int_equal(tickets[1]->failure.code, 0);

	assert_string_equal(tickets[2]->host, OTHER);
	assert_string_equal(tickets[2]->kind, "exec");
	assert_string_equal(tickets[2]->name, "/bin/x");
	assert_null(tickets[2]->server);
	assert_int_equal(tickets[2]->expires, 0);
	assert_false(tickets[2]->kept);
	assert_in_range(tickets[2]->failed, began, began + 20);
	assert_int_equal(tickets[2]->failure.code, AZF_E_MOUNT);
	assert_contains(tickets[2]->failure.cause, "no luck");
	assert_string_equal(tickets[2]->failure.cure, "Wait");

	assert_string_equal(tickets[3]->tag, "token");
	assert_null(tickets[3]->name);
	assert_true(tickets[3]->kept && !tickets[3]->renewable);

	/* nobody knows what it is */
	assert_string_equal(tickets[4]->host, "x");
	assert_string_equal(tickets[4]->kind, "");
	azf_ticket_list_free(tickets);
}

/* ---- clear ---- */

static int clear(const char *host, const char *tag)
{
	rig.err = (struct azf_error){ 0 };
	return azf_ticket_clear(host, tag, &rig.log, &rig.err);
}

static void tickets_are_cleared(void **state)
{
	(void)state;
	will_answer(OK, 0, 3000, "cache", 5);
	assert_int_equal(set(HOST, "identity=system", NULL), 0);
	assert_int_equal(set(HOST, "identity=" GUID, NULL), 0);
	assert_int_equal(set(HOST, "identity=token", TOKEN), 0);
	assert_int_equal(set(OTHER, "identity=system", NULL), 0);
	assert_int_equal(clear(HOST, "nosuch"), 0);
	assert_int_equal(clear("acct3.file.core.windows.net", NULL), 0);
	assert_int_equal(calls(), 4);
	assert_int_equal(clear(HOST, "system"), 1);
	assert_false(is_there(PATH));
	assert_int_equal(calls(), 5);
	assert_contains(get(FAKE "/request", NULL), "identity=system\n");
	assert_contains(get(FAKE "/request", NULL), "forget=1\n");
	/* a token that was handed over is in no cache */
	assert_int_equal(clear("acct1.privatelink.file.core.windows.net", NULL),
			 2);
	assert_int_equal(calls(), 6);
	assert_false(is_there(AZF_RUN_DIR "/" HOST));
	assert_int_equal(clear(HOST, NULL), 0);
	assert_true(is_there(AZF_RUN_DIR "/" OTHER "/system/ccache"));
	assert_string_equal(rig.remarks.text, "");
	assert_failure(clear("https://" OTHER, NULL), &rig.err, AZF_E_USAGE,
		       "is not the name of a host", "Write it as " OTHER);
	assert_int_equal(azf_ticket_clear(OTHER, NULL, NULL, NULL), 1);
}

static void what_cannot_be_cleared_is_told(void **state)
{
	(void)state;
	will("exit 1");
	put(PATH "/somebody's", "x", 1);
	assert_failure(clear(HOST, "system"), &rig.err, AZF_E_SYSTEM,
		       "cannot forget " PATH ": Directory not empty",
		       "Look what is in it");
}

/* ---- what a refresh does with it ---- */

static void what_was_set_stays_and_is_renewed(void **state)
{
	(void)state;
	will_answer(OK, 0, 3000, "cache", 5);
	assert_int_equal(set(HOST, "identity=system", NULL), 0);
	unused_since(100000);
	assert_int_equal(refresh(false), 0);
	assert_true(is_there(PATH "/ccache"));
	assert_int_equal(calls(), 1);
	have(-10, 100, 200);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 2);
	assert_contains(rig.remarks.text, "renewed, valid until");
}

static void a_token_that_was_set_is_not_renewed(void **state)
{
	static const char ended[] = "renew=5\nexpires=5\nserver=s\n";
	static const char unused[] = "since=5\n";

	(void)state;
	will_answer(OK, 0, 3000, "cache", 5);
	assert_int_equal(set(HOST, "identity=token", TOKEN), 0);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(refresh(true), 0);
	assert_contains(rig.remarks.text, "debug: " HOST " as token: fresh");
	assert_int_equal(calls(), 1);
	/* a mount needs it */
	put(GIVEN "/ticket", ended, strlen(ended));
	mounted("//" HOST "/share", "rw,sec=krb5,username=token,soft");
	assert_failure(refresh(false), &rig.err, AZF_E_MOUNT,
		       "1 ticket could not be renewed", "");
	assert_contains(rig.remarks.text, "has ended, and the token");
	assert_contains(rig.remarks.text, "'azfilesctl set " HOST " token'");
	/* nobody needs it */
	assert_int_equal(unlink(TABLE), 0);
	put(GIVEN "/unused", unused, strlen(unused));
	assert_int_equal(refresh(false), 0);
	assert_false(is_there(GIVEN));
	assert_int_equal(calls(), 1);
}

/* ---- who may ---- */

static void only_root_may(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct azf_ticket **tickets;

		if (setresuid(65534, 65534, 65534))
			_exit(1);
		_exit(set(HOST, "identity=system", NULL) != -AZF_E_USAGE ||
		      clear(HOST, NULL) != -AZF_E_USAGE ||
		      azf_share_mount("//" HOST "/share", "/mnt",
				      "identity=system", NULL,
				      NULL) != -AZF_E_USAGE ||
		      azf_share_umount("/mnt", 0, NULL) != -AZF_E_USAGE ||
		      azf_ticket_list(&tickets, NULL, &rig.err) !=
			      -AZF_E_USAGE ||
		      !strstr(rig.err.cause, "only root"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define EMPTY(test) \
	cmocka_unit_test_setup_teardown(test, set_up_empty, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EMPTY(a_ticket_is_set),
		cmocka_unit_test(
			the_host_and_the_identity_are_those_of_a_mount),
		EMPTY(a_token_is_used_and_not_kept),
		EMPTY(what_cannot_be_set_is_told),
		TEST(a_failure_loses_nothing),
		EMPTY(all_tickets_are_listed),
		EMPTY(tickets_are_cleared),
		TEST(what_cannot_be_cleared_is_told),
		EMPTY(what_was_set_stays_and_is_renewed),
		EMPTY(a_token_that_was_set_is_not_renewed),
		EMPTY(only_root_may),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
