// SPDX-License-Identifier: MIT
/*
 * ctl-command.c - azfilesctl's command line and its help.
 *
 * The table of verbs is all that this file knows of them.
 */
#include "begin.h"
#include "ctl.h"
#include "generator.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>

#define EXIT_USAGE  1
#define EXIT_SYSTEM 2

/* ---- help ---- */

/* The first word of the verb that is most like @word, or NULL if none is. */
static const char *nearest(const char *word, int *ret_len)
{
	unsigned int best = strlen(word) < 4 ? 2 : 3;
	const char *found = NULL;

	for (size_t i = 0; ctl_verbs[i]; i++) {
		const char *name = ctl_verbs[i]->name;
		size_t len = strcspn(name, " ");
		char first[32] = "";
		unsigned int distance;

		(void)snprintf(first, sizeof(first), "%.*s", (int)len, name);
		distance = azf_distance(word, first);
		if (distance < best) {
			best = distance;
			found = name;
			*ret_len = (int)len;
		}
	}
	return found;
}

static int no_verb(const char *word)
{
	int len = 0;
	const char *like = nearest(word, &len);

	if (like && len == (int)strlen(word) && azf_starts_with(like, word))
		return ctl_usage("'%s' takes one more word. 'azfilesctl %s "
				 "--help' shows which",
				 word, word);
	if (like)
		return ctl_usage("there is no verb '%s'. Did you mean '%.*s'?",
				 word, len, like);
	return ctl_usage("there is no verb '%s'. 'azfilesctl --help' shows all "
			 "verbs",
			 word);
}

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

/* Of the verbs that begin with this word; "" for all. */
static int print_help(const char *word)
{
	size_t len = strlen(word);
	int shown = 0;

	for (size_t i = 0; ctl_verbs[i]; i++) {
		const char *name = ctl_verbs[i]->name;

		if (len && (strncmp(name, word, len) != 0 ||
			    (name[len] && name[len] != ' ')))
			continue;
		if (!shown++)
			(void)printf("Usage: azfilesctl VERB [ARGUMENT...] "
				     "[OPTION...]\n"
				     "Look after the mounts of Azure Files "
				     "shares.\n");
		print_verb(ctl_verbs[i]);
	}
	if (!shown)
		return no_verb(word);
	if (!len)
		(void)printf("\n  --help, VERB --help, --version\n");
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
	for (size_t i = 0; ctl_verbs[i]; i++) {
		*ret_words = verb_words(ctl_verbs[i], argc, argv);
		if (*ret_words)
			return ctl_verbs[i];
	}
	return NULL;
}

/* The table of getopt_long(), and the short letters, from that of the verb. */
static void getopt_tables(const struct ctl_verb *verb, struct option *longs,
			  char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < CTL_OPTIONS_MAX && verb->options[i].name; i++) {
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

/*
 * Of a word only what cannot be a secret is shown; of letters behind one hyphen
 * getopt() tells which one it means.
 */
static int refuse_option(const struct ctl_call *call,
			 const struct option *longs, bool lacks_value,
			 const char *word)
{
	const char *verb = call->verb->name;

	for (size_t i = 0; optopt && longs[i].name; i++) {
		if (longs[i].val == optopt)
			return ctl_usage("the option --%s %s. 'azfilesctl %s "
					 "--help' shows how to call it",
					 longs[i].name,
					 lacks_value ? "needs a value" :
						       "takes no value",
					 verb);
	}
	if (optopt)
		return ctl_usage("%s has no option '-%c'. 'azfilesctl %s "
				 "--help' shows all",
				 verb, isprint(optopt) ? optopt : '?', verb);
	return ctl_usage("%s has no option '%.*s'. 'azfilesctl %s --help' "
			 "shows all",
			 verb, (int)strcspn(word, "="), word, verb);
}

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
	return refuse_option(call, longs, value == ':', word);
}

static int take_arguments(struct ctl_call *call, int argc, char **argv)
{
	const struct ctl_verb *verb = call->verb;

	call->count = argc - optind;
	if (call->count < verb->min || call->count > verb->max)
		return ctl_usage("%s takes %s%s. 'azfilesctl %s --help' shows "
				 "how to call it",
				 verb->name, verb->max ? "" : "no argument",
				 verb->arguments, verb->name);
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

/* Whether --help is among the words behind the verb. */
static bool asks_help(int argc, char **argv)
{
	for (int i = 2; i < argc && !azf_streq(argv[i], "--"); i++) {
		if (azf_streq(argv[i], "--help"))
			return true;
	}
	return false;
}

/* @argv has a verb; "help VERB" is "VERB --help". */
static int command(int argc, char **argv, bool help)
{
	const struct ctl_verb *verb;
	int words;

	verb = find_verb(argc, argv, &words);
	if (help || asks_help(argc, argv))
		return print_help(verb ? verb->name : argv[1]);
	if (verb)
		return run_verb(verb, argc - words, argv + words);
	return no_verb(argv[1]);
}

static int print_version(void)
{
	(void)printf("azfilesctl (azfiles) %s\n", AZF_VERSION);
	return fflush(stdout) ? EXIT_SYSTEM : 0;
}

int main(int argc, char **argv)
{
	bool help;

	if (azf_streq(program_invocation_short_name, GENERATOR_NAME))
		return generator_main(argc, argv);
	azf_begin();
	if (argc < 2)
		return ctl_usage("it takes a verb. 'azfilesctl --help' shows "
				 "all verbs");
	if (azf_streq(argv[1], "--version"))
		return print_version();
	help = azf_streq(argv[1], "help") || azf_streq(argv[1], "--help") ||
	       azf_streq(argv[1], "-h");
	if (help && argc == 2)
		return print_help("");
	return command(argc - help, argv + help, help);
}
