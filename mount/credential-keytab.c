// SPDX-License-Identifier: MIT
/* credential-keytab.c - a keytab's ticket, or an answer in time. */
#include "credential-keytab.h"

#include "azf-private.h"
#include "krb-probe.h"

#include <signal.h>

const char *credential_keytab_path(const struct azf_fields *request)
{
	const char *path = azf_fields_get(request, "keytab");

	return path ? path : AZF_KEYTAB_FILE;
}

/* What is answered when libkrb5 waits for a KDC for too long. */
static char late_answer[1024];
static size_t late_len;

static void answer_late(int number)
{
	(void)number;
	_exit(azf_write_all(STDOUT_FILENO, late_answer, late_len) ?
		      EXIT_FAILURE :
		      0);
}

static void set_alarm(const struct azf_kinit *kinit, const char *host,
		      int64_t deadline_ms)
{
	const struct sigaction action = { .sa_handler = answer_late };
	int64_t left_ms = deadline_ms - azf_now_ms();
	unsigned int seconds = left_ms < 1000 ? 1 : (unsigned)(left_ms / 1000);
	int len = snprintf(late_answer, sizeof(late_answer),
			   "result=fail\nhost=%s\ntransient=1\n"
			   "cause=no KDC of the realm %s answered within %u s\n"
			   "cure=Check that a domain controller is running, "
			   "and that this network lets UDP and TCP port 88 "
			   "through to it\n\n",
			   host, azf_kinit_realm(kinit), seconds);

	if (len < 0 || len >= (int)sizeof(late_answer))
		return;
	late_len = (size_t)len;
	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(seconds);
}

int credential_with_keytab(const struct azf_kinit_request *request,
			   int64_t deadline_ms, struct azf_krbcred *ret_krbcred,
			   int64_t *ret_skew, struct azf_error *err)
{
	azf_autokinit struct azf_kinit *kinit = NULL;
	int r = azf_kinit_open(request, &kinit, err);

	if (r)
		return r;
	set_alarm(kinit, request->host, deadline_ms);
	r = azf_kinit_get(kinit, ret_krbcred, ret_skew, err);
	(void)alarm(0);
	return r;
}

int credential_probe_keytab(const struct azf_kinit_request *request,
			    const char *what, int64_t deadline_ms,
			    struct azf_fields *found, struct azf_error *err)
{
	azf_autokinit struct azf_kinit *kinit = NULL;
	int r = azf_kinit_open(request, &kinit, err);

	if (r)
		return r;
	set_alarm(kinit, request->host, deadline_ms);
	r = azf_krb_probe(kinit, what, found, err);
	(void)alarm(0);
	return r;
}
