/* Wake-ups: they arrive, they never wait, and what is dead is removed. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../unit.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/wake.h"

static char root[] = "/tmp/purser-wake.XXXXXX";
static struct paths paths;
static char me[ID_SIZE], other[ID_SIZE];
static struct err e;

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(root));
	paths.state = xasprintf("%s/state", root);
	id_new(me);
	id_new(other);
}

static void
tear_down(void)
{
	free(paths.state);
	ck_assert_int_eq(file_remove_tree(root, &e), 0);
}

static int
open_wake(const char *id)
{
	int fd = wake_open(&paths, id, &e);

	ck_assert_msg(fd != -1, "%s", e.msg);
	return fd;
}

static bool
is_awake(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static size_t
sockets(void)
{
	AUTO_FREE char *folder = file_join(paths.state, "runners");
	DIR *dir = opendir(folder);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

START_TEST(wakes_everybody)
{
	int a = open_wake(me), b = open_wake(other);

	ck_assert(!is_awake(a) && !is_awake(b));
	wake_all(&paths);
	ck_assert(is_awake(a) && is_awake(b));
	wake_drain(a);
	ck_assert(!is_awake(a) && is_awake(b));
	wake_all(&paths);
	wake_all(&paths);
	ck_assert(is_awake(a));
	wake_drain(a);
	ck_assert(!is_awake(a));
	wake_close(&paths, me, a);
	ck_assert_uint_eq(sockets(), 1);
	wake_all(&paths);
	wake_close(&paths, other, b);
	ck_assert_uint_eq(sockets(), 0);
}
END_TEST

START_TEST(nobody_is_there)
{
	wake_all(&paths); /* no folder */
	wake_close(&paths, me, open_wake(me));
	wake_all(&paths); /* an empty one */
	wake_close(&paths, me, -1);
	ck_assert_uint_eq(sockets(), 0);
}
END_TEST

START_TEST(one_that_does_not_listen_keeps_nobody_waiting)
{
	int a = open_wake(me);
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 5000; i++)
		wake_all(&paths);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_int_lt(to.tv_sec - from.tv_sec, 3);
	ck_assert(is_awake(a));
	wake_drain(a);
	ck_assert(!is_awake(a));
	ck_assert_uint_eq(sockets(), 1);
	wake_close(&paths, me, a);
}
END_TEST

START_TEST(the_dead_are_removed_and_nothing_else)
{
	AUTO_FREE char *lock = xasprintf("%s/runners/%s.lock", paths.state, me);
	AUTO_FREE char *plain = xasprintf("%s/runners/plain.wake", paths.state);
	AUTO_FREE char *folder = xasprintf("%s/runners/folder.wake", paths.state);
	AUTO_FREE char *link = xasprintf("%s/runners/link.wake", paths.state);
	int a = open_wake(me);

	close(open_wake(other));
	ck_assert_int_eq(file_create(lock, "", 0, 0600, &e), 0);
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert_int_eq(symlink("nowhere", link), 0);
	ck_assert_uint_eq(sockets(), 5);
	wake_all(&paths);
	ck_assert_uint_eq(sockets(), 4);
	ck_assert(is_awake(a));
	wake_close(&paths, me, a);
	/* Nobody listens at it, but it is no socket of ours. */
	ck_assert_int_eq(file_create(plain, "", 0, 0600, &e), 0);
	wake_all(&paths);
	ck_assert(file_exists(lock));
	ck_assert(file_exists(folder));
	ck_assert(file_exists(plain));
}
END_TEST

START_TEST(a_long_path_is_no_hindrance)
{
	AUTO_FREE char *old = paths.state;
	char part[201];
	int a;

	memset(part, 'p', 200);
	part[200] = '\0';
	paths.state = xasprintf("%s/%s/%s", old, part, part);
	a = open_wake(me);
	wake_all(&paths);
	ck_assert(is_awake(a));
	wake_close(&paths, me, a);
}
END_TEST

START_TEST(a_folder_that_cannot_be_is_an_error)
{
	ck_assert_int_eq(file_create(paths.state, "", 0, 0600, &e), 0);
	ck_assert_int_eq(wake_open(&paths, me, &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
	wake_all(&paths);
}
END_TEST

START_TEST(costs_next_to_nothing)
{
	int a = open_wake(me);
	struct timespec from, to;
	int64_t us;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 1000; i++) {
		wake_all(&paths);
		wake_drain(a);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
	printf("# one wake-up and its receipt: %.1f us\n", (double)us / 1000);
	ck_assert_int_lt(us, 1000 * 1000); /* 1 ms each, however slow the machine */
	wake_close(&paths, me, a);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wake");
	TCase *cases = tcase_create("wake");

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, wakes_everybody);
	tcase_add_test(cases, nobody_is_there);
	tcase_add_test(cases, one_that_does_not_listen_keeps_nobody_waiting);
	tcase_add_test(cases, the_dead_are_removed_and_nothing_else);
	tcase_add_test(cases, a_long_path_is_no_hindrance);
	tcase_add_test(cases, a_folder_that_cannot_be_is_an_error);
	tcase_add_test(cases, costs_next_to_nothing);
	suite_add_tcase(suite, cases);
	return unit_run(suite);
}
