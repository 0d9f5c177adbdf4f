// SPDX-License-Identifier: MIT
/* fuzz-mounts.c - the table of mounts, where names of others are. */
#include "fuzz.h"
#include "mounted.h"

#include <errno.h>
#include <sys/mman.h>

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void check(const struct azf_mounted *mount)
{
	must(azf_starts_with(mount->source, "//"));
	must(mount->host[0] && mount->canonical[0] && mount->user);
	must(!mount->account || mount->account[0]);
	must(ends(mount->address, sizeof(mount->address)));
	must(ends(mount->domain, sizeof(mount->domain)));
	must(ends(mount->dialect, sizeof(mount->dialect)));
	must(!azf_mounted_uses(mount, "another host", mount->user));
	must(azf_mounted_uses(mount, mount->canonical, mount->user) ==
	     mount->kerberos);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_automounted struct azf_mounted_list list = { .count = 0 };
	azf_autoclose int fd = memfd_create("mounts", MFD_CLOEXEC);
	char path[64];
	int r;

	must(fd >= 0 && azf_write_all(fd, bytes, size) == 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = azf_mounted_all(path, &list);
	must(r == 0 || list.count == 0);
	for (size_t i = 0; i < list.count; i++)
		check(&list.mounts[i]);
	return 0;
}
