// SPDX-License-Identifier: MIT
/* ctl-whoami.c - azfilesctl whoami: as whom a user acts on mounts of many
 * users. */
#include "ctl.h"

#include "azf-private.h"
#include "ctl-login.h"
#include "ctl-table.h"
#include "fields.h"
#include "json.h"
#include "logon.h"
#include "mounted.h"
#include "run.h"
#include "source.h"

#include <time.h>

#define EXIT_NOBODY 64
#define ASK_MS	    30000
#define REMARK_MAX  1200

/**
 * struct view - a mount, and as whom the user acts there
 * @by: "mount", "key", "ticket"; NULL if as nobody
 * @name: at the server; "" if it is not known
 * @until: seconds since 1970, or 0
 * @remark: what is wrong, and a cure; or ""
 */
struct view {
	const struct azf_mounted *mount;
	const char *by;
	char name[AZF_LOGON_USER_MAX + 1];
	int64_t until;
	char remark[REMARK_MAX];
};

/**
 * struct look - one run
 * @tickets: what azfiles.upcall says of the user's cache, once it was asked
 */
struct look {
	struct azf_mounted_list list;
	struct view *views;
	size_t count;
	struct azf_fields tickets;
	bool asked;
};

static void free_look(struct look *look)
{
	azf_mounted_free(&look->list);
	azf_fields_free(&look->tickets);
	free(look->views);
}

/* ---- tickets ---- */

/* Which cache counts is known by the program that answers the kernel. */
static void ask_upcall(struct look *look)
{
	char path[4096], answer[4096];
	const char *argv[] = { path, "-w", getenv("KRB5CCNAME"), NULL };
	const struct azf_program program = {
		.argv = argv,
		.output = answer,
		.size = sizeof(answer),
		.timeout_ms = ASK_MS,
	};
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);
	size_t size = 0;
	char *slash;

	look->asked = true;
	path[len < 0 ? 0 : len] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return;
	(void)snprintf(slash + 1, 64, "azfiles.upcall");
	if (azf_run(&program, &size) == 0 &&
	    azf_fields_parse(answer, size, &look->tickets, NULL))
		azf_fields_free(&look->tickets);
}

static void look_at_tickets(struct look *look, struct view *view)
{
	const char *principal, *cause, *cure;
	uint64_t expires = 0;

	if (!look->asked)
		ask_upcall(look);
	principal = azf_fields_get(&look->tickets, "principal");
	cause = azf_fields_get(&look->tickets, "cause");
	cure = azf_fields_get(&look->tickets, "cure");
	if (!principal) {
		(void)snprintf(view->remark, sizeof(view->remark), "%s. %s",
			       cause ? cause :
				       "azfiles.upcall does not tell of your "
				       "tickets",
			       cure ? cure : "Run kinit");
		return;
	}
	(void)snprintf(view->name, sizeof(view->name), "%s", principal);
	if (azf_fields_number(&look->tickets, "expires", &expires))
		view->until = (int64_t)expires;
	if (view->until > time(NULL))
		view->by = "ticket";
	else
		(void)snprintf(view->remark, sizeof(view->remark),
			       "the tickets of %s have ended. Run kinit",
			       principal);
}

/* ---- keys ---- */

static void look_at_keys(struct view *view)
{
	const struct azf_mounted *mount = view->mount;
	struct azf_logon logon;

	azf_logon_find(AZF_LOGON_ADDRESS, mount->address, &logon);
	if (logon.reach == AZF_KEYRING_ABSENT && mount->domain[0])
		azf_logon_find(AZF_LOGON_DOMAIN, mount->domain, &logon);
	(void)snprintf(view->name, sizeof(view->name), "%s", logon.user);
	view->until = logon.until;
	if (logon.reach == AZF_KEYRING_FOUND)
		view->by = "key";
	else if (logon.reach == AZF_KEYRING_ELSEWHERE)
		(void)snprintf(view->remark, sizeof(view->remark), "%s",
			       CTL_LOGIN_ELSEWHERE);
	else
		(void)snprintf(view->remark, sizeof(view->remark),
			       "no key of yours for %s (%s). Run 'azfilesctl "
			       "login %s'",
			       mount->host, mount->address, mount->host);
}

/* ---- */

static void add_view(struct look *look, const struct azf_mounted *mount)
{
	struct view *view = &look->views[look->count++];

	*view = (struct view){ .mount = mount };
	if (getuid() == 0) {
		view->by = "mount";
		(void)snprintf(view->name, sizeof(view->name), "%s",
			       mount->user);
	} else if (mount->kerberos) {
		look_at_tickets(look, view);
	} else {
		look_at_keys(view);
	}
}

/* Return: 0, or the exit status after a message. */
static int find_views(const struct ctl_call *call, struct look *look)
{
	char *what = call->count ? call->args[0] : NULL;
	azf_autofree char *host = NULL;
	struct azf_error err = { 0 };

	if (what && what[0] == '/') {
		if (ctl_trim_target(what))
			return 1;
	} else if (what && azf_source_host(what, &host, &err)) {
		return ctl_fail(&err);
	}
	if (azf_mounted_all(NULL, &look->list) ||
	    !(look->views = reallocarray(NULL, look->list.count + 1,
					 sizeof(*look->views)))) {
		(void)azf_fail(&err, AZF_E_SYSTEM,
			       "cannot read the table of mounts");
		return ctl_fail(&err);
	}
	for (size_t i = 0; i < look->list.count; i++) {
		const struct azf_mounted *mount = &look->list.mounts[i];

		if (mount->multiuser &&
		    (!what || (host ? azf_streq(mount->canonical, host) :
				      azf_streq(mount->target, what))))
			add_view(look, mount);
	}
	if (look->count || !what)
		return 0;
	(void)azf_fail(&err, AZF_E_MOUNT,
		       "there is no mount with multiuser %s %s",
		       host ? "of" : "at", what);
	(void)azf_cure(&err,
		       "On other mounts everybody acts as the mount does: "
		       "'azfilesctl status' shows as whom");
	return ctl_fail(&err);
}

/* ---- what is printed ---- */

static int print_table(const struct look *look)
{
	static const struct ctl_column columns[] = {
		{ "TARGET", true }, { "SOURCE", true }, { "AS", true },
		{ "BY", false },    { "UNTIL", false }, { NULL, false },
	};
	ctl_autotable struct ctl_table table = { .columns = columns };
	char when[CTL_WHEN_MAX];
	int r = 0;

	for (size_t i = 0; i < look->count; i++) {
		const struct view *view = &look->views[i];

		ctl_table_add(&table, CTL_PLAIN, view->mount->target);
		ctl_table_add(&table, CTL_PLAIN, view->mount->source);
		ctl_table_add(&table, CTL_PLAIN,
			      view->by && view->name[0] ? view->name : "-");
		ctl_table_add(&table, view->by ? CTL_GOOD : CTL_BAD,
			      view->by ? view->by : "nobody");
		ctl_table_add(&table, CTL_PLAIN,
			      view->by && view->until ?
				      ctl_when(view->until, when) :
				      "-");
	}
	r = ctl_table_print(&table);
	for (size_t i = 0; r == 0 && i < look->count; i++) {
		azf_autostr struct azf_str text = { 0 };

		if (!look->views[i].remark[0])
			continue;
		azf_str_add(&text, "%s: %s", look->views[i].mount->target,
			    look->views[i].remark);
		r = text.failed ? -1 : ctl_print_text(text.text);
	}
	return r;
}

static bool add_json(struct azf_json *array, const struct view *view)
{
	struct azf_json *json = azf_json_new();

	return azf_json_append(array, json) &&
	       azf_json_add_string(json, "target", view->mount->target) &&
	       azf_json_add_string(json, "source", view->mount->source) &&
	       azf_json_add_string(json, "address", view->mount->address) &&
	       azf_json_add_string(json, "by", view->by) &&
	       azf_json_add_string(json, "name",
				   view->name[0] ? view->name : NULL) &&
	       (view->until ? azf_json_add_number(json, "until", view->until) :
			      azf_json_add_string(json, "until", NULL)) &&
	       azf_json_add_string(json, "remark",
				   view->remark[0] ? view->remark : NULL);
}

static int print_json(const struct look *look)
{
	azf_autojson struct azf_json *json = azf_json_new();
	struct azf_json *array = azf_json_new_array();
	azf_autofree char *text = NULL;
	bool good = azf_json_add(json, "mounts", array);

	for (size_t i = 0; good && i < look->count; i++)
		good = add_json(array, &look->views[i]);
	text = good ? azf_json_print(json) : NULL;
	return text && printf("%s\n", text) > 0 ? 0 : -1;
}

static int run(const struct ctl_call *call)
{
	azf_cleanup(free_look) struct look look = { .count = 0 };
	int status = find_views(call, &look);
	int r;

	if (status)
		return status;
	if (ctl_value(call, "json"))
		r = print_json(&look);
	else if (look.count)
		r = print_table(&look);
	else
		r = puts("there is no mount with multiuser: everybody acts as "
			 "the mount does") < 0;
	if (r || fflush(stdout)) {
		(void)fputs("azfilesctl: cannot print\n", stderr);
		return azf_exit_status(AZF_E_SYSTEM);
	}
	for (size_t i = 0; i < look.count; i++) {
		if (!look.views[i].by)
			status = EXIT_NOBODY;
	}
	return status;
}

const struct ctl_verb ctl_whoami = {
	.name = "whoami",
	.arguments = "[HOST|TARGET]",
	.min = 0,
	.max = 1,
	.help = "as whom you act on mounts of many users, and until when",
	.options =
		(const struct ctl_option[]){
			{ "json", 0, NULL, "as JSON" },
			{ 0 },
		},
	.run = run,
};
