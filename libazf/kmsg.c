// SPDX-License-Identifier: MIT
/*
 * kmsg.c - what the kernel's cifs said about a mount, as evidence.
 *
 * mount(2) gives one errno for a dozen causes. The kernel log has the server's
 * own status; it is read to choose among causes, never shown.
 */
#include "kmsg.h"

#include <errno.h>
#include <fcntl.h>

#define FIXED "can not change "

static const struct {
	const char *phrase;
	unsigned int means;
} phrases[] = {
	{ "STATUS_LOGON_FAILURE", AZF_KMSG_LOGON_FAILURE },
	{ "STATUS_WRONG_PASSWORD", AZF_KMSG_LOGON_FAILURE },
	{ "STATUS_NO_SUCH_USER", AZF_KMSG_LOGON_FAILURE },
	{ "STATUS_ACCOUNT_DISABLED", AZF_KMSG_ACCOUNT_CLOSED },
	{ "STATUS_ACCOUNT_LOCKED_OUT", AZF_KMSG_ACCOUNT_CLOSED },
	{ "STATUS_ACCOUNT_EXPIRED", AZF_KMSG_ACCOUNT_CLOSED },
	{ "STATUS_PASSWORD_EXPIRED", AZF_KMSG_ACCOUNT_CLOSED },
	{ "Send error in SessSetup", AZF_KMSG_SESSION_SETUP },
	{ "nknown parameter '", AZF_KMSG_UNKNOWN_OPTION },
	{ "nknown mount option", AZF_KMSG_UNKNOWN_OPTION },
	{ "ad value for '", AZF_KMSG_BAD_VALUE },
	{ FIXED, AZF_KMSG_FIXED_OPTION },
	{ "does not support encryption", AZF_KMSG_NOT_ENCRYPTED },
	{ "doesn't support encryption", AZF_KMSG_NOT_ENCRYPTED },
	{ "ncryption is not supported", AZF_KMSG_NOT_ENCRYPTED },
	{ "cifs_mount failed", AZF_KMSG_FAILED },
	{ "Could not allocate crypto", AZF_KMSG_NO_CRYPTO },
};

/* The word behind @before, up to @end. */
static void find_word(const char *line, const char *before, char end,
		      struct azf_kmsg_report *report)
{
	const char *start = strstr(line, before);
	size_t len;

	if (!start)
		return;
	start += strlen(before);
	len = (size_t)(strchrnul(start, end) - start);
	if (start[len] != end || len >= sizeof(report->word))
		return;
	memcpy(report->word, start, len);
	report->word[len] = '\0';
	azf_printable(report->word);
}

/*
 * Many mounts may fail at once; most lines name the server, as \\HOST or
 * \\[ADDRESS]. In /dev/kmsg a backslash is written \x5c.
 */
static bool is_of_other_host(const char *line, const char *host)
{
	static const char start[] = "\\x5c\\x5c";
	const char *unc = strstr(line, start);
	size_t len = strlen(host);

	if (!unc)
		return false;
	unc += sizeof(start) - 1;
	unc += *unc == '[';
	return strncasecmp(unc, host, len) != 0 || !strchr("\\] \n", unc[len]);
}

void azf_kmsg_line(const char *line, const char *host,
		   struct azf_kmsg_report *report)
{
	unsigned int said = 0;

	if (!strcasestr(line, "cifs") || is_of_other_host(line, host))
		return;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(phrases); i++) {
		if (strstr(line, phrases[i].phrase))
			said |= phrases[i].means;
	}
	if (said & (AZF_KMSG_UNKNOWN_OPTION | AZF_KMSG_BAD_VALUE))
		find_word(line, "'", '\'', report);
	if (said & AZF_KMSG_FIXED_OPTION)
		find_word(line, FIXED, ' ', report);
	report->said |= said;
}

int azf_kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

void azf_kmsg_read(int fd, const char *host, struct azf_kmsg_report *ret_report)
{
	/* one read() gives one record, of less than this (CONSOLE_EXT_LOG_MAX) */
	char record[8192];
	ssize_t n;

	*ret_report = (struct azf_kmsg_report){ 0 };
	if (fd < 0)
		return;
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && (errno == EPIPE || errno == EINTR))) {
		if (n < 0)
			continue; /* EPIPE: records were overwritten meanwhile */
		record[n] = '\0';
		azf_kmsg_line(record, host, ret_report);
	}
}
