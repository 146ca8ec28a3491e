#include <config.h>

#include <errno.h>

#include "tests/scripted/script.h"
#include "tests/unit/strategies/az.h"

static const char rules[] = "[[failure]]\n"
			    "code = \"Busy\"\n"
			    "class = \"throttled\"\n"
			    "advice = \"Wait.\"\n";

static const char good[] = "name = \"thing\"\n"
			   "summary = \"A thing.\"\n"
			   "[parameters.word]\n"
			   "type = \"string\"\n"
			   "default = \"none\"\n"
			   "help = \"A word.\"\n"
			   "[parameters.more]\n"
			   "type = \"boolean\"\n"
			   "default = false\n"
			   "help = \"Whether there are two.\"\n"
			   "[outputs.name]\n"
			   "type = \"string\"\n"
			   "help = \"Its name.\"\n"
			   "[[script.step]]\n"
			   "name = \"first\"\n"
			   "summary = \"make {objective}\"\n"
			   "run = [\"tool\", \"{word}\", \"{tags...}\"]\n"
			   "check = [\"tool\", \"--name={objective}\"]\n"
			   "undo = [\"tool\", \"{resource}\"]\n"
			   "prove = [\"tool\", \"{resource}\"]\n"
			   "id = \"/world/{objective}\"\n"
			   "outputs = [\"name\"]\n"
			   "timeout = \"3s\"\n"
			   "[[script.step]]\n"
			   "name = \"second\"\n"
			   "summary = \"make more\"\n"
			   "when = \"more\"\n"
			   "run = [\"tool\"]\n"
			   "check = [\"tool\"]\n"
			   "undo = [\"tool\"]\n"
			   "prove = [\"tool\"]\n";

static struct faults faults;
static struct failure_table *known;
static struct plan plan;

static void
setup(void)
{
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(doc_parse("failures.toml", rules, strlen(rules), &doc, &e), 0);
	known = failure_table_parse(&doc, &faults);
	ck_assert_msg(known != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	doc_clear(&doc);
}

static void
teardown(void)
{
	plan_clear(&plan);
	failure_table_free(known);
	faults_clear(&faults);
}

/* Makes an objective of the capability TEXT; its plan is in plan if that is 0. */
static int
compile_with(const char *text, const char *parameters)
{
	struct capability *c = capability_of_text(text, &faults);
	struct objective o;

	ck_assert_msg(c != NULL, "%s", faults.list.v[0]);
	ck_assert_int_eq(script.validate(c, &faults), 0);
	objective_init(&o);
	strcpy(o.id, "018f0000-0000-7000-8000-000000000001");
	o.batch = xstrdup("b");
	o.name = xstrdup("o");
	o.parameters = json_parse(parameters, strlen(parameters), 1, NULL);
	o.labels = json_parse("{\"team\":\"web\"}", 14, 1, NULL);
	struct plan_request request = { .objective = &o, .capability = c, .step_timeout_ms = 1000 };
	int rc = script.compile(&request, &plan, &faults);
	objective_clear(&o);
	capability_free(c);
	return rc;
}

static int
compile(const char *parameters)
{
	return compile_with(good, parameters);
}

START_TEST(compiles)
{
	ck_assert_int_eq(compile("{\"word\":\"x\",\"more\":false}"), 0);
	ck_assert_uint_eq(plan.len, 1);
	const struct step *s = &plan.steps[0];
	AUTO_FREE char *run = strv_join(&s->run, " "), *undo = strv_join(&s->undo, " ");

	ck_assert_str_eq(s->summary, "make o");
	ck_assert_str_eq(
	    run, "tool x purser-objective=018f0000-0000-7000-8000-000000000001 team=web");
	ck_assert_str_eq(undo, "tool {resource}");
	ck_assert_str_eq(s->checks[0].v[1], "--name=o");
	ck_assert_str_eq(s->id, "/world/o");
	ck_assert_int_eq(s->timeout_ms, 3000);
	ck_assert_str_eq(json_str(s->outputs, "name"), "outputs.name");

	plan_clear(&plan);
	ck_assert_int_eq(compile("{\"word\":\"x\",\"more\":true}"), 0);
	ck_assert_uint_eq(plan.len, 2);
	ck_assert_int_eq(plan.steps[1].timeout_ms, 1000);
}
END_TEST

START_TEST(needs_only_a_run)
{
	static const char least[] = "name = \"thing\"\n"
				    "summary = \"A thing.\"\n"
				    "[[script.step]]\n"
				    "name = \"only\"\n"
				    "summary = \"make it\"\n"
				    "run = [\"tool\"]\n";

	ck_assert_int_eq(compile_with(least, "{}"), 0);
	ck_assert_uint_eq(plan.len, 1);
	ck_assert_uint_eq(plan.steps[0].run.len, 1);
	ck_assert_uint_eq(plan.steps[0].n_checks, 0);
	ck_assert_uint_eq(plan.steps[0].undo.len, 0);
	ck_assert_uint_eq(plan.steps[0].prove.len, 0);
}
END_TEST

START_TEST(no_value_becomes_an_option)
{
	ck_assert_int_eq(compile("{\"word\":\"--all\",\"more\":false}"), -1);
	ck_assert_uint_eq(faults.count, 1);
}
END_TEST

static const struct {
	const char *from, *to; /* in the capability above */
} faulty[] = {
	{ "\"tool\", \"{word}\"", "\"tool\", \"{wort}\"" },
	{ "check = [\"tool\", \"--name={objective}\"]", "check = []" },
	{ "run = [\"tool\", \"{word}\"", "run = [\"tool\", \"{resource}\"" },
	{ "outputs = [\"name\"]", "outputs = [\"size\"]" },
	{ "timeout = \"3s\"", "timeout = \"soon\"" },
	{ "when = \"more\"", "when = \"word\"" },
	{ "name = \"second\"", "name = \"first\"" },
	{ "id = ", "ids = " },
};

START_TEST(refuses_tables)
{
	const char *at = strstr(good, faulty[_i].from);
	AUTO_FREE char *text = xasprintf(
	    "%.*s%s%s", (int)(at - good), good, faulty[_i].to, at + strlen(faulty[_i].from));
	struct capability *c = capability_of_text(text, &faults);

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(script.validate(c, &faults), -1);
	ck_assert_uint_ge(faults.count, 1);
	capability_free(c);
}
END_TEST

#define ANSWER "{\"resources\":[\"/world/a\",\"/world/b\"],\"outputs\":{\"name\":\"n\"}}"

static const struct {
	enum act act;
	enum ending ending;
	int code;
	const char *out, *err;
	int meant; /* outcome or answer */
	size_t resources;
	enum failure_class class; /* FAILURE_CLASSES: it did not fail */
} readings[] = {
	{ ACT_RUN, END_EXITED, 0, ANSWER, "", OUTCOME_HAPPENED, 2, FAILURE_CLASSES },
	{ ACT_RUN, END_EXITED, 0, "{\"outputs\":{\"name\":\"n\"}}", "", OUTCOME_HAPPENED, 1,
	    FAILURE_CLASSES },
	{ ACT_RUN, END_EXITED, 0, "{}", "", OUTCOME_IN_DOUBT, 1, FAILURE_UNKNOWN },
	{ ACT_RUN, END_EXITED, 0, "no JSON", "", OUTCOME_IN_DOUBT, 1, FAILURE_UNKNOWN },
	{ ACT_RUN, END_EXITED, 1, "", "ERROR: (Busy) m", OUTCOME_DID_NOT_HAPPEN, 0,
	    FAILURE_THROTTLED },
	{ ACT_RUN, END_EXITED, 1, "", "ERROR: (Odd) m", OUTCOME_DID_NOT_HAPPEN, 0,
	    FAILURE_UNKNOWN },
	{ ACT_RUN, END_EXITED, 1, "", "", OUTCOME_DID_NOT_HAPPEN, 0, FAILURE_UNKNOWN },
	{ ACT_RUN, END_EXITED, 2, ANSWER, "", OUTCOME_IN_DOUBT, 0, FAILURE_UNKNOWN },
	{ ACT_RUN, END_EXITED, 77, "", "", OUTCOME_IN_DOUBT, 0, FAILURE_UNKNOWN },
	{ ACT_RUN, END_SIGNALED, 9, "", "", OUTCOME_IN_DOUBT, 0, FAILURE_TRANSIENT },
	{ ACT_RUN, END_TIMED_OUT, 15, "", "", OUTCOME_IN_DOUBT, 0, FAILURE_TIMEOUT },
	{ ACT_RUN, END_LOST, 0, "", "", OUTCOME_IN_DOUBT, 0, FAILURE_TRANSIENT },
	{ ACT_RUN, END_NOT_STARTED, ENOENT, "", "", OUTCOME_DID_NOT_HAPPEN, 0, FAILURE_INVALID },
	{ ACT_UNDO, END_EXITED, 0, "", "", OUTCOME_HAPPENED, 1, FAILURE_CLASSES },
	{ ACT_UNDO, END_EXITED, 1, "", "ERROR: (Busy) m", OUTCOME_DID_NOT_HAPPEN, 0,
	    FAILURE_THROTTLED },
	{ ACT_COLLECT, END_EXITED, 0, ANSWER, "", OUTCOME_HAPPENED, 2, FAILURE_CLASSES },
	{ ACT_COLLECT, END_EXITED, 0, "{}", "", OUTCOME_IN_DOUBT, 1, FAILURE_UNKNOWN },
	{ ACT_CHECK, END_EXITED, 0, ANSWER, "", ANSWER_OURS_COMPLETE, 2, FAILURE_CLASSES },
	{ ACT_CHECK, END_EXITED, 0, "", "", ANSWER_CANNOT_TELL, 1, FAILURE_UNKNOWN },
	{ ACT_CHECK, END_EXITED, 1, "", "", ANSWER_CANNOT_TELL, 0, FAILURE_UNKNOWN },
	{ ACT_CHECK, END_EXITED, 3, "", "", ANSWER_ABSENT, 0, FAILURE_CLASSES },
	{ ACT_CHECK, END_EXITED, 4, "", "", ANSWER_OURS_IN_PROGRESS, 0, FAILURE_CLASSES },
	{ ACT_CHECK, END_EXITED, 5, "", "", ANSWER_FOREIGN, 1, FAILURE_CONFLICT },
	{ ACT_CHECK, END_EXITED, 6, ANSWER, "ERROR: (Busy) m", ANSWER_OURS_COMPLETE, 2,
	    FAILURE_THROTTLED },
	{ ACT_CHECK, END_SIGNALED, 3, "", "", ANSWER_CANNOT_TELL, 0, FAILURE_TRANSIENT },
	{ ACT_CHECK, END_NOT_STARTED, ENOENT, "", "", ANSWER_CANNOT_TELL, 0, FAILURE_INVALID },
	{ ACT_PROVE, END_EXITED, 0, "", "", ANSWER_OURS_COMPLETE, 1, FAILURE_CLASSES },
	{ ACT_PROVE, END_EXITED, 3, "", "", ANSWER_ABSENT, 0, FAILURE_CLASSES },
	{ ACT_GUARD, END_EXITED, 0, "", "", ANSWER_OURS_COMPLETE, 1, FAILURE_CLASSES },
	{ ACT_GUARD, END_EXITED, 5, "", "", ANSWER_FOREIGN, 1, FAILURE_CONFLICT },
};

START_TEST(reads)
{
	__typeof__(readings[0]) *row = &readings[_i];
	struct result r;
	struct reading reading;

	ck_assert_int_eq(compile("{\"word\":\"x\",\"more\":false}"), 0);
	result_init(&r);
	reading_init(&reading);
	r.ending = row->ending;
	r.code = row->code;
	free(r.out);
	free(r.err);
	r.out = xstrdup(row->out);
	r.err = xstrdup(row->err);
	script.read(known, &plan, &plan.steps[0], row->act, 0, NULL, &r, &reading);
	if (row->act == ACT_RUN || row->act == ACT_UNDO || row->act == ACT_COLLECT)
		ck_assert_int_eq((int)reading.outcome, row->meant);
	else
		ck_assert_int_eq((int)reading.answer, row->meant);
	ck_assert_uint_eq(reading.resources.len, row->resources);
	ck_assert_int_eq(failure_is_set(&reading.failure), row->class != FAILURE_CLASSES);
	if (row->class != FAILURE_CLASSES)
		ck_assert_str_eq(
		    failure_class_name(reading.failure.class), failure_class_name(row->class));
	ck_assert_int_eq(reading.ended_badly, row->code == 6);
	if (row->ending == END_NOT_STARTED)
		ck_assert(reading.failure.fallback);
	reading_clear(&reading);
	result_clear(&r);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("script");
	TCase *tests = tcase_create("script");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, compiles);
	tcase_add_test(tests, needs_only_a_run);
	tcase_add_test(tests, no_value_becomes_an_option);
	tcase_add_loop_test(tests, refuses_tables, 0, COUNT_OF(faulty));
	tcase_add_loop_test(tests, reads, 0, COUNT_OF(readings));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
