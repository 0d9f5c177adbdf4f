// SPDX-License-Identifier: MIT
/*
 * diagnose.c - from an errno and evidence to one cause and one cure.
 *
 * The table is read from the top; the first row that fits is the diagnosis. So
 * rows with evidence come first, and each errno ends with one that needs none.
 */
#include "diagnose.h"

#include "azf-private.h"
#include "identity.h"
#include "krb-names.h"
#include "options.h"
#include "retry.h"

#include <errno.h>

/* Kerberos allows no more. */
#define SKEW_MAX_S 300

static const char *option_value(const struct azf_evidence *e, const char *name)
{
	return azf_options_value(e->plan->request->options, name);
}

static bool said(const struct azf_evidence *e, unsigned int what)
{
	return (e->kernel.said & what) != 0;
}

/* Not so with a ticket, and not on a remount. */
static bool with_key(const struct azf_evidence *e)
{
	return e->plan->credential.password.len != 0;
}

static bool without_key(const struct azf_evidence *e)
{
	return !with_key(e);
}

static bool malformed_key(const struct azf_evidence *e)
{
	return e->plan->source.cloud && with_key(e) && !e->key_has_form;
}

static bool foreign_user(const struct azf_evidence *e)
{
	return e->plan->source.account && with_key(e) &&
	       strcasecmp(e->plan->credential.username,
			  e->plan->source.account) != 0;
}

static bool logon_failure(const struct azf_evidence *e)
{
	return said(e, AZF_KMSG_LOGON_FAILURE);
}

static bool stored_key_refused(const struct azf_evidence *e)
{
	return logon_failure(e) && e->plan->credential.stored &&
	       e->plan->source.account;
}

static bool account_closed(const struct azf_evidence *e)
{
	return said(e, AZF_KMSG_ACCOUNT_CLOSED);
}

/* Not where the server looked at the key: then this way in is open. */
static bool private_endpoint(const struct azf_evidence *e)
{
	return e->private_address[0] != '\0' && !logon_failure(e) &&
	       !account_closed(e);
}

/* SMB before 3.0 has no encryption. */
static bool old_dialect(const struct azf_evidence *e)
{
	const char *vers = option_value(e, "vers");

	return vers && (vers[0] == '1' || vers[0] == '2');
}

static bool denied_at_logon(const struct azf_evidence *e)
{
	return said(e, AZF_KMSG_SESSION_SETUP);
}

/* The log was there to be read, and names no failure before the share. */
static bool denied_at_share(const struct azf_evidence *e)
{
	return said(e, AZF_KMSG_FAILED);
}

static bool fips_with_key(const struct azf_evidence *e)
{
	return with_key(e) && (e->fips || said(e, AZF_KMSG_NO_CRYPTO));
}

static bool no_request_key(const struct azf_evidence *e)
{
	return e->plan->credential.ticket && e->no_request_key;
}

static bool no_rule(const struct azf_evidence *e)
{
	return e->no_rule;
}

static bool upcall_failed(const struct azf_evidence *e)
{
	return e->upcall.cause[0] != '\0';
}

static bool with_identity(const struct azf_evidence *e)
{
	return e->plan->tag != NULL;
}

static bool with_realm(const struct azf_evidence *e)
{
	return with_identity(e) && !azf_identity_is_entra(&e->plan->identity);
}

static bool clock_skewed(const struct azf_evidence *e)
{
	return e->clock && llabs((long long)e->skew) > SKEW_MAX_S;
}

static bool is_address(const struct azf_evidence *e)
{
	return azf_is_address(e->plan->source.host);
}

static bool share_without_path(const struct azf_evidence *e)
{
	return e->share_exists;
}

/* Azure's names are 3 to 63 lower case letters, digits and hyphens. */
static bool impossible_share(const struct azf_evidence *e)
{
	const char *share = e->plan->source.share;
	size_t len = strlen(share);

	return e->plan->source.cloud &&
	       (len < 3 || len > 63 ||
		strspn(share, "abcdefghijklmnopqrstuvwxyz0123456789-$") != len);
}

static bool unknown_option(const struct azf_evidence *e)
{
	return e->refused.name[0] ?
		       e->refused.unknown :
		       said(e, AZF_KMSG_UNKNOWN_OPTION) && e->kernel.word[0];
}

static bool refused_with_words(const struct azf_evidence *e)
{
	return e->refused.words[0] &&
	       !azf_starts_with(e->refused.words, "Bad value for");
}

static bool bad_value(const struct azf_evidence *e)
{
	return e->refused.name[0] ||
	       (said(e, AZF_KMSG_BAD_VALUE) && e->kernel.word[0]);
}

static bool fixed_option(const struct azf_evidence *e)
{
	return said(e, AZF_KMSG_FIXED_OPTION) && e->kernel.word[0];
}

static bool is_remount(const struct azf_evidence *e)
{
	return e->plan->remount;
}

static bool no_charset(const struct azf_evidence *e)
{
	return option_value(e, "iocharset") != NULL;
}

static bool has_vers(const struct azf_evidence *e)
{
	const char *vers = option_value(e, "vers");

	return vers && !azf_streq(vers, "default");
}

static bool not_encrypted(const struct azf_evidence *e)
{
	return said(e, AZF_KMSG_NOT_ENCRYPTED);
}

static bool wants_handles(const struct azf_evidence *e)
{
	const struct azf_setting *setting =
		azf_options_get(e->plan->request->options, "persistenthandles");

	return setting && !setting->off;
}

static bool port_refused(const struct azf_evidence *e)
{
	return e->address.tcp == AZF_TCP_REFUSED;
}

static bool port_silent(const struct azf_evidence *e)
{
	return e->address.tcp == AZF_TCP_SILENT;
}

static bool port_unreachable(const struct azf_evidence *e)
{
	return e->address.tcp == AZF_TCP_UNREACHABLE;
}

static bool transient(const struct azf_evidence *e)
{
	return azf_errno_is_transient(e->error);
}

/*
 * %h host, %s share, %p path, %a address, %o port, %t target, %k kernel,
 * %n account, %u user, %c where the key was found, %l its length,
 * %w option that the kernel names, %W its words, %v vers=, %r iocharset=, %i
 * private address, %d seconds by which our clock is %b, fast or slow,
 * %C and %E cause and cure that the upcall found
 */
static const struct row {
	int error; /* 0: any */
	bool (*fits)(const struct azf_evidence *e);
	const char *cause;
	const char *cure;
} rows[] = {
	{ 0, private_endpoint,
	  "%h resolves to the public address %a, but the account has a "
	  "private endpoint at %i, and the public way in is closed",
	  "Link the private DNS zone to this network, or add ip=%i" },
	{ 0, clock_skewed,
	  "this machine's clock is %d seconds %b compared with that of %h, and "
	  "Kerberos allows 300",
	  "Set the clock: timedatectl set-ntp true" },
	{ EACCES, with_realm,
	  "%h takes the ticket of the identity %u, but refuses access to the "
	  "share '%s'",
	  "Check what the server allows its principal, which 'azfilesctl list' "
	  "or klist names" },
	{ EACCES, with_identity,
	  "%h takes the ticket of the identity %u, but refuses access to the "
	  "share '%s'",
	  "Give the identity a role on the share that includes SMB access, "
	  "and allow this network in the account's firewall" },
	{ EACCES, without_key, "%h refuses access to the share '%s'",
	  "Check what the server allows this user, and its firewall" },
	{ EACCES, account_closed,
	  "the account of the user %u is disabled, "
	  "locked or expired",
	  "Have it enabled on the server" },
	{ EACCES, foreign_user,
	  "the user name '%u' is not the storage account '%n'",
	  "Use username=%n, or leave it out" },
	{ EACCES, malformed_key,
	  "the key from %c is not a storage account key: it has %l "
	  "characters, a key has 88 in base64",
	  "Copy the whole key: az storage account keys list -n %n" },
	{ EACCES, stored_key_refused,
	  "%h does not accept the key of %u from %c",
	  "Store the account's present key with 'azfilesctl key add %n "
	  "--replace'; if the account forbids keys, allow them or use an "
	  "identity" },
	{ EACCES, logon_failure, "%h does not accept the key of %u from %c",
	  "Put the account's present key there; if the account forbids "
	  "keys, allow them or use an identity" },
	{ EACCES, old_dialect, "%h demands encryption, and SMB %v has none",
	  "Leave out vers=, or use vers=3.1.1" },
	{ EACCES, denied_at_logon,
	  "%h refuses to sign in %u by its security settings",
	  "Allow NTLMv2 and this kernel's SMB dialect and cipher in the "
	  "account's settings" },
	{ EACCES, denied_at_share,
	  "%h accepts the key but refuses access to the share '%s'",
	  "Allow this network in the account's firewall, and check that "
	  "the share allows %u" },
	{ EACCES, NULL, "%h refuses access to the share '%s'",
	  "Check the key from %c and the account's firewall" },
	{ EPERM, NULL, "the kernel does not let this process mount",
	  "Run it as root outside a container, or give the container "
	  "CAP_SYS_ADMIN" },
	{ ENOENT, no_request_key,
	  "the kernel cannot ask for a Kerberos ticket: there is no "
	  "/sbin/request-key",
	  "Install keyutils" },
	{ ENOENT, fips_with_key,
	  "keys need NTLMv2, and this kernel's FIPS mode has no MD5 for it",
	  "Use Kerberos, or turn FIPS mode off" },
	{ ENOENT, share_without_path, "the share '%s' has no directory '%p'",
	  "Create it, or correct the path in the source" },
	{ ENOENT, impossible_share,
	  "%h has no share '%s'; names of shares are 3 to 63 lower case "
	  "letters, digits and hyphens",
	  "Correct the name: az storage share-rm list --storage-account %n" },
	{ ENOENT, NULL, "%h has no share '%s'",
	  "Create the share, or correct its name in the source" },
	{ EINVAL, unknown_option,
	  "this kernel (%k) does not know the option '%w'",
	  "Leave it out, or use a newer kernel" },
	{ EINVAL, refused_with_words,
	  "the kernel (%k) does not accept the option '%w': %W",
	  "Correct it or leave it out" },
	{ EINVAL, bad_value,
	  "the kernel does not accept the value of the option '%w'",
	  "Correct it or leave it out" },
	{ EINVAL, fixed_option,
	  "the option '%w' cannot be changed while it is mounted",
	  "umount it and mount it again" },
	{ EINVAL, is_remount,
	  "these options cannot be changed while it is mounted",
	  "umount it and mount it again" },
	{ EINVAL, NULL, "the kernel (%k) does not accept the options",
	  "Try without those after ip=, port= and username= that "
	  "'mount.azfiles -v' shows, one by one" },
	{ EOPNOTSUPP, wants_handles, "%h has no persistent handles",
	  "Leave out persistenthandles" },
	{ EOPNOTSUPP, not_encrypted,
	  "seal demands encryption, and %h does not encrypt this connection",
	  "Leave out seal, or vers= if it is older than 3.0" },
	{ EOPNOTSUPP, has_vers, "%h does not speak SMB %v",
	  "Leave out vers= to use the best that both speak" },
	{ EOPNOTSUPP, NULL,
	  "%h and this kernel (%k) have no SMB dialect in common",
	  "Allow SMB 2.1 to 3.1.1 on the server" },
	{ ELIBACC, no_charset, "this kernel (%k) lacks the character set '%r'",
	  "Leave out iocharset=, or install the kernel's nls modules" },
	{ ENODEV, NULL, "this kernel (%k) has no cifs file system",
	  "Install the package with its modules (on Debian "
	  "linux-image-%k), and check that cifs is not blacklisted" },
	{ EBUSY, NULL, "%t is busy: it is mounted there already",
	  "Choose another mount point, or umount it first" },
	{ ENOTDIR, NULL,
	  "the mount point or the path in the share is not a "
	  "directory",
	  "Mount a directory on a directory" },
	{ ENOSYS, NULL, "this kernel (%k) is built without Kerberos for cifs",
	  "Use a kernel with CONFIG_CIFS_UPCALL, or a storage account key" },
	{ ENOKEY, no_rule,
	  "the kernel's question for a Kerberos ticket does not reach "
	  "azfiles.upcall: /etc/request-key.d/azfiles.conf is missing",
	  "Install azfiles anew" },
	{ 0, upcall_failed, "%C", "%E" },
	{ ENOKEY, with_identity,
	  "the kernel got no answer from azfiles.upcall for %h",
	  "Look for its message: journalctl -t azfiles.upcall" },
	{ ENOKEY, is_address,
	  "%h is an address, and Kerberos knows servers by their names only",
	  "Mount by the server's name; ip=%h keeps the address" },
	{ ENOKEY, NULL, "the kernel got no Kerberos ticket for %h",
	  "Check that keyutils and cifs-utils are installed and that "
	  "'klist' shows a ticket for cifs/%h" },
	{ EKEYEXPIRED, NULL, "the Kerberos ticket for %h has expired",
	  "Get a new one with kinit" },
	{ 0, port_refused, "nothing listens on TCP port %o of %h (%a)",
	  "Check the name, and that the server is running" },
	{ 0, port_silent,
	  "TCP port %o of %h (%a) does not answer: a firewall drops it",
	  "Allow outgoing TCP %o here, at the network's edge and at the "
	  "provider, or use a private endpoint or VPN" },
	{ 0, port_unreachable, "there is no route to %h (%a)",
	  "Check the network, and the address that the name resolves to" },
	{ EHOSTDOWN, transient,
	  "%h (%a) accepts TCP port %o but does not answer as an SMB server "
	  "should",
	  "Check that it is the file service, and its firewall" },
	{ 0, transient, "the connection to %h (%a) broke off",
	  "Try again; if it stays so, check the network" },
};

static void add_number(struct azf_str *text, size_t value)
{
	azf_str_add(text, "%zu", value);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void expand_one(struct azf_str *text, char c,
		       const struct azf_evidence *e)
{
	const struct azf_plan *plan = e->plan;
	const char *const words[128] = {
		['h'] = plan->source.host,
		['s'] = plan->source.share,
		['p'] = plan->source.path,
		['a'] = e->address.text,
		['t'] = plan->request->target,
		['k'] = e->release,
		['n'] = plan->source.account,
		['u'] = plan->credential.username,
		['c'] = plan->credential.origin,
		['w'] = e->refused.name[0] ? e->refused.name : e->kernel.word,
		['W'] = e->refused.words,
		['v'] = option_value(e, "vers"),
		['r'] = option_value(e, "iocharset"),
		['C'] = e->upcall.cause,
		['E'] = e->upcall.cure,
		['i'] = e->private_address,
		['b'] = e->skew > 0 ? "fast" : "slow",
	};

	if (c == 'o')
		add_number(text, plan->port);
	else if (c == 'l')
		add_number(text, e->key_length);
	else if (c == 'd')
		add_number(text, (size_t)llabs((long long)e->skew));
	else
		azf_str_add(text, "%s",
			    or_empty(words[(unsigned char)c & 127]));
}

static void expand(struct azf_str *text, const char *template,
		   const struct azf_evidence *e)
{
	for (; *template; template ++) {
		if (template[0] == '%' && template[1])
			expand_one(text, *++template, e);
		else
			azf_str_add(text, "%c", *template);
	}
}

int azf_diagnose(const struct azf_evidence *evidence, struct azf_error *err)
{
	enum azf_code code = azf_errno_is_transient(evidence->error) ?
				     AZF_E_TRANSIENT :
				     AZF_E_MOUNT;
	azf_autostr struct azf_str cause = { 0 }, cure = { 0 };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if ((row->error && row->error != evidence->error) ||
		    (row->fits && !row->fits(evidence)))
			continue;
		expand(&cause, row->cause, evidence);
		expand(&cure, row->cure, evidence);
		if (cause.failed || cure.failed)
			return azf_no_memory(err);
		azf_fail(err, code, "%s", cause.text);
		return azf_cure(err, "%s", cure.text);
	}
	azf_fail(err, code, "mount(2) failed: %s", strerror(evidence->error));
	return azf_cure(err, "The kernel log has more: dmesg | grep -i cifs");
}
