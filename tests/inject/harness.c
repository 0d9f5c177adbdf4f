// SPDX-License-Identifier: MIT
/*
 * harness.c - each flow with its first call failing, its second, and so on
 * until none is left; then with several at once, by seeds.
 *
 * INJECT_SEEDS is how many of those; INJECT_SEED is the first. INJECT_FLOW has
 * words of the name of the only flow to run.
 */
#include "flows.h"
#include "inject.h"

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <sys/wait.h>

#define MANY	4000 /* no flow makes so many calls */
#define ODDS	25
#define LIMIT_S 60
#define ENOUGH	5 /* failures of one flow */

static char flow_now[128];

/* Of AddressSanitizer, where it is. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static unsigned int failures;

/* cmocka's way would leave memory behind, which is looked for, too. */
void flow_fail(const char *fmt, ...)
{
	va_list args;
	char text[4096];

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_message("# %s: %s\n", flow_now, text);
	failures++;
}

static void remark(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	(void)level;
	if (strstr(text, SECRET))
		flow_fail("a remark tells the secret: %s", text);
}

const struct azf_log flow_log = { remark, NULL };

/* ---- what must be true ---- */

static const char *allowed;

static int look_into(const char *path, const struct stat *st, int type,
		     struct FTW *ftw)
{
	size_t len;
	const char *text;

	(void)st;
	(void)ftw;
	if (type != FTW_F || (allowed && azf_streq(path, allowed)))
		return 0;
	text = get(path, &len);
	if (memmem(text, len, SECRET, strlen(SECRET)))
		flow_fail("%s holds the secret", path);
	return 0;
}

void flow_no_secret(const char *directory, const char *but)
{
	allowed = but;
	(void)nftw(directory, look_into, 8, FTW_PHYS);
}

void flow_whole(const char *path, const char *one, const char *other)
{
	char beside[4096];
	const char *text = get(path, NULL);

	if (!azf_streq(text, one) && !azf_streq(text, other))
		flow_fail("%s holds '%s'", path, text);
	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	/* where several calls fail, the one that removes it may be among them */
	if (inject->at && access(beside, F_OK) == 0 &&
	    !azf_streq(inject->call, "unlinkat"))
		flow_fail("%s is left", beside);
}

static unsigned int count_open(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count;
}

static void check_result(int r, const struct azf_error *err)
{
	if (inject->doubled)
		flow_fail("a descriptor was closed twice");
	if (strstr(err->cause, SECRET) || strstr(err->cure, SECRET))
		flow_fail("the secret is told: %s", err->cause);
	if (!inject->fired && r)
		flow_fail("nothing failed, but %d: %s. %s", r, err->cause,
			  err->cure);
	if (r && !err->cause[0])
		flow_fail("%d without a cause", r);
	if (r && r != -(int)err->code)
		flow_fail("%d, but its code is %d: %s", r, (int)err->code,
			  err->cause);
}

/* ---- runs ---- */

/* Return: whether a call was made to fail. */
static bool run(const struct flow *flow, unsigned int at, unsigned int seed)
{
	struct azf_error err = { 0 };
	unsigned int open_before;
	int r;

	(void)snprintf(flow_now, sizeof(flow_now), "%s: %s %u", flow->name,
		       at ? "call" : "seed", at ? at : seed);
	if (flow->prepare)
		flow->prepare();
	open_before = count_open();
	(void)alarm(LIMIT_S);
	inject_arm(at, seed, ODDS);
	r = flow->run(&err);
	inject_disarm();
	(void)alarm(0);
	if (inject->fired) {
		size_t len = strlen(flow_now);

		(void)snprintf(flow_now + len, sizeof(flow_now) - len,
			       " (%s: %s)", inject->call,
			       strerror(inject->errno_of));
	}
	check_result(r, &err);
	if (count_open() != open_before)
		flow_fail("%u descriptors were open, now %u", open_before,
			  count_open());
	if (waitpid(-1, NULL, WNOHANG) != -1)
		flow_fail("a child is left");
	if (flow->check)
		flow->check(r);
	return inject->fired;
}

static unsigned int number(const char *name, unsigned int by_default)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : by_default;
}

static void each_call_fails_once(void **state)
{
	const struct flow *flow = *state;
	unsigned int seed = number("INJECT_SEED", 1);
	unsigned int end = seed + number("INJECT_SEEDS", 20);
	unsigned int at = 1;

	failures = 0;
	while (run(flow, at, 0) && at < MANY && failures < ENOUGH)
		at++;
	print_message("# %s: %u calls\n", flow->name, at - 1);
	assert_in_range(at, 3, MANY - 1);
	for (; seed < end && failures < ENOUGH; seed++)
		(void)run(flow, 0, seed);
	if (__lsan_do_recoverable_leak_check &&
	    __lsan_do_recoverable_leak_check())
		flow_fail("memory is lost");
	assert_int_equal(failures, 0);
}

/* ---- all of them ---- */

static void say_where(void)
{
	(void)fprintf(stderr, "# %s (%s: %s)\n", flow_now, inject->call,
		      strerror(inject->errno_of));
}

static void too_long(int signal_number)
{
	(void)signal_number;
	say_where();
	(void)fprintf(stderr, "# it takes too long\n");
	_exit(3);
}

static int begin(void **state)
{
	static const char hosts[] = "127.0.0.2 " HOST "\n127.0.0.3 " HOST "\n";

	if (enter(state) || namespace_hide("/etc") || !inject_begin())
		return -1;
	(void)signal(SIGALRM, too_long);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_where);
	put("/etc/nsswitch.conf", "hosts: files\n", 13);
	put("/etc/hosts", hosts, strlen(hosts));
	return 0;
}

int main(void)
{
	static const struct flow *const tables[] = { flows_state, flows_mount,
						     flows_programs };
	const char *only = getenv("INJECT_FLOW");
	struct CMUnitTest tests[64];
	size_t count = 0;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(tables); i++) {
		for (const struct flow *flow = tables[i]; flow->name; flow++) {
			if (only && !strstr(flow->name, only))
				continue;
			tests[count++] = (struct CMUnitTest){
				.name = flow->name,
				.test_func = each_call_fails_once,
				.initial_state = (void *)flow,
			};
		}
	}
	return _cmocka_run_group_tests("inject", tests, count, begin, NULL);
}
