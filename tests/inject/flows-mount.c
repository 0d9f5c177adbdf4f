// SPDX-License-Identifier: MIT
/* flows-mount.c - mounts, from a line of fstab to mount(2), and their tickets. */
#include "flows.h"
#include "inject.h"

#include "ccache.h"
#include "krbcred-maker.h"
#include "krbcred.h"
#include "mounted.h"
#include "plan.h"
#include "swap.h"
#include "wipe.h"

#include <errno.h>

#define CREDENTIALS FAKE "/credentials"
#define PLACE	    "/run/here"

/* ---- mounts ---- */

static void prepare(void)
{
	static const char credentials[] = "username=acct1\npassword=" SECRET
					  "\npassword2=OTHERKEY\n";

	assert_int_equal(set_up(NULL), 0);
	azf_state_close(&rig.state);
	put(CREDENTIALS, credentials, strlen(credentials));
	assert_int_equal(chmod(CREDENTIALS, 0600), 0);
	while (umount2(PLACE, MNT_DETACH) == 0)
		;
	assert_true(mkdir(PLACE, 0755) == 0 || errno == EEXIST);
	will_answer(OK, 0, 3000, "new", 3);
	inject_refusal = 0;
}

static int mount_line(const char *line, bool fake, struct azf_error *err)
{
	azf_cleanup(azf_free_pointer) char *text = strdup(line);
	struct azf_options *options = text ? azf_options_new(false) : NULL;
	struct azf_request request = {
		.source = "//" HOST "/share/a",
		.target = PLACE,
		.options = options,
		.fake = fake,
		.log = &flow_log,
	};
	int r;

	if (!options)
		return azf_no_memory(err);
	r = azf_options_parse(options, text, err);
	if (r == 0)
		r = azf_mount(&request, err);
	azf_options_free(options);
	return r;
}

#define BY_KEY "credentials=" CREDENTIALS ",seal,uid=0,actimeo=5,port=1,retry=0"

static int mount_by_key(struct azf_error *err)
{
	return mount_line(BY_KEY, false, err);
}

/* Its first key is refused, and the second one. */
static int mount_refused(struct azf_error *err)
{
	int r;

	inject_refusal = EACCES;
	r = mount_line("username=acct1,password=" SECRET
		       ",password2=OTHERKEY,port=1,retry=0",
		       false, err);
	if (!inject->fired && r == -AZF_E_MOUNT) {
		/* as it should be */
		*err = (struct azf_error){ 0 };
		return 0;
	}
	return r;
}

static int mount_identity(struct azf_error *err)
{
	return mount_line("identity=system,port=1,retry=0", false, err);
}

static void check_identity(int r)
{
	if (r == 0)
		assert_string_equal(get(PATH "/ccache", NULL), "new");
	else if (is_there(PATH "/ccache"))
		flow_whole(PATH "/ccache", "new", "");
}

static int mount_user(struct azf_error *err)
{
	return mount_line("identity=ccache,cruid=3001,port=1,retry=0", true,
			  err);
}

static void check_secret(int r)
{
	(void)r;
	flow_no_secret("/run", CREDENTIALS);
}

/* ---- a mount in the place of another ---- */

static void put_old(void)
{
	assert_int_equal(mount("old", PLACE, "tmpfs", 0, NULL), 0);
	put(PLACE "/old", "", 0);
}

static void prepare_swap(void)
{
	prepare();
	assert_int_equal(mount("none", "/run", "none", MS_SHARED, NULL), 0);
	put_old();
}

/* Where the old one cannot go. */
static void prepare_cover(void)
{
	prepare();
	assert_int_equal(mount("none", "/run", "none", MS_PRIVATE, NULL), 0);
	put_old();
}

static int swap(struct azf_error *err)
{
	const struct azf_apart apart = {
		.source = "//" HOST "/share",
		.target = PLACE,
		.options = BY_KEY,
		.log = &flow_log,
	};
	enum azf_swapped how;

	return azf_swap_mount(&apart, &how, err);
}

/* There is always one of them. */
static void check_swap(int r)
{
	bool old = is_there(PLACE "/old");
	struct stat inside, outside;

	assert_int_equal(stat(PLACE, &inside), 0);
	assert_int_equal(stat("/run", &outside), 0);
	if (inside.st_dev == outside.st_dev)
		flow_fail("nothing is mounted");
	/* unless the child that did it could not say so */
	if (r && !old && inject->at && !azf_streq(inject->call, "write"))
		flow_fail("it failed, and the old mount is away");
	if (r == 0 && old)
		flow_fail("the old mount is still there");
}

/* ---- caches of tickets ---- */

static unsigned char *message;
static size_t message_len;

static void prepare_cache(void)
{
	static const struct recipe recipe = { "cifs", HOST, 1765082912 + 86215,
					      1 };

	if (!message)
		message = make_krbcred(&recipe, &message_len);
	assert_non_null(message);
}

static int rewrite_cache(struct azf_error *err)
{
	azf_autokrbcred struct azf_krbcred krbcred = { 0 };
	azf_autoccache struct azf_ccache *ccache = NULL, *other = NULL;
	struct azf_ccache_ticket ticket = { .flags = 0 };
	unsigned char *bytes;
	size_t len;
	int r = azf_krbcred_read(message, message_len, HOST, 0, &krbcred, err);

	if (r == 0)
		r = azf_ccache_parse(krbcred.ccache, krbcred.ccache_len,
				     &ccache, err);
	if (r == 0)
		r = azf_ccache_parse(krbcred.ccache, krbcred.ccache_len, &other,
				     err);
	if (r == 0)
		r = azf_ccache_take(ccache, other, err);
	if (r)
		return r;
	if (!azf_ccache_ticket(ccache, 0, &ticket))
		return azf_no_memory(err);
	azf_ccache_ticket_free(&ticket);
	bytes = azf_ccache_format(ccache, &len);
	if (!bytes)
		return azf_no_memory(err);
	azf_wipe_free(bytes);
	assert_true(azf_ccache_drop(ccache, HOST) == 1);
	return 0;
}

/* ---- what is mounted ---- */

static int list_mounts(struct azf_error *err)
{
	struct azf_mounted_list list = { .count = 0 };
	int r = azf_mounted_all(TABLE, &list);

	if (r)
		return azf_fail(err, AZF_E_SYSTEM, "%s", strerror(-r));
	if (list.count != 2)
		flow_fail("%zu mounts, not 2", list.count);
	azf_mounted_free(&list);
	return 0;
}

static void prepare_table(void)
{
	prepare();
	mounted_as_system();
	mounted("//" OTHER "/s",
		"rw,vers=3.1.1,username=acct2,domain=D,seal,addr=10.0.0.4");
}

const struct flow flows_mount[] = {
	{ "a mount with a key", prepare, mount_by_key, check_secret },
	{ "a mount that is refused", prepare, mount_refused, check_secret },
	{ "a mount with an identity", prepare, mount_identity, check_identity },
	{ "a mount with a user's tickets", prepare, mount_user, NULL },
	{ "a mount takes the place of another", prepare_swap, swap,
	  check_swap },
	{ "a mount covers another", prepare_cover, swap, check_swap },
	{ "a cache of tickets is rewritten", prepare_cache, rewrite_cache,
	  NULL },
	{ "mounts are listed", prepare_table, list_mounts, NULL },
	{ .name = NULL },
};
