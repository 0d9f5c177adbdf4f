// SPDX-License-Identifier: MIT
/* live.c - the Kerberos mounts that there are, and the kernel's servers. */
#include "live.h"

#include "source.h"
#include "table.h"

#include <errno.h>

#define DEBUG_DATA "/proc/fs/cifs/DebugData"

void azf_live_free(struct azf_live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		free(live->list[i].host);
		free(live->list[i].tag);
		free(live->list[i].target);
	}
	free(live->list);
	*live = (struct azf_live){ .count = 0 };
}

static char *canonical(const char *host, size_t len)
{
	azf_autofree char *copy = strndup(host, len);

	return copy ? azf_source_canonical_host(copy) : NULL;
}

static int add(struct azf_live *live, const struct azf_table_line *line)
{
	const char *host = line->source + strlen("//");
	struct azf_live_mount mount = { 0 };
	struct azf_live_mount *list;
	size_t len = 0;
	const char *tag = azf_table_option(line->options, "username", &len);

	list = reallocarray(live->list, live->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	live->list = list;
	mount.host = canonical(host, strcspn(host, "/"));
	mount.target = strdup(line->target);
	mount.tag = tag ? strndup(tag, len) : NULL;
	live->list[live->count++] = mount;
	return mount.host && mount.target && (mount.tag || !tag) ? 0 : -ENOMEM;
}

static int visit(void *arg, const struct azf_table_line *line)
{
	size_t len;
	const char *sec = azf_table_option(line->options, "sec", &len);

	if (!azf_table_is_smb(line->type) || !sec ||
	    !azf_starts_with(sec, "krb5") ||
	    !azf_starts_with(line->source, "//"))
		return 0;
	return add(arg, line);
}

int azf_live_read(const char *table, struct azf_live *live)
{
	const struct azf_table_visitor visitor = { visit, NULL, live };

	return azf_table_visit(table, &visitor);
}

bool azf_live_uses(const struct azf_live_mount *mount, const char *host,
		   const char *tag)
{
	return azf_streq(mount->host, host) &&
	       (!mount->tag || azf_streq(mount->tag, tag));
}

void azf_servers_free(struct azf_servers *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		free(servers->hosts[i]);
	free(servers->hosts);
	*servers = (struct azf_servers){ .count = 0 };
}

static int add_server(struct azf_servers *servers, const char *host)
{
	char **hosts = reallocarray(servers->hosts, servers->count + 1,
				    sizeof(*hosts));

	if (!hosts)
		return -ENOMEM;
	servers->hosts = hosts;
	hosts[servers->count] = canonical(host, strcspn(host, " \n"));
	return hosts[servers->count++] ? 0 : -ENOMEM;
}

/*
 * "2) ConnectionId: 0x4 Hostname: NAME", and for each of them, in kernels that
 * do not tell names too, "Number of credits: ".
 */
static int read_servers(FILE *file, struct azf_servers *servers)
{
	static const char name[] = "Hostname: ";
	azf_autofree char *line = NULL;
	size_t size = 0, connections = 0;
	int r = 0;

	while (r == 0 && getline(&line, &size, file) >= 0) {
		const char *host = strstr(line, name);

		if (host && strstr(line, "ConnectionId: "))
			r = add_server(servers, host + strlen(name));
		connections += azf_starts_with(line, "Number of credits: ");
	}
	servers->unnamed = connections > servers->count;
	if (r)
		return r;
	return ferror(file) ? -EIO : 0;
}

int azf_servers_read(const char *path, struct azf_servers *servers)
{
	azf_autofile FILE *file = fopen(path ? path : DEBUG_DATA, "re");

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	return read_servers(file, servers);
}

bool azf_servers_have(const struct azf_servers *servers, const char *host)
{
	for (size_t i = 0; i < servers->count; i++) {
		if (azf_streq(servers->hosts[i], host))
			return true;
	}
	return servers->unnamed;
}
