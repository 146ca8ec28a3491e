#include "config.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"
#include "base/mem.h"

/* Every test works in a folder of its own. */
static char folder[64];

static void
setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check_file.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void
teardown(void)
{
	struct err e = { 0 };

	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_msg(file_remove_tree(folder, &e) == 0, "%s", e.msg);
	ck_assert(!file_exists(folder));
}

static void
put(const char *path, const char *text)
{
	struct err e = { 0 };

	ck_assert_msg(file_create(path, text, strlen(text), 0600, &e) == 0, "%s", e.msg);
}

static void
assert_holds(const char *path, const char *text)
{
	CLEANUP(buf_clear) struct buf got = BUF_INIT(1 << 20);
	struct err e = { 0 };

	ck_assert_msg(file_read(path, 1 << 20, &got, &e) == 0, "%s", e.msg);
	ck_assert_str_eq(buf_str(&got), text);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static int
count_names(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2;
}

static const struct {
	size_t size, max;
	enum err_kind kind;
} reads[] = {
	{ 0, 0, ERR_NONE },
	{ 0, 10, ERR_NONE },
	{ 10, 10, ERR_NONE },
	{ 11, 10, ERR_INPUT },
	{ 1, 0, ERR_INPUT },
	{ 65536, 65536, ERR_NONE },
	{ 65537, 65536, ERR_INPUT },
	{ 200000, 1 << 20, ERR_NONE },
	{ 200000, 100000, ERR_INPUT },
};

START_TEST(read_limits)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(1 << 21);
	AUTO_FREE char *data = xcalloc(reads[_i].size, 1);
	struct err e = { 0 };
	int result;

	ck_assert_int_eq(file_create("f", data, reads[_i].size, 0600, &e), 0);
	buf_adds(&out, "before");
	result = file_read("f", reads[_i].max, &out, &e);
	ck_assert_int_eq(result, reads[_i].kind == ERR_NONE ? 0 : -1);
	ck_assert_int_eq(e.kind, reads[_i].kind);
	ck_assert_uint_eq(out.len, 6 + (result == 0 ? reads[_i].size : 0));
	ck_assert_mem_eq(out.data, "before", 6);
}
END_TEST

START_TEST(read_refuses)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(100);
	CLEANUP(buf_clear) struct buf small = BUF_INIT(2);
	struct err e = { 0 };

	ck_assert_int_eq(file_read("missing", 100, &out, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_str_eq(e.msg, "missing: no such file");
	put("f", "x");
	ck_assert_int_eq(file_read("f/g", 100, &out, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_int_eq(file_read(".", 100, &out, &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	ck_assert_uint_eq(out.len, 0);
	put("g", "123");
	ck_assert_int_eq(file_read("g", 100, &small, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_str_eq(e.msg, "g: larger than 2 bytes");
}
END_TEST

START_TEST(read_standard_input)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(100);
	int fd;

	put("f", "from stdin");
	fd = open("f", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	ck_assert_int_eq(file_read("-", 100, &out, NULL), 0);
	ck_assert_str_eq(buf_str(&out), "from stdin");
}
END_TEST

static const struct {
	const char *text;
	size_t head, tail;
	const char *kept;
} ends[] = {
	{ "", 4, 4, "" },
	{ "0123456789", 5, 5, "0123456789" },
	{ "0123456789", 100, 0, "0123456789" },
	{ "0123456789", 4, 4, "0123\n[... 2 bytes left out ...]\n6789" },
	{ "012\n456789", 4, 2, "012\n[... 4 bytes left out ...]\n89" },
	{ "0123456789", 0, 3, "[... 7 bytes left out ...]\n789" },
	{ "0123456789", 3, 0, "012\n[... 7 bytes left out ...]\n" },
	{ "0123456789", SIZE_MAX, SIZE_MAX, "0123456789" },
};

START_TEST(read_ends)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(1000);
	struct err e = { 0 };

	put("f", ends[_i].text);
	ck_assert_int_eq(file_read_ends("f", ends[_i].head, ends[_i].tail, &out, &e), 0);
	ck_assert_str_eq(buf_str(&out), ends[_i].kept);
}
END_TEST

START_TEST(read_ends_refuses)
{
	CLEANUP(buf_clear) struct buf out = BUF_INIT(1000);
	struct err e = { 0 };

	ck_assert_int_eq(file_read_ends("missing", 1, 1, &out, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
	ck_assert_int_eq(file_read_ends("/dev/zero", 1, 1, &out, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
}
END_TEST

START_TEST(replace_leaves_the_new_and_nothing_else)
{
	struct err e = { 0 };

	ck_assert_int_eq(file_replace("f", "old", 3, 0600, &e), 0);
	assert_holds("f", "old");
	ck_assert_uint_eq(mode_of("f"), 0600);
	umask(077);
	ck_assert_int_eq(file_replace("f", "newer", 5, 0644, &e), 0);
	assert_holds("f", "newer");
	ck_assert_uint_eq(mode_of("f"), 0644);
	ck_assert_int_eq(file_replace("f", "", 0, 0600, &e), 0);
	assert_holds("f", "");
	ck_assert_int_eq(count_names("."), 1);
}
END_TEST

START_TEST(replace_takes_any_name)
{
	AUTO_FREE char *path = NULL;
	char name[256];
	struct err e = { 0 };

	memset(name, 'n', 255);
	name[255] = '\0';
	ck_assert_msg(file_replace(name, "x", 1, 0600, &e) == 0, "%s", e.msg);
	path = file_join(folder, "absolute");
	ck_assert_int_eq(file_replace(path, "x", 1, 0600, &e), 0);
	assert_holds("absolute", "x");
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(file_replace("d/100%s", "x", 1, 0600, &e), 0);
	assert_holds("d/100%s", "x");
}
END_TEST

START_TEST(replace_replaces_a_link_and_not_its_target)
{
	put("target", "kept");
	ck_assert_int_eq(symlink("target", "f"), 0);
	ck_assert_int_eq(file_replace("f", "new", 3, 0600, NULL), 0);
	assert_holds("target", "kept");
	assert_holds("f", "new");
}
END_TEST

START_TEST(replace_that_fails_changes_nothing)
{
	struct err e = { 0 };

	ck_assert_int_eq(file_replace("missing/f", "x", 1, 0600, &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	/* A folder in the way: the rename fails after everything is written. */
	ck_assert_int_eq(mkdir("f", 0700), 0);
	put("f/inside", "kept");
	ck_assert_int_eq(file_replace("f", "x", 1, 0600, &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	assert_holds("f/inside", "kept");
	ck_assert_int_eq(count_names("."), 1);
}
END_TEST

/* A limit on the size of files stands in for a full disk. */
START_TEST(replace_keeps_the_old_when_writing_fails)
{
	struct rlimit limit = { 10, 10 };
	struct err e = { 0 };
	char data[100] = "";

	put("f", "old");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(file_replace("f", data, sizeof(data), 0600, &e), -1);
	assert_holds("f", "old");
	ck_assert_int_eq(file_create("g", data, sizeof(data), 0600, &e), -1);
	ck_assert(!file_exists("g"));
	ck_assert_int_eq(count_names("."), 1);
}
END_TEST

START_TEST(a_full_device_is_full)
{
	CLEANUP(fd_cleanup) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct err e = { 0 };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_write_all(fd, "x", 1, &e), -1);
	ck_assert_int_eq(e.kind, ERR_FULL);
}
END_TEST

START_TEST(create_never_overwrites)
{
	struct err e = { 0 };

	put("f", "old");
	ck_assert_int_eq(file_create("f", "new", 3, 0600, &e), -1);
	ck_assert_int_eq(e.kind, ERR_CONFLICT);
	assert_holds("f", "old");
	ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
	ck_assert_int_eq(file_create("dangling", "new", 3, 0600, &e), -1);
	ck_assert(!file_exists("nowhere"));
	ck_assert_uint_eq(mode_of("f"), 0600);
}
END_TEST

START_TEST(folders_with_those_above)
{
	struct err e = { 0 };

	umask(0);
	ck_assert_msg(file_make_folder("a/b/c", &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(mode_of("a"), 0700);
	ck_assert_uint_eq(mode_of("a/b/c"), 0700);
	ck_assert_int_eq(file_make_folder("a/b/c/", &e), 0);
	ck_assert_int_eq(file_make_folder("a//d", &e), 0);
	ck_assert_int_eq(file_make_folder("/", &e), 0);
	ck_assert_int_eq(file_make_folder(folder, &e), 0);
	put("a/f", "x");
	ck_assert_int_eq(file_make_folder("a/f/g", &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	ck_assert_int_eq(file_make_folder("a/f", &e), -1);
	assert_holds("a/f", "x");
	ck_assert_int_eq(symlink("a", "link"), 0);
	ck_assert_int_eq(file_make_folder("link/e", &e), 0);
}
END_TEST

START_TEST(remove_follows_no_link)
{
	struct err e = { 0 };

	ck_assert_int_eq(file_make_folder("kept/inside", &e), 0);
	put("kept/f", "kept");
	ck_assert_int_eq(file_make_folder("gone/a/b", &e), 0);
	put("gone/a/f", "x");
	put("gone/.hidden", "x");
	ck_assert_int_eq(symlink("../../kept", "gone/a/link"), 0);
	ck_assert_int_eq(symlink("../kept/f", "gone/file-link"), 0);
	ck_assert_int_eq(mkfifo("gone/fifo", 0600), 0);
	ck_assert_int_eq(chmod("gone/a/b", 0500), 0);
	ck_assert_int_eq(chmod("gone/a", 0500), 0);
	ck_assert_msg(file_remove_tree("gone", &e) == 0, "%s", e.msg);
	ck_assert(!file_exists("gone"));
	assert_holds("kept/f", "kept");
	ck_assert(file_exists("kept/inside"));
	ck_assert_int_eq(symlink("kept", "link"), 0);
	ck_assert_int_eq(file_remove_tree("link", &e), 0);
	assert_holds("kept/f", "kept");
	ck_assert_int_eq(file_remove_tree("link", &e), 0);
	ck_assert_int_eq(file_remove_tree("missing/too", &e), 0);
}
END_TEST

START_TEST(remove_many)
{
	struct err e = { 0 };

	ck_assert_int_eq(mkdir("d", 0700), 0);
	for (int i = 0; i < 3000; i++) {
		char path[32];

		snprintf(path, sizeof(path), "d/%d", i);
		ck_assert_int_eq(file_create(path, "", 0, 0600, &e), 0);
	}
	ck_assert_int_eq(file_remove_tree("d", &e), 0);
	ck_assert(!file_exists("d"));
}
END_TEST

START_TEST(copy)
{
	static const char *const skip[] = { "logs", "telemetry", NULL };
	AUTO_FREE char *large = xcalloc(300001, 1);
	struct err e = { 0 };

	memset(large, 'x', 300000);
	ck_assert_int_eq(file_make_folder("from/sub/logs", &e), 0);
	ck_assert_int_eq(file_make_folder("from/empty", &e), 0);
	put("from/f", "f");
	put("from/sub/large", large);
	put("from/sub/logs/l", "no");
	put("from/telemetry", "no");
	ck_assert_int_eq(chmod("from/f", 0755), 0);
	ck_assert_int_eq(chmod("from/sub", 0755), 0);
	ck_assert_int_eq(symlink("f", "from/link"), 0);
	ck_assert_int_eq(mkfifo("from/fifo", 0600), 0);
	umask(0);
	ck_assert_msg(file_copy_tree("from", "to/new", skip, &e) == 0, "%s", e.msg);
	assert_holds("to/new/f", "f");
	assert_holds("to/new/sub/large", large);
	ck_assert_int_eq(count_names("to/new"), 3);
	ck_assert_int_eq(count_names("to/new/sub"), 1);
	ck_assert_uint_eq(mode_of("to/new/f"), 0600);
	ck_assert_uint_eq(mode_of("to/new/sub"), 0700);
	ck_assert_uint_eq(mode_of("to/new/empty"), 0700);
	ck_assert_int_eq(file_copy_tree("from", "to/all", NULL, &e), 0);
	assert_holds("to/all/sub/logs/l", "no");
	ck_assert_int_eq(file_copy_tree("missing", "to/none", NULL, &e), -1);
	ck_assert_int_eq(e.kind, ERR_NOT_FOUND);
}
END_TEST

START_TEST(copy_writes_through_no_link)
{
	struct err e = { 0 };

	put("kept", "kept");
	ck_assert_int_eq(mkdir("from", 0700), 0);
	put("from/f", "evil");
	ck_assert_int_eq(mkdir("to", 0700), 0);
	ck_assert_int_eq(symlink("../kept", "to/f"), 0);
	ck_assert_int_eq(file_copy_tree("from", "to", NULL, &e), -1);
	assert_holds("kept", "kept");
}
END_TEST

static const struct {
	const char *folder, *name, *joined;
} joins[] = {
	{ "a", "b", "a/b" },
	{ "a/", "b", "a/b" },
	{ "/", "b", "/b" },
	{ "", "b", "b" },
	{ ".", "b", "./b" },
	{ "/a/b", "c/d", "/a/b/c/d" },
};

START_TEST(join)
{
	AUTO_FREE char *joined = file_join(joins[_i].folder, joins[_i].name);

	ck_assert_str_eq(joined, joins[_i].joined);
}
END_TEST

/* What is expected follows the current folder, unless it is absolute itself. */
static const struct {
	const char *path, *expected;
} absolutes[] = {
	{ "/x/y", "/x/y" },
	{ "x", "/x" },
	{ "./x", "/x" },
	{ "././/x", "/x" },
	{ ".", "" },
	{ "./", "" },
	{ "", "" },
	{ "../x", "/../x" },
	{ ".x", "/.x" },
};

START_TEST(absolute)
{
	AUTO_FREE char *path = file_absolute(absolutes[_i].path);
	const char *front = absolutes[_i].path[0] == '/' ? "" : folder;

	ck_assert_uint_eq(strncmp(path, front, strlen(front)), 0);
	ck_assert_str_eq(path + strlen(front), absolutes[_i].expected);
}
END_TEST

START_TEST(lock_is_for_one)
{
	CLEANUP(fd_cleanup) int fd = -1;
	CLEANUP(fd_cleanup) int twin = -1;
	CLEANUP(fd_cleanup) int again = -1;
	struct err e = { 0 };

	fd = file_lock("lock", &e);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_uint_eq(mode_of("lock"), 0600);
	ck_assert_int_eq(file_lock("lock", &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUSY);
	/* The last copy counts. */
	twin = dup(fd);
	close(fd);
	fd = -1;
	ck_assert_int_eq(file_lock("lock", &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUSY);
	close(twin);
	twin = -1;
	again = file_lock("lock", &e);
	ck_assert_int_ge(again, 0);
}
END_TEST

START_TEST(lock_of_a_child_outlives_our_copy)
{
	CLEANUP(fd_cleanup) int fd = file_lock("lock", NULL);
	struct err e = { 0 };
	pid_t child = fork();
	int status;

	if (child == 0) {
		pause();
		_exit(0);
	}
	close(fd);
	fd = -1;
	ck_assert_int_eq(file_lock("lock", &e), -1);
	ck_assert_int_eq(e.kind, ERR_BUSY);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	fd = file_lock("lock", &e);
	ck_assert_int_ge(fd, 0);
}
END_TEST

START_TEST(lock_refuses)
{
	struct err e = { 0 };

	ck_assert_int_eq(file_lock("missing/lock", &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	ck_assert_int_eq(symlink("elsewhere", "lock"), 0);
	ck_assert_int_eq(file_lock("lock", &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	ck_assert(!file_exists("elsewhere"));
}
END_TEST

START_TEST(remote)
{
	const char *name = "none";

	/* proc and dev are ours wherever the tests run. */
	ck_assert(!file_is_remote("/proc", &name));
	ck_assert(!file_is_remote("/dev/null", NULL));
	ck_assert(!file_is_remote("/proc/missing/too", &name));
	ck_assert_str_eq(name, "none");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, read_limits, 0, COUNT_OF(reads));
	tcase_add_test(tc, read_refuses);
	tcase_add_test(tc, read_standard_input);
	tcase_add_loop_test(tc, read_ends, 0, COUNT_OF(ends));
	tcase_add_test(tc, read_ends_refuses);
	tcase_add_test(tc, replace_leaves_the_new_and_nothing_else);
	tcase_add_test(tc, replace_takes_any_name);
	tcase_add_test(tc, replace_replaces_a_link_and_not_its_target);
	tcase_add_test(tc, replace_that_fails_changes_nothing);
	tcase_add_test(tc, replace_keeps_the_old_when_writing_fails);
	tcase_add_test(tc, a_full_device_is_full);
	tcase_add_test(tc, create_never_overwrites);
	tcase_add_test(tc, folders_with_those_above);
	tcase_add_test(tc, remove_follows_no_link);
	tcase_add_test(tc, remove_many);
	tcase_add_test(tc, copy);
	tcase_add_test(tc, copy_writes_through_no_link);
	tcase_add_loop_test(tc, join, 0, COUNT_OF(joins));
	tcase_add_loop_test(tc, absolute, 0, COUNT_OF(absolutes));
	tcase_add_test(tc, lock_is_for_one);
	tcase_add_test(tc, lock_of_a_child_outlives_our_copy);
	tcase_add_test(tc, lock_refuses);
	tcase_add_test(tc, remote);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
