/* Output at rest: masked in place, wherever in the file a secret lies, and however often. */
#include "config.h"

#include "driver/output.h"

#include "base/redact.h"
#include "scene.h"

#define SECRET "\"adminPassword\": \"Tr0ub4dor and 3\""
#define MASKED "\"adminPassword\": \"***************\""
#define MB ((size_t)1024 * 1024)

static char *path;

static void
open_scene(void)
{
	scene_open();
	path = file_join(scene.root, "stdout");
}

static void
close_scene(void)
{
	free(path);
	scene_close();
}

static void
write_at(off_t at, const char *text)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(pwrite(fd, text, strlen(text), at), (ssize_t)strlen(text));
}

static void
redact_it(void)
{
	struct err e = { 0 };

	ck_assert_msg(output_redact(path, &e) == 0, "%s", e.msg);
}

static void
is_at(off_t at, const char *want)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char got[256] = "";

	ck_assert_int_eq(pread(fd, got, strlen(want), at), (ssize_t)strlen(want));
	ck_assert_str_eq(got, want);
}

START_TEST(nothing_to_do)
{
	struct err e = { 0 };

	redact_it();
	ck_assert(!file_exists(path));
	write_at(0, "");
	redact_it();
	write_at(0, "all is well\n");
	redact_it();
	is_at(0, "all is well\n");
	ck_assert_int_eq(output_redact(scene.root, &e), -1);
	ck_assert_int_eq(e.kind, ERR_SYSTEM);
}
END_TEST

/* Around the end of a window, and in the part that two windows share. */
START_TEST(wherever_it_lies)
{
	off_t edge = (off_t)(MB - (_i < 60 ? 0 : REDACT_MAX)), at = edge - _i % 60;
	AUTO_FREE char *filler = xmalloc(2 * MB + 1);

	memset(filler, _i % 2 == 0 ? ' ' : '\n', 2 * MB);
	filler[2 * MB] = '\0';
	write_at(0, filler);
	write_at(at, SECRET);
	redact_it();
	is_at(at, MASKED);
	redact_it();
	is_at(at, MASKED);
}
END_TEST

START_TEST(a_hole_stays)
{
	struct stat before, after;

	write_at(0, SECRET "\n");
	write_at((off_t)(64 * MB), SECRET "\n");
	ck_assert_int_eq(stat(path, &before), 0);
	redact_it();
	ck_assert_int_eq(stat(path, &after), 0);
	is_at(0, MASKED "\n");
	is_at((off_t)(64 * MB), MASKED "\n");
	ck_assert_int_eq(after.st_size, before.st_size);
	ck_assert_int_le(after.st_blocks, before.st_blocks + 16);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("output");
	TCase *tcase = tcase_create("output");

	tcase_add_checked_fixture(tcase, open_scene, close_scene);
	tcase_add_test(tcase, nothing_to_do);
	tcase_add_loop_test(tcase, wherever_it_lies, 0, 120);
	tcase_add_test(tcase, a_hole_stays);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
