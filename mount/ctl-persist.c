// SPDX-License-Identifier: MIT
/*
 * ctl-persist.c - "persist": a mount that every boot makes again.
 *
 * Nothing is written before the line was checked, and usually tried, just as
 * mount.azfiles would.
 */
#include "ctl-persist.h"
#include "azf-private.h"
#include "ctl.h"
#include "options.h"
#include "retry.h"
#include "source.h"
#include "wipe.h"

#include <signal.h>

/**
 * struct persist - one call
 * @mount: what it is about
 * @place: what is at its mount point now
 * @given: the argument of -o; it may have a secret in it
 * @made: the target and the options that @mount points to
 */
struct persist {
	const struct ctl_call *call;
	struct ctl_mount mount;
	struct ctl_place place;
	char *given;
	char *target;
	char *options;
};

static void free_persist(struct persist *persist)
{
	ctl_place_free(&persist->place);
	azf_wipe_free(persist->given);
	free(persist->target);
	free(persist->options);
}

static bool has(const struct persist *persist, const char *option)
{
	return ctl_value(persist->call, option) != NULL;
}

/* ---- the line ---- */

static bool has_word(const char *options, const char *word)
{
	size_t len = strlen(word);

	for (;; options++) {
		if (strncmp(options, word, len) == 0 &&
		    (options[len] == ',' || options[len] == '\0'))
			return true;
		options = strchr(options, ',');
		if (!options)
			return false;
	}
}

static int refuse_secret(const char *text, struct azf_error *err)
{
	azf_cleanup(azf_source_free) struct azf_source source = { 0 };
	int r = azf_source_parse(text, &source, err);

	if (r)
		return r;
	azf_fail(err, AZF_E_USAGE,
		 "every user can read what stands in fstab or in a unit, and "
		 "the options have a password");
	if (source.account)
		return azf_cure(err,
				"Store it with 'azfilesctl key add %s', and "
				"leave password= out",
				source.account);
	return azf_cure(err, "Put it into a file, and name that with "
			     "credentials=FILE");
}

/* @text is that of argv: when it is read, no password stays in it. */
static int check_options(struct persist *persist, char *text,
			 struct azf_error *err)
{
	azf_autooptions struct azf_options *options = azf_options_new(false);
	const char *retry;
	int r;

	if (!options)
		return azf_no_memory(err);
	r = azf_options_parse(options, text, err);
	if (r)
		return r;
	if (options->password.len || options->password2.len)
		return refuse_secret(persist->mount.source, err);
	if (azf_options_get(options, "remount")) {
		azf_fail(err, AZF_E_USAGE,
			 "the option remount is for a mount "
			 "that is there already");
		return azf_cure(err, "Leave it out");
	}
	retry = azf_options_value(options, "retry");
	persist->mount.retry = retry ? (unsigned int)strtoul(retry, NULL, 10) :
				       AZF_RETRY_SECONDS;
	return 0;
}

static void add_word(struct azf_str *list, const char *given, const char *word)
{
	if (!has_word(given, word))
		azf_str_add(list, "%s%s", list->len ? "," : "", word);
}

/* What was given, and what systemd has to be told besides. */
static int make_options(struct persist *persist, struct azf_error *err)
{
	azf_autostr struct azf_str options = { 0 };
	const char *given = persist->given;

	if (has(persist, "required") && has_word(given, "nofail")) {
		azf_fail(err, AZF_E_USAGE,
			 "--required and the option nofail contradict each "
			 "other");
		return azf_cure(err, "Leave one of them out");
	}
	azf_str_add(&options, "%s", given);
	/* without it systemd takes the file system for a local one */
	add_word(&options, given, "_netdev");
	if (!has(persist, "required"))
		add_word(&options, given, "nofail");
	if (has(persist, "automount"))
		add_word(&options, given, "x-systemd.automount");
	if (options.failed)
		return azf_no_memory(err);
	persist->options = azf_take(options.text);
	persist->mount.options = persist->options;
	persist->mount.automount = has_word(persist->options,
					    "x-systemd.automount");
	persist->mount.required = !has_word(persist->options, "nofail");
	return 0;
}

/* ---- before anything is written ---- */

static bool makes_directory(const struct persist *persist)
{
	const char *word = strcasestr(persist->options, "x-mount.mkdir");

	return word && (word == persist->options || word[-1] == ',');
}

static int check_place(const struct persist *persist, struct azf_error *err)
{
	const char *target = persist->mount.target;

	if (persist->place.exists || makes_directory(persist))
		return 0;
	azf_fail(err, AZF_E_MOUNT, "the mount point %s does not exist", target);
	return azf_cure(err,
			"Create it with 'mkdir -p %s', or add X-mount.mkdir to "
			"the options",
			target);
}

static int check_or_try(const struct persist *persist, struct azf_error *err)
{
	if (has(persist, "no-try") || has(persist, "dry-run"))
		return ctl_try_check(&persist->mount, err);
	if (persist->place.exists)
		return ctl_try_mount(&persist->mount, err);
	azf_note(&ctl_log, AZF_INFO,
		 "the mount is not tried, since %s does not exist yet",
		 persist->mount.target);
	return ctl_try_check(&persist->mount, err);
}

static int prepare(struct persist *persist, struct azf_error *err)
{
	static char none[] = "";
	const struct ctl_call *call = persist->call;
	char *text = ctl_value(call, "options");
	int r;

	persist->given = azf_wipe_strdup(text ? text : none);
	if (!persist->given)
		return azf_no_memory(err);
	persist->mount.source = call->args[0];
	r = check_options(persist, text ? text : none, err);
	if (r == 0)
		r = ctl_place_resolve(call->args[1], &persist->target, err);
	if (r)
		return r;
	persist->mount.target = persist->target;
	r = make_options(persist, err);
	if (r == 0)
		r = ctl_place_look(persist->target, &persist->place, err);
	if (r == 0)
		r = check_place(persist, err);
	if (r)
		return r;
	ctl_place_warn(persist->target, &persist->place);
	return check_or_try(persist, err);
}

/* ---- writing ---- */

static int put(const struct persist *persist, bool *ret_changed,
	       struct azf_error *err)
{
	const struct ctl_mount *mount = &persist->mount;
	bool dry = has(persist, "dry-run");
	int r;

	if (has(persist, "units")) {
		r = ctl_fstab_check_free(mount, err);
		return r ? r : ctl_units_put(mount, dry, ret_changed, err);
	}
	if (!ctl_units_exist(mount->target))
		return ctl_fstab_put(mount, dry, ret_changed, err);
	azf_fail(err, AZF_E_MOUNT, "%s has a unit in " AZF_UNIT_DIR " already",
		 mount->target);
	return azf_cure(err,
			"Remove it with 'azfilesctl unpersist %s', or add "
			"--units",
			mount->target);
}

static int start_unit(const char *target, const char *suffix,
		      struct azf_error *err)
{
	azf_autofree char *name = NULL;
	int r = ctl_system_unit_name(target, suffix, &name, err);

	return r ? r : ctl_system_unit("start", name, err);
}

/* As the next boot will do it. */
static int mount_now(const struct persist *persist, struct azf_error *err)
{
	const struct ctl_mount *mount = &persist->mount;
	bool systemd = ctl_system_has_systemd();

	if (persist->place.share || persist->place.automount) {
		azf_note(&ctl_log, AZF_INFO, "%s is mounted already",
			 mount->target);
		return 0;
	}
	(void)fflush(stdout);
	if (mount->automount && systemd)
		return start_unit(mount->target, ".automount", err);
	if (!has(persist, "units"))
		return ctl_system_mount("/bin/mount", mount->target, err);
	if (systemd)
		return start_unit(mount->target, ".mount", err);
	azf_fail(err, AZF_E_MOUNT,
		 "systemd does not run here, so the units "
		 "mount nothing now");
	return azf_cure(err, "Leave out --now, or --units");
}

static int run(const struct ctl_call *call)
{
	azf_cleanup(free_persist) struct persist persist = { .call = call };
	struct azf_error err = { 0 };
	bool dry = ctl_value(call, "dry-run") != NULL;
	bool changed = false;
	int r;

	if (ctl_need_root(call))
		return 1;
	/* a limit or a full disk is an error of write(2), and no signal */
	(void)signal(SIGXFSZ, SIG_IGN);
	r = prepare(&persist, &err);
	if (r == 0)
		r = put(&persist, &changed, &err);
	if (r == 0 && changed && !dry)
		r = ctl_system_reload(&err);
	if (r == 0 && has(&persist, "now") && !dry)
		r = mount_now(&persist, &err);
	return r ? ctl_fail(&err) : 0;
}

const struct ctl_verb ctl_persist = {
	.name = "persist",
	.arguments = "SOURCE TARGET",
	.min = 2,
	.max = 2,
	.help = "mount a share at every boot: check it, try it, and write it "
		"into fstab",
	.options =
		(const struct ctl_option[]){
			{ "options", 'o', "OPTIONS", "as for mount -o" },
			{ "automount", 0, NULL, "the first access mounts it" },
			{ "required", 0, NULL, "the boot fails without it" },
			{ "units", 0, NULL,
			  "units of systemd in place of fstab" },
			{ "now", 0, NULL, "mount it now, too" },
			{ "no-try", 0, NULL,
			  "check it, but do not try the mount" },
			{ "dry-run", 0, NULL, "show what would be written" },
			{ 0 },
		},
	.run = run,
};
