/* Delays between tries: the formula, what the service asks for, and the jitter. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "core/retry_policy.h"
#include "tests/unit/unit.h"

static const struct retry_policy plain = { 3, 2000, 60000, 0 };
static const struct retry_policy usual = { 3, 2000, 60000, 20 };

static const struct {
	int retries;
	int64_t tool_tries, wait_ms, delay_ms;
} rows[] = {
	{ 0, 0, 0, 2000 },
	{ 1, 0, 0, 4000 },
	{ 2, 1, 0, 8000 },
	{ 3, 0, 0, 16000 },
	{ 4, 0, 0, 32000 },
	{ 5, 0, 0, 60000 },
	{ 6, 0, 0, 60000 },
	{ 1000000, 0, 0, 60000 },
	{ -1, 0, 0, 2000 },
	/* az had tried four times. */
	{ 0, 4, 0, 16000 },
	{ 1, 4, 0, 32000 },
	{ 2, 4, 0, 60000 },
	{ 0, INT64_MAX, 0, 60000 },
	/* The service's own word wins, whatever it is. */
	{ 0, 0, 1, 1 },
	{ 5, 4, 10000, 10000 },
	{ 0, 0, 3600000, 3600000 },
};

START_TEST(formula)
{
	struct failure why = { .tool_tries = rows[_i].tool_tries, .wait_ms = rows[_i].wait_ms };
	int64_t ms = rows[_i].delay_ms;

	ck_assert_int_eq(retry_delay_ms(&plain, &why, rows[_i].retries, "x"), ms);
	for (int i = 0; i < 1000; i++) {
		char seed[32];
		snprintf(seed, sizeof(seed), "objective-%d", i);
		int64_t delay = retry_delay_ms(&usual, &why, rows[_i].retries, seed);
		ck_assert_int_ge(delay, rows[_i].wait_ms ? ms : ms - ms / 5);
		ck_assert_int_le(delay, ms + ms / 5);
		ck_assert_int_eq(delay, retry_delay_ms(&usual, &why, rows[_i].retries, seed));
	}
}
END_TEST

/* Neighbouring seeds and tries are spread over the whole span. */
START_TEST(jitter_is_spread)
{
	int buckets[8] = { 0 };

	for (int i = 0; i < 8000; i++) {
		char seed[32];
		snprintf(seed, sizeof(seed), "018f0000-%012d", i / 2);
		int64_t delay = retry_delay_ms(&usual, NULL, 1 - i % 2, seed);
		int64_t ms = i % 2 ? 2000 : 4000, low = ms - ms / 5;
		buckets[(delay - low) * 8 / (2 * ms / 5 + 1)]++;
	}
	for (size_t i = 0; i < COUNT_OF(buckets); i++) {
		ck_assert_int_gt(buckets[i], 800);
		ck_assert_int_lt(buckets[i], 1200);
	}
}
END_TEST

START_TEST(odd_policies)
{
	static const struct retry_policy none = { 0, 0, 0, 20 };
	static const struct retry_policy narrow = { 3, 5000, 1000, 0 };
	static const struct retry_policy huge = { 3, INT64_MAX / 8, INT64_MAX / 4, 20 };
	struct failure why = { .wait_ms = INT64_MAX / 4 };

	ck_assert_int_eq(retry_delay_ms(&none, NULL, 5, NULL), 0);
	ck_assert_int_eq(retry_delay_ms(&narrow, NULL, 0, ""), 1000);
	ck_assert_int_gt(retry_delay_ms(&huge, NULL, 50, "x"), INT64_MAX / 8);
	ck_assert_int_ge(retry_delay_ms(&usual, &why, 0, "x"), INT64_MAX / 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("retry_policy");
	TCase *tcase = tcase_create("retry_policy");

	tcase_add_loop_test(tcase, formula, 0, COUNT_OF(rows));
	tcase_add_test(tcase, jitter_is_spread);
	tcase_add_test(tcase, odd_policies);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
