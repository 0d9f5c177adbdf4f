/* SPDX-License-Identifier: MIT */
/* plan.h - a request turned into what will be done. */
#ifndef AZF_PLAN_H
#define AZF_PLAN_H

#include "credential.h"
#include "fields.h"
#include "request.h"
#include "source.h"

#include <netinet/in.h>

/* mount(2) copies one page and cuts off the rest without a word. */
#define AZF_DATA_MAX 4095

/**
 * struct azf_plan - what to mount, as whom and how
 * @request: as it came in
 * @source: taken apart
 * @credential: not looked for when @remount; what @request has is there
 * @identity: what azfiles-credential needs to get a ticket; empty without
 *	identity=
 * @tag: the name of that identity, which is what the kernel gets as username=;
 *	NULL without identity=
 * @flags: option words that are flags of mount(2)
 * @kernel: options for the kernel, without address, user and secrets
 * @address: what ip= said, or NULL
 * @port: TCP port, host byte order
 * @retry: seconds to go on trying
 * @remount: change the options of a live mount
 */
struct azf_plan {
	const struct azf_request *request;
	struct azf_source source;
	struct azf_credential credential;
	struct azf_fields identity;
	char *tag;
	char *flags;
	char *kernel;
	const char *address;
	in_port_t port;
	unsigned int retry;
	bool remount;
};

/**
 * struct azf_data - the last argument of mount(2)
 * @len: bytes in @text without the NUL
 * @overflow: more was added than fits
 *
 * Holds the key for the one system call; declared azf_autodata, it wipes
 * itself.
 */
struct azf_data {
	size_t len;
	bool overflow;
	char text[AZF_DATA_MAX + 1];
};

#define azf_autodata azf_cleanup(azf_data_wipe)
void azf_data_wipe(struct azf_data *data);

int azf_plan_make(const struct azf_request *request, struct azf_plan *ret_plan,
		  struct azf_error *err);
void azf_plan_free(struct azf_plan *plan);

/* Which of the stored keys mount(2) gets. */
enum azf_keys {
	AZF_BOTH_KEYS,
	AZF_FIRST_KEY,
	AZF_SECOND_KEY,
};

/**
 * azf_plan_data() - write the data string of mount(2)
 * @plan: what to mount
 * @address: of the server; ignored on a remount
 * @keys: which keys to put in
 * @ret_data: written, also partly on failure; the caller wipes it
 * @err: filled on failure
 *
 * Return: 0, or -AZF_E_USAGE when it is longer than the kernel takes.
 */
int azf_plan_data(const struct azf_plan *plan, const char *address,
		  enum azf_keys keys, struct azf_data *ret_data,
		  struct azf_error *err);

#endif
