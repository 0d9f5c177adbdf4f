/* SPDX-License-Identifier: MIT */
/*
 * ticket-rig.h - an identity whose tickets come from a script.
 *
 * The script stands where azfiles-credential would, in a name space of ours. It
 * keeps its request in FAKE/request, and a byte for each call in FAKE/calls.
 */
#ifndef AZF_TICKET_RIG_H
#define AZF_TICKET_RIG_H

#include "test.h"

#include "namespace.h"
#include "ticket.h"

#include <fcntl.h>

#define HOST "acct1.file.core.windows.net"
#define PATH AZF_RUN_DIR "/" HOST "/system"
#define FAKE "/run/fake"
#define OK   "result=ok\nserver=cifs/" HOST "@R\nprincipal=me@R\n"

static inline void put(const char *path, const void *data, size_t len)
{
	azf_autoclose int fd = creat(path, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
}

/* Read a file into a buffer that stays until the next call. */
static inline const char *get(const char *path, size_t *ret_len)
{
	static char text[300000];
	azf_autoclose int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : azf_read_file(fd, text, sizeof(text));

	if (ret_len)
		*ret_len = len < 0 ? 0 : (size_t)len;
	return len < 0 ? "" : text;
}

static inline unsigned int calls(void)
{
	return (unsigned int)strlen(get(FAKE "/calls", NULL));
}

/* What the program does once it has read the request. */
static inline void will(const char *script)
{
	put(FAKE "/script", script, strlen(script));
}

/* An answer: fields with a life that began and ends at these times from now. */
static inline void will_answer(const char *fields, int starts, int expires,
			       const void *ccache, size_t len)
{
	char head[1024];
	FILE *file = fopen(FAKE "/answer", "we");

	assert_non_null(file);
	(void)snprintf(head, sizeof(head), "%sstarts=%lld\nexpires=%lld\n\n",
		       fields, (long long)time(NULL) + starts,
		       (long long)time(NULL) + expires);
	assert_int_equal(fwrite(head, strlen(head), 1, file), 1);
	assert_int_equal(fwrite(ccache, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	will("cat " FAKE "/answer");
}

static inline void will_fail(const char *transient)
{
	char script[512];

	(void)snprintf(script, sizeof(script),
		       "echo result=fail; echo cause=no luck; echo cure=Wait\n"
		       "echo request_id=r-1; echo transient=%s",
		       transient);
	will(script);
}

/* One identity, and all that a test knows of it. */
struct rig {
	struct azf_state state;
	struct remarks remarks;
	struct azf_log log;
	struct azf_error err;
};

static struct rig rig;

static inline int set_up(void **state)
{
	azf_autofields struct azf_fields credential = { .count = 0 };

	(void)state;
	rig = (struct rig){ .log = { test_remark, &rig.remarks } };
	if (system("rm -rf " AZF_RUN_DIR " " FAKE "; mkdir " FAKE))
		return -1;
	assert_int_equal(azf_state_open(HOST, "system", true, &rig.state), 0);
	assert_int_equal(azf_fields_set(&credential, "identity", "system"), 0);
	assert_int_equal(azf_fields_set(&credential, "host", HOST), 0);
	assert_int_equal(azf_ticket_remember(&rig.state, &credential, &rig.err),
			 0);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	azf_state_close(&rig.state);
	return 0;
}

static inline int enter(void **state)
{
	static const char fake[] = "#!/bin/sh\n"
				   "exec 3>" FAKE "/request\n"
				   "printf x >>" FAKE "/calls\n"
				   "while read -r line; do\n"
				   "	echo \"$line\" >&3\n"
				   "	case $line in\n"
				   "	more=*) more=1 ;;\n"
				   "	host=*) host=${line#*=} ;;\n"
				   "	esac\n"
				   "	[ \"$line\" ] || break\n"
				   "done\n"
				   "[ \"$more\" ] || cat >&3\n"
				   ". " FAKE "/script\n";

	if (namespace_enter(state))
		return -1;
	put(AZF_CREDENTIAL, fake, strlen(fake));
	return 0;
}

static inline int ensure(enum azf_ticket_when when)
{
	rig.err = (struct azf_error){ 0 };
	rig.remarks.text[0] = '\0';
	return azf_ticket_ensure(&rig.state, when, 30, &rig.log, &rig.err);
}

/* A ticket that is there already. */
static inline void have_ticket(int renew, int expires)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "server=s\nrenew=%lld\nexpires=%lld",
		       (long long)time(NULL) + renew,
		       (long long)time(NULL) + expires);
	put(PATH "/ticket", text, strlen(text));
	put(PATH "/ccache", "old", 3);
}

static inline void assert_ccache(const void *want, size_t want_len)
{
	size_t len;
	const char *text = get(PATH "/ccache", &len);

	assert_int_equal(len, want_len);
	assert_memory_equal(text, want, len);
}

static inline uint64_t kept(const char *file, const char *key)
{
	azf_autofields struct azf_fields fields = { .count = 0 };
	uint64_t number = 0;

	assert_int_equal(azf_state_read(&rig.state, file, &fields), 0);
	assert_true(azf_fields_number(&fields, key, &number));
	return number;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
