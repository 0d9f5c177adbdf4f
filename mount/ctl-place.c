// SPDX-License-Identifier: MIT
/* ctl-place.c - mount points: what they are called, and what is there. */
#include "azf-private.h"
#include "ctl-persist.h"
#include "ctl.h"
#include "system.h"
#include "table.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>

/* What Azure's agents put on a disk that does not last. */
#define DATALOSS      "DATALOSS_WARNING_README.txt"
/* Where they mount it, on the distributions that do not use /mnt. */
#define RESOURCE_DISK "/mnt/resource"

/* ---- names ---- */

/* Without slashes and dots that make no difference; NULL if it has "..". */
static char *normalise(const char *path, struct azf_error *err)
{
	azf_autostr struct azf_str result = { 0 };

	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0) {
			azf_fail(err, AZF_E_USAGE,
				 "the mount point has a '..' in it");
			(void)azf_cure(err, "Write its whole path");
			return NULL;
		}
		if (len != 1 || *path != '.')
			azf_str_add(&result, "/%.*s", (int)len, path);
		path += len;
	}
	azf_str_add(&result, "%s", result.len ? "" : "/");
	if (result.failed) {
		(void)azf_no_memory(err);
		return NULL;
	}
	return azf_take(result.text);
}

int ctl_place_resolve(const char *target, char **ret_path,
		      struct azf_error *err)
{
	char *path;

	if (target[0] != '/') {
		azf_fail(err, AZF_E_USAGE,
			 "the mount point '%s' is not an absolute path",
			 target);
		return azf_cure(err, "Write its whole path, as in /srv/share");
	}
	/* this mounts nothing: an automount point at the end is not entered */
	path = realpath(target, NULL);
	if (!path)
		path = normalise(target, err);
	if (!path)
		return -(int)err->code;
	if (azf_streq(path, "/")) {
		free(path);
		azf_fail(err, AZF_E_USAGE, "/ is not a mount point of shares");
		return azf_cure(err, "Choose another directory");
	}
	*ret_path = path;
	return 0;
}

/* ---- what is there ---- */

struct look {
	const char *path;
	struct ctl_place *place;
	bool no_memory;
};

static void keep(struct look *look, char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	look->no_memory |= !*to;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = azf_streq(dir, "/") ? 0 : strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/';
}

/* Mounts come in the order in which they cover each other. */
static int look_at(void *arg, const struct azf_table_line *line)
{
	struct look *look = arg;
	struct ctl_place *place = look->place;

	if (azf_streq(line->target, look->path)) {
		place->automount |= azf_streq(line->type, "autofs");
		if (azf_table_is_smb(line->type))
			keep(look, &place->share, line->source);
		else if (!azf_streq(line->type, "autofs"))
			place->other = true;
	} else if (is_below(look->path, line->target) &&
		   (!place->disk ||
		    strlen(line->target) >= strlen(place->disk))) {
		keep(look, &place->disk, line->target);
		keep(look, &place->device, line->source);
	}
	return look->no_memory;
}

void ctl_place_free(struct ctl_place *place)
{
	free(place->share);
	free(place->disk);
	free(place->device);
	*place = (struct ctl_place){ 0 };
}

int ctl_place_look(const char *path, struct ctl_place *ret_place,
		   struct azf_error *err)
{
	azf_cleanup(ctl_place_free) struct ctl_place place = { 0 };
	struct look look = { .path = path, .place = &place };
	const struct azf_table_visitor visitor = { look_at, NULL, &look };
	struct statx stx;
	int r = azf_mountinfo_visit(NULL, &visitor);

	if (r < 0)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the table of mounts: %s",
				strerror(-r));
	if (r)
		return azf_no_memory(err);
	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_TYPE, &stx) == 0) {
		if (!S_ISDIR(stx.stx_mode)) {
			azf_fail(err, AZF_E_MOUNT,
				 "the mount point %s is not a directory", path);
			return azf_cure(err, "Mount on a directory");
		}
		place.exists = true;
	}
	*ret_place = place;
	place = (struct ctl_place){ 0 };
	return 0;
}

/* ---- warnings ---- */

static bool is_device(const char *path, const char *link)
{
	azf_autofree char *a = realpath(path, NULL);
	azf_autofree char *b = realpath(link, NULL);

	return a && b && azf_streq(a, b);
}

/* Azure's udev rules name it; where they are missing, its label does. */
static bool is_resource_device(const char *device)
{
	static const char *const patterns[] = {
		"/dev/disk/azure/resource*",
		"/dev/disk/by-label/Temporary*Storage",
	};
	bool found = false;

	for (size_t i = 0; i < AZF_ARRAY_SIZE(patterns) && !found; i++) {
		glob_t links = { 0 };

		if (glob(patterns[i], GLOB_NOSORT, NULL, &links))
			continue;
		for (size_t n = 0; n < links.gl_pathc && !found; n++)
			found = is_device(device, links.gl_pathv[n]);
		globfree(&links);
	}
	return found;
}

bool ctl_place_is_temporary(const char *path, const struct ctl_place *place)
{
	azf_autofree char *readme = NULL;

	if (azf_streq(path, RESOURCE_DISK) || is_below(path, RESOURCE_DISK))
		return true;
	if (!place->disk)
		return false;
	if (asprintf(&readme, "%s/" DATALOSS, place->disk) < 0) {
		readme = NULL;
		return false;
	}
	return access(readme, F_OK) == 0 || is_resource_device(place->device);
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = true;

	if (!dir)
		return true;
	while (empty && (entry = readdir(dir)))
		empty = azf_streq(entry->d_name, ".") ||
			azf_streq(entry->d_name, "..");
	(void)closedir(dir);
	return empty;
}

bool ctl_place_is_hiding(const char *path, const struct ctl_place *place)
{
	/* what is mounted there must not be entered */
	return place->exists && !place->share && !place->automount &&
	       !place->other && !is_empty(path);
}

void ctl_place_warn(const char *path, const struct ctl_place *place)
{
	if (ctl_place_is_temporary(path, place))
		azf_note(&ctl_log, AZF_WARN,
			 "%s is on the temporary disk of this machine, which "
			 "is emptied when the machine moves: then the mount "
			 "point is gone. Better choose another, as /srv/share",
			 path);
	if (ctl_place_is_hiding(path, place))
		azf_note(&ctl_log, AZF_WARN,
			 "%s is not empty. The share hides what is in it",
			 path);
}
