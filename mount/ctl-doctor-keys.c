// SPDX-License-Identifier: MIT
/* ctl-doctor-keys.c - "doctor": request-key, and who answers the kernel. */
#include "ctl-doctor.h"
#include "request-key.h"

#include <errno.h>
#include <pwd.h>

#define REQUEST_KEY "/sbin/request-key"
#define ETC	    "/etc"

/* ---- keyutils ---- */

/* Whatever asks needs the same cure. */
static void weigh(struct doctor_report *report,
		  const struct doctor_subject *subject, const char *what)
{
	if (subject->machine->identities)
		doctor_fail(report, "%s: mounts with an identity get no ticket",
			    what);
	else
		doctor_warn(report,
			    "%s: a mount cannot follow its server to "
			    "another address",
			    what);
	doctor_cure(report, "Install keyutils");
}

/* The kernel asks it for the addresses of servers that it reconnects to. */
static void check_resolver(struct doctor_report *report)
{
	struct azf_request_line line;
	int r = azf_request_key_find(ETC, "dns_resolver",
				     "acct1.file.core.windows.net", &line);

	if (r == 0 && !line.broken && access(line.program, X_OK) == 0) {
		doctor_ok(report, REQUEST_KEY " is there, and %s for names",
			  line.program);
		return;
	}
	if (r == 0 && line.broken)
		doctor_warn(report,
			    "line %u of %s is not complete, and makes "
			    "request-key give up",
			    line.number, line.file);
	else if (r == 0)
		doctor_warn(report,
			    "%s, named by line %u of %s, cannot be "
			    "executed",
			    line.program, line.number, line.file);
	else
		doctor_warn(report, "no line of /etc/request-key.conf is for "
				    "dns_resolver: a mount cannot follow its "
				    "server to another address");
	doctor_cure(report, "%s",
		    r == 0 && line.broken ? "Mend the line, or take it out" :
					    "Install keyutils anew");
}

void doctor_check_keyutils(struct doctor_report *report,
			   const struct doctor_subject *subject)
{
	char keys[8];

	if (!doctor_read("/proc/sys/kernel/keys/maxkeys", keys, sizeof(keys)))
		weigh(report, subject, "this kernel keeps no keys");
	else if (access(REQUEST_KEY, X_OK))
		weigh(report, subject, REQUEST_KEY " is missing");
	else
		check_resolver(report);
}

/* ---- the upcall ---- */

static void say_line(struct doctor_report *report,
		     const struct azf_request_line *line)
{
	const char *name = strrchr(line->program, '/');

	if (line->broken) {
		doctor_fail(report,
			    "line %u of %s is not complete, and makes "
			    "request-key give up",
			    line->number, line->file);
		doctor_cure(report, "Mend the line, or take it out");
	} else if (!name || !azf_streq(name + 1, "azfiles.upcall")) {
		doctor_fail(report,
			    "the kernel's question for a ticket goes to %s, by "
			    "line %u of %s",
			    line->program, line->number, line->file);
		doctor_cure(report,
			    "Take that line out, and have azfiles.conf in "
			    "/etc/request-key.d, from the package of azfiles");
	} else if (access(line->program, X_OK)) {
		doctor_fail(report, "%s, named by line %u of %s, %s",
			    line->program, line->number, line->file,
			    errno == ENOENT ? "is missing" :
					      "cannot be executed");
		doctor_cure(report, "Install azfiles anew");
	} else {
		doctor_ok(report, "%s answers, by line %u of %s", line->program,
			  line->number, line->file);
	}
}

void doctor_check_upcall(struct doctor_report *report,
			 const struct doctor_subject *subject)
{
	azf_autofree char *description = NULL;
	struct azf_request_line line;
	int r;

	/* as the kernel writes it; the host is what lines differ by */
	if (asprintf(&description,
		     "ver=0x2;host=%s;ip4=192.0.2.1;sec=krb5;uid=0x0;"
		     "creduid=0x0;user=%s;pid=0x1",
		     subject->where.host, subject->tag) < 0) {
		description = NULL;
		return;
	}
	r = azf_request_key_find(ETC, "cifs.spnego", description, &line);
	if (r == 0) {
		say_line(report, &line);
	} else if (r == -ENOENT) {
		doctor_fail(report, "no line of /etc/request-key.d is for the "
				    "kernel's question for a ticket");
		doctor_cure(report, "Install azfiles anew, which has "
				    "azfiles.conf there");
	} else {
		doctor_skip(report, "cannot read /etc/request-key.d: %s",
			    strerror(-r));
		doctor_cure(report, "Run it with sudo");
	}
}

/* ---- quota ---- */

/* Those whose keyrings mounts use. */
static bool is_ours(unsigned int uid)
{
	const struct passwd *user = getpwnam("azfiles");

	return uid == 0 || (user && uid == user->pw_uid);
}

static bool is_scarce(unsigned long used, unsigned long limit)
{
	return limit && used >= limit / 10 * 9;
}

/*
 * A line of /proc/key-users: uid, references, keys and those in use, and how
 * much of what may be had: keys, and bytes.
 */
enum {
	UID,
	KEYS = 4,
	KEYS_MAX,
	BYTES,
	BYTES_MAX,
	NUMBERS
};

static bool read_numbers(const char *line, unsigned long n[NUMBERS])
{
	for (size_t i = 0; i < NUMBERS; i++) {
		char *end;

		n[i] = strtoul(line, &end, 10);
		if (end == line)
			return false;
		line = end + (*end == ':' || *end == '/');
	}
	return true;
}

void doctor_check_quota(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	azf_autofile FILE *f = fopen("/proc/key-users", "re");
	azf_autofree char *line = NULL;
	bool scarce = false;
	size_t size = 0;

	if (!f || !subject->machine->identities)
		return;
	while (getline(&line, &size, f) > 0) {
		unsigned long n[NUMBERS];

		if (!read_numbers(line, n) || !is_ours((uid_t)n[UID]) ||
		    (!is_scarce(n[KEYS], n[KEYS_MAX]) &&
		     !is_scarce(n[BYTES], n[BYTES_MAX])))
			continue;
		scarce = true;
		doctor_warn(report,
			    "the user %lu has %lu of %lu keys and %lu of %lu "
			    "bytes in the kernel's keyrings: tickets and "
			    "tokens may find no room",
			    n[UID], n[KEYS], n[KEYS_MAX], n[BYTES],
			    n[BYTES_MAX]);
		doctor_cure(report,
			    "Raise kernel.keys.%smaxkeys and "
			    "kernel.keys.%smaxbytes with sysctl(8)",
			    n[UID] ? "" : "root_", n[UID] ? "" : "root_");
	}
	if (!scarce)
		doctor_ok(report, "the kernel has room for keys");
}
