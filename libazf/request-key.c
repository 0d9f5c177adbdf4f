// SPDX-License-Identifier: MIT
/* request-key.c - which program answers a question of the kernel. */
#include "request-key.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* Operation, type, description, callout information. */
#define COLUMNS 4

struct search {
	const char *wanted[COLUMNS];
	size_t best[COLUMNS];
	bool found;
	struct azf_request_line *line;
};

/*
 * How many characters the asterisk stands for. One in the middle is compared
 * wrongly by request-key, and never fits.
 */
static bool matches(const char *pattern, const char *text, size_t *ret_wild)
{
	const char *star = strchr(pattern, '*');
	size_t fixed = strlen(pattern) - 1;
	size_t len = strlen(text);

	*ret_wild = 0;
	if (!star)
		return azf_streq(pattern, text);
	if (strchr(star + 1, '*') || fixed > len ||
	    (star != pattern && star[1]))
		return false;
	*ret_wild = len - fixed;
	return star == pattern ? azf_streq(text + len - fixed, star + 1) :
				 memcmp(text, pattern, fixed) == 0;
}

/* Cut the next word off; NULL if there is none. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t\r\f\v");
	size_t len = strcspn(word, " \t\r\f\v");

	if (len == 0)
		return NULL;
	*line = word + len + (word[len] ? 1 : 0);
	word[len] = '\0';
	return word;
}

static bool is_better(const struct search *search, const size_t *wild)
{
	for (size_t i = 0; search->found && i < COLUMNS; i++) {
		if (wild[i] != search->best[i])
			return wild[i] < search->best[i];
	}
	return !search->found;
}

static void keep(struct search *search, const char *file, unsigned int number,
		 const char *program)
{
	search->found = true;
	search->line->number = number;
	search->line->broken = !program;
	(void)snprintf(search->line->file, sizeof(search->line->file), "%s",
		       file);
	(void)snprintf(search->line->program, sizeof(search->line->program),
		       "%s", program ? program : "");
}

/* Return: whether request-key goes on. */
static bool look_at(struct search *search, const char *file,
		    unsigned int number, char *line)
{
	size_t wild[COLUMNS];
	const char *program;

	for (size_t i = 0; i < COLUMNS; i++) {
		const char *word = next_word(&line);

		if (!word) {
			keep(search, file, number, NULL);
			return false;
		}
		if (!matches(word, search->wanted[i], &wild[i]))
			return true;
	}
	program = next_word(&line);
	if (program && !is_better(search, wild))
		return true;
	if (program)
		memcpy(search->best, wild, sizeof(wild));
	keep(search, file, number, program);
	return program != NULL;
}

/* Return: 0, 1 when request-key would give up here, or an errno negated. */
static int read_lines(struct search *search, const char *file)
{
	azf_autofile FILE *f = fopen(file, "re");
	azf_autofree char *line = NULL;
	unsigned int number = 0;
	size_t size = 0;
	ssize_t len;

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while ((len = getline(&line, &size, f)) > 0) {
		number++;
		/* whatever it is, request-key takes it for the newline */
		line[len - 1] = '\0';
		if (line[0] == '\0' || line[0] == '#' ||
		    isspace((unsigned char)line[0]))
			continue;
		if (!look_at(search, file, number, line))
			return 1;
	}
	return azf_end_of_file(f);
}

static bool is_read(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       azf_streq(entry->d_name + len - 5, ".conf") &&
	       (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
}

/* In the order of the directory, as request-key does. */
static int read_directory(struct search *search, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(dir))) {
		azf_autofree char *file = NULL;

		if (!is_read(entry))
			continue;
		if (asprintf(&file, "%s/%s", path, entry->d_name) < 0) {
			file = NULL;
			r = -ENOMEM;
		} else {
			r = read_lines(search, file);
		}
	}
	(void)closedir(dir);
	return r;
}

int azf_request_key_find(const char *etc, const char *type,
			 const char *description,
			 struct azf_request_line *ret_line)
{
	struct azf_request_line line = { 0 };
	struct search search = {
		.wanted = { "create", type, description, "" },
		.line = &line,
	};
	azf_autofree char *directory = NULL;
	azf_autofree char *file = NULL;
	int r;

	if (asprintf(&directory, "%s/request-key.d", etc) < 0) {
		directory = NULL;
		return -ENOMEM;
	}
	if (asprintf(&file, "%s/request-key.conf", etc) < 0) {
		file = NULL;
		return -ENOMEM;
	}
	r = read_directory(&search, directory);
	if (r == 0)
		r = read_lines(&search, file);
	if (r < 0)
		return r;
	if (!search.found)
		return -ENOENT;
	*ret_line = line;
	return 0;
}
