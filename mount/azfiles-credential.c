// SPDX-License-Identifier: MIT
/*
 * azfiles-credential.c - from an identity to a Kerberos ticket.
 *
 * The only program that talks HTTP or, with a keytab, to a KDC. Root starts it
 * with a request on its standard input; it opens what only root can read, gives
 * up all privileges, and only then meets the network. Its answer: fields, an
 * empty line and, on success, a ccache, which its parent does not look into.
 */
#include "azf-private.h"
#include "begin.h"
#include "claims.h"
#include "config.h"
#include "credential-keytab.h"
#include "drop.h"
#include "fields.h"
#include "http.h"
#include "inputs.h"
#include "kerbticket.h"
#include "keyring.h"
#include "krb-probe.h"
#include "secret.h"
#include "state.h"
#include "token.h"
#include "wipe.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>

#define USER		 "azfiles"
#define ARC_GROUP	 "himds"
#define REQUEST_MAX	 65536
#define DEFAULT_DEADLINE 60

/* A clock that differs by less does no harm. */
#define SKEW_SHOWN_S 60

#define EXIT_USAGE  1
#define EXIT_BROKEN 2

/**
 * struct job - one request, and what it takes
 * @http: NULL before the first request
 * @given: a token that the caller hands over, in the request; or NULL
 * @given_len: in bytes
 * @token: in memory of azf_secret_alloc()
 * @keytab: of identity=keytab
 * @skew: seconds that our clock is ahead of a KDC's
 * @found: what a probe found out
 */
struct job {
	struct azf_fields request;
	struct azf_config config;
	struct azf_inputs inputs;
	struct azf_http *http;
	char *given;
	size_t given_len;
	struct azf_token *token;
	const char *host;
	int64_t deadline_ms;
	struct azf_keytab keytab;
	int64_t skew;
	struct azf_fields found;
};

static void free_job(struct job *job)
{
	azf_http_free(job->http);
	azf_secret_release(job->token, sizeof(*job->token));
	azf_inputs_free(&job->inputs);
	azf_keytab_close(&job->keytab);
	azf_config_free(&job->config);
	azf_fields_free(&job->request);
	azf_fields_free(&job->found);
}

static int bad_request(struct azf_error *err, const char *what)
{
	return azf_fail(err, AZF_E_USAGE, "the request %s", what);
}

static int read_request(struct job *job, struct azf_error *err)
{
	static char text[REQUEST_MAX + 1];
	ssize_t len = azf_read_file(STDIN_FILENO, text, sizeof(text));
	char *blank = len < 0 ? NULL : memmem(text, (size_t)len, "\n\n", 2);
	uint64_t seconds = DEFAULT_DEADLINE;
	const char *host;

	if (len < 0)
		return bad_request(err, len == -EFBIG ? "is too long" :
							"cannot be read");
	if (blank) {
		job->given = blank + 2;
		job->given_len = (size_t)(text + len - job->given);
		len = blank + 1 - text;
	}
	if (azf_fields_parse(text, (size_t)len, &job->request, NULL))
		return bad_request(err, "is not KEY=VALUE lines");
	host = azf_fields_get(&job->request, "host");
	if (!host || !azf_state_is_name(host))
		return bad_request(err, "names no host");
	if (!azf_fields_get(&job->request, "identity"))
		return bad_request(err, "names no identity");
	if (azf_fields_get(&job->request, "deadline") &&
	    !(azf_fields_number(&job->request, "deadline", &seconds) &&
	      seconds >= 1 && seconds <= 3600))
		return bad_request(err, "has a deadline that is no number of "
					"seconds");
	job->host = host;
	job->deadline_ms = azf_now_ms() + (int64_t)seconds * 1000;
	return 0;
}

/* What a request says of them wins over azfiles.conf, whose ranges they have. */
static int take_timeouts(struct job *job, struct azf_error *err)
{
	const struct {
		const char *key;
		uint64_t max;
		unsigned int *seconds;
	} rows[] = {
		{ "connect_timeout", 300, &job->config.connect_timeout },
		{ "total_timeout", 600, &job->config.total_timeout },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		uint64_t seconds;

		if (!azf_fields_get(&job->request, rows[i].key))
			continue;
		if (!azf_fields_number(&job->request, rows[i].key, &seconds) ||
		    seconds < 1 || seconds > rows[i].max)
			return bad_request(err, "has a time-out that is no "
						"number of seconds");
		*rows[i].seconds = (unsigned int)seconds;
	}
	return 0;
}

static bool has_keytab(const struct job *job)
{
	return azf_streq(azf_fields_get(&job->request, "identity"), "keytab");
}

/* All that needs root, and then root no more. */
static int prepare(struct job *job, struct azf_error *err)
{
	int r = read_request(job, err);

	if (r == 0)
		r = azf_config_read(AZF_CONFIG_FILE, &job->config, err);
	if (r == 0)
		r = take_timeouts(job, err);
	if (r == 0)
		r = azf_inputs_open(&job->request, &job->config, &job->inputs,
				    err);
	if (r == 0 && has_keytab(job))
		r = azf_keytab_open(credential_keytab_path(&job->request),
				    &job->keytab, err);
	if (r == 0 && job->given_len)
		r = azf_inputs_take_token(&job->inputs, job->given,
					  job->given_len, err);
	if (job->given)
		explicit_bzero(job->given, job->given_len);
	if (r)
		return r;
	/* below request-key we hold what the kernel asked, and its keyrings */
	r = azf_keyring_detach();
	if (r && r != -ENOSYS && r != -EPERM)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot leave the caller's keyrings: %s",
				strerror(-r));
	return azf_drop(USER, job->inputs.arc ? ARC_GROUP : NULL, err);
}

/* ---- a keytab ---- */

static struct azf_kinit_request keytab_request(const struct job *job)
{
	return (struct azf_kinit_request){
		.keytab = &job->keytab,
		.path = credential_keytab_path(&job->request),
		.principal = azf_fields_get(&job->request, "principal"),
		.host = job->host,
	};
}

static int get_with_keytab(struct job *job, struct azf_krbcred *ret_krbcred,
			   struct azf_error *err)
{
	const struct azf_kinit_request request = keytab_request(job);

	return credential_with_keytab(&request, job->deadline_ms, ret_krbcred,
				      &job->skew, err);
}

/* ---- a token ---- */

static struct azf_token_source source_of(const struct job *job)
{
	return (struct azf_token_source){
		.request = &job->request,
		.config = &job->config,
		.inputs = &job->inputs,
		.http = job->http,
		.host = job->host,
		.deadline_ms = job->deadline_ms,
	};
}

static int get_with_token(struct job *job, struct azf_krbcred *ret_krbcred,
			  struct azf_error *err)
{
	const struct azf_token_source source = source_of(job);
	bool cached;
	int r = azf_token_get(&source, false, job->token, &cached, err);

	if (r)
		return r;
	r = azf_kerbticket_get(job->http, &job->config, job->host, job->token,
			       job->deadline_ms, ret_krbcred, err);
	/* a token that was good when it was kept: one try with a new one */
	if (r == 0 || !cached || azf_http_last(job->http)->status != 401)
		return r;
	r = azf_token_get(&source, true, job->token, &cached, err);
	return r ? r :
		   azf_kerbticket_get(job->http, &job->config, job->host,
				      job->token, job->deadline_ms, ret_krbcred,
				      err);
}

static int get_ticket(struct job *job, struct azf_krbcred *ret_krbcred,
		      struct azf_error *err)
{
	return has_keytab(job) ? get_with_keytab(job, ret_krbcred, err) :
				 get_with_token(job, ret_krbcred, err);
}

/* ---- probes: nothing is cached, and the answer has neither token nor ticket */

static int find(struct job *job, const char *key, const char *value,
		struct azf_error *err)
{
	return azf_fields_set(&job->found, key, value) ? azf_no_memory(err) : 0;
}

static int probe_metadata(struct job *job, struct azf_error *err)
{
	const struct azf_token_source source = source_of(job);
	azf_autofree char *host = NULL;
	int r = find(job, "service", job->inputs.arc ? "arc" : "imds", err);

	if (r)
		return r;
	r = azf_token_reach(&source, &host, err);
	return host && find(job, "endpoint", host, err) ? azf_no_memory(err) :
							  r;
}

static int probe_token(struct job *job, struct azf_error *err)
{
	const struct azf_token_source source = source_of(job);
	int r = azf_token_probe(&source, job->token, err);

	if (r)
		return r;
	/* whoever gave it knows best whether it is a token */
	r = azf_claims_read(job->token->text, &job->found);
	return r == -ENOMEM ? azf_no_memory(err) : 0;
}

static int probe_ticket(struct job *job, struct azf_error *err)
{
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	int r = has_keytab(job) ? get_with_keytab(job, &krbcred, err) :
				  probe_token(job, err);

	if (r == 0 && !has_keytab(job))
		r = azf_kerbticket_get(job->http, &job->config, job->host,
				       job->token, job->deadline_ms, &krbcred,
				       err);
	if (r)
		return r;
	if (azf_fields_set_number(&job->found, "expires", krbcred.expires))
		return azf_no_memory(err);
	r = find(job, "server", krbcred.server, err);
	return r ? r : find(job, "principal", krbcred.client, err);
}

static const struct {
	const char *name;
	int (*run)(struct job *job, struct azf_error *err);
} probes[] = {
	{ "metadata", probe_metadata },
	{ "token", probe_token },
	{ "ticket", probe_ticket },
};

static int probe(struct job *job, const char *what, struct azf_error *err)
{
	const struct azf_kinit_request request = keytab_request(job);

	if (has_keytab(job) && azf_krb_is_probe(what))
		return credential_probe_keytab(&request, what, job->deadline_ms,
					       &job->found, err);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(probes); i++) {
		if (azf_streq(probes[i].name, what))
			return probes[i].run(job, err);
	}
	return bad_request(err, "wants a probe that there is not");
}

static int work(struct job *job, struct azf_krbcred *ret_krbcred,
		struct azf_error *err)
{
	int r = prepare(job, err);
	const char *what;

	if (r)
		return r;
	azf_inputs_enclose(&job->inputs, &job->config);
	if (azf_fields_get(&job->request, "forget")) {
		const struct azf_token_source source = source_of(job);

		azf_token_forget(&source);
		return 0;
	}
	if (!has_keytab(job)) {
		job->http = azf_http_new(&job->config);
		if (!job->http)
			return azf_no_memory(err);
	}
	job->token = azf_secret_alloc(sizeof(*job->token));
	if (!job->token)
		return azf_no_memory(err);
	what = azf_fields_get(&job->request, "probe");
	return what ? probe(job, what, err) : get_ticket(job, ret_krbcred, err);
}

static int describe(const struct job *job, const struct azf_krbcred *krbcred,
		    struct azf_fields *fields)
{
	int r = azf_fields_set(fields, "result", "ok");

	/* the answer to a probe is in what it found */
	if (r || azf_fields_get(&job->request, "probe"))
		return r;
	r = azf_fields_set_number(fields, "starts", krbcred->starts);
	if (r == 0)
		r = azf_fields_set_number(fields, "expires", krbcred->expires);
	if (r == 0)
		r = azf_fields_set(fields, "server", krbcred->server);
	return r ? r : azf_fields_set(fields, "principal", krbcred->client);
}

static int describe_failure(const struct azf_error *err,
			    struct azf_fields *fields)
{
	int r = azf_fields_set(fields, "result", "fail");

	if (r == 0)
		r = azf_fields_set(fields, "transient",
				   err->code == AZF_E_TRANSIENT ? "1" : "0");
	if (r == 0)
		r = azf_fields_set(fields, "cause", err->cause);
	return r ? r : azf_fields_set(fields, "cure", err->cure);
}

/* What the services told about themselves. */
static int add_remarks(const struct job *job, struct azf_fields *fields)
{
	const struct azf_http_answer *last = job->http ?
						     azf_http_last(job->http) :
						     NULL;
	int r = 0;

	if (!last)
		return llabs((long long)job->skew) > SKEW_SHOWN_S ?
			       azf_fields_set_number(fields, "skew",
						     job->skew) :
			       0;
	if (last->request_id[0])
		r = azf_fields_set(fields, "request_id", last->request_id);
	if (r == 0 && last->error_code[0])
		r = azf_fields_set(fields, "error_code", last->error_code);
	if (r == 0 && last->retry_after > 0)
		r = azf_fields_set_number(fields, "retry_after",
					  last->retry_after);
	if (r == 0 && llabs((long long)last->skew) > SKEW_SHOWN_S)
		r = azf_fields_set_number(fields, "skew", last->skew);
	return r;
}

static int answer(const struct job *job, const struct azf_krbcred *krbcred,
		  const struct azf_error *err)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	int r = err->code ? describe_failure(err, &fields) :
			    describe(job, krbcred, &fields);
	char *text;
	size_t len;

	if (r == 0)
		r = add_remarks(job, &fields);
	for (size_t i = 0; r == 0 && i < job->found.count; i++)
		r = azf_fields_set(&fields, job->found.list[i].key,
				   job->found.list[i].value);
	if (r)
		return r;
	text = azf_fields_format(&fields, &len);
	if (!text)
		return -ENOMEM;
	r = azf_write_all(STDOUT_FILENO, text, len);
	azf_wipe_free(text);
	if (r == 0)
		r = azf_write_all(STDOUT_FILENO, "\n", 1);
	return r ? r :
		   azf_write_all(STDOUT_FILENO, krbcred->ccache,
				 krbcred->ccache_len);
}

static int print_help(void)
{
	(void)printf(
		"Usage: azfiles-credential [-hV] <REQUEST >ANSWER\n"
		"Get a Kerberos ticket for an Azure Files account.\n\n"
		"Run by mount.azfiles and azfiles.upcall. REQUEST and ANSWER "
		"are KEY=VALUE lines,\nsee azfiles-credential(8).\n\n"
		"  -h  print this help\n"
		"  -V  print the version\n");
	return fflush(stdout) ? EXIT_BROKEN : 0;
}

/* Return: -1 to go on, or an exit status. */
static int read_arguments(int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "hV")) != -1) {
		if (letter == 'h')
			return print_help();
		if (letter == 'V')
			return printf("azfiles-credential (azfiles) %s\n",
				      AZF_VERSION) < 0;
		return EXIT_USAGE;
	}
	if (optind == argc)
		return -1;
	(void)fprintf(stderr, "azfiles-credential: it takes no arguments; "
			      "'azfiles-credential -h' shows how to call it\n");
	return EXIT_USAGE;
}

/* The limit on files that azf_drop() sets would cut the answer off. */
static bool answers_into_file(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

/* Return: the exit status. */
static int serve(void)
{
	azf_cleanup(free_job) struct job job = {
		.inputs = { .program = -1, .lock = -1, .arc_tokens = -1 },
		.keytab = { .fd = -1 },
	};
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	struct azf_error err = { 0 };

	(void)work(&job, &krbcred, &err);
	return answer(&job, &krbcred, &err) ? EXIT_BROKEN : 0;
}

int main(int argc, char **argv)
{
	int status = read_arguments(argc, argv);

	if (status >= 0)
		return status;
	azf_begin();
	if (answers_into_file()) {
		(void)fprintf(stderr, "azfiles-credential: it writes no files: "
				      "the standard output must be a pipe\n");
		return EXIT_USAGE;
	}
	/* what the caller left open is not for programs of identity=exec: */
	closefrom(STDERR_FILENO + 1);
	/* a caller that went away, and a limit on files: errors, not deaths */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	/* not exit(): OpenSSL alone would tidy up for half a millisecond */
	_exit(serve());
}
