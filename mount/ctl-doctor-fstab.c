// SPDX-License-Identifier: MIT
/* ctl-doctor-fstab.c - "doctor": fstab, the units made from it, mount points. */
#include "ctl-doctor.h"
#include "ctl-persist.h"
#include "probe.h"
#include "unit-name.h"

#include <errno.h>

/* A share of Azure answers within milliseconds; a reconnection takes longer. */
#define ANSWER_MS 5000

void doctor_check_fstab(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	const struct doctor_machine *machine = subject->machine;

	if (machine->broken) {
		doctor_warn(report, "line %u of %s cannot be read",
			    machine->broken, AZF_FSTAB);
		doctor_cure(report, "'findmnt --verify' shows what is wrong "
				    "with it");
	} else if (machine->lines) {
		doctor_ok(report, "%s has %u %s of the type azfiles", AZF_FSTAB,
			  machine->lines,
			  machine->lines == 1 ? "line" : "lines");
	}
}

/* ---- units ---- */

struct result {
	const char *name;
	const char *cause;
	const char *cure;
};

/* What systemd says of the last start; %s is the unit. */
static const struct result results[] = {
	{ "timeout", "the last start took too long, and systemd ended it",
	  "Raise x-systemd.mount-timeout=, and 'journalctl -b -u %s' says what "
	  "it waited for" },
	{ "start-limit-hit",
	  "it was started too often in a row, and systemd starts it no more",
	  "'systemctl reset-failed %s' allows it again" },
	{ "signal", "its last start was ended by a signal",
	  "'journalctl -b -u %s' says which" },
	{ "exit-code", "its last start failed",
	  "'journalctl -b -u %s' says why; 'systemctl reset-failed %s' forgets "
	  "it" },
};

static void say_failed(struct doctor_report *report, const char *name,
		       const char *result)
{
	const struct result *row = &results[AZF_ARRAY_SIZE(results) - 1];
	azf_autostr struct azf_str cure = { 0 };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(results); i++) {
		if (azf_streq(results[i].name, result))
			row = &results[i];
	}
	doctor_fail(report, "%s: %s", name, row->cause);
	for (const char *p = row->cure; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			azf_str_add(&cure, "%s", name);
			p++;
		} else {
			azf_str_add(&cure, "%c", *p);
		}
	}
	if (!cure.failed)
		doctor_cure(report, "%s", cure.text);
}

static bool check_state(struct doctor_report *report, const char *name,
			const struct doctor_unit *unit)
{
	if (azf_streq(unit->load, "masked")) {
		doctor_fail(report, "%s is masked: systemd does not mount it",
			    name);
		doctor_cure(report, "'systemctl unmask %s' undoes it", name);
	} else if (!azf_streq(unit->load, "loaded")) {
		doctor_warn(report, "systemd does not know %s (%s)", name,
			    unit->load);
		doctor_cure(report,
			    "Run 'systemctl daemon-reload', which reads "
			    "%s",
			    AZF_FSTAB);
	} else if (unit->stale) {
		doctor_warn(report, "%s was changed after systemd read it",
			    AZF_FSTAB);
		doctor_cure(report, "Run 'systemctl daemon-reload'");
	} else if (azf_streq(unit->active, "failed")) {
		say_failed(report, name, unit->result);
	} else {
		return true;
	}
	return false;
}

static bool is_up(const struct doctor_unit *unit)
{
	return azf_streq(unit->active, "active") ||
	       azf_streq(unit->active, "activating");
}

static void check_both(struct doctor_report *report,
		       const struct doctor_subject *subject,
		       const char *mount_name, const char *automount_name)
{
	bool automount = doctor_has_word(subject, "x-systemd.automount");
	bool noauto = doctor_has_word(subject, "noauto");
	struct doctor_unit unit, trap = { 0 };

	if (!doctor_unit_read(mount_name, &unit) ||
	    (automount && !doctor_unit_read(automount_name, &trap))) {
		doctor_skip(report, "systemctl tells nothing of %s",
			    mount_name);
		doctor_cure(report, "Try 'systemctl status'");
		return;
	}
	if (!check_state(report, mount_name, &unit))
		return;
	if (automount && !check_state(report, automount_name, &trap))
		return;
	if (is_up(&unit) || noauto) {
		doctor_ok(report, "%s is %s", mount_name, unit.active);
	} else if (automount && is_up(&trap)) {
		doctor_ok(report, "%s waits for the first access",
			  automount_name);
	} else {
		const char *name = automount ? automount_name : mount_name;

		doctor_warn(report, "%s is not started", name);
		doctor_cure(report, "'systemctl start %s' starts it", name);
	}
}

void doctor_check_unit(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	azf_autofree char *mount_name = NULL;
	azf_autofree char *automount_name = NULL;

	if (!subject->machine->systemd || !subject->in_fstab)
		return;
	if (azf_unit_name(subject->target, ".mount", &mount_name) ||
	    azf_unit_name(subject->target, ".automount", &automount_name)) {
		doctor_fail(report,
			    "systemd has no unit for the mount point "
			    "%s",
			    subject->target);
		doctor_cure(report, "Write its whole path, without '..'");
		return;
	}
	check_both(report, subject, mount_name, automount_name);
}

/* ---- the mount point ---- */

static bool check_path(struct doctor_report *report, const char *target)
{
	azf_autofree char *path = NULL;
	struct azf_error err = { 0 };

	if (ctl_place_resolve(target, &path, &err) == 0)
		return true;
	doctor_error(report, DOCTOR_FAIL, &err);
	return false;
}

static void check_lasts(struct doctor_report *report,
			const struct doctor_subject *subject,
			const struct ctl_place *place)
{
	const char *target = subject->target;

	if (ctl_place_is_temporary(target, place)) {
		doctor_warn(report,
			    "%s is on the temporary disk of this "
			    "machine, which is emptied when the "
			    "machine moves",
			    target);
		doctor_cure(report, "Choose another mount point, as "
				    "/srv/share");
	} else if (!place->exists &&
		   !doctor_has_word(subject, "X-mount.mkdir") &&
		   !subject->machine->systemd) {
		doctor_fail(report, "%s does not exist", target);
		doctor_cure(report, "Create it with 'mkdir -p %s'", target);
	} else if (!place->exists) {
		doctor_warn(report,
			    "%s does not exist: systemd would create "
			    "it, 'mount -a' fails",
			    target);
		doctor_cure(report, "Create it with 'mkdir -p %s'", target);
	} else if (place->other) {
		doctor_warn(report, "another file system is mounted at %s",
			    target);
		doctor_cure(report, "'findmnt %s' shows it", target);
	} else if (ctl_place_is_hiding(target, place)) {
		doctor_warn(report,
			    "%s is not empty, and the share hides what "
			    "is in it",
			    target);
		doctor_cure(report, "Move that to another place");
	} else {
		doctor_ok(report, "%s %s", target,
			  place->share ? "is mounted" :
					 "is an empty directory");
	}
}

void doctor_check_target(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	azf_cleanup(ctl_place_free) struct ctl_place place = { 0 };
	struct azf_error err = { 0 };

	if (!subject->mounted && !check_path(report, subject->target))
		return;
	if (ctl_place_look(subject->target, &place, &err))
		doctor_error(report, DOCTOR_FAIL, &err);
	else
		check_lasts(report, subject, &place);
}

/* ---- the mount ---- */

void doctor_check_answer(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	struct azf_probe probe = { .target = subject->target };

	if (!subject->mounted || azf_probe(&probe, 1, ANSWER_MS, false))
		return;
	if (probe.error == 0) {
		doctor_ok(report, "the mount answers%s%s",
			  subject->address[0] ? ", at " : "", subject->address);
		return;
	}
	if (probe.error == ETIMEDOUT)
		doctor_fail(report, "the mount has not answered for %d s",
			    ANSWER_MS / 1000);
	else
		doctor_fail(report, "the mount does not work: %s",
			    strerror(probe.error));
	doctor_cure(report,
		    "'azfilesctl recover %s' says why, and brings it "
		    "back if it can",
		    subject->target);
}
