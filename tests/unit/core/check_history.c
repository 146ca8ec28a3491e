#include <config.h>

#include <stdio.h>
#include <string.h>

#include "../unit.h"
#include "base/mem.h"
#include "core/history.h"

static const struct {
	const char *person, *before, *after, *size_before, *size_after;
	const char *tried_before, *tried_after;
	bool same_attempt;
	enum resolver by;
	const char *detail;
} cases[] = {
	{ NULL, "azure_cli", "azure_cli", "\"a\"", "\"a\"", NULL, NULL, true, RESOLVER_RETRY, NULL },
	{ NULL, "azure_cli", "azure_cli", "\"a\"", "\"a\"", NULL, NULL, false, RESOLVER_RETRY, NULL },
	{ NULL, "azure_cli", "terraform", "\"a\"", "\"a\"", NULL, NULL, false, RESOLVER_STRATEGY, "terraform" },
	{ NULL, NULL, "terraform", "\"a\"", "\"a\"", NULL, NULL, false, RESOLVER_RETRY, NULL },
	{ NULL, "azure_cli", "terraform", "\"a\"", "\"b\"", NULL, NULL, false, RESOLVER_PARAMETER, "size = b" },
	{ NULL, "azure_cli", "azure_cli", "\"a\"", "\"a\"", "a", "b", false, RESOLVER_PARAMETER, "size = b" },
	{ NULL, "azure_cli", "terraform", "\"a\"", "\"a\"", "a", "a", false, RESOLVER_STRATEGY, "terraform" },
	{ "ada", "azure_cli", "azure_cli", "\"a\"", "\"a\"", NULL, NULL, true, RESOLVER_PERSON, "ada" },
};

START_TEST(is_told_apart)
{
	char person[8] = "", strategy[16] = "", size[8] = "";
	struct passing by = { .same = cases[_i].same_attempt };
	struct occurrence c = { .person = cases[_i].person != NULL ? person : NULL,
		.strategy = cases[_i].before != NULL ? strategy : NULL,
		.size = cases[_i].tried_before != NULL ? size : NULL };
	AUTO_FREE char *detail = NULL;
	struct objective then, now;

	if (cases[_i].person != NULL)
		snprintf(person, sizeof(person), "%s", cases[_i].person);
	if (cases[_i].before != NULL)
		snprintf(strategy, sizeof(strategy), "%s", cases[_i].before);
	if (cases[_i].tried_before != NULL)
		snprintf(size, sizeof(size), "%s", cases[_i].tried_before);
	by.strategy = xstrdup(cases[_i].after);
	by.size = xstrdup(cases[_i].tried_after);
	objective_init(&then);
	objective_init(&now);
	then.parameters = cJSON_CreateObject();
	now.parameters = cJSON_CreateObject();
	cJSON_AddItemToObject(then.parameters, "size", cJSON_Parse(cases[_i].size_before));
	cJSON_AddItemToObject(now.parameters, "size", cJSON_Parse(cases[_i].size_after));
	ck_assert_int_eq(
	    history_resolver(&c, &then, &now, &by, &detail), cases[_i].by);
	ck_assert_pstr_eq(detail, cases[_i].detail);
	free(by.strategy);
	free(by.size);
	objective_clear(&then);
	objective_clear(&now);
}
END_TEST

#define S 1000
#define RESOLVED(how, after)                                                                 \
	{                                                                                    \
		.sequel = SEQUEL_RESOLVED, .resolver = RESOLVER_##how, .first_ms = 1000 * S, \
		.ended_ms = 1000 * S + (after)                                               \
	}

START_TEST(the_lesson)
{
	const struct occurrence v[] = { { .sequel = SEQUEL_OPEN }, RESOLVED(RETRY, 41 * S + 300),
		RESOLVED(RETRY, 2 * S), { .sequel = SEQUEL_FAILED }, RESOLVED(STRATEGY, 90 * S),
		RESOLVED(RETRY, 300 * S) };
	enum resolver order[RESOLVERS];
	struct lesson lesson;

	lesson_of(v, COUNT_OF(v), &lesson);
	ck_assert_int_eq(lesson.ended, 5);
	ck_assert_uint_eq(lesson_order(&lesson, order), 2);
	ck_assert_int_eq(order[0], RESOLVER_RETRY);
	ck_assert_int_eq(order[1], RESOLVER_STRATEGY);
	AUTO_FREE char *retry = lesson_text(&lesson, RESOLVER_RETRY);
	AUTO_FREE char *strategy = lesson_text(&lesson, RESOLVER_STRATEGY);
	ck_assert_str_eq(retry, "resolved 3 of 5 times by a retry after about 41 s");
	ck_assert_str_eq(
	    strategy, "resolved 1 of 5 times by another strategy after about 1 min 30 s");
	ck_assert_ptr_null(lesson_text(&lesson, RESOLVER_PERSON));
}
END_TEST

START_TEST(nothing_is_no_lesson)
{
	enum resolver order[RESOLVERS];
	struct lesson lesson;

	lesson_of(NULL, 0, &lesson);
	ck_assert_int_eq(lesson.ended, 0);
	ck_assert_uint_eq(lesson_order(&lesson, order), 0);
}
END_TEST

START_TEST(what_counts)
{
	ck_assert(history_counts(ACT_RUN, ANSWER_ABSENT));
	ck_assert(history_counts(ACT_CHECK, ANSWER_CANNOT_TELL));
	ck_assert(!history_counts(ACT_CHECK, ANSWER_FOREIGN));
	ck_assert(!history_counts(ACT_UNDO, ANSWER_CANNOT_TELL));
}
END_TEST

START_TEST(all_names_lead_back)
{
	for (enum sequel i = 0; i < SEQUELS; i++)
		ck_assert_int_eq(sequel_from_name(sequel_name(i)), i);
	for (enum resolver i = 0; i < RESOLVERS; i++)
		ck_assert_int_eq(resolver_from_name(resolver_name(i)), i);
	ck_assert_int_eq(sequel_from_name("x"), SEQUELS);
	ck_assert_int_eq(resolver_from_name(NULL), RESOLVERS);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = tcase_create("history");

	tcase_add_loop_test(tcase, is_told_apart, 0, COUNT_OF(cases));
	tcase_add_test(tcase, the_lesson);
	tcase_add_test(tcase, nothing_is_no_lesson);
	tcase_add_test(tcase, what_counts);
	tcase_add_test(tcase, all_names_lead_back);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
