// SPDX-License-Identifier: MIT
/* when.c - points in time, as services write them. */
#include "when.h"

#include <ctype.h>
#include <time.h>

#define FRACTION_MAX 7

/*
 * strptime() takes blanks and short numbers where we want neither: the form is
 * compared first, '0' standing for any digit.
 */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++) {
		bool fits = *form == '0' ? isdigit((unsigned char)*text) != 0 :
					   *text == *form;

		if (!fits)
			return false;
	}
	return true;
}

/* Return: what stands behind the time, or NULL. */
static const char *take(const char *text, const char *form, const char *format,
			int64_t *ret_epoch)
{
	struct tm tm = { 0 };
	const char *end;
	int day;

	if (!has_form(text, form))
		return NULL;
	end = strptime(text, format, &tm);
	if (end != text + strlen(form))
		return NULL;
	day = tm.tm_mday;
	*ret_epoch = timegm(&tm);
	/* timegm() makes the 3rd of March of the 31st of February */
	return tm.tm_mday == day ? end : NULL;
}

/* Return: whether @text is a time zone and nothing else. */
static bool take_zone(const char *text, int64_t *epoch)
{
	int hours, minutes, seconds;

	if (azf_streq(text, "Z"))
		return true;
	if ((text[0] != '+' && text[0] != '-') ||
	    !has_form(text + 1, "00:00") || text[6] != '\0')
		return false;
	hours = (text[1] - '0') * 10 + text[2] - '0';
	minutes = (text[4] - '0') * 10 + text[5] - '0';
	if (hours > 23 || minutes > 59)
		return false;
	seconds = hours * 3600 + minutes * 60;
	*epoch += text[0] == '+' ? -seconds : seconds;
	return true;
}

bool azf_when_rfc3339(const char *text, int64_t *ret_epoch)
{
	int64_t epoch;
	const char *p = take(text, "0000-00-00T00:00:00", "%Y-%m-%dT%H:%M:%S",
			     &epoch);

	if (!p)
		return false;
	if (*p == '.') {
		size_t digits = strspn(p + 1, "0123456789");

		if (digits > FRACTION_MAX)
			return false;
		p += 1 + digits;
	}
	if (!take_zone(p, &epoch))
		return false;
	*ret_epoch = epoch;
	return true;
}

bool azf_when_any(const char *text, int64_t *ret_epoch)
{
	int64_t epoch;
	uint64_t number;
	const char *p;

	if (azf_parse_uint(text, 0, INT64_MAX, &number)) {
		*ret_epoch = (int64_t)number;
		return true;
	}
	if (azf_when_rfc3339(text, ret_epoch))
		return true;
	p = take(text, "0000-00-00 00:00:00", "%Y-%m-%d %H:%M:%S", &epoch);
	if (p && *p == '\0') {
		*ret_epoch = epoch;
		return true;
	}
	p = take(text, "00/00/0000 00:00:00", "%m/%d/%Y %H:%M:%S", &epoch);
	if (!p || *p != ' ' || !take_zone(p + 1, &epoch))
		return false;
	*ret_epoch = epoch;
	return true;
}
