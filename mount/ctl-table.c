// SPDX-License-Identifier: MIT
/* ctl-table.c - tables and texts for people, never wider than a page. */
#include "ctl-table.h"

#include <errno.h>
#include <locale.h>
#include <time.h>

/* Between two columns. */
#define GAP 2

/* What is cut out of the middle of a text; it keeps some on both sides. */
#define CUT	   "..."
#define CUT_WIDTH  (sizeof(CUT) - 1)
#define LEAST	   9
#define HEAD_LEAST 6

/* Of the second and later lines of a text. */
#define INDENT 2

/* ---- cleaning ---- */

/* What the terminal takes depends on the locale: the user's, not that of C. */
static void use_locale(void)
{
	static bool done;

	if (!done)
		(void)setlocale(LC_CTYPE, "");
	done = true;
}

/*
 * Not only control characters: what has no width of its own can make a text
 * look like another.
 */
static wchar_t *clean(const char *text)
{
	size_t left = strlen(text), len = 0;
	wchar_t *wide = calloc(left + 1, sizeof(*wide));
	mbstate_t state = { 0 };

	use_locale();
	while (wide && left) {
		size_t n = mbrtowc(&wide[len], text, left, &state);

		if (n == 0 || n > left) {
			state = (mbstate_t){ 0 };
			wide[len] = L'?';
			n = 1;
		}
		if (wcwidth(wide[len]) < 1)
			wide[len] = L'?';
		len++;
		text += n;
		left -= n;
	}
	if (wide)
		wide[len] = L'\0';
	return wide;
}

static size_t width_of(const wchar_t *text)
{
	int width = wcswidth(text, wcslen(text));

	return width > 0 ? (size_t)width : 0;
}

/* ---- filling ---- */

void ctl_table_free(struct ctl_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	table->cells = NULL;
	table->count = 0;
}

void ctl_table_add(struct ctl_table *table, enum ctl_colour colour,
		   const char *text)
{
	struct ctl_cell *cells = reallocarray(table->cells, table->count + 1,
					      sizeof(*cells));

	if (!cells) {
		table->failed = true;
		return;
	}
	table->cells = cells;
	cells[table->count] = (struct ctl_cell){ clean(text), colour };
	if (cells[table->count].text)
		table->count++;
	else
		table->failed = true;
}

/* ---- printing ---- */

struct layout {
	size_t columns;
	size_t widths[CTL_TABLE_COLUMNS_MAX];
	bool colours;
};

static void widen(size_t *width, size_t wanted)
{
	if (*width < wanted)
		*width = wanted;
}

/* The widest of the columns that may shrink, or NULL. */
static size_t *find_victim(const struct ctl_table *table, struct layout *layout)
{
	size_t *victim = NULL;

	for (size_t i = 0; i < layout->columns; i++) {
		if (table->columns[i].shrinks && layout->widths[i] > LEAST &&
		    (!victim || layout->widths[i] > *victim))
			victim = &layout->widths[i];
	}
	return victim;
}

/* The column of the next cell. */
static size_t next(const struct layout *layout, size_t column)
{
	return column + 1 < layout->columns ? column + 1 : 0;
}

static void lay_out(const struct ctl_table *table, struct layout *layout)
{
	const char *terminal = getenv("TERM");
	const char *no_colour = getenv("NO_COLOR");
	size_t total = 0, column = 0;

	layout->colours = isatty(STDOUT_FILENO) &&
			  !(no_colour && no_colour[0]) &&
			  !(terminal && azf_streq(terminal, "dumb"));
	while (layout->columns < CTL_TABLE_COLUMNS_MAX &&
	       table->columns[layout->columns].title) {
		widen(&layout->widths[layout->columns],
		      strlen(table->columns[layout->columns].title));
		layout->columns++;
	}
	for (size_t i = 0; i < table->count; i++) {
		widen(&layout->widths[column], width_of(table->cells[i].text));
		column = next(layout, column);
	}
	for (size_t i = 0; i < layout->columns; i++)
		total += layout->widths[i] + (i ? GAP : 0);
	for (; total > CTL_TABLE_WIDTH; total--) {
		size_t *victim = find_victim(table, layout);

		if (!victim)
			return;
		(*victim)--;
	}
}

/* As much of the text as fits, from its beginning or up to its end. */
static const wchar_t *cut(const wchar_t *text, size_t width, bool end,
			  size_t *ret_len)
{
	size_t len = wcslen(text), used = 0, n = 0;

	for (; n < len; n++) {
		int w = wcwidth(end ? text[len - n - 1] : text[n]);

		if (used + (size_t)w > width)
			break;
		used += (size_t)w;
	}
	*ret_len = n;
	return end ? text + len - n : text;
}

/* The precision of %ls counts bytes. */
static void print_some(const wchar_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		(void)printf("%lc", (wint_t)text[i]);
}

/* What stays at the end: of a path its last part, if that leaves some head. */
static size_t end_width(const wchar_t *text, size_t width)
{
	const wchar_t *slash = wcsrchr(text, L'/');
	size_t end = slash ? width_of(slash) : width;

	return end + CUT_WIDTH + HEAD_LEAST <= width ? end :
						       (width - CUT_WIDTH) / 2;
}

/* Return: the width of what was printed. */
static size_t print_cut(const wchar_t *text, size_t width)
{
	size_t kept = end_width(text, width), head, tail;
	const wchar_t *begin, *end;

	if (width_of(text) <= width) {
		(void)printf("%ls", text);
		return width_of(text);
	}
	begin = cut(text, width - CUT_WIDTH - kept, false, &head);
	end = cut(text, kept, true, &tail);
	print_some(begin, head);
	(void)printf("%s%ls", CUT, end);
	return (size_t)wcswidth(begin, head) + CUT_WIDTH + width_of(end);
}

static void print_cell(const struct layout *layout, size_t column,
		       const struct ctl_cell *cell)
{
	static const char *const colours[] = {
		[CTL_PLAIN] = "",
		[CTL_GOOD] = "\033[32m",
		[CTL_WARNING] = "\033[33m",
		[CTL_BAD] = "\033[31m",
	};
	bool coloured = layout->colours && cell->colour != CTL_PLAIN;
	size_t used;

	if (coloured)
		(void)fputs(colours[cell->colour], stdout);
	used = print_cut(cell->text, layout->widths[column]);
	if (coloured)
		(void)fputs("\033[0m", stdout);
	/* no blanks at the end of a line */
	if (column + 1 == layout->columns)
		(void)putchar('\n');
	else
		(void)printf("%*s", (int)(layout->widths[column] - used + GAP),
			     "");
}

int ctl_table_print(const struct ctl_table *table)
{
	struct layout layout = { 0 };
	size_t column = 0;

	if (table->failed)
		return -ENOMEM;
	lay_out(table, &layout);
	for (size_t i = 0; i < layout.columns; i++) {
		if (i + 1 == layout.columns)
			(void)printf("%s\n", table->columns[i].title);
		else
			(void)printf("%-*s", (int)(layout.widths[i] + GAP),
				     table->columns[i].title);
	}
	for (size_t i = 0; i < table->count; i++) {
		print_cell(&layout, column, &table->cells[i]);
		column = next(&layout, column);
	}
	return 0;
}

int ctl_print_text(const char *text)
{
	azf_autofree wchar_t *wide = clean(text);
	const wchar_t *at = wide;
	size_t indent = 0;

	if (!wide)
		return -ENOMEM;
	while (*at) {
		size_t len, end;

		(void)cut(at, CTL_TABLE_WIDTH - indent, false, &len);
		end = len;
		/* at a blank, if there is one */
		while (at[len] && end && at[end] != L' ')
			end--;
		end = end ? end : len;
		(void)printf("%*s", (int)indent, "");
		print_some(at, end);
		(void)printf("\n");
		at += end + (at[end] == L' ');
		indent = INDENT;
	}
	return 0;
}

const char *ctl_when(int64_t seconds, char text[CTL_WHEN_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;
	size_t len;

	if (!localtime_r(&t, &tm))
		return "?";
	len = strftime(text, CTL_WHEN_MAX - 1, "%Y-%m-%dT%H:%M:%S%z", &tm);
	/* strftime() leaves the colon of the zone out */
	if (len < 2)
		return "?";
	memmove(text + len - 1, text + len - 2, 3);
	text[len - 2] = ':';
	return text;
}
