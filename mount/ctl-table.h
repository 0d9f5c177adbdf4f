/* SPDX-License-Identifier: MIT */
/* ctl-table.h - tables and texts for people, never wider than a page. */
#ifndef AZF_CTL_TABLE_H
#define AZF_CTL_TABLE_H

#include "util.h"

#include <wchar.h>

/* In characters; also where the terminal has more. */
#define CTL_TABLE_WIDTH 100

#define CTL_TABLE_COLUMNS_MAX 10

/**
 * struct ctl_column - a column
 * @title: in the first line
 * @shrinks: what is too long for the page loses characters in its middle
 */
struct ctl_column {
	const char *title;
	bool shrinks;
};

/* Seen on a terminal, unless NO_COLOR is set. */
enum ctl_colour {
	CTL_PLAIN,
	CTL_GOOD,
	CTL_WARNING,
	CTL_BAD,
};

struct ctl_cell {
	wchar_t *text;
	enum ctl_colour colour;
};

/**
 * struct ctl_table - a table that is being filled
 * @columns: at most CTL_TABLE_COLUMNS_MAX; with less, behind the last is one
 *	without a title
 *
 * Starts as { .columns = … }, is filled by ctl_table_add() and freed by
 * ctl_table_free().
 */
struct ctl_table {
	const struct ctl_column *columns;
	struct ctl_cell *cells;
	size_t count;
	bool failed;
};

#define ctl_autotable azf_cleanup(ctl_table_free)
void ctl_table_free(struct ctl_table *table);

/**
 * ctl_table_add() - add a cell, from left to right and from top to bottom
 * @text: from anywhere; what could change the terminal, or has no width,
 *	becomes a question mark
 *
 * When memory ran out, ctl_table_print() says so.
 */
void ctl_table_add(struct ctl_table *table, enum ctl_colour colour,
		   const char *text);

/* Print it, titles first. Return: 0, or -ENOMEM. */
int ctl_table_print(const struct ctl_table *table) AZF_MUST_CHECK;

#define CTL_WHEN_MAX 32

/* ISO 8601, local time. Return: @text, or "?". */
const char *ctl_when(int64_t seconds, char text[CTL_WHEN_MAX]);

/* Print a text, cleaned as those of cells are, in lines that fit the page. */
int ctl_print_text(const char *text) AZF_MUST_CHECK;

#endif
