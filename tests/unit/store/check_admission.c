/* Who is let in, what people decide about the others, and when those go on. */
#include "money.h"

static bool
refused_for(const char *id, int attempt, int usd, const char *reason)
{
	struct claim c;

	return !claim_for(id, attempt, usd, &c) && state_of(id) == STATE_HELD &&
	    count_holds(id, reason) == 1;
}

static size_t
wake_waiting(void)
{
	size_t lifted;

	WRITE(store_budget_wake(s, &budget, NOW, &lifted, &err));
	return lifted;
}

static void
succeed(struct claim *c, const char *resource)
{
	add_resource(c, resource);
	move(c, EVENT_SUCCEED);
}

static void
destroy(const char *id, const char *resource)
{
	struct destroy_report report;
	struct strv ids = { 0 };
	struct claim c;

	strv_add(&ids, id);
	WRITE(store_destroy(s, &ids, false, "tester", NOW, &report, &err));
	strv_clear(&ids);
	c = claim(id, 0);
	move_resource(&c, resource, RESOURCE_GONE, NULL);
	move(&c, EVENT_DESTROYED);
}

START_TEST(every_scope_must_hold)
{
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c;

	set_limits("global 100 group:one 90 group:two 90");
	submit_in("one", NULL, a);
	submit_in("Two", NULL, b);
	ck_assert(claim_for(a, 1, 89, &c));
	ck_assert(refused_for(b, 1, 89, "budget"));
	ck_assert_str_eq(claim_ruling.v[0].scope, "global");
	STANDS("global", 89, 0);
	STANDS("group:two", 0, 0);
}
END_TEST

START_TEST(what_waits_goes_on_when_money_is_free)
{
	char a[ID_SIZE], b[ID_SIZE], d[ID_SIZE];
	struct claim c;
	int64_t when;

	set_limits("global 100");
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	submit_in(NULL, NULL, d);
	ck_assert(claim_for(a, 1, 80, &c));
	succeed(&c, "/r/a");
	ck_assert(refused_for(b, 1, 70, "budget"));
	ck_assert(refused_for(d, 1, 60, "budget"));
	ck_assert_uint_eq(wake_waiting(), 0);
	OK(store_next_wake(s, &when, &err));
	ck_assert_int_eq(when, (NOW / 86400000 + 1) * 86400000);
	destroy(a, "/r/a");
	OK(store_next_wake(s, &when, &err));
	ck_assert_int_lt(when, NOW);
	/* There is room for one of them: the one that came first. */
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert_int_eq(state_of(b), STATE_QUEUED);
	ck_assert_int_eq(state_of(d), STATE_HELD);
	ck_assert(claim_for(b, 1, 70, &c));
	/* A higher limit has everything decided anew. */
	set_limits("global 200");
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert(claim_for(d, 1, 60, &c));
}
END_TEST

/* The forecast falls from day to day; nobody has to do anything for it. */
START_TEST(who_is_held_by_the_forecast_goes_on_when_it_fits)
{
	const int64_t start = month_start_ms(month_of(NOW)), day = 86400000;
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c;
	size_t lifted = 0, days = 0;

	set_limits("global 200");
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	test_now = claim_time = start + day;
	ck_assert(claim_for(a, 1, 100, &c));
	add_resource(&c, "/r/a");
	move(&c, EVENT_SUCCEED);
	test_now = claim_time = start + 16 * day;
	destroy(a, "/r/a");
	set_limits("global 90");
	/* 50 were spent, and 89 a month for 14 of 30 days would be 41.53. */
	ck_assert(refused_for(b, 1, 89, "budget"));
	ck_assert_int_eq(claim_ruling.v[0].measure, MEASURE_FORECAST);
	while (lifted == 0 && days < 14) {
		days++;
		WRITE(store_budget_wake(s, &budget, test_now + (int64_t)days * day, &lifted, &err));
	}
	ck_assert_uint_eq(lifted, 1);
	ck_assert_uint_gt(days, 0);
	ck_assert_int_eq(state_of(b), STATE_QUEUED);
	claim_time = test_now + (int64_t)days * day;
	ck_assert(claim_for(b, 1, 89, &c));
	test_now = claim_time = NOW;
}
END_TEST

/* A configuration that went missing is no wish to go on without limits. */
START_TEST(limits_do_not_vanish)
{
	struct budget none;

	budget_init(&none);
	set_limits("global 100");
	REFUSES(ERR_INPUT, store_budget_set(s, &none, "prices", NOW, &err));
	none.stated = true;
	WRITE(store_budget_set(s, &none, "prices", NOW, &err));
	none.stated = false;
	WRITE(store_budget_set(s, &none, "prices", NOW, &err));
	budget_clear(&none);
}
END_TEST

/* One amount that is too large is its own trouble, and nobody else's. */
START_TEST(what_cannot_be_calculated_is_held)
{
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c;

	set_limits("group:one 100");
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	asks.monthly.high = MONEY_MAX - 1;
	c = claim(a, 1);
	ck_assert_int_eq(claim_ruling.verdict, VERDICT_HOLD);
	ck_assert_uint_eq(count_holds(a, "budget"), 1);
	ck_assert(claim_for(b, 1, 20, &c));
	move(&c, EVENT_FAIL);
	ck_assert_uint_eq(wake_waiting(), 0);
	REFUSES(ERR_INPUT, store_approve(s, a, MONEY_MAX, 0, "ann", NULL, NOW, &err));
}
END_TEST

/* Other rules and prices let go who may go, and leave the others alone. */
START_TEST(who_cannot_go_on_is_left_alone)
{
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	budget.approves = true;
	budget.approval_above = USD(50);
	WRITE(store_budget_set(s, &budget, "prices", NOW, &err));
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	ck_assert(refused_for(a, 1, 160, "approval"));
	ck_assert(refused_for(b, 1, 60, "approval"));
	budget.n_thresholds = 0;
	WRITE(store_budget_set(s, &budget, "prices", NOW, &err));
	ck_assert_uint_eq(wake_waiting(), 0);
	budget.approval_above = USD(70);
	WRITE(store_budget_set(s, &budget, "prices", NOW, &err));
	/* b is asked for no more, a by another rule; but there is no money for a. */
	ck_assert_uint_eq(wake_waiting(), 2);
	ck_assert_int_eq(state_of(b), STATE_QUEUED);
	ck_assert_int_eq(state_of(a), STATE_HELD);
	ck_assert_uint_eq(wake_waiting(), 0);
	/* What it costs by other prices only a claim can tell. */
	WRITE(store_budget_set(s, &budget, "other prices", NOW, &err));
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert(claim_for(a, 1, 65, &c));
}
END_TEST

START_TEST(denied_is_failed)
{
	struct objective o;
	char a[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	budget.on_exceed = REACTION_DENY;
	submit_in(NULL, NULL, a);
	ck_assert(!claim_for(a, 1, 101, &c));
	OK(store_get(s, a, &o, &err));
	ck_assert_int_eq(o.state, STATE_FAILED);
	ck_assert_str_eq(json_str(o.failure, "code"), "OverBudget");
	objective_clear(&o);
	STANDS("global", 0, 0);
}
END_TEST

START_TEST(warned_is_admitted)
{
	char a[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	budget.on_exceed = REACTION_ADMIT;
	submit_in(NULL, NULL, a);
	ck_assert(claim_for(a, 1, 101, &c));
	ck_assert_uint_eq(claim_ruling.len, 1);
	STANDS("global", 101, 0);
	move(&c, EVENT_FAIL);
}
END_TEST

/* What only warns does not hold it beside what does. */
START_TEST(a_warning_is_no_hold)
{
	char a[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	budget.on_exceed = REACTION_ADMIT;
	budget.unpriced = REACTION_ADMIT;
	budget.approves = true;
	budget.approval_above = USD(50);
	asks.unpriced = true;
	asks.why_unpriced = "disk: no price is known";
	submit_in(NULL, NULL, a);
	ck_assert(refused_for(a, 1, 120, "approval"));
	ck_assert_uint_eq(count_holds(a, NULL), 1);
	WRITE(store_approve(s, a, 0, 0, "ann", NULL, NOW, &err));
	ck_assert(claim_for(a, 1, 120, &c));
	ck_assert_uint_eq(claim_ruling.len, 2);
	move(&c, EVENT_FAIL);
}
END_TEST

/* Whoever was ruled on by limits that are not in force any more is told so. */
START_TEST(other_limits_are_in_force)
{
	char a[ID_SIZE], digest[DIGEST_SIZE];
	struct claim c;

	set_limits("global 100");
	budget_digest(&budget, digest);
	asks.rules = digest;
	asks.prices = "prices";
	submit_in(NULL, NULL, a);
	asks.monthly.high = USD(20);
	budget.approves = true;
	WRITE(store_budget_set(s, &budget, "prices", NOW, &err));
	REFUSES(ERR_OUTDATED, try_claim(s, a, me, 1, &c));
	budget_digest(&budget, digest);
	ck_assert(refused_for(a, 1, 20, "approval"));
}
END_TEST

/* ---- approvals ---- */

START_TEST(an_approval_lifts_its_hold)
{
	struct approval *v;
	char a[ID_SIZE];
	struct claim c;
	size_t len;

	set_limits("global 1000");
	budget.approves = true;
	budget.approval_above = USD(50);
	submit_in(NULL, NULL, a);
	ck_assert(refused_for(a, 1, 60, "approval"));
	REFUSES(ERR_INPUT, store_approve(s, a, USD(59), 0, "ann", NULL, NOW, &err));
	REFUSES(ERR_INPUT, store_approve(s, a, 0, NOW, "ann", NULL, NOW, &err));
	WRITE(store_approve(s, a, USD(65), NOW + 1000, "ann", "for the fair", NOW, &err));
	ck_assert_int_eq(state_of(a), STATE_QUEUED);
	OK(store_approvals(s, a, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(v[0].by, "ann");
	ck_assert_int_eq(v[0].amount, USD(65));
	store_approvals_free(v, len);
	REFUSES(ERR_INPUT, store_approve(s, a, USD(65), 0, "ann", NULL, NOW, &err));
	/* Prices rose a little: still within. */
	ck_assert(claim_for(a, 1, 64, &c));
	move(&c, EVENT_FAIL);
}
END_TEST

START_TEST(an_approval_is_bound)
{
	char a[ID_SIZE];

	set_limits("global 1000");
	budget.approves = true;
	budget.approval_above = USD(50);
	submit_in(NULL, NULL, a);
	ck_assert(refused_for(a, 1, 60, "approval"));
	WRITE(store_approve(s, a, 0, NOW + 1000, "ann", NULL, NOW, &err));
	switch (_i) {
	case 0: /* to the amount */
		ck_assert(refused_for(a, 1, 61, "approval"));
		break;
	case 1: /* to the plan */
		asks.digest = "another";
		ck_assert(refused_for(a, 1, 60, "approval"));
		break;
	case 2: /* to the rule */
		budget.approval_above = USD(55);
		ck_assert(refused_for(a, 1, 60, "approval"));
		break;
	default: /* to its time */
		claim_time = NOW + 1000;
		ck_assert(refused_for(a, 1, 60, "approval"));
		claim_time = NOW;
		break;
	}
}
END_TEST

START_TEST(an_unknown_price_needs_an_amount)
{
	char a[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	asks.unpriced = true;
	asks.why_unpriced = "disk: no price is known";
	submit_in(NULL, NULL, a);
	ck_assert(refused_for(a, 1, 20, "unpriced"));
	REFUSES(ERR_INPUT, store_approve(s, a, 0, 0, "ann", NULL, NOW, &err));
	WRITE(store_approve(s, a, USD(120), 0, "ann", NULL, NOW, &err));
	/* What was allowed is what is held: and that is too much. */
	ck_assert(refused_for(a, 1, 20, "budget"));
	ck_assert_uint_eq(count_holds(a, NULL), 1);
	set_limits("global 130");
	asks.unpriced = true;
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert(claim_for(a, 1, 20, &c));
	STANDS("global", 120, 0);
	move(&c, EVENT_FAIL);
}
END_TEST

START_TEST(all_reasons_are_told_at_once)
{
	char a[ID_SIZE];

	set_limits("global 100");
	budget.approves = true;
	budget.approval_above = USD(50);
	asks.unpriced = true;
	submit_in(NULL, NULL, a);
	ck_assert(refused_for(a, 1, 120, "budget"));
	ck_assert_uint_eq(count_holds(a, "approval"), 1);
	ck_assert_uint_eq(count_holds(a, "unpriced"), 1);
	WRITE(store_approve(s, a, USD(150), 0, "ann", NULL, NOW, &err));
	ck_assert_uint_eq(count_holds(a, NULL), 1);
	ck_assert_int_eq(state_of(a), STATE_HELD); /* an approval is no money */
}
END_TEST

START_TEST(rejected_is_failed)
{
	struct objective o;
	char a[ID_SIZE];

	set_limits("global 100");
	submit_in(NULL, NULL, a);
	REFUSES(ERR_INPUT, store_reject(s, a, "ann", NULL, NOW, &err));
	ck_assert(refused_for(a, 1, 120, "budget"));
	WRITE(store_reject(s, a, "ann", "too much", NOW, &err));
	OK(store_get(s, a, &o, &err));
	ck_assert_int_eq(o.state, STATE_FAILED);
	ck_assert_str_eq(json_str(o.failure, "code"), "Rejected");
	ck_assert_str_eq(json_str(o.failure, "message"), "rejected by ann: too much");
	objective_clear(&o);
}
END_TEST

/* ---- grants ---- */

START_TEST(a_grant_raises_a_limit_for_a_time)
{
	struct grant g = { .amount = USD(50), .until_ms = NOW + 1000 };
	struct grant *v;
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c;
	size_t len;

	set_limits("global 100");
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	ck_assert(refused_for(a, 1, 120, "budget"));
	g.scope = xstrdup("global");
	g.by = xstrdup("ann");
	REFUSES(ERR_INPUT, store_grant(s, &g, NOW, &err));
	g.reason = xstrdup("the fair");
	REFUSES(ERR_INPUT, store_grant(s, &g, NOW + 1000, &err));
	WRITE(store_grant(s, &g, NOW, &err));
	OK(store_grants(s, NOW, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	store_grants_free(v, len);
	OK(store_grants(s, NOW + 1000, &v, &len, &err));
	ck_assert_uint_eq(len, 0);
	store_grants_free(v, len);
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert(claim_for(a, 1, 120, &c));
	ck_assert(!claim_for(b, 1, 31, &c));
	free(g.scope);
	free(g.by);
	free(g.reason);
}
END_TEST

/* What is decided anew and held again for the same reason is no news. */
START_TEST(a_hold_is_told_of_once)
{
	struct notice *v;
	char a[ID_SIZE];
	size_t len;

	store_want_notices(s, 1u << NOTICE_HELD);
	set_limits("global 100");
	submit_in(NULL, NULL, a);
	ck_assert(refused_for(a, 1, 120, "budget"));
	WRITE(store_budget_set(s, &budget, "other prices", NOW, &err));
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert(refused_for(a, 1, 110, "budget"));
	OK(store_notices(s, NOW, 10, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	store_notices_free(v, len);
}
END_TEST

/* ---- thresholds ---- */

static size_t
count_records(const char *event)
{
	struct audit_line *v;
	size_t len, n = 0;

	OK(store_audit_pending(s, 0, 1000, &v, &len, &err));
	for (size_t i = 0; i < len; i++)
		n += strstr(v[i].line, event) != NULL;
	store_audit_free(v, len);
	return n;
}

START_TEST(a_threshold_is_announced_once)
{
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	store_want_notices(s, 1u << NOTICE_BUDGET);
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	ck_assert(claim_for(a, 1, 80, &c));
	ck_assert_uint_eq(count_records("budget.threshold"), 2); /* 50 and 80 */
	move(&c, EVENT_FAIL);
	ck_assert(claim_for(b, 1, 100, &c));
	ck_assert_uint_eq(count_records("budget.threshold"), 3); /* and 100 */
	struct notice *v;
	size_t len;
	OK(store_notices(s, NOW, 10, &v, &len, &err));
	ck_assert_uint_eq(len, 3);
	ck_assert_ptr_nonnull(strstr(v[0].line, "\"event\":\"budget\""));
	store_notices_free(v, len);
	/* A lower limit is crossed already; these were told of. */
	set_limits("global 90");
	ck_assert_uint_eq(count_records("budget.threshold"), 3);
	move(&c, EVENT_FAIL);
}
END_TEST

/* What the attempt of a claimed one is going to cost now; whether that was admitted. */
static bool
refine(const char *id, const struct claim *c, int usd)
{
	AUTO_JSON cJSON *planned = cJSON_Parse("{\"digest\":\"d\",\"resources\":1}");
	struct objective o;

	asks.monthly = (struct amounts){ USD(usd), USD(usd), USD(usd) };
	ruling_clear(&claim_ruling);
	OK(store_get(s, id, &o, &err));
	WRITE(store_refine(s, c, &o, planned, &asks, NOW, &claim_ruling, &err));
	objective_clear(&o);
	return claim_ruling.verdict == VERDICT_ADMIT;
}

START_TEST(what_is_planned_adjusts_what_is_held)
{
	char a[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, a);
	ck_assert(claim_for(a, 1, 50, &c));
	ck_assert(refine(a, &c, 70));
	STANDS("global", 70, 0);
	ck_assert(refine(a, &c, 70));
	ck_assert(refine(a, &c, 20));
	STANDS("global", 20, 0);
	/* What stands was built at a price that it keeps. */
	add_resource(&c, "/r/a");
	ck_assert(refine(a, &c, 10));
	STANDS("global", 20, 0);
	move(&c, EVENT_SUCCEED);
	STANDS("global", 0, 20);
}
END_TEST

START_TEST(what_is_planned_above_the_limit_is_held)
{
	char a[ID_SIZE], b[ID_SIZE];
	struct claim c, d;

	set_limits("global 100");
	submit_in(NULL, NULL, a);
	submit_in(NULL, NULL, b);
	ck_assert(claim_for(a, 1, 50, &c));
	ck_assert(claim_for(b, 1, 30, &d));
	ck_assert(!refine(a, &c, 71));
	ck_assert_int_eq(state_of(a), STATE_HELD);
	ck_assert_int_eq(count_holds(a, "budget"), 1);
	STANDS("global", 80, 0);
	ck_assert_uint_eq(wake_waiting(), 0);
	succeed(&d, "/r/b");
	destroy(b, "/r/b");
	/* Its attempt goes on: what it holds need not be there twice. */
	ck_assert_uint_eq(wake_waiting(), 1);
	ck_assert(claim_for(a, 0, 0, &c));
	ck_assert(refine(a, &c, 71));
	STANDS("global", 71, 0);
}
END_TEST

START_TEST(what_is_planned_and_denied_is_for_its_attempt_to_fail)
{
	char a[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	budget.on_exceed = REACTION_DENY;
	submit_in(NULL, NULL, a);
	ck_assert(claim_for(a, 1, 50, &c));
	ck_assert(!refine(a, &c, 101));
	ck_assert_int_eq(claim_ruling.verdict, VERDICT_DENY);
	ck_assert_int_eq(state_of(a), STATE_RUNNING);
	STANDS("global", 50, 0);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = money_suite("admission", &t);

	tcase_add_test(t, every_scope_must_hold);
	tcase_add_test(t, what_waits_goes_on_when_money_is_free);
	tcase_add_test(t, who_is_held_by_the_forecast_goes_on_when_it_fits);
	tcase_add_test(t, limits_do_not_vanish);
	tcase_add_test(t, what_cannot_be_calculated_is_held);
	tcase_add_test(t, who_cannot_go_on_is_left_alone);
	tcase_add_test(t, denied_is_failed);
	tcase_add_test(t, warned_is_admitted);
	tcase_add_test(t, a_warning_is_no_hold);
	tcase_add_test(t, other_limits_are_in_force);
	tcase_add_test(t, an_approval_lifts_its_hold);
	tcase_add_loop_test(t, an_approval_is_bound, 0, 4);
	tcase_add_test(t, an_unknown_price_needs_an_amount);
	tcase_add_test(t, all_reasons_are_told_at_once);
	tcase_add_test(t, rejected_is_failed);
	tcase_add_test(t, a_grant_raises_a_limit_for_a_time);
	tcase_add_test(t, a_hold_is_told_of_once);
	tcase_add_test(t, a_threshold_is_announced_once);
	tcase_add_test(t, what_is_planned_adjusts_what_is_held);
	tcase_add_test(t, what_is_planned_above_the_limit_is_held);
	tcase_add_test(t, what_is_planned_and_denied_is_for_its_attempt_to_fail);
	return unit_run(suite);
}
