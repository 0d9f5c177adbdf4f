// SPDX-License-Identifier: MIT
/* ctl-doctor-run.c - what checks of "doctor" ask other programs and files. */
#include "ctl-doctor.h"
#include "run.h"

#include <fcntl.h>

int doctor_run(const char *const *argv, char *output, size_t size,
	       unsigned int seconds)
{
	char complaint[256];
	const struct azf_program program = {
		.argv = argv,
		.output = output,
		.size = size - 1,
		.complaint = complaint,
		.complaint_size = sizeof(complaint),
		.timeout_ms = (int)seconds * 1000,
	};
	size_t len = 0;
	int r = azf_run(&program, &len);

	output[len < size ? len : 0] = '\0';
	return r;
}

bool doctor_read(const char *path, char *buffer, size_t size)
{
	azf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || azf_read_file(fd, buffer, size) < 0)
		return false;
	buffer[strcspn(buffer, "\n")] = '\0';
	return true;
}

/* ---- systemd ---- */

/* "KEY=VALUE\n" */
static void take_property(const char *line, const char *key, char *value,
			  size_t size)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) == 0 && line[len] == '=')
		(void)snprintf(value, size, "%.*s",
			       (int)strcspn(line + len + 1, "\n"),
			       line + len + 1);
}

bool doctor_unit_read(const char *name, struct doctor_unit *ret_unit)
{
	const char *const argv[] = {
		"/bin/systemctl",
		"show",
		"--property=LoadState,ActiveState,Result,NeedDaemonReload",
		"--",
		name,
		NULL,
	};
	struct doctor_unit unit = { 0 };
	char output[1024];

	if (doctor_run(argv, output, sizeof(output), 10))
		return false;
	for (const char *p = output; p && *p;) {
		char reload[8] = "";

		take_property(p, "LoadState", unit.load, sizeof(unit.load));
		take_property(p, "ActiveState", unit.active,
			      sizeof(unit.active));
		take_property(p, "Result", unit.result, sizeof(unit.result));
		take_property(p, "NeedDaemonReload", reload, sizeof(reload));
		unit.stale |= azf_streq(reload, "yes");
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	*ret_unit = unit;
	return unit.load[0];
}
