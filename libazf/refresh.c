// SPDX-License-Identifier: MIT
/*
 * refresh.c - tickets renewed before anybody needs them, sessions begun anew
 * before anybody notices, and what no mount uses forgotten.
 */
#include "refresh.h"

#include "azf-private.h"
#include "connected.h"
#include "ends.h"
#include "inputs.h"
#include "mounted.h"
#include "probe.h"
#include "ticket-talk.h"
#include "ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* What begins later is left to the next run. */
#define RUN_MS	 (240 * 1000)
#define TOUCH_MS 10000

/* So many are touched at the same time. */
#define TOUCH_MAX 32

/* A directory, by its name. */
struct name {
	char *host;
	char *tag;
};

/**
 * struct run - one azf_refresh()
 * @names: those of one identity behind one another
 * @connections: read when the first directory is met that no mount uses
 * @talk: with which tickets are renewed
 * @failures: mounts' identities that are without a ticket
 * @code: of the last of them
 * @seen: there was one to look after
 */
struct run {
	const struct azf_refresh *refresh;
	struct name *names;
	size_t count;
	struct azf_mounted_list mounted;
	struct azf_connections connections;
	bool connections_read;
	struct azf_ticket_talk talk;
	int64_t deadline_ms;
	unsigned int failures;
	int code;
	bool seen;
};

/**
 * struct item - one directory
 * @renewable: another ticket can be got without somebody handing over a token
 * @users: tickets are a user's own, and not ours to renew
 */
struct item {
	const char *host;
	const char *tag;
	struct azf_state state;
	bool renewable;
	bool users;
};

static void free_run(struct run *run)
{
	azf_mounted_free(&run->mounted);
	azf_connections_free(&run->connections);
	azf_ticket_talk_end(&run->talk);
	for (size_t i = 0; i < run->count; i++) {
		free(run->names[i].host);
		free(run->names[i].tag);
	}
	free(run->names);
}

static void free_item(struct item *item)
{
	azf_state_close(&item->state);
}

static uint64_t now(void)
{
	return (uint64_t)time(NULL);
}

static bool is_meant(const struct run *run, const struct azf_mounted *mount)
{
	const char *target = run->refresh->target;

	return !target || azf_streq(mount->target, target);
}

static void say(const struct run *run, const struct item *item,
		enum azf_level level, const char *text)
{
	azf_note(run->refresh->log, level, "%s as %s: %s", item->host,
		 item->tag, text);
}

/* ---- tickets ---- */

struct relay {
	const struct run *run;
	const struct item *item;
};

static void relay(void *arg, enum azf_level level, const char *text)
{
	const struct relay *relay = arg;

	say(relay->run, relay->item, level, text);
}

static void say_until(const struct run *run, const struct item *item,
		      enum azf_level level, const char *what, uint64_t end)
{
	time_t expires = (time_t)end;
	char text[128], when[32];
	struct tm tm;

	if (!gmtime_r(&expires, &tm) ||
	    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		return;
	(void)snprintf(text, sizeof(text), "%s until %s", what, when);
	say(run, item, level, text);
}

static void tell_failure(struct run *run, const struct item *item,
			 const struct azf_error *err)
{
	char text[sizeof(err->cause) + sizeof(err->cure) + 4];

	(void)snprintf(text, sizeof(text), "%s%s%s", err->cause,
		       err->cure[0] ? ". " : "", err->cure);
	say(run, item, AZF_WARN, text);
	run->failures++;
	run->code = err->code;
}

/* Another one for each ticket, since files are replaced; 0 if there is none. */
static ino_t ticket_file(const struct item *item)
{
	struct stat st;

	return fstatat(item->state.fd, "ticket", &st, AT_SYMLINK_NOFOLLOW) ?
		       0 :
		       st.st_ino;
}

static void renew(struct run *run, const struct item *item,
		  enum azf_ticket_when when)
{
	const struct relay arg = { run, item };
	const struct azf_log log = { relay, (void *)&arg };
	ino_t before = ticket_file(item);
	struct azf_ticket_times times;
	struct azf_error err = { 0 };

	if (azf_ticket_renew(&item->state, when, &run->talk, &log, &err))
		tell_failure(run, item, &err);
	else if (ticket_file(item) != before &&
		 azf_ticket_times(&item->state, &times))
		say_until(run, item, AZF_INFO, "renewed, valid", times.expires);
}

static void look_after_ticket(struct run *run, const struct item *item)
{
	struct azf_ticket_times times;
	struct azf_error err = { 0 };

	/* what nobody can renew is not asked for while it works */
	if (run->refresh->now &&
	    (item->renewable || !azf_ticket_times(&item->state, &times) ||
	     now() >= times.expires)) {
		renew(run, item, AZF_TICKET_ALWAYS);
		return;
	}
	if (azf_ticket_times(&item->state, &times) && now() < times.early) {
		say_until(run, item, AZF_DEBUG, "fresh, valid", times.expires);
		return;
	}
	if (azf_ticket_failure(&item->state, AZF_TICKET_EARLY, &err)) {
		say(run, item, AZF_DEBUG,
		    "due, but a moment ago it could not be renewed");
		return;
	}
	if (azf_now_ms() < run->deadline_ms)
		renew(run, item, AZF_TICKET_EARLY);
}

/* ---- sessions ---- */

static void touch_some(const struct run *run, const struct item *item,
		       struct azf_probe *probes, size_t count)
{
	int r = azf_probe(probes, count, TOUCH_MS, false);

	if (r)
		azf_note(run->refresh->log, AZF_WARN,
			 "cannot start a process: %s", strerror(-r));
	for (size_t i = 0; i < count; i++) {
		int error = probes[i].error;

		if (error && error != ENODEV && error != ENOENT)
			azf_note(run->refresh->log, AZF_WARN,
				 "%s as %s: %s does not answer: %s", item->host,
				 item->tag, probes[i].target, strerror(error));
	}
}

/*
 * Without a ticket there is no session to begin. All mounts that use it are
 * touched, whichever was asked for: the end is forgotten then. The server's
 * clock may be behind: an end is touched at each run until it cannot be.
 */
static void begin_sessions(const struct run *run, const struct item *item)
{
	struct azf_probe probes[TOUCH_MAX];
	struct azf_ticket_times times;
	uint64_t began = now();
	size_t count = 0;

	if (!azf_ends_reached(&item->state, began) ||
	    !azf_ticket_times(&item->state, &times) || began >= times.expires)
		return;
	for (size_t i = 0; i < run->mounted.count; i++) {
		const struct azf_mounted *mount = &run->mounted.mounts[i];

		if (!azf_mounted_uses(mount, item->host, item->tag))
			continue;
		probes[count++].target = mount->target;
		if (count < TOUCH_MAX)
			continue;
		touch_some(run, item, probes, count);
		count = 0;
	}
	touch_some(run, item, probes, count);
	azf_ends_drop(&item->state, began);
}

/* ---- what no mount uses ---- */

static bool is_connected(struct run *run, const char *host)
{
	if (!run->connections_read &&
	    azf_connections_read(run->refresh->servers, &run->connections))
		run->connections.unnamed = true;
	run->connections_read = true;
	return azf_connections_have(&run->connections, host);
}

static int find_other(void *arg, const char *host, const char *tag)
{
	const struct item *item = arg;

	return azf_streq(item->tag, tag) && !azf_streq(item->host, host);
}

/* The token serves all hosts; so does its lock, which whoever holds it keeps. */
static void forget_token(const struct item *item)
{
	azf_autofree char *lock = NULL;

	if (azf_state_visit(find_other, (void *)item))
		return;
	azf_ticket_forget_token(&item->state);
	if (asprintf(&lock, AZF_TOKEN_LOCK_DIR "/%s", item->tag) < 0)
		lock = NULL;
	else
		(void)unlink(lock);
}

/* Since when nobody uses it; the mark is made now if there is none. */
static uint64_t unused_since(const struct item *item)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	uint64_t since;

	if (azf_state_read(&item->state, "unused", &fields) == 0 &&
	    azf_fields_number(&fields, "since", &since) && since <= now())
		return since;
	azf_fields_free(&fields);
	if (azf_fields_set_number(&fields, "since", (int64_t)now()) == 0)
		/* if it cannot be written, nothing is forgotten */
		(void)!azf_state_write_fields(&item->state, "unused", &fields);
	return now();
}

/*
 * A container may have mounts that we do not see, and the kernel does not tell
 * whose they are. As long as it has to do with the host, the way to a ticket
 * stays, which is no secret; the ticket stays until it is useless.
 */
static void forget_ticket(const struct run *run, const struct item *item)
{
	struct azf_ticket_times times;

	if (!azf_ticket_times(&item->state, &times) || now() < times.expires)
		return;
	azf_state_remove(&item->state, "ccache");
	azf_state_remove(&item->state, "ticket");
	say(run, item, AZF_INFO, "expired, no mount is seen: ticket forgotten");
}

static void forget(struct run *run, struct item *item)
{
	/* who holds it is about to mount */
	azf_autoclose int lock = azf_state_lock(&item->state, 0);
	uint64_t since;

	if (lock < 0)
		return;
	if (is_connected(run, item->host)) {
		azf_state_remove(&item->state, "unused");
		forget_ticket(run, item);
		return;
	}
	since = unused_since(item);
	if (now() - since < AZF_REFRESH_UNUSED_S)
		return;
	forget_token(item);
	if (azf_state_forget(&item->state, item->host, item->tag) == 0)
		say(run, item, AZF_INFO, "no mount uses it: forgotten");
}

/* ---- the run ---- */

static bool is_used(const struct run *run, const struct item *item)
{
	for (size_t i = 0; i < run->mounted.count; i++) {
		const struct azf_mounted *mount = &run->mounted.mounts[i];

		if (is_meant(run, mount) &&
		    azf_mounted_uses(mount, item->host, item->tag))
			return true;
	}
	return false;
}

/* Somebody set it. Without a ticket and a way to another it is of no use. */
static bool stays(const struct item *item)
{
	struct azf_ticket_times times;

	return azf_ticket_is_kept(&item->state) &&
	       (item->renewable || (azf_ticket_times(&item->state, &times) &&
				    now() < times.expires));
}

static void read_credential(struct item *item)
{
	azf_autofields struct azf_fields credential = { .count = 0 };

	item->renewable = true;
	if (azf_state_read(&item->state, "credential", &credential))
		return;
	item->users = azf_ticket_is_users(&credential);
	item->renewable = !item->users && !azf_ticket_is_given(&credential);
}

static void visit(struct run *run, const struct name *name)
{
	azf_cleanup(free_item) struct item item = {
		.host = name->host,
		.tag = name->tag,
		.state = { .fd = -1 },
	};

	/* not a directory, not root's own, gone: not ours */
	if (azf_state_open(name->host, name->tag, false, &item.state))
		return;
	read_credential(&item);
	if (!is_used(run, &item)) {
		if (run->refresh->target)
			return;
		if (!stays(&item)) {
			forget(run, &item);
			return;
		}
	}
	run->seen = true;
	azf_state_remove(&item.state, "unused");
	if (item.users) {
		say(run, &item, AZF_DEBUG,
		    "tickets are the user's own: kinit renews them");
		return;
	}
	look_after_ticket(run, &item);
	begin_sessions(run, &item);
}

static int collect(void *arg, const char *host, const char *tag)
{
	struct run *run = arg;
	struct name *names = reallocarray(run->names, run->count + 1,
					  sizeof(*names));
	struct name *name;

	if (!names)
		return -ENOMEM;
	run->names = names;
	name = &names[run->count++];
	name->host = strdup(host);
	name->tag = strdup(tag);
	return name->host && name->tag ? 0 : -ENOMEM;
}

static int compare(const void *a, const void *b)
{
	const struct name *left = a, *right = b;
	int order = strcmp(left->tag, right->tag);

	return order ? order : strcmp(left->host, right->host);
}

static int visit_all(struct run *run)
{
	int r = azf_state_visit(collect, run);

	if (r)
		return r;
	if (run->count)
		qsort(run->names, run->count, sizeof(*run->names), compare);
	for (size_t i = 0; i < run->count; i++)
		visit(run, &run->names[i]);
	return 0;
}

int azf_refresh(const struct azf_refresh *refresh, struct azf_error *err)
{
	azf_cleanup(free_run) struct run run = {
		.refresh = refresh,
		.talk = AZF_TICKET_TALK_NONE,
		.deadline_ms = azf_now_ms() + RUN_MS,
	};
	int r = azf_mounted_all(refresh->mounts, &run.mounted);

	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the table of mounts: %s",
				strerror(-r));
	r = visit_all(&run);
	if (r) {
		azf_fail(err, AZF_E_SYSTEM, "cannot read " AZF_RUN_DIR ": %s",
			 strerror(-r));
		return azf_cure(err, "It must belong to root, with mode 0700");
	}
	if (refresh->target && !run.seen) {
		azf_fail(err, AZF_E_MOUNT,
			 "no share is mounted on %s with an identity",
			 refresh->target);
		return azf_cure(err, "'azfilesctl status' shows all mounts");
	}
	if (!run.failures)
		return 0;
	azf_fail(err, (enum azf_code)run.code,
		 "%u ticket%s could not be renewed", run.failures,
		 run.failures == 1 ? "" : "s");
	return azf_cure(err, "The lines before this one say why");
}
