/* Which strategy is to do an objective, over a table of this test's own. */
#include <config.h>

#include "strategies/strategy.h"
#include "tests/unit/strategies/az.h"

static int
validate(const struct capability *c, struct faults *faults)
{
	(void)c;
	(void)faults;
	return 0;
}

static const struct strategy first = { .name = "first", .validate = validate };
static const struct strategy second = { .name = "second", .validate = validate };
static const struct strategy third = { .name = "third", .validate = validate };

/* This table is linked instead of the program's. */
const struct strategy *const strategies[] = { &first, &second, &third, NULL };

static struct faults faults;
static struct capability *capability;
static struct objective objective;
static struct strv tried;
static struct choice choice;

/* The second cannot do it. */
static void
setup(void)
{
	capability = capability_of_text("name = \"x\"\nsummary = \"y\"\nprovider = \"P\"\n"
					"[outputs.o]\ntype = \"string\"\nhelp = \"h\"\n"
					"[first]\na = 1\n[third]\na = 1\n",
	    &faults);
	ck_assert_msg(capability != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	objective_init(&objective);
	free(objective.strategy);
	objective.strategy = xstrdup("auto");
	objective.name = xstrdup("o");
}

static void
teardown(void)
{
	capability_free(capability);
	objective_clear(&objective);
	strv_clear(&tried);
	choice_clear(&choice);
	faults_clear(&faults);
}

START_TEST(the_best_that_is_left)
{
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, &tried, &choice, &faults), 0);
	ck_assert_ptr_eq(choice.strategy, &first);
	ck_assert_uint_eq(choice.reasons.len, 3);
	ck_assert_str_eq(choice.reasons.v[0], "first: the best that can do it");
	ck_assert_str_eq(choice.reasons.v[1], "second: not described by \"x\"");
	ck_assert_str_eq(choice.reasons.v[2], "third: possible, but ranked lower");
	choice_clear(&choice);
	strv_add(&tried, "first");
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, &tried, &choice, &faults), 0);
	ck_assert_ptr_eq(choice.strategy, &third);
	ck_assert_str_eq(choice.reasons.v[0], "first: an earlier attempt fell back from it");
	ck_assert_str_eq(choice.reasons.v[2], "third: the best that can do it");
	choice_clear(&choice);
	strv_add(&tried, "third");
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, &tried, &choice, &faults), -1);
	ck_assert_ptr_null(choice.strategy);
	ck_assert_ptr_nonnull(
	    strstr(faults.list.v[0], "every strategy that can do \"x\" was tried"));
}
END_TEST

START_TEST(the_one_that_is_named)
{
	free(objective.strategy);
	objective.strategy = xstrdup("third");
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, NULL, &choice, &faults), 0);
	ck_assert_ptr_eq(choice.strategy, &third);
	choice_clear(&choice);
	ck_assert(!strategy_is_left(strategies, &objective, capability, NULL, "third"));
	ck_assert(!strategy_is_left(strategies, &objective, capability, NULL, "first"));
	strv_add(&tried, "third");
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, &tried, &choice, &faults), -1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[0], "names no other strategy"));
	free(objective.strategy);
	objective.strategy = xstrdup("second");
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, NULL, &choice, &faults), -1);
	ck_assert_ptr_nonnull(strstr(faults.list.v[1], "cannot be done by second"));
}
END_TEST

START_TEST(whether_one_is_left)
{
	ck_assert(strategy_is_left(strategies, &objective, capability, NULL, "first"));
	ck_assert(strategy_is_left(strategies, &objective, capability, NULL, "third"));
	ck_assert(strategy_is_left(strategies, &objective, capability, &tried, NULL));
	strv_add(&tried, "first");
	ck_assert(strategy_is_left(strategies, &objective, capability, &tried, "first"));
	ck_assert(!strategy_is_left(strategies, &objective, capability, &tried, "third"));
	strv_add(&tried, "third");
	ck_assert(!strategy_is_left(strategies, &objective, capability, &tried, NULL));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("select");
	TCase *tcase = tcase_create("select");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_best_that_is_left);
	tcase_add_test(tcase, the_one_that_is_named);
	tcase_add_test(tcase, whether_one_is_left);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
