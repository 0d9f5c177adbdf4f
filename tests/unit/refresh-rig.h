/* SPDX-License-Identifier: MIT */
/* refresh-rig.h - a refresh of the tickets of ticket-rig.h, with a table of
 * ours. */
#ifndef AZF_REFRESH_RIG_H
#define AZF_REFRESH_RIG_H

#include "ticket-rig.h"

#include "refresh.h"

#define TABLE	FAKE "/mounts"
#define SERVERS FAKE "/servers"
#define OTHER	"acct2.file.core.windows.net"
#define HOSTS	FAKE "/hosts"

static inline void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A line of the table of mounts. */
static inline void mounted_at(const char *target, const char *source,
			      const char *options)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "30 22 0:40 / %s rw - cifs %s %s\n",
		       target, source, options);
	append(TABLE, line);
}

static inline void mounted(const char *source, const char *options)
{
	mounted_at("/nowhere", source, options);
}

static inline void mounted_as_system(void)
{
	mounted("//" HOST "/share", "rw,sec=krb5,username=system,soft");
}

static inline int refresh_at(const char *target, bool all)
{
	const struct azf_refresh request = {
		.now = all,
		.target = target,
		.mounts = TABLE,
		.servers = SERVERS,
		.log = &rig.log,
	};

	append(TABLE, "");
	rig.err = (struct azf_error){ 0 };
	rig.remarks.text[0] = '\0';
	return azf_refresh(&request, &rig.err);
}

static inline int refresh(bool all)
{
	return refresh_at(NULL, all);
}

static inline bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Times from now. */
static inline void have(int early, int renew, int expires)
{
	char text[160];
	long long t = time(NULL);

	have_ticket(renew, expires);
	(void)snprintf(text, sizeof(text),
		       "server=s\nearly=%lld\nrenew=%lld\nexpires=%lld\n",
		       t + early, t + renew, t + expires);
	put(PATH "/ticket", text, strlen(text));
}

static inline void failed(int ago, int not_before)
{
	char text[160];

	(void)snprintf(text, sizeof(text),
		       "time=%lld\ncode=%d\ncause=no luck\nnot_before=%lld\n",
		       (long long)time(NULL) - ago, AZF_E_TRANSIENT,
		       (long long)time(NULL) + not_before);
	put(PATH "/failed", text, strlen(text));
}

static inline void unused_since(int ago)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "since=%lld\n",
		       (long long)time(NULL) - ago);
	put(PATH "/unused", text, strlen(text));
}

/* Another host with a mount, and a ticket as that of HOST. */
static inline void add_host(const char *host)
{
	azf_autofields struct azf_fields credential = { .count = 0 };
	azf_autostate struct azf_state state = { .fd = -1 };
	const char *ticket = get(PATH "/ticket", NULL);
	char source[512];

	assert_int_equal(azf_state_open(host, "system", true, &state), 0);
	assert_int_equal(azf_fields_set(&credential, "identity", "system"), 0);
	assert_int_equal(azf_fields_set(&credential, "host", host), 0);
	assert_int_equal(
		azf_state_write_fields(&state, "credential", &credential), 0);
	assert_int_equal(
		azf_state_write(&state, "ticket", ticket, strlen(ticket)), 0);
	assert_int_equal(azf_state_write(&state, "ccache", "old", 3), 0);
	(void)snprintf(source, sizeof(source), "//%s/share", host);
	mounted(source, "sec=krb5,username=system");
}

/*
 * What is done for each $host, whose answer is written by "good"; FAKE/hosts
 * has all of them.
 */
static inline void will_for_each(const char *script)
{
	char text[2048];
	long long t = time(NULL);

	(void)snprintf(
		text, sizeof(text),
		"answer() {\n" /* all at once */
		"	printf 'result=ok\\nhost=%%s\\nlength=%%s\\nserver=s\\n'\\\n"
		"'principal=p\\nstarts=%lld\\nexpires=%lld\\n\\n%%s' \"$@\"\n"
		"}\n"
		"good() { answer \"$host\" 3 new; }\n"
		"while :; do\n"
		"	echo \"$host\" >>" HOSTS "\n"
		"	%s\n"
		"	read -r host || exit\n"
		"done\n",
		t, t + 3000, script);
	will(text);
}

#endif
