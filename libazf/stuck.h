/* SPDX-License-Identifier: MIT */
/* stuck.h - TCP connections that wait for a machine which is no longer there. */
#ifndef AZF_STUCK_H
#define AZF_STUCK_H

#include "resolve.h"

/**
 * azf_stuck_drop() - end the stuck connections to a server
 * @address: of the server
 * @port: TCP port, host byte order
 * @ret_count: how many were ended
 *
 * A connection is stuck when what it sent is being sent again and again, since
 * nobody acknowledges it. The kernel's SMB client notices that after three
 * times echo_interval; when the connection ends it connects anew at once, and
 * asks for the address first. Connections that are alive are left alone, and
 * so are all of other network name spaces.
 *
 * Needs CAP_NET_ADMIN.
 *
 * Return: 0; -EOPNOTSUPP from a kernel that cannot do it; another errno
 * negated.
 */
int azf_stuck_drop(const struct azf_address *address, in_port_t port,
		   unsigned int *ret_count) AZF_MUST_CHECK;

#endif
