#include "config.h"
#include "base/clock.h"

#include <stdbool.h>
#include <string.h>

#include "../unit.h"
#include "base/mem.h"

START_TEST(clocks_run_and_can_be_replaced)
{
	int64_t boot = clock_boot_ms();

	ck_assert_int_gt(clock_now_ms(), INT64_C(1600000000000));
	ck_assert_int_ge(clock_boot_ms(), boot);
	clock_set_for_test(7, 9);
	ck_assert_int_eq(clock_now_ms(), 7);
	ck_assert_int_eq(clock_boot_ms(), 9);
	clock_set_for_test(0, -1);
	ck_assert_int_eq(clock_now_ms(), 0);
	ck_assert_int_ge(clock_boot_ms(), boot);
	clock_set_for_test(-1, -1);
	ck_assert_int_gt(clock_now_ms(), INT64_C(1600000000000));
}
END_TEST

START_TEST(boot_id_is_one_word)
{
	const char *id = clock_boot_id();

	ck_assert_uint_eq(strlen(id), 36);
	ck_assert_ptr_null(strpbrk(id, " \n"));
	ck_assert_str_eq(clock_boot_id(), id);
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} formats[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ 1, "1970-01-01T00:00:00.001Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ INT64_C(1795226584567), "2026-11-21T02:03:04.567Z" },
	{ INT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
	{ INT64_C(4102444799999), "2099-12-31T23:59:59.999Z" },
	{ INT64_C(253402300799999), "9999-12-31T23:59:59.999Z" },
	{ INT64_C(253402300800000), "253402300800000 ms" },
	{ INT64_MAX, "9223372036854775807 ms" },
	{ INT64_MIN, "-9223372036854775808 ms" },
};

START_TEST(format)
{
	char out[CLOCK_TEXT_SIZE];

	ck_assert_str_eq(clock_format(formats[_i].ms, out), formats[_i].text);
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} spans[] = {
	{ 0, "0 s" },
	{ 1, "1 ms" },
	{ 999, "999 ms" },
	{ 1000, "1 s" },
	{ 3500, "3 s" },
	{ 59999, "59 s" },
	{ 60000, "1 min" },
	{ 125000, "2 min 5 s" },
	{ 3600000, "1 h" },
	{ 3601000, "1 h" },
	{ 4 * 3600000 + 600000, "4 h 10 min" },
	{ 86400000, "1 d" },
	{ 3 * 86400000 + 2 * 3600000, "3 d 2 h" },
	{ -125000, "-2 min 5 s" },
	{ INT64_MAX, "106751991167 d 7 h" },
	{ INT64_MIN, "-106751991167 d 7 h" },
};

START_TEST(format_span)
{
	char out[CLOCK_TEXT_SIZE];

	ck_assert_str_eq(clock_format_span(spans[_i].ms, out), spans[_i].text);
}
END_TEST

/* -1 as result stands for a refusal. */
static const struct {
	const char *text;
	int64_t ms;
} times[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2026-11-21T02:03:04.567Z", INT64_C(1795226584567) },
	{ "2026-11-21t02:03:04.567z", INT64_C(1795226584567) },
	{ "2026-11-21 02:03:04.567Z", INT64_C(1795226584567) },
	{ "2026-11-21T02:03:04.5679999999999999999Z", INT64_C(1795226584567) },
	{ "2026-11-21T02:03:04.5Z", INT64_C(1795226584500) },
	{ "2026-11-21T03:03:04.567+01:00", INT64_C(1795226584567) },
	{ "2026-11-20T20:33:04.567-05:30", INT64_C(1795226584567) },
	{ "2000-02-29T00:00:00Z", INT64_C(951782400000) },
	{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
	{ "2001-02-29T00:00:00Z", -1 },
	{ "1900-02-29T00:00:00Z", -1 },
	{ "2026-13-01T00:00:00Z", -1 },
	{ "2026-00-01T00:00:00Z", -1 },
	{ "2026-01-00T00:00:00Z", -1 },
	{ "2026-01-32T00:00:00Z", -1 },
	{ "2026-01-01T24:00:00Z", -1 },
	{ "2026-01-01T00:60:00Z", -1 },
	{ "2026-01-01T00:00:61Z", -1 },
	{ "2026-01-01T00:00:00", -1 },
	{ "2026-01-01T00:00:00.Z", -1 },
	{ "2026-01-01T00:00:00+1:00", -1 },
	{ "2026-01-01T00:00:00+24:00", -1 },
	{ "2026-01-01T00:00:00Zx", -1 },
	{ "2026-01-01", -1 },
	{ "26-01-01T00:00:00Z", -1 },
	{ "-026-01-01T00:00:00Z", -1 },
	{ " 2026-01-01T00:00:00Z", -1 },
	{ "", -1 },
	{ "tomorrow", -1 },
};

START_TEST(parse)
{
	struct err e = { 0 };
	int64_t ms = -1;
	int result = clock_parse(times[_i].text, &ms, &e);

	ck_assert_int_eq(result, times[_i].ms == -1 ? -1 : 0);
	ck_assert_int_eq(ms, times[_i].ms);
	ck_assert_int_eq(e.kind, times[_i].ms == -1 ? ERR_INPUT : ERR_NONE);
}
END_TEST

static const struct {
	const char *text;
	int64_t ms;
} parsed_spans[] = {
	{ "90s", 90000 },
	{ "5m", 300000 },
	{ "2h", 7200000 },
	{ "1d", 86400000 },
	{ "250ms", 250 },
	{ "30", 30000 },
	{ "0", 0 },
	{ "0s", 0 },
	{ "9223372036854775807ms", INT64_MAX },
	{ "9223372036854775808ms", -1 },
	{ "9223372036854775807s", -1 },
	{ "106751991168d", -1 },
	{ "99999999999999999999999999", -1 },
	{ "-5s", -1 },
	{ "+5s", -1 },
	{ "5 s", -1 },
	{ "1.5h", -1 },
	{ "5min", -1 },
	{ "5M", -1 },
	{ "s", -1 },
	{ "", -1 },
	{ "1h30m", -1 },
};

START_TEST(parse_span)
{
	struct err e = { 0 };
	int64_t ms = -1;
	int result = clock_parse_span(parsed_spans[_i].text, &ms, &e);

	ck_assert_int_eq(result, parsed_spans[_i].ms == -1 ? -1 : 0);
	ck_assert_int_eq(ms, parsed_spans[_i].ms);
	ck_assert_int_eq(e.kind, parsed_spans[_i].ms == -1 ? ERR_INPUT : ERR_NONE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_add_test(tc, clocks_run_and_can_be_replaced);
	tcase_add_test(tc, boot_id_is_one_word);
	tcase_add_loop_test(tc, format, 0, COUNT_OF(formats));
	tcase_add_loop_test(tc, format_span, 0, COUNT_OF(spans));
	tcase_add_loop_test(tc, parse, 0, COUNT_OF(times));
	tcase_add_loop_test(tc, parse_span, 0, COUNT_OF(parsed_spans));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
