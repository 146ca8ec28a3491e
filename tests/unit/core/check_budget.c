/* Rulings: figures that were calculated by hand. */
#include <config.h>

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/budget.h"
#include "tests/unit/unit.h"

#define ONE MONEY_ONE
#define DAY INT64_C(86400)
#define NOVEMBER (30 * DAY) /* seconds */
#define PLAN "the digest of a plan"

static struct budget budget;
static int64_t now_ms; /* the middle of November 2026 */
static month_t november;

static void
set_up(void)
{
	ck_assert_int_eq(clock_parse("2026-11-16T00:00:00Z", &now_ms, NULL), 0);
	november = month_of(now_ms);
	budget_init(&budget);
}

static void
tear_down(void)
{
	budget_clear(&budget);
}

static void
rules(const char *text)
{
	AUTO_FREE char *all = xasprintf("[budget]\n%s\n", text);
	struct faults faults = { 0 };
	struct err e = { 0 };
	struct doc doc;

	ck_assert_msg(doc_parse("c.toml", all, strlen(all), &doc, &e) == 0, "%s", e.msg);
	ck_assert_msg(budget_apply(&budget, doc.root->child, &doc, &faults) == 0, "%s",
	    faults.count > 0 ? faults.list.v[0] : "");
	doc_clear(&doc);
}

/* What stands in it, stands since the month began. */
static struct standing
scope(const char *name, money_t committed)
{
	return (struct standing){
		.scope = (char *)(uintptr_t)name,
		.month = november,
		.committed = { .rate = committed },
	};
}

static void
rule_all(const struct demand *d, const struct standing *v, size_t len, struct ruling *r)
{
	struct err e = { 0 };

	ck_assert_msg(budget_rule(&budget, d, v, len, now_ms, r, &e) == 0, "%s", e.msg);
}

static void
rule(const struct demand *d, const struct standing *s, struct ruling *r)
{
	rule_all(d, s, 1, r);
}

/* The verdict, and the message of the only objection; NULL: none. */
static void
ruled(const struct demand *d, const struct standing *s, enum verdict verdict, const char *message)
{
	CLEANUP(ruling_clear) struct ruling r;

	rule(d, s, &r);
	ck_assert_int_eq(r.verdict, verdict);
	ck_assert_int_eq(r.len, message != NULL);
	if (message != NULL)
		ck_assert_str_eq(r.v[0].message, message);
}

static struct demand
asks(money_t amount)
{
	return (struct demand){ .amount = amount, .digest = PLAN };
}

/* ---- limits ---- */

START_TEST(exactly_the_limit)
{
	struct standing s = scope("global", 100 * ONE);
	struct demand d = asks(400 * ONE);

	rules("monthly_limit = 500");
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount++;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 500.000000001 USD a month would be above the limit of 500.00 (100.00 now, 400.00 "
	    "more)");
	s = scope("global", 430 * ONE);
	d.amount = 82400000000;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 512.40 USD a month would be above the limit of 500.00 (430.00 now, 82.40 more)");
	/* What is reserved counts like what stands. */
	s = scope("global", 200 * ONE);
	ck_assert_int_eq(accrual_change(&s.reserved, 230 * ONE, NOVEMBER / 2, NULL), 0);
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 512.40 USD a month would be above the limit of 500.00 (430.00 now, 82.40 more)");
}
END_TEST

START_TEST(nothing_may_be_spent)
{
	struct standing s = scope("global", 0);
	struct demand d = asks(1);

	ruled(&d, &s, VERDICT_ADMIT, NULL);
	rules("monthly_limit = 0");
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 0.000000001 USD a month would be above the limit of 0.00 (0.00 now, 0.000000001 "
	    "more)");
	/* What costs nothing may be had. */
	d.amount = 0;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
}
END_TEST

START_TEST(all_scopes_must_hold)
{
	struct standing v[3] = { scope("global", 90 * ONE), scope("group:a", 0),
		scope("label:team=ml", 0) };
	struct demand d = asks(90 * ONE);
	CLEANUP(ruling_clear) struct ruling r;

	/* Each group keeps its limit, and the two together do not keep the total. */
	rules("monthly_limit = 100\n[budget.resource_groups]\na = 90\nb = 90\n");
	rule_all(&d, v, 3, &r);
	ck_assert_int_eq(r.verdict, VERDICT_HOLD);
	ck_assert_int_eq(r.len, 1);
	ck_assert_int_eq(r.v[0].reason, OBJECTION_BUDGET);
	ck_assert_str_eq(r.v[0].scope, "global");
	ck_assert_str_eq(r.v[0].rule, "budget.monthly_limit = 100.00");
	ck_assert_str_eq(r.v[0].where, "c.toml:2:1");
	ck_assert_int_eq(r.v[0].measure, MEASURE_RUN_RATE);
	ck_assert_int_eq(r.v[0].limit, 100 * ONE);
	ck_assert_int_eq(r.v[0].before, 90 * ONE);
	ck_assert_int_eq(r.v[0].after, 180 * ONE);
	ruling_clear(&r);
	/* Every limit that is broken is told. */
	d.amount++;
	rules(
	    "monthly_limit = 100\nresource_groups.A = 90\nlabels.team.ml = 10\nlabels.team.x = 1");
	rule_all(&d, v, 3, &r);
	ck_assert_int_eq(r.len, 3);
	ck_assert_str_eq(r.v[1].rule, "budget.resource_groups.A = 90.00");
	ck_assert_str_eq(r.v[2].scope, "label:team=ml");
}
END_TEST

START_TEST(daily)
{
	struct standing s = scope("global", 0);
	struct demand d = asks(608333333333);

	/* 20 a day are 20 * 730 / 24 = 608.33333... a month. */
	rules("daily_limit = 20");
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount++;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 20.000000001 USD a day would be above the limit of 20.00 (0.00 now, 20.00 more)");
	/* 365 a month are 12 a day. */
	s = scope("global", 365 * ONE);
	d.amount = 365 * ONE;
	rules("daily_limit = 24");
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	rules("daily_limit = 20");
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 24.00 USD a day would be above the limit of 20.00 (12.00 now, 12.00 more)");
}
END_TEST

START_TEST(forecast)
{
	struct standing s = scope("global", 100 * ONE);
	struct demand d = asks(300 * ONE);
	CLEANUP(ruling_clear) struct ruling r;

	/* Half of the month is over: 200 more than was accrued were spent, and half of 400 is to come. */
	rules("monthly_limit = 450");
	s.actual = 250 * ONE;
	s.actual_replaces = 50 * ONE;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	s.actual++;
	rule(&d, &s, &r);
	ck_assert_int_eq(r.len, 1);
	ck_assert_int_eq(r.v[0].measure, MEASURE_FORECAST);
	ck_assert_int_eq(r.v[0].before, 300 * ONE + 1);
	ck_assert_int_eq(r.v[0].after, 450 * ONE + 1);
	ck_assert_str_eq(r.v[0].message,
	    "global: 450.000000001 USD in 2026-11 would be above the limit of 450.00 (250.00 spent so "
	    "far, 200.00 for the rest of the month)");
	/* Where the run-rate is too high as well it says it all. */
	d.amount = 351 * ONE;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 451.00 USD a month would be above the limit of 450.00 (100.00 now, 351.00 more)");
}
END_TEST

/* The last second costs 3 / 2592000 of a nano-unit: that is above. */
START_TEST(forecast_is_exact)
{
	struct standing s = scope("global", 0);
	struct demand d = asks(3);
	CLEANUP(ruling_clear) struct ruling r;

	rules("monthly_limit = 0.00000001");
	now_ms = month_start_ms(november) + (NOVEMBER - 1) * 1000;
	s.actual = 10;
	rule(&d, &s, &r);
	ck_assert_int_eq(r.verdict, VERDICT_HOLD);
	ck_assert_int_eq(r.v[0].measure, MEASURE_FORECAST);
	ck_assert_int_eq(r.v[0].after, 11);
	s.actual = 9;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
}
END_TEST

START_TEST(what_it_holds_already)
{
	struct standing s = scope("global", 0);
	struct demand d = { .amount = 80 * ONE, .holds = 80 * ONE, .digest = PLAN };
	CLEANUP(ruling_clear) struct ruling r;

	/* The limit was lowered: it keeps what it has, and gets no more. */
	rules("monthly_limit = 50");
	ck_assert_int_eq(accrual_change(&s.reserved, 80 * ONE, NOVEMBER / 2, NULL), 0);
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount++;
	rule(&d, &s, &r);
	ck_assert_int_eq(r.verdict, VERDICT_HOLD);
	ck_assert_int_eq(r.v[0].before, 0);
	ck_assert_int_eq(r.v[0].after, 80 * ONE + 1);
	/* And is not counted twice. */
	rules("monthly_limit = 100");
	d.amount = 100 * ONE;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount = 110 * ONE;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 110.00 USD a month would be above the limit of 100.00 (80.00 now, 30.00 more)");
}
END_TEST

START_TEST(grants)
{
	struct standing s = scope("global", 450 * ONE);
	struct demand d = asks(150 * ONE);

	rules("monthly_limit = 500\ndaily_limit = 20");
	s.granted[BUDGET_MONTHLY] = 100 * ONE;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount = 150 * ONE + ONE / 100;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 600.01 USD a month would be above the limit of 600.00, 100.00 of it granted "
	    "(450.00 now, 150.01 more)");
	/* A month's grant is none for the day. */
	s.granted[BUDGET_MONTHLY] = MONEY_MAX;
	d.amount = 158333333333;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount++;
	ruled(&d, &s, VERDICT_HOLD,
	    "global: 20.000000001 USD a day would be above the limit of 20.00 (14.79 now, 5.21 more)");
	s.granted[BUDGET_DAILY] = 1;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
}
END_TEST

START_TEST(warn_and_deny)
{
	struct standing s = scope("global", 0);
	struct demand d = asks(501 * ONE);
	const char *message =
	    "global: 501.00 USD a month would be above the limit of 500.00 (0.00 now, 501.00 more)";

	rules("monthly_limit = 500\non_exceed = \"warn\"");
	ruled(&d, &s, VERDICT_ADMIT, message);
	rules("monthly_limit = 500\non_exceed = \"deny\"");
	ruled(&d, &s, VERDICT_DENY, message);
	rules("monthly_limit = 500\non_exceed = \"hold\"");
	ruled(&d, &s, VERDICT_HOLD, message);
}
END_TEST

START_TEST(does_not_fit)
{
	struct standing s = scope("global", MONEY_MAX);
	struct demand d = asks(1);
	struct err e = { 0 };
	struct outlook out;
	struct ruling r;

	ck_assert_int_eq(budget_rule(&budget, &d, &s, 1, now_ms, &r, &e), -1);
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert_int_eq(r.len, 0);
	s.reserved.rate = 1;
	ck_assert_int_eq(standing_outlook(&s, now_ms, &out, &e), -1);
}
END_TEST

/* ---- approvals ---- */

static struct approval
approval(const char *on, money_t amount)
{
	return (struct approval){
		.digest = PLAN,
		.rule = (char *)(uintptr_t)on,
		.amount = amount,
	};
}

START_TEST(approvals)
{
	struct standing s = scope("global", 0);
	struct approval a = approval("budget.approval_above = 200.00", 250 * ONE);
	struct demand d = { .amount = 200 * ONE, .digest = PLAN, .approvals = &a };
	const char *message = "250.00 USD a month is above 200.00: a person has to approve it";

	rules("approval_above = 200");
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	d.amount++;
	ruled(&d, &s, VERDICT_HOLD,
	    "200.000000001 USD a month is above 200.00: a person has to approve it");
	d.amount = 250 * ONE;
	ruled(&d, &s, VERDICT_HOLD, message);
	d.n_approvals = 1;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	/* Too little of it, another plan, over, another rule. */
	a.amount--;
	ruled(&d, &s, VERDICT_HOLD, message);
	a.amount++;
	d.digest = "that of another plan";
	ruled(&d, &s, VERDICT_HOLD, message);
	d.digest = PLAN;
	a.until_ms = now_ms;
	ruled(&d, &s, VERDICT_HOLD, message);
	a.until_ms = now_ms + 1;
	ruled(&d, &s, VERDICT_ADMIT, NULL);
	rules("approval_above = 100");
	ruled(
	    &d, &s, VERDICT_HOLD, "250.00 USD a month is above 100.00: a person has to approve it");
	/* No approval lifts a limit, and what is approved has to be denied all the same. */
	rules("approval_above = 200\nmonthly_limit = 249\non_exceed = \"deny\"");
	ruled(&d, &s, VERDICT_DENY,
	    "global: 250.00 USD a month would be above the limit of 249.00 (0.00 now, 250.00 more)");
}
END_TEST

START_TEST(unpriced)
{
	struct standing s = scope("global", 0);
	struct approval v[2] = { approval("budget.unpriced = \"hold\"", 60 * ONE),
		approval("budget.unpriced = \"hold\"", 80 * ONE) };
	struct demand d = { .amount = 50 * ONE, .unpriced = true, .digest = PLAN, .approvals = v };
	const char *message = "what it costs is not known: a person has to approve an amount";
	CLEANUP(ruling_clear) struct ruling r;

	ruled(&d, &s, VERDICT_HOLD, message);
	d.why_unpriced = "vm: no price";
	ruled(&d, &s, VERDICT_HOLD,
	    "what it costs is not known (vm: no price): a person has to approve an amount");
	d.why_unpriced = NULL;
	d.n_approvals = 2;
	ruled(&d, &s, VERDICT_HOLD, message);
	/* The last word that suffices is what is reserved, and what limits are asked for. */
	v[0].names_amount = v[1].names_amount = true;
	v[0].given_ms = 2;
	v[1].given_ms = 1;
	rules("monthly_limit = 60");
	rule(&d, &s, &r);
	ck_assert_int_eq(r.verdict, VERDICT_ADMIT);
	ck_assert_int_eq(r.reserves, 60 * ONE);
	ruling_clear(&r);
	d.amount = 60 * ONE + 1;
	rule(&d, &s, &r);
	ck_assert_int_eq(r.verdict, VERDICT_HOLD);
	ck_assert_int_eq(r.reserves, 80 * ONE);
	ck_assert_int_eq(r.len, 1);
	ck_assert_int_eq(r.v[0].reason, OBJECTION_BUDGET);
	ck_assert_int_eq(r.v[0].after, 80 * ONE);
	/* Nothing is known of it, and nothing was approved: that is not an amount. */
	d.amount = 0;
	d.n_approvals = 1;
	v[0].amount = 0;
	ruled(&d, &s, VERDICT_HOLD, message);
	rules("unpriced = \"deny\"");
	ruled(&d, &s, VERDICT_DENY, "what it costs is not known");
	rules("unpriced = \"allow\"");
	ruled(&d, &s, VERDICT_ADMIT, "what it costs is not known");
}
END_TEST

START_TEST(all_at_once)
{
	struct standing s = scope("global", 0);
	struct demand d = { .amount = 300 * ONE, .unpriced = true, .digest = PLAN };
	CLEANUP(ruling_clear) struct ruling r;
	AUTO_JSON cJSON *first = NULL;
	AUTO_JSON cJSON *last = NULL;
	AUTO_FREE char *one = NULL;
	AUTO_FREE char *other = NULL;

	rules("approval_above = 200\nmonthly_limit = 100\non_exceed = \"deny\"");
	rule(&d, &s, &r);
	ck_assert_int_eq(r.verdict, VERDICT_DENY);
	ck_assert_int_eq(r.len, 3);
	ck_assert_int_eq(r.v[1].reason, OBJECTION_APPROVAL);
	first = objection_to_json(&r.v[0]);
	last = objection_to_json(&r.v[2]);
	one = json_text(first);
	other = json_text(last);
	ck_assert_str_eq(one,
	    "{\"reason\":\"unpriced\",\"verdict\":\"hold\",\"rule\":\"budget.unpriced = \\\"hold\\\"\",\"message\":"
	    "\"what it costs is not known: a person has to approve an amount\"}");
	ck_assert_str_eq(other,
	    "{\"reason\":\"budget\",\"verdict\":\"deny\",\"rule\":\"budget.monthly_limit = 100.00\",\"where\":\"c.toml:3:1\","
	    "\"message\":\"global: 300.00 USD a month would be above the limit of 100.00 (0.00 now, "
	    "300.00 more)\",\"scope\":\"global\",\"measure\":\"run-rate\",\"limit\":\"100.00\","
	    "\"before\":\"0.00\",\"after\":\"300.00\"}");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("budget");
	TCase *tests = tcase_create("budget");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, exactly_the_limit);
	tcase_add_test(tests, nothing_may_be_spent);
	tcase_add_test(tests, all_scopes_must_hold);
	tcase_add_test(tests, daily);
	tcase_add_test(tests, forecast);
	tcase_add_test(tests, forecast_is_exact);
	tcase_add_test(tests, what_it_holds_already);
	tcase_add_test(tests, grants);
	tcase_add_test(tests, warn_and_deny);
	tcase_add_test(tests, does_not_fit);
	tcase_add_test(tests, approvals);
	tcase_add_test(tests, unpriced);
	tcase_add_test(tests, all_at_once);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
