// SPDX-License-Identifier: MIT
/* module.c - the kernel's cifs module. */
#include "module.h"

#include "run.h"

#include <fcntl.h>
#include <limits.h>

/* Many other loads may be under way: a boot with many mounts. */
#define MODPROBE_MS 60000

bool azf_module_load(void)
{
	azf_autoclose int fd = open("/proc/sys/kernel/modprobe",
				    O_RDONLY | O_CLOEXEC);
	char path[PATH_MAX], output[256];
	/* the words of the kernel, to which the administrator's rules apply */
	const char *const argv[] = { path, "-q", "--", "fs-cifs", NULL };
	const struct azf_program modprobe = {
		.argv = argv,
		.output = output,
		.size = sizeof(output),
		.timeout_ms = MODPROBE_MS,
	};
	size_t len;

	if (fd < 0 || azf_read_file(fd, path, sizeof(path)) <= 0)
		return false;
	path[strcspn(path, "\n")] = '\0';
	return path[0] == '/' && azf_run(&modprobe, &len) == 0;
}
