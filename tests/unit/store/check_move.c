/* Ends, holds, dependencies, cancelling. The fixture verifies the store after each test. */
#include "fixture.h"

START_TEST(succeed_meets_dependencies)
{
	struct batch b;
	struct dependency *v;
	char ids[4][ID_SIZE];
	size_t len;
	cJSON *outputs = cJSON_CreateObject();

	submit_graph(&b, "a b:a c:a,b");
	ck_assert_uint_eq(ready(4, ids), 1);
	struct claim c = claim(b.v[0].id, 1);
	cJSON_AddStringToObject(outputs, "id", "/subscriptions/x");
	WRITE(store_outputs_add(s, &c, outputs, &err));
	OK(store_dependencies(s, b.v[1].id, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_ptr_null(v[0].outputs);
	store_dependencies_free(v, len);
	move(&c, EVENT_SUCCEED);
	ck_assert_uint_eq(ready(4, ids), 1);
	ck_assert_str_eq(ids[0], b.v[1].id);
	OK(store_dependencies(s, b.v[1].id, &v, &len, &err));
	ck_assert_str_eq(v[0].name, "a");
	ck_assert_int_eq(v[0].state, STATE_SUCCEEDED);
	ck_assert_str_eq(json_str(v[0].outputs, "id"), "/subscriptions/x");
	store_dependencies_free(v, len);
	c = claim(b.v[1].id, 1);
	move(&c, EVENT_SUCCEED);
	ck_assert_uint_eq(ready(4, ids), 1);
	ck_assert_str_eq(ids[0], b.v[2].id);
	cJSON_Delete(outputs);
	batch_end(&b);
}
END_TEST

START_TEST(failure_holds_all_dependents)
{
	struct batch b;
	struct hold *v;
	size_t len;

	submit_graph(&b, "a b:a c:b d:c,e e");
	struct claim c = claim(b.v[0].id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(states(&b), "fhhhq");
	OK(store_holds(s, b.v[3].id, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(v[0].reason, "dependency");
	ck_assert_ptr_nonnull(strstr(v[0].detail, "graph/a"));
	ck_assert_int_eq(v[0].since_ms, NOW);
	store_holds_free(v, len);
	/* Another dependency that succeeds does not release it. */
	c = claim(b.v[4].id, 1);
	move(&c, EVENT_SUCCEED);
	ck_assert_str_eq(states(&b), "fhhhs");
	batch_end(&b);
}
END_TEST

START_TEST(late_success_releases_all_dependents)
{
	struct batch b;

	submit_graph(&b, "a x b:a c:b d:c,x e:d");
	struct claim c = claim(b.v[0].id, 1);
	move(&c, EVENT_FAIL);
	c = claim(b.v[1].id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(states(&b), "ffhhhh");
	WRITE(store_retry(s, b.v[0].id, false, "tester", NOW, &err));
	c = claim(b.v[0].id, 2);
	move(&c, EVENT_SUCCEED);
	/* x still holds d and, through it, e. */
	ck_assert_str_eq(states(&b), "sfqqhh");
	WRITE(store_retry(s, b.v[1].id, false, "tester", NOW, &err));
	c = claim(b.v[1].id, 2);
	move(&c, EVENT_SUCCEED);
	ck_assert_str_eq(states(&b), "ssqqqq");
	batch_end(&b);
}
END_TEST

START_TEST(cancel_holds_dependents)
{
	struct batch b;
	bool at_once;

	submit_graph(&b, "a b:a c:b");
	WRITE(store_cancel(s, b.v[1].id, "tester", NOW, &at_once, &err));
	ck_assert(at_once);
	ck_assert_str_eq(states(&b), "qch");
	REFUSES(ERR_INPUT, store_cancel(s, b.v[1].id, "tester", NOW, &at_once, &err));
	/* A held one is cancelled as well, and its holds go. */
	WRITE(store_cancel(s, b.v[2].id, "tester", NOW, &at_once, &err));
	ck_assert(at_once);
	ck_assert_uint_eq(count_holds(b.v[2].id, NULL), 0);
	batch_end(&b);
}
END_TEST

START_TEST(a_hold_for_each_reason)
{
	char id[ID_SIZE], ids[2][ID_SIZE];
	struct batch b;

	submit_graph(&b, "a b");
	memcpy(id, b.v[1].id, ID_SIZE);
	struct claim c = claim(id, 1);
	hold(&c, "approval");
	ck_assert_int_eq(state_of(id), STATE_HELD);
	ck_assert_uint_eq(count_holds(id, "approval"), 1);
	REFUSES(ERR_NOT_FOUND, store_hold_lift(s, id, "budget", "tester", NOW, &err));
	ck_assert_uint_eq(ready(2, ids), 1);
	WRITE(store_hold_lift(s, id, "approval", "tester", NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
	ck_assert_uint_eq(ready(2, ids), 2);
	c = claim(id, 0);
	move(&c, EVENT_SUCCEED);
	batch_end(&b);
}
END_TEST

START_TEST(failure_is_kept)
{
	char id[ID_SIZE];
	struct objective o;
	struct attempt *v;
	size_t len;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	move(&c, EVENT_FAIL);
	OK(store_get(s, id, &o, &err));
	ck_assert_str_eq(json_str(o.failure, "code"), "BadRequest");
	objective_clear(&o);
	OK(store_attempts(s, id, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_int_eq(v[0].ended_ms, NOW);
	store_attempts_free(v, len);
}
END_TEST

START_TEST(cancel_of_running_is_a_wish)
{
	char id[ID_SIZE], ids[2][ID_SIZE];
	bool at_once;
	size_t len;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert(!at_once);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err)); /* once more: nothing new */
	OK(store_cancels(s, me, 2, ids, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(ids[0], id);
	move(&c, EVENT_CANCEL);
	ck_assert_int_eq(state_of(id), STATE_CANCELLED);
	OK(store_cancels(s, me, 2, ids, &len, &err));
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(cancel_of_postponed_is_undone_first)
{
	char id[ID_SIZE], x[ID_SIZE], ids[2][ID_SIZE];
	struct objective o;
	bool at_once;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_HAPPENED);
	add_resource(&c, "/subscriptions/x/resourceGroups/rg");
	postpone(&c, NOW + 60000);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert(!at_once);
	OK(store_get(s, id, &o, &err));
	ck_assert(o.cancel_wanted);
	ck_assert_int_eq(o.state, STATE_QUEUED);
	ck_assert_int_eq(o.not_before_ms, 0);
	objective_clear(&o);
	ck_assert_uint_eq(ready(2, ids), 1);
	c = claim(id, 0);
	/* The undo itself may be polled later. */
	postpone(&c, NOW + 5000);
	ck_assert_uint_eq(ready(2, ids), 0);
	ck_assert_uint_eq(wake(NOW + 5000), 1);
	c = claim(id, 0);
	WRITE(store_resource_move(
	    s, &c, "/subscriptions/X/resourcegroups/rg", RESOURCE_GONE, NULL, NOW, &err));
	move(&c, EVENT_CANCEL);
}
END_TEST

START_TEST(cancel_before_anything_happened)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct attempt *v;
	size_t len;
	bool at_once;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	begin_execution(&c, ACT_CHECK, x);
	end_execution(&c, x, ACT_CHECK, OUTCOME_IN_DOUBT);
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_DID_NOT_HAPPEN);
	postpone(&c, NOW + 60000);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert(at_once);
	OK(store_attempts(s, id, &v, &len, &err));
	ck_assert_int_eq(v[0].ended_ms, NOW);
	store_attempts_free(v, len);
}
END_TEST

START_TEST(cancel_in_doubt_is_refused)
{
	char id[ID_SIZE], x[ID_SIZE];
	bool at_once;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_IN_DOUBT);
	hold(&c, "in_doubt");
	REFUSES(ERR_INPUT, store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "resolve"));
	/* Without the doubt it is queued to be undone, without its other holds. */
	WRITE(store_hold_lift(s, id, "in_doubt", "tester", NOW, &err));
	c = claim(id, 0);
	hold(&c, "approval");
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert(!at_once);
	ck_assert_uint_eq(count_holds(id, NULL), 0);
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
}
END_TEST

START_TEST(wrong_moves_are_refused)
{
	char id[ID_SIZE];
	struct move m = { .event = EVENT_CLAIM };

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	REFUSES(ERR_CONFLICT, store_move(s, &c, &m, NOW, &err));
	m.event = EVENT_RETRY;
	REFUSES(ERR_CONFLICT, store_move(s, &c, &m, NOW, &err));
	memcpy(c.objective_id, "00000000-0000-7000-8000-000000000000", ID_SIZE);
	m.event = EVENT_SUCCEED;
	REFUSES(ERR_NOT_FOUND, store_move(s, &c, &m, NOW, &err));
}
END_TEST

START_TEST(mark_and_revert)
{
	struct batch b;
	struct move m = { .event = EVENT_SUCCEED };
	struct audit_head before, after;

	submit_graph(&b, "a b c");
	struct claim c[3] = { claim(b.v[0].id, 1), claim(b.v[1].id, 1), claim(b.v[2].id, 1) };
	OK(store_audit_head(s, &before, &err));
	OK(store_begin(s, &err));
	for (int i = 0; i < 3; i++) {
		OK(store_mark(s, &err));
		OK(store_move(s, &c[i], &m, NOW, &err));
		if (i == 1)
			store_revert(s);
		else
			OK(store_release(s, &err));
	}
	OK(store_commit(s, &err));
	ck_assert_str_eq(states(&b), "srs");
	OK(store_audit_head(s, &after, &err));
	ck_assert_int_eq(after.number, before.number + 2);
	batch_end(&b);
}
END_TEST

START_TEST(no_success_after_a_wish_to_cancel)
{
	struct batch b;
	struct attempt a;
	bool at_once;

	submit_graph(&b, "a b:a");
	struct claim c = claim(b.v[0].id, 1);
	WRITE(store_cancel(s, b.v[0].id, "tester", NOW, &at_once, &err));
	/* Its attempt was closed in the same breath: that stays, whatever is refused. */
	OK(store_attempt(s, b.v[0].id, &a, NULL, &err));
	a.ended_ms = NOW;
	struct move m = { .event = EVENT_SUCCEED };
	OK(store_begin(s, &err));
	OK(store_attempt_save(s, &c, &a, &err));
	FAILS(ERR_INPUT, store_move(s, &c, &m, NOW, &err));
	OK(store_commit(s, &err));
	OK(store_verify(s, &err));
	ck_assert_str_eq(states(&b), "rq");
	ck_assert(cancel_wanted(b.v[0].id));
	REFUSES(ERR_INPUT, store_move(s, &c, &m, NOW, &err));
	move(&c, EVENT_CANCEL);
	ck_assert_str_eq(states(&b), "ch");
	attempt_clear(&a);
	batch_end(&b);
}
END_TEST

START_TEST(cancelled_with_leftovers_has_failed)
{
	struct batch b;
	struct objective o;
	bool at_once;

	submit_graph(&b, "a b:a");
	struct claim c = claim(b.v[0].id, 1);
	add_resource(&c, "/r/1");
	add_resource(&c, "/r/2");
	WRITE(store_cancel(s, b.v[0].id, "tester", NOW, &at_once, &err));
	move_resource(&c, "/r/2", RESOURCE_GONE, NULL);
	move_resource(&c, "/r/1", RESOURCE_ORPHANED, "it is locked");
	move(&c, EVENT_CANCEL);
	ck_assert_str_eq(states(&b), "fh");
	OK(store_get(s, b.v[0].id, &o, &err));
	const char *message = json_str(o.failure, "message");
	ck_assert_ptr_nonnull(strstr(message, "was cancelled"));
	ck_assert_ptr_nonnull(strstr(message, "/r/1 (it is locked)"));
	ck_assert_ptr_null(strstr(message, "/r/2"));
	ck_assert_str_eq(json_str(o.failure, "class"), "conflict");
	ck_assert(!o.cancel_wanted);
	objective_clear(&o);
	batch_end(&b);
}
END_TEST

/* It was found in the making by a look: somebody asked for it, and nothing was run by this attempt. */
START_TEST(cancel_of_what_is_in_the_making)
{
	char id[ID_SIZE], ids[2][ID_SIZE];
	struct attempt a;
	bool at_once;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	OK(store_attempt(s, id, &a, NULL, &err));
	a.doubt_since_ms = NOW;
	WRITE(store_attempt_save(s, &c, &a, &err));
	attempt_clear(&a);
	postpone(&c, NOW + 60000);
	WRITE(store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert(!at_once);
	ck_assert(cancel_wanted(id));
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
	ck_assert_uint_eq(ready(2, ids), 1);
	claim(id, 0);
}
END_TEST

START_TEST(only_a_destroy_undoes_earlier_attempts)
{
	char id[ID_SIZE];
	bool at_once;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	add_resource(&c, "/r/1");
	end_attempt(&c);
	postpone(&c, 0);
	REFUSES(ERR_INPUT, store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "purser destroy"));
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("move", &t);

	tcase_add_test(t, succeed_meets_dependencies);
	tcase_add_test(t, failure_holds_all_dependents);
	tcase_add_test(t, late_success_releases_all_dependents);
	tcase_add_test(t, cancel_holds_dependents);
	tcase_add_test(t, a_hold_for_each_reason);
	tcase_add_test(t, failure_is_kept);
	tcase_add_test(t, cancel_of_running_is_a_wish);
	tcase_add_test(t, cancel_of_postponed_is_undone_first);
	tcase_add_test(t, cancel_before_anything_happened);
	tcase_add_test(t, cancel_in_doubt_is_refused);
	tcase_add_test(t, wrong_moves_are_refused);
	tcase_add_test(t, mark_and_revert);
	tcase_add_test(t, no_success_after_a_wish_to_cancel);
	tcase_add_test(t, cancelled_with_leftovers_has_failed);
	tcase_add_test(t, cancel_of_what_is_in_the_making);
	tcase_add_test(t, only_a_destroy_undoes_earlier_attempts);
	return unit_run(suite);
}
