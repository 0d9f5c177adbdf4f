/* SPDX-License-Identifier: MIT */
/* config.h - /etc/azfiles/azfiles.conf: endpoints, proxies, time-outs. */
#ifndef AZF_CONFIG_H
#define AZF_CONFIG_H

#include "util.h"

struct azf_error;

#ifndef AZF_SYSCONFDIR
#define AZF_SYSCONFDIR "/etc"
#endif
#define AZF_CONFIG_FILE AZF_SYSCONFDIR "/azfiles/azfiles.conf"

/**
 * struct azf_config - what the file says; NULL or a default where it is silent
 * @imds_endpoint: http://HOST[:PORT] of the Azure VM's metadata service
 * @arc_endpoint: the same of the Azure Arc agent
 * @authority_host: https://HOST[:PORT] of Entra, in place of the cloud's own
 * @https_proxy: http:// or https:// URL, for everything but metadata
 * @no_proxy: hosts that need none, separated by commas
 * @ca_path: a directory of CA certificates, hashed
 * @ca_file: a file of CA certificates
 * @connect_timeout: seconds for name and connection
 * @total_timeout: seconds for one request
 * @storage_port: of https on the storage account
 */
struct azf_config {
	char *imds_endpoint;
	char *arc_endpoint;
	char *authority_host;
	char *https_proxy;
	char *no_proxy;
	char *ca_path;
	char *ca_file;
	unsigned int connect_timeout;
	unsigned int total_timeout;
	unsigned int storage_port;
};

#define azf_autoconfig azf_cleanup(azf_config_free)
void azf_config_free(struct azf_config *config);

/**
 * azf_config_read() - read the file
 * @path: usually AZF_CONFIG_FILE; one that does not exist is empty
 * @ret_config: filled on success
 * @err: filled on failure; names the line
 *
 * Return: 0, -AZF_E_MOUNT for a file that is not in order, -AZF_E_SYSTEM.
 */
int azf_config_read(const char *path, struct azf_config *ret_config,
		    struct azf_error *err);

/* The same from memory; @path is for messages. */
int azf_config_parse(const char *text, size_t len, const char *path,
		     struct azf_config *ret_config, struct azf_error *err);

/**
 * azf_config_endpoint() - check SCHEME://HOST[:PORT] and cut a slash behind it
 * @text: changed in place
 * @scheme: that it must have, "https://"
 *
 * Return: whether it is one.
 */
bool azf_config_endpoint(char *text, const char *scheme);

#endif
