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

static bool
is_complex(const struct capability *c)
{
	return cJSON_IsTrue(json_at(c->strategies, "third.complex"));
}

static const struct strategy first = {
	.name = "first", .tool = "uno", .install = "its shop", .validate = validate
};
static const struct strategy second = { .name = "second", .validate = validate };
static const struct strategy third = { .name = "third",
	.tool = "tre",
	.install = "that shop",
	.suits = is_complex,
	.validate = validate };

/* This table is linked instead of the program's. */
const struct strategy *const strategies[] = { &first, &second, &third, NULL };

static struct faults faults;
static struct capability *capability;
static struct objective objective;
static struct strv tried, missing;
static struct choice choice;

/* The second cannot do it. */
static struct capability *
capability_with(const char *tables)
{
	AUTO_FREE char *text = xasprintf("name = \"x\"\nsummary = \"y\"\nprovider = \"P\"\n"
					 "[outputs.o]\ntype = \"string\"\nhelp = \"h\"\n%s",
	    tables);
	struct capability *c = capability_of_text(text, &faults);

	ck_assert_msg(c != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	return c;
}

static void
wish(const char *strategy)
{
	free(objective.strategy);
	objective.strategy = xstrdup(strategy);
}

static void
setup(void)
{
	capability = capability_with("[first]\na = 1\n[third]\na = 1\n");
	objective_init(&objective);
	wish("auto");
	objective.name = xstrdup("o");
}

static void
teardown(void)
{
	capability_free(capability);
	objective_clear(&objective);
	strv_clear(&tried);
	strv_clear(&missing);
	choice_clear(&choice);
	faults_clear(&faults);
}

/* 0 and CHOICE, or -1 and the last of the faults. */
static int
choose(void)
{
	const struct hindrance h = { .tried = &tried, .missing = &missing };

	choice_clear(&choice);
	return strategy_choose(strategies, &objective, capability, &h, &choice, &faults);
}

static void
refused(const char *why)
{
	ck_assert_int_eq(choose(), -1);
	ck_assert_ptr_null(choice.strategy);
	ck_assert_uint_eq(choice.reasons.len, 0);
	ck_assert_str_eq(faults.list.v[faults.list.len - 1], why);
}

static void
chosen(const struct strategy *s, const char *first_reason, const char *third_reason)
{
	ck_assert_int_eq(choose(), 0);
	ck_assert_ptr_eq(choice.strategy, s);
	ck_assert_uint_eq(choice.reasons.len, 3);
	ck_assert_str_eq(choice.reasons.v[0], first_reason);
	ck_assert_str_eq(choice.reasons.v[2], third_reason);
}

START_TEST(the_best_that_is_left)
{
	chosen(&first, "first: chosen, the first of those that can do it",
	    "third: passed over, left to fall back to");
	ck_assert_str_eq(choice.reasons.v[1], "second: passed over, not described by \"x\"");
	strv_add(&tried, "first");
	chosen(&third, "first: passed over, an earlier attempt fell back from it",
	    "third: chosen, the only one that can do it");
	strv_add(&tried, "third");
	refused("?/o: no strategy can do \"x\": first: an earlier attempt fell back from it; "
		"second: not described by \"x\"; third: an earlier attempt fell back from it");
}
END_TEST

START_TEST(the_one_that_suits)
{
	capability_free(capability);
	capability = capability_with("[first]\na = 1\n[third]\ncomplex = true\n");
	chosen(&third, "first: passed over, left to fall back to",
	    "third: chosen, the capability says that it suits best");
	strv_add(&tried, "third");
	chosen(&first, "first: chosen, the only one that can do it",
	    "third: passed over, an earlier attempt fell back from it");
}
END_TEST

START_TEST(the_one_that_is_demanded)
{
	wish("third");
	chosen(&third, "first: passed over, the objective demands third",
	    "third: chosen, the objective demands it");
	strv_add(&tried, "third");
	refused("?/o: the strategy that is demanded cannot do \"x\": "
		"third: an earlier attempt fell back from it");
	wish("second");
	refused(
	    "?/o: the strategy that is demanded cannot do \"x\": second: not described by \"x\"");
	wish("thrid");
	refused("?/o: unknown strategy \"thrid\"; did you mean \"third\"?");
}
END_TEST

START_TEST(those_that_are_excluded)
{
	wish("not first, not second");
	chosen(&third, "first: passed over, the objective excludes it",
	    "third: chosen, the only one that can do it");
	wish("not first, not third");
	refused("?/o: no strategy can do \"x\": first: the objective excludes it; "
		"second: not described by \"x\"; third: the objective excludes it");
	wish("not frist");
	refused("?/o: unknown strategy \"frist\"; did you mean \"first\"?");
}
END_TEST

START_TEST(tools_that_are_missing)
{
	strv_add(&missing, "uno");
	chosen(&third, "first: passed over, there is no uno on PATH (to install it: its shop)",
	    "third: chosen, the only one that can do it");
	wish("first");
	refused("?/o: the strategy that is demanded cannot do \"x\": "
		"first: there is no uno on PATH (to install it: its shop)");
	wish("auto");
	strv_add(&missing, "tre");
	refused("?/o: no strategy can do \"x\": first: there is no uno on PATH (to install it: its "
		"shop); second: not described by \"x\"; third: there is no tre on PATH (to install "
		"it: that shop)");
}
END_TEST

START_TEST(a_tool_that_tells_no_account)
{
	const struct hindrance h = { .tried = &tried, .silent = &first };

	strv_add(&tried, "first");
	ck_assert_int_eq(
	    strategy_choose(strategies, &objective, capability, &h, &choice, &faults), 0);
	ck_assert_ptr_eq(choice.strategy, &third);
	ck_assert_str_eq(
	    choice.reasons.v[0], "first: passed over, its tool does not tell its account");
}
END_TEST

START_TEST(whether_one_is_left)
{
	const struct hindrance h = { .tried = &tried, .missing = &missing };

	ck_assert(strategy_is_left(strategies, &objective, capability, NULL, "first"));
	ck_assert(strategy_is_left(strategies, &objective, capability, NULL, "third"));
	ck_assert(strategy_is_left(strategies, &objective, capability, &h, NULL));
	strv_add(&tried, "first");
	ck_assert(strategy_is_left(strategies, &objective, capability, &h, "first"));
	ck_assert(!strategy_is_left(strategies, &objective, capability, &h, "third"));
	strv_add(&missing, "tre");
	ck_assert(!strategy_is_left(strategies, &objective, capability, &h, "first"));
	ck_assert(!strategy_is_left(strategies, &objective, capability, &h, NULL));
	wish("not third");
	ck_assert(!strategy_is_left(strategies, &objective, capability, NULL, "first"));
	wish("third");
	ck_assert(!strategy_is_left(strategies, &objective, capability, NULL, "third"));
	ck_assert(!strategy_is_left(strategies, &objective, capability, NULL, "first"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("select");
	TCase *tcase = tcase_create("select");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_best_that_is_left);
	tcase_add_test(tcase, the_one_that_suits);
	tcase_add_test(tcase, the_one_that_is_demanded);
	tcase_add_test(tcase, those_that_are_excluded);
	tcase_add_test(tcase, tools_that_are_missing);
	tcase_add_test(tcase, a_tool_that_tells_no_account);
	tcase_add_test(tcase, whether_one_is_left);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
