#include <config.h>

#include "fixture.h"
#include "store/search.h"

#define URL "https://learn.microsoft.com/api/search"
#define DAY (INT64_C(24) * 3600 * 1000)

static struct search known;

static void
look(const char *source, const char *query)
{
	search_clear(&known);
	OK(store_search(s, source, query, &known, &err));
}

static void
answer(const char *query, const char *text, int64_t now_ms)
{
	AUTO_JSON cJSON *articles = json_parse(text, strlen(text), 1, NULL);

	WRITE(store_search_answered(s, URL, query, articles, now_ms, &err));
}

START_TEST(what_was_never_asked_is_not_known)
{
	look(URL, "A error");
	ck_assert_ptr_null(known.articles);
	ck_assert_int_eq(known.retrieved_ms, 0);
	ck_assert_ptr_null(known.why);
	ck_assert_int_eq(known.failed_ms, 0);
}
END_TEST

START_TEST(an_answer_is_kept)
{
	answer("A error", "[{\"address\":\"x\"}]", NOW);
	look(URL, "A error");
	ck_assert_str_eq(json_str(known.articles->child, "address"), "x");
	ck_assert_int_eq(known.retrieved_ms, NOW);
	ck_assert_ptr_null(known.why);
	/* Of another query, or at another address, nothing is known. */
	look(URL, "B error");
	ck_assert_ptr_null(known.articles);
	look("https://mirror.example/", "A error");
	ck_assert_ptr_null(known.articles);
	search_clear(&known);
}
END_TEST

START_TEST(a_failure_leaves_the_answer)
{
	int64_t last_ms;

	OK(store_search_last(s, &last_ms, &err));
	ck_assert_int_eq(last_ms, 0);
	WRITE(store_search_failed(s, URL, "A error", "no answer in time", NOW, &err));
	look(URL, "A error");
	ck_assert_ptr_null(known.articles);
	ck_assert_str_eq(known.why, "no answer in time");
	ck_assert_int_eq(known.failed_ms, NOW);
	/* The next answer lifts it, and a later failure takes nothing away. */
	answer("A error", "[]", NOW + DAY);
	look(URL, "A error");
	ck_assert_ptr_nonnull(known.articles);
	ck_assert_ptr_null(known.why);
	WRITE(store_search_failed(s, URL, "A error", "HTTP status 429", NOW + 9 * DAY, &err));
	look(URL, "A error");
	ck_assert_ptr_nonnull(known.articles);
	ck_assert_int_eq(known.retrieved_ms, NOW + DAY);
	ck_assert_str_eq(known.why, "HTTP status 429");
	ck_assert_int_eq(known.failed_ms, NOW + 9 * DAY);
	OK(store_search_last(s, &last_ms, &err));
	ck_assert_int_eq(last_ms, NOW + 9 * DAY);
	search_clear(&known);
}
END_TEST

int
main(void)
{
	TCase *t;
	Suite *suite = fixture_suite("search", &t);

	tcase_add_test(t, what_was_never_asked_is_not_known);
	tcase_add_test(t, an_answer_is_kept);
	tcase_add_test(t, a_failure_leaves_the_answer);
	return unit_run(suite);
}
