/* SPDX-License-Identifier: MIT */
/* kernel-data.h - the data string of mount(2), taken apart as the kernel does. */
#ifndef AZF_KERNEL_DATA_H
#define AZF_KERNEL_DATA_H

#include "plan.h"

/* The next option, as smb3_fs_context_parse_monolithic() splits. */
static inline bool kernel_token(const char **data, char token[AZF_DATA_MAX + 1])
{
	const char *at = *data;
	size_t len = 0;

	if (!*at)
		return false;
	/* two commas are one that belongs to the value */
	while (*at && (*at != ',' || at[1] == ',')) {
		at += *at == ',';
		token[len++] = *at++;
	}
	token[len] = '\0';
	must(len > 0); /* the kernel would stop here */
	*data = at + (*at == ',');
	return true;
}

#endif
