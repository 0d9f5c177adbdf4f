/* SPDX-License-Identifier: MIT */
/*
 * compat.h - AzFilesAuthenticator's interface, on top of libazf.
 *
 * Its programs, its library, its configuration file and its one cache of
 * tickets for all servers; the tickets are got in our way.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include "azf-private.h"
#include "fields.h"

#include <sys/types.h>

/* The version of AzFilesAuthenticator whose interface this is. */
#define COMPAT_VERSION "1.0.11"

#define COMPAT_CONFIG AZF_SYSCONFDIR "/azfilesauth/config.yaml"

/**
 * struct compat_settings - what config.yaml says
 * @ccache: absolute path of the cache (KRB5_CC_NAME)
 * @uid: that it belongs to (USER_UID)
 * @log_path: of the log (LOG_FILE_PATH); NULL: the system's
 * @connect_timeout: seconds; 0: what azfiles.conf says
 * @total_timeout: the same for one request
 */
struct compat_settings {
	char *ccache;
	uid_t uid;
	char *log_path;
	unsigned int connect_timeout;
	unsigned int total_timeout;
};

/**
 * compat_settings_read() - read the file
 * @path: usually COMPAT_CONFIG; one that does not exist is empty
 * @ret_settings: filled on success
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_MOUNT for a file that is not in order, -AZF_E_SYSTEM.
 */
int compat_settings_read(const char *path, struct compat_settings *ret_settings,
			 struct azf_error *err);

/**
 * struct compat - one run
 * @settings: of config.yaml
 * @verbose: what is only worth a line in the log goes to the standard error, too
 * @log: for functions of libazf
 */
struct compat {
	struct compat_settings settings;
	bool verbose;
	struct azf_log log;
};

/**
 * compat_open() - begin: read the settings, open the log
 *
 * Return: 0; -AZF_E_USAGE unless we are root; as compat_settings_read().
 */
int compat_open(struct compat *compat, struct azf_error *err);
#define compat_auto azf_cleanup(compat_close)
void compat_close(struct compat *compat);

/* Into the log, and to the standard error. */
void compat_tell_failure(const struct compat *compat,
			 const struct azf_error *err);

/**
 * compat_host() - the host of an endpoint's address
 * @uri: https://HOST with slashes behind it, or none
 * @ret_host: canonical, in lower case, for the caller to free()
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int compat_host(const char *uri, char **ret_host, struct azf_error *err);

/**
 * compat_set() - have a new ticket in the cache
 * @host: canonical
 * @identity: as azf_identity_fields() makes them
 * @ret_expires: seconds since 1970; may be NULL
 *
 * The identity is remembered for azfilesrefresh. After a failure the ticket
 * that was there still is.
 *
 * Return: 0, or an enum azf_code negated.
 */
int compat_set(const struct compat *compat, const char *host,
	       const struct azf_fields *identity, int64_t *ret_expires,
	       struct azf_error *err);

/* The same with an access token that somebody else got; the caller wipes it. */
int compat_set_token(const struct compat *compat, const char *host,
		     const char *token, int64_t *ret_expires,
		     struct azf_error *err);

/* Take the tickets for a host out of the cache; none is fine. */
int compat_clear(const struct compat *compat, const char *host,
		 struct azf_error *err);

/* Print what is in the cache; no cache is an empty one. */
int compat_list(const struct compat *compat, bool json, struct azf_error *err);

/**
 * compat_renew() - have a later ticket in the cache
 *
 * Nothing is done where it is not known how to get one, or where that failed a
 * moment ago.
 */
int compat_renew(const struct compat *compat, const char *host,
		 struct azf_error *err);

/* Renew, once, what mounts use and is due. Not for libazfilesauth.so. */
void compat_refresh(const struct compat *compat);

#endif
