/* The audit's chain: numbers without gaps, each line with the hash of the one before. */
#include "fixture.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* Checks the chain over all pending lines, and gives their events as one text. */
static char *
chain_events(void)
{
	struct audit_line *v;
	struct audit_head head;
	struct strv events = { NULL, 0, 0 };
	char hash[DIGEST_SIZE] = ZEROS;
	size_t len;

	OK(store_audit_pending(s, 0, 100000, &v, &len, &err));
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.number, (int64_t)len);
	for (size_t i = 0; i < len; i++) {
		cJSON *json = json_parse(v[i].line, strlen(v[i].line), 1, &err);

		ck_assert_msg(json != NULL, "%s", err.msg);
		ck_assert_ptr_null(strchr(v[i].line, '\n'));
		ck_assert_int_eq(v[i].number, (int64_t)i + 1);
		ck_assert_int_eq(json_int(json, "n", 0), (int64_t)i + 1);
		ck_assert_str_eq(json_str(json, "prev"), hash);
		ck_assert_str_eq(json_str(json, "time"), "2025-11-21T01:53:20.000Z");
		ck_assert(cJSON_IsObject(json_at(json, "details")));
		strv_add(&events, json_str(json, "event"));
		digest_text(v[i].line, hash);
		cJSON_Delete(json);
	}
	ck_assert_str_eq(head.hash, hash);
	store_audit_free(v, len);
	char *text = strv_join(&events, " ");
	strv_clear(&events);
	return text;
}

static cJSON *
record(int64_t number)
{
	struct audit_line *v;
	size_t len;

	OK(store_audit_pending(s, number - 1, 1, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	cJSON *json = json_parse(v[0].line, strlen(v[0].line), 1, &err);
	store_audit_free(v, len);
	return json;
}

START_TEST(a_life_in_records)
{
	char id[ID_SIZE], x[ID_SIZE];
	cJSON *json, *details = cJSON_Parse("{\"pid\":7}");

	WRITE(store_audit_add(s, "runner.started", NULL, details, NOW, &err));
	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	begin_execution(&c, ACT_RUN, x);
	/* The end is 5 ms later in the fixture: another time than this test checks, so it ends without one. */
	struct move m = { .event = EVENT_POSTPONE, .until_ms = NOW };
	add_resource(&c, "/r");
	WRITE(store_move(s, &c, &m, NOW, &err));
	c = claim(id, 0);
	hold(&c, "approval");
	WRITE(store_hold_lift(s, id, "approval", "anna", NOW, &err));
	c = claim(id, 0);
	WRITE(store_resource_move(s, &c, "/r", RESOURCE_GONE, NULL, NOW, &err));
	move(&c, EVENT_FAIL);
	char *events = chain_events();
	ck_assert_str_eq(events,
	    "runner.started batch.submitted objective.submitted objective.claimed attempt.started "
	    "execution.intended resource.made objective.postponed objective.claimed objective.held objective.lifted "
	    "objective.claimed resource.gone objective.failed");
	free(events);

	json = record(3);
	ck_assert_str_eq(json_str(json, "objective"), id);
	ck_assert_str_eq(json_str(json, "batch"), "b");
	ck_assert_str_eq(json_str(json, "name"), "a");
	cJSON_Delete(json);
	json = record(4);
	ck_assert_str_eq(json_str(json, "details.runner"), me);
	ck_assert_int_gt(json_int(json, "details.fence", 0), 0);
	ck_assert_str_eq(json_str(json, "details.strategy"), "azure_cli");
	ck_assert_uint_eq(strlen(json_str(json, "details.plan")), DIGEST_LEN);
	cJSON_Delete(json);
	json = record(6);
	ck_assert_str_eq(json_str(json, "details.argv[1]"), "group");
	cJSON_Delete(json);
	json = record(14);
	ck_assert_str_eq(json_str(json, "details.class"), "invalid");
	ck_assert_str_eq(json_str(json, "details.code"), "BadRequest");
	cJSON_Delete(json);
	cJSON_Delete(details);
}
END_TEST

START_TEST(nothing_forges_a_line)
{
	char id[ID_SIZE];
	cJSON *details = cJSON_CreateObject();

	cJSON_AddStringToObject(
	    details, "error", "bad\"}\n{\"n\":99,\"event\":\"objective.succeeded\"}\x01\xff");
	submit_one("b", "a", id);
	WRITE(store_audit_add(s, "note", id, details, NOW, &err));
	char *events = chain_events();
	ck_assert_str_eq(events, "batch.submitted objective.submitted note");
	free(events);
	cJSON_Delete(details);
}
END_TEST

START_TEST(flushed_ones_leave)
{
	char id[ID_SIZE];
	struct audit_line *v;
	struct audit_head head;
	size_t len;

	submit_one("b", "a", id);
	submit_one("c", "a", id);
	WRITE(store_audit_flushed(s, 3, &err));
	OK(store_audit_pending(s, 0, 10, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_int_eq(v[0].number, 4);
	store_audit_free(v, len);
	WRITE(store_audit_flushed(s, 2, &err)); /* an older mark takes nothing back */
	REFUSES(ERR_CORRUPT, store_audit_flushed(s, 5, &err));
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.number, 4);
	ck_assert_int_eq(head.flushed, 3);
	WRITE(store_audit_anchor(s, 2, ZEROS, &err));
	REFUSES(ERR_CORRUPT, store_audit_anchor(s, 4, ZEROS, &err));
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.anchor_number, 2);
	submit_one("d", "a", id);
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.number, 6);
}
END_TEST

START_TEST(undone_records_leave_no_gap)
{
	OK(store_begin(s, &err));
	OK(store_audit_add(s, "one", NULL, NULL, NOW, &err));
	OK(store_mark(s, &err));
	OK(store_audit_add(s, "never", NULL, NULL, NOW, &err));
	store_revert(s);
	OK(store_audit_add(s, "two", NULL, NULL, NOW, &err));
	OK(store_commit(s, &err));
	OK(store_begin(s, &err));
	OK(store_audit_add(s, "never", NULL, NULL, NOW, &err));
	store_rollback(s);
	WRITE(store_audit_add(s, "three", NULL, NULL, NOW, &err));
	char *events = chain_events();
	ck_assert_str_eq(events, "one two three");
	free(events);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("outbox", &t);

	tcase_add_test(t, a_life_in_records);
	tcase_add_test(t, nothing_forges_a_line);
	tcase_add_test(t, flushed_ones_leave);
	tcase_add_test(t, undone_records_leave_no_gap);
	return unit_run(suite);
}
