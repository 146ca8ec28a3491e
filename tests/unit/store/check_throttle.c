/* Limits, throttling, and the time that an objective has. */
#include "fixture.h"

static char ids[16][ID_SIZE];

/* N objectives, each in a lane of its own. */
static void
submit_wide(struct batch *b, const char *name, int n, const char *group)
{
	batch_start(b, name);
	for (int i = 0; i < n; i++) {
		char text[20];

		snprintf(text, sizeof(text), "%s%d", group, i);
		batch_add(b, text)->resource_group = xstrdup(group);
	}
	submit(b);
}

START_TEST(limit_of_a_strategy)
{
	const struct claim_limits limits = { .strategy = "azure_cli", .of_strategy = 2 };
	const struct claim_limits elsewhere = { .strategy = "terraform", .of_strategy = 1 };
	struct batch b, b2;
	struct claim c, first;

	submit_wide(&b, "b", 4, "rg");
	submit_wide(&b2, "b2", 1, "rg2");
	claim_limits = &limits;
	first = claim(b.v[0].id, 1);
	claim(b.v[1].id, 1);
	REFUSES(ERR_LIMIT, try_claim(s, b.v[2].id, me, 1, &c));
	WRITE(store_pass_over(s, b.v[2].id, &err));
	ck_assert_uint_eq(ready(8, ids), 1);
	ck_assert_str_eq(ids[0], b2.v[0].id);
	WRITE(store_pass_over(s, b2.v[0].id, &err));
	ck_assert_uint_eq(ready(8, ids), 0);
	claim_limits = &elsewhere;
	struct claim third = claim(b2.v[0].id, 1);
	claim_limits = &limits;
	move(&third, EVENT_SUCCEED);
	REFUSES(ERR_LIMIT, try_claim(s, b.v[2].id, me, 1, &c));
	WRITE(store_pass_over(s, b.v[2].id, &err));
	/* Whatever leaves running lets all have another look. */
	move(&first, EVENT_SUCCEED);
	ck_assert_uint_eq(ready(8, ids), 2);
	claim(b.v[2].id, 1);
	REFUSES(ERR_LIMIT, try_claim(s, b.v[3].id, me, 1, &c));
	batch_end(&b);
	batch_end(&b2);
}
END_TEST

START_TEST(limit_of_a_group)
{
	const struct claim_limits limits = { .of_group = 1 };
	struct batch b, b2, b3;
	struct claim c, first;

	submit_wide(&b, "b", 2, "RG-One");
	submit_wide(&b2, "b2", 1, "rg-one");
	submit_wide(&b3, "b3", 1, "rg-two");
	claim_limits = &limits;
	first = claim(b.v[0].id, 1);
	REFUSES(ERR_LIMIT, try_claim(s, b.v[1].id, me, 1, &c));
	REFUSES(ERR_LIMIT, try_claim(s, b2.v[0].id, me, 1, &c));
	claim(b3.v[0].id, 1);
	/* Also the one that goes on with its attempt. */
	postpone(&first, 0);
	first = claim(b2.v[0].id, 1);
	REFUSES(ERR_LIMIT, try_claim(s, b.v[0].id, me, 0, &c));
	move(&first, EVENT_SUCCEED);
	claim(b.v[0].id, 0);
	batch_end(&b);
	batch_end(&b2);
	batch_end(&b3);
}
END_TEST

START_TEST(nothing_runs_that_could_release)
{
	char id[ID_SIZE];

	submit_one("b", "a", id);
	WRITE(store_pass_over(s, id, &err));
	ck_assert_uint_eq(ready(2, ids), 1);
	REFUSES(ERR_NOT_FOUND, store_pass_over(s, "00000000-0000-7000-8000-000000000000", &err));
}
END_TEST

START_TEST(throttled_everywhere)
{
	struct batch b, b2, b3;
	struct audit_head before, after;
	struct claim c;
	int64_t until;

	submit_wide(&b, "b", 2, "rg");
	submit_wide(&b2, "b2", 1, "other");
	batch_start(&b3, "b3");
	batch_add(&b3, "elsewhere")->subscription = xstrdup("S-2");
	struct objective *o = batch_add(&b3, "another");
	o->provider = xstrdup("Microsoft.Network");
	submit(&b3);
	WRITE(store_throttle(s, b.v[0].id, NULL, NOW + 5000, NOW, &err));
	ck_assert_uint_eq(ready(8, ids), 2);
	REFUSES(ERR_CONFLICT, try_claim(s, b2.v[0].id, me, 1, &c));
	OK(store_throttled(s, b2.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, NOW + 5000);
	OK(store_throttled(s, b3.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, 0);
	/* Never shorter, and then nothing is told. */
	OK(store_audit_head(s, &before, &err));
	WRITE(store_throttle(s, b2.v[0].id, NULL, NOW + 4000, NOW, &err));
	OK(store_audit_head(s, &after, &err));
	ck_assert_int_eq(after.number, before.number);
	WRITE(store_throttle(s, b2.v[0].id, NULL, NOW + 6000, NOW, &err));
	OK(store_throttled(s, b.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, NOW + 6000);
	batch_end(&b2);
	/* What is submitted now is held back too. */
	submit_wide(&b2, "b4", 1, "new");
	OK(store_throttled(s, b2.v[0].id, NOW, &until, &err));
	ck_assert_int_eq(until, NOW + 6000);
	OK(store_next_wake(s, &until, &err));
	ck_assert_int_eq(until, NOW + 6000);
	wake(NOW + 6000);
	ck_assert_uint_eq(ready(8, ids), 6);
	OK(store_throttled(s, b2.v[0].id, NOW + 6000, &until, &err));
	ck_assert_int_eq(until, 0);
	batch_end(&b);
	batch_end(&b2);
	batch_end(&b3);
}
END_TEST

static int64_t
throttled(const char *id)
{
	int64_t until_ms;

	OK(store_throttled(s, id, NOW, &until_ms, &err));
	return until_ms;
}

static int64_t
last_record(void)
{
	struct audit_head head;

	OK(store_audit_head(s, &head, &err));
	return head.number;
}

/* The default subscription is named by its id or not at all: either way it is one. */
START_TEST(default_subscription_has_two_names)
{
	struct batch b;
	int64_t number;

	batch_start(&b, "b");
	batch_add(&b, "unnamed");
	batch_add(&b, "named")->subscription = xstrdup("Sub-1");
	batch_add(&b, "elsewhere")->subscription = xstrdup("sub-2");
	submit(&b);
	const char *unnamed = b.v[0].id, *named = b.v[1].id, *elsewhere = b.v[2].id;
	/* Not known: only those of the same name. */
	WRITE(store_throttle(s, unnamed, NULL, NOW + 1000, NOW, &err));
	ck_assert_int_eq(throttled(unnamed), NOW + 1000);
	ck_assert_int_eq(throttled(named), 0);
	WRITE(store_throttle(s, unnamed, "SUB-1", NOW + 2000, NOW, &err));
	ck_assert_int_eq(throttled(unnamed), NOW + 2000);
	ck_assert_int_eq(throttled(named), NOW + 2000);
	WRITE(store_throttle(s, named, "sub-1", NOW + 3000, NOW, &err));
	ck_assert_int_eq(throttled(unnamed), NOW + 3000);
	ck_assert_int_eq(throttled(named), NOW + 3000);
	/* Another one than the default has one name. */
	ck_assert_int_eq(throttled(elsewhere), 0);
	WRITE(store_throttle(s, elsewhere, "sub-1", NOW + 9000, NOW, &err));
	ck_assert_int_eq(throttled(elsewhere), NOW + 9000);
	ck_assert_int_eq(throttled(unnamed), NOW + 3000);
	ck_assert_int_eq(throttled(named), NOW + 3000);
	number = last_record();
	WRITE(store_throttle(s, unnamed, "sub-1", NOW + 2500, NOW, &err));
	ck_assert_int_eq(last_record(), number);
	wake(NOW + 3000);
	ck_assert_uint_eq(ready(8, ids), 2);
	batch_end(&b);
}
END_TEST

/* ---- lanes that are passed over ---- */

/* One of three in a lane runs, the second has made something and waits, the lane is passed over. */
static void
pass_over(struct batch *b)
{
	struct claim c;

	submit_wide(b, "b", 3, "rg");
	claim(b->v[0].id, 1);
	c = claim(b->v[1].id, 1);
	add_resource(&c, "/r/1");
	postpone(&c, 0);
	WRITE(store_pass_over(s, b->v[2].id, &err));
	ck_assert_uint_eq(ready(8, ids), 0);
}

START_TEST(an_undo_is_not_passed_over)
{
	const struct claim_limits limits = { .of_group = 1 };
	struct batch b, b2;
	bool at_once;
	size_t len;

	submit_wide(&b2, "b2", 1, "elsewhere");
	claim(b2.v[0].id, 1);
	pass_over(&b);
	WRITE(store_cancel(s, b.v[1].id, "tester", NOW, &at_once, &err));
	ck_assert(!at_once);
	ck_assert_uint_eq(ready(8, ids), 1);
	ck_assert_str_eq(ids[0], b.v[1].id);
	OK(store_ready(s, "b", NOW, 8, ids, &len, &err));
	ck_assert_uint_eq(len, 1);
	OK(store_ready(s, "b2", NOW, 8, ids, &len, &err));
	ck_assert_uint_eq(len, 0);
	FAILS(ERR_NOT_FOUND, store_ready(s, "b3", NOW, 8, ids, &len, &err));
	/* A service that wants nothing wants no undo either. */
	WRITE(store_throttle(s, b.v[2].id, NULL, NOW + 1000, NOW, &err));
	ck_assert_uint_eq(ready(8, ids), 0);
	wake(NOW + 1000);
	ck_assert_uint_eq(ready(8, ids), 1);
	claim_limits = &limits;
	claim(b.v[1].id, 0);
	batch_end(&b);
	batch_end(&b2);
}
END_TEST

START_TEST(a_destroy_is_not_passed_over)
{
	CLEANUP(strv_clear) struct strv wished = { NULL, 0, 0 };
	struct destroy_report report;
	struct batch b;

	submit_wide(&b, "b", 3, "rg");
	struct claim c = claim(b.v[1].id, 1);
	add_resource(&c, "/r/1");
	move(&c, EVENT_SUCCEED);
	claim(b.v[0].id, 1);
	WRITE(store_pass_over(s, b.v[2].id, &err));
	ck_assert_uint_eq(ready(8, ids), 0);
	strv_add(&wished, b.v[1].id);
	WRITE(store_destroy(s, &wished, false, "tester", NOW, &report, &err));
	ck_assert_uint_eq(ready(8, ids), 1);
	ck_assert_str_eq(ids[0], b.v[1].id);
	batch_end(&b);
}
END_TEST

/* Its limits may be wider ones. */
START_TEST(another_runner_has_another_look)
{
	char third[ID_SIZE];
	struct batch b;

	pass_over(&b);
	runner_register(third, "third");
	ck_assert_uint_eq(ready(8, ids), 2);
	batch_end(&b);
}
END_TEST

START_TEST(provider_comes_back)
{
	struct batch b;
	struct objective o;

	batch_start(&b, "b");
	batch_add(&b, "a")->provider = xstrdup("Microsoft.Network");
	batch_add(&b, "b");
	submit(&b);
	OK(store_get(s, b.v[0].id, &o, &err));
	ck_assert_str_eq(o.provider, "Microsoft.Network");
	objective_clear(&o);
	OK(store_get(s, b.v[1].id, &o, &err));
	ck_assert_str_eq(o.provider, "linux_vm");
	objective_clear(&o);
	batch_end(&b);
}
END_TEST

/* ---- the time that it has ---- */

START_TEST(due_is_fixed_at_the_first_claim)
{
	struct batch b;
	struct objective o;
	struct claim c;

	batch_start(&b, "b");
	batch_add(&b, "timeout")->timeout_ms = 5000;
	batch_add(&b, "deadline")->deadline_ms = NOW + 3000;
	struct objective *both = batch_add(&b, "both");
	both->timeout_ms = 5000;
	both->deadline_ms = NOW + 9000;
	batch_add(&b, "neither");
	submit(&b);
	static const int64_t due[] = { NOW + 5000, NOW + 3000, NOW + 5000, 0 };
	for (size_t i = 0; i < 4; i++) {
		c = claim(b.v[i].id, 1);
		ck_assert_int_eq(claim_due, due[i]);
		postpone(&c, NOW + 100000);
	}
	/* Each is woken before it is over, and its time does not begin anew. */
	ck_assert_uint_eq(wake(NOW + 3000), 1);
	ck_assert_uint_eq(wake(NOW + 5000), 2);
	claim_time = NOW + 4000;
	c = claim(b.v[0].id, 0);
	ck_assert_int_eq(claim_due, NOW + 5000);
	/* Once it is over, it is polled as slowly as the runner wants. */
	struct move m = { .event = EVENT_POSTPONE, .until_ms = NOW + 60000 };
	WRITE(store_move(s, &c, &m, NOW + 5000, &err));
	OK(store_get(s, b.v[0].id, &o, &err));
	ck_assert_int_eq(o.not_before_ms, NOW + 60000);
	ck_assert_int_eq(o.due_ms, NOW + 5000);
	objective_clear(&o);
	/* A retry begins a new time. */
	c = claim(b.v[1].id, 0);
	move(&c, EVENT_FAIL);
	WRITE(store_retry(s, b.v[1].id, false, NULL, NOW, &err));
	OK(store_get(s, b.v[1].id, &o, &err));
	ck_assert_int_eq(o.due_ms, 0);
	objective_clear(&o);
	batch_end(&b);
}
END_TEST

START_TEST(over_between_two_strategies)
{
	struct batch b;
	struct objective o;
	struct claim c;

	batch_start(&b, "b");
	batch_add(&b, "a")->timeout_ms = 5000;
	submit(&b);
	c = claim(b.v[0].id, 1);
	end_attempt(&c);
	postpone(&c, 0);
	OK(store_get(s, b.v[0].id, &o, &err));
	ck_assert_int_eq(o.state, STATE_QUEUED);
	ck_assert_str_eq(json_str(o.failure, "code"), "SkuNotAvailable");
	objective_clear(&o);
	claim_time = NOW + 5000;
	REFUSES(ERR_CONFLICT, try_claim(s, b.v[0].id, me, 2, &c));
	ck_assert_uint_eq(wake(NOW + 4999), 0);
	ck_assert_uint_eq(wake(NOW + 5000), 1);
	OK(store_get(s, b.v[0].id, &o, &err));
	ck_assert_int_eq(o.state, STATE_FAILED);
	ck_assert_ptr_nonnull(strstr(json_str(o.failure, "message"), "timeout"));
	objective_clear(&o);
	batch_end(&b);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("throttle", &t);

	tcase_add_test(t, limit_of_a_strategy);
	tcase_add_test(t, limit_of_a_group);
	tcase_add_test(t, nothing_runs_that_could_release);
	tcase_add_test(t, throttled_everywhere);
	tcase_add_test(t, default_subscription_has_two_names);
	tcase_add_test(t, an_undo_is_not_passed_over);
	tcase_add_test(t, a_destroy_is_not_passed_over);
	tcase_add_test(t, another_runner_has_another_look);
	tcase_add_test(t, provider_comes_back);
	tcase_add_test(t, due_is_fixed_at_the_first_claim);
	tcase_add_test(t, over_between_two_strategies);
	return unit_run(suite);
}
