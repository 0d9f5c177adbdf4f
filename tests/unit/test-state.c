// SPDX-License-Identifier: MIT
/* test-state.c - directories below /run/azfiles, and files replaced in them. */
#include "test.h"

#include "namespace.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define HOST "acct1.file.core.windows.net"
#define PATH AZF_RUN_DIR "/" HOST "/system"

static int remove_all(void **state)
{
	(void)state;
	return system("rm -rf " AZF_RUN_DIR) ? -1 : 0;
}

static void open_state(struct azf_state *ret_state)
{
	assert_int_equal(azf_state_open(HOST, "system", true, ret_state), 0);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void names_are_names(void **state)
{
	static const char *const good[] = { "system",	HOST, "a",
					    "A.b_c-9.", "-",  "_" };
	static const char *const bad[] = { "",	   ".",	   "..",   ".a",
					   "/",	   "a/b",  "../a", "a b",
					   "a\nb", "\xc3", "a\\b", "a:b" };
	char name[257];

	(void)state;
	for (size_t i = 0; i < AZF_ARRAY_SIZE(good); i++)
		assert_true(azf_state_is_name(good[i]));
	for (size_t i = 0; i < AZF_ARRAY_SIZE(bad); i++)
		assert_false(azf_state_is_name(bad[i]));
	memset(name, 'x', sizeof(name));
	name[256] = '\0';
	assert_false(azf_state_is_name(name));
	name[255] = '\0';
	assert_true(azf_state_is_name(name));
}

static void other_names_are_not_opened(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };

	(void)state;
	assert_int_equal(azf_state_open("..", "a", true, &opened), -EINVAL);
	assert_int_equal(azf_state_open("a", "..", true, &opened), -EINVAL);
	assert_int_equal(azf_state_open("a", "b/c", true, &opened), -EINVAL);
	assert_int_equal(azf_state_open("", "a", true, &opened), -EINVAL);
	assert_null(opened.path);
	assert_int_not_equal(access(AZF_RUN_DIR, F_OK), 0);
}

static void directories_are_made_for_root_alone(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(azf_state_open(HOST, "system", false, &opened),
			 -ENOENT);
	assert_int_not_equal(access(AZF_RUN_DIR, F_OK), 0);
	open_state(&opened);
	(void)umask(mask);
	assert_string_equal(opened.path, PATH);
	assert_int_equal(mode_of(AZF_RUN_DIR), 0700);
	assert_int_equal(mode_of(AZF_RUN_DIR "/" HOST), 0700);
	assert_int_equal(mode_of(PATH), 0700);
	assert_int_equal(fcntl(opened.fd, F_GETFD), FD_CLOEXEC);
	azf_state_close(&opened);
	assert_int_equal(opened.fd, -1);
	assert_int_equal(azf_state_open(HOST, "system", false, &opened), 0);
	/* and another identity is another one */
	azf_state_close(&opened);
	assert_int_equal(azf_state_open(HOST, "other", false, &opened),
			 -ENOENT);
}

static void links_are_not_followed(void **state)
{
	static const char *const components[] = { AZF_RUN_DIR,
						  AZF_RUN_DIR "/" HOST, PATH };

	for (size_t i = 0; i < AZF_ARRAY_SIZE(components); i++) {
		azf_autostate struct azf_state opened = { .fd = -1 };
		int r;

		open_state(&opened);
		azf_state_close(&opened);
		assert_int_equal(rename(components[i], "/run/elsewhere"), 0);
		assert_int_equal(symlink("/run/elsewhere", components[i]), 0);
		r = azf_state_open(HOST, "system", i % 2, &opened);
		assert_true(r == -ENOTDIR || r == -ELOOP);
		assert_null(opened.path);
		assert_int_equal(unlink(components[i]), 0);
		assert_int_equal(rename("/run/elsewhere", components[i]), 0);
		assert_int_equal(remove_all(state), 0);
	}
}

static void directories_of_others_are_refused(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		uid_t owner;
		int result;
	} rows[] = {
		{ AZF_RUN_DIR, 0770, 0, -EPERM },
		{ AZF_RUN_DIR, 01777, 0, -EPERM },
		{ AZF_RUN_DIR, 0700, 65534, -EPERM },
		{ AZF_RUN_DIR "/" HOST, 0720, 0, -EPERM },
		{ AZF_RUN_DIR "/" HOST, 0700, 1, -EPERM },
		{ PATH, 0702, 0, -EPERM },
		{ PATH, 0700, 65534, -EPERM },
		{ PATH, 0755, 0, 0 },
	};

	for (size_t i = 0; i < AZF_ARRAY_SIZE(rows); i++) {
		azf_autostate struct azf_state opened = { .fd = -1 };

		open_state(&opened);
		azf_state_close(&opened);
		assert_int_equal(chmod(rows[i].path, rows[i].mode), 0);
		assert_int_equal(chown(rows[i].path, rows[i].owner, 0), 0);
		assert_int_equal(azf_state_open(HOST, "system", true, &opened),
				 rows[i].result);
		assert_int_equal(remove_all(state), 0);
	}
}

static void a_file_in_the_way_is_an_error(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autoclose int fd = creat(AZF_RUN_DIR, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(azf_state_open(HOST, "system", true, &opened),
			 -ENOTDIR);
}

static void fields_are_kept_in_files_of_root_alone(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autofields struct azf_fields fields = { .count = 0 };
	azf_autofields struct azf_fields back = { .count = 0 };
	mode_t mask = umask(0);

	(void)state;
	open_state(&opened);
	assert_int_equal(azf_state_read(&opened, "ticket", &back), -ENOENT);
	assert_int_equal(azf_fields_set(&fields, "renew", "5"), 0);
	assert_int_equal(azf_state_write_fields(&opened, "ticket", &fields), 0);
	(void)umask(mask);
	assert_int_equal(mode_of(PATH "/ticket"), 0600);
	assert_int_equal(azf_state_read(&opened, "ticket", &back), 0);
	assert_string_equal(azf_fields_get(&back, "renew"), "5");
	azf_state_remove(&opened, "ticket");
	azf_state_remove(&opened, "ticket");
	azf_fields_free(&back);
	assert_int_equal(azf_state_read(&opened, "ticket", &back), -ENOENT);
}

static void files_that_are_none_of_ours_are_not_read(void **state)
{
	static char large[65536];
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	open_state(&opened);
	assert_int_equal(azf_state_write(&opened, "a", "x", 1), 0);
	assert_int_equal(azf_state_read(&opened, "a", &fields), -EINVAL);
	memset(large, '\n', sizeof(large));
	assert_int_equal(azf_state_write(&opened, "a", large, sizeof(large)),
			 0);
	assert_int_equal(azf_state_read(&opened, "a", &fields), -EFBIG);
	assert_int_equal(azf_state_write(&opened, "a", NULL, 0), 0);
	assert_int_equal(azf_state_read(&opened, "a", &fields), 0);
	assert_int_equal(fields.count, 0);
	assert_int_equal(symlink("a", PATH "/link"), 0);
	assert_int_equal(azf_state_read(&opened, "link", &fields), -ELOOP);
	/* a link is replaced, and what it points to is not written to */
	assert_int_equal(azf_state_write(&opened, "link", "b=1", 3), 0);
	assert_int_equal(azf_state_read(&opened, "a", &fields), 0);
	assert_int_equal(fields.count, 0);
	assert_int_equal(azf_state_read(&opened, "link", &fields), 0);
	assert_int_equal(fields.count, 1);
}

static void what_a_dead_writer_left_is_in_nobodys_way(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	open_state(&opened);
	assert_int_equal(symlink("/run/elsewhere", PATH "/ccache.new"), 0);
	assert_int_equal(azf_state_write(&opened, "ccache", "a=1", 3), 0);
	assert_int_equal(azf_state_read(&opened, "ccache", &fields), 0);
	assert_int_not_equal(access("/run/elsewhere", F_OK), 0);
	assert_int_not_equal(access(PATH "/ccache.new", F_OK), 0);
}

static void __attribute__((noreturn)) write_for_ever(void)
{
	static char text[60000];
	azf_autostate struct azf_state opened = { .fd = -1 };

	if (azf_state_open(HOST, "system", false, &opened))
		_exit(1);
	for (char c = 'a';; c = c == 'a' ? 'b' : 'a') {
		memset(text, c, sizeof(text));
		if (azf_state_write(&opened, "ccache", text,
				    c == 'a' ? sizeof(text) : 50000))
			_exit(1);
	}
}

/* Read by libkrb5, which knows nothing of our lock. */
static void a_reader_sees_the_old_or_the_new_file(void **state)
{
	static char text[70000];
	azf_autostate struct azf_state opened = { .fd = -1 };
	unsigned int seen[2] = { 0 };
	pid_t pid;

	(void)state;
	open_state(&opened);
	assert_int_equal(azf_state_write(&opened, "ccache", "b", 1), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		write_for_ever();
	for (int i = 0; i < 100000 && (seen[0] < 50 || seen[1] < 50); i++) {
		azf_autoclose int fd = openat(opened.fd, "ccache", O_RDONLY);
		ssize_t len = azf_read_file(fd, text, sizeof(text));

		assert_true(len == 1 || len == 60000 || len == 50000);
		assert_int_equal(text[0], len == 60000 ? 'a' : 'b');
		assert_int_equal(text[len - 1], text[0]);
		seen[0] += len == 60000;
		seen[1] += len == 50000;
	}
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(seen[0] && seen[1]);
}

static void a_full_file_system_leaves_the_old_file(void **state)
{
	static char large[100000];
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autofields struct azf_fields fields = { .count = 0 };

	(void)state;
	assert_int_equal(mkdir(AZF_RUN_DIR, 0700), 0);
	assert_int_equal(mount("none", AZF_RUN_DIR, "tmpfs", 0,
			       "mode=0700,size=64k"),
			 0);
	open_state(&opened);
	assert_int_equal(azf_state_write(&opened, "ccache", "a=1", 3), 0);
	assert_int_equal(azf_state_write(&opened, "ccache", large,
					 sizeof(large)),
			 -ENOSPC);
	assert_int_equal(azf_state_read(&opened, "ccache", &fields), 0);
	assert_string_equal(azf_fields_get(&fields, "a"), "1");
	assert_int_not_equal(access(PATH "/ccache.new", F_OK), 0);
	azf_state_close(&opened);
	assert_int_equal(umount2(AZF_RUN_DIR, MNT_DETACH), 0);
}

static void the_lock_excludes_and_gives_up(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autostate struct azf_state other = { .fd = -1 };
	azf_autoclose int second = -1;
	int64_t began;
	int first;

	(void)state;
	open_state(&opened);
	open_state(&other);
	first = azf_state_lock(&opened, 0);
	assert_true(first >= 0);
	assert_int_equal(fcntl(first, F_GETFD), FD_CLOEXEC);
	assert_int_equal(mode_of(PATH "/lock"), 0600);
	began = azf_now_ms();
	assert_int_equal(azf_state_lock(&other, 100), -ETIMEDOUT);
	assert_in_range(azf_now_ms() - began, 95, 3000);
	/* a second time by the same one is none of its own */
	assert_int_equal(azf_state_lock(&opened, 0), -ETIMEDOUT);
	(void)close(first);
	second = azf_state_lock(&other, 0);
	assert_true(second >= 0);
}

static void whoever_waits_gets_the_lock(void **state)
{
	azf_autostate struct azf_state opened = { .fd = -1 };
	azf_autoclose int mine = -1;
	int ends[2];
	pid_t pid;
	char byte;

	(void)state;
	open_state(&opened);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int lock = azf_state_lock(&opened, 0);

		(void)!write(ends[1], "x", 1);
		(void)usleep(150000);
		_exit(lock < 0); /* and with it the lock is gone */
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	mine = azf_state_lock(&opened, 20000);
	assert_true(mine >= 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
#define AFTER(test) cmocka_unit_test_teardown(test, remove_all)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_names),
		AFTER(other_names_are_not_opened),
		AFTER(directories_are_made_for_root_alone),
		AFTER(links_are_not_followed),
		AFTER(directories_of_others_are_refused),
		AFTER(a_file_in_the_way_is_an_error),
		AFTER(fields_are_kept_in_files_of_root_alone),
		AFTER(files_that_are_none_of_ours_are_not_read),
		AFTER(what_a_dead_writer_left_is_in_nobodys_way),
		AFTER(a_reader_sees_the_old_or_the_new_file),
		AFTER(a_full_file_system_leaves_the_old_file),
		AFTER(the_lock_excludes_and_gives_up),
		AFTER(whoever_waits_gets_the_lock),
	};

	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
