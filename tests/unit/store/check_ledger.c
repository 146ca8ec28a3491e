/* What becomes of money once it is reserved: it follows what stands. */
#include <sqlite3.h>

#include "base/mem.h"
#include "money.h"

static void
make_thing(const struct claim *c, const char *resource)
{
	char x[ID_SIZE];

	begin_execution(c, ACT_RUN, x);
	end_execution(c, x, ACT_RUN, OUTCOME_HAPPENED);
	add_resource(c, resource);
}

START_TEST(success_commits)
{
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in("RG-One", "ml", id);
	ck_assert(claim_for(id, 1, 30, &c));
	STANDS("global", 30, 0);
	STANDS("group:rg-one", 30, 0);
	STANDS("label:team=ml", 30, 0);
	ck_assert_int_eq(reservation_of(id), RESERVATION_HELD);
	make_thing(&c, "/r/1");
	move(&c, EVENT_SUCCEED);
	STANDS("global", 0, 30);
	STANDS("group:rg-one", 0, 30);
	STANDS("label:team=ml", 0, 30);
	ck_assert_int_eq(reservation_of(id), RESERVATION_COMMITTED);
}
END_TEST

START_TEST(backoff_and_doubt_keep_it)
{
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	postpone(&c, 0);
	STANDS("global", 30, 0);
	c = claim(id, 0);
	hold(&c, "in_doubt");
	STANDS("global", 30, 0);
	WRITE(store_hold_lift(s, id, "in_doubt", NULL, NOW, &err));
	c = claim(id, 0);
	move(&c, EVENT_FAIL);
	STANDS("global", 0, 0);
}
END_TEST

START_TEST(a_clean_failure_releases)
{
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	move(&c, EVENT_FAIL);
	STANDS("global", 0, 0);
	ck_assert_int_eq(reservation_of(id), RESERVATION_RELEASED);
}
END_TEST

START_TEST(what_was_undone_is_settled)
{
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	make_thing(&c, "/r/1");
	move_resource(&c, "/r/1", RESOURCE_GONE, NULL);
	move(&c, EVENT_FAIL);
	STANDS("global", 0, 0);
	ck_assert_int_eq(reservation_of(id), RESERVATION_SETTLED);
}
END_TEST

START_TEST(orphans_keep_their_money)
{
	char id[ID_SIZE];
	struct destroy_report report;
	struct strv ids = { 0 };
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	make_thing(&c, "/r/1");
	move_resource(&c, "/r/1", RESOURCE_ORPHANED, "it is locked");
	move(&c, EVENT_FAIL);
	STANDS("global", 0, 30);
	ck_assert_int_eq(reservation_of(id), RESERVATION_COMMITTED);
	strv_add(&ids, id);
	WRITE(store_destroy(s, &ids, false, "tester", NOW, &report, &err));
	strv_clear(&ids);
	c = claim(id, 0);
	move_resource(&c, "/r/1", RESOURCE_GONE, NULL);
	STANDS("global", 0, 30);
	move(&c, EVENT_DESTROYED);
	STANDS("global", 0, 0);
	ck_assert_int_eq(reservation_of(id), RESERVATION_SETTLED);
}
END_TEST

/* It took effect, but nobody knows on what: only a person can say that it is gone. */
START_TEST(what_happened_without_a_trace_keeps_it)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_HAPPENED);
	move(&c, EVENT_FAIL);
	STANDS("global", 0, 30);
}
END_TEST

START_TEST(a_fallback_keeps_and_adjusts)
{
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 60, &c));
	end_attempt(&c);
	postpone(&c, 0);
	STANDS("global", 60, 0);
	/* It needs 30 more, not 90. */
	ck_assert(claim_for(id, 2, 90, &c));
	STANDS("global", 90, 0);
	end_attempt(&c);
	postpone(&c, 0);
	ck_assert(claim_for(id, 3, 10, &c));
	STANDS("global", 10, 0);
	end_attempt(&c);
	postpone(&c, 0);
	ck_assert(!claim_for(id, 4, 101, &c));
	STANDS("global", 10, 0); /* until somebody decides */
	ck_assert_int_eq(state_of(id), STATE_HELD);
}
END_TEST

START_TEST(a_retry_over_leftovers_never_holds_less)
{
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 60, &c));
	make_thing(&c, "/r/1");
	move_resource(&c, "/r/1", RESOURCE_ORPHANED, NULL);
	move(&c, EVENT_FAIL);
	WRITE(store_retry(s, id, false, "tester", NOW, &err));
	ck_assert(claim_for(id, 2, 40, &c));
	STANDS("global", 0, 60);
	move(&c, EVENT_SUCCEED);
	STANDS("global", 0, 60);
	ck_assert_int_eq(reservation_of(id), RESERVATION_COMMITTED);
}
END_TEST

START_TEST(what_is_free_leaves_a_reservation_and_no_rows)
{
	struct ledger_report report;
	char id[ID_SIZE];
	struct claim c;

	set_limits("global 0");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 0, &c));
	move(&c, EVENT_SUCCEED);
	ck_assert_int_eq(reservation_of(id), RESERVATION_COMMITTED);
	OK(store_ledger_verify(s, &report, &err));
	ck_assert_int_eq(report.entries, 0);
	ck_assert_int_eq(report.reservations, 1);
}
END_TEST

/* Each, and what the verification says of it. */
static const struct {
	const char *sql, *fault;
} touches[] = {
	{ "UPDATE scopes SET committed = committed + 1", "totals of global" },
	{ "UPDATE scopes SET committed_units = committed_units + 1", "totals of global" },
	{ "UPDATE reservations SET high = high - 1", "which its ledger does not say" },
	{ "UPDATE reservations SET state = 'released'", "which its ledger does not say" },
	{ "UPDATE ledger SET amount = amount - 1 WHERE number = 1",
	    "but the rows so far add up to" },
	{ "DELETE FROM ledger WHERE number = 1", "rows of the ledger are missing" },
	{ "UPDATE ledger SET scopes = replace(scopes, '\"100.00\"', '\"20.00\"') WHERE number = 1",
	    "above its limit" },
	{ "DELETE FROM reservation_scopes", "counts in other scopes" },
};

START_TEST(a_ledger_that_was_touched_is_found)
{
	struct ledger_report report;
	char id[ID_SIZE], path[512];
	struct claim c;
	char *said = NULL;
	sqlite3 *db;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	make_thing(&c, "/r/1");
	move(&c, EVENT_SUCCEED);
	OK(store_ledger_verify(s, &report, &err));
	ck_assert_int_eq(report.entries, 2);
	store_close(s);
	s = NULL;
	snprintf(path, sizeof(path), "%s/purser.db", folder);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, touches[_i].sql, NULL, NULL, &said), SQLITE_OK);
	sqlite3_close(db);
	OK(store_open(folder, STORE_READ, &s, &err));
	FAILS(ERR_CORRUPT, store_ledger_verify(s, &report, &err));
	ck_assert_msg(strstr(err.msg, touches[_i].fault) != NULL, "%s", err.msg);
	store_close(s);
	s = NULL;
}
END_TEST

/* What a later attempt finds again is that attempt's; it is no run without a trace. */
START_TEST(found_again_and_undone_is_settled)
{
	char id[ID_SIZE];
	struct claim c;
	bool at_once;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 30, &c));
	make_thing(&c, "/r/1");
	move(&c, EVENT_FAIL);
	STANDS("global", 0, 30);
	WRITE(store_retry(s, id, false, "tester", NOW, &err));
	ck_assert(claim_for(id, 2, 30, &c));
	add_resource_of(&c, "/r/1", 2);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	move_resource(&c, "/r/1", RESOURCE_GONE, NULL);
	move(&c, EVENT_CANCEL);
	ck_assert_int_eq(state_of(id), STATE_CANCELLED);
	STANDS("global", 0, 0);
}
END_TEST

/* What may stand unseen keeps its money: through a retry at a lower price, and through a cancel. */
START_TEST(what_may_stand_is_never_cancelled)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct claim c;
	bool at_once;

	set_limits("global 100");
	submit_in(NULL, NULL, id);
	ck_assert(claim_for(id, 1, 60, &c));
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_HAPPENED);
	move(&c, EVENT_FAIL);
	WRITE(store_retry(s, id, false, "tester", NOW, &err));
	REFUSES(ERR_INPUT, store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert(claim_for(id, 2, 1, &c));
	STANDS("global", 0, 60);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	move(&c, EVENT_CANCEL);
	ck_assert_int_eq(state_of(id), STATE_FAILED);
	STANDS("global", 0, 60);
}
END_TEST

/* ---- at random ---- */

#define THINGS 12

struct thing {
	char id[ID_SIZE];
	struct claim c;
	bool claimed;
	int attempts;
};

static void
step_one(struct thing *t, int n, unsigned *seed)
{
	char resource[32];
	bool stands = rand_r(seed) % 2 == 0;

	snprintf(resource, sizeof(resource), "/r/%d/%d", n, t->attempts);
	if (!t->claimed) {
		t->attempts++;
		t->claimed = claim_for(t->id, t->attempts, rand_r(seed) % 40, &t->c);
		t->attempts -= !t->claimed;
		return;
	}
	t->claimed = false;
	switch (rand_r(seed) % 4) {
	case 0:
		add_resource_of(&t->c, resource, t->attempts);
		move(&t->c, EVENT_SUCCEED);
		t->id[0] = '\0';
		break;
	case 1:
		if (stands)
			add_resource_of(&t->c, resource, t->attempts);
		move(&t->c, EVENT_FAIL);
		WRITE(store_retry(s, t->id, false, "tester", test_now, &err));
		break;
	case 2:
		end_attempt(&t->c);
		postpone(&t->c, 0);
		break;
	default:
		postpone(&t->c, 0);
		t->c = claim(t->id, 0);
		t->claimed = true;
		break;
	}
}

static bool
can_step(const struct thing *t)
{
	return t->id[0] != '\0' && (t->claimed || state_of(t->id) == STATE_QUEUED);
}

START_TEST(any_order_of_events_adds_up)
{
	static const char *const groups[] = { NULL, "one", "two" };
	static const char *const teams[] = { NULL, "ml", "web", "db" };
	struct thing things[THINGS];
	struct ledger_report report;
	unsigned seed = 4711u + (unsigned)_i;
	size_t lifted;

	set_limits("global 200 group:one 90 label:team=ml 50");
	for (int i = 0; i < THINGS; i++) {
		things[i] = (struct thing){ .attempts = 0 };
		submit_in(groups[i % 3], teams[i % 4], things[i].id);
	}
	for (int round = 0; round < 150; round++) {
		int n = rand_r(&seed) % THINGS;

		/* Some three months in all. */
		test_now = claim_time = NOW + round * INT64_C(50123456);
		clock_set_for_test(test_now, 1000 + round);
		if (can_step(&things[n]))
			step_one(&things[n], n, &seed);
		OK(store_ledger_verify(s, &report, &err));
		ck_assert_int_le(outlook_of("global").run_rate, USD(200));
		ck_assert_int_le(outlook_of("group:one").run_rate, USD(90));
		ck_assert_int_le(outlook_of("label:team=ml").run_rate, USD(50));
		if (round % 20 == 0)
			WRITE(store_budget_wake(s, &budget, test_now, &lifted, &err));
	}
	test_now = claim_time = NOW;
	ck_assert_int_gt(report.entries, 20);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = money_suite("ledger", &t);

	tcase_add_test(t, success_commits);
	tcase_add_test(t, backoff_and_doubt_keep_it);
	tcase_add_test(t, a_clean_failure_releases);
	tcase_add_test(t, what_was_undone_is_settled);
	tcase_add_test(t, orphans_keep_their_money);
	tcase_add_test(t, what_happened_without_a_trace_keeps_it);
	tcase_add_test(t, a_fallback_keeps_and_adjusts);
	tcase_add_test(t, a_retry_over_leftovers_never_holds_less);
	tcase_add_test(t, found_again_and_undone_is_settled);
	tcase_add_test(t, what_may_stand_is_never_cancelled);
	tcase_add_test(t, what_is_free_leaves_a_reservation_and_no_rows);
	tcase_add_loop_test(t, a_ledger_that_was_touched_is_found, 0, COUNT_OF(touches));
	tcase_add_loop_test(t, any_order_of_events_adds_up, 0, 12);
	return unit_run(suite);
}
