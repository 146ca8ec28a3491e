/* How a scope stands in a month: what was spent, the forecast, and how much of a limit is used. */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/budget.h"
#include "tests/unit/unit.h"

#define ONE MONEY_ONE
#define DAY INT64_C(86400)
#define NOVEMBER (30 * DAY) /* seconds */

static month_t november;

static void
set_up(void)
{
	ck_assert_int_eq(month_parse("2026-11", &november, NULL), 0);
}

static int64_t
ms_at(int64_t second)
{
	return month_start_ms(november) + second * 1000;
}

static struct outlook
outlook(const struct standing *s, int64_t second)
{
	struct outlook out;
	struct err e = { 0 };

	ck_assert_msg(standing_outlook(s, ms_at(second), &out, &e) == 0, "%s", e.msg);
	return out;
}

START_TEST(by_hand)
{
	struct standing s = { .month = november };
	struct outlook out;

	/* 300 a month stand from the start; 60 are reserved on day 10. */
	ck_assert_int_eq(accrual_change(&s.committed, 300 * ONE, 0, NULL), 0);
	ck_assert_int_eq(standing_reserve(&s, 60 * ONE, ms_at(10 * DAY), NULL), 0);
	out = outlook(&s, 20 * DAY);
	ck_assert_int_eq(out.reserved, 60 * ONE);
	ck_assert_int_eq(out.committed, 300 * ONE);
	ck_assert_int_eq(out.run_rate, 360 * ONE);
	ck_assert_int_eq(out.daily, 11835616438); /* 360 * 24 / 730 */
	ck_assert_int_eq(out.spent, 200 * ONE);
	/* 200 spent, 20 of what is reserved, and 10 days of 12. */
	ck_assert_int_eq(out.forecast, 340 * ONE);
}
END_TEST

START_TEST(actual_cost)
{
	struct standing s = { .month = november };

	ck_assert_int_eq(accrual_change(&s.committed, 300 * ONE, 0, NULL), 0);
	/* Known up to day 10, when 100 were accrued: it was 130. Ten days of 10 since, and ten to come. */
	s.actual = 130 * ONE;
	s.actual_replaces = 100 * ONE;
	ck_assert_int_eq(outlook(&s, 20 * DAY).spent, 230 * ONE);
	ck_assert_int_eq(outlook(&s, 20 * DAY).forecast, 330 * ONE);
	ck_assert_int_eq(outlook(&s, NOVEMBER).forecast, 330 * ONE);
	/* Never below what is known, even if less was accrued than it replaces. */
	ck_assert_int_eq(outlook(&s, 5 * DAY).spent, 130 * ONE);
	ck_assert_int_eq(outlook(&s, 5 * DAY).forecast, 130 * ONE + 250 * ONE);
}
END_TEST

START_TEST(a_new_month)
{
	struct standing s = { .month = november, .actual = ONE, .actual_replaces = ONE };
	int64_t december = month_start_ms(november + 1);
	struct outlook out;

	ck_assert_int_eq(accrual_change(&s.committed, 310 * ONE, 15 * DAY + 1, NULL), 0);
	ck_assert_int_eq(accrual_change(&s.reserved, 31 * ONE, 20 * DAY + 1, NULL), 0);
	s.granted[BUDGET_MONTHLY] = 5 * ONE;
	standing_roll(&s, november);
	ck_assert_int_eq(s.actual, ONE);
	ck_assert_int_ne(s.committed.units, 0);
	standing_roll(&s, november + 1);
	ck_assert_int_eq(s.month, november + 1);
	ck_assert_int_eq(s.committed.rate, 310 * ONE);
	ck_assert_int_eq(s.committed.units, 0);
	ck_assert_int_eq(s.committed.nanos, 0);
	ck_assert_int_eq(s.granted[BUDGET_MONTHLY], 5 * ONE);
	/* Nothing spent when it begins, and both of 31 days in full. */
	ck_assert_int_eq(standing_outlook(&s, december, &out, NULL), 0);
	ck_assert_int_eq(out.spent, 0);
	ck_assert_int_eq(out.forecast, 341 * ONE);
	ck_assert_int_eq(standing_outlook(&s, december + 3 * DAY * 1000, &out, NULL), 0);
	ck_assert_int_eq(out.spent, 30 * ONE);
	ck_assert_int_eq(out.forecast, 341 * ONE);
	/* What ends in it costs up to there: ten days of 10. */
	ck_assert_int_eq(accrual_change(&s.committed, -310 * ONE, 10 * DAY, NULL), 0);
	ck_assert_int_eq(standing_outlook(&s, december + 20 * DAY * 1000, &out, NULL), 0);
	ck_assert_int_eq(out.spent, 100 * ONE);
	ck_assert_int_eq(out.run_rate, 31 * ONE);
}
END_TEST

/* The forecast of what stands throughout is its rate, at every second. */
START_TEST(forecast_is_steady)
{
	struct standing s = { .month = november };

	ck_assert_int_eq(accrual_change(&s.committed, 123456789012345, 0, NULL), 0);
	ck_assert_int_eq(accrual_change(&s.reserved, 987654321, 0, NULL), 0);
	for (int64_t second = 0; second <= NOVEMBER; second += 997)
		ck_assert_int_eq(outlook(&s, second).forecast, 123456789012345 + 987654321);
}
END_TEST

/* The scope is "global" at the middle of the month. */
static const struct {
	const char *rules;
	money_t committed, actual, granted;
	decimal_t percent;
} uses[] = {
	{ "", 400 * ONE, 0, 0, 0 },
	{ "resource_groups.rg = 1", 400 * ONE, 0, 0, 0 },
	{ "monthly_limit = 500", 0, 0, 0, 0 },
	{ "monthly_limit = 500", 400 * ONE, 0, 0, 80 * ONE },
	{ "monthly_limit = 500", 400 * ONE - 1, 0, 0, 79999999999 },
	{ "monthly_limit = 500", 400 * ONE, 0, 300 * ONE, 50 * ONE },
	/* 400 and half of 400 were or will be spent in place of 400. */
	{ "monthly_limit = 500", 400 * ONE, 200 * ONE, 0, 120 * ONE },
	{ "monthly_limit = 500", 0, -200 * ONE, 0, 0 },
	/* 365 a month are 12 a day. */
	{ "daily_limit = 16", 365 * ONE, 0, 0, 75 * ONE },
	{ "daily_limit = 16\nmonthly_limit = 365", 365 * ONE, 0, 0, 100 * ONE },
	{ "daily_limit = 6\nmonthly_limit = 365", 365 * ONE, 0, 0, 200 * ONE },
	{ "monthly_limit = 0", 0, 0, 0, 0 },
	{ "monthly_limit = 0", 1, 0, 0, PERCENT_MAX },
	{ "monthly_limit = 0", 0, 1, 0, PERCENT_MAX },
	{ "daily_limit = 0", 1, 0, 0, PERCENT_MAX },
	{ "monthly_limit = 0.000000001", MONEY_MAX, 0, 0, PERCENT_MAX },
	{ "monthly_limit = 9223372036", MONEY_MAX, 0, 0, 100000000009 },
	{ "monthly_limit = 1", 0, 0, MONEY_MAX, 0 },
};

START_TEST(used)
{
	AUTO_FREE char *text = xasprintf("[budget]\n%s\n", uses[_i].rules);
	struct standing s = {
		.scope = (char *)(uintptr_t) "global",
		.month = november,
		.committed = { .rate = uses[_i].committed },
		.actual = uses[_i].actual,
		.granted = { [BUDGET_MONTHLY] = uses[_i].granted },
	};
	struct faults faults = { 0 };
	struct err e = { 0 };
	decimal_t percent;
	struct budget b;
	struct doc doc;

	budget_init(&b);
	ck_assert_int_eq(doc_parse("c.toml", text, strlen(text), &doc, &e), 0);
	ck_assert_int_eq(budget_apply(&b, doc.root->child, &doc, &faults), 0);
	ck_assert_msg(budget_used(&b, &s, ms_at(NOVEMBER / 2), &percent, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(percent, uses[_i].percent);
	doc_clear(&doc);
	budget_clear(&b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("standing");
	TCase *tests = tcase_create("standing");

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, by_hand);
	tcase_add_test(tests, actual_cost);
	tcase_add_test(tests, a_new_month);
	tcase_add_test(tests, forecast_is_steady);
	tcase_add_loop_test(tests, used, 0, COUNT_OF(uses));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
