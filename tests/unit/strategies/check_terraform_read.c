/* What the terraform strategy reads from the real terraform's answers. */
#include <config.h>

#include <signal.h>

#include "tests/unit/strategies/terraform.h"

static struct plan plan;
static struct step *step;
static struct failure_table *failures;
static struct result result;
static struct reading reading;

static void
setup(void)
{
	static const char *const run[] = { "terraform", "-chdir={work}", "apply", "purser.tfplan" };

	failures = installed_failures();
	reading_init(&reading);
	memset(&result, 0, sizeof(result)); /* whoever needs one makes it */
	plan_init(&plan);
	plan.strategy = xstrdup("terraform");
	plan.objective_id = xstrdup("018f0000-0000-7000-8000-00000000000a");
	step = plan_add(&plan);
	step->name = xstrdup("module");
	step->summary = xstrdup("apply the module");
	for (size_t i = 0; i < COUNT_OF(run); i++)
		strv_add(&step->run, run[i]);
	step->n_checks = 2;
	step->outputs = cJSON_CreateObject();
	json_add_str(step->outputs, "names", "names");
}

static void
teardown(void)
{
	plan_clear(&plan);
	failure_table_free(failures);
	reading_clear(&reading);
	result_clear(&result);
}

/* In the place of the answer before. */
static void
take_answer(const char *name)
{
	result_clear(&result);
	terraform_answer(name, &result);
}

static void
read_as(enum act act, size_t call)
{
	reading_clear(&reading);
	terraform.read(failures, &plan, step, act, call, "x", &result, &reading);
}

/* How many mends there are that have this word. */
static int
mends(const char *word)
{
	const cJSON *argv, *element;
	int n = 0;

	cJSON_ArrayForEach (argv, reading.mend) {
		ck_assert_str_eq(cJSON_GetArrayItem(argv, 0)->valuestring, "terraform");
		ck_assert_str_eq(cJSON_GetArrayItem(argv, 1)->valuestring, "-chdir={work}");
		cJSON_ArrayForEach (element, argv)
			n += strcmp(element->valuestring, word) == 0;
	}
	return n;
}

START_TEST(an_init)
{
	take_answer("init");
	read_as(ACT_CHECK, 0);
	ck_assert(!reading.conclusive);
	ck_assert(!failure_is_set(&reading.failure));
	result_clear(&result);
	take_answer("init-failed");
	read_as(ACT_CHECK, 0);
	ck_assert(reading.conclusive);
	ck_assert_int_eq(reading.answer, ANSWER_CANNOT_TELL);
	ck_assert(failure_is_set(&reading.failure));
}
END_TEST

static const struct {
	const char *name;
	enum answer answer;
	int unlocks;
} plans[] = {
	{ "plan", ANSWER_ABSENT, 0 },
	/* The saved plan is what makes it so, also where that is nothing; but the state is not empty. */
	{ "plan-nothing", ANSWER_OURS_COMPLETE, 0 },
	{ "plan-failed", ANSWER_CANNOT_TELL, 0 },
	{ "plan-locked", ANSWER_CANNOT_TELL, 0 },
	{ "plan-locked-http", ANSWER_CANNOT_TELL, 1 },
};

START_TEST(a_plan)
{
	take_answer(plans[_i].name);
	read_as(ACT_CHECK, 1);
	ck_assert(reading.conclusive);
	ck_assert_int_eq(reading.answer, plans[_i].answer);
	ck_assert_int_eq(reading.ended_badly, plans[_i].answer == ANSWER_OURS_COMPLETE);
	ck_assert_uint_eq(reading.resources.len, plans[_i].answer == ANSWER_OURS_COMPLETE ? 2 : 0);
	ck_assert_int_eq(
	    failure_is_set(&reading.failure), plans[_i].answer == ANSWER_CANNOT_TELL);
	ck_assert_int_eq(mends("force-unlock"), plans[_i].unlocks);
	ck_assert_int_eq(mends("0f0f0f0f-1111-2222-3333-444444444444"), plans[_i].unlocks);
	/* Only ours, and only where one of ours was lost. */
	ck_assert(reading.mend == NULL || reading.mend_lost);
}
END_TEST

static const struct {
	const char *name;
	enum ending ending;
	int code;
	enum outcome outcome;
	bool ended_badly;
	size_t made;
	int imports, pushes, unlocks;
} runs[] = {
	{ "apply", END_EXITED, 0, OUTCOME_HAPPENED, false, 2, 0, 0, 0 },
	{ "apply-changes", END_EXITED, 0, OUTCOME_HAPPENED, false, 2, 0, 0, 0 },
	{ "apply-failed", END_EXITED, 1, OUTCOME_HAPPENED, true, 1, 0, 0, 0 },
	{ "apply-stale", END_EXITED, 1, OUTCOME_DID_NOT_HAPPEN, false, 0, 0, 0, 0 },
	{ "apply-not-saved", END_EXITED, 1, OUTCOME_IN_DOUBT, false, 2, 0, 1, 0 },
	{ "plan-locked", END_EXITED, 1, OUTCOME_DID_NOT_HAPPEN, false, 0, 0, 0, 0 },
	{ "plan-locked-http", END_EXITED, 1, OUTCOME_DID_NOT_HAPPEN, false, 0, 0, 0, 1 },
	/* Ended by others, or nobody knows how: what was completed may not be in the state. */
	{ "apply", END_SIGNALED, SIGKILL, OUTCOME_IN_DOUBT, false, 2, 2, 1, 0 },
	{ "apply-failed", END_SIGNALED, SIGKILL, OUTCOME_IN_DOUBT, false, 1, 1, 1, 0 },
	{ "apply", END_TIMED_OUT, SIGINT, OUTCOME_IN_DOUBT, false, 2, 2, 1, 0 },
	{ "apply", END_LOST, 0, OUTCOME_IN_DOUBT, false, 2, 2, 1, 0 },
	{ "plan-failed", END_LOST, 0, OUTCOME_IN_DOUBT, false, 0, 0, 1, 0 },
	{ "init", END_NOT_STARTED, 2, OUTCOME_DID_NOT_HAPPEN, false, 0, 0, 0, 0 },
};

START_TEST(a_run)
{
	take_answer(runs[_i].name);
	result.ending = runs[_i].ending;
	result.code = runs[_i].code;
	read_as(ACT_RUN, 0);
	ck_assert_msg(reading.outcome == runs[_i].outcome, "%s: %s", runs[_i].name,
	    outcome_name(reading.outcome));
	ck_assert_int_eq(reading.ended_badly, runs[_i].ended_badly);
	ck_assert_uint_eq(reading.resources.len, runs[_i].made);
	ck_assert_int_eq(mends("import"), runs[_i].imports);
	ck_assert_int_eq(mends("push"), runs[_i].pushes);
	ck_assert_int_eq(mends("force-unlock"), runs[_i].unlocks);
	ck_assert_int_eq(reading.lost,
	    runs[_i].outcome == OUTCOME_IN_DOUBT && runs[_i].ending != END_EXITED);
	/* What has begun something had the lock. */
	ck_assert_int_eq(reading.held, reading.lost && runs[_i].made > 0);
	ck_assert_int_eq(failure_is_set(&reading.failure),
	    runs[_i].outcome != OUTCOME_HAPPENED || runs[_i].ended_badly);
	if (runs[_i].outcome == OUTCOME_HAPPENED && !runs[_i].ended_badly)
		ck_assert_ptr_nonnull(json_at(reading.outputs, "names"));
}
END_TEST

START_TEST(a_run_without_its_output)
{
	terraform_told(&result, 0, "{\"type\":\"outputs\",\"outputs\":{}}\n");
	read_as(ACT_RUN, 0);
	ck_assert_int_eq(reading.outcome, OUTCOME_HAPPENED);
	ck_assert(reading.ended_badly);
	ck_assert_str_eq(reading.failure.code, "OutputMissing");
}
END_TEST

/* With its middle missing nobody knows that nothing was begun. */
START_TEST(a_run_that_told_too_much)
{
	take_answer("plan-failed");
	result.out_cut = true;
	read_as(ACT_RUN, 0);
	ck_assert_int_eq(reading.outcome, OUTCOME_HAPPENED);
	ck_assert(reading.ended_badly);
}
END_TEST

static const struct {
	const char *address, *id;
	int imports;
} mended[] = {
	{ "a.b", "/subscriptions/s", 1 },
	{ "a.b[\\\"x y\\\"]", "id", 1 },
	{ "a.b[\\\"{work}\\\"]", "id", 0 },
	{ "a.b", "{run}", 0 },
	{ "a.b", "-help", 0 },
};

START_TEST(what_may_be_imported)
{
	AUTO_FREE char *line =
	    xasprintf("{\"type\":\"apply_complete\",\"hook\":{\"resource\":{\"addr\":\"%s\"},"
		      "\"action\":\"create\",\"id_key\":\"id\",\"id_value\":\"%s\"}}\n",
		mended[_i].address, mended[_i].id);

	terraform_told(&result, 0, line);
	result.ending = END_LOST;
	read_as(ACT_RUN, 0);
	ck_assert_int_eq(mends("import"), mended[_i].imports);
	ck_assert_int_eq(mends(mended[_i].id), mended[_i].imports);
}
END_TEST

START_TEST(a_collection)
{
	take_answer("refresh");
	read_as(ACT_COLLECT, 0);
	ck_assert_int_eq(reading.outcome, OUTCOME_HAPPENED);
	ck_assert_uint_eq(reading.resources.len, 2);
	/* A list that is not whole is none. */
	result.out_cut = true;
	read_as(ACT_COLLECT, 0);
	ck_assert_int_eq(reading.outcome, OUTCOME_IN_DOUBT);
	result_clear(&result);
	take_answer("plan-failed");
	read_as(ACT_COLLECT, 0);
	ck_assert_int_eq(reading.outcome, OUTCOME_IN_DOUBT);
	ck_assert(failure_is_set(&reading.failure));
}
END_TEST

static const struct {
	const char *name;
	enum ending ending;
	enum outcome outcome;
	bool failed;
} undos[] = {
	{ "destroy", END_EXITED, OUTCOME_HAPPENED, false },
	/* Some of it: the proof tells what stands. */
	{ "destroy-failed", END_EXITED, OUTCOME_HAPPENED, true },
	{ "plan-failed", END_EXITED, OUTCOME_DID_NOT_HAPPEN, true },
	{ "plan-locked", END_EXITED, OUTCOME_DID_NOT_HAPPEN, true },
	{ "destroy", END_LOST, OUTCOME_IN_DOUBT, true },
	{ "destroy", END_SIGNALED, OUTCOME_IN_DOUBT, true },
};

START_TEST(an_undo)
{
	take_answer(undos[_i].name);
	result.ending = undos[_i].ending;
	read_as(ACT_UNDO, 0);
	ck_assert_msg(reading.outcome == undos[_i].outcome, "%s: %s", undos[_i].name,
	    outcome_name(reading.outcome));
	ck_assert_int_eq(failure_is_set(&reading.failure), undos[_i].failed);
}
END_TEST

START_TEST(a_list)
{
	static const enum act acts[] = { ACT_GUARD, ACT_PROVE };

	take_answer("list");
	read_as(acts[_i], 0);
	ck_assert_int_eq(reading.answer, ANSWER_ABSENT);
	result_clear(&result);
	terraform_told(&result, 0, "terraform_data.thing[0]\n");
	read_as(acts[_i], 0);
	ck_assert_int_eq(reading.answer, ANSWER_OURS_COMPLETE);
	result_clear(&result);
	terraform_told(&result, 1, "terraform_data.thing[0]\n");
	read_as(acts[_i], 0);
	ck_assert_int_eq(reading.answer, ANSWER_CANNOT_TELL);
	ck_assert(failure_is_set(&reading.failure));
	result.ending = END_LOST;
	result.code = 0;
	read_as(acts[_i], 0);
	ck_assert_int_eq(reading.answer, ANSWER_CANNOT_TELL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terraform_read");
	TCase *tc = tcase_create("terraform_read");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_init);
	tcase_add_loop_test(tc, a_plan, 0, (int)COUNT_OF(plans));
	tcase_add_loop_test(tc, a_run, 0, (int)COUNT_OF(runs));
	tcase_add_test(tc, a_run_without_its_output);
	tcase_add_test(tc, a_run_that_told_too_much);
	tcase_add_loop_test(tc, what_may_be_imported, 0, (int)COUNT_OF(mended));
	tcase_add_test(tc, a_collection);
	tcase_add_loop_test(tc, an_undo, 0, (int)COUNT_OF(undos));
	tcase_add_loop_test(tc, a_list, 0, 2);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
