// SPDX-License-Identifier: MIT
/* fuzz-request-key.c - request-key.conf, read as request-key reads it. */
#include "fuzz.h"
#include "request-key.h"

#include <errno.h>
#include <fcntl.h>

#define DESCRIPTION                                              \
	"ver=0x2;host=acct1.file.core.windows.net;ip4=10.0.0.1;" \
	"sec=krb5;uid=0x0;creduid=0x0;user=system;pid=0x1"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *etc = fuzz_directory();
	static int directory = -1;
	azf_autoclose int fd = -1;
	struct azf_request_line line = { .number = 0 };
	int r;

	if (directory < 0)
		directory = open(etc, O_PATH | O_DIRECTORY);
	fd = openat(directory, "request-key.conf", O_WRONLY | O_CREAT | O_TRUNC,
		    0600);
	must(fd >= 0 && azf_write_all(fd, bytes, size) == 0);
	r = azf_request_key_find(etc, "cifs.spnego", DESCRIPTION, &line);
	must(r == 0 || r == -ENOENT);
	if (r)
		return 0;
	must(line.number >= 1 && line.number <= size + 1);
	must(line.broken == !line.program[0]);
	must(strlen(line.program) <= size);
	must(!strpbrk(line.program, " \t\n"));
	return 0;
}
