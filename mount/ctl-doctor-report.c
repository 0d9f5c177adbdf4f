// SPDX-License-Identifier: MIT
/* ctl-doctor-report.c - what checks of "doctor" say, for people or as JSON. */
#include "ctl-doctor.h"
#include "ctl.h"
#include "json.h"

#include <stdarg.h>
#include <time.h>

#define WIDTH  100
#define INDENT 6

struct level {
	const char *word;
	const char *shown;
	const char *colour;
};

static const struct level levels[DOCTOR_LEVELS] = {
	[DOCTOR_OK] = { "ok", "ok", "\033[32m" },
	[DOCTOR_SKIP] = { "skip", "skip", "\033[2m" },
	[DOCTOR_WARN] = { "warn", "warn", "\033[33m" },
	[DOCTOR_FAIL] = { "fail", "FAIL", "\033[1;31m" },
};

/* ---- what a check says ---- */

/* A text and its NUL behind what is there; all of it or nothing. */
static AZF_PRINTF(2, 0) void add(struct doctor_report *report, const char *fmt,
				 va_list args)
{
	size_t left = sizeof(report->text) - report->len;
	char *text = report->text + report->len;
	int len = vsnprintf(text, left, fmt, args);

	/* room for the NUL of an empty cure, too */
	report->full |= len < 0 || (size_t)len + 2 > left;
	if (report->full)
		return;
	azf_printable(text);
	report->len += (size_t)len + 1;
}

static AZF_PRINTF(3, 0) void find(struct doctor_report *report,
				  enum doctor_level level, const char *fmt,
				  va_list args)
{
	size_t before = report->len;

	report->full |= before + 2 >= sizeof(report->text);
	if (report->full)
		return;
	report->text[report->len++] = (char)level;
	add(report, fmt, args);
	if (report->full)
		report->len = before;
	else
		report->text[report->len++] = '\0';
}

#define FINDING(name, level)                                                   \
	void doctor_##name(struct doctor_report *report, const char *fmt, ...) \
	{                                                                      \
		va_list args;                                                  \
                                                                               \
		va_start(args, fmt);                                           \
		find(report, level, fmt, args);                                \
		va_end(args);                                                  \
	}

FINDING(ok, DOCTOR_OK)
FINDING(skip, DOCTOR_SKIP)
FINDING(warn, DOCTOR_WARN)
FINDING(fail, DOCTOR_FAIL)

/* In the place of the empty one, the last NUL. */
void doctor_cure(struct doctor_report *report, const char *fmt, ...)
{
	va_list args;

	if (report->full || report->len == 0)
		return;
	report->len--;
	va_start(args, fmt);
	add(report, fmt, args);
	va_end(args);
	if (report->full)
		report->text[report->len++] = '\0';
}

void doctor_error(struct doctor_report *report, enum doctor_level level,
		  const struct azf_error *err)
{
	if (level == DOCTOR_FAIL)
		doctor_fail(report, "%s", err->cause);
	else if (level == DOCTOR_WARN)
		doctor_warn(report, "%s", err->cause);
	else
		doctor_skip(report, "%s", err->cause);
	if (err->cure[0])
		doctor_cure(report, "%s", err->cure);
}

bool doctor_needs_root(struct doctor_report *report,
		       const struct doctor_subject *subject, const char *what)
{
	if (subject->machine->root)
		return false;
	doctor_skip(report, "only root can look at %s", what);
	doctor_cure(report, "Run it with sudo");
	return true;
}

/* ---- for people ---- */

/* Words, from column @column on, further lines indented. */
static void wrap(const char *text, int column, int indent)
{
	bool first = true;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		int len = (int)strcspn(text, " ");

		if (!first && column + 1 + len > WIDTH) {
			(void)printf("\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			(void)putchar(' ');
			column++;
		}
		(void)printf("%.*s", len, text);
		column += len;
		text += len;
		first = false;
	}
	(void)putchar('\n');
}

static void print_finding(const struct doctor_output *output,
			  const struct doctor_check *check,
			  const struct level *level, const char *cause,
			  const char *cure)
{
	(void)printf("%s%-4s%s  ", output->colour ? level->colour : "",
		     level->shown, output->colour ? "\033[0m" : "");
	(void)printf("%s: ", check->title);
	wrap(cause, INDENT + (int)strlen(check->title) + 2, INDENT + 2);
	if (cure[0]) {
		(void)printf("%*s", INDENT, "");
		wrap(cure, INDENT, INDENT);
	}
	(void)fflush(stdout);
}

void doctor_print_subject(const struct doctor_output *output,
			  const struct doctor_subject *subject)
{
	if (output->json)
		return;
	if (!subject->source) {
		(void)printf("This machine:\n");
	} else {
		(void)putchar('\n');
		ctl_print(stdout, "%s%s%s:", subject->source,
			  subject->target ? " on " : "",
			  subject->target ? subject->target : "");
	}
	(void)fflush(stdout);
}

void doctor_progress(const struct doctor_output *output,
		     const struct doctor_check *check)
{
	if (!output->progress)
		return;
	if (check)
		(void)fprintf(stderr, "\r\033[K... %s", check->title);
	else
		(void)fprintf(stderr, "\r\033[K");
	(void)fflush(stderr);
}

/* ---- JSON ---- */

static void add_finding(struct doctor_output *output,
			const struct doctor_check *check,
			const struct doctor_subject *subject,
			const struct level *level, const char *const *texts,
			int64_t took_ms)
{
	struct azf_json *finding = azf_json_new();
	bool fine = finding != NULL;

	fine = fine && azf_json_add_string(finding, "check", check->name) &&
	       azf_json_add_string(finding, "source", subject->source) &&
	       azf_json_add_string(finding, "target", subject->target) &&
	       azf_json_add_string(finding, "level", level->word) &&
	       azf_json_add_string(finding, "cause", texts[0]) &&
	       azf_json_add_string(finding, "cure",
				   texts[1][0] ? texts[1] : NULL) &&
	       azf_json_add_number(finding, "took_ms", took_ms);
	if (!azf_json_append(output->json, finding) || !fine)
		output->failed = true;
}

/* ---- both ---- */

void doctor_print_report(struct doctor_output *output,
			 const struct doctor_check *check,
			 const struct doctor_subject *subject,
			 const struct doctor_report *report, int64_t took_ms)
{
	const char *p = report->text;

	while (p < report->text + report->len) {
		const struct level *level = &levels[(unsigned char)*p];
		const char *cause = p + 1;
		const char *cure = cause + strlen(cause) + 1;
		const char *const texts[] = { cause, cure };

		output->counts[(unsigned char)*p]++;
		if (output->json)
			add_finding(output, check, subject, level, texts,
				    took_ms);
		else
			print_finding(output, check, level, cause, cure);
		p = cure + strlen(cure) + 1;
	}
}

static bool print_json(struct doctor_output *output)
{
	struct azf_json *summary = azf_json_new();
	azf_autojson struct azf_json *all = azf_json_new();
	azf_autofree char *text = NULL;
	bool fine = !output->failed;

	for (size_t i = 0; i < DOCTOR_LEVELS; i++)
		fine &= azf_json_add_number(summary, levels[i].word,
					    output->counts[i]);
	fine &= azf_json_add(all, "findings", azf_take(output->json));
	fine &= azf_json_add(all, "summary", summary);
	if (fine)
		text = azf_json_print(all);
	if (!text)
		return false;
	return puts(text) >= 0 && fflush(stdout) == 0;
}

bool doctor_print_summary(struct doctor_output *output)
{
	const unsigned int *counts = output->counts;

	if (output->json)
		return print_json(output);
	(void)printf("\n%u ok, %u %s, %u %s, %u skipped\n", counts[DOCTOR_OK],
		     counts[DOCTOR_FAIL],
		     counts[DOCTOR_FAIL] == 1 ? "failure" : "failures",
		     counts[DOCTOR_WARN],
		     counts[DOCTOR_WARN] == 1 ? "warning" : "warnings",
		     counts[DOCTOR_SKIP]);
	return fflush(stdout) == 0;
}

void doctor_show_time(uint64_t seconds, char *text, size_t size)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&when, &tm) ||
	    !strftime(text, size, "%Y-%m-%d %H:%M UTC", &tm))
		(void)snprintf(text, size, "an unknown time");
}
