/* Submission: all or nothing, keys, names, dependencies. */
#include "fixture.h"

START_TEST(hundred_with_dependencies)
{
	struct batch b;
	char name[16];
	int64_t counts[STATES];

	batch_start(&b, "many");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "o%d", i);
		struct objective *o = batch_add(&b, name);
		/* Also a reference forward: the document's order is not that of need. */
		if (i % 2 == 0) {
			snprintf(name, sizeof(name), "o%d", i + 1);
			strv_add(&o->depends_on, name);
		}
	}
	struct submitted out = submit(&b);
	ck_assert_uint_eq(out.added, 100);
	ck_assert_uint_eq(out.known, 0);
	OK(store_counts(s, "many", counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 100);
	for (int i = 0; i < 100; i++) {
		ck_assert(id_is_valid(b.v[i].id));
		ck_assert_int_eq(b.v[i].unmet, i % 2 == 0);
	}
	char ids[100][ID_SIZE];
	ck_assert_uint_eq(ready(100, ids), 50);
	for (int i = 0; i < 50; i++)
		ck_assert_str_eq(ids[i], b.v[2 * i + 1].id);
	batch_end(&b);
}
END_TEST

START_TEST(comes_back_as_written)
{
	struct batch b;
	struct objective got;

	batch_start(&b, "one");
	struct objective *o = batch_add(&b, "web");
	o->key = xstrdup("night-1");
	o->region = xstrdup("eastus");
	o->resource_group = xstrdup("RG-Web");
	o->priority = 7;
	o->deadline_ms = NOW + 1000;
	o->on_failure = ON_FAILURE_KEEP;
	cJSON_AddStringToObject(o->parameters, "size", "Standard_B2s");
	cJSON_AddStringToObject(o->labels, "team", "web");
	submit(&b);
	OK(store_get(s, o->id, &got, &err));
	ck_assert_str_eq(got.batch, "one");
	ck_assert_str_eq(got.key, "night-1");
	ck_assert_str_eq(got.resource_group, "RG-Web");
	ck_assert_int_eq(got.priority, 7);
	ck_assert_int_eq(got.deadline_ms, NOW + 1000);
	ck_assert_int_eq(got.on_failure, ON_FAILURE_KEEP);
	ck_assert_int_eq(got.revision, 1);
	ck_assert_int_eq(got.created_ms, NOW);
	ck_assert_str_eq(json_str(got.parameters, "size"), "Standard_B2s");
	ck_assert_ptr_null(got.outputs);
	char before[DIGEST_SIZE], after[DIGEST_SIZE];
	objective_digest(o, before);
	objective_digest(&got, after);
	ck_assert_str_eq(before, after);
	objective_clear(&got);
	batch_end(&b);
}
END_TEST

static struct objective *
add_with_key(struct batch *b, const char *name, const char *key)
{
	struct objective *o = batch_add(b, name);

	o->key = xstrdup(key);
	return o;
}

START_TEST(same_key_twice_is_known)
{
	struct batch first, again;

	batch_start(&first, "night");
	add_with_key(&first, "a", "k1");
	add_with_key(&first, "b", "k2");
	submit(&first);
	batch_start(&again, "night");
	add_with_key(&again, "a", "k1");
	add_with_key(&again, "b", "k2");
	struct submitted out = submit(&again);
	ck_assert_uint_eq(out.added, 0);
	ck_assert_uint_eq(out.known, 2);
	ck_assert_str_eq(again.v[1].id, first.v[1].id);
	batch_end(&again);

	/* Some known, some new, under another name. */
	batch_start(&again, "night-2");
	add_with_key(&again, "b", "k2");
	strv_add(&add_with_key(&again, "c", "k3")->depends_on, "b");
	out = submit(&again);
	ck_assert_uint_eq(out.added, 1);
	ck_assert_uint_eq(out.known, 1);
	ck_assert_str_eq(again.v[0].id, first.v[1].id);
	ck_assert_int_eq(again.v[1].unmet, 1);

	/* What is needed lies in another batch, and counts all the same. */
	struct claim c = claim(first.v[1].id, 1);
	move(&c, EVENT_SUCCEED);
	struct objective o;
	OK(store_get(s, again.v[1].id, &o, &err));
	ck_assert_int_eq(o.unmet, 0);
	objective_clear(&o);
	batch_end(&again);
	batch_end(&first);
}
END_TEST

START_TEST(same_key_other_body_is_refused)
{
	struct batch first, again;
	struct submitted out;

	batch_start(&first, "night");
	add_with_key(&first, "a", "k1");
	add_with_key(&first, "b", "k2");
	submit(&first);
	batch_start(&again, "other");
	batch_add(&again, "new");
	add_with_key(&again, "a", "k1")->priority = 3;
	add_with_key(&again, "b", "k2")->priority = 3;
	REFUSES(ERR_INPUT, store_submit(s, &again, NULL, NOW, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "k1"));
	ck_assert_ptr_nonnull(strstr(err.msg, "k2"));
	int64_t counts[STATES];
	OK(store_counts(s, NULL, counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 2);
	batch_end(&again);
	batch_end(&first);
}
END_TEST

START_TEST(key_is_free_again_after_cancel)
{
	struct batch b;
	bool at_once;

	batch_start(&b, "night");
	add_with_key(&b, "a", "k1");
	submit(&b);
	WRITE(store_cancel(s, b.v[0].id, "tester", NOW, &at_once, &err));
	ck_assert(at_once);
	batch_end(&b);
	/* The name of the batch is free too: it has no live objective. */
	batch_start(&b, "night");
	add_with_key(&b, "a", "k1");
	ck_assert_uint_eq(submit(&b).added, 1);
	batch_end(&b);
}
END_TEST

START_TEST(live_batch_name_is_refused)
{
	struct batch b;
	struct submitted out;
	char id[ID_SIZE];

	submit_one("night", "a", id);
	batch_start(&b, "night");
	batch_add(&b, "b");
	REFUSES(ERR_INPUT, store_submit(s, &b, NULL, NOW, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "night"));
	batch_end(&b);
}
END_TEST

START_TEST(duplicates_within_are_refused)
{
	struct batch b;
	struct submitted out;

	batch_start(&b, "twins");
	add_with_key(&b, "a", "k");
	add_with_key(&b, "b", "k");
	batch_add(&b, "b");
	REFUSES(ERR_INPUT, store_submit(s, &b, NULL, NOW, &out, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "2 faults"));
	batch_end(&b);
}
END_TEST

START_TEST(needs_a_known_one_that_failed)
{
	struct batch first, next;
	struct hold *holds;
	size_t len;

	batch_start(&first, "first");
	add_with_key(&first, "net", "net");
	submit(&first);
	struct claim c = claim(first.v[0].id, 1);
	move(&c, EVENT_FAIL);
	batch_start(&next, "next");
	add_with_key(&next, "net", "net");
	strv_add(&batch_add(&next, "web")->depends_on, "net");
	strv_add(&batch_add(&next, "dns")->depends_on, "web");
	submit(&next);
	ck_assert_int_eq(next.v[0].state, STATE_FAILED);
	ck_assert_int_eq(next.v[1].state, STATE_HELD);
	ck_assert_int_eq(next.v[2].state, STATE_HELD);
	OK(store_holds(s, next.v[2].id, &holds, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(holds[0].reason, "dependency");
	store_holds_free(holds, len);
	batch_end(&next);
	batch_end(&first);
}
END_TEST

START_TEST(rollback_leaves_nothing)
{
	struct batch b;
	struct submitted out;
	int64_t counts[STATES];
	struct audit_head head;

	batch_start(&b, "gone");
	batch_add(&b, "a");
	OK(store_begin(s, &err));
	OK(store_submit(s, &b, NULL, NOW, &out, &err));
	store_rollback(s);
	OK(store_counts(s, NULL, counts, &err));
	ck_assert_int_eq(counts[STATE_QUEUED], 0);
	OK(store_audit_head(s, &head, &err));
	ck_assert_int_eq(head.number, 0);
	batch_end(&b);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("submit", &t);

	tcase_add_test(t, hundred_with_dependencies);
	tcase_add_test(t, comes_back_as_written);
	tcase_add_test(t, same_key_twice_is_known);
	tcase_add_test(t, same_key_other_body_is_refused);
	tcase_add_test(t, key_is_free_again_after_cancel);
	tcase_add_test(t, live_batch_name_is_refused);
	tcase_add_test(t, duplicates_within_are_refused);
	tcase_add_test(t, needs_a_known_one_that_failed);
	tcase_add_test(t, rollback_leaves_nothing);
	return unit_run(suite);
}
