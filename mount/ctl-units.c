// SPDX-License-Identifier: MIT
/* ctl-units.c - mount and automount units that come and go. */
#include "azf-private.h"
#include "ctl-persist.h"
#include "replace.h"
#include "retry.h"
#include "text-edit.h"
#include "unit-name.h"

#include <errno.h>

/* How we know our own. */
#define MARK \
	"# Made by 'azfilesctl persist'; 'azfilesctl unpersist' removes it."

/* The two units of a mount point, in the order in which they are written. */
static const char *const suffixes[] = { ".mount", ".automount" };
enum {
	MOUNT,
	AUTOMOUNT,
	UNITS
};

/**
 * struct unit - a unit file, as it is and as it should be
 * @name: of the unit
 * @path: of the file
 * @text: what it should hold; NULL when there should be none
 */
struct unit {
	char *name;
	char *path;
	char *text;
};

static void free_units(struct unit (*units)[UNITS])
{
	for (size_t i = 0; i < UNITS; i++) {
		free((*units)[i].name);
		free((*units)[i].path);
		free((*units)[i].text);
	}
}

static int name_units(const char *target, struct unit *units,
		      struct azf_error *err)
{
	for (size_t i = 0; i < UNITS; i++) {
		int r = ctl_system_unit_name(target, suffixes[i],
					     &units[i].name, err);

		if (r)
			return r;
		if (asprintf(&units[i].path, AZF_UNIT_DIR "/%s",
			     units[i].name) < 0) {
			units[i].path = NULL;
			return azf_no_memory(err);
		}
	}
	return 0;
}

/* ---- what they hold ---- */

/**
 * struct words - the options of a line, sorted for a unit
 * @options: for Options=
 * @idle: of x-systemd.idle-timeout=
 * @timeout: of x-systemd.mount-timeout=
 */
struct words {
	struct azf_str options;
	char *idle;
	char *timeout;
};

static void free_words(struct words *words)
{
	azf_str_free(&words->options);
	free(words->idle);
	free(words->timeout);
}

static int take_word(struct words *words, const char *word,
		     struct azf_error *err)
{
	const struct {
		const char *name;
		char **value;
	} rows[] = {
		{ "x-systemd.idle-timeout=", &words->idle },
		{ "x-systemd.mount-timeout=", &words->timeout },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		if (!azf_starts_with(word, rows[i].name))
			continue;
		free(*rows[i].value);
		*rows[i].value = strdup(word + strlen(rows[i].name));
		return *rows[i].value ? 0 : azf_no_memory(err);
	}
	if (azf_streq(word, "noauto") ||
	    (azf_starts_with(word, "x-systemd.") &&
	     !azf_streq(word, "x-systemd.automount"))) {
		azf_fail(err, AZF_E_USAGE,
			 "the option %s has no effect in a unit", word);
		return azf_cure(err, "Leave it out, or leave out --units");
	} else if (!azf_streq(word, "x-systemd.automount")) {
		azf_str_add(&words->options, "%s%s",
			    words->options.len ? "," : "", word);
	}
	return 0;
}

/* As of a line of fstab: what is still tried must not be cut short. */
static int set_timeout(const struct ctl_mount *mount, struct words *words,
		       struct azf_error *err)
{
	if (words->timeout)
		return 0;
	if (asprintf(&words->timeout, "%u",
		     mount->retry + AZF_ATTEMPT_SECONDS) < 0) {
		words->timeout = NULL;
		return azf_no_memory(err);
	}
	return 0;
}

static int sort_words(const struct ctl_mount *mount, struct words *words,
		      struct azf_error *err)
{
	azf_autofree char *copy = strdup(mount->options);
	char *rest = copy;
	char *word;

	if (!copy)
		return azf_no_memory(err);
	while ((word = strsep(&rest, ","))) {
		int r = *word ? take_word(words, word, err) : 0;

		if (r)
			return r;
	}
	if (words->options.failed)
		return azf_no_memory(err);
	return set_timeout(mount, words, err);
}

/* NAME=VALUE, or nothing without a value. */
static int add_setting(struct azf_str *text, const char *name,
		       const char *value, struct azf_error *err)
{
	azf_autofree char *escaped = NULL;
	int r;

	if (!value)
		return 0;
	r = azf_unit_value(value, &escaped);
	if (r == -ENOMEM)
		return azf_no_memory(err);
	if (r) {
		azf_fail(err, AZF_E_USAGE,
			 "'%s' cannot be the value of %s= in a unit", value,
			 name);
		return azf_cure(err, "Leave out --units");
	}
	azf_str_add(text, "%s=%s\n", name, escaped);
	return 0;
}

static void add_head(struct azf_str *text)
{
	azf_str_add(text, MARK "\n"
			       "[Unit]\n"
			       "Documentation=man:azfilesctl(8) "
			       "man:mount.azfiles(8)\n");
}

static void add_install(struct azf_str *text, const struct ctl_mount *mount)
{
	azf_str_add(text, "\n[Install]\n%s=remote-fs.target\n",
		    mount->required ? "RequiredBy" : "WantedBy");
}

static int mount_text(const struct ctl_mount *mount, const struct words *words,
		      char **ret_text, struct azf_error *err)
{
	azf_autostr struct azf_str text = { 0 };
	int r;

	add_head(&text);
	azf_str_add(&text, "\n[Mount]\n");
	r = add_setting(&text, "What", mount->source, err);
	if (r == 0)
		r = add_setting(&text, "Where", mount->target, err);
	azf_str_add(&text, "Type=azfiles\n");
	if (r == 0)
		r = add_setting(&text, "Options", words->options.text, err);
	if (r == 0)
		r = add_setting(&text, "TimeoutSec", words->timeout, err);
	if (!mount->automount)
		add_install(&text, mount);
	if (r == 0 && text.failed)
		r = azf_no_memory(err);
	if (r == 0)
		*ret_text = azf_take(text.text);
	return r;
}

static int automount_text(const struct ctl_mount *mount,
			  const struct words *words, char **ret_text,
			  struct azf_error *err)
{
	azf_autostr struct azf_str text = { 0 };
	int r;

	add_head(&text);
	azf_str_add(&text, "\n[Automount]\n");
	r = add_setting(&text, "Where", mount->target, err);
	if (r == 0)
		r = add_setting(&text, "TimeoutIdleSec", words->idle, err);
	add_install(&text, mount);
	if (r == 0 && text.failed)
		r = azf_no_memory(err);
	if (r == 0)
		*ret_text = azf_take(text.text);
	return r;
}

static int write_texts(const struct ctl_mount *mount, struct unit *units,
		       struct azf_error *err)
{
	azf_cleanup(free_words) struct words words = { 0 };
	int r;

	r = sort_words(mount, &words, err);
	if (r == 0)
		r = mount_text(mount, &words, &units[MOUNT].text, err);
	if (r == 0 && mount->automount)
		r = automount_text(mount, &words, &units[AUTOMOUNT].text, err);
	return r;
}

/* ---- files ---- */

static bool is_ours(const struct azf_replace *file)
{
	return azf_starts_with(file->text, MARK "\n");
}

static bool is_right(const struct azf_replace *file, const struct unit *unit)
{
	return unit->text ? azf_streq(file->text, unit->text) : file->fd < 0;
}

static int show(const struct azf_replace *file, const struct unit *unit,
		struct azf_error *err)
{
	azf_autostr struct azf_str diff = { 0 };
	const struct azf_edit edit = {
		.end = file->len,
		.text = unit->text ? unit->text : (char[]){ "" },
	};

	azf_edit_diff(file->text, &edit, &diff);
	if (diff.failed)
		return azf_no_memory(err);
	(void)printf("--- %s\n+++ %s\n%s",
		     file->fd < 0 ? "/dev/null" : file->path,
		     unit->text ? file->path : "/dev/null", diff.text);
	return 0;
}

static int write_unit(const struct azf_replace *file, const struct unit *unit,
		      struct azf_error *err)
{
	int r;

	if (unit->text)
		r = azf_replace_write(file, unit->text, strlen(unit->text),
				      NULL, err);
	else
		r = unlinkat(file->dir, file->name, 0) ?
			    azf_fail(err, AZF_E_SYSTEM, "cannot remove %s: %s",
				     file->path, strerror(errno)) :
			    0;
	if (r == 0)
		(void)printf("%s %s\n", unit->text ? "wrote" : "removed",
			     file->path);
	return r;
}

/*
 * Bring one file in order. Its links go first: they follow its [Install], which
 * may be another afterwards.
 */
static int settle(const struct unit *unit, bool dry, bool *changed,
		  struct azf_error *err)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	int r = azf_replace_open(unit->path, &file, err);

	if (r || is_right(&file, unit))
		return r;
	*changed = true;
	if (dry)
		return show(&file, unit, err);
	if (file.fd >= 0)
		r = ctl_system_unit("disable", unit->name, err);
	return r ? r : write_unit(&file, unit, err);
}

/* Both, before either is touched. A file that is not there is fine. */
static int check_ours(const struct unit *units, struct azf_error *err)
{
	for (size_t i = 0; i < UNITS; i++) {
		azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
		int r = azf_replace_open(units[i].path, &file, err);

		if (r)
			return r;
		if (file.fd < 0 || is_ours(&file))
			continue;
		azf_fail(err, AZF_E_MOUNT,
			 "%s was not made by 'azfilesctl persist'", file.path);
		return azf_cure(err, "Change or remove it by hand");
	}
	return 0;
}

bool ctl_units_exist(const char *target)
{
	azf_cleanup(free_units) struct unit units[UNITS] = { 0 };
	struct azf_error err;
	bool exist = false;

	if (name_units(target, units, &err))
		return false;
	for (size_t i = 0; i < UNITS; i++)
		exist |= units[i].path && access(units[i].path, F_OK) == 0;
	return exist;
}

int ctl_units_put(const struct ctl_mount *mount, bool dry, bool *ret_changed,
		  struct azf_error *err)
{
	azf_cleanup(free_units) struct unit units[UNITS] = { 0 };
	const char *enabled;
	int r;

	*ret_changed = false;
	r = name_units(mount->target, units, err);
	if (r == 0)
		r = write_texts(mount, units, err);
	if (r == 0)
		r = check_ours(units, err);
	for (size_t i = 0; i < UNITS && r == 0; i++)
		r = settle(&units[i], dry, ret_changed, err);
	if (r == 0 && !*ret_changed)
		(void)printf("nothing to do: %s is there already\n",
			     units[MOUNT].path);
	if (r || dry)
		return r;
	/* also then: somebody may have disabled it */
	enabled = units[mount->automount ? AUTOMOUNT : MOUNT].name;
	return ctl_system_unit("enable", enabled, err);
}

int ctl_units_drop(const char *target, bool dry, bool *ret_changed,
		   struct azf_error *err)
{
	azf_cleanup(free_units) struct unit units[UNITS] = { 0 };
	int r;

	*ret_changed = false;
	if (!ctl_units_exist(target))
		return 0;
	r = name_units(target, units, err);
	if (r == 0)
		r = check_ours(units, err);
	/* the automount first: it needs the other */
	for (size_t i = UNITS; i > 0 && r == 0; i--)
		r = settle(&units[i - 1], dry, ret_changed, err);
	return r;
}
