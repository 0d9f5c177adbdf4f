// SPDX-License-Identifier: MIT
/* settings.c - config.yaml; the only user of libyaml. */
#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <yaml.h>

#define FILE_MAX	 65536
#define DEFAULT_LOG_PATH "/var/log/azfilesauth.log"
/* Whose cache it is by default, where somebody made that user. */
#define DEFAULT_USER	 "azfilesuser"

/* The values, as they stand there; NULL or "": not given. */
struct texts {
	char *ccache;
	char *uid;
	char *destination;
	char *log_path;
	char *connect_timeout;
	char *total_timeout;
};

static const struct {
	const char *key;
	size_t offset;
} keys[] = {
	{ "KRB5_CC_NAME", offsetof(struct texts, ccache) },
	{ "USER_UID", offsetof(struct texts, uid) },
	{ "LOG_DESTINATION", offsetof(struct texts, destination) },
	{ "LOG_FILE_PATH", offsetof(struct texts, log_path) },
	{ "CURL_CONNECT_TIMEOUT", offsetof(struct texts, connect_timeout) },
	{ "CURL_TOTAL_TIMEOUT", offsetof(struct texts, total_timeout) },
};

static char **text_of(struct texts *texts, size_t i)
{
	return (char **)(void *)((char *)texts + keys[i].offset);
}

static void free_texts(struct texts *texts)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(keys); i++)
		free(*text_of(texts, i));
}

static bool given(const char *text)
{
	return text && text[0];
}

static int wrong(const char *path, const char *what, struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "%s: %s", path, what);
	return azf_cure(err, "Correct the file");
}

/* ---- YAML ---- */

static const char *scalar(yaml_document_t *document, int i)
{
	const yaml_node_t *node = yaml_document_get_node(document, i);

	return node && node->type == YAML_SCALAR_NODE ?
		       (const char *)node->data.scalar.value :
		       NULL;
}

/* The first of two counts, as for AzFilesAuthenticator. */
static int take_pair(const char *key, const char *value, struct texts *texts)
{
	for (size_t i = 0; key && value && i < AZF_ARRAY_SIZE(keys); i++) {
		char **text = text_of(texts, i);

		if (!azf_streq(keys[i].key, key) || *text)
			continue;
		*text = strdup(value);
		return *text ? 0 : -ENOMEM;
	}
	return 0;
}

static int take_document(yaml_document_t *document, const char *path,
			 struct texts *texts, struct azf_error *err)
{
	const yaml_node_t *root = yaml_document_get_root_node(document);

	if (!root ||
	    (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0))
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return wrong(path, "it does not consist of KEY: VALUE", err);
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		if (take_pair(scalar(document, pair->key),
			      scalar(document, pair->value), texts))
			return azf_no_memory(err);
	}
	return 0;
}

static int parse(const char *text, size_t len, const char *path,
		 struct texts *texts, struct azf_error *err)
{
	yaml_parser_t parser;
	yaml_document_t document;
	int r;

	if (!yaml_parser_initialize(&parser))
		return azf_no_memory(err);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (yaml_parser_load(&parser, &document)) {
		r = take_document(&document, path, texts, err);
		yaml_document_delete(&document);
	} else {
		char what[160];

		(void)snprintf(what, sizeof(what), "line %zu is no YAML: %s",
			       parser.problem_mark.line + 1,
			       parser.problem ? parser.problem : "?");
		r = wrong(path, what, err);
	}
	yaml_parser_delete(&parser);
	return r;
}

static int read_texts(const char *path, struct texts *texts,
		      struct azf_error *err)
{
	azf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						  O_NONBLOCK);
	azf_autofree char *text = malloc(FILE_MAX);
	struct stat st;
	ssize_t len;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st))
		return wrong(path, strerror(errno), err);
	/* whoever writes it decides which files root writes */
	if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IWGRP | S_IWOTH)) ||
	    (st.st_uid != 0 && st.st_uid != geteuid())) {
		azf_fail(err, AZF_E_MOUNT,
			 "%s is not a file that only root can write", path);
		return azf_cure(err, "chown root %s; chmod 644 %s", path, path);
	}
	if (!text)
		return azf_no_memory(err);
	len = azf_read_file(fd, text, FILE_MAX);
	if (len < 0)
		return wrong(path, strerror((int)-len), err);
	return parse(text, (size_t)len, path, texts, err);
}

/* ---- their meaning ---- */

static int take_uid(const char *text, const char *path, uid_t *ret_uid,
		    struct azf_error *err)
{
	uint64_t uid;

	if (!given(text)) {
		const struct passwd *pw = getpwnam(DEFAULT_USER);

		*ret_uid = pw ? pw->pw_uid : 0;
		return 0;
	}
	if (!azf_parse_uint(text, 0, UINT32_MAX - 1, &uid))
		return wrong(path, "USER_UID is not the number of a user", err);
	*ret_uid = (uid_t)uid;
	return 0;
}

static int take_ccache(const char *text, const char *path,
		       struct compat_settings *settings, struct azf_error *err)
{
	if (!given(text)) {
		if (asprintf(&settings->ccache, "/tmp/krb5cc_%u",
			     settings->uid) < 0) {
			settings->ccache = NULL;
			return azf_no_memory(err);
		}
		return 0;
	}
	if (azf_starts_with(text, "FILE:"))
		text += strlen("FILE:");
	if (text[0] != '/' || text[strlen(text) - 1] == '/') {
		azf_fail(err, AZF_E_MOUNT,
			 "%s: KRB5_CC_NAME is not the path of a file", path);
		return azf_cure(err, "Only a file works here: write "
				     "KRB5_CC_NAME: /PATH/OF/FILE");
	}
	settings->ccache = strdup(text);
	return settings->ccache ? 0 : azf_no_memory(err);
}

static int take_log(const struct texts *texts, const char *path,
		    struct compat_settings *settings, struct azf_error *err)
{
	const char *log_path = given(texts->log_path) ? texts->log_path :
							DEFAULT_LOG_PATH;

	if (!given(texts->destination) ||
	    strcasecmp(texts->destination, "file") != 0)
		return 0;
	if (log_path[0] != '/')
		return wrong(path, "LOG_FILE_PATH is no absolute path", err);
	settings->log_path = strdup(log_path);
	return settings->log_path ? 0 : azf_no_memory(err);
}

static int take_seconds(const char *text, const char *key, uint64_t max,
			const char *path, unsigned int *ret_seconds,
			struct azf_error *err)
{
	uint64_t seconds = 0;

	if (given(text) && !azf_parse_uint(text, 1, max, &seconds)) {
		azf_fail(err, AZF_E_MOUNT,
			 "%s: %s is not a number of seconds from 1 to %llu",
			 path, key, (unsigned long long)max);
		return azf_cure(err, "Correct the file");
	}
	*ret_seconds = (unsigned int)seconds;
	return 0;
}

static void free_settings(struct compat_settings *settings)
{
	free(settings->ccache);
	free(settings->log_path);
}

int compat_settings_read(const char *path, struct compat_settings *ret_settings,
			 struct azf_error *err)
{
	azf_cleanup(free_texts) struct texts texts = { 0 };
	azf_cleanup(free_settings) struct compat_settings settings = { 0 };
	int r = read_texts(path, &texts, err);

	r = r ? r : take_uid(texts.uid, path, &settings.uid, err);
	r = r ? r : take_ccache(texts.ccache, path, &settings, err);
	r = r ? r : take_log(&texts, path, &settings, err);
	/* the ranges of azfiles.conf */
	r = r ? r :
		take_seconds(texts.connect_timeout, "CURL_CONNECT_TIMEOUT", 300,
			     path, &settings.connect_timeout, err);
	r = r ? r :
		take_seconds(texts.total_timeout, "CURL_TOTAL_TIMEOUT", 600,
			     path, &settings.total_timeout, err);
	if (r)
		return r;
	*ret_settings = settings;
	settings = (struct compat_settings){ 0 };
	return 0;
}
