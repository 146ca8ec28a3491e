/* Months, and what things cost in them: the closed form against a slow sum over all things. */
#include <config.h>

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/accrual.h"
#include "core/amounts.h"
#include "tests/unit/unit.h"

#define ONE MONEY_ONE
#define NOVEMBER (30 * 86400) /* seconds */

static int64_t
ms_of(const char *text)
{
	int64_t ms;

	ck_assert_int_eq(clock_parse(text, &ms, NULL), 0);
	return ms;
}

static const struct {
	const char *time, *month;
	int64_t second, days; /* of that month */
} months[] = {
	{ "1970-01-01T00:00:00Z", "1970-01", 0, 31 },
	{ "2026-02-28T23:59:59.999Z", "2026-02", 28 * 86400 - 1, 28 },
	{ "2028-02-29T00:00:01Z", "2028-02", 28 * 86400 + 1, 29 },
	{ "2100-02-28T00:00:00Z", "2100-02", 27 * 86400, 28 },
	{ "2026-11-01T00:00:00Z", "2026-11", 0, 30 },
	{ "2026-11-01T00:00:00.999Z", "2026-11", 0, 30 },
	{ "2026-12-31T23:59:59Z", "2026-12", 31 * 86400 - 1, 31 },
	{ "2027-01-01T00:59:59+01:00", "2026-12", 31 * 86400 - 1, 31 },
};

START_TEST(month_and_second)
{
	int64_t ms = ms_of(months[_i].time);
	month_t month = month_of(ms), parsed;
	char text[MONTH_TEXT_SIZE];

	ck_assert_str_eq(month_format(month, text), months[_i].month);
	ck_assert_int_eq(month_parse(text, &parsed, NULL), 0);
	ck_assert_int_eq(parsed, month);
	ck_assert_int_eq(month_second(month, ms), months[_i].second);
	ck_assert_int_eq(month_seconds(month), months[_i].days * 86400);
	ck_assert_int_eq(month_start_ms(month) + months[_i].second * 1000, ms / 1000 * 1000);
	ck_assert_int_eq(month_second(month + 1, ms), 0);
	ck_assert_int_eq(month_second(month - 1, ms), month_seconds(month - 1));
}
END_TEST

START_TEST(month_before_1970)
{
	char text[MONTH_TEXT_SIZE];

	ck_assert_str_eq(month_format(month_of(-1), text), "1969-12");
	ck_assert_int_eq(month_second(month_of(-1), -1), 31 * 86400 - 1);
}
END_TEST

START_TEST(no_month)
{
	static const char *const texts[] = { "", "2026", "2026-1", "2026-00", "2026-13", "2026/11",
		"26-11-01", "2026-011", " 2026-1", "2026- 1", "2026-+1", "1969-12", "november" };
	struct err e = { 0 };
	month_t out = 77;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		ck_assert_int_eq(month_parse(texts[i], &out, &e), -1);
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_ptr_nonnull(strstr(e.msg, "is no month such as 2026-11"));
		ck_assert_int_eq(out, 77);
	}
}
END_TEST

static money_t
spent(const struct accrual *a, int64_t at)
{
	money_t out;

	ck_assert_int_eq(accrual_spent(a, at, NOVEMBER, &out, NULL), 0);
	return out;
}

/* 300 a month are 10 a day in November. */
START_TEST(by_hand)
{
	struct accrual a = { 0 };

	ck_assert_int_eq(accrual_change(&a, 300 * ONE, 0, NULL), 0);
	ck_assert_int_eq(spent(&a, 0), 0);
	ck_assert_int_eq(spent(&a, 86400), 10 * ONE);
	ck_assert_int_eq(spent(&a, NOVEMBER), 300 * ONE);
	/* From day 10 to day 20 another 60 a month: 2 a day. */
	ck_assert_int_eq(accrual_change(&a, 60 * ONE, 10 * 86400, NULL), 0);
	ck_assert_int_eq(spent(&a, 10 * 86400), 100 * ONE);
	ck_assert_int_eq(spent(&a, 20 * 86400), 220 * ONE);
	ck_assert_int_eq(accrual_change(&a, -60 * ONE, 20 * 86400, NULL), 0);
	ck_assert_int_eq(spent(&a, 20 * 86400), 220 * ONE);
	ck_assert_int_eq(spent(&a, NOVEMBER), 320 * ONE);
	ck_assert_int_eq(a.rate, 300 * ONE);
	/* The same once more, of which is only told when it is over. */
	ck_assert_int_eq(accrual_close(&a, 60 * ONE, 10 * 86400, 20 * 86400, NULL), 0);
	ck_assert_int_eq(spent(&a, NOVEMBER), 340 * ONE);
	ck_assert_int_eq(a.rate, 300 * ONE);
}
END_TEST

START_TEST(rounded_once)
{
	struct accrual a = { 0 };
	money_t out;

	/* Three of one nano-unit for half a month are one and a half. */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(accrual_change(&a, 1, NOVEMBER / 2, NULL), 0);
	ck_assert_int_eq(spent(&a, NOVEMBER), 2);
	ck_assert_int_eq(spent(&a, NOVEMBER - 1), 1);
	ck_assert_int_eq(accrual_part(3, NOVEMBER / 2, NOVEMBER, &out, NULL), 0);
	ck_assert_int_eq(out, 2);
	ck_assert_int_eq(accrual_part(-3, NOVEMBER / 2, NOVEMBER, &out, NULL), 0);
	ck_assert_int_eq(out, -2);
	a = (struct accrual){ 0 };
	ck_assert_int_eq(accrual_close(&a, -3, 0, NOVEMBER / 2, NULL), 0);
	ck_assert_int_eq(spent(&a, 0), -2);
	ck_assert_int_eq(accrual_part(MONEY_MAX, NOVEMBER, NOVEMBER, &out, NULL), 0);
	ck_assert_int_eq(out, MONEY_MAX);
}
END_TEST

START_TEST(too_large)
{
	struct accrual a = { 0 }, before;
	struct err e = { 0 };
	money_t out = 77;

	ck_assert_int_eq(accrual_change(&a, MONEY_MAX, 1, NULL), 0);
	before = a;
	ck_assert_int_eq(accrual_change(&a, 1, 1, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_int_eq(memcmp(&a, &before, sizeof(a)), 0);
	a = (struct accrual){ .units = INT64_MAX, .nanos = 999999999 };
	before = a;
	ck_assert_int_eq(accrual_change(&a, 1, 1, &e), -1);
	ck_assert_int_eq(accrual_close(&a, 1, 1, 0, &e), -1);
	ck_assert_int_eq(memcmp(&a, &before, sizeof(a)), 0);
	ck_assert_int_eq(accrual_spent(&a, 0, 1, &out, &e), -1);
	ck_assert_int_eq(out, 77);
}
END_TEST

/* ---- the property ---- */

#define THINGS 400

static uint64_t seed;

static uint64_t
any(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

struct thing {
	money_t rate;
	int64_t from, to; /* to: NOVEMBER while it stands */
};

static __int128
slow_total(const struct thing *things, size_t len, int64_t at)
{
	__int128 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (__int128)things[i].rate *
		    ((things[i].to < at ? things[i].to : at) - things[i].from);
	return sum;
}

static money_t
any_rate(void)
{
	/* Of all sizes, and mostly odd. */
	return (money_t)any(UINT64_C(1) << (1 + any(50)));
}

/* One second's event: something begins, ends, changes its rate, or is told of that is over. */
static void
happen(struct accrual *a, struct thing *things, size_t *len, int64_t at)
{
	struct thing *one = *len > 0 ? &things[any(*len)] : NULL;
	money_t rate = any_rate();

	if (one != NULL && one->to == NOVEMBER && any(3) == 0) {
		ck_assert_int_eq(accrual_change(a, -one->rate, at, NULL), 0);
		one->to = at;
	} else if (any(4) == 0) {
		int64_t from = (int64_t)any((uint64_t)at + 1);

		ck_assert_int_eq(accrual_close(a, rate, from, at, NULL), 0);
		things[(*len)++] = (struct thing){ rate, from, at };
	} else {
		ck_assert_int_eq(accrual_change(a, rate, at, NULL), 0);
		things[(*len)++] = (struct thing){ rate, at, NOVEMBER };
	}
}

START_TEST(as_the_slow_sum)
{
	struct thing things[THINGS];
	struct accrual a = { 0 };
	size_t len = 0;
	int64_t at = 0;

	seed = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(_i + 1);
	while (len < THINGS && at < NOVEMBER) {
		money_t rate = 0;

		happen(&a, things, &len, at);
		for (size_t i = 0; i < len; i++)
			rate += things[i].to == NOVEMBER ? things[i].rate : 0;
		ck_assert_int_eq(a.rate, rate);
		ck_assert(a.nanos >= 0 && a.nanos < 1000000000);
		ck_assert(accrual_total(&a, at) == slow_total(things, len, at));
		ck_assert(accrual_total(&a, NOVEMBER) == slow_total(things, len, NOVEMBER));
		at += (int64_t)any(2 * NOVEMBER / THINGS);
	}
}
END_TEST

/* From the 11th to the 21st of November is a third of it. */
static const struct {
	const char *from, *to;
	money_t low, high;
} parts[] = {
	{ "2026-11-11T00:00:00Z", "2026-11-21T00:00:00Z", 10 * ONE, 30 * ONE },
	{ "2026-10-01T00:00:00Z", "2026-11-11T00:00:00Z", 10 * ONE, 30 * ONE },
	{ "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z", 10 * ONE, 30 * ONE },
	{ "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 30 * ONE, 90 * ONE },
	{ "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", 0, 0 },
	{ "2026-11-21T00:00:00Z", "2026-11-11T00:00:00Z", 0, 0 },
};

START_TEST(amounts_of_a_part)
{
	const struct amounts monthly = { 30 * ONE, 60 * ONE, 90 * ONE };
	month_t november = month_of(ms_of("2026-11-16T00:00:00Z"));
	struct amounts out;

	ck_assert_int_eq(amounts_in_month(&monthly, november, ms_of(parts[_i].from),
			     ms_of(parts[_i].to), &out, NULL),
	    0);
	ck_assert_int_eq(out.low, parts[_i].low);
	ck_assert_int_eq(out.expected, 2 * parts[_i].low);
	ck_assert_int_eq(out.high, parts[_i].high);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("accrual");
	TCase *tests = tcase_create("accrual");

	tcase_add_loop_test(tests, month_and_second, 0, COUNT_OF(months));
	tcase_add_test(tests, month_before_1970);
	tcase_add_test(tests, no_month);
	tcase_add_test(tests, by_hand);
	tcase_add_test(tests, rounded_once);
	tcase_add_test(tests, too_large);
	tcase_add_loop_test(tests, as_the_slow_sum, 0, 20);
	tcase_add_loop_test(tests, amounts_of_a_part, 0, COUNT_OF(parts));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
