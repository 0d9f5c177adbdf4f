// SPDX-License-Identifier: MIT
/*
 * flows-programs.c - programs: the generator, and azfilesctl.
 *
 * They are built with inject.o, too, and get what fails by a descriptor.
 */
#include "flows.h"
#include "inject.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define SAID	 FAKE "/said"
#define NORMAL	 FAKE "/normal"
#define EARLY	 FAKE "/early"
#define SHARE	 "//" HOST "/s"
#define CRASHED	 99 /* of sanitizers */
#define EXIT_ILL 64 /* of "azfilesctl status" */

/* Where the programs are: beside this one. */
static char *beside(const char *program)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);

	assert_true(len > 0);
	path[len] = '\0';
	(void)snprintf(strrchr(path, '/') + 1, 64, "%s", program);
	return path;
}

static void __attribute__((noreturn))
become(const char *const *argv, const char *table)
{
	char number[16], own[64];

	(void)snprintf(number, sizeof(number), "%d", inject_fd);
	(void)setenv(INJECT_FD, number, 1);
	(void)setenv("ASAN_OPTIONS", "detect_leaks=1:exitcode=99", 1);
	(void)setenv("UBSAN_OPTIONS", "print_stacktrace=1:exitcode=99", 1);
	(void)snprintf(own, sizeof(own), "/proc/%d/mountinfo", (int)getpid());
	if (table &&
	    (unshare(CLONE_NEWNS) || mount(table, own, "none", MS_BIND, NULL)))
		_exit(CRASHED);
	/* they are for the program: not to be closed */
	if (!freopen(SAID, "w", stderr) || !freopen("/dev/null", "w", stdout))
		_exit(CRASHED);
	(void)execv(beside(argv[0]), (char *const *)argv);
	_exit(CRASHED);
}

/* Its status may be that of a success, and one other. */
static int run_program(const char *const *argv, const char *table, int fine,
		       struct azf_error *err)
{
	pid_t pid;
	int status;

	/* what fails is in there */
	inject_disarm();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		become(argv, table);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == CRASHED)
		flow_fail("%s ended with %#x (%s): %s", argv[0],
			  (unsigned int)status, inject->call, get(SAID, NULL));
	status = WEXITSTATUS(status);
	if (status == 0 || status == fine)
		return 0;
	return azf_fail(err, AZF_E_SYSTEM, "%s", get(SAID, NULL));
}

/* ---- the generator ---- */

static void prepare_generator(void)
{
	static const char fstab[] =
		"//" HOST "/a /a azfiles password=" SECRET " 0 0\n"
		"//" HOST "/b /b\\040b azfiles "
		"x-systemd.automount,identity=system 0 0\n"
		"//" HOST "/c /c azfiles _netdev,identity=system 0 0\n"
		"/dev/sda / ext4 defaults 0 1\n"
		"//" HOST "/d /a azfiles nofail 0 0\n";

	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	put("/etc/fstab", fstab, strlen(fstab));
	assert_int_equal(mkdir(NORMAL, 0755), 0);
	assert_int_equal(mkdir(EARLY, 0755), 0);
}

static int generate(struct azf_error *err)
{
	static const char *const argv[] = { "azfiles-generator", NORMAL, EARLY,
					    NORMAL, NULL };

	return run_program(argv, NULL, 0, err);
}

/* A unit is there as a whole or not at all; and the key is in one of 0600. */
static void check_units(int r)
{
	struct stat st;
	/* the next call overwrites it */
	const char *text = get(EARLY "/a.mount", NULL);
	bool none = !text[0];

	if (text[0] && (!strstr(text, "[Mount]\n") || !strstr(text, SECRET) ||
			text[strlen(text) - 1] != '\n'))
		flow_fail("half a unit: %s", text);
	if (stat(EARLY "/a.mount", &st) == 0 && !text[0])
		flow_fail("an empty unit");
	if (stat(EARLY "/a.mount", &st) == 0 && (st.st_mode & 077))
		flow_fail("everybody may read the key");
	flow_no_secret(EARLY, EARLY "/a.mount");
	flow_no_secret(NORMAL, NULL);
	if (strstr(get(SAID, NULL), SECRET))
		flow_fail("it tells the key");
	if (r == 0 && none)
		flow_fail("a success without the unit");
}

/* ---- azfilesctl ---- */

static void prepare_status(void)
{
	static const char fstab[] = SHARE " /proc azfiles password=" SECRET
					  " 0 0\n";
	static const char table[] =
		"22 1 0:20 / / rw - ext4 /dev/vda rw\n"
		"30 22 0:40 / /proc rw,relatime - cifs " SHARE
		" rw,vers=3.1.1,sec=krb5,username=system\n"
		"31 22 0:41 / /sys rw,relatime - cifs " SHARE
		" rw,vers=3.1.1,username=acct1\n";

	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	put("/etc/fstab", fstab, strlen(fstab));
	put(TABLE, table, strlen(table));
	have(100, 200, 300);
}

static int show_status(struct azf_error *err)
{
	static const char *const argv[] = { "azfilesctl", "status", NULL };

	return run_program(argv, TABLE, EXIT_ILL, err);
}

static int show_json(struct azf_error *err)
{
	static const char *const argv[] = { "azfilesctl", "status", "--json",
					    NULL };

	return run_program(argv, TABLE, EXIT_ILL, err);
}

static int list_shares(struct azf_error *err)
{
	static const char *const argv[] = { "azfilesctl", "list", NULL };

	return run_program(argv, TABLE, 0, err);
}

static void check_said(int r)
{
	(void)r;
	if (strstr(get(SAID, NULL), SECRET))
		flow_fail("it tells the key");
}

#define PLACE "/run/place"
#define UNITS "/etc/systemd/system"
#define OPTIONS \
	"credentials=" FAKE "/credentials,nofail,x-systemd.mount-timeout=3min"
#define OLD "/dev/sda / ext4 defaults 0 1\n"
#define NEW OLD SHARE " " PLACE " azfiles " OPTIONS ",_netdev 0 0\n"

static void prepare_persist(void)
{
	static const char credentials[] = "username=u\npassword=" SECRET "\n";

	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	assert_int_equal(system("rm -rf " PLACE " /etc/systemd /etc/fstab* "
				"/etc/azfiles; "
				"mkdir -p " PLACE " " UNITS),
			 0);
	put("/etc/fstab", OLD, strlen(OLD));
	put(FAKE "/credentials", credentials, strlen(credentials));
	assert_int_equal(chmod(FAKE "/credentials", 0600), 0);
}

static int persist(struct azf_error *err)
{
	static const char *const argv[] = { "azfilesctl", "persist", SHARE,
					    PLACE,	  "-o",	     OPTIONS,
					    "--no-try",	  NULL };

	return run_program(argv, NULL, 0, err);
}

static void check_persisted(int r)
{
	const char *want = r ? OLD : NEW;

	if (!azf_streq(get("/etc/fstab", NULL), want))
		flow_fail("fstab is %s", get("/etc/fstab", NULL));
	if (is_there("/etc/fstab.azfiles~") &&
	    !azf_streq(get("/etc/fstab.azfiles~", NULL), OLD))
		flow_fail("the old fstab is not whole");
	flow_no_secret("/etc", NULL);
}

static int persist_units(struct azf_error *err)
{
	static const char *const argv[] = { "azfilesctl", "persist", SHARE,
					    PLACE,	  "-o",	     OPTIONS,
					    "--no-try",	  "--units", NULL };
	int r = run_program(argv, NULL, 0, err);

	if (strstr(err->cause, "has no effect"))
		flow_fail("it blames an option: %s", err->cause);
	return r;
}

/* Whole, and enabled, or not there. */
static void check_unit(int r)
{
	const char *text = get(UNITS "/run-place.mount", NULL);

	if (text[0] &&
	    (!strstr(text, "[Mount]\n") || !strstr(text, "TimeoutSec=3min\n")))
		flow_fail("half a unit: %s", text);
	if (r == 0 && !text[0])
		flow_fail("a success without the unit");
	if (!azf_streq(get("/etc/fstab", NULL), OLD))
		flow_fail("fstab was changed");
}

const struct flow flows_programs[] = {
	{ "azfiles-generator", prepare_generator, generate, check_units },
	{ "azfilesctl status", prepare_status, show_status, check_said },
	{ "azfilesctl status --json", prepare_status, show_json, check_said },
	{ "azfilesctl list", prepare_status, list_shares, check_said },
	{ "azfilesctl persist", prepare_persist, persist, check_persisted },
	{ "azfilesctl persist --units", prepare_persist, persist_units,
	  check_unit },
	{ .name = NULL },
};
