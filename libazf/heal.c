// SPDX-License-Identifier: MIT
/* heal.c - find out why one mount does not answer, and do what helps. */
#include "heal.h"

#include "keyring.h"
#include "stuck.h"
#include "ticket.h"

#include <errno.h>

static bool has_address(const struct azf_addresses *addresses,
			const struct azf_address *address)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (azf_streq(addresses->list[i].text, address->text))
			return true;
	}
	return false;
}

/* The kernel writes IPv6 addresses at full length: bring it into our form. */
static bool present_address(const struct azf_mounted *mount,
			    struct azf_address *ret_address)
{
	struct azf_addresses addresses;
	struct azf_error ignored;

	if (!mount->address[0] ||
	    azf_resolve(mount->address, AZF_MOUNTED_PORT, &addresses, &ignored))
		return false;
	*ret_address = addresses.list[0];
	return true;
}

static void no_way(struct azf_heal *heal, const struct azf_address *address)
{
	static const char *const verdicts[] = {
		[AZF_TCP_UNTRIED] = "nothing comes back",
		[AZF_TCP_SILENT] = "nothing comes back",
		[AZF_TCP_REFUSED] = "connection refused",
		[AZF_TCP_UNREACHABLE] = "no way there",
		[AZF_TCP_OPEN] = "",
	};

	azf_fail(&heal->err, AZF_E_TRANSIENT,
		 "%s does not answer at %s port %d: %s", heal->mount->host,
		 address->text, AZF_MOUNTED_PORT, verdicts[address->tcp]);
	azf_cure(&heal->err, "Check the network and its firewalls; the mount "
			     "goes on by itself when the server answers");
}

/*
 * Whether there is a server to go to. A name that does not resolve is no
 * obstacle while the address that the mount has is good: ip= may have named it.
 */
static bool find_way(struct azf_heal *heal, const struct azf_address *present,
		     bool known)
{
	struct azf_addresses addresses = { .count = 0 };
	const char *host = heal->mount->host;
	int r = azf_resolve(host, AZF_MOUNTED_PORT, &addresses, &heal->err);

	if (r && !known)
		return false;
	if (r) {
		addresses.list[0] = *present;
		addresses.count = 1;
	} else if (known && !has_address(&addresses, present)) {
		heal->did |= AZF_DID_MOVE;
	}
	azf_addresses_probe(&addresses, AZF_MOUNTED_PORT, false);
	if (addresses.list[0].tcp != AZF_TCP_OPEN) {
		if (!r)
			no_way(heal, &addresses.list[0]);
		return false;
	}
	heal->err = (struct azf_error){ 0 };
	memcpy(heal->address, addresses.list[0].text, sizeof(heal->address));
	return true;
}

/*
 * A key mount has no state directory, and needs no ticket. One that is a user's
 * own is not ours to get: what the upcall said of it is in the journal.
 */
static bool has_ticket(struct azf_heal *heal)
{
	azf_autofields struct azf_fields credential = { .count = 0 };
	azf_autostate struct azf_state state = { .fd = -1 };

	if (azf_mounted_state(heal->mount, &state) ||
	    (azf_state_read(&state, "credential", &credential) == 0 &&
	     azf_ticket_is_users(&credential)))
		return true;
	return azf_ticket_ensure(&state, AZF_TICKET_NOW,
				 AZF_TICKET_PATIENCE_MIN, &azf_no_log,
				 &heal->err) == 0;
}

void azf_heal(struct azf_heal *heal)
{
	struct azf_address present;
	bool known = present_address(heal->mount, &present);
	unsigned int dropped = 0;

	if (!find_way(heal, &present, known) || heal->dry_run ||
	    !has_ticket(heal))
		return;
	/* in this order: whoever connects anew asks for the address at once */
	if (azf_keyring_forget_address(heal->mount->host))
		heal->did |= AZF_DID_FLUSH;
	/*
	 * A kernel that cannot do it notices by itself, after three times
	 * echo_interval; there is nothing else to be done.
	 */
	if (known &&
	    azf_stuck_drop(&present, AZF_MOUNTED_PORT, &dropped) == 0 &&
	    dropped)
		heal->did |= AZF_DID_DROP;
}
