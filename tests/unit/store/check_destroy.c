/* Tearing down: what is undone, in which order, and what stands in the way. */
#include "fixture.h"

/* Ends with success; with a resource named after the objective if it is to stand. */
static void
build(const char *id, const char *resource)
{
	struct claim c = claim(id, 1);

	if (resource != NULL)
		add_resource(&c, resource);
	move(&c, EVENT_SUCCEED);
}

static void
build_graph(struct batch *b, const char *graph)
{
	submit_graph(b, graph);
	for (size_t i = 0; i < b->len; i++) {
		char resource[100];

		snprintf(resource, sizeof(resource), "/r/%s", b->v[i].name);
		build(b->v[i].id, resource);
	}
}

static int
try_destroy(const char *const *ids, size_t n, bool cascade, struct destroy_report *report)
{
	CLEANUP(strv_clear) struct strv list = { NULL, 0, 0 };

	for (size_t i = 0; i < n; i++)
		strv_add(&list, ids[i]);
	return store_destroy(s, &list, cascade, "tester", NOW, report, &err);
}

static struct destroy_report
destroy(const char *id, bool cascade)
{
	struct destroy_report report;

	WRITE(try_destroy(&id, 1, cascade, &report));
	return report;
}

/* What an undo does to a claimed one that made /r/NAME. */
static void
undo(const char *id, const char *resource)
{
	struct claim c = claim(id, 0);

	move_resource(&c, resource, RESOURCE_GONE, NULL);
	move(&c, EVENT_DESTROYED);
}

START_TEST(undone_by_an_attempt_of_its_own)
{
	char id[ID_SIZE];
	struct objective o;
	struct attempt a;
	struct plan plan;
	struct destroy_report report;

	submit_one("b", "a", id);
	build(id, "/r/a");
	report = destroy(id, false);
	ck_assert_uint_eq(report.queued, 1);
	OK(store_get(s, id, &o, &err));
	ck_assert_int_eq(o.state, STATE_QUEUED);
	ck_assert(o.destroying);
	ck_assert_int_eq(o.generation, 1);
	ck_assert_int_eq(o.attempts_past, 1);
	ck_assert_ptr_null(o.outputs);
	objective_clear(&o);
	OK(store_attempt(s, id, &a, &plan, &err));
	ck_assert_int_eq(a.number, 2);
	ck_assert_int_eq(a.undoes, 1);
	ck_assert_int_eq(a.phase, PHASE_UNDO);
	ck_assert_int_eq(a.goal, GOAL_DESTROYED);
	ck_assert_str_eq(a.strategy, "azure_cli");
	ck_assert_str_eq(plan.steps[0].name, "create");
	attempt_clear(&a);
	plan_clear(&plan);
	OK(store_plan(s, id, 2, &plan, &err));
	ck_assert_uint_eq(plan.len, 1);
	plan_clear(&plan);
	FAILS(ERR_NOT_FOUND, store_plan(s, id, 3, &plan, &err));
	/* Once more: it is under way. */
	report = destroy(id, false);
	ck_assert_uint_eq(report.left, 1);
	undo(id, "/r/a");
	OK(store_get(s, id, &o, &err));
	ck_assert_int_eq(o.state, STATE_DESTROYED);
	ck_assert(!o.destroying);
	objective_clear(&o);
	report = destroy(id, false);
	ck_assert_uint_eq(report.left, 1);
}
END_TEST

START_TEST(key_and_name_are_free_again)
{
	struct batch b;
	struct submitted out;

	batch_start(&b, "b");
	batch_add(&b, "a")->key = xstrdup("k");
	submit(&b);
	build(b.v[0].id, "/r/a");
	destroy(b.v[0].id, false);
	batch_end(&b);
	batch_start(&b, "b");
	batch_add(&b, "a")->key = xstrdup("k");
	out = submit(&b);
	ck_assert_uint_eq(out.known, 1);
	undo(b.v[0].id, "/r/a");
	out = submit(&b);
	ck_assert_uint_eq(out.added, 1);
	batch_end(&b);
}
END_TEST

START_TEST(depends_on_what_is_being_destroyed)
{
	struct batch b;
	struct submitted out;

	batch_start(&b, "b");
	batch_add(&b, "a")->key = xstrdup("k");
	submit(&b);
	build(b.v[0].id, "/r/a");
	destroy(b.v[0].id, false);
	batch_end(&b);
	batch_start(&b, "c");
	batch_add(&b, "a")->key = xstrdup("k");
	strv_add(&batch_add(&b, "d")->depends_on, "a");
	REFUSES(ERR_INPUT, store_submit(s, &b, "tester", NOW, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "destroyed"));
	batch_end(&b);
}
END_TEST

START_TEST(nothing_left_to_undo)
{
	struct batch b;
	struct destroy_report report;

	submit_graph(&b, "none failed waiting later:waiting");
	build(b.v[0].id, NULL);
	struct claim c = claim(b.v[1].id, 1);
	move(&c, EVENT_FAIL);
	const char *ids[] = { b.v[0].id, b.v[1].id, b.v[2].id, b.v[2].id };
	REFUSES(ERR_INPUT, try_destroy(ids, 4, false, &report));
	ck_assert_ptr_nonnull(strstr(err.msg, "graph/later"));
	ck_assert_ptr_nonnull(strstr(err.msg, "--cascade"));
	WRITE(try_destroy(ids, 4, true, &report));
	ck_assert_uint_eq(report.at_once, 2);
	ck_assert_uint_eq(report.cancelled, 2);
	ck_assert_uint_eq(report.queued + report.left, 0);
	ck_assert_str_eq(states(&b), "ddcc");
	batch_end(&b);
}
END_TEST

START_TEST(refusals)
{
	struct batch b;
	struct destroy_report report;
	char x[ID_SIZE];
	struct claim c;

	submit_graph(&b, "runs waits doubt");
	claim(b.v[0].id, 1);
	c = claim(b.v[1].id, 1);
	postpone(&c, NOW + 1000);
	c = claim(b.v[2].id, 1);
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_IN_DOUBT);
	hold(&c, "in_doubt");
	const char *ids[] = { b.v[0].id, b.v[1].id, b.v[2].id };
	REFUSES(ERR_INPUT, try_destroy(ids, 3, false, &report));
	ck_assert_ptr_nonnull(strstr(err.msg, "runs: purser cancel"));
	ck_assert_ptr_nonnull(strstr(err.msg, "open attempt: purser cancel"));
	ck_assert_ptr_nonnull(strstr(err.msg, "in doubt: purser resolve"));
	ck_assert_str_eq(states(&b), "rqh");
	ids[0] = "00000000-0000-7000-8000-000000000000";
	REFUSES(ERR_NOT_FOUND, try_destroy(ids, 1, false, &report));
	batch_end(&b);
}
END_TEST

START_TEST(dependents_first)
{
	struct batch b;
	char ids[4][ID_SIZE];
	struct objective o;
	bool at_once;

	build_graph(&b, "a b:a c:a,b");
	const char *first = b.v[0].id;
	struct destroy_report report;
	REFUSES(ERR_INPUT, try_destroy(&first, 1, false, &report));
	report = destroy(first, true);
	ck_assert_uint_eq(report.queued, 3);
	for (size_t i = 3; i-- > 0;) {
		ck_assert_uint_eq(ready(4, ids), 1);
		ck_assert_str_eq(ids[0], b.v[i].id);
		OK(store_get(s, first, &o, &err));
		ck_assert_int_eq(o.unmet, (int)i);
		objective_clear(&o);
		REFUSES(ERR_INPUT, store_cancel(s, first, "tester", NOW, &at_once, &err));
		char resource[20];
		snprintf(resource, sizeof(resource), "/r/%s", b.v[i].name);
		undo(b.v[i].id, resource);
	}
	ck_assert_str_eq(states(&b), "ddd");
	batch_end(&b);
}
END_TEST

START_TEST(one_that_cannot_be_destroyed_holds_what_it_needs)
{
	struct batch b;
	struct objective o;
	struct hold *v;
	size_t len;

	build_graph(&b, "a b:a c:b");
	destroy(b.v[0].id, true);
	struct claim c = claim(b.v[2].id, 0);
	move_resource(&c, "/r/c", RESOURCE_ORPHANED, "it is locked");
	move(&c, EVENT_DESTROYED);
	ck_assert_str_eq(states(&b), "hhf");
	OK(store_get(s, b.v[2].id, &o, &err));
	ck_assert(o.destroying);
	ck_assert_ptr_nonnull(strstr(json_str(o.failure, "message"), "/r/c (it is locked)"));
	objective_clear(&o);
	OK(store_holds(s, b.v[0].id, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(v[0].reason, "dependency");
	ck_assert_ptr_nonnull(strstr(v[0].detail, "could not be destroyed"));
	store_holds_free(v, len);
	REFUSES(ERR_INPUT, store_retry(s, b.v[2].id, false, "tester", NOW, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "purser destroy"));
	REFUSES(ERR_INPUT, store_retry(s, b.v[0].id, false, "tester", NOW, &err));
	/* Again, and this time it goes. */
	ck_assert_uint_eq(destroy(b.v[2].id, false).queued, 1);
	ck_assert_str_eq(states(&b), "hhq");
	OK(store_get(s, b.v[2].id, &o, &err));
	ck_assert_int_eq(o.attempts_past, 2);
	objective_clear(&o);
	undo(b.v[2].id, "/r/c");
	ck_assert_str_eq(states(&b), "qqd");
	undo(b.v[1].id, "/r/b");
	undo(b.v[0].id, "/r/a");
	ck_assert_str_eq(states(&b), "ddd");
	batch_end(&b);
}
END_TEST

START_TEST(destroyed_later_than_one_that_could_not_be)
{
	struct batch b;

	build_graph(&b, "a b:a c:b");
	const char *ids[] = { b.v[0].id, b.v[1].id, b.v[2].id };
	struct destroy_report report;
	destroy(ids[2], false);
	struct claim c = claim(ids[2], 0);
	move(&c, EVENT_FAIL);
	/* It must be tried again together with what it needs. */
	REFUSES(ERR_INPUT, try_destroy(ids, 2, false, &report));
	WRITE(try_destroy(ids, 3, false, &report));
	ck_assert_uint_eq(report.queued, 3);
	c = claim(ids[2], 0);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(states(&b), "hhf");
	/* What is held already is left; the failed one goes on alone. */
	WRITE(try_destroy(ids, 3, false, &report));
	ck_assert_uint_eq(report.left, 2);
	ck_assert_uint_eq(report.queued, 1);
	undo(ids[2], "/r/c");
	ck_assert_str_eq(states(&b), "qqd");
	batch_end(&b);
}
END_TEST

START_TEST(several_attempts_the_latest_first)
{
	char id[ID_SIZE];
	struct attempt a;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	add_resource(&c, "/r/1");
	move_resource(&c, "/r/1", RESOURCE_ORPHANED, NULL);
	end_attempt(&c);
	postpone(&c, 0);
	c = claim(id, 2);
	end_attempt(&c);
	postpone(&c, 0);
	c = claim(id, 3);
	add_resource_of(&c, "/r/3", 3);
	move(&c, EVENT_SUCCEED);
	destroy(id, false);
	c = claim(id, 0);
	OK(store_attempt(s, id, &a, NULL, &err));
	ck_assert_int_eq(a.number, 4);
	ck_assert_int_eq(a.undoes, 3);
	attempt_clear(&a);
	move_resource(&c, "/r/3", RESOURCE_GONE, NULL);
	move(&c, EVENT_DESTROYED);
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
	OK(store_attempt(s, id, &a, NULL, &err));
	ck_assert_int_eq(a.number, 5);
	ck_assert_int_eq(a.undoes, 1);
	attempt_clear(&a);
	undo(id, "/r/1");
	ck_assert_int_eq(state_of(id), STATE_DESTROYED);
}
END_TEST

/* Whoever says that it is undone although it stands does not go round in circles. */
START_TEST(what_still_stands_fails)
{
	char id[ID_SIZE];

	submit_one("b", "a", id);
	build(id, "/r/a");
	destroy(id, false);
	struct claim c = claim(id, 0);
	move(&c, EVENT_DESTROYED);
	ck_assert_int_eq(state_of(id), STATE_FAILED);
}
END_TEST

START_TEST(never_goes_forward)
{
	char id[ID_SIZE];
	struct claim c, other_claim;
	struct move m = { .event = EVENT_SUCCEED };
	bool at_once;

	submit_one("b", "a", id);
	build(id, "/r/a");
	REFUSES(ERR_CONFLICT, try_claim(s, id, me, 2, &c));
	destroy(id, false);
	REFUSES(ERR_CONFLICT, try_claim(s, id, me, 3, &other_claim));
	c = claim(id, 0);
	REFUSES(ERR_INPUT, store_cancel(s, id, "tester", NOW, &at_once, &err));
	REFUSES(ERR_CONFLICT, store_move(s, &c, &m, NOW, &err));
	m.event = EVENT_CANCEL;
	REFUSES(ERR_CONFLICT, store_move(s, &c, &m, NOW, &err));
	end_attempt(&c);
	m.event = EVENT_POSTPONE;
	REFUSES(ERR_CONFLICT, store_move(s, &c, &m, NOW, &err));
	move_resource(&c, "/r/a", RESOURCE_GONE, NULL);
	move(&c, EVENT_DESTROYED);
	submit_one("c", "a", id);
	c = claim(id, 1);
	m.event = EVENT_DESTROYED;
	REFUSES(ERR_CONFLICT, store_move(s, &c, &m, NOW, &err));
}
END_TEST

START_TEST(held_with_something_standing)
{
	char id[ID_SIZE];

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	add_resource(&c, "/r/a");
	hold(&c, "approval");
	ck_assert_uint_eq(destroy(id, false).queued, 1);
	ck_assert_uint_eq(count_holds(id, NULL), 0);
	undo(id, "/r/a");
	ck_assert_int_eq(state_of(id), STATE_DESTROYED);
	submit_one("c", "a", id);
	c = claim(id, 1);
	hold(&c, "approval");
	ck_assert_uint_eq(destroy(id, false).at_once, 1);
	ck_assert_int_eq(state_of(id), STATE_DESTROYED);
}
END_TEST

/* Retried after a failure that left something: cancelling would lose sight of it. */
START_TEST(queued_again_with_something_standing)
{
	char id[ID_SIZE];
	bool at_once;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	add_resource(&c, "/r/a");
	move_resource(&c, "/r/a", RESOURCE_ORPHANED, "locked");
	move(&c, EVENT_FAIL);
	WRITE(store_retry(s, id, false, "tester", NOW, &err));
	REFUSES(ERR_INPUT, store_cancel(s, id, "tester", NOW, &at_once, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "purser destroy"));
	ck_assert_uint_eq(destroy(id, false).queued, 1);
	undo(id, "/r/a");
}
END_TEST

START_TEST(no_limit_keeps_an_undo_waiting)
{
	struct batch b;
	const struct claim_limits limits = { .strategy = "azure_cli", .of_strategy = 1 };
	struct claim c;

	build_graph(&b, "a b");
	destroy(b.v[0].id, false);
	destroy(b.v[1].id, false);
	claim_limits = &limits;
	claim(b.v[0].id, 0);
	c = claim(b.v[1].id, 0);
	ck_assert_int_eq(claim_due, 0);
	postpone(&c, NOW + 10);
	ck_assert_uint_eq(wake(NOW + 10), 1);
	batch_end(&b);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("destroy", &t);

	tcase_add_test(t, undone_by_an_attempt_of_its_own);
	tcase_add_test(t, key_and_name_are_free_again);
	tcase_add_test(t, depends_on_what_is_being_destroyed);
	tcase_add_test(t, nothing_left_to_undo);
	tcase_add_test(t, refusals);
	tcase_add_test(t, dependents_first);
	tcase_add_test(t, one_that_cannot_be_destroyed_holds_what_it_needs);
	tcase_add_test(t, destroyed_later_than_one_that_could_not_be);
	tcase_add_test(t, several_attempts_the_latest_first);
	tcase_add_test(t, what_still_stands_fails);
	tcase_add_test(t, never_goes_forward);
	tcase_add_test(t, held_with_something_standing);
	tcase_add_test(t, queued_again_with_something_standing);
	tcase_add_test(t, no_limit_keeps_an_undo_waiting);
	return unit_run(suite);
}
