/* Records of failures: what is usual for a class, and the way to JSON and back. */
#include <config.h>

#include <string.h>

#include "base/json.h"
#include "core/failure.h"
#include "tests/unit/unit.h"

static const struct {
	enum failure_class class;
	enum retry retry;
	bool fallback;
} usual[] = {
	{ FAILURE_UNKNOWN, RETRY_NEVER, true },
	{ FAILURE_TRANSIENT, RETRY_LATER, true },
	{ FAILURE_THROTTLED, RETRY_LATER, false },
	{ FAILURE_CAPACITY, RETRY_NEVER, false },
	{ FAILURE_QUOTA, RETRY_NEVER, false },
	{ FAILURE_AUTH, RETRY_NEVER, false },
	{ FAILURE_PERMISSION, RETRY_NEVER, false },
	{ FAILURE_CONFLICT, RETRY_NEVER, false },
	{ FAILURE_NOT_FOUND, RETRY_NEVER, false },
	{ FAILURE_INVALID, RETRY_NEVER, true },
	{ FAILURE_POLICY, RETRY_NEVER, false },
	{ FAILURE_TIMEOUT, RETRY_LATER, true },
};

START_TEST(as_usual_for_the_class)
{
	struct failure f = { 0 };

	ck_assert_uint_eq(COUNT_OF(usual), FAILURE_CLASSES);
	failure_set(&f, usual[_i].class, "C", "s", "%s", "m");
	ck_assert_int_eq(f.retry, usual[_i].retry);
	ck_assert_int_eq(f.fallback, usual[_i].fallback);
	ck_assert_int_eq(f.wait_ms, 0);
	ck_assert_int_eq(f.tool_tries, 0);
	/* An older record knows the class only. */
	AUTO_JSON cJSON *json = failure_to_json(&f);
	cJSON_DeleteItemFromObject(json, "retry");
	cJSON_DeleteItemFromObject(json, "fallback");
	cJSON_DeleteItemFromObject(json, "wait_ms");
	failure_from_json(&f, json);
	ck_assert_int_eq(f.class, usual[_i].class);
	ck_assert_int_eq(f.retry, usual[_i].retry);
	ck_assert_int_eq(f.fallback, usual[_i].fallback);
	failure_clear(&f);
}
END_TEST

START_TEST(there_and_back)
{
	struct failure f = { 0 }, copy = { 0 }, back = { 0 };

	ck_assert_ptr_null(failure_to_json(&f));
	failure_set(&f, FAILURE_NOT_FOUND, NULL, NULL, "%s is not there", "x");
	f.retry = RETRY_AFTER_DEPENDENCY;
	f.fallback = true;
	f.wait_ms = 3600000;
	f.tool_tries = 4;
	f.advice_id = xstrdup("was-not-found");
	trace_set_target(&f.trace, "/subscriptions/s/x");
	failure_copy(&copy, &f);
	failure_copy(&copy, &copy);
	AUTO_JSON cJSON *json = failure_to_json(&copy);
	failure_from_json(&back, json);
	ck_assert_int_eq(back.class, FAILURE_NOT_FOUND);
	ck_assert_ptr_null(back.code);
	ck_assert_str_eq(back.message, "x is not there");
	ck_assert_int_eq(back.retry, RETRY_AFTER_DEPENDENCY);
	ck_assert(back.fallback);
	ck_assert_int_eq(back.wait_ms, 3600000);
	ck_assert_int_eq(back.tool_tries, 4);
	ck_assert_str_eq(back.advice_id, "was-not-found");
	ck_assert_str_eq(back.trace.target, "/subscriptions/s/x");
	/* Set anew, nothing of the old one stays. */
	failure_set(&back, FAILURE_QUOTA, back.message, NULL, "%s again", back.message);
	ck_assert_str_eq(back.code, "x is not there");
	ck_assert_str_eq(back.message, "x is not there again");
	ck_assert(!back.fallback);
	ck_assert_int_eq(back.wait_ms, 0);
	ck_assert_int_eq(back.tool_tries, 0);
	ck_assert_ptr_null(back.advice_id);
	ck_assert_ptr_null(back.trace.target);
	failure_clear(&f);
	failure_clear(&copy);
	failure_clear(&back);
}
END_TEST

START_TEST(names)
{
	for (enum retry retry = 0; retry < RETRIES; retry++)
		ck_assert_int_eq(retry_from_name(retry_name(retry)), retry);
	ck_assert_int_eq(retry_from_name("always"), RETRIES);
	ck_assert_int_eq(retry_from_name(NULL), RETRIES);
	for (enum failure_class class = 0; class < FAILURE_CLASSES; class ++)
		ck_assert_int_eq(failure_class_from_name(failure_class_name(class)), class);
	ck_assert_int_eq(failure_class_from_name("odd"), FAILURE_UNKNOWN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failure");
	TCase *tcase = tcase_create("failure");

	tcase_add_loop_test(tcase, as_usual_for_the_class, 0, COUNT_OF(usual));
	tcase_add_test(tcase, there_and_back);
	tcase_add_test(tcase, names);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
