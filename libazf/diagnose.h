/* SPDX-License-Identifier: MIT */
/* diagnose.h - from an errno and evidence to one cause and one cure. */
#ifndef AZF_DIAGNOSE_H
#define AZF_DIAGNOSE_H

#include "fsoption.h"
#include "kmsg.h"
#include "plan.h"
#include "resolve.h"

/**
 * struct azf_evidence - what is known about a mount that failed
 * @plan: what was tried
 * @error: errno of mount(2)
 * @address: the address it was tried with; @tcp as found by a probe
 * @kernel: what the kernel log said meanwhile
 * @refused: the option that the kernel does not take, with EINVAL
 * @release: the kernel's version, as uname -r shows it
 * @key_length: characters of the first key
 * @key_has_form: it can be a storage account key
 * @share_exists: the share without the path can be mounted
 * @fips: the kernel runs in FIPS mode
 * @no_request_key: keyutils is not installed
 * @no_rule: no line tells request-key to ask azfiles.upcall
 * @upcall: why azfiles.upcall got no ticket a moment ago, or no cause
 * @clock: @skew is known
 * @skew: seconds that our clock is ahead of the server's
 * @private_address: what the account's private endpoint resolves to while we
 *	used its public address; or ""
 */
struct azf_evidence {
	const struct azf_plan *plan;
	int error;
	struct azf_address address;
	struct azf_kmsg_report kernel;
	struct azf_fsoption refused;
	char release[65];
	size_t key_length;
	bool key_has_form;
	bool share_exists;
	bool fips;
	bool no_request_key;
	bool no_rule;
	struct azf_error upcall;
	bool clock;
	int64_t skew;
	char private_address[sizeof(((struct azf_address *)0)->text)];
};

/**
 * azf_evidence_gather() - look at everything that may explain a failure
 * @evidence: @plan, @error, @address, @kernel and @share_exists are set; all
 *	else is filled
 *
 * May take some seconds where the network is silent.
 */
void azf_evidence_gather(struct azf_evidence *evidence);

/**
 * azf_diagnose() - choose the cause that the evidence supports
 *
 * Return: the code put into @err, negated: -AZF_E_TRANSIENT or -AZF_E_MOUNT.
 */
int azf_diagnose(const struct azf_evidence *evidence, struct azf_error *err);

#endif
