// SPDX-License-Identifier: MIT
/* credential-request.c - what azfiles-credential is asked for. */
#include "credential-job.h"

#include "state.h"

#include <errno.h>
#include <poll.h>

#define REQUEST_MAX	 65536
#define DEFAULT_DEADLINE 60

/* Who asks for tickets one after the other is not away for longer. */
#define IDLE_MS 20000

/* All that has come so far; up to @used it has been understood. */
static struct {
	char text[REQUEST_MAX + 1];
	size_t len;
	size_t used;
} input;

int credential_bad_request(struct azf_error *err, const char *what)
{
	return azf_fail(err, AZF_E_USAGE, "the request %s", what);
}

bool credential_has_keytab(const struct credential_job *job)
{
	return azf_streq(azf_fields_get(&job->request, "identity"), "keytab");
}

/* Return: bytes that came, 0 at the end, or an errno negated. */
static ssize_t read_on(void)
{
	ssize_t n;

	do {
		n = input.len < REQUEST_MAX ?
			    read(STDIN_FILENO, input.text + input.len,
				 REQUEST_MAX - input.len) :
			    read(STDIN_FILENO, input.text + input.len, 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n && input.len == REQUEST_MAX)
		return -EFBIG;
	input.len += (size_t)n;
	return n;
}

static void start_clock(struct credential_job *job)
{
	job->deadline_ms = azf_now_ms() + job->patience_ms;
}

static int check_request(struct credential_job *job, struct azf_error *err)
{
	uint64_t seconds = DEFAULT_DEADLINE;

	job->host = azf_fields_get(&job->request, "host");
	if (job->host && !azf_state_is_name(job->host))
		job->host = NULL;
	if (!job->host)
		return credential_bad_request(err, "names no host");
	if (!azf_fields_get(&job->request, "identity"))
		return credential_bad_request(err, "names no identity");
	if (azf_fields_get(&job->request, "deadline") &&
	    !(azf_fields_number(&job->request, "deadline", &seconds) &&
	      seconds >= 1 && seconds <= 3600))
		return credential_bad_request(
			err, "has a deadline that is no number of seconds");
	job->patience_ms = (int64_t)seconds * 1000;
	start_clock(job);
	return 0;
}

int credential_read_request(struct credential_job *job, struct azf_error *err)
{
	const char *blank;
	size_t fields;
	ssize_t n = 1;

	while (!(blank = memmem(input.text, input.len, "\n\n", 2)) && n > 0)
		n = read_on();
	fields = blank ? (size_t)(blank - input.text) + 1 : input.len;
	if (n >= 0 && azf_fields_parse(input.text, fields, &job->request, NULL))
		return credential_bad_request(err, "is not KEY=VALUE lines");
	job->more = azf_fields_get(&job->request, "more") != NULL;
	input.used = blank ? fields + 1 : input.len;
	while (n > 0 && !(blank && job->more))
		n = read_on();
	if (n < 0)
		return credential_bad_request(
			err, n == -EFBIG ? "is too long" : "cannot be read");
	if (blank && !job->more) {
		job->given = input.text + input.used;
		job->given_len = input.len - input.used;
	}
	return check_request(job, err);
}

int credential_take_timeouts(struct credential_job *job, struct azf_error *err)
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
			return credential_bad_request(
				err, "has a time-out that is no "
				     "number of seconds");
		*rows[i].seconds = (unsigned int)seconds;
	}
	return 0;
}

/* Return: whether there is something to read, or the end, in time. */
static bool wait_for_more(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, IDLE_MS) > 0;
}

bool credential_next_host(struct credential_job *job)
{
	const char *name = input.text + input.used;
	char *end = NULL;

	while (job->more &&
	       !(end = memchr(name, '\n', input.len - input.used))) {
		if (!wait_for_more() || read_on() <= 0)
			return false;
	}
	if (!end)
		return false;
	*end = '\0';
	input.used = (size_t)(end + 1 - input.text);
	if (!azf_state_is_name(name) ||
	    azf_fields_set(&job->request, "host", name))
		return false;
	job->host = azf_fields_get(&job->request, "host");
	start_clock(job);
	return true;
}
