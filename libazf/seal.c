// SPDX-License-Identifier: MIT
/* seal.c - texts that only this machine can read, by systemd-creds(1). */
#include "seal.h"

#include "azf-private.h"
#include "run.h"

#include <errno.h>

#define SYSTEMD_CREDS "/usr/bin/systemd-creds"

/* A TPM2 is slow, and so is a machine that boots. */
#define SEAL_MS 60000

struct complaint {
	char text[300];
};

static int run(const struct azf_seal *seal, const char *const *words,
	       size_t *ret_len, struct complaint *complaint)
{
	azf_autofree char *name = NULL;
	const char *argv[7] = { SYSTEMD_CREDS };
	const struct azf_program program = {
		.argv = argv,
		.input = seal->input,
		.input_len = seal->input_len,
		.output = seal->output,
		.size = seal->size - 1,
		.complaint = complaint->text,
		.complaint_size = sizeof(complaint->text),
		.timeout_ms = SEAL_MS,
	};
	size_t n = 1, len;
	int r;

	if (asprintf(&name, "--name=azfiles.%s", seal->name) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	while (*words)
		argv[n++] = *words++;
	argv[n++] = name;
	argv[n++] = "-";
	argv[n] = "-";
	complaint->text[0] = '\0';
	r = azf_run(&program, ret_len);
	/* as a clause: it ends its sentences */
	len = strlen(complaint->text);
	if (len && complaint->text[len - 1] == '.')
		complaint->text[len - 1] = '\0';
	if (r == 0)
		seal->output[*ret_len] = '\0';
	return r;
}

/* What went wrong, but for what systemd-creds itself has found. */
static int cannot_run(int error, const struct azf_seal *seal,
		      const char *without, struct azf_error *err)
{
	if (error == -ENOENT) {
		azf_fail(err, AZF_E_MOUNT,
			 "%s needs " SYSTEMD_CREDS ", which is missing",
			 seal->path);
		return azf_cure(err, "Install systemd 250 or newer, or %s",
				without);
	}
	if (error == -ETIMEDOUT) {
		azf_fail(err, AZF_E_MOUNT,
			 SYSTEMD_CREDS " does not end, for %s", seal->path);
		return azf_cure(err, "Check the TPM2 of this machine: "
				     "systemd-creds has-tpm2");
	}
	return azf_fail(err, AZF_E_SYSTEM, "cannot run " SYSTEMD_CREDS ": %s",
			strerror(-error));
}

int azf_seal(const struct azf_seal *seal, size_t *ret_len,
	     const struct azf_log *log, struct azf_error *err)
{
	static const char *const words[] = { "encrypt", "--with-key=auto",
					     NULL };
	struct complaint complaint;
	int r = run(seal, words, ret_len, &complaint);

	if (r == -EPROTO) {
		azf_fail(err, AZF_E_MOUNT,
			 "systemd-creds cannot seal the key of %s: %s",
			 seal->name, complaint.text);
		return azf_cure(err, "Check that 'systemd-creds setup' works, "
				     "or store the key without --seal");
	}
	if (r)
		return cannot_run(r, seal, "store the key without --seal", err);
	if (complaint.text[0])
		azf_note(log, AZF_WARN, "systemd-creds: %s", complaint.text);
	return 0;
}

int azf_unseal(const struct azf_seal *seal, size_t *ret_len,
	       struct azf_error *err)
{
	static const char *const words[] = { "decrypt", NULL };
	struct complaint complaint;
	int r = run(seal, words, ret_len, &complaint);

	if (r == -EPROTO) {
		azf_fail(err, AZF_E_MOUNT,
			 "this machine cannot unseal the key in %s "
			 "(systemd-creds: %s)",
			 seal->path, complaint.text);
		return azf_cure(err,
				"It was sealed on another machine, or the TPM2 "
				"or the host key "
				"/var/lib/systemd/credential.secret was "
				"replaced. Store it again with 'azfilesctl key "
				"add %s --seal --replace'",
				seal->name);
	}
	if (r)
		return cannot_run(r, seal, "store the key in a plain file",
				  err);
	return 0;
}
