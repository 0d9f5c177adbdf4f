// SPDX-License-Identifier: MIT
/* status.c - what is known of each mount of ours. */
#include "status.h"

#include "azf-private.h"
#include "connected.h"
#include "probe.h"
#include "stored-key.h"
#include "table.h"

#define FSTAB "/etc/fstab"

void azf_status_free(struct azf_status_list *status)
{
	for (size_t i = 0; status->list && i < status->count; i++)
		free(status->list[i].identity);
	free(status->list);
	azf_mounted_free(&status->mounted);
	*status = (struct azf_status_list){ .count = 0 };
}

/* ---- tickets ---- */

static void read_ticket(struct azf_status *status)
{
	azf_autostate struct azf_state state = { .fd = -1 };
	int r = azf_mounted_state(status->mount, &state);

	if (r) {
		status->sign_in = r == -EACCES || r == -EPERM ?
					  AZF_SIGN_IN_UNKNOWN :
					  AZF_SIGN_IN_NO_TICKET;
		status->identity = strdup(status->mount->user);
		return;
	}
	status->identity = strdup(strrchr(state.path, '/') + 1);
	if (!status->identity)
		return;
	if (azf_starts_with(status->identity, AZF_TICKET_USERS_TAG))
		status->sign_in = AZF_SIGN_IN_USERS;
	else
		status->sign_in = azf_ticket_times(&state, &status->times) ?
					  AZF_SIGN_IN_TICKET :
					  AZF_SIGN_IN_NO_TICKET;
	azf_ticket_past(&state, &status->past);
}

/* ---- keys ---- */

/* As the options of a mount do, what fstab says comes before what is stored. */
static int read_line(void *arg, const struct azf_table_line *line)
{
	struct azf_status *status = arg;
	size_t len;

	if (!azf_table_is_at(line, status->mount->target))
		return 0;
	if (azf_table_option(line->options, "password", &len) ||
	    azf_table_option(line->options, "pass", &len))
		status->sign_in = AZF_SIGN_IN_LINE;
	else if (azf_table_option(line->options, "credentials", &len) ||
		 azf_table_option(line->options, "cred", &len))
		status->sign_in = AZF_SIGN_IN_FILE;
	else
		status->sign_in = AZF_SIGN_IN_ELSEWHERE;
	return 0;
}

static void take_stored(void *arg, const struct azf_stored_key *key)
{
	struct azf_status *status = arg;
	const struct azf_mounted *mount = status->mount;

	if (!azf_streq(key->name,
		       mount->account ? mount->account : mount->canonical))
		return;
	status->sign_in = key->kind == AZF_KEY_SEALED ? AZF_SIGN_IN_SEALED :
							AZF_SIGN_IN_STORED;
	status->stored = key->time;
}

static void read_key(struct azf_status *status)
{
	const struct azf_table_visitor visitor = { read_line, NULL, status };

	status->identity = strdup("");
	status->sign_in = AZF_SIGN_IN_ELSEWHERE;
	/* without an fstab there is no line in it */
	(void)!azf_table_visit(FSTAB, &visitor);
	if (status->sign_in == AZF_SIGN_IN_ELSEWHERE &&
	    azf_stored_keys_visit(take_stored, status))
		status->sign_in = AZF_SIGN_IN_UNKNOWN;
}

/* ---- connections ---- */

/* What the connections that may be the mount's do not agree on is not known. */
static void read_connection(struct azf_status *status,
			    const struct azf_connections *connections)
{
	const struct azf_connected *share = NULL, *first = NULL;
	bool same_encryption = true, same_channels = true;

	while ((share = azf_connections_next(connections, status->mount,
					     share))) {
		first = first ? first : share;
		same_encryption &= share->encrypted == first->encrypted;
		same_channels &= share->channels == first->channels;
	}
	if (status->mount->sealed)
		status->encryption = AZF_ENCRYPTION_ON;
	else if (first && same_encryption)
		status->encryption = first->encrypted ? AZF_ENCRYPTION_ON :
							AZF_ENCRYPTION_OFF;
	if (first && same_channels)
		status->channels = first->channels;
}

/* ---- all of it ---- */

static int probe(struct azf_status_list *status, int timeout_ms,
		 struct azf_error *err)
{
	azf_autofree struct azf_probe *probes = calloc(status->count + 1,
						       sizeof(*probes));
	int r;

	if (!probes)
		return azf_no_memory(err);
	for (size_t i = 0; i < status->count; i++)
		probes[i].target = status->list[i].mount->target;
	r = azf_probe(probes, status->count, timeout_ms, false);
	for (size_t i = 0; i < status->count; i++) {
		status->list[i].error = probes[i].error;
		status->list[i].took_ms = probes[i].took_ms;
	}
	return r ? azf_fail(err, AZF_E_SYSTEM, "cannot start a process: %s",
			    strerror(-r)) :
		   0;
}

static int describe(struct azf_status_list *status, struct azf_error *err)
{
	azf_autoconnections struct azf_connections connections = { .count = 0 };

	/* a kernel that does not say leaves that open */
	if (azf_connections_read(NULL, &connections))
		azf_connections_free(&connections);
	/* whose mounts of other hosts than Azure's are not seen */
	status->hidden = access(AZF_RUN_DIR, R_OK | X_OK) && errno == EACCES;
	for (size_t i = 0; i < status->count; i++) {
		struct azf_status *one = &status->list[i];

		if (one->mount->kerberos)
			read_ticket(one);
		else
			read_key(one);
		if (!one->identity)
			return azf_no_memory(err);
		read_connection(one, &connections);
		if (one->sign_in == AZF_SIGN_IN_UNKNOWN || one->error == EACCES)
			status->hidden = true;
	}
	return 0;
}

static int find(const char *target, struct azf_status_list *status,
		struct azf_error *err)
{
	int r = azf_mounted_find(target, &status->mounted);

	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the table of mounts: %s",
				strerror(-r));
	status->count = status->mounted.count;
	if (target && !status->count) {
		azf_fail(err, AZF_E_MOUNT,
			 "no share of Azure Files is mounted on %s", target);
		return azf_cure(err, "'findmnt -t cifs' shows what is mounted");
	}
	status->list = calloc(status->count + 1, sizeof(*status->list));
	if (!status->list)
		return azf_no_memory(err);
	for (size_t i = 0; i < status->count; i++)
		status->list[i].mount = &status->mounted.mounts[i];
	return 0;
}

int azf_status_read(const char *target, int timeout_ms,
		    struct azf_status_list *ret_status, struct azf_error *err)
{
	azf_autostatus struct azf_status_list status = { .count = 0 };
	int r = find(target, &status, err);

	r = r ? r : probe(&status, timeout_ms, err);
	r = r ? r : describe(&status, err);
	if (r)
		return r;
	*ret_status = status;
	status = (struct azf_status_list){ .count = 0 };
	return 0;
}
