// SPDX-License-Identifier: MIT
/* fuzz-mountinfo.c - lines of the kernel's table, as libmount reads them too. */
#include "fuzz.h"
#include "table.h"

#include <sys/mman.h>
#include <sys/sysmacros.h>

struct seen {
	struct azf_str text;
	bool live;
};

static int note(void *arg, const struct azf_table_line *line)
{
	struct seen *seen = arg;

	/* what libmount takes for a line of fstab has no directory */
	seen->live = line->root[0] != '\0';
	/* not the options: each has a way of its own to merge the two lists */
	azf_str_add(&seen->text, "%s\n%s\n%s\n%s\n%u:%u", line->root,
		    line->target, line->type, line->source, major(line->device),
		    minor(line->device));
	must(!seen->text.failed);
	return 1;
}

/* Empty fields and control characters are nothing that the kernel writes. */
static bool is_natural(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] < ' ' ||
		    (bytes[i] == ' ' && i + 1 < size && bytes[i + 1] == ' '))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	azf_autoclose int fd = memfd_create("mountinfo", MFD_CLOEXEC);
	struct seen ours = { .live = false }, theirs = { .live = false };
	const struct azf_table_visitor to_us = { note, NULL, &ours };
	const struct azf_table_visitor to_them = { note, NULL, &theirs };
	char path[64];

	must(fd >= 0 && azf_write_all(fd, bytes, size) == 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(azf_mountinfo_visit(path, &to_us) >= 0);
	if (is_natural(bytes, size)) {
		(void)!azf_table_visit(path, &to_them);
		if (ours.live && theirs.live)
			must(azf_streq(ours.text.text, theirs.text.text));
	}
	azf_str_free(&ours.text);
	azf_str_free(&theirs.text);
	return 0;
}
