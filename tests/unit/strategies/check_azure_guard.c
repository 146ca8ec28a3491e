/* Guards: an undo that would take what is not ours is found out, and doubt stops it too. */
#include <config.h>

#include "strategies/azure_guard.h"
#include "strategies/azure_step.h"
#include "tests/unit/strategies/az.h"

#define ID "018f0000-0000-7000-8000-000000000001"
#define RG "/subscriptions/s/resourceGroups/rg"
#define NET RG "/providers/Microsoft.Network/virtualNetworks/"
#define OURS(name)                                                          \
	"{\"id\": \"" NET name "\", \"tags\": {\"Purser-Objective\": \"" ID \
	"\", \"team\": \"web\"}}"
#define THEIRS(name) "{\"id\": \"" NET name "\", \"tags\": {\"purser-objective\": \"other\"}}"
#define BARE(name) "{\"id\": \"" NET name "\", \"tags\": null}"

static const struct {
	const char *list;
	enum answer answer;
	const char *named, *not_named; /* in the failure */
} lists[] = {
	{ "[]", ANSWER_OURS_COMPLETE, NULL, NULL },
	{ "[" OURS("v1") "," OURS("v2") "]", ANSWER_OURS_COMPLETE, NULL, NULL },
	/* Below one of ours, whatever the order and the case. */
	{ "[" BARE("V1/subnets/s") "," OURS("v1") "]", ANSWER_OURS_COMPLETE, NULL, NULL },
	{ "[" BARE("v1/subnets/s/x/y") "," OURS("v1") "]", ANSWER_OURS_COMPLETE, NULL, NULL },
	{ "[" THEIRS("v1/subnets/s") "," OURS("v1") "]", ANSWER_OURS_COMPLETE, NULL, NULL },
	/* The beginning of a name is not what holds it. */
	{ "[" OURS("v1") "," BARE("v12") "]", ANSWER_FOREIGN, NET "v12", NET "v1," },
	{ "[" OURS("v1") "," THEIRS("v2") "]", ANSWER_FOREIGN, NET "v2", NULL },
	{ "[" BARE("a") "]", ANSWER_FOREIGN, NET "a", "more" },
	{ "[{\"id\": \"" NET "a\"}]", ANSWER_FOREIGN, NET "a", NULL },
	{ "[" BARE("a") "," BARE("b") "," BARE("c") "]", ANSWER_FOREIGN, NET "c", "more" },
	{ "[" BARE("a") "," BARE("b") "," BARE("c") "," BARE("d") "," BARE("e") "]", ANSWER_FOREIGN,
	    " and 2 more", NET "d" },
	/* What cannot be read is not taken for ours. */
	{ "", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "{}", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "null", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "[1]", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "[{\"tags\": {\"purser-objective\": \"" ID "\"}}]", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "[{\"id\": \"v\", \"tags\": {}}]", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "[{\"id\": \"" NET "a\", \"tags\": \"" ID "\"}]", ANSWER_CANNOT_TELL, NULL, NULL },
	{ "[" OURS("v1"), ANSWER_CANNOT_TELL, NULL, NULL },
};

static void
ask(const struct result *result, struct reading *r)
{
	struct plan plan = { .objective_id = (char[]){ ID } };
	struct step step = { .name = (char[]){ "group" } };

	reading_init(r);
	/* By the way of the strategy's own reader. */
	azure_cli.read(NULL, &plan, &step, ACT_GUARD, 0, RG, result, r);
}

START_TEST(what_the_undo_would_take)
{
	struct result result;
	struct reading r;

	az_answer("list-empty", &result);
	free(result.out);
	result.out = xstrdup(lists[_i].list);
	ask(&result, &r);
	ck_assert_msg(
	    r.answer == lists[_i].answer, "%s: %s", lists[_i].list, answer_name(r.answer));
	ck_assert_int_eq(failure_is_set(&r.failure), r.answer != ANSWER_OURS_COMPLETE);
	if (lists[_i].named)
		ck_assert_msg(
		    strstr(r.failure.message, lists[_i].named) != NULL, "%s", r.failure.message);
	if (lists[_i].not_named)
		ck_assert_msg(strstr(r.failure.message, lists[_i].not_named) == NULL, "%s",
		    r.failure.message);
	if (r.answer == ANSWER_FOREIGN) {
		ck_assert_int_eq(r.failure.class, FAILURE_CONFLICT);
		ck_assert_int_eq(r.failure.retry, RETRY_NEVER);
	}
	reading_clear(&r);
	/* The same, cut in the middle. */
	result.out_cut = true;
	ask(&result, &r);
	ck_assert_int_eq(r.answer, ANSWER_CANNOT_TELL);
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

static const struct {
	const char *name;
	enum answer answer;
} recorded[] = {
	{ "guard-empty", ANSWER_OURS_COMPLETE },
	{ "guard-ours", ANSWER_OURS_COMPLETE },
	{ "guard-foreign", ANSWER_FOREIGN },
	{ "guard-no-group", ANSWER_ABSENT },
	{ "not-logged-in", ANSWER_CANNOT_TELL },
	{ "storage-show-authorization", ANSWER_CANNOT_TELL },
	{ "storage-create-error-500", ANSWER_CANNOT_TELL },
	{ "parser-error", ANSWER_CANNOT_TELL },
};

START_TEST(as_az_prints_it)
{
	struct result result;
	struct reading r;

	az_answer(recorded[_i].name, &result);
	ask(&result, &r);
	ck_assert_msg(
	    r.answer == recorded[_i].answer, "%s: %s", recorded[_i].name, answer_name(r.answer));
	ck_assert_int_eq(failure_is_set(&r.failure),
	    r.answer == ANSWER_FOREIGN || r.answer == ANSWER_CANNOT_TELL);
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

START_TEST(without_an_end)
{
	static const enum ending endings[] = { END_NOT_STARTED, END_SIGNALED, END_TIMED_OUT,
		END_LOST };
	struct result result;
	struct reading r;

	az_answer("guard-empty", &result);
	result.ending = endings[_i];
	ask(&result, &r);
	ck_assert_int_eq(r.answer, ANSWER_CANNOT_TELL);
	ck_assert(failure_is_set(&r.failure));
	reading_clear(&r);
	result_clear(&result);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("azure_guard");
	TCase *tcase = tcase_create("azure_guard");

	tcase_add_loop_test(tcase, what_the_undo_would_take, 0, COUNT_OF(lists));
	tcase_add_loop_test(tcase, as_az_prints_it, 0, COUNT_OF(recorded));
	tcase_add_loop_test(tcase, without_an_end, 0, 4);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
