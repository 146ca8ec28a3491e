/* Actual cost: whose it is, what an import replaces, and what the scopes know of it. */
#include "money.h"

#include "store/actual.h"

#define DAY INT64_C(86400000)
#define TODAY (NOW - NOW % DAY) /* 2025-11-21 */
#define RG "/subscriptions/s/resourceGroups/web"
#define VM RG "/providers/Microsoft.Compute/virtualMachines/web-1"

static struct import_report report;
static struct charge charges[20];
static size_t n_charges;

static void
charge_on(int64_t day_ms, const char *resource, const char *tagged, money_t amount)
{
	charges[n_charges++] = (struct charge){
		.account = (char *)(uintptr_t) "s",
		.day_ms = day_ms,
		.resource = (char *)(uintptr_t)resource,
		.tagged = (char *)(uintptr_t)tagged,
		.resource_group = (char *)(uintptr_t) "Web",
		.service = (char *)(uintptr_t) "Compute",
		.amount = amount,
	};
}

static void
import_at(int64_t now_ms)
{
	WRITE(store_import_charges(s, "bill.csv", charges, n_charges, now_ms, &report, &err));
	n_charges = 0;
}

/* What an objective (NULL: none of ours) cost in the month of NOW; *until_ms may be NULL. */
static money_t
actual_of(const char *id, int64_t *until_ms)
{
	struct actual *v;
	money_t amount = 0;
	size_t len;

	OK(store_actuals(s, month_of(NOW), &v, &len, &err));
	for (size_t i = 0; i < len; i++) {
		ck_assert_int_eq(*v[i].objective_id == '\0', v[i].service != NULL);
		if (strcmp(v[i].objective_id, id != NULL ? id : "") != 0)
			continue;
		amount += v[i].amount;
		if (until_ms != NULL)
			*until_ms = v[i].until_ms;
	}
	store_actuals_free(v, len);
	return amount;
}

/* An objective for so many dollars a month that stands from NOW on, with this resource. */
static void
stand(const char *resource, int usd, char id[static ID_SIZE])
{
	char x[ID_SIZE];
	struct claim c;

	set_limits("global 1000");
	submit_in("Web", "ml", id);
	ck_assert(claim_for(id, 1, usd, &c));
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_HAPPENED);
	add_resource(&c, resource);
	move(&c, EVENT_SUCCEED);
}

/* ---- whose it is ---- */

START_TEST(by_resource_whatever_its_case)
{
	char id[ID_SIZE];
	int64_t until_ms;

	stand(VM, 30, id);
	charge_on(TODAY,
	    "/SUBSCRIPTIONS/s/resourcegroups/WEB/providers/microsoft.compute/virtualmachines/WEB-1",
	    NULL, USD(2));
	charge_on(TODAY, RG "/providers/Microsoft.Compute/virtualMachines/web-10", NULL, USD(4));
	import_at(NOW);
	ck_assert_int_eq(actual_of(id, &until_ms), USD(2));
	ck_assert_int_eq(until_ms, TODAY + DAY);
	ck_assert_int_eq(actual_of(NULL, NULL), USD(4));
	ck_assert_int_eq(report.charges, 2);
	ck_assert_int_eq(report.matched, 1);
	ck_assert_int_eq(report.unmatched, 1);
	ck_assert_int_eq(report.matched_amount, USD(2));
	ck_assert_int_eq(report.unmatched_amount, USD(4));
	ck_assert_int_eq(report.first_ms, TODAY);
	ck_assert_int_eq(report.last_ms, TODAY);
}
END_TEST

START_TEST(by_tag_and_by_what_holds_it)
{
	char group[ID_SIZE], tagged[ID_SIZE];

	stand(RG, 30, group);
	stand("/subscriptions/s/resourceGroups/else", 30, tagged);
	charge_on(TODAY, VM, NULL, USD(1));
	charge_on(TODAY, VM "/extensions/e", tagged, USD(2));
	/* Its own resource goes before a tag that was copied. */
	charge_on(TODAY, RG, tagged, USD(4));
	charge_on(TODAY, RG "-2", NULL, USD(8));
	charge_on(TODAY, "", tagged, USD(16));
	charge_on(TODAY, "", NULL, USD(32));
	charge_on(TODAY, "web-1", "0193a5b2-7c4e-7d1f-8a2b-3c4d5e6f7a8b", USD(64));
	import_at(NOW);
	ck_assert_int_eq(actual_of(group, NULL), USD(5));
	ck_assert_int_eq(actual_of(tagged, NULL), USD(18));
	ck_assert_int_eq(actual_of(NULL, NULL), USD(104));
}
END_TEST

/* The same name at another time is another thing. */
START_TEST(only_while_it_stood)
{
	char first[ID_SIZE];
	struct claim c;

	set_limits("global 1000");
	submit_in("Web", NULL, first);
	ck_assert(claim_for(first, 1, 30, &c));
	add_resource(&c, VM);
	move_resource(&c, VM, RESOURCE_GONE, NULL);
	charge_on(TODAY - 5 * DAY, VM, NULL, USD(1));
	charge_on(TODAY - DAY, VM, NULL, USD(2)); /* it was complete on the next day */
	charge_on(TODAY, VM, NULL, USD(4));
	charge_on(TODAY + DAY, VM, NULL, USD(8));
	import_at(NOW + 2 * DAY);
	ck_assert_int_eq(actual_of(first, NULL), USD(6));
	ck_assert_int_eq(actual_of(NULL, NULL), USD(9));
}
END_TEST

/* ---- what is replaced ---- */

START_TEST(days_of_an_account_are_replaced)
{
	charge_on(TODAY - DAY, "/r/1", NULL, USD(1));
	charge_on(TODAY, "/r/1", NULL, USD(2));
	charge_on(TODAY, "/r/2", NULL, USD(4));
	import_at(NOW);
	ck_assert_int_eq(report.replaced, 0);
	ck_assert_int_eq(report.days, 2);
	charge_on(TODAY, "/r/1", NULL, USD(8));
	import_at(NOW);
	ck_assert_int_eq(report.replaced, 2);
	ck_assert_int_eq(actual_of(NULL, NULL), USD(9));
	charge_on(TODAY, "/r/1", NULL, USD(16));
	charges[0].account = (char *)(uintptr_t) "other";
	import_at(NOW);
	ck_assert_int_eq(report.replaced, 0);
	ck_assert_int_eq(actual_of(NULL, NULL), USD(25));
	import_at(NOW);
	ck_assert_int_eq(report.charges, 0);
	ck_assert_int_eq(actual_of(NULL, NULL), USD(25));
}
END_TEST

START_TEST(nothing_outside_of_a_transaction_and_nothing_of_a_reverted_one)
{
	charge_on(TODAY, "/r/1", NULL, USD(1));
	OK(store_begin(s, &err));
	OK(store_import_charges(s, "x", charges, n_charges, NOW, &report, &err));
	store_rollback(s);
	ck_assert_int_eq(actual_of(NULL, NULL), 0);
	charge_on(TODAY, "/r/2", NULL, MONEY_MAX);
	REFUSES(ERR_INPUT, store_import_charges(s, "x", charges, n_charges, NOW, &report, &err));
	ck_assert_int_eq(actual_of(NULL, NULL), 0);
}
END_TEST

START_TEST(unmatched_by_group_and_service)
{
	struct actual *v;
	size_t len;

	charge_on(TODAY, "/r/1", NULL, USD(1));
	charge_on(TODAY, "/r/2", NULL, -USD(3));
	charges[1].resource_group = (char *)(uintptr_t) "WEB";
	charge_on(TODAY, "/r/2", NULL, USD(5));
	charges[2].service = (char *)(uintptr_t) "Storage";
	import_at(NOW);
	OK(store_actuals(s, month_of(NOW), &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(v[0].service, "Compute");
	ck_assert_int_eq(v[0].amount, -USD(2));
	ck_assert_str_eq(v[1].service, "Storage");
	ck_assert_int_eq(v[1].amount, USD(5));
	store_actuals_free(v, len);
	OK(store_actuals(s, month_of(NOW) - 1, &v, &len, &err));
	ck_assert_uint_eq(len, 0);
	store_actuals_free(v, len);
}
END_TEST

/* ---- what the scopes know ---- */

static struct outlook
outlook_at(const char *scope, int64_t now_ms)
{
	struct standing st;
	struct outlook out;

	OK(store_standing(s, scope, now_ms, &st, &err));
	OK(standing_outlook(&st, now_ms, &out, &err));
	standing_clear(&st);
	return out;
}

/* 30 a month from second 1734800 of the month on; what is known reaches to 2073600, now is 2166800. */
START_TEST(actual_takes_the_place_of_what_was_accrued)
{
	static const char *const scopes[] = { "global", "group:web", "label:team=ml" };
	const int64_t later = NOW + 5 * DAY;
	char id[ID_SIZE], other_id[ID_SIZE];

	stand(VM, 30, id);
	ck_assert_int_eq(outlook_at("global", later).spent, USD(5));
	for (int i = 1; i <= 3; i++)
		charge_on(TODAY + i * DAY, VM, NULL, i * USD(1) + i);
	charge_on(TODAY + DAY, "/r/else", NULL, USD(100));
	import_at(later);
	for (size_t i = 0; i < COUNT_OF(scopes); i++) {
		struct outlook out = outlook_at(scopes[i], later);

		ck_assert_int_eq(out.spent, USD(6) + 6 + INT64_C(1078703704));
		ck_assert_int_eq(out.committed, USD(30));
	}
	/* One that stands too but has no charges counts by its estimate. */
	stand(RG "2", 30, other_id);
	ck_assert_int_eq(outlook_at("global", later).spent, USD(11) + 6 + INT64_C(1078703704));
	/* Again the same: nothing is counted twice. */
	for (int i = 1; i <= 3; i++)
		charge_on(TODAY + i * DAY, VM, NULL, i * USD(1) + i);
	import_at(later);
	ck_assert_int_eq(outlook_at("global", later).spent, USD(11) + 6 + INT64_C(1078703704));
	/* In the next month it is history. */
	ck_assert_int_eq(outlook_at("global", month_start_ms(month_of(NOW) + 1)).spent, 0);
}
END_TEST

/* Another account knows more days; that says nothing about this one's. */
START_TEST(known_up_to_its_own_last_day)
{
	const int64_t later = NOW + 5 * DAY;
	char id[ID_SIZE];

	stand(VM, 30, id);
	charge_on(TODAY + DAY, VM, NULL, USD(1));
	charge_on(TODAY + 3 * DAY, "/r/else", NULL, USD(1));
	charge_on(TODAY + 4 * DAY, "/r/else", NULL, USD(1));
	charges[2].account = (char *)(uintptr_t) "other";
	import_at(later);
	/* From the end of its second day on the estimate counts: 30 * (5 days - 1 day 17200 s) / 30 days. */
	ck_assert_int_eq(outlook_at("global", later).spent, USD(1) + INT64_C(3078703704));
}
END_TEST

START_TEST(what_is_known_of_today_replaces_nothing_yet)
{
	char id[ID_SIZE];

	stand(VM, 36, id);
	charge_on(TODAY, VM, NULL, USD(7));
	import_at(NOW + 3600000);
	/* The day is not over, and neither are its charges: 36 * 3600 / 2592000 stays. */
	ck_assert_int_eq(outlook_at("global", NOW + 3600000).spent, USD(7) + USD(5) / 100);
	ck_assert_int_eq(outlook_at("global", NOW + 7200000).spent, USD(7) + USD(10) / 100);
}
END_TEST

START_TEST(earlier_months_leave_the_scopes_alone)
{
	char id[ID_SIZE];

	stand(VM, 30, id);
	charge_on(month_start_ms(month_of(NOW)) - DAY, VM, id, USD(7));
	charge_on(month_start_ms(month_of(NOW)) - DAY, RG, id, USD(9));
	import_at(NOW);
	ck_assert_int_eq(report.matched, 2);
	ck_assert_int_eq(outlook_at("global", NOW).spent, 0);
}
END_TEST

/* What has ended is replaced too. */
START_TEST(settled_ones_count)
{
	const int64_t later = NOW + DAY;
	char id[ID_SIZE], x[ID_SIZE];
	struct move m = { .event = EVENT_FAIL };
	struct failure f = { .class = FAILURE_UNKNOWN };
	struct claim c;

	set_limits("global 1000");
	submit_in("Web", NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_HAPPENED);
	add_resource(&c, VM);
	move_resource(&c, VM, RESOURCE_GONE, NULL);
	failure_set(&f, FAILURE_INVALID, "BadRequest", "create", "it was refused");
	m.failure = &f;
	WRITE(store_move(s, &c, &m, later, &err));
	failure_clear(&f);
	/* A day of 30 a month. */
	ck_assert_int_eq(outlook_at("global", later).spent, USD(1));
	charge_on(TODAY, VM, NULL, USD(1) / 2);
	charge_on(TODAY + DAY, "/r/else", NULL, USD(1) / 2);
	import_at(later);
	/* And of its second day, of which nothing is known, what it is estimated at. */
	ck_assert_int_eq(outlook_at("global", later).spent, USD(1) / 2 + INT64_C(78703704));
}
END_TEST

/* How often a threshold was announced. */
static size_t
announced(void)
{
	struct audit_line *v;
	size_t len, n = 0;

	OK(store_audit_pending(s, 0, 100, &v, &len, &err));
	for (size_t i = 0; i < len; i++)
		n += strstr(v[i].line, "\"budget.threshold\"") != NULL;
	store_audit_free(v, len);
	return n;
}

/* 80 % by what things really cost, which nobody had estimated. */
START_TEST(thresholds_that_it_crosses_are_announced)
{
	char id[ID_SIZE];

	stand(VM, 30, id);
	set_limits("global 100");
	budget.thresholds[0] = 80 * DECIMAL_ONE;
	budget.n_thresholds = 1;
	WRITE(store_actual_announce(s, &budget, NOW, &err));
	ck_assert_uint_eq(announced(), 0);
	charge_on(TODAY, VM, NULL, USD(75));
	import_at(NOW);
	WRITE(store_actual_announce(s, &budget, NOW, &err));
	ck_assert_uint_eq(announced(), 1);
	WRITE(store_actual_announce(s, &budget, NOW, &err));
	ck_assert_uint_eq(announced(), 1);
}
END_TEST

START_TEST(it_is_in_the_audit)
{
	struct audit_line *v;
	bool found = false;
	size_t len;

	charge_on(TODAY, "/r/1", NULL, USD(3) / 2);
	import_at(NOW);
	OK(store_audit_pending(s, 0, 100, &v, &len, &err));
	for (size_t i = 0; i < len; i++) {
		AUTO_JSON cJSON *line = cJSON_Parse(v[i].line);

		if (strcmp(json_str(line, "event"), "costs.imported") != 0)
			continue;
		found = true;
		ck_assert_ptr_nonnull(strstr(v[i].line, "\"file\":\"bill.csv\""));
		ck_assert_ptr_nonnull(strstr(v[i].line, "\"unmatched_amount\":\"1.50\""));
		ck_assert_ptr_nonnull(strstr(v[i].line, "\"first\":\"2025-11-21\""));
	}
	store_audit_free(v, len);
	ck_assert(found);
}
END_TEST

int
main(void)
{
	TCase *tests;
	Suite *suite = money_suite("actual", &tests);

	tcase_add_test(tests, by_resource_whatever_its_case);
	tcase_add_test(tests, by_tag_and_by_what_holds_it);
	tcase_add_test(tests, only_while_it_stood);
	tcase_add_test(tests, days_of_an_account_are_replaced);
	tcase_add_test(tests, nothing_outside_of_a_transaction_and_nothing_of_a_reverted_one);
	tcase_add_test(tests, unmatched_by_group_and_service);
	tcase_add_test(tests, actual_takes_the_place_of_what_was_accrued);
	tcase_add_test(tests, known_up_to_its_own_last_day);
	tcase_add_test(tests, what_is_known_of_today_replaces_nothing_yet);
	tcase_add_test(tests, earlier_months_leave_the_scopes_alone);
	tcase_add_test(tests, settled_ones_count);
	tcase_add_test(tests, thresholds_that_it_crosses_are_announced);
	tcase_add_test(tests, it_is_in_the_audit);
	return unit_run(suite);
}
