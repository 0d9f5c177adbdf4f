// SPDX-License-Identifier: MIT
/* recover.c - bring live mounts back that do not answer. */
#include "recover.h"

#include "anew.h"
#include "kmsg.h"
#include "parallel.h"
#include "probe.h"

#include <errno.h>

#define FSTAB "/etc/fstab"

/* Name, connection and ticket; each of them has a limit of its own. */
#define HEAL_MS 60000

/**
 * struct ward - the mounts under observation
 * @results: one for each of @list
 * @logs: places in the kernel log from where each of them can read
 * @began: when they were asked for the first time
 */
struct ward {
	const struct azf_recover *recover;
	struct azf_mounted_list list;
	struct azf_recovered *results;
	int *logs;
	int64_t began;
};

static void close_ward(struct ward *ward)
{
	for (size_t i = 0; ward->logs && i < ward->list.count; i++)
		azf_close_fd(&ward->logs[i]);
	azf_mounted_free(&ward->list);
	free(ward->results);
	free(ward->logs);
}

static int open_ward(struct ward *ward, struct azf_error *err)
{
	const char *target = ward->recover->target;
	int r = azf_mounted_find(target, &ward->list);
	size_t count = ward->list.count;

	if (r)
		return azf_fail(err, AZF_E_SYSTEM,
				"cannot read the table of mounts: %s",
				strerror(-r));
	if (target && !count) {
		azf_fail(err, AZF_E_MOUNT,
			 "no share of Azure Files is mounted on %s", target);
		return azf_cure(err, "'findmnt -t cifs' shows what is mounted");
	}
	ward->results = calloc(count + 1, sizeof(*ward->results));
	ward->logs = calloc(count + 1, sizeof(*ward->logs));
	if (!ward->results || !ward->logs)
		return azf_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		ward->results[i].mount = &ward->list.mounts[i];
		ward->results[i].heal.mount = &ward->list.mounts[i];
		ward->results[i].heal.dry_run = ward->recover->dry_run;
		ward->logs[i] = azf_kmsg_mark();
	}
	ward->began = azf_now_ms();
	return 0;
}

/* What is covered by another mount is nobody's loss. */
static bool is_ill(const struct azf_recovered *result)
{
	return result->error != 0 && result->error != ENODEV;
}

static size_t count_ill(const struct ward *ward)
{
	size_t count = 0;

	for (size_t i = 0; i < ward->list.count; i++)
		count += is_ill(&ward->results[i]);
	return count;
}

static int cannot_start(int r, struct azf_error *err)
{
	return r ? azf_fail(err, AZF_E_SYSTEM, "cannot start a process: %s",
			    strerror(-r)) :
		   0;
}

/* Ask those that are ill, or, in the beginning, all. */
static int ask(struct ward *ward, bool all, struct azf_error *err)
{
	size_t count = all ? ward->list.count : count_ill(ward);
	azf_autofree struct azf_probe *probes = calloc(count + 1,
						       sizeof(*probes));
	int since = (int)(azf_now_ms() - ward->began);
	size_t n = 0;
	int r;

	if (!probes)
		return azf_no_memory(err);
	for (size_t i = 0; i < ward->list.count; i++) {
		if (all || is_ill(&ward->results[i]))
			probes[n++].target = ward->list.mounts[i].target;
	}
	r = azf_probe(probes, count, (int)ward->recover->timeout * 1000, !all);
	n = 0;
	for (size_t i = 0; i < ward->list.count; i++) {
		struct azf_recovered *result = &ward->results[i];

		if (!all && !is_ill(result))
			continue;
		result->error = probes[n].error;
		result->took_ms = since + probes[n].took_ms;
		result->ill = is_ill(result) || !all;
		n++;
	}
	return cannot_start(r, err);
}

/* Runs in a child. */
static void heal_one(void *item)
{
	azf_heal(item);
}

static int heal(struct ward *ward, struct azf_error *err)
{
	size_t count = count_ill(ward);
	azf_autofree struct azf_heal *heals = calloc(count + 1, sizeof(*heals));
	size_t n = 0;
	int r;

	if (!heals)
		return azf_no_memory(err);
	for (size_t i = 0; i < ward->list.count; i++) {
		if (is_ill(&ward->results[i]))
			heals[n++] = ward->results[i].heal;
	}
	r = azf_parallel_run(heal_one, heals, sizeof(*heals), count, HEAL_MS);
	n = 0;
	for (size_t i = 0; i < ward->list.count; i++) {
		if (is_ill(&ward->results[i]))
			ward->results[i].heal = heals[n++];
	}
	return cannot_start(r, err);
}

static bool refused(const struct azf_kmsg_report *said)
{
	const unsigned int both = AZF_KMSG_LOGON_FAILURE |
				  AZF_KMSG_SESSION_SETUP;

	return (said->said & both) == both;
}

static void explain_refusal(const struct azf_mounted *mount,
			    struct azf_error *err)
{
	if (mount->kerberos) {
		azf_fail(err, AZF_E_MOUNT, "%s refuses the ticket of %s",
			 mount->host, mount->user);
		azf_cure(err, "Check that the identity still has its role");
		return;
	}
	azf_fail(err, AZF_E_MOUNT,
		 "%s refuses the key that it was mounted with", mount->host);
	azf_cure(err,
		 "Store the present key; then 'azfilesctl recover --remount "
		 "%s' mounts it anew, without the files that are open",
		 mount->target);
}

/* Nothing seems to stand in its way, and still it does not answer. */
static void explain(const struct ward *ward, size_t i)
{
	struct azf_recovered *result = &ward->results[i];
	const struct azf_mounted *mount = result->mount;
	struct azf_error *err = &result->heal.err;
	struct azf_kmsg_report said;

	azf_kmsg_read(ward->logs[i], mount->host, &said);
	if (refused(&said)) {
		explain_refusal(mount, err);
		return;
	}
	azf_fail(err, AZF_E_TRANSIENT,
		 result->heal.address[0] ?
			 "%s takes connections, but the mount does not answer: "
			 "%s" :
			 "it is not known whether %s can be reached: %s",
		 mount->host, strerror(result->error));
	azf_cure(err,
		 ward->recover->dry_run ?
			 "'azfilesctl recover %s' may bring it back" :
			 "'azfilesctl recover --remount %s' mounts it anew, "
			 "without the files that are open",
		 mount->target);
}

/* Who was told to use force uses it, but only where there is a way. */
static void mount_anew(struct ward *ward)
{
	const struct azf_recover *recover = ward->recover;

	for (size_t i = 0; recover->mount && i < ward->list.count; i++) {
		struct azf_recovered *result = &ward->results[i];
		struct azf_error *err = &result->heal.err;

		if (!is_ill(result) || err->code || !result->heal.address[0] ||
		    azf_mount_anew(result->mount->target, FSTAB, recover->mount,
				   recover->arg, err))
			continue;
		result->error = 0;
		result->took_ms = (int)(azf_now_ms() - ward->began);
		result->heal.did |= AZF_DID_ANEW;
	}
}

static int help(struct ward *ward, struct azf_error *err)
{
	int r = heal(ward, err);

	if (r || ward->recover->dry_run)
		return r;
	r = ask(ward, false, err);
	if (r == 0)
		mount_anew(ward);
	return r;
}

int azf_recover(const struct azf_recover *recover, struct azf_error *err)
{
	azf_cleanup(close_ward) struct ward ward = { .recover = recover };
	int r = open_ward(&ward, err);

	if (r == 0)
		r = ask(&ward, true, err);
	if (r == 0 && count_ill(&ward))
		r = help(&ward, err);
	if (r)
		return r;
	for (size_t i = 0; i < ward.list.count; i++) {
		struct azf_recovered *result = &ward.results[i];

		if (is_ill(result) && !result->heal.err.code)
			explain(&ward, i);
		recover->report(recover->arg, result);
	}
	return count_ill(&ward) ? -AZF_E_TRANSIENT : 0;
}
