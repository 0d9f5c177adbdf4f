// SPDX-License-Identifier: MIT
/* inputs.c - what an identity needs and only root can read. */
#include "inputs.h"

#include "azf-private.h"
#include "config.h"
#include "identity.h"
#include "sandbox.h"
#include "secret.h"
#include "state.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define INPUT_MAX 65536

static void free_input(struct azf_input *input)
{
	azf_secret_release(input->text, INPUT_MAX);
}

void azf_inputs_free(struct azf_inputs *inputs)
{
	free_input(&inputs->token_file);
	free_input(&inputs->client_secret);
	free_input(&inputs->client_certificate);
	azf_close_fd(&inputs->program);
	azf_close_fd(&inputs->lock);
	azf_close_fd(&inputs->arc_tokens);
	free(inputs->tag);
	*inputs = (struct azf_inputs){ .program = -1,
				       .lock = -1,
				       .arc_tokens = -1 };
}

static const struct {
	const char *key;
	size_t offset;
	const char *what;
	bool trim;
} files[] = {
	{ "token_file", offsetof(struct azf_inputs, token_file),
	  "the token file", true },
	{ "client_secret_file", offsetof(struct azf_inputs, client_secret),
	  "the client secret file", true },
	{ "client_certificate", offsetof(struct azf_inputs, client_certificate),
	  "the client certificate", false },
};

static int unusable(const char *what, const char *path, const char *why,
		    struct azf_error *err)
{
	azf_fail(err, AZF_E_MOUNT, "cannot use %s %s: %s", what, path, why);
	return azf_cure(err, "Check the path and the file");
}

/* Links are followed: Kubernetes replaces token files by moving a link. */
static int read_input(const char *what, const char *path, bool trim,
		      struct azf_input *input, struct azf_error *err)
{
	azf_autoclose int fd =
		path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						    O_NONBLOCK) :
				 -1;
	struct stat st;
	ssize_t len;

	if (path[0] != '/')
		return unusable(what, path, "it is not an absolute path", err);
	if (fd < 0 || fstat(fd, &st) < 0)
		return unusable(what, path, strerror(errno), err);
	if (!S_ISREG(st.st_mode))
		return unusable(what, path, "it is not a regular file", err);
	input->text = azf_secret_alloc(INPUT_MAX);
	if (!input->text)
		return azf_no_memory(err);
	input->path = path;
	len = azf_read_file(fd, input->text, INPUT_MAX);
	if (len < 0)
		return unusable(what, path, strerror((int)-len), err);
	while (trim && len > 0 && isspace((unsigned char)input->text[len - 1]))
		len--;
	input->text[len] = '\0';
	input->len = (size_t)len;
	if (len == 0)
		return unusable(what, path, "it is empty", err);
	if (memchr(input->text, '\0', (size_t)len))
		return unusable(what, path, "it contains a NUL byte", err);
	return 0;
}

/*
 * Whoever could write the program could act as this identity: it is root's
 * alone. What was checked is what is executed, since it stays open.
 */
static int open_program(const char *path, int *ret_fd, struct azf_error *err)
{
	azf_autoclose int fd =
		path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						    O_NONBLOCK) :
				 -1;
	struct stat st;

	if (path[0] != '/')
		return unusable("the program", path,
				"it is not an absolute path", err);
	if (fd < 0 || fstat(fd, &st) < 0)
		return unusable("the program", path, strerror(errno), err);
	if (!S_ISREG(st.st_mode) || !(st.st_mode & S_IXOTH))
		return unusable("the program", path,
				"it is not a file that everybody may execute",
				err);
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		azf_fail(err, AZF_E_MOUNT,
			 "others than root may write the program %s", path);
		return azf_cure(err, "chown root %s; chmod go-w %s", path,
				path);
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/*
 * The fields of the request that make an identity, in the order in which
 * azf_identity_fields() has them: a refresh knows the lock by the same tag.
 */
static int identity_tag(const struct azf_fields *request, char **ret_tag,
			struct azf_error *err)
{
	static const char *const keys[] = {
		"identity",   "resource_id",	    "program",
		"client_id",  "tenant_id",	    "authority_host",
		"token_file", "client_secret_file", "client_certificate",
		"keytab",     "principal",
	};
	azf_autofields struct azf_fields fields = { .count = 0 };
	char *tag;
	int r = 0;

	if (azf_streq(azf_fields_get(request, "identity"), "client") &&
	    !azf_fields_get(request, "client_id"))
		return azf_fail(err, AZF_E_SYSTEM,
				"the request has no client_id");
	for (size_t i = 0; r == 0 && i < AZF_ARRAY_SIZE(keys); i++)
		r = azf_fields_set(&fields, keys[i],
				   azf_fields_get(request, keys[i]));
	tag = r ? NULL : azf_identity_tag(&fields);
	if (!tag)
		return azf_no_memory(err);
	*ret_tag = tag;
	return 0;
}

static int open_lock(const char *tag, int *ret_fd, struct azf_error *err)
{
	azf_autofree char *path = NULL;
	int fd;

	if (!azf_state_is_name(tag))
		return azf_fail(err, AZF_E_MOUNT,
				"the identity '%s' cannot be a file name", tag);
	if (asprintf(&path, AZF_TOKEN_LOCK_DIR "/%s", tag) < 0) {
		path = NULL;
		return azf_no_memory(err);
	}
	(void)mkdir(AZF_RUN_DIR, 0700);
	(void)mkdir(AZF_TOKEN_LOCK_DIR, 0700);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return azf_fail(err, AZF_E_SYSTEM, "cannot open %s: %s", path,
				strerror(errno));
	*ret_fd = fd;
	return 0;
}

/*
 * The agent's program tells that this is an Arc machine; a mount has no
 * environment that would. MSAL looks at both places.
 */
static bool has_arc(const struct azf_config *config)
{
	if (config->arc_endpoint)
		return true;
	return !config->imds_endpoint &&
	       (access("/opt/azcmagent/bin/himds", F_OK) == 0 ||
		access("/var/opt/azcmagent/bin/himds", F_OK) == 0);
}

static bool uses_metadata(const char *identity)
{
	return azf_streq(identity, "system") || azf_streq(identity, "client") ||
	       azf_streq(identity, "resource");
}

int azf_inputs_open(const struct azf_fields *request,
		    const struct azf_config *config,
		    struct azf_inputs *ret_inputs, struct azf_error *err)
{
	azf_autoinputs struct azf_inputs inputs = { .program = -1,
						    .lock = -1,
						    .arc_tokens = -1 };
	const char *program = azf_fields_get(request, "program");
	int r = 0;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(files); i++) {
		const char *path = azf_fields_get(request, files[i].key);

		if (path)
			r = read_input(
				files[i].what, path, files[i].trim,
				(void *)((char *)&inputs + files[i].offset),
				err);
		if (r)
			return r;
	}
	if (program)
		r = open_program(program, &inputs.program, err);
	if (r == 0)
		r = identity_tag(request, &inputs.tag, err);
	if (r == 0)
		r = open_lock(inputs.tag, &inputs.lock, err);
	if (r)
		return r;
	inputs.arc = uses_metadata(azf_fields_get(request, "identity")) &&
		     has_arc(config);
	if (inputs.arc)
		inputs.arc_tokens = open(AZF_ARC_TOKENS,
					 O_PATH | O_DIRECTORY | O_CLOEXEC);
	*ret_inputs = inputs;
	inputs = (struct azf_inputs){ .program = -1,
				      .lock = -1,
				      .arc_tokens = -1 };
	return 0;
}

int azf_inputs_take_token(struct azf_inputs *inputs, const char *text,
			  size_t len, struct azf_error *err)
{
	struct azf_input *file = &inputs->token_file;

	if (file->text)
		return azf_fail(err, AZF_E_USAGE,
				"the request has a token and a token_file");
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= INPUT_MAX)
		return azf_fail(err, AZF_E_USAGE, "the token is too long");
	file->text = azf_secret_alloc(INPUT_MAX);
	if (!file->text)
		return azf_no_memory(err);
	memcpy(file->text, text, len);
	file->len = len;
	return 0;
}

void azf_inputs_enclose(const struct azf_inputs *inputs,
			const struct azf_config *config)
{
	const char *read[4] = { NULL };
	size_t count = 0;

	/* which files a program needs is not for us to know */
	if (inputs->program >= 0) {
		azf_sandbox_calls(AZF_MAY_EXECUTE | AZF_MAY_USE_KEYS);
		return;
	}
	if (config->ca_path)
		read[count++] = config->ca_path;
	if (config->ca_file)
		read[count++] = config->ca_file;
	/* of AZF_ARC_TOKENS: the agent may make the directory when asked */
	if (inputs->arc)
		read[count] = "/var/opt";
	azf_sandbox_calls(AZF_MAY_USE_KEYS);
	azf_sandbox_files(read, NULL);
}
