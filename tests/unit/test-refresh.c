// SPDX-License-Identifier: MIT
/* test-refresh.c - which tickets are renewed, and which mounts touched. */
#include "refresh-rig.h"

#include "ends.h"

#include <sys/resource.h>
#include <sys/wait.h>

/* ---- renewal ---- */

static void a_due_ticket_is_renewed(void **state)
{
	(void)state;
	mounted_as_system();
	will_answer(OK, 0, 3000, "new", 3);
	have(-1, 100, 200);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
	assert_ccache("new", 3);
	assert_contains(rig.remarks.text,
			"info: " HOST " as system: renewed, valid until ");
	/* also when it ends with the old one */
	have(-1, 100, 3000);
	assert_int_equal(refresh(false), 0);
	assert_contains(rig.remarks.text, "renewed, valid until ");
	/* and its own is due between a half and two thirds of its life */
	assert_in_range(kept("ticket", "renew") - kept("ticket", "early"), 0,
			501);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 2);
}

static void machines_do_not_ask_together(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;

	(void)state;
	will_answer(OK, 0, 86400, "new", 3);
	for (int i = 0; i < 40; i++) {
		uint64_t spread;

		assert_int_equal(ensure(AZF_TICKET_ALWAYS), 0);
		spread = kept("ticket", "renew") - kept("ticket", "early");
		least = spread < least ? spread : least;
		most = spread > most ? spread : most;
	}
	assert_in_range(most, 0, 14400);
	assert_true(most - least > 3600);
}

static void a_fresh_ticket_is_left_alone(void **state)
{
	(void)state;
	mounted_as_system();
	will("exit 1");
	have(10, 100, 200);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 0);
	assert_contains(rig.remarks.text, "debug: " HOST " as system: fresh");
	assert_lacks(rig.remarks.text, "info");
}

static void all_are_renewed_when_asked_for(void **state)
{
	(void)state;
	mounted_as_system();
	will_answer(OK, 0, 3000, "new", 3);
	have(10, 100, 200);
	assert_int_equal(refresh(true), 0);
	assert_int_equal(calls(), 1);
	will_fail("1");
	assert_failure(refresh(true), &rig.err, AZF_E_TRANSIENT,
		       "1 ticket could not be renewed", "lines before");
	assert_contains(rig.remarks.text,
			"warn: " HOST " as system: no luck (request id r-1). "
			"Wait");
}

/* They are not ours to renew, even where files beside them say they are due. */
static void tickets_of_users_are_left_alone(void **state)
{
	azf_autofields struct azf_fields credential = { .count = 0 };

	(void)state;
	mounted_as_system();
	assert_int_equal(azf_fields_set(&credential, "identity", "ccache"), 0);
	assert_int_equal(azf_fields_set(&credential, "cruid", "3001"), 0);
	assert_int_equal(azf_fields_set(&credential, "host", HOST), 0);
	assert_int_equal(azf_ticket_remember(&rig.state, &credential, &rig.err),
			 0);
	have(-1, 100, 200);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(refresh(true), 0);
	assert_int_equal(calls(), 0);
	assert_contains(rig.remarks.text, "the user's own: kinit renews them");
	assert_false(is_there(PATH "/unused"));
}

static void only_that_of_one_mount(void **state)
{
	(void)state;
	mounted_as_system();
	mounted_at("/other", "//" OTHER "/s", "sec=krb5,username=x");
	will_answer(OK, 0, 3000, "new", 3);
	have(10, 100, 200);
	/* its own is not even due, and there is none of the other */
	assert_int_equal(refresh_at("/nowhere", false), 0);
	assert_int_equal(calls(), 0);
	assert_failure(refresh_at("/other", true), &rig.err, AZF_E_MOUNT,
		       "no share is mounted on /other with an identity",
		       "azfilesctl status");
	assert_failure(refresh_at("/no", true), &rig.err, AZF_E_MOUNT,
		       "no share is mounted on /no", "azfilesctl status");
	/* what others do not use is not its business */
	assert_false(is_there(PATH "/unused"));
	assert_int_equal(calls(), 0);
	assert_int_equal(refresh_at("/nowhere", true), 0);
	assert_int_equal(calls(), 1);
	assert_ccache("new", 3);
}

static void which_mounts_use_a_ticket(void **state)
{
	static const struct {
		const char *source;
		const char *options;
		bool used;
	} rows[] = {
		{ "//" HOST "/s", "rw,sec=krb5,username=system", true },
		{ "//" HOST "/s/d", "sec=krb5i,x=y,username=system,z", true },
		{ "//ACCT1.File.Core.Windows.NET/s", "sec=krb5,username=system",
		  true },
		{ "//acct1.privatelink.file.core.windows.net/s",
		  "sec=krb5,username=system", true },
		{ "//" HOST "/s", "sec=krb5,multiuser", true },
		{ "//" HOST "/s", "sec=krb5,username=system2", false },
		{ "//" HOST "/s", "sec=krb5,username=syste", false },
		{ "//" HOST "/s", "sec=krb5,xusername=system,username=x",
		  false },
		{ "//" HOST "/s", "sec=ntlmssp,username=system", false },
		{ "//" HOST "/s", "username=system", false },
		{ "//" OTHER "/s", "sec=krb5,username=system", false },
		{ HOST ":/s", "sec=krb5,username=system", false },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		assert_int_equal(set_up(state), 0);
		mounted("proc", "rw");
		mounted(rows[i].source, rows[i].options);
		will_answer(OK, 0, 3000, "new", 3);
		have(-1, 100, 200);
		assert_int_equal(refresh(false), 0);
		if (calls() != rows[i].used)
			fail_msg("%s %s: %u calls", rows[i].source,
				 rows[i].options, calls());
		assert_int_equal(is_there(PATH "/unused"), !rows[i].used);
		assert_int_equal(tear_down(state), 0);
	}
}

static void two_at_once_are_one(void **state)
{
	int status;

	(void)state;
	mounted_as_system();
	append(TABLE, "");
	will_answer(OK, 0, 3000, "new", 3);
	will("sleep 0.5; cat " FAKE "/answer");
	have(-1, 100, 200);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(refresh(false) != 0);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(calls(), 1);
	assert_ccache("new", 3);
}

/* ---- failures ---- */

static void a_failure_is_followed_by_a_pause(void **state)
{
	/* so long ago, with so much left, is there another attempt? */
	static const struct {
		int ago;
		int expires;
		bool again;
	} rows[] = {
		{ 1000, 8000, true },  { 990, 8000, false },
		{ 1810, 80000, true }, { 1790, 80000, false },
		{ 11, 30, true },      { 8, 30, false },
		{ 100, -700, true },   { 80, -700, false },
		{ -50, 3000, true },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		assert_int_equal(set_up(state), 0);
		mounted_as_system();
		will_answer(OK, 0, 90000, "new", 3);
		have(rows[i].expires - 90, rows[i].expires - 80,
		     rows[i].expires);
		if (rows[i].expires > 90)
			have(-1, 10, rows[i].expires);
		failed(rows[i].ago, 0);
		assert_int_equal(refresh(false), 0);
		if (calls() != rows[i].again)
			fail_msg("%d of %d: %u calls", rows[i].ago,
				 rows[i].expires, calls());
		assert_int_equal(tear_down(state), 0);
	}
}

static void a_busy_service_is_left_alone(void **state)
{
	(void)state;
	mounted_as_system();
	will("echo result=fail; echo cause=busy; echo transient=1\n"
	     "echo retry_after=500");
	have(-1, 100, 200);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
	assert_contains(rig.remarks.text,
			"warn: " HOST " as system: the ticket could not be "
			"renewed: busy. The old one still works");
	assert_in_range(kept("failed", "not_before"), time(NULL) + 490,
			time(NULL) + 500);
	/* not yet, however little is left */
	failed(400, 100);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 1);
	assert_lacks(rig.remarks.text, "warn");
	/* for the upcall a minute is enough */
	assert_int_equal(azf_ticket_failure(&rig.state,
					    AZF_TICKET_UNLESS_FAILED, &rig.err),
			 0);
	failed(50, 100);
	assert_failure(azf_ticket_failure(&rig.state, AZF_TICKET_UNLESS_FAILED,
					  &rig.err),
		       &rig.err, AZF_E_TRANSIENT, "no luck", "");
	failed(400, 0);
	assert_int_equal(refresh(false), 0);
	assert_int_equal(calls(), 2);
	/* nobody is to be left alone for a day */
	will("echo result=fail; echo cause=busy; echo transient=1\n"
	     "echo retry_after=86400");
	failed(400, 0);
	assert_int_equal(refresh(false), 0);
	assert_in_range(kept("failed", "not_before"), time(NULL),
			time(NULL) + 900);
}

static void a_mount_without_a_ticket_is_told(void **state)
{
	(void)state;
	mounted_as_system();
	will_fail("0");
	have(-90, -60, -10);
	assert_failure(refresh(false), &rig.err, AZF_E_MOUNT,
		       "1 ticket could not be renewed", "");
	assert_contains(rig.remarks.text, "no luck");
	/* once */
	assert_int_equal(refresh(false), 0);
	assert_lacks(rig.remarks.text, "warn");
	assert_int_equal(calls(), 1);
}

/* ---- sessions ---- */

static void the_end_of_a_session_is_known(void **state)
{
	uint64_t end;

	(void)state;
	mounted_as_system();
	will_answer(OK, 0, 3000, "new", 3);
	have(-1, 100, 200);
	end = kept("ticket", "expires");
	assert_int_equal(refresh(false), 0);
	assert_false(azf_ends_reached(&rig.state, end - 1));
	assert_true(azf_ends_reached(&rig.state, end));
	azf_ends_drop(&rig.state, end + AZF_ENDS_SKEW_S - 1);
	assert_true(azf_ends_reached(&rig.state, end));
	azf_ends_drop(&rig.state, end + AZF_ENDS_SKEW_S);
	assert_false(azf_ends_reached(&rig.state, UINT32_MAX));
	assert_false(is_there(PATH "/ends"));
}

static void a_mount_is_touched_when_its_session_has_ended(void **state)
{
	uint64_t t = (uint64_t)time(NULL);

	(void)state;
	/* no share is there: that is noticed, and harms nothing */
	mounted_at("/proc", "//" HOST "/s", "sec=krb5,username=system");
	mounted_at("/proc/self/mem/x", "//" HOST "/s",
		   "sec=krb5,username=system");
	have(100, 200, 300);
	assert_int_equal(azf_ends_add(&rig.state, t + 100), 0);
	assert_int_equal(refresh(false), 0);
	assert_lacks(rig.remarks.text, "does not answer");
	assert_int_equal(azf_ends_add(&rig.state, t - 1), 0);
	assert_int_equal(refresh(false), 0);
	assert_lacks(rig.remarks.text, "/proc does not answer");
	assert_contains(rig.remarks.text,
			"/proc/self/mem/x does not answer: Not a directory");
	/* again, in case that the server's clock is behind */
	assert_int_equal(refresh(false), 0);
	assert_contains(rig.remarks.text, "does not answer");
	/* not without a ticket */
	have(-300, -200, -100);
	failed(1, 100);
	assert_int_equal(refresh(false), 0);
	assert_lacks(rig.remarks.text, "does not answer");
}

static void many_ends_are_bounded(void **state)
{
	uint64_t t = 1000;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(azf_ends_add(&rig.state, t + i), 0);
	assert_int_equal(azf_ends_add(&rig.state, t + 99), 0);
	assert_false(azf_ends_reached(&rig.state, t + 83));
	assert_true(azf_ends_reached(&rig.state, t + 84));
	put(PATH "/ends", "rubbish", 7);
	assert_false(azf_ends_reached(&rig.state, UINT32_MAX));
	assert_int_equal(azf_ends_add(&rig.state, t), 0);
	assert_true(azf_ends_reached(&rig.state, t));
}

/* ---- cost ---- */

static int64_t cpu_us(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		       1000000 +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Valgrind and sanitizers tell nothing about time. */
static bool is_slowed_down(void)
{
#ifdef __SANITIZE_ADDRESS__
	return true;
#else
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "valgrind");
#endif
}

static void fifty_fresh_tickets_cost_little(void **state)
{
	enum {
		COUNT = 50,
		RUNS = 20
	};
	int64_t began, took;

	(void)state;
	will("exit 1");
	have(50, 100, 200);
	for (int i = 0; i < COUNT; i++) {
		char text[256];

		(void)snprintf(text, sizeof(text),
			       "cp -r " PATH " " AZF_RUN_DIR "/" HOST "/tag%d",
			       i);
		assert_int_equal(system(text), 0);
		(void)snprintf(text, sizeof(text), "sec=krb5,username=tag%d",
			       i);
		mounted("//" HOST "/share", text);
	}
	began = cpu_us();
	for (int i = 0; i < RUNS; i++)
		assert_int_equal(refresh(false), 0);
	took = (cpu_us() - began) / RUNS;
	print_message("# %lld us of CPU for %d fresh tickets\n",
		      (long long)took, COUNT);
	assert_int_equal(calls(), 0);
	if (!is_slowed_down())
		assert_in_range(took, 0, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_due_ticket_is_renewed),
		TEST(machines_do_not_ask_together),
		TEST(a_fresh_ticket_is_left_alone),
		TEST(all_are_renewed_when_asked_for),
		TEST(tickets_of_users_are_left_alone),
		TEST(only_that_of_one_mount),
		cmocka_unit_test(which_mounts_use_a_ticket),
		TEST(two_at_once_are_one),
		cmocka_unit_test(a_failure_is_followed_by_a_pause),
		TEST(a_busy_service_is_left_alone),
		TEST(a_mount_without_a_ticket_is_told),
		TEST(the_end_of_a_session_is_known),
		TEST(a_mount_is_touched_when_its_session_has_ended),
		TEST(many_ends_are_bounded),
		TEST(fifty_fresh_tickets_cost_little),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
