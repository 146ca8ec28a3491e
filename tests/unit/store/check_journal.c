/* Executions, attempts, resources and outputs come back as they were written. */
#include "fixture.h"

START_TEST(execution_comes_back)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct execution got, *v;
	size_t len;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	FAILS(ERR_NOT_FOUND, store_open_execution(s, id, &got, &err));
	begin_execution(&c, ACT_RUN, x);
	OK(store_open_execution(s, id, &got, &err));
	ck_assert_str_eq(got.id, x);
	ck_assert_str_eq(got.objective_id, id);
	ck_assert_int_eq(got.act, ACT_RUN);
	ck_assert_int_eq(got.ended_ms, 0);
	ck_assert_int_eq(got.fence, c.fence);
	ck_assert_uint_eq(got.argv.len, 2);
	ck_assert_str_eq(got.argv.v[1], "group");
	ck_assert_ptr_null(got.result);
	/* One at a time. */
	char second[ID_SIZE];
	id_new(second);
	memcpy(got.id, second, ID_SIZE);
	REFUSES(ERR_CONFLICT, store_execution_begin(s, &c, &got, &err));
	REFUSES(ERR_CONFLICT, store_execution_end(s, &c, &got, &err));
	execution_clear(&got);
	end_execution(&c, x, ACT_RUN, OUTCOME_HAPPENED);
	FAILS(ERR_NOT_FOUND, store_open_execution(s, id, &got, &err));
	begin_execution(&c, ACT_COLLECT, second);
	OK(store_executions(s, id, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(v[0].outcome, OUTCOME_HAPPENED);
	ck_assert_int_eq(v[0].ended_ms, NOW + 5);
	ck_assert_int_eq(json_int(v[0].result, "code", 0), 3);
	ck_assert_str_eq(v[1].id, second);
	store_executions_free(v, len);
}
END_TEST

START_TEST(attempt_comes_back)
{
	char id[ID_SIZE];
	struct attempt a, got, *v;
	struct plan plan;
	struct objective o;
	size_t len;

	submit_one("b", "a", id);
	FAILS(ERR_NOT_FOUND, store_attempt(s, id, &got, NULL, &err));
	struct claim c = claim(id, 1);
	OK(store_attempt(s, id, &a, &plan, &err));
	ck_assert_int_eq(a.number, 1);
	ck_assert_str_eq(plan.strategy, "azure_cli");
	ck_assert_uint_eq(plan.len, 1);
	ck_assert_str_eq(plan.steps[0].name, "create");
	ck_assert_int_eq(plan.inputs[0], 'a');
	plan_clear(&plan);
	a.stage = STAGE_ASK;
	a.step = 3;
	a.call = 1;
	a.runs = 2;
	a.asks = 4;
	a.doubt_since_ms = NOW + 1;
	a.wait_until_ms = NOW + 2;
	a.resource = xstrdup("/r/1");
	strv_add(&a.stood, "/r/0");
	failure_set(&a.failure, FAILURE_TIMEOUT, NULL, "create", "no answer");
	WRITE(store_attempt_save(s, &c, &a, &err));
	OK(store_attempt(s, id, &got, NULL, &err));
	ck_assert_int_eq(got.stage, STAGE_ASK);
	ck_assert_int_eq(got.step, 3);
	ck_assert_int_eq(got.call, 1);
	ck_assert_int_eq(got.runs, 2);
	ck_assert_int_eq(got.asks, 4);
	ck_assert_int_eq(got.doubt_since_ms, NOW + 1);
	ck_assert_int_eq(got.wait_until_ms, NOW + 2);
	ck_assert_str_eq(got.resource, "/r/1");
	ck_assert_str_eq(got.stood.v[0], "/r/0");
	ck_assert_int_eq(got.failure.class, FAILURE_TIMEOUT);
	ck_assert_str_eq(got.failure.message, "no answer");
	attempt_clear(&got);
	/* The turn to undo raises the generation, once. */
	attempt_turn(&a, GOAL_FALLBACK);
	WRITE(store_attempt_save(s, &c, &a, &err));
	WRITE(store_attempt_save(s, &c, &a, &err));
	OK(store_get(s, id, &o, &err));
	ck_assert_int_eq(o.generation, 1);
	objective_clear(&o);
	/* Ended, another one may follow. */
	a.ended_ms = NOW + 9;
	WRITE(store_attempt_save(s, &c, &a, &err));
	REFUSES(ERR_CONFLICT, store_attempt_save(s, &c, &a, &err));
	attempt_clear(&a);
	postpone(&c, 0);
	claim(id, 2);
	OK(store_attempts(s, id, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(v[0].number, 1);
	ck_assert_int_eq(v[0].ended_ms, NOW + 9);
	ck_assert_int_eq(v[1].ended_ms, 0);
	store_attempts_free(v, len);
}
END_TEST

START_TEST(resources_without_regard_to_case)
{
	char a[ID_SIZE], b[ID_SIZE];
	struct resource *v;
	struct resource foreign = { .id = (char[]){ "/SUBSCRIPTIONS/X/rg" }, .made_ms = NOW };
	size_t len;

	submit_one("b", "a", a);
	submit_one("c", "a", b);
	struct claim ca = claim(a, 1), cb = claim(b, 1);
	add_resource(&ca, "/subscriptions/x/RG");
	add_resource(&ca, "/subscriptions/X/rg"); /* known */
	add_resource(&ca, "/subscriptions/x/vm");
	REFUSES(ERR_INPUT, store_resource_add(s, &cb, &foreign, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "b/a"));
	REFUSES(ERR_NOT_FOUND,
	    store_resource_move(s, &cb, "/subscriptions/x/vm", RESOURCE_GONE, NULL, NOW, &err));
	WRITE(store_resource_move(
	    s, &ca, "/Subscriptions/x/vm", RESOURCE_ORPHANED, "it is locked", NOW, &err));
	WRITE(
	    store_resource_move(s, &ca, "/Subscriptions/x/rg", RESOURCE_GONE, NULL, NOW + 1, &err));
	OK(store_resources(s, a, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(v[0].id, "/subscriptions/x/RG");
	ck_assert_int_eq(v[0].state, RESOURCE_GONE);
	ck_assert_int_eq(v[0].gone_ms, NOW + 1);
	ck_assert_int_eq(v[1].state, RESOURCE_ORPHANED);
	ck_assert_str_eq(v[1].why, "it is locked");
	store_resources_free(v, len);
	/* Gone: another may make it now. */
	add_resource(&cb, "/subscriptions/x/rg");
	OK(store_resources(s, NULL, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(v[1].objective_id, b);
	store_resources_free(v, len);
}
END_TEST

START_TEST(outputs_are_seen_at_the_end)
{
	char id[ID_SIZE];
	struct objective o;
	cJSON *first = cJSON_Parse("{\"id\":\"x\",\"n\":1}"), *second = cJSON_Parse("{\"n\":2}");

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	WRITE(store_outputs_add(s, &c, first, &err));
	WRITE(store_outputs_add(s, &c, second, &err));
	OK(store_get(s, id, &o, &err));
	ck_assert_ptr_null(o.outputs);
	objective_clear(&o);
	move(&c, EVENT_SUCCEED);
	OK(store_get(s, id, &o, &err));
	ck_assert_str_eq(json_str(o.outputs, "id"), "x");
	ck_assert_int_eq(json_int(o.outputs, "n", 0), 2);
	objective_clear(&o);
	cJSON_Delete(first);
	cJSON_Delete(second);
}
END_TEST

/* An execution before which IDS stood (separated by blanks), begun and ended. */
static void
run_where_stood(const struct claim *c, int attempt, const char *ids)
{
	char text[100], *save = NULL;
	struct execution x;

	execution_init(&x);
	id_new(x.id);
	memcpy(x.objective_id, c->objective_id, ID_SIZE);
	x.attempt = attempt;
	x.run = 1;
	x.act = ACT_RUN;
	x.step_name = xstrdup("create");
	x.host = xstrdup("here");
	x.boot_id = xstrdup("boot");
	x.intended_ms = NOW;
	snprintf(text, sizeof(text), "%s", ids);
	for (char *id = strtok_r(text, " ", &save); id != NULL; id = strtok_r(NULL, " ", &save))
		strv_add(&x.stood, id);
	WRITE(store_execution_begin(s, c, &x, &err));
	end_execution(c, x.id, ACT_RUN, OUTCOME_HAPPENED);
	execution_clear(&x);
}

START_TEST(what_stood_before_the_newest_run)
{
	char id[ID_SIZE], theirs[ID_SIZE];
	struct strv ids = { NULL, 0, 0 };

	submit_one("b", "a", id);
	submit_one("c", "a", theirs);
	struct claim c = claim(id, 1), d = claim(theirs, 1);
	OK(store_stood(s, id, &ids, &err));
	ck_assert_uint_eq(ids.len, 0);
	run_where_stood(&c, 1, "/r/1 /r/2");
	run_where_stood(&c, 1, "");
	run_where_stood(&d, 1, "/r/9");
	end_attempt(&c);
	postpone(&c, 0);
	c = claim(id, 2);
	run_where_stood(&c, 2, "/r/2 /r/3");
	/* Of the step's newest run, and added to what the list has, each once. */
	strv_add(&ids, "/r/3");
	strv_add(&ids, "/r/0");
	OK(store_stood(s, id, &ids, &err));
	ck_assert_uint_eq(ids.len, 3);
	for (const char *const *p = (const char *const[]){ "/r/0", "/r/2", "/r/3", NULL }; *p; p++)
		ck_assert(strv_has(&ids, *p));
	strv_clear(&ids);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("journal", &t);

	tcase_add_test(t, execution_comes_back);
	tcase_add_test(t, attempt_comes_back);
	tcase_add_test(t, resources_without_regard_to_case);
	tcase_add_test(t, outputs_are_seen_at_the_end);
	tcase_add_test(t, what_stood_before_the_newest_run);
	return unit_run(suite);
}
