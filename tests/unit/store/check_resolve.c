/* What a person tells of a run that is in doubt. */
#include "fixture.h"

/* A run that is in doubt, and held for it. */
static void
doubt(char id[static ID_SIZE], char x[static ID_SIZE])
{
	struct attempt a;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	begin_execution(&c, ACT_RUN, x);
	end_execution(&c, x, ACT_RUN, OUTCOME_IN_DOUBT);
	OK(store_attempt(s, id, &a, NULL, &err));
	a.stage = STAGE_ASK;
	a.runs = 1;
	a.asks = ATTEMPT_ASKS_MAX;
	a.doubt_since_ms = NOW;
	WRITE(store_attempt_save(s, &c, &a, &err));
	attempt_clear(&a);
	hold(&c, "in_doubt");
}

START_TEST(it_happened)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct resolution what = { .happened = true, .outputs = cJSON_Parse("{\"id\":\"/r/A\"}") };
	struct resource *v;
	struct objective o;
	struct attempt a;
	size_t len;

	doubt(id, x);
	strv_add(&what.resources, "/r/A");
	WRITE(store_resolve(s, id, &what, "tester", NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
	OK(store_attempt(s, id, &a, NULL, &err));
	ck_assert_int_eq(a.step, 1);
	ck_assert_int_eq(a.doubt_since_ms, 0);
	attempt_clear(&a);
	OK(store_resources(s, id, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(v[0].execution_id, x);
	ck_assert_int_eq(v[0].step, 0);
	ck_assert_int_eq(v[0].state, RESOURCE_LIVE);
	store_resources_free(v, len);
	struct claim c = claim(id, 0);
	move(&c, EVENT_SUCCEED);
	OK(store_get(s, id, &o, &err));
	ck_assert_str_eq(json_str(o.outputs, "id"), "/r/A");
	objective_clear(&o);
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, "tester", NOW, &err));
	strv_clear(&what.resources);
	cJSON_Delete(what.outputs);
}
END_TEST

START_TEST(it_did_not_happen)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct resolution what = { .happened = false };
	struct attempt a;

	doubt(id, x);
	WRITE(store_resolve(s, id, &what, "tester", NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
	OK(store_attempt(s, id, &a, NULL, &err));
	ck_assert_int_eq(a.step, 0);
	ck_assert_int_eq(a.asks, 0);
	attempt_clear(&a);
	claim(id, 0);
}
END_TEST

START_TEST(wrong_resolutions)
{
	char id[ID_SIZE], x[ID_SIZE], b[ID_SIZE];
	struct resolution what = { .happened = false };

	submit_one("c", "a", b);
	struct claim c = claim(b, 1);
	add_resource(&c, "/r/theirs");
	REFUSES(ERR_INPUT, store_resolve(s, b, &what, NULL, NOW, &err));
	doubt(id, x);
	strv_add(&what.resources, "/r/Theirs");
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, NULL, NOW, &err));
	what.happened = true;
	what.outputs = cJSON_Parse("{\"id\":\"/r/theirs\"}");
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, NULL, NOW, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "c/a"));
	strv_clear(&what.resources);
	cJSON_Delete(what.outputs);
	what.outputs = cJSON_Parse("{\"ip\":\"1\"}");
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, NULL, NOW, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "\"ip\""));
	cJSON_Delete(what.outputs);
	ck_assert_int_eq(state_of(id), STATE_HELD);
}
END_TEST

/* Another hold keeps it held; a look that told nothing is made anew. */
START_TEST(only_the_doubt_is_lifted)
{
	char id[ID_SIZE];
	struct resolution what = { .happened = true };
	struct attempt a;

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	OK(store_attempt(s, id, &a, NULL, &err));
	a.asks = ATTEMPT_ASKS_MAX;
	WRITE(store_attempt_save(s, &c, &a, &err));
	attempt_clear(&a);
	hold(&c, "in_doubt");
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, NULL, NOW, &err));
	what.happened = false;
	WRITE(store_resolve(s, id, &what, NULL, NOW, &err));
	OK(store_attempt(s, id, &a, NULL, &err));
	ck_assert_int_eq(a.asks, 0);
	attempt_clear(&a);
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
}
END_TEST

START_TEST(what_happened_must_be_known)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct resolution what = { .happened = true };

	claim_undo = "az";
	doubt(id, x);
	/* What was made, so that it can be undone; what it put out, so that others can be planned. */
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, NULL, NOW, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "--resource"));
	strv_add(&what.resources, "/r/A");
	REFUSES(ERR_INPUT, store_resolve(s, id, &what, NULL, NOW, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "--output id="));
	what.outputs = cJSON_Parse("{\"id\":\"/r/A\"}");
	WRITE(store_resolve(s, id, &what, NULL, NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
	strv_clear(&what.resources);
	cJSON_Delete(what.outputs);
}
END_TEST

START_TEST(what_its_own_list_tells)
{
	char id[ID_SIZE], x[ID_SIZE];
	struct resolution what = { .happened = true };

	claim_undo = claim_collect = "az";
	doubt(id, x);
	WRITE(store_resolve(s, id, &what, NULL, NOW, &err));
	ck_assert_int_eq(state_of(id), STATE_QUEUED);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("resolve", &t);

	tcase_add_test(t, it_happened);
	tcase_add_test(t, it_did_not_happen);
	tcase_add_test(t, wrong_resolutions);
	tcase_add_test(t, only_the_doubt_is_lifted);
	tcase_add_test(t, what_happened_must_be_known);
	tcase_add_test(t, what_its_own_list_tells);
	return unit_run(suite);
}
