// SPDX-License-Identifier: MIT
/* ctl-set.c - azfilesctl set and clear: a ticket got now, or forgotten. */
#include "ctl.h"

#include "azf-private.h"
#include "secret.h"
#include "ticket.h"

#include <ctype.h>

/* ---- set ---- */

/* No identity is longer but a path; all tokens of Entra begin like that. */
#define IDENTITY_MAX 40
#define TOKEN_BEGINS "eyJ"

/**
 * struct input - what is read from standard input
 * @text: with white space around the token
 */
struct input {
	char text[AZF_TICKET_TOKEN_MAX + 64];
};

static void free_input(struct input **input)
{
	azf_secret_release(*input, sizeof(**input));
}

static bool looks_like_token(const char *text)
{
	return azf_starts_with(text, TOKEN_BEGINS) ||
	       (strlen(text) > IDENTITY_MAX && text[0] != '/' &&
		!azf_starts_with(text, "exec:"));
}

/* By now others may have seen it in ps: they should not go on to. */
static int refuse_token(const struct ctl_call *call, char *token)
{
	memset(token, '*', strlen(token));
	return ctl_usage("a token is no argument, since everybody can read "
			 "those. Hand it over on standard input: az account "
			 "get-access-token --resource "
			 "https://storage.azure.com --query accessToken "
			 "-o tsv | azfilesctl set %s token",
			 call->args[0]);
}

/* Return: 0, or the exit status after a message. */
static int check_arguments(const struct ctl_call *call)
{
	char *file = ctl_value(call, "token-file");

	if (call->count == 3)
		return refuse_token(call, call->args[2]);
	if (looks_like_token(call->args[1]))
		return refuse_token(call, call->args[1]);
	if (file && looks_like_token(file))
		return refuse_token(call, file);
	return 0;
}

/* The options of the mount that this identity is for. */
static int make_options(const struct ctl_call *call, struct azf_str *options)
{
	const struct ctl_option *row = call->verb->options;

	azf_str_add(options, "identity=%s", call->args[1]);
	for (size_t i = 0; i < CTL_OPTIONS_MAX && row[i].name; i++) {
		size_t begin = options->len + 1;

		if (!call->values[i] || (azf_streq(row[i].name, "token-file") &&
					 azf_streq(call->values[i], "-")))
			continue;
		azf_str_add(options, ",%s=%s", row[i].name, call->values[i]);
		for (size_t at = begin; options->text && at < options->len &&
					options->text[at] != '=';
		     at++) {
			if (options->text[at] == '-')
				options->text[at] = '_';
		}
		if (strchr(call->values[i], ','))
			return ctl_usage("there is a comma in the value of "
					 "--%s. The options of a mount cannot "
					 "have it either: use another name",
					 row[i].name);
	}
	if (!options->failed)
		return 0;
	(void)fputs("azfilesctl: out of memory\n", stderr);
	return azf_exit_status(AZF_E_SYSTEM);
}

/* Without what stands around it. A terminal would cut it off at 4095 bytes. */
static int read_token(struct input *input, char **ret_token,
		      const struct ctl_call *call)
{
	char *begin = input->text;
	ssize_t len;

	if (isatty(STDIN_FILENO))
		return ctl_usage(
			"the token comes from a pipe or a file, and "
			"not from a terminal. Hand it over as in 'az "
			"account get-access-token --resource "
			"https://storage.azure.com --query "
			"accessToken -o tsv | azfilesctl set %s token'",
			call->args[0]);
	len = azf_read_file(STDIN_FILENO, begin, sizeof(input->text));
	if (len < 0)
		return ctl_usage("cannot read the token from standard input: "
				 "%s",
				 strerror((int)-len));
	while (len > 0 && isspace((unsigned char)begin[len - 1]))
		begin[--len] = '\0';
	*ret_token = begin + strspn(begin, " \t\r\n");
	return 0;
}

static int run_set(const struct ctl_call *call)
{
	azf_cleanup(free_input) struct input *input = NULL;
	azf_autostr struct azf_str options = { 0 };
	const char *file = ctl_value(call, "token-file");
	struct azf_error err = { 0 };
	char *token = NULL;
	int status = ctl_need_root(call);

	if (status == 0)
		status = check_arguments(call);
	if (status == 0)
		status = make_options(call, &options);
	if (status)
		return status;
	if (file ? azf_streq(file, "-") : azf_streq(call->args[1], "token")) {
		input = azf_secret_alloc(sizeof(*input));
		status = input ? read_token(input, &token, call) :
				 azf_exit_status(AZF_E_SYSTEM);
	}
	if (status)
		return status;
	if (azf_ticket_set(call->args[0], options.text, token, &ctl_log, &err))
		return ctl_fail(&err);
	return 0;
}

const struct ctl_verb ctl_set = {
	.name = "set",
	.arguments = "HOST IDENTITY",
	.min = 2,
	.max = 3,
	.help = "get the ticket of an identity for a host now, and keep it",
	.options =
		(const struct ctl_option[]){
			{ "tenant-id", 0, "ID",
			  "as in the options of a mount" },
			{ "client-id", 0, "ID", "likewise" },
			{ "token-file", 0, "FILE",
			  "likewise; - is standard input, for 'token'" },
			{ "client-secret-file", 0, "FILE", "likewise" },
			{ "client-certificate", 0, "FILE", "likewise" },
			{ "authority-host", 0, "URL", "likewise" },
			{ "keytab", 0, "FILE", "likewise" },
			{ "principal", 0, "NAME", "likewise" },
			{ 0 },
		},
	.run = run_set,
};

/* ---- clear ---- */

static int run_clear(const struct ctl_call *call)
{
	const char *tag = call->count > 1 ? call->args[1] : NULL;
	struct azf_error err = { 0 };
	int r = ctl_need_root(call);

	if (r)
		return r;
	r = azf_ticket_clear(call->args[0], tag, &ctl_log, &err);
	if (r < 0)
		return ctl_fail(&err);
	if (r == 0)
		(void)printf("there was no ticket for %s%s%s\n", call->args[0],
			     tag ? " as " : "", tag ? tag : "");
	else
		(void)printf("%d ticket%s for %s forgotten\n", r,
			     r == 1 ? "" : "s", call->args[0]);
	return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) : 0;
}

const struct ctl_verb ctl_clear = {
	.name = "clear",
	.arguments = "HOST [TAG]",
	.min = 1,
	.max = 2,
	.help = "forget the tickets for a host, or one of them",
	.options = ctl_no_options,
	.run = run_clear,
};
