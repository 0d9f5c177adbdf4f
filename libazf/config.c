// SPDX-License-Identifier: MIT
/* config.c - /etc/azfiles/azfiles.conf: endpoints, proxies, time-outs. */
#include "config.h"

#include "azf-private.h"
#include "fields.h"
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FILE_MAX 65536

bool azf_config_endpoint(char *text, const char *scheme)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789.-:[]";
	char *host = text + strlen(scheme);
	size_t len;

	if (strncasecmp(text, scheme, strlen(scheme)) != 0)
		return false;
	len = strspn(host, allowed);
	if (len == 0)
		return false;
	if (host[len] == '/' && host[len + 1] == '\0')
		host[len] = '\0';
	return host[len] == '\0';
}

static bool is_http(char *value)
{
	return azf_config_endpoint(value, "http://");
}

static bool is_https(char *value)
{
	return azf_config_endpoint(value, "https://");
}

/* May hold a user and a password. */
static bool is_proxy(char *value)
{
	return (azf_starts_with(value, "http://") ||
		azf_starts_with(value, "https://")) &&
	       !strchr(value, ' ');
}

static bool is_path(char *value)
{
	return value[0] == '/';
}

static bool is_any(char *value)
{
	(void)value;
	return true;
}

/* A key is a text with a check, or a number with bounds. */
static const struct key {
	const char *name;
	size_t offset;
	bool (*check)(char *value);
	unsigned int min, max;
	const char *wanted;
} keys[] = {
#define TEXT(name, check, wanted)                                             \
	{                                                                     \
#name, offsetof(struct azf_config, name), check, 0, 0, wanted \
	}
#define NUMBER(name, min, max)                                            \
	{                                                                 \
#name, offsetof(struct azf_config, name), NULL, min, max, \
			"a number from " #min " to " #max                 \
	}
	TEXT(imds_endpoint, is_http, "http://HOST or http://HOST:PORT"),
	TEXT(arc_endpoint, is_http, "http://HOST or http://HOST:PORT"),
	TEXT(authority_host, is_https, "https://HOST or https://HOST:PORT"),
	TEXT(https_proxy, is_proxy, "a URL with http:// or https://"),
	TEXT(no_proxy, is_any, ""),
	TEXT(ca_path, is_path, "an absolute path"),
	TEXT(ca_file, is_path, "an absolute path"),
	NUMBER(connect_timeout, 1, 300),
	NUMBER(total_timeout, 1, 600),
	NUMBER(storage_port, 1, 65535),
#undef TEXT
#undef NUMBER
};

void azf_config_free(struct azf_config *config)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(keys); i++) {
		if (keys[i].check)
			azf_wipe_free(*(char **)(void *)((char *)config +
							 keys[i].offset));
	}
	*config = (struct azf_config){ 0 };
}

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(keys); i++) {
		if (azf_streq(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

/* Return: 0, -EINVAL or -ENOMEM. */
static int set_key(const struct key *key, const char *value,
		   struct azf_config *config)
{
	void *place = (char *)config + key->offset;
	azf_autowipe char *copy = NULL;
	uint64_t number;

	if (!key->check) {
		if (!azf_parse_uint(value, key->min, key->max, &number))
			return -EINVAL;
		*(unsigned int *)place = (unsigned int)number;
		return 0;
	}
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	if (!*copy || !key->check(copy))
		return -EINVAL;
	*(char **)place = azf_take(copy);
	return 0;
}

static int bad_line(struct azf_error *err, unsigned int line, const char *path,
		    const char *what)
{
	azf_fail(err, AZF_E_MOUNT, "line %u of %s %s", line, path, what);
	return azf_cure(err, "Correct it; azfiles.conf(5) lists the keys");
}

static int take_field(const struct azf_field *field, unsigned int line,
		      const char *path, struct azf_config *config,
		      struct azf_error *err)
{
	const struct key *key = find_key(field->key);
	char what[128];
	int r;

	if (!key) {
		(void)snprintf(what, sizeof(what),
			       "has the unknown key '%.40s'", field->key);
		return bad_line(err, line, path, what);
	}
	r = set_key(key, field->value, config);
	if (r == -ENOMEM)
		return azf_no_memory(err);
	if (r) {
		(void)snprintf(what, sizeof(what), "is wrong: %s= takes %s",
			       key->name, key->wanted);
		return bad_line(err, line, path, what);
	}
	return 0;
}

/* Line by line, so that a mistake can be told with its number. */
int azf_config_parse(const char *text, size_t len, const char *path,
		     struct azf_config *ret_config, struct azf_error *err)
{
	azf_autoconfig struct azf_config config = {
		.connect_timeout = 10,
		.total_timeout = 30,
		.storage_port = 443,
	};
	azf_autofields struct azf_fields fields = { .count = 0 };
	const char *end = text + len;

	for (unsigned int line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		size_t before = fields.count;
		int r = azf_fields_parse(text, (size_t)(stop - text), &fields,
					 NULL);

		if (r == -ENOMEM)
			return azf_no_memory(err);
		if (r)
			return bad_line(err, line, path,
					"is not KEY=VALUE, or repeats a key");
		if (fields.count > before)
			r = take_field(&fields.list[before], line, path,
				       &config, err);
		if (r)
			return r;
		text = stop + 1;
	}
	*ret_config = config;
	config = (struct azf_config){ 0 };
	return 0;
}

static int cannot_read(const char *path, int error, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "cannot read %s: %s", path, strerror(error));
	return azf_cure(err, "Check the file, or remove it");
}

int azf_config_read(const char *path, struct azf_config *ret_config,
		    struct azf_error *err)
{
	azf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						  O_NONBLOCK);
	azf_autowipe char *text = NULL;
	struct stat st;
	ssize_t len;

	if (fd < 0 && errno == ENOENT)
		return azf_config_parse("", 0, path, ret_config, err);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_read(path, errno, err);
	/* whoever writes it decides where secrets are sent */
	if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    (st.st_uid != 0 && st.st_uid != geteuid())) {
		azf_fail(err, AZF_E_MOUNT,
			 "%s is not a file that only root can write", path);
		return azf_cure(err, "chown root %s; chmod 644 %s", path, path);
	}
	text = malloc(FILE_MAX);
	if (!text)
		return azf_no_memory(err);
	len = azf_read_file(fd, text, FILE_MAX);
	if (len < 0)
		return cannot_read(path, (int)-len, err);
	return azf_config_parse(text, (size_t)len, path, ret_config, err);
}
