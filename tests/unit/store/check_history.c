#include <config.h>

#include "fixture.h"
#include "store/history.h"

#define SECOND 1000

static struct known_failure known;

static void
fail_with(struct failure *f, const char *code)
{
	failure_set(
	    f, FAILURE_CAPACITY, code, "create", "no room for 'vm-%d'", (int)(test_now % 97));
}

/* A run of the objective's attempt, which fails with this code. */
static void
run_badly(const struct claim *c, int attempt, const char *code)
{
	CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };
	struct execution x;
	char id[ID_SIZE];

	fail_with(&f, code);
	begin_execution(c, ACT_RUN, id);
	execution_init(&x);
	memcpy(x.id, id, ID_SIZE);
	x.attempt = attempt;
	x.step_name = xstrdup("create");
	x.act = ACT_RUN;
	x.ended_ms = test_now;
	x.failure = failure_to_json(&f);
	WRITE(store_execution_end(s, c, &x, &err));
	execution_clear(&x);
}

static void
fail_for(const struct claim *c, const char *code)
{
	CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };
	struct move m = { .event = EVENT_FAIL, .failure = &f };

	fail_with(&f, code);
	WRITE(store_move(s, c, &m, test_now, &err));
}

/* The only one of this signature that there is. */
static void
find_only(struct occurrence **v)
{
	struct known_failure *all;
	size_t len;

	OK(store_known_failures(s, 10, &all, &len, &err));
	ck_assert_uint_eq(len, 1);
	OK(store_known_failure(s, all[0].signature, &known, &err));
	store_known_failures_free(all, len);
	OK(store_occurrences(s, known.signature, 10, v, &len, &err));
	ck_assert_uint_eq(len, 1);
}

static void
forget(struct occurrence *v)
{
	store_occurrences_free(v, 1);
	known_failure_clear(&known);
}

START_TEST(a_retry_resolves)
{
	struct occurrence *v;
	char id[ID_SIZE];
	struct claim c;

	submit_one("one", "a", id);
	c = claim(id, 1);
	run_badly(&c, 1, "AllocationFailed");
	test_now += 10 * SECOND;
	run_badly(&c, 1, "AllocationFailed");
	find_only(&v);
	ck_assert_int_eq(v[0].sequel, SEQUEL_OPEN);
	ck_assert_int_eq(v[0].times, 2);
	forget(v);
	test_now += 30 * SECOND;
	move(&c, EVENT_SUCCEED);
	find_only(&v);
	ck_assert_int_eq(known.seen, 2);
	ck_assert_str_eq(known.code, "AllocationFailed");
	ck_assert_str_eq(known.capability, "linux_vm");
	ck_assert_int_eq(v[0].sequel, SEQUEL_RESOLVED);
	ck_assert_int_eq(v[0].resolver, RESOLVER_RETRY);
	ck_assert_int_eq(v[0].ended_ms - v[0].first_ms, 40 * SECOND);
	ck_assert_str_eq(v[0].strategy, "azure_cli");
	forget(v);
}
END_TEST

START_TEST(what_ended_it_is_counted_once)
{
	struct occurrence *v;
	struct objective o;
	char id[ID_SIZE];
	struct claim c;

	submit_one("one", "a", id);
	c = claim(id, 1);
	run_badly(&c, 1, "SkuNotAvailable");
	fail_for(&c, "SkuNotAvailable");
	find_only(&v);
	ck_assert_int_eq(known.seen, 1);
	ck_assert_int_eq(v[0].sequel, SEQUEL_FAILED);
	ck_assert_int_eq(known.sequels[SEQUEL_FAILED], 1);
	OK(store_get(s, id, &o, &err));
	ck_assert_str_eq(json_str(o.failure, "signature"), known.signature);
	objective_clear(&o);
	forget(v);
}
END_TEST

/* The same key again, in another batch and under another name, after one of none. */
START_TEST(another_value_under_a_key_resolves)
{
	struct occurrence *v;
	struct claim c;
	struct batch b;

	submit_one("other", "z", (char[ID_SIZE]){ 0 });
	batch_start(&b, "one");
	batch_add(&b, "a")->key = xstrdup("nightly");
	submit(&b);
	c = claim(b.v[0].id, 1);
	fail_for(&c, "SkuNotAvailable");
	WRITE(store_destroy(s, &(struct strv){ (char *[]){ b.v[0].id, NULL }, 1, 1 }, false, "ada",
	    test_now, &(struct destroy_report){ 0 }, &err));
	batch_end(&b);
	batch_start(&b, "two");
	batch_add(&b, "b")->key = xstrdup("nightly");
	b.v[0].region = xstrdup("westus");
	submit(&b);
	c = claim(b.v[0].id, 1);
	move(&c, EVENT_SUCCEED);
	batch_end(&b);
	find_only(&v);
	ck_assert_int_eq(v[0].sequel, SEQUEL_RESOLVED);
	ck_assert_int_eq(v[0].resolver, RESOLVER_PARAMETER);
	ck_assert_str_eq(v[0].detail, "region = westus");
	forget(v);
}
END_TEST

/* The same batch again, with another region. */
START_TEST(another_value_resolves)
{
	struct occurrence *v;
	char id[ID_SIZE];
	struct claim c;
	struct batch b;

	submit_one("one", "a", id);
	c = claim(id, 1);
	fail_for(&c, "SkuNotAvailable");
	WRITE(store_destroy(s, &(struct strv){ (char *[]){ id, NULL }, 1, 1 }, false, "ada",
	    test_now, &(struct destroy_report){ 0 }, &err));
	batch_start(&b, "one");
	batch_add(&b, "a")->region = xstrdup("westus");
	submit(&b);
	c = claim(b.v[0].id, 1);
	move(&c, EVENT_SUCCEED);
	batch_end(&b);
	find_only(&v);
	ck_assert_int_eq(v[0].sequel, SEQUEL_RESOLVED);
	ck_assert_int_eq(v[0].resolver, RESOLVER_PARAMETER);
	ck_assert_str_eq(v[0].detail, "region = westus");
	forget(v);
}
END_TEST

START_TEST(cancelled_is_no_lesson)
{
	struct occurrence *v;
	struct claim c;
	char id[ID_SIZE];

	submit_one("one", "a", id);
	c = claim(id, 1);
	run_badly(&c, 1, "AllocationFailed");
	move(&c, EVENT_CANCEL);
	find_only(&v);
	ck_assert_int_eq(v[0].sequel, SEQUEL_CANCELLED);
	forget(v);
}
END_TEST

START_TEST(is_found_by_its_beginning)
{
	char id[ID_SIZE], signature[SIGNATURE_SIZE];
	struct occurrence *v;
	struct claim c;

	FAILS(ERR_NOT_FOUND, store_known_failure(s, "ab", &known, &err));
	submit_one("one", "a", id);
	OK(store_last_signature(s, id, signature, &err));
	ck_assert_str_eq(signature, "");
	c = claim(id, 1);
	fail_for(&c, "SkuNotAvailable");
	find_only(&v);
	OK(store_last_signature(s, id, signature, &err));
	ck_assert_str_eq(signature, known.signature);
	known_failure_clear(&known);
	signature[6] = '\0';
	OK(store_known_failure(s, signature, &known, &err));
	known_failure_clear(&known);
	FAILS(ERR_NOT_FOUND, store_known_failure(s, "zz", &known, &err));
	forget(v);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("history", &t);

	tcase_add_test(t, a_retry_resolves);
	tcase_add_test(t, what_ended_it_is_counted_once);
	tcase_add_test(t, another_value_resolves);
	tcase_add_test(t, another_value_under_a_key_resolves);
	tcase_add_test(t, cancelled_is_no_lesson);
	tcase_add_test(t, is_found_by_its_beginning);
	return unit_run(suite);
}
