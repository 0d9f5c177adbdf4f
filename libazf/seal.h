/* SPDX-License-Identifier: MIT */
/*
 * seal.h - texts that only this machine can read, by systemd-creds(1).
 *
 * The text goes through pipes, from and into memory of the caller's. What is
 * sealed is bound to its name: under another it cannot be opened.
 */
#ifndef AZF_SEAL_H
#define AZF_SEAL_H

#include "util.h"

struct azf_error;
struct azf_log;

/**
 * struct azf_seal - a text to seal or to open
 * @name: of whose key it is
 * @path: of the sealed file, for messages
 * @input: what is sealed, or opened
 * @input_len: of @input, in bytes
 * @output: gets what becomes of it, and a NUL
 * @size: of @output, in bytes
 */
struct azf_seal {
	const char *name;
	const char *path;
	const char *input;
	size_t input_len;
	char *output;
	size_t size;
};

/**
 * azf_seal() - seal a text: to the TPM2 where there is one, and the host's key
 * @seal: what and where
 * @ret_len: of the result
 * @log: gets what systemd-creds has to say about a success
 * @err: filled on failure
 *
 * Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM.
 */
int azf_seal(const struct azf_seal *seal, size_t *ret_len,
	     const struct azf_log *log, struct azf_error *err);

/* Open a sealed text. Return: 0, -AZF_E_MOUNT or -AZF_E_SYSTEM. */
int azf_unseal(const struct azf_seal *seal, size_t *ret_len,
	       struct azf_error *err);

#endif
