// SPDX-License-Identifier: MIT
/*
 * azfilesctl.c - what people type to look after azfiles mounts.
 *
 * The table of verbs is all that this file knows of them: it takes the command
 * line apart, prints the help and runs one.
 */
#include "ctl.h"
#include "secret.h"

#include <getopt.h>
#include <stdarg.h>

#define EXIT_USAGE  1
#define EXIT_SYSTEM 2

/* clang-format off */
static const struct ctl_verb *const verbs[] = {
	&ctl_persist,
	&ctl_unpersist,
	&ctl_key_add,
	&ctl_key_delete,
	&ctl_key_list,
	&ctl_key_rotate,
	&ctl_status,
	&ctl_refresh,
	&ctl_recover,
	NULL,
};
/* clang-format on */

/* ---- what verbs use ---- */

static void print_remark(void *arg, enum azf_level level, const char *text)
{
	(void)arg;
	if (level == AZF_DEBUG)
		return;
	(void)fprintf(stderr, "azfilesctl: %s%s\n",
		      level == AZF_WARN ? "warning: " : "", text);
}

const struct azf_log ctl_log = { print_remark, NULL };

char *ctl_value(const struct ctl_call *call, const char *option)
{
	const struct ctl_option *row = call->verb->options;

	for (size_t i = 0; i < CTL_OPTIONS_MAX && row[i].name; i++) {
		if (azf_streq(row[i].name, option))
			return call->values[i];
	}
	return NULL;
}

int ctl_fail(const struct azf_error *err)
{
	(void)fprintf(stderr, "azfilesctl: %s%s%s\n", err->cause,
		      err->cure[0] ? ". " : "", err->cure);
	return azf_exit_status(err->code);
}

int ctl_usage(const char *fmt, ...)
{
	va_list args;

	(void)fputs("azfilesctl: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return EXIT_USAGE;
}

int ctl_need_root(const struct ctl_call *call)
{
	if (geteuid() == 0)
		return 0;
	return ctl_usage("only root can do this. Use 'sudo azfilesctl %s'",
			 call->verb->name);
}

int ctl_trim_target(char *target)
{
	size_t len = strlen(target);

	if (target[0] != '/')
		return ctl_usage("'%s' is no absolute path. Give the mount "
				 "point as 'findmnt -t cifs' shows it",
				 target);
	while (len > 1 && target[len - 1] == '/')
		target[--len] = '\0';
	return 0;
}

/* ---- help ---- */

static void print_verb(const struct ctl_verb *verb)
{
	(void)printf("\n  %s%s%s\n      %s\n", verb->name,
		     verb->arguments[0] ? " " : "", verb->arguments,
		     verb->help);
	for (const struct ctl_option *option = verb->options; option->name;
	     option++) {
		char usage[64];

		(void)snprintf(usage, sizeof(usage), "%s%c%s--%s%s%s",
			       option->letter ? "-" : "",
			       option->letter ? option->letter : ' ',
			       option->letter ? ", " : "", option->name,
			       option->arg ? " " : "",
			       option->arg ? option->arg : "");
		(void)printf("      %-26s %s\n",
			     usage + (option->letter ? 0 : 1), option->help);
	}
}

static int print_help(void)
{
	(void)printf("Usage: azfilesctl VERB [ARGUMENT...] [OPTION...]\n"
		     "Look after the mounts of Azure Files shares.\n");
	for (size_t i = 0; verbs[i]; i++)
		print_verb(verbs[i]);
	(void)printf("\n  --help, --version\n");
	return fflush(stdout) ? EXIT_SYSTEM : 0;
}

/* ---- the command line ---- */

/* How many words of argv are the name of this verb; 0 when it is another. */
static int verb_words(const struct ctl_verb *verb, int argc, char **argv)
{
	const char *second = strchr(verb->name, ' ');
	size_t len = second ? (size_t)(second - verb->name) :
			      strlen(verb->name);

	if (argc < 2 || strlen(argv[1]) != len ||
	    strncmp(argv[1], verb->name, len) != 0)
		return 0;
	if (!second)
		return 1;
	return argc > 2 && azf_streq(argv[2], second + 1) ? 2 : 0;
}

static const struct ctl_verb *find_verb(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; verbs[i]; i++) {
		*ret_words = verb_words(verbs[i], argc, argv);
		if (*ret_words)
			return verbs[i];
	}
	return NULL;
}

/* The table of getopt_long(), and the short letters, from that of the verb. */
static void getopt_tables(const struct ctl_verb *verb, struct option *longs,
			  char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; verb->options[i].name; i++) {
		const struct ctl_option *option = &verb->options[i];

		longs[i].name = option->name;
		longs[i].has_arg = option->arg ? required_argument :
						 no_argument;
		longs[i].val = option->letter ? option->letter : 256 + (int)i;
		if (option->letter) {
			*letters++ = option->letter;
			if (option->arg)
				*letters++ = ':';
		}
	}
	*letters = '\0';
}

/* Of a word only what cannot be a secret is shown. */
static int take_option(struct ctl_call *call, const struct option *longs,
		       int value, const char *word)
{
	static char given[] = "";

	for (size_t i = 0; longs[i].name; i++) {
		if (longs[i].val != value)
			continue;
		if (call->values[i])
			return ctl_usage("the option --%s was given twice",
					 longs[i].name);
		call->values[i] = longs[i].has_arg ? optarg : given;
		return 0;
	}
	return ctl_usage("%s has no option '%.*s', or it lacks its value. "
			 "'azfilesctl --help' shows all",
			 call->verb->name, (int)strcspn(word, "="), word);
}

static int take_arguments(struct ctl_call *call, int argc, char **argv)
{
	const struct ctl_verb *verb = call->verb;

	call->count = argc - optind;
	if (call->count < verb->min || call->count > verb->max)
		return ctl_usage("%s takes %s%s. 'azfilesctl --help' shows how "
				 "to call it",
				 verb->name, verb->max ? "" : "no argument",
				 verb->arguments);
	for (int i = 0; i < call->count; i++)
		call->args[i] = argv[optind + i];
	return 0;
}

static int run_verb(const struct ctl_verb *verb, int argc, char **argv)
{
	struct option longs[CTL_OPTIONS_MAX + 1] = { 0 };
	char letters[2 * CTL_OPTIONS_MAX + 2];
	struct ctl_call call = { .verb = verb };
	int letter;

	getopt_tables(verb, longs, letters);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (take_option(&call, longs, letter, argv[optind - 1]))
			return EXIT_USAGE;
	}
	if (take_arguments(&call, argc, argv))
		return EXIT_USAGE;
	return verb->run(&call);
}

int main(int argc, char **argv)
{
	const struct ctl_verb *verb;
	int words;

	azf_secret_close_memory();
	if (argc > 1 &&
	    (azf_streq(argv[1], "--help") || azf_streq(argv[1], "-h") ||
	     azf_streq(argv[1], "help")))
		return print_help();
	if (argc > 1 && azf_streq(argv[1], "--version"))
		return printf("azfilesctl (azfiles) %s\n", AZF_VERSION) < 0;
	verb = find_verb(argc, argv, &words);
	if (!verb)
		return ctl_usage("%s%s%s. 'azfilesctl --help' shows all verbs",
				 argc > 1 ? "there is no verb '" :
					    "it takes a verb",
				 argc > 1 ? argv[1] : "", argc > 1 ? "'" : "");
	return run_verb(verb, argc - words, argv + words);
}
