/* SPDX-License-Identifier: MIT */
/* connected.h - what the kernel's SMB client is connected to. */
#ifndef AZF_CONNECTED_H
#define AZF_CONNECTED_H

#include "mounted.h"

/**
 * struct azf_connected - a share that the kernel has, with its session
 * @share: as //HOST/SHARE
 * @kerberos: the session began with a ticket
 * @encrypted: all that goes over the wire
 * @channels: connections that the session has, at least 1
 */
struct azf_connected {
	char *share;
	bool kerberos;
	bool encrypted;
	unsigned int channels;
};

/**
 * struct azf_connections - all of them, of all name spaces
 * @hosts: canonical names of the servers
 * @unnamed: there are servers whose names the kernel does not tell
 *
 * What a container mounted is not in our table of mounts, but it is here.
 * Starts as { 0 }; azf_connections_free() releases what it owns.
 */
struct azf_connections {
	char **hosts;
	size_t host_count;
	bool unnamed;
	struct azf_connected *shares;
	size_t count;
};

#define azf_autoconnections azf_cleanup(azf_connections_free)
void azf_connections_free(struct azf_connections *connections);

/**
 * azf_connections_parse() - take the text of the kernel apart
 * @file: like cifs's DebugData, of Linux 5.4 or later
 *
 * Lines that are not known are skipped: each kernel writes some more.
 *
 * Return: 0, or an errno negated.
 */
int azf_connections_parse(FILE *file,
			  struct azf_connections *connections) AZF_MUST_CHECK;

/**
 * azf_connections_read() - ask the kernel
 * @path: of a file like DebugData; NULL for the kernel's own
 *
 * Does not wait for any server.
 *
 * Return: 0, also without a cifs module; or an errno negated.
 */
int azf_connections_read(const char *path,
			 struct azf_connections *connections) AZF_MUST_CHECK;

/* Whether that host may be one of the servers. */
bool azf_connections_have(const struct azf_connections *connections,
			  const char *host);

/**
 * azf_connections_next() - the shares that may belong to a mount
 * @mount: the mount
 * @after: one that was found before; NULL to begin
 *
 * The kernel does not say which mount has which connection. Of mounts of one
 * share by different identities all are found.
 *
 * Return: owned by @connections; NULL for no more.
 */
const struct azf_connected *azf_connections_next(
	const struct azf_connections *connections,
	const struct azf_mounted *mount, const struct azf_connected *after);

#endif
