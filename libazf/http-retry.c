// SPDX-License-Identifier: MIT
/* http-retry.c - which answers are asked for again, and when. */
#include "http.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <time.h>

#define RETRY_AFTER_MAX_S 60
#define GONE_PAUSE_S	  10

static bool may_pass(const struct azf_http_schedule *schedule,
		     const struct azf_http_answer *answer)
{
	switch (answer->failure) {
	case AZF_HTTP_ANSWERED:
		break;
	case AZF_HTTP_NO_CONNECTION:
	case AZF_HTTP_SILENT:
	case AZF_HTTP_BROKEN:
		return true;
	default:
		return false;
	}
	switch (answer->status) {
	case 404:
	case 410:
		return schedule->metadata;
	case 408:
	case 429:
		return true;
	default:
		return answer->status >= 500;
	}
}

/* Return: milliseconds before request number @next, or -1 for no more. */
static int64_t pause_before(const struct azf_http_schedule *schedule,
			    size_t next, const struct azf_http_answer *answer)
{
	int64_t ms = next < schedule->count ?
			     (int64_t)schedule->pauses_s[next] * 1000 :
			     -1;
	int64_t after = answer->retry_after;

	if (answer->status == 410)
		ms = GONE_PAUSE_S * 1000;
	if (ms < 0)
		return -1;
	ms += arc4random_uniform((uint32_t)ms / 4 + 1) - ms / 8;
	if (after > RETRY_AFTER_MAX_S)
		after = RETRY_AFTER_MAX_S;
	/* never earlier than the service wants it */
	if (ms < after * 1000)
		ms = after * 1000 + arc4random_uniform(1000);
	return ms;
}

static void sleep_ms(int64_t ms)
{
	struct timespec ts = { .tv_sec = ms / 1000,
			       .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

const struct azf_http_answer *azf_http_send_patiently(
	struct azf_http *http, const struct azf_http_request *request,
	const struct azf_http_schedule *schedule, int64_t deadline_ms)
{
	for (size_t next = 0;; next++) {
		const struct azf_http_answer *answer =
			azf_http_send(http, request, deadline_ms);
		int64_t ms;

		if (!may_pass(schedule, answer))
			return answer;
		ms = pause_before(schedule, next, answer);
		if (ms < 0 || azf_now_ms() + ms >= deadline_ms)
			return answer;
		sleep_ms(ms);
	}
}
