/* What a person does about what failed or waits. */
#include "fixture.h"

static void
fail_one(const char *id, int attempt)
{
	struct claim c = claim(id, attempt);

	move(&c, EVENT_FAIL);
}

static int
retry(const char *id)
{
	return store_retry(s, id, false, "tester", NOW, &err);
}

START_TEST(failed_is_queued_for_a_new_attempt)
{
	char id[ID_SIZE], ids[2][ID_SIZE];
	struct objective o;

	submit_one("b", "a", id);
	fail_one(id, 1);
	WRITE(retry(id));
	OK(store_get(s, id, &o, &err));
	ck_assert_int_eq(o.state, STATE_QUEUED);
	ck_assert_int_eq(o.attempts_past, 1);
	ck_assert_int_eq(o.generation, 0);
	ck_assert_ptr_nonnull(o.failure); /* until it is tried */
	objective_clear(&o);
	ck_assert_uint_eq(ready(2, ids), 1);
	struct claim c = claim(id, 2);
	OK(store_get(s, id, &o, &err));
	ck_assert_ptr_null(o.failure);
	objective_clear(&o);
	move(&c, EVENT_FAIL);
	WRITE(store_retry(s, id, true, "tester", NOW, &err));
	OK(store_get(s, id, &o, &err));
	ck_assert_int_eq(o.attempts_past, 2);
	ck_assert_int_eq(o.generation, 1);
	objective_clear(&o);
}
END_TEST

START_TEST(backoff_is_cut_short)
{
	char id[ID_SIZE], ids[2][ID_SIZE];
	struct attempt a;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	OK(store_attempt(s, id, &a, NULL, &err));
	a.wait_until_ms = NOW + 60000;
	WRITE(store_attempt_save(s, &c, &a, &err));
	attempt_clear(&a);
	postpone(&c, NOW + 60000);
	ck_assert_uint_eq(ready(2, ids), 0);
	REFUSES(ERR_INPUT, store_retry(s, id, true, "tester", NOW, &err));
	WRITE(retry(id));
	ck_assert_uint_eq(ready(2, ids), 1);
	OK(store_attempt(s, id, &a, NULL, &err));
	ck_assert_int_eq(a.wait_until_ms, 0);
	attempt_clear(&a);
	REFUSES(ERR_INPUT, retry(id)); /* due already */
}
END_TEST

START_TEST(dependents_stay_held)
{
	struct batch b;

	submit_graph(&b, "a b:a c:b");
	fail_one(b.v[0].id, 1);
	REFUSES(ERR_INPUT, retry(b.v[2].id));
	ck_assert_ptr_nonnull(strstr(err.msg, "graph/a"));
	ck_assert_ptr_nonnull(strstr(err.msg, id_short(b.v[0].id)));
	WRITE(retry(b.v[0].id));
	ck_assert_str_eq(states(&b), "qhh");
	struct claim c = claim(b.v[0].id, 2);
	move(&c, EVENT_SUCCEED);
	ck_assert_str_eq(states(&b), "sqq");
	batch_end(&b);
}
END_TEST

/* Failed by its timeout while what it needs had failed too: it waits for that one again. */
START_TEST(retried_before_what_it_needs)
{
	struct batch b;

	batch_start(&b, "b");
	batch_add(&b, "a");
	struct objective *o = batch_add(&b, "d");
	o->deadline_ms = NOW + 1000;
	strv_add(&o->depends_on, "a");
	submit(&b);
	fail_one(b.v[0].id, 1);
	wake(NOW + 1000);
	ck_assert_str_eq(states(&b), "ff");
	REFUSES(ERR_INPUT, store_retry(s, b.v[1].id, false, NULL, NOW + 1000, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "deadline"));
	WRITE(retry(b.v[1].id)); /* as if its deadline were yet to come */
	ck_assert_str_eq(states(&b), "fh");
	WRITE(retry(b.v[0].id));
	struct claim c = claim(b.v[0].id, 2);
	move(&c, EVENT_SUCCEED);
	ck_assert_str_eq(states(&b), "sq");
	batch_end(&b);
}
END_TEST

START_TEST(what_it_needs_is_gone)
{
	struct batch b;
	struct strv ids = { NULL, 0, 0 };
	struct destroy_report report;

	submit_graph(&b, "a b:a");
	struct claim c = claim(b.v[0].id, 1);
	add_resource(&c, "/r/a");
	move(&c, EVENT_SUCCEED);
	fail_one(b.v[1].id, 1);
	strv_add(&ids, b.v[0].id);
	WRITE(store_destroy(s, &ids, false, "tester", NOW, &report, &err));
	REFUSES(ERR_INPUT, retry(b.v[1].id));
	ck_assert_ptr_nonnull(strstr(err.msg, "is being destroyed"));
	c = claim(b.v[0].id, 0);
	move_resource(&c, "/r/a", RESOURCE_GONE, NULL);
	move(&c, EVENT_DESTROYED);
	REFUSES(ERR_INPUT, retry(b.v[1].id));
	ck_assert_ptr_nonnull(strstr(err.msg, "was destroyed"));
	strv_clear(&ids);
	batch_end(&b);
}
END_TEST

START_TEST(nothing_to_retry)
{
	struct batch b;
	bool at_once;

	submit_graph(&b, "queued running succeeded cancelled held doubt");
	claim(b.v[1].id, 1);
	struct claim c = claim(b.v[2].id, 1);
	move(&c, EVENT_SUCCEED);
	WRITE(store_cancel(s, b.v[3].id, NULL, NOW, &at_once, &err));
	c = claim(b.v[4].id, 1);
	hold(&c, "approval");
	c = claim(b.v[5].id, 1);
	hold(&c, "in_doubt");
	for (size_t i = 0; i < b.len; i++)
		REFUSES(ERR_INPUT, retry(b.v[i].id));
	ck_assert_ptr_nonnull(strstr(err.msg, "purser resolve"));
	REFUSES(ERR_NOT_FOUND, retry("00000000-0000-7000-8000-000000000000"));
	batch_end(&b);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("retry", &t);

	tcase_add_test(t, failed_is_queued_for_a_new_attempt);
	tcase_add_test(t, backoff_is_cut_short);
	tcase_add_test(t, dependents_stay_held);
	tcase_add_test(t, retried_before_what_it_needs);
	tcase_add_test(t, what_it_needs_is_gone);
	tcase_add_test(t, nothing_to_retry);
	return unit_run(suite);
}
