// SPDX-License-Identifier: MIT
/*
 * azfiles-credential.c - from an identity to a Kerberos ticket.
 *
 * The only program that talks HTTP or, with a keytab, to a KDC. Root starts it
 * with a request on its standard input; it opens what only root can read, gives
 * up all privileges, and only then meets the network. Its answer: fields, an
 * empty line and, on success, a ccache, which its parent does not look into.
 */
#include "begin.h"
#include "claims.h"
#include "cloud.h"
#include "credential-job.h"
#include "credential-keytab.h"
#include "drop.h"
#include "kerbticket.h"
#include "keyring.h"
#include "krb-probe.h"
#include "secret.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>

#define USER	  "azfiles"
#define ARC_GROUP "himds"

#define EXIT_USAGE  1
#define EXIT_BROKEN 2

static void free_job(struct credential_job *job)
{
	azf_http_free(job->http);
	azf_secret_release(job->token, sizeof(*job->token));
	azf_inputs_free(&job->inputs);
	azf_keytab_close(&job->keytab);
	azf_config_free(&job->config);
	azf_fields_free(&job->request);
	azf_fields_free(&job->found);
}

/* All that needs root, and then root no more. */
static int prepare(struct credential_job *job, struct azf_error *err)
{
	int r = credential_read_request(job, err);

	if (r == 0)
		r = azf_config_read(AZF_CONFIG_FILE, &job->config, err);
	if (r == 0)
		r = credential_take_timeouts(job, err);
	if (r == 0)
		r = azf_inputs_open(&job->request, &job->config, &job->inputs,
				    err);
	if (r == 0 && credential_has_keytab(job))
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

static struct azf_kinit_request keytab_request(const struct credential_job *job)
{
	return (struct azf_kinit_request){
		.keytab = &job->keytab,
		.path = credential_keytab_path(&job->request),
		.principal = azf_fields_get(&job->request, "principal"),
		.host = job->host,
	};
}

static int get_with_keytab(struct credential_job *job,
			   struct azf_krbcred *ret_krbcred,
			   struct azf_error *err)
{
	const struct azf_kinit_request request = keytab_request(job);

	job->skew = 0;
	return credential_with_keytab(&request, job->deadline_ms, ret_krbcred,
				      &job->skew, err);
}

/* ---- a token ---- */

static struct azf_token_source source_of(const struct credential_job *job)
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

/*
 * One token is for all hosts of a cloud; and if there is none, why that is so.
 * One that ends at nobody knows when is asked for again.
 */
static int get_token(struct credential_job *job, bool fresh,
		     struct azf_error *err)
{
	const struct azf_token_source source = source_of(job);
	size_t account_len;
	bool private_link;
	const struct azf_cloud *cloud = azf_cloud_find(job->host, &account_len,
						       &private_link);
	int r = 0;

	if (fresh || !job->asked || cloud != job->cloud ||
	    (!job->no_token.code && !job->token->expires)) {
		if (!fresh)
			job->token->expires = 0;
		job->no_token = (struct azf_error){ 0 };
		r = azf_token_get(&source, fresh, job->token, &job->cached,
				  &job->no_token);
		job->asked = true;
		job->cloud = cloud;
	}
	if (job->no_token.code)
		*err = job->no_token;
	return r ? r : -(int)job->no_token.code;
}

static int get_with_token(struct credential_job *job,
			  struct azf_krbcred *ret_krbcred,
			  struct azf_error *err)
{
	int r = get_token(job, false, err);

	if (r)
		return r;
	r = azf_kerbticket_get(job->http, &job->config, job->host, job->token,
			       job->deadline_ms, ret_krbcred, err);
	/* a token that was good when it was kept: one try with a new one */
	if (r == 0 || !job->cached || azf_http_last(job->http)->status != 401)
		return r;
	r = get_token(job, true, err);
	return r ? r :
		   azf_kerbticket_get(job->http, &job->config, job->host,
				      job->token, job->deadline_ms, ret_krbcred,
				      err);
}

static int get_ticket(struct credential_job *job,
		      struct azf_krbcred *ret_krbcred, struct azf_error *err)
{
	return credential_has_keytab(job) ?
		       get_with_keytab(job, ret_krbcred, err) :
		       get_with_token(job, ret_krbcred, err);
}

/* ---- probes: nothing is cached, and the answer has neither token nor ticket */

static int find(struct credential_job *job, const char *key, const char *value,
		struct azf_error *err)
{
	return azf_fields_set(&job->found, key, value) ? azf_no_memory(err) : 0;
}

static int probe_metadata(struct credential_job *job, struct azf_error *err)
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

static int probe_token(struct credential_job *job, struct azf_error *err)
{
	const struct azf_token_source source = source_of(job);
	int r = azf_token_probe(&source, job->token, err);

	if (r)
		return r;
	/* whoever gave it knows best whether it is a token */
	r = azf_claims_read(job->token->text, &job->found);
	return r == -ENOMEM ? azf_no_memory(err) : 0;
}

static int probe_ticket(struct credential_job *job, struct azf_error *err)
{
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	int r = credential_has_keytab(job) ?
			get_with_keytab(job, &krbcred, err) :
			probe_token(job, err);

	if (r == 0 && !credential_has_keytab(job))
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
	int (*run)(struct credential_job *job, struct azf_error *err);
} probes[] = {
	{ "metadata", probe_metadata },
	{ "token", probe_token },
	{ "ticket", probe_ticket },
};

static int probe(struct credential_job *job, const char *what,
		 struct azf_error *err)
{
	const struct azf_kinit_request request = keytab_request(job);

	if (credential_has_keytab(job) && azf_krb_is_probe(what))
		return credential_probe_keytab(&request, what, job->deadline_ms,
					       &job->found, err);
	for (size_t i = 0; i < AZF_ARRAY_SIZE(probes); i++) {
		if (azf_streq(probes[i].name, what))
			return probes[i].run(job, err);
	}
	return credential_bad_request(err, "wants a probe that there is not");
}

/* For one host, once all is prepared. */
static int work(struct credential_job *job, struct azf_krbcred *ret_krbcred,
		struct azf_error *err)
{
	const char *what = azf_fields_get(&job->request, "probe");

	if (azf_fields_get(&job->request, "forget")) {
		const struct azf_token_source source = source_of(job);

		azf_token_forget(&source);
		return 0;
	}
	if (!job->http && !credential_has_keytab(job))
		job->http = azf_http_new(&job->config);
	if (!job->token)
		job->token = azf_secret_alloc(sizeof(*job->token));
	if (!job->token || (!job->http && !credential_has_keytab(job)))
		return azf_no_memory(err);
	return what ? probe(job, what, err) : get_ticket(job, ret_krbcred, err);
}

/* Return: 0, or that of the answer that could not be written. */
static int answer(struct credential_job *job, bool prepared,
		  struct azf_error *err)
{
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };

	if (prepared)
		(void)work(job, &krbcred, err);
	return credential_answer(job, &krbcred, err);
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

static int print_version(void)
{
	(void)printf("azfiles-credential (azfiles) %s\n", AZF_VERSION);
	return fflush(stdout) ? EXIT_BROKEN : 0;
}

/* Return: -1 to go on, or an exit status. */
static int read_arguments(int argc, char **argv)
{
	int letter;

	opterr = 0;
	letter = getopt(argc, argv, "hV");
	if (letter == 'h')
		return print_help();
	if (letter == 'V')
		return print_version();
	if (letter == -1 && optind == argc)
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
	azf_cleanup(free_job) struct credential_job job = {
		.inputs = { .program = -1, .lock = -1, .arc_tokens = -1 },
		.keytab = { .fd = -1 },
	};
	struct azf_error err = { 0 };
	bool prepared = prepare(&job, &err) == 0;
	int r;

	if (prepared)
		azf_inputs_enclose(&job.inputs, &job.config);
	do {
		r = answer(&job, prepared, &err);
		err = (struct azf_error){ 0 };
	} while (r == 0 && prepared && credential_next_host(&job));
	return r ? EXIT_BROKEN : 0;
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
