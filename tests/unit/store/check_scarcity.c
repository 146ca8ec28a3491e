#include <config.h>

#include "fixture.h"
#include "store/scarcity.h"

#define HOUR INT64_C(3600000)

static const struct wanted big = { "Standard_D4s_v5", "westeurope", "", "sub" },
			   zoned = { "standard_d4s_v5", "westeurope", "2", "SUB" },
			   other_zone = { "Standard_D4s_v5", "westeurope", "1", "sub" },
			   elsewhere = { "Standard_D4s_v5", "eastus", "", "sub" },
			   of_others = { "Standard_D4s_v5", "westeurope", "", "them" },
			   of_anybody = { "Standard_D4s_v5", "westeurope", "", "" },
			   small = { "Standard_D2s_v5", "westeurope", "", "sub" };

static void
note(const struct wanted *w, enum failure_class class, const char *code, int64_t hours, int64_t now_ms)
{
	CLEANUP(failure_clear) struct failure why = { .class = FAILURE_UNKNOWN };

	failure_set(&why, class, code, "create", "not here");
	why.scarce_ms = hours * HOUR;
	WRITE(store_scarcity_note(s, w, &why, now_ms, &err));
}

/* What is remembered of W at this time: "CODE TIMES", or "". */
static const char *
remembered(const struct wanted *w, int64_t now_ms)
{
	static char text[64];
	CLEANUP(scarcities_clear) struct scarcities all = { .len = 0 };
	const struct scarcity *found;

	OK(store_scarcities(s, now_ms, &all, &err));
	found = scarcity_find(&all, w);
	snprintf(text, sizeof(text), "%s%s%.0d", found != NULL ? found->code : "",
	    found != NULL ? " " : "", found != NULL ? (int)found->times : 0);
	return text;
}

START_TEST(it_is_of_a_size_in_a_place_and_ends)
{
	note(&big, FAILURE_CAPACITY, "SkuNotAvailable", 24, NOW);
	ck_assert_str_eq(remembered(&big, NOW), "SkuNotAvailable 1");
	/* What the whole region lacks, its zones lack; names are compared as Azure does. */
	ck_assert_str_eq(remembered(&zoned, NOW), "SkuNotAvailable 1");
	ck_assert_str_eq(remembered(&of_anybody, NOW), "SkuNotAvailable 1");
	ck_assert_str_eq(remembered(&elsewhere, NOW), "");
	ck_assert_str_eq(remembered(&of_others, NOW), "");
	ck_assert_str_eq(remembered(&small, NOW), "");
	ck_assert_str_eq(remembered(&big, NOW + 24 * HOUR - 1), "SkuNotAvailable 1");
	ck_assert_str_eq(remembered(&big, NOW + 24 * HOUR), "");
}
END_TEST

START_TEST(a_zone_tells_nothing_of_others)
{
	note(&zoned, FAILURE_CAPACITY, "ZonalAllocationFailed", 1, NOW);
	ck_assert_str_eq(remembered(&zoned, NOW), "ZonalAllocationFailed 1");
	ck_assert_str_eq(remembered(&other_zone, NOW), "");
	ck_assert_str_eq(remembered(&big, NOW), "");
}
END_TEST

START_TEST(it_is_renewed_and_counted)
{
	note(&big, FAILURE_CAPACITY, "SkuNotAvailable", 24, NOW);
	/* What is believed for a shorter time does not shorten it. */
	note(&big, FAILURE_QUOTA, "QuotaExceeded", 6, NOW + HOUR);
	ck_assert_str_eq(remembered(&big, NOW + 24 * HOUR - 1), "QuotaExceeded 2");
	/* But what has ended is not counted on. */
	note(&big, FAILURE_CAPACITY, "AllocationFailed", 1, NOW + 30 * HOUR);
	ck_assert_str_eq(remembered(&big, NOW + 30 * HOUR), "AllocationFailed 1");
}
END_TEST

START_TEST(success_forgets_it)
{
	note(&big, FAILURE_CAPACITY, "SkuNotAvailable", 24, NOW);
	note(&zoned, FAILURE_CAPACITY, "ZonalAllocationFailed", 1, NOW);
	note(&small, FAILURE_CAPACITY, "SkuNotAvailable", 24, NOW);
	WRITE(store_scarcity_forget(s, &of_others, &err));
	ck_assert_str_eq(remembered(&big, NOW), "SkuNotAvailable 1");
	/* A machine in a zone of it is one in the region. */
	WRITE(store_scarcity_forget(s, &other_zone, &err));
	ck_assert_str_eq(remembered(&big, NOW), "");
	ck_assert_str_eq(remembered(&zoned, NOW), "ZonalAllocationFailed 1");
	ck_assert_str_eq(remembered(&small, NOW), "SkuNotAvailable 1");
}
END_TEST

START_TEST(a_person_knows_better)
{
	size_t n;

	note(&big, FAILURE_CAPACITY, "SkuNotAvailable", 24, NOW);
	note(&zoned, FAILURE_CAPACITY, "ZonalAllocationFailed", 1, NOW);
	note(&elsewhere, FAILURE_CAPACITY, "SkuNotAvailable", 24, NOW);
	WRITE(store_scarcity_forget_size(s, "standard_D4S_v5", "westeurope", "ada", NOW, &n, &err));
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(remembered(&big, NOW), "");
	ck_assert_str_eq(remembered(&elsewhere, NOW), "SkuNotAvailable 1");
	WRITE(store_scarcity_forget_size(s, "Standard_D4s_v5", NULL, "ada", NOW, &n, &err));
	ck_assert_uint_eq(n, 1);
	WRITE(store_scarcity_forget_size(s, "Standard_D4s_v5", NULL, "ada", NOW, &n, &err));
	ck_assert_uint_eq(n, 0);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("scarcity", &t);

	tcase_add_test(t, it_is_of_a_size_in_a_place_and_ends);
	tcase_add_test(t, a_zone_tells_nothing_of_others);
	tcase_add_test(t, it_is_renewed_and_counted);
	tcase_add_test(t, success_forgets_it);
	tcase_add_test(t, a_person_knows_better);
	return unit_run(suite);
}
