/* SPDX-License-Identifier: MIT */
/* module.h - the kernel's cifs module. */
#ifndef AZF_MODULE_H
#define AZF_MODULE_H

#include "util.h"

/**
 * azf_module_load() - have cifs loaded, with the program that the kernel uses
 *
 * The kernel loads it for mount(2), but runs no more than 50 modprobes at once,
 * and gives up the mounts beyond them after five seconds.
 *
 * Return: whether it is there now; false where the kernel may load no modules,
 * and without a modprobe or a module.
 */
bool azf_module_load(void);

#endif
