// SPDX-License-Identifier: MIT
/*
 * ctl-completion.c - azfilesctl completion: what a shell has to know of the
 * command line.
 *
 * It prints the tables that also print the help. The functions that use them
 * are in mount/completion/azfilesctl.SHELL, which asks for them when a shell
 * loads it.
 */
#include "ctl.h"
#include "options.h"
#include "stored-key.h"

#define WORD_MAX 32

struct words {
	char list[CTL_ARGUMENTS_MAX][WORD_MAX];
	int count;
};

/* What an argument is, by its word in the help. The others are "nothing". */
static const struct kind {
	const char *word;
	const char *kind;
} kinds[] = {
	{ "SOURCE", "source" },
	{ "TARGET", "target" },
	{ "SOURCE|TARGET", "source target" },
	{ "ACCOUNT|HOST", "account" },
	{ "HOST", "host" },
	{ "HOST|TARGET", "host target" },
	{ "FILE", "file" },
	{ "OPTIONS", "mount_options" },
};

static const char *kind_of(const char *word)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(kinds); i++) {
		if (azf_streq(kinds[i].word, word))
			return kinds[i].kind;
	}
	return "nothing";
}

/* "[A | B] C..." has the words "A|B" and "C". */
static void split(const char *arguments, struct words *ret_words)
{
	bool joined = false; /* to the word before, by a bar */
	size_t len = 0;

	*ret_words = (struct words){ .count = 0 };
	for (const char *c = arguments; *c; c++) {
		if (*c == ' ' && !joined && c[1] != '|' && len) {
			ret_words->count++;
			len = 0;
		}
		if (strchr(" [].", *c))
			continue;
		joined = *c == '|';
		if (ret_words->count < CTL_ARGUMENTS_MAX && len < WORD_MAX - 1)
			ret_words->list[ret_words->count][len++] = *c;
	}
	ret_words->count += len > 0;
}

/* Text in single quotes, with a backslash before each of @special in it. */
static void put(const char *text, const char *special, const char *apostrophe)
{
	for (; *text; text++) {
		if (*text == '\'') {
			(void)fputs(apostrophe, stdout);
			continue;
		}
		if (strchr(special, *text))
			(void)putchar('\\');
		(void)putchar(*text);
	}
}

/* The options of mounts that are worth typing: no other spellings, nothing that
 * is refused, and no secrets. */
static void each_mount_option(void (*print)(const char *no,
					    const struct azf_option *option))
{
	for (size_t i = 0; i < azf_option_count; i++) {
		const struct azf_option *option = &azf_option_table[i];

		if (option->canonical || option->owner == AZF_FOR_REFUSAL ||
		    option->owner == AZF_FOR_SECRET)
			continue;
		print("", option);
		if (option->negatable)
			print("no", option);
	}
}

/* ---- bash ---- */

static void bash_mount_option(const char *no, const struct azf_option *option)
{
	const char *word = option->words;

	(void)printf("\t\t'%s%s%s'\n", no, option->name,
		     option->value == AZF_NO_VALUE ? "" : "=");
	while (word && *word) {
		size_t len = strcspn(word, "|");

		(void)printf("\t\t'%s=%.*s'\n", option->name, (int)len, word);
		word += len + (word[len] == '|');
	}
}

static void bash_verb(const struct ctl_verb *verb)
{
	struct words words;

	split(verb->arguments, &words);
	(void)printf("\t'%s')\n\t\targuments=(", verb->name);
	for (int i = 0; i < words.count; i++)
		(void)printf("%s'%s'", i ? " " : "", kind_of(words.list[i]));
	(void)printf(")\n\t\toptions=(\n");
	for (const struct ctl_option *option = verb->options; option->name;
	     option++)
		(void)printf("\t\t\t'-%.1s --%s%s%s'\n",
			     option->letter ? &option->letter : "",
			     option->name, option->arg ? " " : "",
			     option->arg ? kind_of(option->arg) : "");
	(void)printf("\t\t)\n\t\t;;\n");
}

static void print_bash(void)
{
	(void)printf("# shellcheck disable=SC2034\n"
		     "_azfilesctl_keys='%s'\n\n"
		     "# In: a verb. Out: of what kind its arguments are; "
		     "for each option, its letter, its\n"
		     "# name, and the kind of its value.\n"
		     "_azfilesctl_verb() {\n\tcase $1 in\n",
		     AZF_KEYS_DIR);
	for (size_t i = 0; ctl_verbs[i]; i++)
		bash_verb(ctl_verbs[i]);
	(void)printf("\tesac\n}\n\n_azfilesctl_verbs() {\n\tverbs=(\n");
	for (size_t i = 0; ctl_verbs[i]; i++)
		(void)printf("\t\t'%s'\n", ctl_verbs[i]->name);
	(void)printf("\t)\n}\n\n_azfilesctl_table_mount_options() {\n"
		     "\tmount_options=(\n");
	each_mount_option(bash_mount_option);
	(void)printf("\t)\n}\n\n");
}

/* ---- zsh ---- */

/* What _arguments, _values and _describe give a meaning. */
#define ZSH_SPECIAL ":[]\\"

static void zsh_put(const char *text)
{
	put(text, ZSH_SPECIAL, "'\\''");
}

static void zsh_mount_option(const char *no, const struct azf_option *option)
{
	const char *arg = option->arg ? option->arg : "VALUE";

	(void)printf("\t\t'%s%s[%s", no, option->name, *no ? "not\\: " : "");
	zsh_put(option->help);
	(void)printf("]");
	if (option->value == AZF_PATH)
		(void)printf(":%s:_files", arg);
	else if (option->value == AZF_UID)
		(void)printf(":%s:_users", arg);
	else if (option->value == AZF_GID)
		(void)printf(":%s:_groups", arg);
	else if (option->words) {
		(void)printf(":%s:(", arg);
		for (const char *c = option->words; *c; c++)
			(void)putchar(*c == '|' ? ' ' : *c);
		(void)printf(")");
	} else if (option->value != AZF_NO_VALUE)
		(void)printf("%s:%s: ",
			     option->value == AZF_OPTIONAL ? ":" : "", arg);
	(void)printf("'\n");
}

static void zsh_option(const struct ctl_option *option)
{
	(void)printf("\t\t\t");
	if (option->letter)
		(void)printf("'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter,
			     option->name, option->letter,
			     option->arg ? "+" : "", option->name,
			     option->arg ? "=" : "");
	else
		(void)printf("'--%s%s[", option->name, option->arg ? "=" : "");
	zsh_put(option->help);
	if (option->arg)
		(void)printf("]:%s: _azfilesctl_offer %s'\n", option->arg,
			     kind_of(option->arg));
	else
		(void)printf("]'\n");
}

static void zsh_verb(const struct ctl_verb *verb)
{
	struct words words;

	split(verb->arguments, &words);
	(void)printf("\t'%s')\n\t\tspecs=(\n", verb->name);
	for (int i = 0; i < words.count; i++)
		(void)printf("\t\t\t'%d:%s%s: _azfilesctl_offer %s'\n", i + 1,
			     i < verb->min ? "" : ":", words.list[i],
			     kind_of(words.list[i]));
	for (const struct ctl_option *option = verb->options; option->name;
	     option++)
		zsh_option(option);
	(void)printf("\t\t)\n\t\t;;\n");
}

static void print_zsh(void)
{
	(void)printf("_azfilesctl_keys='%s'\n\n"
		     "# In: a verb. Out: what _arguments takes.\n"
		     "_azfilesctl_verb() {\n\tcase $1 in\n",
		     AZF_KEYS_DIR);
	for (size_t i = 0; ctl_verbs[i]; i++)
		zsh_verb(ctl_verbs[i]);
	(void)printf("\tesac\n}\n\n_azfilesctl_verbs() {\n\tverbs=(\n");
	for (size_t i = 0; ctl_verbs[i]; i++) {
		(void)printf("\t\t'%s:", ctl_verbs[i]->name);
		zsh_put(ctl_verbs[i]->help);
		(void)printf("'\n");
	}
	(void)printf("\t)\n}\n\n# For _values.\n"
		     "_azfilesctl_table_mount_options() {\n"
		     "\tmount_options=(\n");
	each_mount_option(zsh_mount_option);
	(void)printf("\t)\n}\n\n");
}

/* ---- fish ---- */

static void fish_put(const char *text)
{
	put(text, "\\", "\\'");
}

/* "NAME=<tab>HELP" are lines of one text. */
static void fish_mount_option(const char *no, const struct azf_option *option)
{
	const char *word = option->words;

	(void)printf("%s%s%s\t%s", no, option->name,
		     option->value == AZF_NO_VALUE ? "" : "=",
		     *no ? "not: " : "");
	fish_put(option->help);
	(void)printf("\n");
	while (word && *word) {
		size_t len = strcspn(word, "|");

		(void)printf("%s=%.*s\n", option->name, (int)len, word);
		word += len + (word[len] == '|');
	}
}

static void fish_option(const struct ctl_verb *verb,
			const struct ctl_option *option)
{
	const char *kind = option->arg ? kind_of(option->arg) : NULL;

	(void)printf("__azfilesctl_%s '%s' %s '", kind ? "option" : "flag",
		     verb->name, option->name);
	fish_put(option->help);
	(void)printf("'");
	if (option->letter)
		(void)printf(" -s %c", option->letter);
	if (kind && azf_streq(kind, "file"))
		(void)printf(" -r -F");
	else if (kind)
		(void)printf(" -x -a '(__azfilesctl_offer %s)'", kind);
	(void)printf("\n");
}

static void fish_verb(const struct ctl_verb *verb)
{
	const char *second = strchr(verb->name, ' ');
	struct words words;

	if (second)
		(void)printf("__azfilesctl_word '%.*s' %s '",
			     (int)(second - verb->name), verb->name,
			     second + 1);
	else
		(void)printf("__azfilesctl_word '' %s '", verb->name);
	fish_put(verb->help);
	(void)printf("'\n");
	split(verb->arguments, &words);
	for (int i = 0; i < words.count; i++)
		(void)printf("__azfilesctl_operand '%d %s' %s\n", i, verb->name,
			     kind_of(words.list[i]));
	for (const struct ctl_option *option = verb->options; option->name;
	     option++)
		fish_option(verb, option);
}

/* What is the first word of several verbs is offered once. */
static void fish_group(size_t i)
{
	size_t len = strcspn(ctl_verbs[i]->name, " ");

	if (!ctl_verbs[i]->name[len] ||
	    (i > 0 &&
	     strncmp(ctl_verbs[i - 1]->name, ctl_verbs[i]->name, len + 1) == 0))
		return;
	(void)printf("__azfilesctl_word '' %.*s ''\n", (int)len,
		     ctl_verbs[i]->name);
}

static void fish_valued(const struct ctl_verb *verb)
{
	(void)printf("\t\tcase '%s'\n\t\t\tprintf '%%s\\n' ''", verb->name);
	for (const struct ctl_option *option = verb->options; option->name;
	     option++) {
		if (option->arg && option->letter)
			(void)printf(" -%c", option->letter);
		if (option->arg)
			(void)printf(" --%s", option->name);
	}
	(void)printf("\n");
}

static void print_fish(void)
{
	(void)printf("set -g __azfilesctl_keys '%s'\n", AZF_KEYS_DIR);
	for (size_t i = 0; ctl_verbs[i]; i++) {
		fish_group(i);
		fish_verb(ctl_verbs[i]);
	}
	(void)printf("\nfunction __azfilesctl_verbs\n");
	for (size_t i = 0; ctl_verbs[i]; i++)
		(void)printf("\techo '%s'\n", ctl_verbs[i]->name);
	(void)printf("end\n\n# Options of a verb that take a value.\n"
		     "function __azfilesctl_valued\n\tswitch \"$argv\"\n");
	for (size_t i = 0; ctl_verbs[i]; i++)
		fish_valued(ctl_verbs[i]);
	(void)printf("\tend\nend\n\nfunction __azfilesctl_mount_options\n"
		     "\techo -n '");
	each_mount_option(fish_mount_option);
	(void)printf("'\nend\n\n");
}

static const struct {
	const char *name;
	void (*print)(void);
} shells[] = {
	{ "bash", print_bash },
	{ "zsh", print_zsh },
	{ "fish", print_fish },
};

static int print_completion(const struct ctl_call *call)
{
	for (size_t i = 0; i < AZF_ARRAY_SIZE(shells); i++) {
		if (azf_streq(shells[i].name, call->args[0])) {
			shells[i].print();
			return fflush(stdout) ? azf_exit_status(AZF_E_SYSTEM) :
						0;
		}
	}
	return ctl_usage("no completion for '%s': it is for bash, zsh and fish",
			 call->args[0]);
}

const struct ctl_verb ctl_completion = {
	.name = "completion",
	.arguments = "SHELL",
	.min = 1,
	.max = 1,
	.help = "print what bash, zsh or fish completes",
	.options = ctl_no_options,
	.run = print_completion,
};
