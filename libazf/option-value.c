// SPDX-License-Identifier: MIT
/* option-value.c - the values of options, checked and in the kernel's form. */
#include "azf-private.h"
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <time.h>

/* A user or a group with all its members is no longer. */
#define NAMES_MAX (4096 * 1024)

static int bad(const struct azf_option *option, const char *text,
	       struct azf_error *err)
{
	return azf_fail(err, AZF_E_USAGE, "bad value '%s' of the option '%s'",
			text, option->name);
}

static int check_text(const struct azf_option *option, const char *text,
		      char **ret_value, struct azf_error *err)
{
	size_t len = strlen(text);

	if (option->max && len > option->max) {
		bad(option, text, err);
		return azf_cure(err, "It may have %u characters at most",
				(unsigned int)option->max);
	}
	if (len == 0)
		return azf_fail(err, AZF_E_USAGE,
				"the value of the option '%s' is empty",
				option->name);
	if (option->words) {
		const char *word = strchr(text, '|') ? NULL : option->words;

		while (word && (strncmp(word, text, len) != 0 ||
				(word[len] != '|' && word[len] != '\0'))) {
			word = strchr(word, '|');
			word = word ? word + 1 : NULL;
		}
		if (!word) {
			bad(option, text, err);
			return azf_cure(err, "Use one of %s", option->words);
		}
	}
	*ret_value = strdup(text);
	return *ret_value ? 0 : azf_no_memory(err);
}

static int check_uint(const struct azf_option *option, const char *text,
		      char **ret_value, struct azf_error *err)
{
	uint64_t number;

	if (!azf_parse_uint(text, option->min, option->max, &number)) {
		bad(option, text, err);
		return azf_cure(err, "Use a number from %llu to %llu",
				(unsigned long long)option->min,
				(unsigned long long)option->max);
	}
	if (asprintf(ret_value, "%llu", (unsigned long long)number) < 0)
		return azf_no_memory(err);
	return 0;
}

/*
 * The kernel reads 755 as a decimal number and would show the odd permissions
 * 01363. Nobody means that: permissions are octal with or without the zero.
 */
static int check_mode(const struct azf_option *option, const char *text,
		      char **ret_value, struct azf_error *err)
{
	size_t digits = strspn(text, "01234567");

	if (digits == 0 || text[digits] != '\0' || digits > 5 ||
	    strtoul(text, NULL, 8) > 07777) {
		bad(option, text, err);
		return azf_cure(err, "Use octal permissions, for example 0755");
	}
	if (asprintf(ret_value, "0%lo", strtoul(text, NULL, 8)) < 0)
		return azf_no_memory(err);
	return 0;
}

/*
 * Programs with threads call us: hence not getpwnam(). Groups can have
 * thousands of members, all of whom have to fit.
 */
static bool find_id(const char *name, bool group, uint64_t *ret_id)
{
	for (size_t size = 4096; size <= NAMES_MAX; size *= 4) {
		azf_autofree char *text = malloc(size);
		struct passwd user, *pw = NULL;
		struct group users, *gr = NULL;
		int r = ENOMEM;

		if (text && group)
			r = getgrnam_r(name, &users, text, size, &gr);
		else if (text)
			r = getpwnam_r(name, &user, text, size, &pw);
		if (r == ERANGE)
			continue;
		if (!pw && !gr)
			return false;
		*ret_id = pw ? pw->pw_uid : gr->gr_gid;
		return true;
	}
	return false;
}

static int check_id(const struct azf_option *option, const char *text,
		    char **ret_value, struct azf_error *err)
{
	bool group = option->value == AZF_GID;
	uint64_t id;

	/* the largest number means "none" to the kernel */
	if (!azf_parse_uint(text, 0, UINT32_MAX - 1, &id) &&
	    !find_id(text, group, &id)) {
		bad(option, text, err);
		return azf_cure(err,
				"This machine has no such %s; 'getent %s' "
				"lists them, a number works too",
				group ? "group" : "user",
				group ? "group" : "passwd");
	}
	if (asprintf(ret_value, "%llu", (unsigned long long)id) < 0)
		return azf_no_memory(err);
	return 0;
}

static int check_address(const struct azf_option *option, const char *text,
			 char **ret_value, struct azf_error *err)
{
	size_t scope = strcspn(text, "%");
	bool no_scope = text[scope] == '\0';
	char buffer[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (scope < sizeof(buffer)) {
		memcpy(buffer, text, scope);
		buffer[scope] = '\0';
		if (((no_scope || text[scope + 1]) &&
		     inet_pton(AF_INET6, buffer, &address) == 1) ||
		    (no_scope && inet_pton(AF_INET, buffer, &address) == 1)) {
			*ret_value = strdup(text);
			return *ret_value ? 0 : azf_no_memory(err);
		}
	}
	bad(option, text, err);
	return azf_cure(err,
			"Use one IPv4 or IPv6 address, for example 10.0.0.4");
}

static int check_time(const struct azf_option *option, const char *text,
		      char **ret_value, struct azf_error *err)
{
	uint64_t seconds;

	if (!azf_parse_time(text, option->max, &seconds)) {
		bad(option, text, err);
		return azf_cure(err, "Use seconds, or a number with s, m or h "
				     "behind it, up to 24h");
	}
	if (asprintf(ret_value, "%llu", (unsigned long long)seconds) < 0)
		return azf_no_memory(err);
	return 0;
}

/* Seconds from 1601-01-01, where SMB's clock begins, to 1970-01-01. */
#define SMB_EPOCH  11644473600LL
#define SMB_SECOND 10000000ULL

static int check_snapshot(const struct azf_option *option, const char *text,
			  char **ret_value, struct azf_error *err)
{
	struct tm tm = { 0 };
	uint64_t ticks = 0;
	const char *end;

	end = strptime(text, "@GMT-%Y.%m.%d-%H.%M.%S", &tm);
	if (end && *end == '\0' && timegm(&tm) > -SMB_EPOCH)
		ticks = (uint64_t)(timegm(&tm) + SMB_EPOCH) * SMB_SECOND;
	else if (!azf_parse_uint(text, 1, INT64_MAX, &ticks)) {
		bad(option, text, err);
		return azf_cure(err, "Use the snapshot's time in the form "
				     "@GMT-2026.01.31-08.30.00");
	}
	if (asprintf(ret_value, "%llu", (unsigned long long)ticks) < 0)
		return azf_no_memory(err);
	return 0;
}

static int check_path(const struct azf_option *option, const char *text,
		      char **ret_value, struct azf_error *err)
{
	if (text[0] != '/' || strlen(text) >= PATH_MAX) {
		bad(option, text, err);
		return azf_cure(err, "Use an absolute path");
	}
	*ret_value = strdup(text);
	return *ret_value ? 0 : azf_no_memory(err);
}

int azf_value_check(const struct azf_option *option, const char *text,
		    char **ret_value, struct azf_error *err)
{
	switch (option->value) {
	case AZF_TEXT:
		return check_text(option, text, ret_value, err);
	case AZF_UINT:
		return check_uint(option, text, ret_value, err);
	case AZF_MODE:
		return check_mode(option, text, ret_value, err);
	case AZF_UID:
	case AZF_GID:
		return check_id(option, text, ret_value, err);
	case AZF_ADDRESS:
		return check_address(option, text, ret_value, err);
	case AZF_TIME:
		return check_time(option, text, ret_value, err);
	case AZF_SNAPSHOT:
		return check_snapshot(option, text, ret_value, err);
	case AZF_PATH:
		return check_path(option, text, ret_value, err);
	case AZF_NO_VALUE:
	case AZF_OPTIONAL:
		break;
	}
	return azf_fail(err, AZF_E_USAGE, "the option '%s' takes no value",
			option->name);
}
