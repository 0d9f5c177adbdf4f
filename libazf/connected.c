// SPDX-License-Identifier: MIT
/* connected.c - what the kernel's SMB client is connected to. */
#include "connected.h"

#include "source.h"

#include <errno.h>
#include <strings.h>

#define DEBUG_DATA "/proc/fs/cifs/DebugData"

/* In "Share Flags": the server wants this share encrypted. */
#define SHARE_FLAG_ENCRYPT 0x8000UL

/* More channels than any kernel has; what is more is no number. */
#define CHANNELS_MAX 64

/**
 * struct reader - where in the text we are
 * @credits: lines "Number of credits", one for each server
 * @session: what the shares of the present session have in common
 * @share: the one whose lines are read; NULL outside of any
 */
struct reader {
	struct azf_connections *connections;
	size_t credits;
	struct azf_connected session;
	struct azf_connected *share;
};

void azf_connections_free(struct azf_connections *connections)
{
	for (size_t i = 0; i < connections->host_count; i++)
		free(connections->hosts[i]);
	for (size_t i = 0; i < connections->count; i++)
		free(connections->shares[i].share);
	free(connections->hosts);
	free(connections->shares);
	*connections = (struct azf_connections){ .count = 0 };
}

static int add_host(struct azf_connections *connections, const char *name)
{
	azf_autofree char *copy = strndup(name, strcspn(name, " \n"));
	char **hosts = reallocarray(connections->hosts,
				    connections->host_count + 1,
				    sizeof(*hosts));

	if (!hosts)
		return -ENOMEM;
	connections->hosts = hosts;
	hosts[connections->host_count] =
		copy ? azf_source_canonical_host(copy) : NULL;
	if (!hosts[connections->host_count])
		return -ENOMEM;
	connections->host_count++;
	return 0;
}

/* Backslashes become what they are in sources. */
static int add_share(struct reader *reader, const char *name, size_t len)
{
	struct azf_connections *connections = reader->connections;
	struct azf_connected *shares = reallocarray(
		connections->shares, connections->count + 1, sizeof(*shares));

	if (!shares)
		return -ENOMEM;
	connections->shares = shares;
	reader->share = &shares[connections->count];
	*reader->share = reader->session;
	reader->share->share = strndup(name, len);
	if (!reader->share->share)
		return -ENOMEM;
	connections->count++;
	for (char *at = reader->share->share; *at; at++) {
		if (*at == '\\')
			*at = '/';
	}
	return 0;
}

/* Return: what stands behind @word in the line, or NULL. */
static const char *behind(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	return at ? at + strlen(word) : NULL;
}

/*
 * "1) ConnectionId: 0x4 Hostname: NAME", and for each server, in kernels that
 * do not tell names too, "Number of credits: " at the beginning of a line.
 */
static int read_server(struct reader *reader, const char *line)
{
	const char *name = behind(line, "Hostname: ");

	reader->session = (struct azf_connected){ .channels = 1 };
	reader->share = NULL;
	return name && strstr(line, "ConnectionId: ") ?
		       add_host(reader->connections, name) :
		       0;
}

/* "Security type: Kerberos  SessionId: 0x1 encrypted(gcm256) signed" */
static void read_session(struct reader *reader, const char *security)
{
	reader->session = (struct azf_connected){
		.channels = 1,
		.kerberos = azf_starts_with(security, "Kerberos"),
		.encrypted = strstr(security, " encrypted") != NULL,
	};
	reader->share = NULL;
}

static void read_channels(struct reader *reader, const char *extra)
{
	unsigned long count = strtoul(extra, NULL, 10);

	if (count < CHANNELS_MAX)
		reader->session.channels = 1 + (unsigned int)count;
}

/* What the lines say that follow "1) \\HOST\SHARE Mounts: 1 …". */
static void read_share(struct azf_connected *share, const char *line)
{
	const char *flags = behind(line, "Share Flags: ");

	if (strcasestr(line, " encrypted") ||
	    (flags && strtoul(flags, NULL, 16) & SHARE_FLAG_ENCRYPT))
		share->encrypted = true;
}

static int read_line(struct reader *reader, const char *line)
{
	const char *found = behind(line, ") \\\\");
	const char *end = found ? strstr(found, " Mounts: ") : NULL;

	if (line[0] >= '0' && line[0] <= '9')
		return read_server(reader, line);
	if (end) {
		found -= strlen("\\\\");
		return add_share(reader, found, (size_t)(end - found));
	}
	reader->credits += azf_starts_with(line, "Number of credits: ");
	found = behind(line, "\tSecurity type: ");
	if (found)
		read_session(reader, found);
	found = behind(line, "\tExtra Channels: ");
	if (found)
		read_channels(reader, found);
	if (strspn(line, "\t \n") == strlen(line))
		reader->share = NULL;
	else if (reader->share)
		read_share(reader->share, line);
	return 0;
}

int azf_connections_parse(FILE *file, struct azf_connections *connections)
{
	struct reader reader = {
		.connections = connections,
		.session = { .channels = 1 },
	};
	azf_autofree char *line = NULL;
	size_t size = 0;
	int r = 0;

	while (r == 0 && getline(&line, &size, file) >= 0)
		r = read_line(&reader, line);
	connections->unnamed = reader.credits > connections->host_count;
	return r ? r : azf_end_of_file(file);
}

int azf_connections_read(const char *path, struct azf_connections *connections)
{
	azf_autofile FILE *file = fopen(path ? path : DEBUG_DATA, "re");

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	return azf_connections_parse(file, connections);
}

bool azf_connections_have(const struct azf_connections *connections,
			  const char *host)
{
	for (size_t i = 0; i < connections->host_count; i++) {
		if (azf_streq(connections->hosts[i], host))
			return true;
	}
	return connections->unnamed;
}

const struct azf_connected *azf_connections_next(
	const struct azf_connections *connections,
	const struct azf_mounted *mount, const struct azf_connected *after)
{
	size_t i = after ? (size_t)(after - connections->shares) + 1 : 0;

	for (; i < connections->count; i++) {
		const struct azf_connected *share = &connections->shares[i];
		size_t len = strlen(share->share);

		if (share->kerberos == mount->kerberos &&
		    strncasecmp(mount->source, share->share, len) == 0 &&
		    (mount->source[len] == '\0' || mount->source[len] == '/'))
			return share;
	}
	return NULL;
}
