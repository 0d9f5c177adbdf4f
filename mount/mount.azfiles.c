// SPDX-License-Identifier: MIT
/*
 * mount.azfiles.c - the helper that mount(8) runs for the type "azfiles".
 *
 * mount(8) calls: mount.azfiles SOURCE TARGET [-sfnv] [-N NS] [-o OPTS]
 * [-t TYPE]. What it expects back is the exit status; people expect one line
 * that says what is wrong and what to do.
 */
#include "begin.h"
#include "request.h"
#include "retry.h"
#include "source.h"
#include "util.h"

#include <getopt.h>
#include <linux/major.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define EXIT_USAGE  1
#define EXIT_SYSTEM 2

static volatile bool interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = true;
}

/**
 * struct command - what the command line said
 * @shown: the source without what may be secret in it, for messages
 * @lists: the arguments of -o, still in argv
 */
struct command {
	const char *source;
	const char *target;
	char *shown;
	char **lists;
	int list_count;
	const char *type;
	const char *namespace_path;
	bool sloppy;
	bool fake;
	const char *access;
	bool verbose;
	bool help;
	bool version;
};

static void free_command(struct command *command)
{
	free(command->shown);
	free(command->lists);
}

static void print_message(void *arg, enum azf_level level, const char *text)
{
	const struct command *command = arg;

	if (level == AZF_DEBUG && !command->verbose)
		return;
	(void)fprintf(level == AZF_DEBUG ? stdout : stderr,
		      "mount.azfiles: %s: %s%s\n",
		      command->shown ? command->shown : "(no source)",
		      level == AZF_WARN ? "warning: " : "", text);
}

static int print_error(const struct command *command,
		       const struct azf_error *err)
{
	(void)fprintf(stderr, "mount.azfiles: %s%s%s%s%s\n",
		      command->shown ? command->shown : "",
		      command->shown ? ": " : "", err->cause,
		      err->cure[0] ? ". " : "", err->cure);
	return azf_exit_status(err->code);
}

static void print_option(void *arg, const char *section, const char *usage,
			 const char *help)
{
	const char **last = arg;

	if (*last != section)
		(void)printf("\n%s:\n", section);
	*last = section;
	(void)printf("  %-28s %s\n", usage, help);
}

static int print_help(void)
{
	const char *section = NULL;

	(void)printf(
		"Usage: mount -t azfiles [-o OPTIONS] //HOST/SHARE[/PATH] "
		"TARGET\n"
		"       mount.azfiles //HOST/SHARE[/PATH] TARGET [-fnrsvw] "
		"[-o OPTIONS] [-N NAMESPACE]\n"
		"Mount an Azure Files share, or another SMB share.\n\n"
		"  -f  do everything but mount\n"
		"  -n  accepted and ignored: there is no mtab\n"
		"  -N  mount in this mount name space, a file\n"
		"  -o  options, separated by commas\n"
		"  -r  read-only\n"
		"  -s  ignore unknown options\n"
		"  -t  azfiles\n"
		"  -v  say what is done\n"
		"  -w  read-write\n"
		"  -h  print this help\n"
		"  -V  print the version\n");
	azf_options_help(print_option, &section);
	return fflush(stdout) ? EXIT_SYSTEM : 0;
}

static int print_version(void)
{
	(void)printf("mount.azfiles (azfiles) %s\n", AZF_VERSION);
	return fflush(stdout) ? EXIT_SYSTEM : 0;
}

static int no_memory(void)
{
	(void)fprintf(stderr, "mount.azfiles: out of memory\n");
	return EXIT_SYSTEM;
}

static int usage_error(const char *what)
{
	(void)fprintf(stderr,
		      "mount.azfiles: %s. 'mount.azfiles -h' shows how "
		      "to call it\n",
		      what);
	return EXIT_USAGE;
}

static int take_argument(struct command *command, int letter, char *argument)
{
	switch (letter) {
	case 'o':
		command->lists[command->list_count++] = argument;
		return 0;
	case 't':
		command->type = argument;
		return 0;
	case 'N':
		command->namespace_path = argument;
		return 0;
	case 's':
		command->sloppy = true;
		return 0;
	case 'f':
		command->fake = true;
		return 0;
	case 'r':
		command->access = "ro";
		return 0;
	case 'w':
		command->access = "rw";
		return 0;
	case 'v':
		command->verbose = true;
		return 0;
	case 'h':
		command->help = true;
		return 0;
	case 'V':
		command->version = true;
		return 0;
	case 'n':
		return 0;
	default:
		return usage_error("unknown or incomplete argument");
	}
}

/* Return: 0, or the exit status after a message. */
static int read_command(struct command *command, int argc, char **argv)
{
	int letter;

	opterr = 0;
	while ((letter = getopt(argc, argv, "fhnN:o:rst:vVw")) != -1) {
		int status = take_argument(command, letter, optarg);

		if (status)
			return status;
	}
	if (command->help || command->version)
		return 0;
	if (argc - optind != 2)
		return usage_error("it takes a source and a target");
	command->source = argv[optind];
	command->target = argv[optind + 1];
	command->shown = azf_source_display(command->source);
	if (!command->shown)
		return no_memory();
	if (command->type && !azf_streq(command->type, "azfiles"))
		return usage_error("the type (-t) can only be azfiles");
	return 0;
}

static int parse_options(const struct command *command,
			 struct azf_options *options, struct azf_error *err)
{
	int result = 0;

	/* also behind an error: what is left would keep its secrets visible */
	for (int i = 0; i < command->list_count; i++) {
		struct azf_error later;
		int r = azf_options_parse(options, command->lists[i],
					  result ? &later : err);

		if (result == 0)
			result = r;
	}
	return result;
}

static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

static int not_root(const struct command *command)
{
	(void)fprintf(
		stderr,
		"mount.azfiles: %s: only root can mount. Use sudo, or put "
		"a line with x-systemd.automount into /etc/fstab: then "
		"the first access mounts it\n",
		command->shown);
	return EXIT_USAGE;
}

/*
 * At a terminal; but boot scripts of other inits than systemd have the console
 * there, and nobody waits for them.
 */
static bool somebody_waits(void)
{
	struct stat st;

	return isatty(STDIN_FILENO) && fstat(STDIN_FILENO, &st) == 0 &&
	       st.st_rdev != makedev(TTYAUX_MAJOR, 1);
}

static int run(struct command *command)
{
	azf_autooptions struct azf_options *options =
		azf_options_new(command->sloppy);
	const struct azf_log log = { print_message, command };
	struct azf_error err = { 0 };
	struct azf_request request = {
		.source = command->source,
		.target = command->target,
		.options = options,
		.access = command->access,
		.fake = command->fake,
		.namespace_path = command->namespace_path,
		.default_retry = command->fake || somebody_waits() ?
					 0 :
					 AZF_RETRY_SECONDS,
		.interrupted = &interrupted,
		.log = &log,
	};

	if (!options)
		return no_memory();
	if (parse_options(command, options, &err))
		return print_error(command, &err);
	if (geteuid() != 0)
		return not_root(command);
	catch_signals();
	if (azf_mount(&request, &err))
		return print_error(command, &err);
	return 0;
}

int main(int argc, char **argv)
{
	azf_cleanup(free_command) struct command command = { 0 };
	int status;

	azf_begin();
	command.lists = calloc((size_t)argc + 1, sizeof(*command.lists));
	if (!command.lists)
		return no_memory();
	status = read_command(&command, argc, argv);
	if (status)
		return status;
	if (command.help)
		return print_help();
	if (command.version)
		return print_version();
	return run(&command);
}
