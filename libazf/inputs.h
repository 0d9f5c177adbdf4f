/* SPDX-License-Identifier: MIT */
/*
 * inputs.h - what an identity needs and only root can read, opened while we
 * are root: everything that follows works without privileges.
 */
#ifndef AZF_INPUTS_H
#define AZF_INPUTS_H

#include "state.h"

struct azf_config;
struct azf_error;

/**
 * struct azf_input - the content of a small file
 * @path: for messages, borrowed from the request; NULL when there is none
 * @text: NUL terminated, in memory of azf_secret_alloc(); or NULL
 * @len: bytes in @text without the NUL
 */
struct azf_input {
	const char *path;
	char *text;
	size_t len;
};

/**
 * struct azf_inputs - all of them
 * @token_file: white space at the end is cut off, as for @client_secret; that
 *	without a path is a token that was handed over
 * @client_secret: of a service principal
 * @client_certificate: PEM, with its key
 * @program: a descriptor to execute, or -1
 * @lock: held with flock(2) while a token is asked for
 * @tag: names the identity, for the token cache
 * @arc: tokens come from the Azure Arc agent of this machine
 * @arc_tokens: the agent's directory of challenge files, or -1
 */
struct azf_inputs {
	struct azf_input token_file;
	struct azf_input client_secret;
	struct azf_input client_certificate;
	int program;
	int lock;
	char *tag;
	bool arc;
	int arc_tokens;
};

/* A file for each identity, held by whoever asks for its token. */
#define AZF_TOKEN_LOCK_DIR AZF_RUN_DIR "/.lock"

/* Where the Arc agent puts its challenge files. */
#define AZF_ARC_TOKENS "/var/opt/azcmagent/tokens"

#define azf_autoinputs azf_cleanup(azf_inputs_free)
void azf_inputs_free(struct azf_inputs *inputs);

/**
 * azf_inputs_open() - open what the request names
 * @request: its fields token_file, client_secret_file, client_certificate,
 *	program, identity; must outlive @ret_inputs
 * @config: whether it chooses between the Azure VM and Azure Arc
 * @ret_inputs: filled on success
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_inputs_open(const struct azf_fields *request,
		    const struct azf_config *config,
		    struct azf_inputs *ret_inputs, struct azf_error *err);

/**
 * azf_inputs_take_token() - a token that comes with the request
 * @inputs: of a request that names no token_file; the token is copied into it
 * @text: need not be NUL terminated; the caller wipes it
 *
 * Return: 0, -AZF_E_USAGE or -AZF_E_SYSTEM.
 */
int azf_inputs_take_token(struct azf_inputs *inputs, const char *text,
			  size_t len, struct azf_error *err);

/**
 * azf_inputs_enclose() - from here on, only what these inputs need
 * @inputs: what is open stays so
 * @config: whose certificates are read later
 *
 * For a process that is root no more; see sandbox.h. A program to run is given
 * all files, and may have children.
 */
void azf_inputs_enclose(const struct azf_inputs *inputs,
			const struct azf_config *config);

#endif
