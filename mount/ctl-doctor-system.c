// SPDX-License-Identifier: MIT
/* ctl-doctor-system.c - "doctor": clock, names, and who forbids things. */
#include "ctl-doctor.h"

#include <fcntl.h>
#include <sys/timex.h>
#include <time.h>

/* ---- clock ---- */

void doctor_check_clock(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	struct timex clock = { 0 };

	(void)subject;
	if (adjtimex(&clock) < 0)
		return;
	if (!(clock.status & STA_UNSYNC)) {
		doctor_ok(report, "the clock is synchronized");
		return;
	}
	doctor_warn(report, "nothing keeps the clock right, and from five "
			    "minutes' difference on, servers refuse us");
	doctor_cure(report,
		    "Install chrony or systemd-timesyncd; 'timedatectl' "
		    "shows whether it works");
}

/* ---- names ---- */

/* The services of the line "hosts:" of nsswitch.conf; glibc's if it is not. */
static void read_services(char *services, size_t size)
{
	azf_autofile FILE *f = fopen("/etc/nsswitch.conf", "re");
	azf_autofree char *line = NULL;
	size_t len = 0;

	(void)snprintf(services, size, "files dns");
	while (f && getline(&line, &len, f) > 0) {
		const char *p = line + strspn(line, " \t");

		if (azf_starts_with(p, "hosts:"))
			(void)snprintf(services, size, "%.*s",
				       (int)strcspn(p + 6, "#\n"), p + 6);
	}
}

/* As a word of its own: "mdns4_minimal" asks no name server. */
static bool has_service(const char *services, const char *name)
{
	static const char blanks[] = " \t";
	size_t len;

	for (const char *p = services + strspn(services, blanks); *p;
	     p += strspn(p, blanks)) {
		len = strcspn(p, blanks);
		if (len == strlen(name) && memcmp(p, name, len) == 0)
			return true;
		p += len;
	}
	return false;
}

static unsigned int count_servers(void)
{
	azf_autofile FILE *f = fopen("/etc/resolv.conf", "re");
	azf_autofree char *line = NULL;
	unsigned int count = 0;
	size_t len = 0;

	while (f && getline(&line, &len, f) > 0)
		count += azf_starts_with(line, "nameserver");
	return count;
}

void doctor_check_names(struct doctor_report *report,
			const struct doctor_subject *subject)
{
	unsigned int servers = count_servers();
	char services[256];
	bool resolved;

	(void)subject;
	read_services(services, sizeof(services));
	resolved = has_service(services, "resolve");
	if (!has_service(services, "dns") && !resolved) {
		doctor_fail(report,
			    "no name server is asked: the line 'hosts:' "
			    "of /etc/nsswitch.conf has no dns");
		doctor_cure(report, "Add dns to that line");
	} else if (servers == 0 && !resolved) {
		doctor_fail(report, "/etc/resolv.conf names no server%s",
			    access("/etc/resolv.conf", R_OK) ?
				    ": it cannot be read" :
				    "");
		doctor_cure(report, "Have whatever configures the network "
				    "write it; in Azure the server is "
				    "168.63.129.16");
	} else if (servers == 0) {
		doctor_ok(report, "systemd-resolved knows the name servers");
	} else {
		doctor_ok(report, "/etc/resolv.conf names %u %s", servers,
			  servers == 1 ? "server" : "servers");
	}
}

/* ---- SELinux and AppArmor ---- */

#define AUDIT_LOG "/var/log/audit/audit.log"
/* Of a long log the end is read. */
#define TAIL	  (512 * 1024)

/* Who reads tickets and keys, or mounts. */
static const char *const ours[] = {
	"azfiles", "request-key", "request_key", "cifs.upcall", "key.dns_resol",
};

/* Is it a denial of something that has to do with us? */
static bool is_denial(const char *line)
{
	if (!strstr(line, "avc:  denied") && !strstr(line, "avc: denied") &&
	    !strstr(line, "apparmor=\"DENIED\""))
		return false;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(ours); i++) {
		if (strstr(line, ours[i]))
			return true;
	}
	return false;
}

static int64_t boot_time(void)
{
	struct timespec up = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	return time(NULL) - up.tv_sec;
}

/* Of this boot; what is older may have been cured. */
static bool is_recent(const char *line, int64_t boot)
{
	static const char stamp[] = "msg=audit(";
	const char *p = strstr(line, stamp);

	return !p || strtoll(p + sizeof(stamp) - 1, NULL, 10) >= boot;
}

/* The last one of a text, which is cut into lines. */
static const char *find_denial(char *text)
{
	int64_t boot = boot_time();
	const char *found = NULL;
	char *next;

	for (char *line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (is_denial(line) && is_recent(line, boot))
			found = line;
	}
	return found;
}

/* comm="x" of a line; "" if there is none. */
static void take_word(const char *line, const char *key, char *word,
		      size_t size)
{
	const char *p = strstr(line, key);

	word[0] = '\0';
	if (p)
		(void)snprintf(word, size, "%.*s",
			       (int)strcspn(p + strlen(key), "\""),
			       p + strlen(key));
}

static void say_denial(struct doctor_report *report, const char *line,
		       const char *where)
{
	bool apparmor = strstr(line, "apparmor=");
	char program[64], name[128];

	take_word(line, "comm=\"", program, sizeof(program));
	take_word(line, " name=\"", name, sizeof(name));
	doctor_warn(report, "%s forbade %s %s%s (in %s)",
		    apparmor ? "AppArmor" : "SELinux",
		    program[0] ? program : "a program",
		    name[0] ? "to use " : "something", name, where);
	if (apparmor)
		doctor_cure(report, "Allow it in the profile, which the log "
				    "names, or put the profile into complain "
				    "mode with aa-complain(8)");
	else
		doctor_cure(report,
			    "'ausearch -m avc -c %s' shows it; "
			    "audit2allow(1) makes a rule of it",
			    program[0] ? program : "azfiles");
}

static bool read_audit_log(char *text)
{
	azf_autoclose int fd = open(AUDIT_LOG, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t len;

	if (end < 0)
		return false;
	len = pread(fd, text, TAIL, end > TAIL ? end - TAIL : 0);
	text[len > 0 ? len : 0] = '\0';
	return true;
}

/* Of this boot, as above. */
static int read_journal(char *text)
{
	static const char *const argv[] = {
		"/bin/journalctl",   "--boot",
		"--quiet",	     "--no-pager",
		"--output=cat",	     "--lines=2000",
		"_TRANSPORT=audit",  "+",
		"_TRANSPORT=kernel", NULL,
	};

	return doctor_run(argv, text, TAIL + 1, 8);
}

void doctor_check_denials(struct doctor_report *report,
			  const struct doctor_subject *subject)
{
	azf_autofree char *text = malloc(TAIL + 1);
	const char *denial = NULL;
	const char *where = AUDIT_LOG;

	if (!text || doctor_needs_root(report, subject,
				       "what SELinux and AppArmor denied"))
		return;
	/* auditd keeps its messages from the journal */
	if (read_audit_log(text))
		denial = find_denial(text);
	if (!denial && subject->machine->systemd) {
		where = "the journal";
		if (read_journal(text)) {
			doctor_skip(report, "journalctl cannot tell what "
					    "SELinux and AppArmor denied");
			doctor_cure(report, "Look for 'denied' in the kernel's "
					    "log");
			return;
		}
		denial = find_denial(text);
	}
	if (denial)
		say_denial(report, denial, where);
	else
		doctor_ok(report, "no denial of SELinux or AppArmor concerns "
				  "mounts");
}
