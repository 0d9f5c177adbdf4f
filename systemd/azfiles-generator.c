// SPDX-License-Identifier: MIT
/*
 * azfiles-generator.c - units for the azfiles lines of fstab.
 *
 * systemd-fstab-generator takes a type that it does not know for a local file
 * system, unless the line says _netdev. What it writes for a line with _netdev
 * is right; it gets a drop-in with what is special to azfiles. What it writes
 * for a line without is hidden behind a whole unit of ours, in the directory
 * that precedes all others: a drop-in cannot take away its ordering before
 * local-fs.target, and with the network's added that would be a cycle.
 */
#include "generator.h"

#include "mount-unit.h"
#include "unit-name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <syslog.h>

#define NAME GENERATOR_NAME

/**
 * struct generator - one run
 * @normal: directory below /usr in rank, above it in ours
 * @early: directory that precedes all others
 * @native: directories of units that administrators write, or -1
 * @fstab: the path of the file
 * @kmsg: descriptor of the kernel log, or -1 to use stderr
 * @targets: names of the units of all lines so far, a tree of tsearch(3)
 * @failed: something could not be written
 */
struct generator {
	int normal;
	int early;
	int native[2];
	const char *fstab;
	int kmsg;
	void *targets;
	bool failed;
};

/* ---- remarks ---- */

/*
 * The log of a generator is the kernel's: nothing else runs yet. Its standard
 * error leads nowhere then, and to somebody when he runs it himself.
 */
static int open_kmsg(void)
{
	struct stat st;
	bool nowhere = fstat(STDERR_FILENO, &st) < 0 ||
		       (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));

	if (!getenv("SYSTEMD_SCOPE") && !nowhere)
		return -1;
	return open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

/* One line; never with the options, which may hold a key. */
static void AZF_PRINTF(2, 3)
	remark(const struct generator *g, const char *fmt, ...)
{
	azf_autostr struct azf_str record = { 0 };
	char text[768]; /* the kernel takes a kilobyte, with what is before */
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	azf_printable(text);
	/* one write(2) is one record; dprintf(3) wants to seek first */
	azf_str_add(&record, "<%d>" NAME "[%d]: %s: %s\n",
		    LOG_DAEMON | LOG_WARNING, (int)getpid(), g->fstab, text);
	if (g->kmsg < 0 || record.failed ||
	    azf_write_all(g->kmsg, record.text, record.len) < 0)
		(void)fprintf(stderr, NAME ": %s: %s\n", g->fstab, text);
}

/* ---- output ---- */

static int cannot_write(struct generator *g, const char *name, int error)
{
	remark(g, "cannot write %s: %s", name, strerror(error));
	g->failed = true;
	return -error;
}

/* Nothing is there before us: systemd empties the directories. */
static int write_file(struct generator *g, int dir, const char *name,
		      mode_t mode, const struct azf_str *text)
{
	azf_autoclose int fd = openat(
		dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		mode);
	int r;

	if (fd < 0)
		return cannot_write(g, name, errno);
	r = azf_write_all(fd, text->text, text->len);
	if (r == 0)
		return 0;
	(void)unlinkat(dir, name, 0);
	return cannot_write(g, name, -r);
}

/* UNIT.KIND/NAME in the early directory leads to @to. */
static int write_link(struct generator *g, const char *unit, const char *kind,
		      const char *name, const char *to)
{
	azf_autostr struct azf_str dir = { 0 };
	azf_autostr struct azf_str path = { 0 };

	azf_str_add(&dir, "%s.%s", unit, kind);
	azf_str_add(&path, "%s.%s/%s", unit, kind, name);
	if (dir.failed || path.failed)
		return cannot_write(g, name, ENOMEM);
	if (symlinkat(to, g->early, path.text) == 0 || errno == EEXIST)
		return 0;
	/* the first link has to make the directory */
	if (errno != ENOENT || mkdirat(g->early, dir.text, 0755) < 0 ||
	    symlinkat(to, g->early, path.text) < 0)
		return cannot_write(g, path.text, errno);
	return 0;
}

/* NAME is started because of UNIT. */
static int want(struct generator *g, const char *unit, const char *kind,
		const char *name)
{
	azf_autostr struct azf_str to = { 0 };

	azf_str_add(&to, "../%s", name);
	if (to.failed)
		return cannot_write(g, name, ENOMEM);
	return write_link(g, unit, kind, name, to.text);
}

/* ---- lines ---- */

static void warn_option(const struct share *share, const char *option,
			const char *value)
{
	remark(share->arg,
	       "the line for %s: %s=%s is ignored, since it has no meaning. "
	       "Correct it",
	       share->target, option, value);
}

/* Units of the administrator's own count more than fstab. */
static bool is_native(const struct generator *g, const char *name)
{
	struct stat st;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(g->native); i++) {
		if (g->native[i] >= 0 &&
		    fstatat(g->native[i], name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

static int pull_in_by(struct generator *g, const struct share *share,
		      const char *option, const char *kind, const char *name)
{
	const char *unit;
	size_t i = 0;
	int r = 0;

	while (r == 0 && (unit = words_next(&share->words, option, &i))) {
		if (azf_unit_is_name(unit))
			r = want(g, unit, kind, name);
		else
			warn_option(share, option, unit);
	}
	return r;
}

/*
 * What starts the unit. local-fs.target has a link to it already, in the
 * normal directory; ours to nowhere hides that one, so that local-fs.target
 * does not fail together with the mount.
 */
static int pull_in(struct generator *g, const struct share *share,
		   const char *name, bool automount)
{
	static const char by[] = "x-systemd.wanted-by",
			  required_by[] = "x-systemd.required-by";
	const struct words *words = &share->words;
	const char *kind = words_choose(words, "nofail", "fail") ? "wants" :
								   "requires";
	size_t i = 0, j = 0;
	int r;

	if (!automount &&
	    (words_next(words, by, &i) || words_next(words, required_by, &j))) {
		r = pull_in_by(g, share, by, "wants", name);
		return r ? r :
			   pull_in_by(g, share, required_by, "requires", name);
	}
	if (!automount && words_choose(words, "noauto", "auto"))
		return 0;
	r = want(g, "remote-fs.target", kind, name);
	return r ? r :
		   write_link(g, "local-fs.target", kind, name, "/dev/null");
}

static bool wants_automount(const struct words *words)
{
	const char *comment = words_value(words, "comment");

	return words_have(words, "x-systemd.automount") ||
	       (comment && azf_streq(comment, "systemd.automount"));
}

static int add_whole_unit(struct generator *g, const struct share *share,
			  const char *name)
{
	bool automount = wants_automount(&share->words);
	mode_t mode = words_secret(&share->words) ? 0600 : 0644;
	azf_autostr struct azf_str unit = { 0 };
	azf_autostr struct azf_str trap = { 0 };
	azf_autofree char *trap_name = NULL;
	int r = mount_unit_write(share, &unit);

	if (r)
		return r;
	r = write_file(g, g->early, name, mode, &unit);
	if (r == 0 && !automount)
		return pull_in(g, share, name, false);
	if (r == 0)
		r = azf_unit_name(share->target, ".automount", &trap_name);
	if (r == 0 && !is_native(g, trap_name)) {
		r = automount_unit_write(share, &trap);
		if (r == 0)
			r = write_file(g, g->early, trap_name, 0644, &trap);
	}
	return r ? r : pull_in(g, share, trap_name, true);
}

static int add_drop_in(struct generator *g, const struct share *share,
		       const char *name)
{
	azf_autostr struct azf_str drop_in = { 0 };
	azf_autostr struct azf_str path = { 0 };
	int r = mount_unit_extend(share, &drop_in);

	azf_str_add(&path, "%s.d", name);
	if (path.failed)
		return -ENOMEM;
	if (r || drop_in.len == 0)
		return r;
	if (mkdirat(g->normal, path.text, 0755) < 0 && errno != EEXIST)
		return cannot_write(g, path.text, errno);
	azf_str_add(&path, "/50-azfiles.conf");
	if (path.failed)
		return -ENOMEM;
	return write_file(g, g->normal, path.text, 0644, &drop_in);
}

/*
 * A directory of drop-ins has a longer name than its unit. And of a path that
 * ends in a blank or a backslash, systemd writes a unit that it refuses.
 */
static bool takes_drop_in(const char *target, const char *name)
{
	return strlen(name) + strlen(".d") <= NAME_MAX &&
	       !strchr(" \t\\", target[strlen(target) - 1]);
}

static int add_line(struct generator *g, const struct azf_table_line *line,
		    const char *target, const char *name)
{
	struct share share = {
		.fstab = g->fstab,
		.source = line->source,
		.target = target,
		.warn = warn_option,
		.arg = g,
	};
	autowords struct words words = { 0 };
	int r = words_split(line->options, &words);

	if (r)
		return r;
	share.words = words;
	if (words_have(&words, "_netdev") && takes_drop_in(target, name))
		return add_drop_in(g, &share, name);
	return add_whole_unit(g, &share, name);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Remember a name. Return: 0, -EEXIST for one that was there, -ENOMEM. */
static int remember(struct generator *g, char *name)
{
	char *const *node = tsearch(name, &g->targets, compare);

	if (!node)
		return -ENOMEM;
	return *node == name ? 0 : -EEXIST;
}

/* Mount points for which systemd makes no unit of a line of fstab. */
static bool is_systemds(const char *target)
{
	return azf_streq(target, "/") || azf_streq(target, "/proc") ||
	       azf_streq(target, "/sys") || azf_streq(target, "/dev") ||
	       azf_streq(target, "/run");
}

static void refuse(struct generator *g, const char *target, int error)
{
	static const struct {
		int error;
		const char *why;
	} rows[] = {
		{ EEXIST, "an earlier line has the same mount point. Remove "
			  "one of them" },
		{ EINVAL, "the mount point is not an absolute path. Begin it "
			  "with a slash" },
		{ ENOENT, "the mount point does not exist, and has '..' in it. "
			  "Write it without" },
		{ EBUSY, "the system itself is mounted there. Choose another "
			 "mount point" },
		{ EILSEQ, "it has an empty field or a control character. "
			  "Correct it" },
	};
	const char *why = strerror(error);

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		if (rows[i].error == error)
			why = rows[i].why;
	}
	remark(g, "the line for %s is left out: %s", target, why);
}

/* Lines of all types: a mount point belongs to the first of them. */
static int visit(void *arg, const struct azf_table_line *line)
{
	struct generator *g = arg;
	bool ours = azf_streq(line->type, "azfiles");
	azf_autofree char *target = NULL;
	azf_autofree char *name = NULL;
	bool failed = g->failed;
	int r;

	if (azf_streq(line->type, "swap") || azf_streq(line->type, "autofs"))
		return 0;
	r = line_target(line->target, &target);
	if (r == 0 && is_systemds(target))
		r = -EBUSY;
	if (r == 0)
		r = azf_unit_name(target, ".mount", &name);
	if (r == 0)
		r = remember(g, name);
	if (r == 0) {
		/* the tree has it now */
		const char *known = azf_take(name);

		if (ours && !is_native(g, known))
			r = add_line(g, line, target, known);
		if (r == -EINVAL)
			r = -EILSEQ;
	}
	/* what could not be written has been said */
	if (r && ours && g->failed == failed)
		refuse(g, line->target, -r);
	/* or a later line would get the mount point of this one */
	return r == -ENOMEM ? r : 0;
}

static void broken(void *arg, unsigned int number)
{
	remark(arg,
	       "line %u cannot be read, and is left out. Correct it as "
	       "fstab(5) says",
	       number);
}

/* ---- the program ---- */

static bool is_false(const char *text)
{
	static const char *const words[] = {
		"0", "no", "n", "false", "f", "off"
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(words); i++) {
		if (strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/* fstab=no on the kernel's command line: systemd reads none, nor do we. */
static bool fstab_is_off(void)
{
	static const char option[] = "fstab=";
	azf_autoclose int fd = open("/proc/cmdline",
				    O_RDONLY | O_CLOEXEC | O_NOCTTY);
	const char *given = getenv("SYSTEMD_PROC_CMDLINE");
	char text[16384] = "";
	bool off = false;
	char *rest = NULL;

	if (given)
		(void)snprintf(text, sizeof(text), "%s", given);
	else if (fd < 0 || azf_read_file(fd, text, sizeof(text)) < 0)
		return false;
	for (char *word = strtok_r(text, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest)) {
		if (azf_starts_with(word, option))
			off = is_false(word + sizeof(option) - 1);
	}
	return off;
}

static int open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int run(struct generator *g)
{
	const struct azf_table_visitor visitor = { visit, broken, g };
	int r = azf_table_visit(g->fstab, &visitor);

	tdestroy(g->targets, free);
	if (r < 0 && r != -ENOENT) {
		remark(g, "cannot be read: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	return g->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int generator_main(int argc, char **argv)
{
	azf_autoclose int kmsg = open_kmsg();
	azf_autoclose int normal = open_directory(argc > 1 ? argv[1] : "");
	azf_autoclose int early =
		open_directory(argc > 1 ? argv[argc > 2 ? 2 : 1] : "");
	azf_autoclose int etc = open_directory("/etc/systemd/system");
	azf_autoclose int run_dir = open_directory("/run/systemd/system");
	const char *fstab = getenv("SYSTEMD_FSTAB");
	struct generator g = {
		.normal = normal,
		.early = early,
		.native = { etc, run_dir },
		.fstab = fstab ? fstab : "/etc/fstab",
		.kmsg = kmsg,
	};

	if ((argc != 2 && argc != 4) || normal < 0 || early < 0) {
		(void)fputs("Usage: " NAME " NORMAL-DIR [EARLY-DIR LATE-DIR]\n"
			    "systemd runs it, see azfiles-generator(8). The "
			    "directories must exist.\n",
			    stderr);
		return EXIT_FAILURE;
	}
	(void)umask(022);
	return fstab_is_off() ? EXIT_SUCCESS : run(&g);
}
