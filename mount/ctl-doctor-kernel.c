// SPDX-License-Identifier: MIT
/* ctl-doctor-kernel.c - "doctor": the kernel and its cifs. */
#include "ctl-doctor.h"

#include <errno.h>
#include <sys/utsname.h>

/* ---- version ---- */

/**
 * struct lack - what a kernel before some version cannot do
 * @major: of the first version that can
 * @minor: likewise
 * @level: DOCTOR_OK for what is only said
 * @what: it lacks
 */
struct lack {
	unsigned int major;
	unsigned int minor;
	enum doctor_level level;
	const char *what;
};

/* The first row that a kernel is older than is the one that matters. */
static const struct lack lacks[] = {
	{ 4, 11, DOCTOR_FAIL,
	  "cannot encrypt SMB, which Azure Files requires by default" },
	{ 4, 17, DOCTOR_WARN,
	  "knows no SMB 3.1.1, only 3.0 with AES-128-CCM, which an account may "
	  "refuse" },
	{ 5, 3, DOCTOR_WARN,
	  "has no AES-128-GCM for SMB 3.1.1, without which it is slow, or "
	  "refused" },
	{ 5, 10, DOCTOR_OK,
	  "has SMB 3.1.1 with AES-128-GCM, but no AES-256-GCM, which an account "
	  "may require" },
	{ 6, 9, DOCTOR_OK,
	  "has SMB 3.1.1 with AES-256-GCM; it knows one key of an account at a "
	  "time" },
	{ 6, 13, DOCTOR_OK, "has SMB 3.1.1 with AES-256-GCM and a second key" },
};

void doctor_check_kernel(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	struct utsname name;
	unsigned int major, minor;
	char *end;

	(void)subject;
	if (uname(&name))
		return;
	major = (unsigned int)strtoul(name.release, &end, 10);
	minor = *end == '.' ? (unsigned int)strtoul(end + 1, NULL, 10) : 0;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(lacks); i++) {
		const struct lack *lack = &lacks[i];

		if (major > lack->major ||
		    (major == lack->major && minor >= lack->minor))
			continue;
		if (lack->level == DOCTOR_OK) {
			doctor_ok(report, "Linux %s %s", name.release,
				  lack->what);
			return;
		}
		if (lack->level == DOCTOR_WARN)
			doctor_warn(report, "Linux %s %s", name.release,
				    lack->what);
		else
			doctor_fail(report, "Linux %s %s", name.release,
				    lack->what);
		doctor_cure(report, "Install a kernel of 5.10 or later");
		return;
	}
	doctor_ok(report, "Linux %s has all that mounts of Azure Files can use",
		  name.release);
}

/* ---- module ---- */

static bool has_cifs(void)
{
	azf_autofile FILE *f = fopen("/proc/filesystems", "re");
	azf_autofree char *line = NULL;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0) {
		if (azf_streq(line, "nodev\tcifs\n"))
			return true;
	}
	return false;
}

/* What modprobe would do for the kernel's question, said in its own words. */
static void ask_modprobe(struct doctor_report *report)
{
	char path[256], output[4096];
	const char *const argv[] = { path, "--show-depends", "fs-cifs", NULL };
	struct utsname name = { 0 };
	int r;

	(void)uname(&name);
	if (!doctor_read("/proc/sys/kernel/modprobe", path, sizeof(path)) ||
	    path[0] != '/') {
		doctor_fail(report, "cifs is not in the kernel, which may load "
				    "no modules");
		doctor_cure(report, "Boot a kernel that has cifs built in, or "
				    "allows modules");
		return;
	}
	r = doctor_run(argv, output, sizeof(output), 10);
	if (r == -ENOENT) {
		doctor_fail(report,
			    "%s, which loads the kernel's modules, is "
			    "missing",
			    path);
		doctor_cure(report, "Install kmod");
	} else if (r) {
		doctor_fail(report, "Linux %s has no cifs module here",
			    name.release);
		doctor_cure(report,
			    "Install the package that has it: on Ubuntu "
			    "linux-modules-extra-%s, on others that of the "
			    "whole kernel; if it was updated, reboot",
			    name.release);
	} else if (strstr(output, "install ")) {
		doctor_fail(report, "a line 'install cifs' of modprobe.d keeps "
				    "the kernel from loading cifs");
		doctor_cure(report, "'grep -r cifs /etc/modprobe.d' shows it; "
				    "take it out");
	} else if (!strstr(output, "/cifs.ko")) {
		doctor_fail(report, "cifs is blacklisted in modprobe.d");
		doctor_cure(report, "'grep -r cifs /etc/modprobe.d' shows the "
				    "line; take it out");
	} else {
		doctor_ok(report, "cifs is loaded by the first mount");
	}
}

void doctor_check_module(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	char disabled[8] = "";

	(void)subject;
	if (has_cifs()) {
		doctor_ok(report, "the kernel has cifs");
	} else if (doctor_read("/proc/sys/kernel/modules_disabled", disabled,
			       sizeof(disabled)) &&
		   disabled[0] == '1') {
		doctor_fail(report, "cifs is not loaded, and this kernel loads "
				    "no modules any more "
				    "(kernel.modules_disabled)");
		doctor_cure(report, "Have it loaded at boot, before that is "
				    "set: 'echo cifs "
				    ">/etc/modules-load.d/cifs.conf', and "
				    "reboot");
	} else {
		ask_modprobe(report);
	}
}

/* ---- FIPS ---- */

void doctor_check_fips(struct doctor_report *report,
		       const struct doctor_subject *subject)
{
	char text[8] = "";

	if (!doctor_read("/proc/sys/crypto/fips_enabled", text, sizeof(text)) ||
	    text[0] != '1') {
		doctor_ok(report, "the kernel is not in FIPS mode");
	} else if (subject->machine->keys) {
		doctor_fail(report, "mounts with a key need NTLMv2, and this "
				    "kernel's FIPS mode has no MD5 for it");
		doctor_cure(report, "Use identity=, which works with Kerberos");
	} else {
		doctor_ok(report, "the kernel is in FIPS mode, which mounts "
				  "with an identity can do with");
	}
}
