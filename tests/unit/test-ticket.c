// SPDX-License-Identifier: MIT
/* test-ticket.c - when azfiles-credential is asked for a ticket. */
#include "ticket-rig.h"

#include <sys/syscall.h>
#include <sys/wait.h>

/* Each pause then takes a second of azf_now_ms(), and none of ours. */
static bool pauses_are_long;
static time_t passed;

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);

	ts->tv_sec += passed;
	return r;
}

int nanosleep(const struct timespec *request, struct timespec *left)
{
	if (!pauses_are_long)
		return (int)syscall(SYS_nanosleep, request, left);
	passed++;
	return 0;
}

static void a_ticket_is_got_and_kept(void **state)
{
	static const char ccache[] = "\5\4\0\n\n\xff result=fail\n\n";
	azf_autofields struct azf_fields ticket = { .count = 0 };
	uint64_t began = (uint64_t)time(NULL);
	struct stat st;

	(void)state;
	will_answer(OK, -300, 3000, ccache, sizeof(ccache));
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	assert_int_equal(calls(), 1);
	assert_string_equal(rig.remarks.text, "");
	assert_ccache(ccache, sizeof(ccache));
	assert_int_equal(stat(PATH "/ccache", &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(azf_state_read(&rig.state, "ticket", &ticket), 0);
	assert_string_equal(azf_fields_get(&ticket, "server"),
			    "cifs/" HOST "@R");
	assert_string_equal(azf_fields_get(&ticket, "principal"), "me@R");
	assert_in_range(kept("ticket", "expires"), began + 3000, began + 3020);
	/* two thirds of 3300 seconds, 300 of which are over */
	assert_in_range(kept("ticket", "renew"), began + 1900, began + 1920);
	assert_int_not_equal(access(PATH "/failed", F_OK), 0);
	assert_int_not_equal(access(PATH "/ccache.new", F_OK), 0);
}

static void the_request_says_who_and_how_long(void **state)
{
	static const struct {
		unsigned int patience;
		const char *words;
	} rows[] = {
		{ 30, "deadline=30\n" },
		{ 0, "deadline=15\n" },
		{ 86400, "deadline=60\n" },
	};

	(void)state;
	will_answer(OK, 0, 3000, "x", 1);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const char *request;

		assert_int_equal(
			azf_ticket_ensure(&rig.state, AZF_TICKET_ALWAYS,
					  rows[i].patience, &rig.log, &rig.err),
			0);
		request = get(FAKE "/request", NULL);
		assert_contains(request, rows[i].words);
		assert_contains(request, "identity=system\nhost=" HOST "\n");
	}
}

static void a_fresh_ticket_is_used_without_a_call(void **state)
{
	(void)state;
	will("exit 1");
	have_ticket(60, 120);
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	assert_int_equal(ensure(AZF_TICKET_UNLESS_FAILED), 0);
	assert_int_equal(calls(), 0);
	will_answer(OK, 0, 3000, "new", 3);
	assert_int_equal(ensure(AZF_TICKET_ALWAYS), 0);
	assert_int_equal(calls(), 1);
	assert_ccache("new", 3);
}

static void an_old_ticket_is_renewed(void **state)
{
	static const int lives[][2] = { { -1, 60 }, { -60, -1 }, { 60, 0 } };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lives); i++) {
		will_answer(OK, 0, 3000, "new", 3);
		have_ticket(lives[i][0], lives[i][1]);
		assert_int_equal(ensure(AZF_TICKET_UNLESS_FAILED), 0);
		assert_int_equal(calls(), i + 1);
		assert_ccache("new", 3);
	}
	/* one that nobody understands is none */
	put(PATH "/ticket", "renew", 5);
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	assert_int_equal(calls(), AZF_ARRAY_SIZE(lives) + 1);
}

static void an_old_ticket_serves_while_it_is_valid(void **state)
{
	(void)state;
	will_fail("1");
	have_ticket(-60, 60);
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	assert_contains(rig.remarks.text,
			"warn: the ticket could not be renewed: no luck");
	assert_contains(rig.remarks.text, "The old one still works");
	assert_ccache("old", 3);
	/* the upcall hears of it without another call */
	assert_int_equal(ensure(AZF_TICKET_UNLESS_FAILED), 0);
	assert_contains(rig.remarks.text, "no luck");
	assert_int_equal(calls(), 1);
	/* whoever wants a new one wants to know that there is none */
	assert_failure(ensure(AZF_TICKET_ALWAYS), &rig.err, AZF_E_TRANSIENT,
		       "no luck", "");
	assert_ccache("old", 3);
}

/* Somebody has the lock for longer than anybody waits for it. */
static void an_old_ticket_serves_while_another_is_got(void **state)
{
	azf_autoclose int lock = azf_state_lock(&rig.state, 0);

	(void)state;
	assert_true(lock >= 0);
	pauses_are_long = true;
	have_ticket(-60, 60);
	assert_int_equal(ensure(AZF_TICKET_UNLESS_FAILED), 0);
	assert_contains(rig.remarks.text,
			"another process has been getting a ticket");
	assert_contains(rig.remarks.text, "The old one still works");
	have_ticket(-120, -60);
	assert_failure(ensure(AZF_TICKET_UNLESS_FAILED), &rig.err,
		       AZF_E_TRANSIENT, "another process", "");
	pauses_are_long = false;
	assert_int_equal(calls(), 0);
}

static void a_failure_is_told_and_remembered(void **state)
{
	static const struct {
		const char *transient;
		enum azf_code code;
	} rows[] = { { "1", AZF_E_TRANSIENT },
		     { "0", AZF_E_MOUNT },
		     { "yes", AZF_E_MOUNT } };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		assert_int_equal(set_up(state), 0);
		assert_int_equal(azf_ticket_failure(&rig.state,
						    AZF_TICKET_UNLESS_FAILED,
						    &rig.err),
				 0);
		will_fail(rows[i].transient);
		have_ticket(-60, -1);
		assert_failure(ensure(AZF_TICKET_NOW), &rig.err, rows[i].code,
			       "no luck (request id r-1)", "Wait");
		assert_int_equal(rig.err.cause[strlen(rig.err.cause) - 1], ')');
		assert_int_equal(kept("failed", "code"), rows[i].code);
		will_answer(OK, 0, 3000, "new", 3);
		assert_failure(ensure(AZF_TICKET_UNLESS_FAILED), &rig.err,
			       rows[i].code, "no luck (request id r-1)",
			       "Wait");
		rig.err = (struct azf_error){ 0 };
		assert_failure(
			azf_ticket_failure(&rig.state, AZF_TICKET_UNLESS_FAILED,
					   &rig.err),
			&rig.err, rows[i].code, "(request id r-1)", "Wait");
		assert_int_equal(calls(), 1);
		assert_ccache("old", 3);
		assert_int_equal(ensure(AZF_TICKET_NOW), 0);
		assert_int_equal(calls(), 2);
		assert_int_equal(azf_ticket_failure(&rig.state,
						    AZF_TICKET_UNLESS_FAILED,
						    &rig.err),
				 0);
		assert_int_equal(tear_down(state), 0);
	}
}

static void a_failure_is_forgotten_after_a_while(void **state)
{
	static const int times[] = { -AZF_TICKET_HOLD_OFF - 1, 60 };

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(times); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "time=%lld\ncode=%d\n",
			       (long long)time(NULL) + times[i], AZF_E_MOUNT);
		put(PATH "/failed", text, strlen(text));
		assert_int_equal(azf_ticket_failure(&rig.state,
						    AZF_TICKET_UNLESS_FAILED,
						    &rig.err),
				 0);
		azf_state_remove(&rig.state, "ticket");
		will_answer(OK, 0, 3000, "new", 3);
		assert_int_equal(ensure(AZF_TICKET_UNLESS_FAILED), 0);
		assert_int_equal(calls(), i + 1);
		assert_int_not_equal(access(PATH "/failed", F_OK), 0);
	}
}

static void the_past_is_told(void **state)
{
	char text[128];
	struct azf_ticket_past past;
	time_t before = time(NULL) - 1;

	(void)state;
	azf_ticket_past(&rig.state, &past);
	assert_int_equal(past.renewed, 0);
	assert_int_equal(past.failed, 0);
	will_answer(OK, 0, 3000, "new", 3);
	assert_int_equal(ensure(AZF_TICKET_NOW), 0);
	azf_ticket_past(&rig.state, &past);
	assert_in_range(past.renewed, before, time(NULL));
	assert_int_equal(past.failed, 0);
	/* however long ago */
	(void)snprintf(text, sizeof(text),
		       "time=1000\ncode=%d\ncause=no luck\ncure=Wait\n",
		       AZF_E_MOUNT);
	put(PATH "/failed", text, strlen(text));
	azf_ticket_past(&rig.state, &past);
	assert_int_equal(past.failed, 1000);
	assert_failure(-(int)past.err.code, &past.err, AZF_E_MOUNT, "no luck",
		       "Wait");
}

static void one_call_is_enough_for_twenty(void **state)
{
	enum {
		COUNT = 20
	};
	int status;

	(void)state;
	will_answer(OK, 0, 3000, "new", 3);
	will("sleep 0.5; cat " FAKE "/answer");
	for (int i = 0; i < COUNT; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(ensure(i % 2 ? AZF_TICKET_NOW :
					     AZF_TICKET_UNLESS_FAILED) != 0);
	}
	for (int i = 0; i < COUNT; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(calls(), 1);
	assert_ccache("new", 3);
}

static void a_changed_identity_is_remembered(void **state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct stat before, after;

	(void)state;
	assert_int_equal(azf_state_read(&rig.state, "credential", &fields), 0);
	assert_int_equal(stat(PATH "/credential", &before), 0);
	assert_int_equal(azf_ticket_remember(&rig.state, &fields, &rig.err), 0);
	assert_int_equal(stat(PATH "/credential", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(azf_fields_set(&fields, "host", "other"), 0);
	assert_int_equal(azf_ticket_remember(&rig.state, &fields, &rig.err), 0);
	assert_string_equal(get(PATH "/credential", NULL),
			    "identity=system\nhost=other\n");
	assert_int_equal(azf_fields_set(&fields, "client_id", "c"), 0);
	assert_int_equal(azf_ticket_remember(&rig.state, &fields, &rig.err), 0);
	assert_contains(get(PATH "/credential", NULL), "client_id=c\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ticket_is_got_and_kept),
		TEST(the_request_says_who_and_how_long),
		TEST(a_fresh_ticket_is_used_without_a_call),
		TEST(an_old_ticket_is_renewed),
		TEST(an_old_ticket_serves_while_it_is_valid),
		TEST(an_old_ticket_serves_while_another_is_got),
		cmocka_unit_test(a_failure_is_told_and_remembered),
		TEST(a_failure_is_forgotten_after_a_while),
		TEST(the_past_is_told),
		TEST(one_call_is_enough_for_twenty),
		TEST(a_changed_identity_is_remembered),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
