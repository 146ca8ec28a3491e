/* Who works on what, in which order, and who may not any more. */
#include "fixture.h"

static void
ids_of(const struct batch *b, char (*ids)[ID_SIZE])
{
	for (size_t i = 0; i < b->len; i++)
		memcpy(ids[i], b->v[i].id, ID_SIZE);
}

static void
submit_many(const char *name, int n, bool own_groups, char (*ids)[ID_SIZE])
{
	struct batch b;

	batch_start(&b, name);
	for (int i = 0; i < n; i++) {
		char text[16];

		snprintf(text, sizeof(text), "o%d", i);
		struct objective *o = batch_add(&b, text);
		if (own_groups)
			o->resource_group = xstrdup(text);
	}
	submit(&b);
	ids_of(&b, ids);
	batch_end(&b);
}

START_TEST(oldest_first_in_a_lane)
{
	char ids[40][ID_SIZE], got[40][ID_SIZE];

	submit_many("b", 40, false, ids);
	ck_assert_uint_eq(ready(40, got), 40);
	for (int i = 0; i < 40; i++)
		ck_assert_str_eq(got[i], ids[i]);
}
END_TEST

START_TEST(priority_goes_before_all)
{
	char got[10][ID_SIZE], many[4][ID_SIZE];
	struct batch b;

	submit_many("low", 4, true, many);
	batch_start(&b, "mixed");
	batch_add(&b, "normal");
	batch_add(&b, "high")->priority = 10;
	batch_add(&b, "low")->priority = -10;
	batch_add(&b, "higher")->priority = 11;
	submit(&b);
	ck_assert_uint_eq(ready(10, got), 8);
	ck_assert_str_eq(got[0], b.v[3].id);
	ck_assert_str_eq(got[1], b.v[1].id);
	ck_assert_str_eq(got[7], b.v[2].id);
	batch_end(&b);
}
END_TEST

/* A batch of many lanes and one of a single lane take turns; really claiming gives what was foretold. */
START_TEST(batches_take_turns)
{
	char wide[20][ID_SIZE], narrow[5][ID_SIZE], told[25][ID_SIZE], one[1][ID_SIZE];
	struct claim c;

	submit_many("wide", 20, true, wide);
	submit_many("narrow", 5, false, narrow);
	ck_assert_uint_eq(ready(25, told), 25);
	for (int i = 0; i < 5; i++) {
		ck_assert_str_eq(told[2 * i], wide[i]);
		ck_assert_str_eq(told[2 * i + 1], narrow[i]);
	}
	for (int i = 0; i < 25; i++) {
		ck_assert_uint_eq(ready(1, one), 1);
		ck_assert_str_eq(one[0], told[i]);
		WRITE(try_claim(s, one[0], me, 1, &c));
	}
	ck_assert_uint_eq(ready(1, one), 0);
}
END_TEST

START_TEST(lanes_of_a_batch_take_turns)
{
	char got[6][ID_SIZE];
	struct batch b;

	batch_start(&b, "b");
	for (int i = 0; i < 6; i++) {
		char name[16];

		snprintf(name, sizeof(name), "o%d", i);
		/* Spelled differently, it is the same group to Azure. */
		batch_add(&b, name)->resource_group = xstrdup(i < 2 ? "rg-big"
			: i < 4                                     ? "RG-Big"
								    : "rg-small");
	}
	submit(&b);
	ck_assert_uint_eq(ready(6, got), 6);
	ck_assert_str_eq(got[0], b.v[0].id);
	ck_assert_str_eq(got[1], b.v[4].id);
	ck_assert_str_eq(got[2], b.v[1].id);
	ck_assert_str_eq(got[3], b.v[5].id);
	ck_assert_str_eq(got[4], b.v[2].id);
	batch_end(&b);
}
END_TEST

START_TEST(only_one_batch)
{
	char a[3][ID_SIZE], b[2][ID_SIZE], got[10][ID_SIZE];
	size_t len;

	submit_many("a", 3, false, a);
	submit_many("b", 2, false, b);
	OK(store_ready(s, "b", NOW, 10, got, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(got[0], b[0]);
	FAILS(ERR_NOT_FOUND, store_ready(s, "c", NOW, 10, got, &len, &err));
}
END_TEST

START_TEST(two_handles_never_take_the_same)
{
	char ids[50][ID_SIZE], mine[8][ID_SIZE], theirs[8][ID_SIZE];
	struct store *second;
	size_t len, taken = 0, conflicts = 0;
	struct claim c;

	submit_many("race", 50, false, ids);
	OK(store_open(folder, STORE_WRITE, &second, &err));
	while ((len = ready(8, mine)) > 0) {
		size_t also;

		OK(store_ready(second, NULL, NOW, 8, theirs, &also, &err));
		ck_assert_uint_eq(also, len);
		OK(store_begin(s, &err));
		FAILS(ERR_BUSY, store_begin(second, &err));
		OK(try_claim(s, mine[0], me, 1, &c));
		OK(store_commit(s, &err));
		taken++;
		OK(store_begin(second, &err));
		for (size_t i = 0; i < also && i < 2; i++) {
			if (try_claim(second, theirs[i], other, 1, &c) == 0) {
				taken++;
			} else {
				ck_assert_int_eq(err.kind, ERR_CONFLICT);
				conflicts++;
			}
		}
		OK(store_commit(second, &err));
	}
	ck_assert_uint_eq(taken, 50);
	ck_assert_uint_eq(conflicts, 25);
	store_close(second);
}
END_TEST

START_TEST(revision_decides)
{
	char id[ID_SIZE];
	struct objective o;
	struct claim c;

	submit_one("b", "a", id);
	OK(store_get(s, id, &o, &err));
	c = claim(id, 1);
	postpone(&c, 0);
	REFUSES(ERR_CONFLICT,
	    store_claim(s, &o, me, NULL, NULL, NULL, NULL, NOW, &c, &claim_due, &claim_ruling,
		&err));
	objective_clear(&o);
	c = claim(id, 0);
	ck_assert_int_eq(state_of(id), STATE_RUNNING);
}
END_TEST

/* Also one's own: what is still under way from the claim before must not end the next one. */
START_TEST(older_claim_of_the_same_runner)
{
	char id[ID_SIZE];
	struct move m = { .event = EVENT_SUCCEED };

	submit_one("b", "a", id);
	struct claim first = claim(id, 1);
	postpone(&first, 0);
	struct claim second = claim(id, 0);
	ck_assert_int_gt(second.fence, first.fence);
	REFUSES(ERR_CONFLICT, store_move(s, &first, &m, NOW, &err));
	WRITE(store_move(s, &second, &m, NOW, &err));
}
END_TEST

START_TEST(attempts_are_numbered_and_resumed)
{
	char id[ID_SIZE];
	struct claim c;

	submit_one("b", "a", id);
	REFUSES(ERR_CONFLICT, try_claim(s, id, me, 0, &c)); /* nothing to go on with */
	REFUSES(ERR_CONFLICT, try_claim(s, id, me, 2, &c));
	c = claim(id, 1);
	postpone(&c, 0);
	REFUSES(ERR_CONFLICT, try_claim(s, id, me, 2, &c)); /* the first is open */
	claim(id, 0);
}
END_TEST

START_TEST(unknown_runner_claims_nothing)
{
	char id[ID_SIZE], gone[ID_SIZE];
	struct claim c;

	submit_one("b", "a", id);
	runner_register(gone, "gone");
	WRITE(store_runner_remove(s, gone, &err));
	REFUSES(ERR_CONFLICT, try_claim(s, id, gone, 1, &c));
	struct runner r = { .id = "" };
	memcpy(r.id, gone, ID_SIZE);
	REFUSES(ERR_CONFLICT, store_runner_renew(s, &r, &err));
}
END_TEST

START_TEST(taken_over_is_fenced)
{
	char id[ID_SIZE], x[ID_SIZE], ids[4][ID_SIZE];
	struct claim old, new, newer;
	struct move m = { .event = EVENT_SUCCEED };
	struct attempt a;
	struct execution ex;
	size_t len;

	submit_one("b", "a", id);
	old = claim(id, 1);
	begin_execution(&old, ACT_RUN, x);
	OK(store_owned(s, me, 4, ids, &len, &err));
	ck_assert_uint_eq(len, 1);
	OK(store_owned(s, NULL, 4, ids, &len, &err));
	ck_assert_uint_eq(len, 0);
	WRITE(store_runner_remove(s, me, &err));
	OK(store_owned(s, NULL, 4, ids, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(ids[0], id);

	WRITE(store_take_over(s, id, me, other, NOW, &new, &err));
	ck_assert_int_gt(new.fence, old.fence);
	REFUSES(ERR_CONFLICT, store_take_over(s, id, me, other, NOW, &newer, &err));
	REFUSES(ERR_CONFLICT, store_move(s, &old, &m, NOW, &err));
	OK(store_attempt(s, id, &a, NULL, &err));
	REFUSES(ERR_CONFLICT, store_attempt_save(s, &old, &a, &err));
	attempt_clear(&a);
	OK(store_open_execution(s, id, &ex, &err));
	ck_assert_int_eq(ex.fence, old.fence);
	REFUSES(ERR_CONFLICT, store_execution_end(s, &old, &ex, &err));
	execution_clear(&ex);
	end_execution(&new, x, ACT_RUN, OUTCOME_HAPPENED);
	WRITE(store_move(s, &new, &m, NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_SUCCEEDED);
	REFUSES(ERR_CONFLICT, store_move(s, &new, &m, NOW, &err));
}
END_TEST

START_TEST(scheduled_ones_wake)
{
	struct batch b;
	char ids[8][ID_SIZE];
	int64_t when;

	batch_start(&b, "later");
	batch_add(&b, "a")->not_before_ms = NOW + 2000;
	batch_add(&b, "b")->not_before_ms = NOW + 1000;
	batch_add(&b, "now");
	submit(&b);
	ck_assert_uint_eq(ready(8, ids), 1);
	OK(store_next_wake(s, &when, &err));
	ck_assert_int_eq(when, NOW + 1000);
	ck_assert_uint_eq(wake(NOW + 999), 0);
	ck_assert_uint_eq(wake(NOW + 1000), 1);
	ck_assert_uint_eq(ready(8, ids), 2);
	ck_assert_uint_eq(wake(NOW + 5000), 1);
	ck_assert_uint_eq(ready(8, ids), 3);
	OK(store_next_wake(s, &when, &err));
	ck_assert_int_eq(when, 0);
	batch_end(&b);
}
END_TEST

START_TEST(postponed_ones_wake)
{
	char id[ID_SIZE], ids[2][ID_SIZE];

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	postpone(&c, NOW + 500);
	ck_assert_uint_eq(ready(2, ids), 0);
	REFUSES(ERR_CONFLICT, try_claim(s, id, me, 0, &c));
	ck_assert_uint_eq(wake(NOW + 500), 1);
	ck_assert_uint_eq(ready(2, ids), 1);
	c = claim(id, 0);
	move(&c, EVENT_SUCCEED);
}
END_TEST

START_TEST(wakes_at_most_256)
{
	struct batch b;

	batch_start(&b, "later");
	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof(name), "o%d", i);
		batch_add(&b, name)->not_before_ms = NOW + 1 + i;
	}
	submit(&b);
	ck_assert_uint_eq(wake(NOW + 1000), 256);
	ck_assert_uint_eq(wake(NOW + 1000), 44);
	ck_assert_uint_eq(wake(NOW + 1000), 0);
	batch_end(&b);
}
END_TEST

START_TEST(deadlines_fail_what_waits)
{
	struct batch b;
	struct objective o;
	int64_t when;

	batch_start(&b, "late");
	batch_add(&b, "queued")->deadline_ms = NOW + 10;
	strv_add(&batch_add(&b, "dependent")->depends_on, "queued");
	batch_add(&b, "begun")->deadline_ms = NOW + 10;
	batch_add(&b, "held")->deadline_ms = NOW + 20;
	submit(&b);
	struct claim c = claim(b.v[2].id, 1);
	postpone(&c, NOW + 5);
	ck_assert_uint_eq(wake(NOW + 6), 1);
	OK(store_next_wake(s, &when, &err));
	ck_assert_int_eq(when, NOW + 10);
	ck_assert_uint_eq(woken.moved, 1);
	ck_assert_uint_eq(woken.expired, 0);
	ck_assert_uint_eq(wake(NOW + 10), 1);
	ck_assert_uint_eq(woken.moved, 0);
	ck_assert_uint_eq(woken.expired, 1);
	ck_assert_str_eq(woken.ids[0], b.v[0].id);
	OK(store_get(s, b.v[0].id, &o, &err));
	ck_assert_int_eq(o.state, STATE_FAILED);
	ck_assert_str_eq(json_str(o.failure, "class"), "timeout");
	objective_clear(&o);
	ck_assert_int_eq(state_of(b.v[1].id), STATE_HELD);
	ck_assert_int_eq(state_of(b.v[2].id), STATE_QUEUED); /* its runner decides */
	ck_assert_uint_eq(wake(NOW + 20), 1);
	ck_assert_int_eq(state_of(b.v[3].id), STATE_FAILED);
	batch_end(&b);
}
END_TEST

START_TEST(claim_after_deadline_is_refused)
{
	struct batch b;
	struct claim c;

	batch_start(&b, "late");
	batch_add(&b, "a")->deadline_ms = NOW;
	submit(&b);
	REFUSES(ERR_CONFLICT, try_claim(s, b.v[0].id, me, 1, &c));
	batch_end(&b);
}
END_TEST

START_TEST(runners_are_listed)
{
	struct runner *v;
	size_t len;

	OK(store_runners(s, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	v[0].lease_boot_ms = 77;
	WRITE(store_runner_renew(s, &v[0], &err));
	char id[ID_SIZE];
	memcpy(id, v[0].id, ID_SIZE);
	store_runners_free(v, len);
	OK(store_runners(s, &v, &len, &err));
	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(v[i].lease_boot_ms, strcmp(v[i].id, id) == 0 ? 77 : 0);
	store_runners_free(v, len);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("claim", &t);

	tcase_add_test(t, oldest_first_in_a_lane);
	tcase_add_test(t, priority_goes_before_all);
	tcase_add_test(t, batches_take_turns);
	tcase_add_test(t, lanes_of_a_batch_take_turns);
	tcase_add_test(t, only_one_batch);
	tcase_add_test(t, two_handles_never_take_the_same);
	tcase_add_test(t, revision_decides);
	tcase_add_test(t, older_claim_of_the_same_runner);
	tcase_add_test(t, attempts_are_numbered_and_resumed);
	tcase_add_test(t, unknown_runner_claims_nothing);
	tcase_add_test(t, taken_over_is_fenced);
	tcase_add_test(t, scheduled_ones_wake);
	tcase_add_test(t, postponed_ones_wake);
	tcase_add_test(t, wakes_at_most_256);
	tcase_add_test(t, deadlines_fail_what_waits);
	tcase_add_test(t, claim_after_deadline_is_refused);
	tcase_add_test(t, runners_are_listed);
	return unit_run(suite);
}
