// SPDX-License-Identifier: MIT
/* ctl-doctor-install.c - "doctor": our programs, units, user and state. */
#include "ctl-doctor.h"
#include "run.h"
#include "state.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>

#define USER "azfiles"

/* ---- programs ---- */

static bool check_program(struct doctor_report *report, const char *path,
			  const char *without)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111) {
		if (st.st_uid == 0 && !(st.st_mode & 022))
			return true;
		doctor_fail(report,
			    "%s belongs to another user than root, or others "
			    "may write to it",
			    path);
		doctor_cure(report, "Install azfiles anew, and ask who did "
				    "that");
		return false;
	}
	doctor_fail(report, "%s %s: %s", path,
		    access(path, F_OK) ? "is missing" : "cannot be executed",
		    without);
	doctor_cure(report, "Install azfiles anew");
	return false;
}

void doctor_check_programs(struct doctor_report *report,
			   const struct doctor_subject *subject)
{
	bool fine = check_program(report, "/sbin/mount.azfiles",
				  "mount(8) does not know the type azfiles");

	if (subject->machine->identities)
		fine &= check_program(report, AZF_CREDENTIAL,
				      "mounts with an identity get no ticket");
	if (fine)
		doctor_ok(report, "the programs of azfiles %s are in place",
			  AZF_VERSION);
}

void doctor_check_user(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	const struct passwd *user;

	if (!subject->machine->identities)
		return;
	user = getpwnam(USER);
	if (user && user->pw_uid != 0) {
		doctor_ok(report,
			  "there is a user " USER " to talk to the network");
		return;
	}
	doctor_fail(report, user ? "the user " USER " has root's number" :
				   "there is no user " USER " to talk to the "
				   "network: mounts with an identity get no "
				   "ticket");
	doctor_cure(report, "Run systemd-sysusers, or useradd -r -M "
			    "-s /usr/sbin/nologin " USER);
}

/* ---- the generator ---- */

void doctor_check_generator(struct doctor_report *report,
			    const struct doctor_subject *subject)
{
	/* the first that is there counts; an empty one turns it off */
	static const char *const directories[] = {
		"/run/systemd/system-generators",
		"/etc/systemd/system-generators",
		"/usr/local/lib/systemd/system-generators",
		"/usr/lib/systemd/system-generators",
		"/lib/systemd/system-generators",
	};
	struct stat st;

	if (!subject->machine->systemd)
		return;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(directories); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/azfiles-generator",
			       directories[i]);
		if (stat(path, &st))
			continue;
		if (S_ISREG(st.st_mode) && st.st_size && st.st_mode & 0111) {
			doctor_ok(report, "%s is in place", path);
			return;
		}
		doctor_warn(report, "%s is turned off by %s",
			    "azfiles-generator", path);
		doctor_cure(report, "Remove that file; until then, lines of "
				    "fstab need _netdev");
		return;
	}
	doctor_warn(report, "systemd finds no azfiles-generator");
	doctor_cure(report, "Install azfiles anew; until then, lines of fstab "
			    "need _netdev");
}

/* ---- units ---- */

static bool check_unit(struct doctor_report *report, const char *name,
		       const struct doctor_unit *unit, const char *without)
{
	if (azf_streq(unit->load, "loaded"))
		return true;
	doctor_warn(report, "%s is %s: %s", name,
		    azf_streq(unit->load, "masked") ? "masked" : "missing",
		    without);
	if (azf_streq(unit->load, "masked"))
		doctor_cure(report, "'systemctl unmask %s' undoes it", name);
	else
		doctor_cure(report, "Install azfiles anew, and run 'systemctl "
				    "daemon-reload'");
	return false;
}

static bool check_activity(struct doctor_report *report)
{
	struct doctor_unit path, timer, service;

	if (!doctor_unit_read("azfiles-refresh.path", &path) ||
	    !doctor_unit_read("azfiles-refresh.timer", &timer) ||
	    !doctor_unit_read("azfiles-refresh.service", &service))
		return true;
	if (!check_unit(report, "azfiles-refresh.timer", &timer,
			"tickets are renewed only when the kernel asks") ||
	    !check_unit(report, "azfiles-refresh.service", &service,
			"tickets are renewed only when the kernel asks"))
		return false;
	if (azf_streq(timer.active, "active")) {
		if (azf_streq(service.result, "success"))
			return true;
		doctor_warn(report, "the last 'azfilesctl refresh' failed");
		doctor_cure(report, "'journalctl -u azfiles-refresh' says why");
		return false;
	}
	/* it starts the timer with the first ticket */
	if (check_unit(report, "azfiles-refresh.path", &path,
		       "nobody starts azfiles-refresh.timer") &&
	    azf_streq(path.active, "active"))
		return true;
	if (azf_streq(path.load, "loaded")) {
		doctor_warn(report,
			    "azfiles-refresh.timer does not run, and "
			    "azfiles-refresh.path, which starts it, "
			    "is %s",
			    path.active);
		doctor_cure(report,
			    "'systemctl start azfiles-refresh.path'; "
			    "'systemctl status' of it says why it is not");
	}
	return false;
}

void doctor_check_units(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	struct doctor_unit socket;
	bool fine = true;

	if (!subject->machine->systemd || !subject->machine->identities)
		return;
	fine = check_activity(report);
	if (doctor_unit_read("azfiles-credential.socket", &socket))
		fine &= check_unit(report, "azfiles-credential.socket", &socket,
				   "the timer cannot renew tickets");
	if (fine)
		doctor_ok(report, "azfiles-refresh keeps tickets fresh");
}

/* ---- state ---- */

/**
 * struct states - a walk through the state directories
 * @count: of them
 * @fine: of those that are in order
 */
struct states {
	struct doctor_report *report;
	unsigned int count;
	unsigned int fine;
};

static int look_at_state(void *arg, const char *host, const char *tag)
{
	struct states *states = arg;
	azf_autostate struct azf_state state = { .fd = -1 };
	int r = azf_state_open(host, tag, false, &state);

	/* a file of azfilesauthmanager's, or forgotten meanwhile */
	if (r == -ENOTDIR || r == -ENOENT)
		return 0;
	states->count++;
	if (r == 0) {
		states->fine++;
		return 0;
	}
	doctor_fail(states->report,
		    r == -EPERM ? "%s/%s/%s is not root's alone, so its ticket "
				  "is not used" :
				  "%s/%s/%s cannot be opened",
		    AZF_RUN_DIR, host, tag);
	doctor_cure(states->report,
		    "Remove it with 'rm -r %s/%s'; the next mount makes it "
		    "anew",
		    AZF_RUN_DIR, host);
	return 0;
}

void doctor_check_state(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	struct states states = { .report = report };
	struct stat st;
	int r;

	if (lstat(AZF_RUN_DIR, &st)) {
		if (subject->machine->identities)
			doctor_ok(report, "no identity has a ticket yet");
		return;
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 || st.st_mode & 022) {
		doctor_fail(report, AZF_RUN_DIR " is not a directory of root's "
						"alone, so tickets are not "
						"kept");
		doctor_cure(report, "Remove it with 'rm -r " AZF_RUN_DIR
				    "'; the next mount makes it anew");
		return;
	}
	if (doctor_needs_root(report, subject, "tickets"))
		return;
	r = azf_state_visit(look_at_state, &states);
	if (r < 0) {
		doctor_fail(report, "cannot read " AZF_RUN_DIR ": %s",
			    strerror(-r));
		doctor_cure(report, "Look at it with 'ls -la'");
	} else if (states.count == states.fine) {
		doctor_ok(report, "%u %s below " AZF_RUN_DIR ", in order",
			  states.count,
			  states.count == 1 ? "ticket" : "tickets");
	}
}
