/* Reliefs: what must go by each measure, and which things are chosen. */
#include <config.h>

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/relief.h"
#include "tests/unit/unit.h"

#define ONE MONEY_ONE
#define CENT (ONE / 100)
#define MANY 12

static const char id[ID_SIZE] = "0193a5b2-7c4e-7d1f-8a2b-3c4d5e6f7a8b";

static int64_t
ms_of(const char *text)
{
	int64_t ms;

	ck_assert_int_eq(clock_parse(text, &ms, NULL), 0);
	return ms;
}

static struct objection
objection(const char *scope, enum measure measure, money_t over)
{
	return (struct objection){
		.reason = OBJECTION_BUDGET,
		.verdict = VERDICT_HOLD,
		.scope = (char *)(uintptr_t)scope,
		.measure = measure,
		.limit = 100 * ONE,
		.after = 100 * ONE + over,
	};
}

/* ---- how much ---- */

static const struct {
	const char *now;
	enum measure measure;
	enum budget_period period;
	money_t after, over, missing;
} amounts[] = {
	{ "2026-11-16T00:00:00Z", MEASURE_RUN_RATE, BUDGET_MONTHLY, 30 * ONE, 30 * ONE, 30 * ONE },
	/* A grant is of whole cents; what must go is exact. */
	{ "2026-11-16T00:00:00Z", MEASURE_RUN_RATE, BUDGET_MONTHLY, 1, CENT, 1 },
	/* A day is 24 of 730 hours. */
	{ "2026-11-16T00:00:00Z", MEASURE_DAILY, BUDGET_DAILY, 24 * ONE, 24 * ONE, 730 * ONE + 1 },
	/* In the middle of the month only half of what goes is saved in it. */
	{ "2026-11-16T00:00:00Z", MEASURE_FORECAST, BUDGET_MONTHLY, 30 * ONE, 30 * ONE,
	    60 * ONE + 1 },
	{ "2026-11-01T00:00:00Z", MEASURE_FORECAST, BUDGET_MONTHLY, 30 * ONE, 30 * ONE,
	    30 * ONE + 1 },
	/* Nothing helps that is more than there can be. */
	{ "2026-11-16T00:00:00Z", MEASURE_FORECAST, BUDGET_MONTHLY, MONEY_MAX - 100 * ONE,
	    MONEY_MAX - 100 * ONE, MONEY_MAX },
};

START_TEST(amount)
{
	struct objection o = objection("global", amounts[_i].measure, amounts[_i].after);
	const struct ruling ruling = { .v = &o, .len = 1 };
	struct relief *v;
	size_t len;

	reliefs_of(&ruling, ms_of(amounts[_i].now), &v, &len);
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(v[0].scope, "global");
	ck_assert_int_eq(v[0].period, amounts[_i].period);
	ck_assert_int_ge(v[0].over, amounts[_i].over);
	ck_assert_int_lt(v[0].over - amounts[_i].over, CENT);
	ck_assert_int_eq(v[0].missing, amounts[_i].missing);
	reliefs_free(v, len);
}
END_TEST

/* The measures of one limit are one relief; a warning needs none, nor does what is no limit. */
START_TEST(one_for_each_limit)
{
	struct objection o[] = {
		objection("global", MEASURE_RUN_RATE, 10 * ONE),
		objection("global", MEASURE_FORECAST, 20 * ONE),
		objection("global", MEASURE_DAILY, ONE),
		objection("group:rg", MEASURE_RUN_RATE, 5 * ONE),
		objection("label:team=web", MEASURE_RUN_RATE, 5 * ONE),
		objection("label:team=data", MEASURE_RUN_RATE, 5 * ONE),
		objection("label:team=none", MEASURE_RUN_RATE, 0),
	};
	const struct ruling ruling = { .v = o, .len = COUNT_OF(o) };
	struct relief *v;
	size_t len;

	o[4].verdict = VERDICT_ADMIT;
	o[5].reason = OBJECTION_APPROVAL;
	reliefs_of(&ruling, ms_of("2026-11-16T00:00:00Z"), &v, &len);
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(v[0].over, 20 * ONE);
	ck_assert_int_eq(v[0].missing, 40 * ONE + 1);
	ck_assert_int_eq(v[1].period, BUDGET_DAILY);
	ck_assert_str_eq(v[2].scope, "group:rg");
	reliefs_free(v, len);
}
END_TEST

/* ---- which ---- */

/* Whole units, 0 ends them: what is offered, in this order, and what is chosen, the largest first. */
static const struct {
	money_t missing, offered[MANY + 1], chosen[RELIEF_PARTS + 1], frees;
} choices[] = {
	{ 10, { 0 }, { 0 }, 0 },
	{ 10, { 12, 11, 30, 9 }, { 11 }, 11 },
	{ 10, { 9, 8, 10 }, { 10 }, 10 },
	{ 10, { 3, 6, 2, 5 }, { 6, 5 }, 11 },
	{ 10, { 5, 5, 5 }, { 5, 5 }, 10 },
	{ 10, { 4, 3, 2 }, { 0 }, 9 },
	/* Only the eight largest are kept. */
	{ 28, { 1, 2, 3, 4, 3, 4, 3, 4, 3, 4, 2, 4 }, { 4, 4, 4, 4, 4, 3, 3, 3 }, 29 },
	{ 30, { 1, 2, 3, 4, 3, 4, 3, 4, 3, 4, 2, 4 }, { 0 }, 29 },
};

START_TEST(choice)
{
	struct relief *r = xcalloc(1, sizeof(*r));

	r->missing = choices[_i].missing * ONE;
	for (const money_t *offered = choices[_i].offered; *offered != 0; offered++)
		if (relief_wants(r, *offered * ONE))
			relief_take(r, id, xasprintf("%d", (int)*offered), *offered * ONE);
	relief_settle(r);
	ck_assert_int_eq(r->frees, choices[_i].frees * ONE);
	for (size_t i = 0; i < r->n_parts; i++) {
		AUTO_FREE char *label = xasprintf("%d", (int)choices[_i].chosen[i]);

		ck_assert_str_eq(r->parts[i].label, label);
		ck_assert_str_eq(r->parts[i].id, id);
	}
	ck_assert_int_eq(choices[_i].chosen[r->n_parts], 0);
	reliefs_free(r, 1);
}
END_TEST

START_TEST(nothing_helps)
{
	const struct relief none = { .missing = MONEY_MAX }, some = { .missing = ONE };

	ck_assert(!relief_wants(&none, MONEY_MAX));
	ck_assert(!relief_wants(&some, 0));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("relief");
	TCase *tests = tcase_create("relief");

	tcase_add_loop_test(tests, amount, 0, COUNT_OF(amounts));
	tcase_add_test(tests, one_for_each_limit);
	tcase_add_loop_test(tests, choice, 0, COUNT_OF(choices));
	tcase_add_test(tests, nothing_helps);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
