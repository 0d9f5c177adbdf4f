// SPDX-License-Identifier: MIT
/* compat.c - the beginning and the end of a run, and what is said in it. */
#include "compat.h"

#include "cloud.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#define SCHEME "https://"

/* ---- the log ---- */

/* A line in a file, as AzFilesAuthenticator writes it. */
static bool log_to_file(const char *path, int priority, const char *text)
{
	azf_autoclose int fd = open(path,
				    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW |
					    O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
				    0600);
	azf_autofree char *line = NULL;
	time_t now = time(NULL);
	struct stat st;
	char when[64];
	struct tm tm;
	int len;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    !localtime_r(&now, &tm) ||
	    !strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %Z", &tm))
		return false;
	len = asprintf(&line, "%s [%s] %s\n", when,
		       priority == LOG_ERR     ? "ERROR" :
		       priority == LOG_WARNING ? "WARN" :
						 "INFO",
		       text);
	if (len < 0) {
		line = NULL;
		return false;
	}
	return azf_write_all(fd, line, (size_t)len) == 0;
}

static void write_log(const struct compat *compat, int priority,
		      const char *text)
{
	const char *path = compat->settings.log_path;

	if (!path || !log_to_file(path, priority, text))
		syslog(priority, "azfilesauth: %s", text);
}

/* ---- what is said ---- */

static void say(const struct compat *compat, enum azf_level level,
		const char *text)
{
	bool warning = level == AZF_WARN;

	if (level != AZF_DEBUG)
		write_log(compat, warning ? LOG_WARNING : LOG_INFO, text);
	if (warning || compat->verbose)
		(void)fprintf(stderr, "azfilesauthmanager: %s%s\n",
			      warning ? "warning: " : "", text);
}

static void remark(void *arg, enum azf_level level, const char *text)
{
	say(arg, level, text);
}

void compat_tell_failure(const struct compat *compat,
			 const struct azf_error *err)
{
	char text[sizeof(err->cause) + sizeof(err->cure) + 4];

	(void)snprintf(text, sizeof(text), "%s%s%s", err->cause,
		       err->cure[0] ? ". " : "", err->cure);
	write_log(compat, LOG_ERR, text);
	(void)fprintf(stderr, "azfilesauthmanager: %s\n", text);
}

/* ---- a run ---- */

int compat_open(struct compat *compat, struct azf_error *err)
{
	compat->log = (struct azf_log){ remark, compat };
	if (geteuid() != 0) {
		azf_fail(err, AZF_E_USAGE,
			 "only root can use the cache of tickets");
		return azf_cure(err, "Use sudo");
	}
	return compat_settings_read(COMPAT_CONFIG, &compat->settings, err);
}

void compat_close(struct compat *compat)
{
	free(compat->settings.ccache);
	free(compat->settings.log_path);
}

/* ---- an endpoint ---- */

int compat_host(const char *uri, char **ret_host, struct azf_error *err)
{
	azf_autofree char *typed = NULL;
	azf_autofree char *host = NULL;
	size_t account_len, len;
	bool private_link;

	if (strncasecmp(uri, SCHEME, strlen(SCHEME)) != 0) {
		azf_fail(err, AZF_E_USAGE,
			 "the endpoint does not begin with "
			 "https://");
		return azf_cure(err, "Write https://"
				     "ACCOUNT.file.core.windows.net");
	}
	uri += strlen(SCHEME);
	len = strlen(uri);
	while (len && uri[len - 1] == '/')
		len--;
	typed = strndup(uri, len);
	host = typed ? azf_source_canonical_host(typed) : NULL;
	if (!host)
		return azf_no_memory(err);
	if (!azf_cloud_find(host, &account_len, &private_link)) {
		azf_fail(err, AZF_E_USAGE,
			 "'%.*s' is not the host of an Azure file endpoint",
			 (int)strcspn(host, "/?@#"), host);
		return azf_cure(err, "Write https://"
				     "ACCOUNT.file.core.windows.net, without "
				     "a share behind it");
	}
	*ret_host = azf_take(host);
	return 0;
}
