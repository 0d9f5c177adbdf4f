// SPDX-License-Identifier: MIT
/*
 * fsoption.c - which option the kernel does not take, and its own words.
 *
 * The descriptor of fsopen(2) has a log, and each option is a call of its own.
 * Of cifs only what reads the options writes into that log: what a server
 * refused is in the kernel log alone (Linux 6.1 to 6.12). So mount(2) mounts,
 * since it has no limit of 256 bytes for a value and finds out about what is
 * mounted at the target already; and when it says EINVAL, this tells why. It
 * does so also where /dev/kmsg cannot be read, and mixes nothing up when many
 * mounts fail.
 */
#include "fsoption.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

/* with its NUL; of a longer value fsconfig(2) says EINVAL, mount(2) does not */
#define VALUE_MAX 256

static void copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
	azf_printable(to);
}

/* Return: @text behind the name of the file system or function in front. */
static char *behind_origin(char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return len && azf_starts_with(text + len, ": ") ? text + len + 2 : text;
}

void azf_fsoption_message(char *record, struct azf_fsoption *option)
{
	char *text;
	size_t len;

	if (!azf_starts_with(record, "e "))
		return;
	text = behind_origin(record + 2);
	len = strlen(text);
	while (len && strchr("\n .!", text[len - 1]))
		len--;
	copy(option->words, sizeof(option->words), text, len);
	option->unknown = azf_starts_with(option->words, "Unknown parameter");
}

/* Its errors; the last one counts. One read() gives one record. */
static void read_log(int fd, struct azf_fsoption *option)
{
	char record[1024];
	ssize_t n;

	while ((n = read(fd, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && (errno == EMSGSIZE || errno == EINTR))) {
		if (n < 0)
			continue;
		record[n] = '\0';
		azf_fsoption_message(record, option);
	}
}

/* Labels of SELinux may be quoted in the string of mount(2), but not here. */
static void unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || value[0] != '"' || value[len - 1] != '"')
		return;
	memmove(value, value + 1, len - 2);
	value[len - 2] = '\0';
}

static bool refuses(int fd, const char *name, const char *value)
{
	char copied[VALUE_MAX];

	if (value && strlen(value) >= sizeof(copied))
		return false;
	if (value) {
		memcpy(copied, value, strlen(value) + 1);
		unquote(copied);
	}
	/* glibc has had a name for it since 2.36, musl has none */
	return syscall(SYS_fsconfig, fd,
		       value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, name,
		       value ? copied : NULL, 0) < 0 &&
	       errno == EINVAL;
}

bool azf_fsoption_find(const struct azf_options *options,
		       struct azf_fsoption *ret_option)
{
	azf_autoclose int fd = (int)syscall(SYS_fsopen, "cifs", FSOPEN_CLOEXEC);
	struct azf_fsoption ignored;

	*ret_option = (struct azf_fsoption){ 0 };
	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return false;
	azf_for_each_setting(setting, options) {
		char name[sizeof(ret_option->name)];

		if (setting->option->owner != AZF_FOR_KERNEL)
			continue;
		(void)snprintf(name, sizeof(name), "%s%s",
			       setting->off ? "no" : "", setting->option->name);
		if (refuses(fd, name, setting->value)) {
			memcpy(ret_option->name, name, sizeof(name));
			read_log(fd, ret_option);
			return true;
		}
		/* of some that it takes it says that they are not wise */
		read_log(fd, &ignored);
	}
	return false;
}
