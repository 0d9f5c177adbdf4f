// SPDX-License-Identifier: MIT
/*
 * azfiles.upcall.c - answers the kernel's question for a Kerberos session.
 *
 * cifs asks whenever it sets up a session: at a mount, and in the middle of the
 * night when the server was restarted. request-key runs us as root, with
 * nobody to talk to but the system log. We answer for the machine's identities,
 * and only to root's own mounts; for users of mounts of ours with the tickets
 * that are theirs; every other question is cifs.upcall's.
 */
#include "azf-private.h"
#include "begin.h"
#include "caches.h"
#include "keyring.h"
#include "secret.h"
#include "source.h"
#include "spnego.h"
#include "ticket.h"
#include "upcall.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#ifndef AZF_CIFS_UPCALL
#define AZF_CIFS_UPCALL "/usr/sbin/cifs.upcall"
#endif

/*
 * ENOKEY is the one error that the kernel remembers, and with it the processes
 * that wait for a session do not come back before these seconds are over. With
 * any other they ask several times a second.
 */
#define REJECT_ERROR   ENOKEY
#define REJECT_SECONDS 10

/* Getting a ticket takes a minute at most; nothing may hang for ever. */
#define LIMIT_SECONDS	90
/* A process waits for us inside the kernel: not for longer than need be. */
#define RENEWAL_SECONDS 30

/* What cifs expects in the key: fs/smb/client/cifs_spnego.h. */
#define PAYLOAD_VERSION 2
struct payload {
	uint32_t version;
	uint32_t flags;
	uint32_t key_len;
	uint32_t token_len;
	unsigned char data[];
};

/* For the one thing that a signal handler may do. */
static volatile sig_atomic_t pending;

static void free_question(struct question *question)
{
	azf_state_close(&question->state);
	free(question->host);
}

static void out_of_time(int number)
{
	(void)number;
	/* nothing else may be called here, not even syslog() */
	_exit(azf_keyring_reject(pending, REJECT_ERROR, REJECT_SECONDS) ?
		      EXIT_FAILURE + 1 :
		      EXIT_FAILURE);
}

/*
 * No core, no ptrace, nothing from an environment that libraries would heed,
 * and an end whatever happens.
 */
static void harden(int32_t key)
{
	const struct sigaction action = { .sa_handler = out_of_time };

	(void)clearenv();
	(void)umask(077);
	pending = key;
	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(LIMIT_SECONDS);
}

/* The host and the user name are what somebody typed. */
void upcall_say(const struct question *question, int priority, const char *text)
{
	char line[1400];

	(void)snprintf(line, sizeof(line), "%s%s%s%s%s", question->desc.host,
		       question->desc.user[0] ? " as " : "",
		       question->desc.user, question->desc.host[0] ? ": " : "",
		       text);
	azf_printable(line);
	syslog(priority, "%s", line);
}

static void remark(void *arg, enum azf_level level, const char *text)
{
	const struct question *question = arg;

	if (level == AZF_DEBUG || question->quiet)
		return;
	upcall_say(question, level == AZF_WARN ? LOG_WARNING : LOG_INFO, text);
}

void upcall_say_error(const struct question *question,
		      const struct azf_error *err)
{
	char text[sizeof(err->cause) + sizeof(err->cure) + 4];

	(void)snprintf(text, sizeof(text), "%s%s%s", err->cause,
		       err->cure[0] ? ". " : "", err->cure);
	upcall_say(question, LOG_ERR, text);
}

void upcall_reject(const struct question *question)
{
	int r = azf_keyring_reject(question->key, REJECT_ERROR, REJECT_SECONDS);

	if (r)
		syslog(LOG_ERR, "cannot reject key %d: %s", question->key,
		       strerror(-r));
}

/* Return: the exit status. */
static int reject(const struct question *question, const struct azf_error *err)
{
	if (!question->quiet)
		upcall_say_error(question, err);
	upcall_reject(question);
	return EXIT_FAILURE;
}

/* Hand over the answer; the lengths have to be exact, nobody checks them. */
int upcall_instantiate(const struct question *question,
		       const struct azf_spnego *answer, struct azf_error *err)
{
	size_t size = sizeof(struct payload) + answer->key_len +
		      answer->token_len;
	struct payload *payload = azf_secret_alloc(size);
	int r;

	if (!payload)
		return azf_no_memory(err);
	payload->version = PAYLOAD_VERSION;
	payload->key_len = (uint32_t)answer->key_len;
	payload->token_len = (uint32_t)answer->token_len;
	memcpy(payload->data, answer->key, answer->key_len);
	memcpy(payload->data + answer->key_len, answer->token,
	       answer->token_len);
	r = azf_keyring_instantiate(question->key, payload, size);
	azf_secret_release(payload, size);
	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"the kernel does not take the answer: %s",
				strerror(-r));
	return 0;
}

/* Return: the exit status. */
static int answer_with(const struct question *question, int ccache_fd,
		       const char *server)
{
	const struct azf_spnego_request request = {
		.ccache_fd = ccache_fd,
		.server = server,
		.host = question->host,
		.timeout_ms = UPCALL_GSS_MS,
	};
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };
	int r;

	r = azf_spnego_make(&request, &answer, &err);
	if (r == 0)
		r = upcall_instantiate(question, answer, &err);
	azf_spnego_release(answer);
	return r ? reject(question, &err) : EXIT_SUCCESS;
}

/* From the ticket of the machine's identity, renewed if it is time. */
static int answer_as_machine(struct question *question)
{
	const struct azf_log log = { remark, question };
	azf_autofields struct azf_fields ticket = { .count = 0 };
	azf_autoclose int fd = -1;
	struct azf_error err = { 0 };
	const char *server;

	/* then what follows was in the log when it happened */
	question->quiet = azf_ticket_failure(&question->state,
					     AZF_TICKET_UNLESS_FAILED,
					     &err) != 0;
	if (azf_ticket_ensure(&question->state, AZF_TICKET_UNLESS_FAILED,
			      RENEWAL_SECONDS, &log, &err))
		return reject(question, &err);
	question->quiet = false;
	fd = openat(question->state.fd, "ccache",
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || azf_state_read(&question->state, "ticket", &ticket) ||
	    !(server = azf_fields_get(&ticket, "server"))) {
		azf_fail(&err, AZF_E_MOUNT, "the ticket in %s is incomplete",
			 question->state.path);
		azf_cure(&err, "Remove that directory and mount the share "
			       "again");
		return reject(question, &err);
	}
	return answer_with(question, fd, server);
}

/* Questions that are not ours are answered as if we were not there. */
static int pass_on(const struct question *question)
{
	char number[16];
	char name[] = "cifs.upcall", home[] = "HOME=/";
	char path[] = "PATH=/sbin:/bin:/usr/sbin:/usr/bin";
	char *const arguments[] = { name, number, NULL };
	char *const environment[] = { home, path, NULL };
	struct azf_error err = { 0 };

	if (question->host && upcall_answered_from_cache(question))
		return EXIT_SUCCESS;
	(void)snprintf(number, sizeof(number), "%d", question->key);
	(void)alarm(0);
	(void)execve(AZF_CIFS_UPCALL, arguments, environment);
	(void)alarm(LIMIT_SECONDS);
	if (question->host)
		return upcall_answer_as_user(question, false);
	azf_fail(&err, AZF_E_MOUNT, "the kernel's question is not understood");
	azf_cure(&err, "Use a host and a user name without semicolons");
	return reject(question, &err);
}

/* Without a host the question is not understood. */
static void understand(struct question *question)
{
	struct azf_keydesc *desc = &question->desc;

	if (azf_keydesc_parse(question->text, desc) ||
	    (!azf_streq(desc->sec, "krb5") && !azf_streq(desc->sec, "mskrb5")))
		return;
	question->host = azf_source_canonical_host(desc->host);
}

static int find_host(void *arg, const char *host, const char *tag)
{
	(void)tag;
	return azf_streq(arg, host);
}

/*
 * Newer kernels leave the name out when a user of a multiuser mount asks: then
 * it is about a mount of ours if we have tickets for that host.
 */
static bool is_of_ours(const struct question *question)
{
	return question->desc.creduid != 0 && !question->desc.user[0] &&
	       azf_state_visit(find_host, question->host) > 0;
}

static bool is_users_own(const struct question *question)
{
	azf_autofields struct azf_fields credential = { .count = 0 };

	return azf_state_read(&question->state, "credential", &credential) ==
		       0 &&
	       azf_ticket_is_users(&credential);
}

/*
 * On a multiuser mount creduid is whoever touches the share. The machine's
 * identity is for root, who mounted it: given to others, it would lend them
 * what the machine may do.
 */
static int decide(struct question *question)
{
	const struct azf_keydesc *desc = &question->desc;
	struct azf_error err = { 0 };
	int r = -ENOENT;

	understand(question);
	if (!question->host)
		return pass_on(question);
	if (azf_state_is_name(desc->user))
		r = azf_state_open(question->host, desc->user, false,
				   &question->state);
	if (r == -ENOENT || r == -EINVAL)
		return is_of_ours(question) ?
			       upcall_answer_as_user(question, true) :
			       pass_on(question);
	if (r) {
		azf_fail(&err, AZF_E_SYSTEM,
			 "cannot use " AZF_RUN_DIR "/%s/%s: %s", question->host,
			 desc->user, strerror(-r));
		azf_cure(&err, "It must belong to root, and nobody else may "
			       "write to it");
		return reject(question, &err);
	}
	if (desc->creduid != 0 || is_users_own(question))
		return upcall_answer_as_user(question, true);
	return answer_as_machine(question);
}

static int run(int32_t key)
{
	azf_cleanup(free_question) struct question question = {
		.key = key,
		.state = { .fd = -1 },
	};
	ssize_t len;

	harden(key);
	openlog("azfiles.upcall", LOG_PID, LOG_DAEMON);
	len = azf_keyring_describe(key, question.text, sizeof(question.text));
	if (len < 0) {
		syslog(LOG_ERR,
		       "cannot read key %d: %s. Only request-key is "
		       "to run azfiles.upcall",
		       key, strerror((int)-len));
		return EXIT_FAILURE;
	}
	return decide(&question);
}

/* For "azfilesctl whoami", which does not load libkrb5. */
static int print_own(const char *cache)
{
	struct azf_caches caches;

	if (cache)
		(void)setenv("KRB5CCNAME", cache, 1);
	azf_caches_look("", time(NULL), &caches);
	if (caches.client[0])
		(void)printf("principal=%s\nexpires=%lld\n", caches.client,
			     (long long)caches.expires);
	else if (caches.foreign)
		(void)printf("cause=%s belongs to another user\n"
			     "cure=Remove it and run kinit\n",
			     caches.name);
	else
		(void)printf("cause=there are no tickets of yours in %s\n"
			     "cure=Run kinit\n",
			     caches.name);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_help(void)
{
	(void)printf("Usage: azfiles.upcall KEY\n"
		     "Answer the kernel's question for a Kerberos session. "
		     "request-key runs it.\n\n"
		     "  -h  print this help\n"
		     "  -V  print the version\n"
		     "  -w  print whose tickets you have yourself\n");
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_version(void)
{
	(void)printf("azfiles.upcall (azfiles) %s\n", AZF_VERSION);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	uint64_t key;
	int letter;

	azf_begin();
	opterr = 0;
	letter = getopt(argc, argv, "hVw");
	if (letter == 'h')
		return print_help();
	if (letter == 'V')
		return print_version();
	if (letter == 'w' && argc - optind <= 1)
		return print_own(argv[optind]);
	if (letter != -1 || argc - optind != 1 ||
	    !azf_parse_uint(argv[optind], 1, INT32_MAX, &key)) {
		(void)fprintf(stderr, "azfiles.upcall: it takes the number of "
				      "a key. 'azfiles.upcall -h' shows how to "
				      "call it\n");
		return EXIT_FAILURE;
	}
	return run((int32_t)key);
}
