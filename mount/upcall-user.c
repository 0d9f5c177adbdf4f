// SPDX-License-Identifier: MIT
/* upcall-user.c - the kernel's question answered with a user's own tickets. */
#include "upcall.h"

#include "azf-private.h"
#include "ccache.h"
#include "spnego.h"
#include "ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <time.h>

/* What stays as it is is said again after so many seconds of peace. */
#define SAID_S 600

/*
 * Users of a container have the numbers of users of this machine, whose tickets
 * they are not to get. Whoever says "mount" means the tickets of this machine.
 */
static bool is_of_our_files(const struct question *question)
{
	struct stat ours, theirs;
	char path[64];

	if (azf_streq(question->desc.upcall_target, "mount"))
		return true;
	(void)snprintf(path, sizeof(path), "/proc/%u/ns/mnt",
		       question->desc.pid);
	return stat("/proc/self/ns/mnt", &ours) == 0 &&
	       stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
	       ours.st_ino == theirs.st_ino;
}

/* ---- what is remembered of a user without tickets ---- */

/* Beside the machine's own: a directory like that of identity=ccache. */
static int open_memory(const struct question *question, bool create,
		       struct azf_state *ret_state)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	struct azf_error ignored;
	char tag[32];
	int r;

	(void)snprintf(tag, sizeof(tag), AZF_TICKET_USERS_TAG "%u",
		       question->desc.creduid);
	if (!create)
		return azf_state_open(question->host, tag, false, ret_state);
	r = azf_fields_set(&fields, "identity", "ccache");
	r = r ? r :
		azf_fields_set_number(&fields, "cruid", question->desc.creduid);
	r = r ? r : azf_fields_set(&fields, "host", question->host);
	return r ? r : azf_ticket_claim(tag, &fields, ret_state, &ignored);
}

static void forget_failure(const struct question *question)
{
	azf_autostate struct azf_state state = { .fd = -1 };

	if (open_memory(question, false, &state) == 0)
		azf_state_remove(&state, "failed");
}

/* Return: whether it is to be said. */
static bool remember_failure(const struct question *question,
			     const struct azf_error *err)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	struct azf_ticket_past past;
	azf_autoclose int lock = -1;

	if (open_memory(question, true, &state))
		return true;
	lock = azf_state_lock(&state, 0);
	/* another process is saying it */
	if (lock < 0)
		return false;
	azf_ticket_past(&state, &past);
	azf_ticket_failed(&state, 0, err);
	return !past.failed || !azf_streq(past.err.cause, err->cause) ||
	       (uint64_t)time(NULL) - past.failed > SAID_S;
}

/* The name may be asked for over the network: only when nobody waits any more.
 */
static void say(const struct question *question, const struct azf_error *err)
{
	const struct passwd *pw = getpwuid(question->desc.creduid);
	struct azf_error named = { .code = err->code };
	struct question unnamed = *question;

	(void)azf_fail(&named, err->code,
		       "the user %s%suid %u%s has no access: %s",
		       pw ? pw->pw_name : "", pw ? " (" : "with ",
		       question->desc.creduid, pw ? ")" : "", err->cause);
	(void)azf_cure(&named, "%s", err->cure);
	/* older kernels name who mounted it, who is not the one who asks */
	unnamed.desc.user[0] = '\0';
	upcall_say_error(&unnamed, &named);
}

/* Return: the exit status. */
static int refuse(const struct question *question, bool remember,
		  const struct azf_error *err)
{
	bool worth = remember ? remember_failure(question, err) : true;

	upcall_reject(question);
	if (worth)
		say(question, err);
	return EXIT_FAILURE;
}

/* ---- answers ---- */

int upcall_answer_as_user(const struct question *question, bool remember)
{
	const struct azf_spnego_request request = {
		.ccache_fd = -1,
		.uid = question->desc.creduid,
		.pid = (pid_t)question->desc.pid,
		.host = question->host,
		.timeout_ms = UPCALL_GSS_MS,
	};
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };
	int r;

	if (!is_of_our_files(question)) {
		azf_fail(&err, AZF_E_MOUNT,
			 "the process that asks has other mounts than this "
			 "machine");
		azf_cure(&err, "Mount with upcall_target=mount, or install "
			       "cifs-utils");
		return refuse(question, remember, &err);
	}
	r = azf_spnego_make(&request, &answer, &err);
	if (r == 0)
		r = upcall_instantiate(question, answer, &err);
	azf_spnego_release(answer);
	if (r)
		return refuse(question, remember, &err);
	if (remember)
		forget_failure(question);
	return EXIT_SUCCESS;
}

/*
 * The default cache of a user, if it is a file. It is the user's word that the
 * cache is good, and the user's ticket that it gives away: all that matters is
 * that the file is the user's own.
 */
static int open_own_ccache(uid_t uid)
{
	azf_autofree char *path = azf_ccache_default_path(uid);
	azf_autoclose int fd = -1;
	struct stat st;
	int result;

	if (!path)
		return -1;
	fd = open(path,
		  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_uid != uid)
		return -1;
	result = fd;
	fd = -1;
	return result;
}

bool upcall_answered_from_cache(const struct question *question)
{
	struct azf_spnego_request request = {
		.host = question->host,
		.cached = true,
		.timeout_ms = UPCALL_GSS_MS,
	};
	azf_autoclose int fd = -1;
	struct azf_spnego *answer = NULL;
	struct azf_error err = { 0 };
	bool done;

	if (!is_of_our_files(question))
		return false;
	fd = open_own_ccache(question->desc.creduid);
	request.ccache_fd = fd;
	if (fd < 0 || azf_spnego_make(&request, &answer, &err))
		return false;
	done = upcall_instantiate(question, answer, &err) == 0;
	azf_spnego_release(answer);
	return done;
}
