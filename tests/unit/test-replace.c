// SPDX-License-Identifier: MIT
/* test-replace.c - a file replaced as a whole, or not at all. */
#include "replace.h"
#include "test.h"

#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define DIR	"/run/etc"
#define FILE_	DIR "/fstab"
#define BACKUP	"fstab~"
#define WRITERS 8
#define LINES	10

static void put_file(const char *path, const char *text, mode_t mode)
{
	azf_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(azf_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void check_file(const char *path, const char *want)
{
	static char text[1 << 16];
	azf_autoclose int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(azf_read_file(fd, text, sizeof(text)) >= 0);
	assert_string_equal(text, want);
}

static struct stat stat_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st;
}

/* Nothing lies in the directory but these files. */
static void check_names(const char *want)
{
	char names[256] = "";
	FILE *ls = popen("ls -A " DIR " | tr '\\n' ' '", "re");

	assert_non_null(ls);
	assert_int_equal(!fgets(names, sizeof(names), ls) && *want, 0);
	assert_int_equal(pclose(ls), 0);
	assert_string_equal(names, want);
}

static int set_up(void **state)
{
	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	return mkdir(DIR, 0755) || namespace_hide(DIR) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return umount2(DIR, MNT_DETACH) || rmdir(DIR) ? -1 : 0;
}

static void open_file(const char *path, struct azf_replace *ret_file)
{
	struct azf_error err = { 0 };

	if (azf_replace_open(path, ret_file, &err))
		fail_msg("%s. %s", err.cause, err.cure);
}

static void write_file(const struct azf_replace *file, const char *text)
{
	struct azf_error err = { 0 };

	if (azf_replace_write(file, text, strlen(text), BACKUP, &err))
		fail_msg("%s. %s", err.cause, err.cure);
}

static void the_new_file_is_like_the_old_one(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	struct stat old, new;

	(void)state;
	put_file(FILE_, "old\n", 0644);
	assert_int_equal(chown(FILE_, 12, 34), 0);
	assert_int_equal(chmod(FILE_, 0640), 0);
	old = stat_of(FILE_);
	open_file(FILE_, &file);
	assert_string_equal(file.text, "old\n");
	assert_int_equal(file.len, 4);
	assert_string_equal(file.path, FILE_);
	write_file(&file, "new\n");
	new = stat_of(FILE_);
	check_file(FILE_, "new\n");
	assert_int_equal(new.st_mode, old.st_mode);
	assert_int_equal(new.st_uid, 12);
	assert_int_equal(new.st_gid, 34);
	check_file(DIR "/" BACKUP, "old\n");
	assert_int_equal(stat_of(DIR "/" BACKUP).st_ino, old.st_ino);
	check_names("fstab fstab~ ");
}

static void labels_and_acls_stay(void **state)
{
	/* version 2; rw for the owner, r for user 1000, group, mask, others */
	static const unsigned char acl[] = {
		2,   0,	   0,	0,    0x01, 0,	  6,	0,   255, 255,	255,
		255, 0x02, 0,	4,    0,    0xe8, 3,	0,   0,	  0x04, 0,
		4,   0,	   255, 255,  255,  255,  0x10, 0,   4,	  0,	255,
		255, 255,  255, 0x20, 0,    4,	  0,	255, 255, 255,	255,
	};
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	unsigned char value[64];

	(void)state;
	put_file(FILE_, "old\n", 0644);
	assert_int_equal(setxattr(FILE_, "security.azf", "label", 5, 0), 0);
	assert_int_equal(setxattr(FILE_, "system.posix_acl_access", acl,
				  sizeof(acl), 0),
			 0);
	open_file(FILE_, &file);
	write_file(&file, "new\n");
	assert_int_equal(getxattr(FILE_, "security.azf", value, sizeof(value)),
			 5);
	assert_memory_equal(value, "label", 5);
	assert_int_equal(getxattr(FILE_, "system.posix_acl_access", value,
				  sizeof(value)),
			 sizeof(acl));
	assert_memory_equal(value, acl, sizeof(acl));
	assert_int_equal(stat_of(FILE_).st_mode & 07777, 0644);
}

static void a_link_stays_and_its_file_is_replaced(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;

	(void)state;
	assert_int_equal(mkdir(DIR "/real", 0755), 0);
	put_file(DIR "/real/table", "old\n", 0644);
	assert_int_equal(symlink("real/table", FILE_), 0);
	open_file(FILE_, &file);
	assert_string_equal(file.path, DIR "/real/table");
	write_file(&file, "new\n");
	assert_true(S_ISLNK(stat_of(FILE_).st_mode));
	check_file(FILE_, "new\n");
	check_file(DIR "/real/" BACKUP, "old\n");
	check_names("fstab real ");
}

static void a_missing_file_is_made(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	mode_t mask = umask(077);

	(void)state;
	open_file(FILE_, &file);
	assert_int_equal(file.fd, -1);
	assert_string_equal(file.text, "");
	write_file(&file, "new\n");
	(void)umask(mask);
	check_file(FILE_, "new\n");
	assert_int_equal(stat_of(FILE_).st_mode & 07777, 0644);
	check_names("fstab ");
}

static void open_fails(enum azf_code code, const char *words)
{
	struct azf_replace file = AZF_REPLACE_INIT;
	struct azf_error err = { 0 };

	assert_failure(azf_replace_open(FILE_, &file, &err), &err, code, words,
		       "Nothing was changed");
	assert_null(file.path);
}

static void what_is_no_text_file_is_left_alone(void **state)
{
	azf_autoclose int fd = -1;

	(void)state;
	assert_int_equal(symlink("nowhere", FILE_), 0);
	open_fails(AZF_E_SYSTEM, "cannot find " FILE_);
	assert_int_equal(unlink(FILE_), 0);
	assert_int_equal(mkfifo(FILE_, 0644), 0);
	open_fails(AZF_E_MOUNT, "is not a regular file");
	assert_int_equal(unlink(FILE_), 0);
	fd = open(FILE_, O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, "a\0b", 3), 3);
	open_fails(AZF_E_MOUNT, "NUL");
	assert_int_equal(ftruncate(fd, AZF_REPLACE_MAX + 1), 0);
	open_fails(AZF_E_MOUNT, "16 MiB");
}

static void write_fails(const struct azf_replace *file, size_t len,
			enum azf_code code, const char *words)
{
	azf_autofree char *text = malloc(len);
	struct azf_error err = { 0 };

	assert_non_null(text);
	memset(text, 'x', len);
	assert_failure(azf_replace_write(file, text, len, BACKUP, &err), &err,
		       code, words, "Nothing was changed");
	check_file(FILE_, "old\n");
	check_names("fstab ");
}

static void a_full_disk_keeps_the_old_file(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;

	(void)state;
	assert_int_equal(mount("none", DIR, "tmpfs", MS_REMOUNT, "size=64k"),
			 0);
	put_file(FILE_, "old\n", 0644);
	open_file(FILE_, &file);
	write_fails(&file, 256 << 10, AZF_E_SYSTEM, strerror(ENOSPC));
}

static void a_limit_keeps_the_old_file(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
	struct rlimit old, small;

	(void)state;
	put_file(FILE_, "old\n", 0644);
	open_file(FILE_, &file);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 4096, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	write_fails(&file, 8192, AZF_E_SYSTEM, strerror(EFBIG));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

static void a_read_only_disk_keeps_the_old_file(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;

	(void)state;
	put_file(FILE_, "old\n", 0644);
	assert_int_equal(
		mount("none", DIR, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	open_file(FILE_, &file);
	write_fails(&file, 8, AZF_E_SYSTEM, strerror(EROFS));
}

static void what_an_editor_saved_meanwhile_stays(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;

	(void)state;
	put_file(FILE_, "before\n", 0644);
	open_file(FILE_, &file);
	put_file(DIR "/new", "old\n", 0644);
	assert_int_equal(rename(DIR "/new", FILE_), 0);
	write_fails(&file, 8, AZF_E_MOUNT, "somebody else has just changed");
}

static void what_a_crash_left_is_used_up(void **state)
{
	azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;

	(void)state;
	put_file(FILE_, "old\n", 0644);
	put_file(DIR "/.fstab.azfiles-new", "half a li", 0600);
	put_file(DIR "/" BACKUP, "older\n", 0600);
	open_file(FILE_, &file);
	write_file(&file, "new\n");
	check_file(FILE_, "new\n");
	check_file(DIR "/" BACKUP, "old\n");
	check_names("fstab fstab~ ");
}

/* Each adds lines, one at a time. */
static int add_lines(int writer)
{
	for (int i = 0; i < LINES; i++) {
		azf_autoreplace struct azf_replace file = AZF_REPLACE_INIT;
		azf_autostr struct azf_str text = { 0 };
		struct azf_error err = { 0 };

		if (azf_replace_open(FILE_, &file, &err))
			return 1;
		azf_str_add(&text, "%s%d %d\n", file.text, writer, i);
		if (azf_replace_write(&file, text.text, text.len, BACKUP, &err))
			return 1;
	}
	return 0;
}

static void writers_wait_for_each_other(void **state)
{
	pid_t pids[WRITERS];
	int lines = 0;
	FILE *file;
	int c;

	(void)state;
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(add_lines(i));
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	file = fopen(FILE_, "re");
	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		lines += c == '\n';
	(void)fclose(file);
	assert_int_equal(lines, WRITERS * LINES);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_new_file_is_like_the_old_one),
		test(labels_and_acls_stay),
		test(a_link_stays_and_its_file_is_replaced),
		test(a_missing_file_is_made),
		test(what_is_no_text_file_is_left_alone),
		test(a_full_disk_keeps_the_old_file),
		test(a_limit_keeps_the_old_file),
		test(a_read_only_disk_keeps_the_old_file),
		test(what_an_editor_saved_meanwhile_stays),
		test(what_a_crash_left_is_used_up),
		test(writers_wait_for_each_other),
	};

	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
