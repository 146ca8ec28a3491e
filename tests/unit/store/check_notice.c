/* What people are told, and when a batch has come to rest. */
#include "fixture.h"

#define ALL ((1u << NOTICE_KINDS) - 1)

static struct notice *notices;
static size_t n_notices;

static void
read_notices(void)
{
	store_notices_free(notices, n_notices);
	OK(store_notices(s, NOW, 100, &notices, &n_notices, &err));
}

/* The first letters of all kinds. */
static const char *
kinds(void)
{
	static char text[101];

	read_notices();
	for (size_t i = 0; i < n_notices; i++) {
		AUTO_JSON cJSON *line = cJSON_Parse(notices[i].line);

		ck_assert_ptr_nonnull(line);
		text[i] = json_str(line, "event")[0];
	}
	text[n_notices] = '\0';
	return text;
}

START_TEST(names)
{
	for (enum notice_kind kind = 0; kind < NOTICE_KINDS; kind++)
		ck_assert_int_eq(notice_kind_from_name(notice_kind_name(kind)), kind);
	ck_assert_int_eq(notice_kind_from_name("nothing"), NOTICE_KINDS);
	ck_assert_int_eq(notice_kind_from_name(NULL), NOTICE_KINDS);
}
END_TEST

START_TEST(nothing_unless_wanted)
{
	char id[ID_SIZE];

	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(kinds(), "");
	store_want_notices(s, 1u << NOTICE_BATCH);
	submit_one("c", "a", id);
	c = claim(id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(kinds(), "b");
}
END_TEST

START_TEST(failed_and_held_and_orphaned)
{
	struct batch b;

	store_want_notices(s, ALL);
	submit_graph(&b, "a b:a c d");
	struct claim c = claim(b.v[2].id, 1);
	hold(&c, "approval");
	c = claim(b.v[3].id, 1);
	add_resource(&c, "/r/1");
	move_resource(&c, "/r/1", RESOURCE_ORPHANED, "it is locked");
	move(&c, EVENT_FAIL);
	c = claim(b.v[0].id, 1);
	move(&c, EVENT_FAIL);
	/* What waits for it is held, but that goes without saying. */
	ck_assert_str_eq(kinds(), "hoffb");
	cJSON *line = cJSON_Parse(notices[0].line);
	ck_assert_str_eq(json_str(line, "batch"), "graph");
	ck_assert_str_eq(json_str(line, "name"), "c");
	ck_assert_str_eq(json_str(line, "objective"), b.v[2].id);
	ck_assert_str_eq(json_str(line, "capability"), "linux_vm");
	ck_assert_str_eq(json_str(line, "state"), "held");
	ck_assert_str_eq(json_str(line, "reason"), "approval");
	ck_assert_str_eq(json_str(line, "detail"), "because");
	ck_assert_ptr_nonnull(json_str(line, "time"));
	cJSON_Delete(line);
	line = cJSON_Parse(notices[1].line);
	ck_assert_str_eq(json_str(line, "resource"), "/r/1");
	ck_assert_str_eq(json_str(line, "why"), "it is locked");
	cJSON_Delete(line);
	line = cJSON_Parse(notices[2].line);
	ck_assert_str_eq(json_str(line, "failure.code"), "BadRequest");
	cJSON_Delete(line);
	line = cJSON_Parse(notices[4].line);
	ck_assert_int_eq(json_int(line, "counts.failed", 0), 2);
	ck_assert_int_eq(json_int(line, "counts.held", 0), 2);
	cJSON_Delete(line);
	batch_end(&b);
}
END_TEST

/* Released in the same transaction: it never rested. */
START_TEST(not_while_others_are_released)
{
	struct batch b;

	submit_graph(&b, "a b:a");
	store_want_notices(s, 1u << NOTICE_BATCH);
	struct claim c = claim(b.v[0].id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(kinds(), "b");
	WRITE(store_retry(s, b.v[0].id, false, NULL, NOW, &err));
	c = claim(b.v[0].id, 2);
	move(&c, EVENT_SUCCEED);
	ck_assert_str_eq(kinds(), "b");
	c = claim(b.v[1].id, 1);
	move(&c, EVENT_SUCCEED);
	ck_assert_str_eq(kinds(), "bb");
	batch_end(&b);
}
END_TEST

START_TEST(not_of_what_was_reverted)
{
	struct batch b;
	struct move m = { .event = EVENT_SUCCEED };

	submit_graph(&b, "a");
	store_want_notices(s, ALL);
	struct claim c = claim(b.v[0].id, 1);
	OK(store_begin(s, &err));
	OK(store_mark(s, &err));
	OK(store_move(s, &c, &m, NOW, &err));
	store_revert(s);
	OK(store_commit(s, &err));
	ck_assert_str_eq(kinds(), "");
	OK(store_begin(s, &err));
	OK(store_move(s, &c, &m, NOW, &err));
	OK(store_mark(s, &err));
	store_revert(s);
	OK(store_commit(s, &err));
	ck_assert_str_eq(kinds(), "b");
	batch_end(&b);
}
END_TEST

START_TEST(delivered_or_tried_again)
{
	char id[ID_SIZE];
	int64_t number;

	store_want_notices(s, ALL);
	submit_one("b", "a", id);
	struct claim c = claim(id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(kinds(), "fb");
	number = notices[1].number;
	ck_assert_int_gt(number, notices[0].number);
	WRITE(store_notice_failed(s, notices[0].number, NOW + 1, &err));
	ck_assert_str_eq(kinds(), "b");
	WRITE(store_notice_done(s, number, &err));
	REFUSES(ERR_NOT_FOUND, store_notice_done(s, number, &err));
	store_notices_free(notices, n_notices);
	OK(store_notices(s, NOW + 1, 100, &notices, &n_notices, &err));
	ck_assert_uint_eq(n_notices, 1);
	ck_assert_int_eq(notices[0].tries, 1);
	/* A number is not given again. */
	submit_one("c", "a", id);
	c = claim(id, 1);
	move(&c, EVENT_FAIL);
	ck_assert_str_eq(kinds(), "fb");
	ck_assert_int_gt(notices[0].number, number);
}
END_TEST

START_TEST(resources_in_pages)
{
	char id[ID_SIZE], other_id[ID_SIZE];
	struct resource_filter f = { .states = 1u << RESOURCE_ORPHANED, .limit = 2 };
	struct resource *v;
	size_t len;

	submit_one("b", "a", id);
	submit_one("c", "a", other_id);
	struct claim c = claim(id, 1), d = claim(other_id, 1);
	add_resource(&c, "/r/1");
	add_resource(&c, "/r/2");
	add_resource(&d, "/r/3");
	add_resource(&c, "/r/4");
	move_resource(&c, "/r/1", RESOURCE_ORPHANED, "a");
	move_resource(&d, "/r/3", RESOURCE_ORPHANED, NULL);
	move_resource(&c, "/r/4", RESOURCE_ORPHANED, "c");
	OK(store_list_resources(s, &f, &v, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(v[0].why, "a");
	ck_assert_ptr_null(v[1].why);
	f.after_seq = v[1].seq;
	store_resources_free(v, len);
	OK(store_list_resources(s, &f, &v, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(v[0].id, "/r/4");
	store_resources_free(v, len);
	f = (struct resource_filter){
		.batch = "b", .states = 1u << RESOURCE_ORPHANED | 1u << RESOURCE_LIVE, .limit = 10
	};
	OK(store_list_resources(s, &f, &v, &len, &err));
	ck_assert_uint_eq(len, 3);
	ck_assert_str_eq(v[1].id, "/r/2");
	store_resources_free(v, len);
	f.batch = "nowhere";
	FAILS(ERR_NOT_FOUND, store_list_resources(s, &f, &v, &len, &err));
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("notice", &t);

	tcase_add_test(t, names);
	tcase_add_test(t, nothing_unless_wanted);
	tcase_add_test(t, failed_and_held_and_orphaned);
	tcase_add_test(t, not_while_others_are_released);
	tcase_add_test(t, not_of_what_was_reverted);
	tcase_add_test(t, delivered_or_tried_again);
	tcase_add_test(t, resources_in_pages);
	return unit_run(suite);
}
