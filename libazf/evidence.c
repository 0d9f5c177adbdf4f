// SPDX-License-Identifier: MIT
/* evidence.c - look at everything that may explain a failed mount. */
#include "azf-private.h"
#include "diagnose.h"
#include "retry.h"
#include "smb-negotiate.h"
#include "ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/utsname.h>

static bool file_says(const char *path, char wanted)
{
	azf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = '\0';

	return fd >= 0 && read(fd, &c, 1) == 1 && c == wanted;
}

static void probe(struct azf_evidence *evidence)
{
	struct azf_addresses one = { .count = 1 };

	one.list[0] = evidence->address;
	azf_addresses_probe(&one, evidence->plan->port, false);
	evidence->address.tcp = one.list[0].tcp;
}

/*
 * A private endpoint has a name of its own. If that resolves to a private
 * address while the account's name gave us a public one, this machine's DNS
 * does not use the private zone, and the public door may be shut.
 */
static void look_for_private_endpoint(struct azf_evidence *evidence)
{
	const struct azf_source *source = &evidence->plan->source;
	azf_autofree char *name = NULL;
	struct azf_addresses addresses;
	struct azf_error ignored;

	if (!source->cloud || source->private_link || evidence->plan->address ||
	    azf_address_is_private(&evidence->address))
		return;
	name = azf_source_private_name(source);
	if (!name ||
	    azf_resolve(name, evidence->plan->port, &addresses, &ignored))
		return;
	for (size_t i = 0; i < addresses.count; i++) {
		if (azf_address_is_private(&addresses.list[i])) {
			memcpy(evidence->private_address,
			       addresses.list[i].text,
			       sizeof(evidence->private_address));
			return;
		}
	}
}

/* Where the kernel's question for a ticket may have got lost. */
static void look_at_upcall(struct azf_evidence *evidence)
{
	const struct azf_plan *plan = evidence->plan;
	azf_autostate struct azf_state state = { .fd = -1 };

	evidence->no_request_key = access("/sbin/request-key", X_OK) != 0;
	if (!plan->tag)
		return;
	evidence->no_rule = access(AZF_SYSCONFDIR "/request-key.d/azfiles.conf",
				   R_OK) != 0;
	if (azf_state_open(azf_fields_get(&plan->identity, "host"), plan->tag,
			   false, &state) == 0)
		(void)azf_ticket_failure(&state, AZF_TICKET_UNLESS_FAILED,
					 &evidence->upcall);
}

/* Servers refuse a ticket from another time, and seldom say so. */
static void look_at_clock(struct azf_evidence *evidence)
{
	struct azf_smb_answer answer;

	if (azf_smb_negotiate(&evidence->address, evidence->plan->port,
			      AZF_SMB_DEFAULT, &answer) ||
	    answer.result != AZF_SMB_ANSWERED || !answer.time)
		return;
	evidence->clock = true;
	evidence->skew = answer.skew;
}

void azf_evidence_gather(struct azf_evidence *evidence)
{
	const struct azf_secret *key = &evidence->plan->credential.password;
	struct utsname name;

	evidence->release[0] = evidence->private_address[0] = '\0';
	if (uname(&name) == 0)
		(void)snprintf(evidence->release, sizeof(evidence->release),
			       "%s", name.release);
	evidence->refused = (struct azf_fsoption){ 0 };
	if (evidence->error == EINVAL)
		(void)azf_fsoption_find(evidence->plan->request->options,
					&evidence->refused);
	evidence->key_length = key->len;
	evidence->key_has_form = azf_secret_is_key(key);
	evidence->fips = file_says("/proc/sys/crypto/fips_enabled", '1');
	if (evidence->plan->credential.ticket)
		look_at_upcall(evidence);
	if (evidence->plan->credential.ticket &&
	    (evidence->error == EACCES || evidence->error == EIO))
		look_at_clock(evidence);
	if (azf_errno_is_transient(evidence->error))
		probe(evidence);
	if (evidence->error == EACCES ||
	    azf_errno_is_transient(evidence->error))
		look_for_private_endpoint(evidence);
}
