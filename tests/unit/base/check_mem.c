#include "config.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../unit.h"

/* What malloc() itself does when there is too little, not the sanitizer's own stop. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

START_TEST(nothing_is_still_a_block)
{
	AUTO_FREE void *a = xmalloc(0);
	AUTO_FREE void *b = xcalloc(0, 8);
	AUTO_FREE void *c = xrealloc(NULL, 0, 8);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_nonnull(c);
}
END_TEST

START_TEST(calloc_is_zeroed)
{
	AUTO_FREE unsigned char *block = xcalloc(100, 10);

	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(block[i], 0);
}
END_TEST

START_TEST(overflow_aborts)
{
	/* Hidden from the compiler, which would refuse to build it. */
	volatile size_t huge = SIZE_MAX / 2;

	free(xrealloc(NULL, huge, 4));
}
END_TEST

START_TEST(null_text_stays_null)
{
	ck_assert_ptr_null(xstrdup(NULL));
	ck_assert_ptr_null(xstrndup(NULL, 3));
}
END_TEST

START_TEST(texts_are_copied)
{
	AUTO_FREE char *whole = xstrdup("purser");
	AUTO_FREE char *part = xstrndup("purser", 3);
	AUTO_FREE char *made = xasprintf("%s-%d", "x", 7);

	ck_assert_str_eq(whole, "purser");
	ck_assert_str_eq(part, "pur");
	ck_assert_str_eq(made, "x-7");
}
END_TEST

START_TEST(take_leaves_null)
{
	char *text = xstrdup("mine");
	AUTO_FREE char *taken = take(text);

	ck_assert_ptr_null(text);
	ck_assert_str_eq(taken, "mine");
}
END_TEST

START_TEST(descriptor_is_closed_and_errno_kept)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int copy = fd;

	ck_assert_int_ge(fd, 0);
	errno = EDOM;
	fd_cleanup(&fd);
	ck_assert_int_eq(errno, EDOM);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(fcntl(copy, F_GETFD), -1);
	fd_cleanup(&fd);
}
END_TEST

START_TEST(growing_doubles)
{
	AUTO_FREE int *v = NULL;
	size_t cap = 0, moved = 0;

	for (size_t len = 0; len < 1000; len++) {
		size_t before = cap;

		v = xgrow(v, len, &cap, sizeof(*v));
		moved += cap != before;
		ck_assert_uint_gt(cap, len);
		v[len] = (int)len;
	}
	ck_assert_uint_le(moved, 8);
	ck_assert_int_eq(v[999], 999);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mem");
	TCase *tc = tcase_create("mem");

	tcase_add_test(tc, nothing_is_still_a_block);
	tcase_add_test(tc, calloc_is_zeroed);
	tcase_add_test_raise_signal(tc, overflow_aborts, SIGABRT);
	tcase_add_test(tc, null_text_stays_null);
	tcase_add_test(tc, texts_are_copied);
	tcase_add_test(tc, take_leaves_null);
	tcase_add_test(tc, descriptor_is_closed_and_errno_kept);
	tcase_add_test(tc, growing_doubles);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
