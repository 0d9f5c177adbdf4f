// SPDX-License-Identifier: MIT
/*
 * azfilesauthmanager.c - the command line of AzFilesAuthenticator; under the
 * name azfilesrefresh, its daemon.
 *
 * The standard output is AzFilesAuthenticator's to the byte; failures are told
 * on the standard error, one cause and a cure.
 */
#include "begin.h"
#include "compat.h"
#include "config.h"
#include "secret.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <syslog.h>

#define REFRESH_S 60
#define WORDS_MAX 16

/* One more than the longest token there is. */
#define TOKEN_MAX (16384 + 1)

/**
 * struct call - the words behind the verb
 * @words: without -v; ends with NULL
 */
struct call {
	struct compat compat;
	char *words[WORDS_MAX + 1];
	size_t count;
};

struct verb {
	const char *name;
	int (*run)(struct call *call, struct azf_error *err);
	const char *const *usage;
};

static int bad_usage(struct azf_error *err, const char *what)
{
	azf_fail(err, AZF_E_USAGE, "%s", what);
	return azf_cure(err, "'azfilesauthmanager --help' shows how to call "
			     "it");
}

/* ---- the identities of set ---- */

/* The options of set. With @need a word of the call, they make an identity. */
static const struct flag {
	const char *name;
	const char *with;
	const char *field;
	bool value;
	bool needed;
} flags[] = {
	{ "--system", NULL, NULL, false, false },
	{ "--imds-client-id", NULL, "client_id", true, true },
	{ "--workload-identity", NULL, NULL, false, false },
	/* in the order of azf_identity_fields(), as tags are made of it */
	{ "--client-id", "--workload-identity", "client_id", true, true },
	{ "--tenant-id", "--workload-identity", "tenant_id", true, true },
	{ "--authority-host", "--workload-identity", "authority_host", true,
	  false },
	{ "--token-file", "--workload-identity", "token_file", true, true },
	{ "--resource", "--workload-identity", NULL, true, false },
};

static const struct {
	const char *flag;
	const char *identity;
} kinds[] = {
	{ "--system", "system" },
	{ "--imds-client-id", "client" },
	{ "--workload-identity", "workload" },
};

static const struct flag *find_flag(const char *word)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(flags); i++) {
		if (azf_streq(flags[i].name, word))
			return &flags[i];
	}
	return NULL;
}

/* Which kind of identity it is: an index of kinds; -1: a token. */
static int find_kind(char *const values[], struct azf_error *err, int *ret_kind)
{
	int kind = -1;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(flags); i++) {
		for (size_t k = 0; k < AZF_ARRAY_SIZE(kinds); k++) {
			if (!values[i] ||
			    !azf_streq(flags[i].name, kinds[k].flag))
				continue;
			if (kind >= 0)
				return bad_usage(
					err, "--system, --imds-client-id and "
					     "--workload-identity exclude each "
					     "other");
			kind = (int)k;
		}
	}
	*ret_kind = kind;
	return 0;
}

static int check_flags(char *const values[], const char *kind,
		       struct azf_error *err)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(flags); i++) {
		bool ours = flags[i].with && azf_streq(flags[i].with, kind);

		if (flags[i].with && !ours && values[i]) {
			azf_fail(err, AZF_E_USAGE, "%s has no meaning with %s",
				 flags[i].name, kind);
			return azf_cure(err, "Leave it out");
		}
		if (ours && flags[i].needed && !values[i]) {
			azf_fail(err, AZF_E_USAGE, "%s needs %s", kind,
				 flags[i].name);
			return azf_cure(err, "Add it");
		}
	}
	return 0;
}

/* All clouds have one audience; a slash behind it is what others write. */
static int check_resource(const char *resource, struct azf_error *err)
{
	static const char known[] = "https://storage.azure.com";
	size_t len = resource ? strlen(resource) : 0;

	if (!resource)
		return 0;
	while (len && resource[len - 1] == '/')
		len--;
	if (len == strlen(known) && strncasecmp(resource, known, len) == 0)
		return 0;
	azf_fail(err, AZF_E_USAGE,
		 "--resource %s is not what Azure Files "
		 "takes tokens for",
		 resource);
	return azf_cure(err, "Use https://storage.azure.com, which is right in "
			     "all clouds");
}

/* As mounts spell them, so that both mean the same ticket. */
static int set_field(struct azf_fields *identity, const char *field,
		     const char *value, struct azf_error *err)
{
	azf_autofree char *copy = strdup(value);
	int r;

	if (!copy)
		return azf_no_memory(err);
	if (azf_streq(field, "authority_host") &&
	    !azf_config_endpoint(copy, "https://")) {
		azf_fail(err, AZF_E_USAGE,
			 "--authority-host %s is not https://HOST", value);
		return azf_cure(err, "Write https://login.microsoftonline.com "
				     "or that of your cloud");
	}
	if (azf_streq(field, "client_id")) {
		for (char *p = copy; *p; p++)
			*p = (char)tolower((unsigned char)*p);
	}
	r = copy[0] ? azf_fields_set(identity, field, copy) : -EINVAL;
	if (r == -EINVAL)
		return bad_usage(err, "an argument is empty, or has a control "
				      "character in it");
	return r ? azf_no_memory(err) : 0;
}

static int make_identity(char *const values[], int kind,
			 struct azf_fields *identity, struct azf_error *err)
{
	const char *name = kinds[kind].flag;
	int r = check_flags(values, name, err);

	if (r == 0 &&
	    azf_fields_set(identity, "identity", kinds[kind].identity))
		r = azf_no_memory(err);
	for (size_t i = 0; r == 0 && i < AZF_ARRAY_SIZE(flags); i++) {
		if (!values[i])
			continue;
		if (flags[i].field)
			r = set_field(identity, flags[i].field, values[i], err);
		else if (flags[i].value)
			r = check_resource(values[i], err);
	}
	return r;
}

/* ---- the token of set ---- */

static void release_token(char **token)
{
	azf_secret_release(*token, TOKEN_MAX);
}

/* What stands in argv can be read by everybody: not a moment longer. */
static int take_token(char *word, char *token, struct azf_error *err)
{
	size_t len = strlen(word);
	bool fits = len < TOKEN_MAX;

	memcpy(token, word, fits ? len + 1 : 0);
	memset(word, '*', len);
	/* so that the compiler leaves it in */
	__asm__ volatile("" : : "r"(word) : "memory");
	return fits ? 0 : bad_usage(err, "the token is too long");
}

static int read_token(char *token, struct azf_error *err)
{
	ssize_t len = azf_read_file(STDIN_FILENO, token, TOKEN_MAX);

	if (len < 0)
		return bad_usage(err, len == -EFBIG ?
					      "the token is too long" :
					      "cannot read the token from the "
					      "standard input");
	while (len && isspace((unsigned char)token[len - 1]))
		token[--len] = '\0';
	return len ? 0 : bad_usage(err, "the standard input holds no token");
}

static int set_token(const struct call *call, const char *host, char *word,
		     struct azf_error *err)
{
	azf_cleanup(release_token) char *token = azf_secret_alloc(TOKEN_MAX);
	bool from_input = azf_streq(word, "-");
	int r;

	if (!token)
		return azf_no_memory(err);
	r = from_input ? read_token(token, err) : take_token(word, token, err);
	if (r)
		return r;
	if (!from_input)
		azf_note(&call->compat.log, AZF_WARN,
			 "a token among the arguments can be read by every "
			 "user for a moment. Better: 'set URI -' with the "
			 "token on the standard input");
	return compat_set_token(&call->compat, host, token, NULL, err);
}

/* ---- verbs ---- */

/* The words of set behind the endpoint. */
static int read_flags(struct call *call, char *values[], char **ret_token,
		      struct azf_error *err)
{
	for (size_t i = 1; i < call->count; i++) {
		const struct flag *flag = find_flag(call->words[i]);
		char **value = flag ? &values[flag - flags] : ret_token;

		if (!flag && call->words[i][0] == '-' && call->words[i][1])
			return bad_usage(err, "set has no such option");
		if (*value)
			return bad_usage(err,
					 flag ? "an option is given twice" :
						"set takes one token");
		*value = call->words[i];
		if (!flag || !flag->value)
			continue;
		if (++i == call->count)
			return bad_usage(err, "the last option needs a value");
		*value = call->words[i];
	}
	return 0;
}

static int run_set(struct call *call, struct azf_error *err)
{
	azf_autofields struct azf_fields identity = { .count = 0 };
	char *values[AZF_ARRAY_SIZE(flags)] = { NULL };
	azf_autofree char *host = NULL;
	char *token = NULL;
	int kind = -1, r;

	if (call->count < 2)
		return bad_usage(err, "set needs an endpoint and an identity "
				      "or a token");
	r = read_flags(call, values, &token, err);
	r = r ? r : find_kind(values, err, &kind);
	r = r ? r : compat_host(call->words[0], &host, err);
	if (r)
		return r;
	if (kind < 0 && token)
		return set_token(call, host, token, err);
	if (kind < 0 || token)
		return bad_usage(err, "set takes one identity, or one token");
	r = make_identity(values, kind, &identity, err);
	return r ? r : compat_set(&call->compat, host, &identity, NULL, err);
}

static int run_clear(struct call *call, struct azf_error *err)
{
	azf_autofree char *host = NULL;
	int r;

	if (call->count != 1)
		return bad_usage(err, "clear needs an endpoint");
	r = compat_host(call->words[0], &host, err);
	r = r ? r : compat_clear(&call->compat, host, err);
	if (r == 0)
		(void)printf("azfilesauthmanager clear: 0\n");
	return r;
}

static int run_list(struct call *call, struct azf_error *err)
{
	bool json = call->count == 1 && azf_streq(call->words[0], "--json");

	if (call->count && !json)
		return bad_usage(err, "list takes --json and nothing else");
	return compat_list(&call->compat, json, err);
}

static const char *const list_usage[] = { "list [--json]", NULL };
static const char *const set_usage[] = {
	"set <file_endpoint_uri> <oauth_token>",
	"set <file_endpoint_uri> -",
	"set <file_endpoint_uri> --system",
	"set <file_endpoint_uri> --imds-client-id <client_id>",
	("set <file_endpoint_uri> --workload-identity --tenant-id <tenant_id> "
	 "--client-id <client_id> --token-file <token_file> "
	 "[--authority-host <authority_host>] [--resource <resource>]"),
	NULL
};
static const char *const clear_usage[] = { "clear <file_endpoint_uri>", NULL };

static const struct verb verbs[] = {
	{ "list", run_list, list_usage },
	{ "set", run_set, set_usage },
	{ "clear", run_clear, clear_usage },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(verbs); i++) {
		if (azf_streq(verbs[i].name, name))
			return &verbs[i];
	}
	return NULL;
}

static int print_help(FILE *file, int status)
{
	(void)fprintf(file, "Usage:\n");
	for (size_t i = 0; i < AZF_ARRAY_SIZE(verbs); i++) {
		for (const char *const *line = verbs[i].usage; *line; line++)
			(void)fprintf(file, "    azfilesauthmanager %s\n",
				      *line);
	}
	(void)fprintf(file, "    azfilesauthmanager --version\n"
			    "\n"
			    "-v behind any of them shows what is done.\n");
	return fflush(file) ? EXIT_FAILURE : status;
}

static int read_words(struct call *call, int argc, char **argv,
		      struct azf_error *err)
{
	for (int i = 2; i < argc; i++) {
		if (azf_streq(argv[i], "-v")) {
			call->compat.verbose = true;
			continue;
		}
		if (call->count == WORDS_MAX)
			return bad_usage(err, "there are too many arguments");
		call->words[call->count++] = argv[i];
	}
	return 0;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct call call = { .count = 0 };
	struct azf_error err = { 0 };
	int r = read_words(&call, argc, argv, &err);

	r = r ? r : compat_open(&call.compat, &err);
	r = r ? r : verb->run(&call, &err);
	if (r)
		compat_tell_failure(&call.compat, &err);
	compat_close(&call.compat);
	return r || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- azfilesrefresh ---- */

/* The settings may change while it runs, or be written after it began. */
static void refresh_once(void)
{
	struct compat compat = { .verbose = true };
	struct azf_error err = { 0 };

	if (compat_open(&compat, &err))
		compat_tell_failure(&compat, &err);
	else
		compat_refresh(&compat);
	compat_close(&compat);
}

static int run_refresh(void)
{
	const struct timespec minute = { .tv_sec = REFRESH_S };
	sigset_t end;

	if (geteuid() != 0) {
		(void)fprintf(stderr, "azfilesrefresh: only root can renew "
				      "tickets\n");
		return EXIT_FAILURE;
	}
	(void)sigemptyset(&end);
	(void)sigaddset(&end, SIGTERM);
	(void)sigaddset(&end, SIGINT);
	do {
		(void)sigprocmask(SIG_UNBLOCK, &end, NULL);
		refresh_once();
		(void)sigprocmask(SIG_BLOCK, &end, NULL);
	} while (sigtimedwait(&end, NULL, &minute) < 0);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;

	azf_begin();
	openlog("azfilesauth", LOG_PID, LOG_USER);
	if (argc > 0 && azf_streq(basename(argv[0]), "azfilesrefresh"))
		return run_refresh();
	if (argc == 2 && azf_streq(argv[1], "--version"))
		return printf("%s\n", COMPAT_VERSION) < 0;
	if (argc == 2 && azf_streq(argv[1], "--help"))
		return print_help(stdout, EXIT_SUCCESS);
	if (!verb)
		return print_help(stderr, EXIT_FAILURE);
	return run_verb(verb, argc, argv);
}
