/* SPDX-License-Identifier: MIT */
/* keydesc.h - the question that cifs asks an upcall, taken apart. */
#ifndef AZF_KEYDESC_H
#define AZF_KEYDESC_H

#include "util.h"

/* The kernel's limit for a description is a page; the key's type and owner
 * stand before it.
 */
#define AZF_KEYDESC_MAX (4096 + 64)

/**
 * struct azf_keydesc - a question
 * @host: the server as it was typed, or as a DFS referral had it
 * @address: IPv4 or IPv6, as the kernel writes it
 * @sec: "krb5" or "mskrb5"
 * @uid: of the mount
 * @creduid: whose credentials are asked for: of the one who mounted, or, on a
 *	multiuser mount, of the one who accesses it
 * @user: what username= said; empty for none
 * @pid: of the process that made the kernel ask
 * @upcall_target: "app" or "mount"; empty for none
 */
struct azf_keydesc {
	char host[256];
	char address[64];
	char sec[16];
	uint32_t uid;
	uint32_t creduid;
	char user[257];
	uint32_t pid;
	char upcall_target[16];
};

/**
 * azf_keydesc_parse() - take the description of a cifs.spnego key apart
 * @text: type;uid;gid;permissions;description
 * @ret_desc: filled on success
 *
 * Host and user name may hold anything, semicolons included, and the kernel
 * quotes nothing. So the fields must come in the kernel's order, none twice,
 * with none between the host or the user name and the field that the kernel
 * writes behind them: whatever was smuggled in is an error. Elsewhere unknown
 * fields are skipped; a newer kernel may have more.
 *
 * Return: 0, or -EINVAL.
 */
int azf_keydesc_parse(const char *text,
		      struct azf_keydesc *ret_desc) AZF_MUST_CHECK;

#endif
