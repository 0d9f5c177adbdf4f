// SPDX-License-Identifier: MIT
/* retry.c - which failures pass, and how long to wait for it. */
#include "retry.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <time.h>

#define FIRST_PAUSE_MS	 500
#define LONGEST_PAUSE_MS 8000

void azf_retry_begin(struct azf_retry *retry, unsigned int seconds,
		     const volatile bool *interrupted)
{
	*retry = (struct azf_retry){
		.deadline_ms = azf_now_ms() + (int64_t)seconds * 1000,
		.pause_ms = FIRST_PAUSE_MS,
		.interrupted = interrupted,
	};
}

bool azf_retry_left(const struct azf_retry *retry)
{
	return azf_now_ms() < retry->deadline_ms;
}

bool azf_retry_pause(struct azf_retry *retry)
{
	int64_t left = retry->deadline_ms - azf_now_ms();
	int64_t pause = retry->pause_ms;
	struct timespec ts;

	pause += arc4random_uniform(retry->pause_ms / 2);
	pause -= retry->pause_ms / 4;
	if (pause > left)
		pause = left > 0 ? left : 0;
	retry->pause_ms *= 2;
	if (retry->pause_ms > LONGEST_PAUSE_MS)
		retry->pause_ms = LONGEST_PAUSE_MS;
	ts.tv_sec = pause / 1000;
	ts.tv_nsec = pause % 1000 * 1000000;
	while (!(retry->interrupted && *retry->interrupted)) {
		if (nanosleep(&ts, &ts) == 0)
			return true;
	}
	return false;
}

bool azf_errno_is_transient(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
	case ENETRESET:
	case ETIMEDOUT:
	case EINPROGRESS: /* how cifs reports a connection that timed out */
	case EAGAIN:
	case EINTR:
		return true;
	default:
		return false;
	}
}
