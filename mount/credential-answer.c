// SPDX-License-Identifier: MIT
/* credential-answer.c - what azfiles-credential answers. */
#include "credential-job.h"

#include "wipe.h"

#include <errno.h>

/* A clock that differs by less does no harm. */
#define SKEW_SHOWN_S 60

static int describe(const struct credential_job *job,
		    const struct azf_krbcred *krbcred,
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
static int add_remarks(const struct credential_job *job,
		       struct azf_fields *fields)
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

int credential_answer(const struct credential_job *job,
		      const struct azf_krbcred *krbcred,
		      const struct azf_error *err)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	int r = err->code ? describe_failure(err, &fields) :
			    describe(job, krbcred, &fields);
	char *text;
	size_t len;

	if (r == 0)
		r = azf_fields_set(&fields, "host", job->host);
	if (r == 0 && krbcred->ccache_len)
		r = azf_fields_set_number(&fields, "length",
					  (int64_t)krbcred->ccache_len);
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
	/* the empty line, in place of the NUL */
	text[len] = '\n';
	r = azf_write_all(STDOUT_FILENO, text, len + 1);
	azf_wipe_free(text);
	return r ? r :
		   azf_write_all(STDOUT_FILENO, krbcred->ccache,
				 krbcred->ccache_len);
}
