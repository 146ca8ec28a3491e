#include "config.h"
#include "base/buf.h"

#include <stdint.h>
#include <string.h>

#include "../unit.h"
#include "base/mem.h"

START_TEST(empty_is_a_text)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(10);
	AUTO_FREE char *taken = NULL;

	ck_assert_str_eq(buf_str(&b), "");
	taken = buf_take(&b);
	ck_assert_str_eq(taken, "");
	buf_clear(NULL);
}
END_TEST

START_TEST(adds_in_order)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(100);

	buf_adds(&b, "one");
	buf_addc(&b, ' ');
	buf_add(&b, "two-", 3);
	buf_addf(&b, " %s %d", "three", 4);
	ck_assert_str_eq(buf_str(&b), "one two three 4");
	ck_assert_uint_eq(b.len, 15);
	ck_assert(!buf_is_cut(&b));
}
END_TEST

static const struct {
	size_t max;
	const char *first, *second;
	const char *kept;
	bool cut;
} limits[] = {
	{ 10, "12345", "67890", "1234567890", false },
	{ 10, "12345", "678901", "1234567890", true },
	{ 10, "12345678901", "x", "1234567890", true },
	{ 1, "", "a", "a", false },
	{ 0, "", "", "", false },
	{ 0, "", "a", "", true },
};

START_TEST(never_past_the_maximum)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(limits[_i].max);

	buf_adds(&b, limits[_i].first);
	buf_addf(&b, "%s", limits[_i].second);
	ck_assert_str_eq(buf_str(&b), limits[_i].kept);
	ck_assert_int_eq(buf_is_cut(&b), limits[_i].cut);
	ck_assert_uint_eq(b.len, strlen(limits[_i].kept));
}
END_TEST

START_TEST(no_maximum_is_a_maximum_too)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(SIZE_MAX);

	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	ck_assert_uint_eq(b.len, 100000);
	ck_assert_uint_eq(strlen(b.data), 100000);
	ck_assert_int_eq(b.data[99999], 'a' + 99999 % 26);
}
END_TEST

START_TEST(bytes_are_kept_as_they_are)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(100);

	buf_add(&b, "a\0b", 3);
	buf_add(&b, NULL, 0);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.data, "a\0b", 4);
}
END_TEST

START_TEST(long_formats)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(10000);

	buf_addf(&b, "%0255d", 1);
	ck_assert_uint_eq(b.len, 255);
	buf_addf(&b, "%0256d", 1);
	ck_assert_uint_eq(b.len, 511);
	buf_addf(&b, "%05000d", 1);
	ck_assert_uint_eq(b.len, 5511);
	ck_assert_int_eq(b.data[5510], '1');
}
END_TEST

START_TEST(reset_and_clear_and_take)
{
	CLEANUP(buf_clear) struct buf b = BUF_INIT(4);
	AUTO_FREE char *taken = NULL;

	buf_adds(&b, "12345");
	buf_reset(&b);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert(!buf_is_cut(&b));
	buf_adds(&b, "1234");
	taken = buf_take(&b);
	ck_assert_str_eq(taken, "1234");
	ck_assert_uint_eq(b.len, 0);
	buf_adds(&b, "56789");
	ck_assert_str_eq(buf_str(&b), "5678");
	buf_clear(&b);
	buf_clear(&b);
	ck_assert_uint_eq(b.max, 4);
	ck_assert(!buf_is_cut(&b));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, empty_is_a_text);
	tcase_add_test(tc, adds_in_order);
	tcase_add_loop_test(tc, never_past_the_maximum, 0, COUNT_OF(limits));
	tcase_add_test(tc, no_maximum_is_a_maximum_too);
	tcase_add_test(tc, bytes_are_kept_as_they_are);
	tcase_add_test(tc, long_formats);
	tcase_add_test(tc, reset_and_clear_and_take);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
