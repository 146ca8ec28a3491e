#include <config.h>

#include <errno.h>

#include "core/library.h"
#include "strategies/strategy.h"
#include "tests/unit/strategies/az.h"

#define ID "01900000-0000-7000-8000-000000000001"
#define OURS "\"tags\":{\"purser-objective\":\"" ID "\"}"

static const char head[] = "name = \"thing\"\nsummary = \"A thing.\"\nprovider = \"P\"\n"
			   "requires = [\"region\"]\ncost = \"none\"\n"
			   "[parameters.size]\ntype = \"integer\"\ndefault = 3\nhelp = \"h\"\n"
			   "[parameters.label]\ntype = \"string\"\nhelp = \"h\"\n"
			   "[parameters.password]\ntype = \"string\"\nsecret = true\nhelp = \"h\"\n"
			   "[outputs.url]\ntype = \"string\"\nhelp = \"h\"\n";

static const char whole[] =
    "[mcp]\nserver = \"cloud\"\ntool = \"thing_create\"\nid = \"thing.id\"\n"
    "outputs = { url = \"thing.url\" }\n"
    "arguments = { name = \"{objective}-x\", size = \"{size}\", label = \"{label}\", "
    "secret = \"{password}\", tags = \"{tags}\", nested = { at = [\"{region}\"] } }\n"
    "timeout = \"7m\"\nsettle = \"2s\"\n"
    "[mcp.check]\ntool = \"thing_get\"\narguments = { name = \"{objective}-x\" }\n"
    "absent = \"no such thing\"\n"
    "[mcp.undo]\ntool = \"thing_delete\"\narguments = { id = \"{resource}\" }\n";

static struct faults faults;
static struct capability *capability;
static struct objective objective;
static struct plan plan;
static struct reading reading;
static struct failure_table *known;
static struct mcp_server server = { .name = (char[]){ "cloud" } };
static struct mcp_servers servers = { .v = &server, .len = 1 };
static struct contracts contracts;

static void
use(const char *table)
{
	AUTO_FREE char *text = xasprintf("%s%s", head, table);

	capability_free(capability);
	capability = capability_of_text(text, &faults);
	ck_assert_msg(capability != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
}

static void
setup(void)
{
	known = installed_failures();
	reading_init(&reading);
	plan_init(&plan);
	objective_init(&objective);
	memcpy(objective.id, ID, sizeof(ID));
	objective.name = xstrdup("o");
	objective.strategy = xstrdup("auto");
	objective.region = xstrdup("eastus");
	objective.labels = json_parse("{\"team\":\"web\"}", 14, 1, NULL);
	objective.parameters = json_parse("{\"size\":4}", 10, 1, NULL);
	use(whole);
}

static void
teardown(void)
{
	capability_free(capability);
	capability = NULL;
	objective_clear(&objective);
	plan_clear(&plan);
	reading_clear(&reading);
	failure_table_free(known);
	faults_clear(&faults);
	contracts_clear(&contracts);
}

static void
set_parameter(const char *name, const char *value)
{
	json_add_str(objective.parameters, name, value);
}

static void
pin(const char *tool)
{
	AUTO_JSON cJSON *json = json_parse(tool, strlen(tool), 1, NULL);
	struct err e = { 0 };

	ck_assert_ptr_nonnull(json);
	contracts.v = xrealloc(contracts.v, contracts.len + 1, sizeof(*contracts.v));
	ck_assert_int_eq(contract_of_tool(&contracts.v[contracts.len++], "cloud", json, &e), 0);
}

static int
compile(bool match)
{
	const struct plan_request request = {
		.objective = &objective,
		.capability = capability,
		.step_timeout_ms = 60000,
		.mcp = { .servers = &servers, .match = match, .contracts = &contracts },
	};

	plan_clear(&plan);
	return mcp.compile(&request, &plan, &faults);
}

static const char *
word(const struct strv *call, enum tool_call which)
{
	ck_assert_uint_eq(call->len, TOOL_CALL_WORDS);
	return call->v[which];
}

/* ---- the table ---- */

static const struct {
	const char *table, *fault;
} bad[] = {
	{ "[mcp]\ntool = \"t\"\noutputs = { url = \"u\" }\n", "mcp needs \"server\"" },
	{ "[mcp]\nserver = \"s\"\noutputs = { url = \"u\" }\n", "mcp needs \"tool\"" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\n", "mcp gives no output \"url\"" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = 3 }\n",
	    "\"url\" must say where it is in the answer" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\narguments = { a = \"{nil}\" }\n",
	    "{nil} is no parameter" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\n"
	  "arguments = { a = { b = \"{password}\" } }\n",
	    "is a secret" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\n"
	  "[mcp.check]\ntool = \"c\"\narguments = { a = \"{password}\" }\n",
	    "only the arguments of the run may hold one" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\n"
	  "[mcp.undo]\ntool = \"c\"\n",
	    "\"undo\" without \"check\"" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\narguments = { a = \"{resource}\" }\n",
	    "{resource} is no parameter" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\ntimeout = \"soon\"\n",
	    "expected a duration" },
	{ "[mcp]\nserver = \"s\"\ntool = \"t\"\noutputs = { url = \"u\" }\narguemnts = {}\n",
	    "arguments" },
};

START_TEST(bad_tables)
{
	use(bad[_i].table);
	ck_assert_int_eq(mcp.validate(capability, &faults), -1);
	ck_assert_msg(strstr(faults.list.v[0], bad[_i].fault) != NULL, "%s", faults.list.v[0]);
}
END_TEST

START_TEST(a_good_table)
{
	ck_assert_msg(mcp.validate(capability, &faults) == 0, "%s",
	    faults.list.v != NULL ? faults.list.v[0] : "");
	ck_assert(mcp.suits(capability));
	ck_assert_ptr_null(mcp.lacks(capability, &(struct mcp_offer){ .servers = &servers }));
	AUTO_FREE char *why = mcp.lacks(capability, &(struct mcp_offer){ .match = true });
	ck_assert_str_eq(why, "its server \"cloud\" is not configured");
}
END_TEST

/* ---- the plan ---- */

START_TEST(a_plan)
{
	const struct step *s;

	set_parameter("password", "env:SECRET");
	ck_assert_int_eq(compile(false), 0);
	ck_assert_uint_eq(plan.len, 1);
	s = &plan.steps[0];
	ck_assert_str_eq(s->server, "cloud");
	ck_assert_str_eq(word(&s->run, TOOL_CALL_SERVER), "cloud");
	ck_assert_str_eq(word(&s->run, TOOL_CALL_TOOL), "thing_create");
	/* Types are kept, what has no value is left out, and the secret is not in it. */
	ck_assert_str_eq(word(&s->run, TOOL_CALL_ARGUMENTS),
	    "{\"name\":\"o-x\",\"nested\":{\"at\":[\"eastus\"]},\"size\":4,"
	    "\"tags\":{\"purser-objective\":\"" ID "\",\"team\":\"web\"}}");
	ck_assert_str_eq(json_str(s->secrets, "secret"), "env:SECRET");
	ck_assert_str_eq(word(&s->checks[0], TOOL_CALL_ARGUMENTS), "{\"name\":\"o-x\"}");
	ck_assert_str_eq(word(&s->prove, TOOL_CALL_TOOL), "thing_get");
	ck_assert_str_eq(word(&s->undo, TOOL_CALL_ARGUMENTS), "{\"id\":\"{resource}\"}");
	ck_assert_int_eq(s->timeout_ms, 7 * 60000);
	ck_assert_int_eq(s->settle_ms, 2000);
	ck_assert(!s->idempotent);
}
END_TEST

START_TEST(a_plan_is_kept_whole)
{
	struct plan again;
	struct err e = { 0 };
	char before[DIGEST_SIZE], after[DIGEST_SIZE];

	ck_assert_int_eq(compile(false), 0);
	AUTO_JSON cJSON *json = plan_to_json(&plan);
	ck_assert_int_eq(plan_from_json(&again, json, &e), 0);
	plan_digest(&plan, before);
	plan_digest(&again, after);
	ck_assert_str_eq(before, after);
	ck_assert_str_eq(again.steps[0].server, "cloud");
	ck_assert_str_eq(json_str(again.steps[0].hints, "absent"), "no such thing");
	plan_clear(&again);
}
END_TEST

/* ---- matching ---- */

#define ARGUMENT(name, type) "\"" name "\":{\"type\":\"" type "\"}"
#define ARGUMENTS                                                                         \
	ARGUMENT("Size", "integer")                                                       \
	"," ARGUMENT("label", "string") "," ARGUMENT("pass_word", "string") "," ARGUMENT( \
	    "location", "string")
#define MAKES(name)                                                          \
	"{\"name\":\"" name "\",\"inputSchema\":{\"properties\":{" ARGUMENTS \
	"},\"required\":[\"location\"]},\"outputSchema\":{\"properties\":{\"id\":{},\"URL\":{}}}}"

static char *
why_no_match(void)
{
	const struct mcp_offer offer = { &servers, true, &contracts };

	use("[azure_cli]\nx = 1\n");
	return mcp.lacks(capability, &offer);
}

START_TEST(a_match)
{
	const struct step *s;

	pin(MAKES("create-thing"));
	pin("{\"name\":\"get_thing\",\"inputSchema\":{\"properties\":{" ARGUMENT(
	    "label", "string") "},\"required\":[\"label\"]}}");
	pin("{\"name\":\"delete_thing\",\"inputSchema\":{\"properties\":{" ARGUMENT(
	    "id", "string") "},\"required\":[\"id\"]}}");
	ck_assert_ptr_null(why_no_match());
	set_parameter("label", "l");
	set_parameter("password", "env:SECRET");
	ck_assert_int_eq(compile(true), 0);
	ck_assert_str_eq(plan.reasons.v[0],
	    "mcp: the tool create-thing of the server cloud fits \"thing\" by name and schema");
	s = &plan.steps[0];
	ck_assert_str_eq(word(&s->run, TOOL_CALL_ARGUMENTS),
	    "{\"Size\":4,\"label\":\"l\",\"location\":\"eastus\"}");
	ck_assert_str_eq(json_str(s->secrets, "pass_word"), "env:SECRET");
	ck_assert_str_eq(json_str(s->outputs, "url"), "URL");
	ck_assert_str_eq(word(&s->checks[0], TOOL_CALL_ARGUMENTS), "{\"label\":\"l\"}");
	ck_assert_str_eq(word(&s->undo, TOOL_CALL_ARGUMENTS), "{\"id\":\"{resource}\"}");
}
END_TEST

START_TEST(no_match)
{
	AUTO_FREE char *none = why_no_match();
	ck_assert_str_eq(none, "no pinned tool fits \"thing\" by name and schema");
	/* Of another type, with something more to know, with less to say. */
	pin("{\"name\":\"thing\",\"inputSchema\":{\"properties\":{" ARGUMENT(
	    "size", "string") "}}}");
	pin("{\"name\":\"thingcreate\",\"inputSchema\":{\"properties\":{" ARGUMENTS
	    ",\"sku\":{}},\"required\":[\"sku\"]},\"outputSchema\":{\"properties\":{\"id\":{},"
	    "\"url\":{}}}}");
	pin("{\"name\":\"thing-create\",\"inputSchema\":{\"properties\":{" ARGUMENTS "}}}");
	pin(MAKES("other"));
	AUTO_FREE char *still = why_no_match();
	ck_assert_str_eq(still, "no pinned tool fits \"thing\" by name and schema");
	pin(MAKES("thing_create"));
	ck_assert_ptr_null(why_no_match());
	pin(MAKES("thing"));
	AUTO_FREE char *two = why_no_match();
	ck_assert_str_eq(two, "2 tools fit \"thing\" by name and schema");
	AUTO_FREE char *unwanted =
	    mcp.lacks(capability, &(struct mcp_offer){ &servers, false, &contracts });
	ck_assert_str_eq(unwanted, "not described by \"thing\"");
}
END_TEST

/* ---- reading ---- */

static void
read_as(enum act act, enum ending ending, int code, const char *out, const char *err)
{
	struct result r;

	result_init(&r);
	r.ending = ending;
	r.code = code;
	free(r.out);
	free(r.err);
	r.out = xstrdup(out);
	r.err = xstrdup(err);
	reading_clear(&reading);
	mcp.read(known, &plan, &plan.steps[0], act, 0, "/t/1", &r, &reading);
	result_clear(&r);
}

#define ERROR_SAYS(text) \
	"{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}],\"isError\":true}"
#define STRUCTURED(json) "{\"content\":[],\"structuredContent\":" json "}"

static const struct {
	enum ending ending;
	int code;
	const char *out;
	enum outcome outcome;
	enum failure_class class;
	bool fallback;
} runs[] = {
	{ END_EXITED, CALL_DONE, STRUCTURED("{\"thing\":{\"id\":\"/t/1\",\"url\":\"u\"}}"),
	    OUTCOME_HAPPENED, FAILURE_UNKNOWN, false },
	/* As a text, from older servers. */
	{ END_EXITED, CALL_DONE,
	    "{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"thing\\\":{\\\"id\\\":\\\"/t/1\\\","
	    "\\\"url\\\":\\\"u\\\"}}\"}]}",
	    OUTCOME_HAPPENED, FAILURE_UNKNOWN, false },
	{ END_EXITED, CALL_DONE, STRUCTURED("{\"thing\":{\"id\":\"/t/1\"}}"), OUTCOME_IN_DOUBT,
	    FAILURE_UNKNOWN, true },
	/* A secret that is a part of what is to be gone by was masked. */
	{ END_EXITED, CALL_DONE, STRUCTURED("{\"thing\":{\"id\":\"/t/****\",\"url\":\"u\"}}"),
	    OUTCOME_IN_DOUBT, FAILURE_UNKNOWN, true },
	{ END_EXITED, CALL_DONE, STRUCTURED("{\"thing\":{\"id\":\"/t/1\",\"url\":\"u****\"}}"),
	    OUTCOME_IN_DOUBT, FAILURE_UNKNOWN, true },
	{ END_EXITED, CALL_DONE, "{\"content\":[]}", OUTCOME_IN_DOUBT, FAILURE_UNKNOWN, true },
	{ END_EXITED, CALL_FAILED, ERROR_SAYS("(AuthorizationFailed) You may not."),
	    OUTCOME_IN_DOUBT, FAILURE_PERMISSION, false },
	{ END_EXITED, CALL_FAILED, ERROR_SAYS("(TooManyRequests) Later."), OUTCOME_IN_DOUBT,
	    FAILURE_THROTTLED, false },
	{ END_EXITED, CALL_FAILED, ERROR_SAYS("Ouch"), OUTCOME_IN_DOUBT, FAILURE_UNKNOWN, true },
	{ END_EXITED, CALL_FAILED, "{\"isError\":true}", OUTCOME_IN_DOUBT, FAILURE_UNKNOWN, true },
	{ END_EXITED, CALL_REFUSED,
	    "{\"was_reached\":false,\"code\":-32601,\"message\":\"no such method\"}",
	    OUTCOME_DID_NOT_HAPPEN, FAILURE_INVALID, true },
	{ END_EXITED, CALL_REFUSED,
	    "{\"was_reached\":true,\"code\":-32602,\"message\":\"no such size\"}",
	    OUTCOME_IN_DOUBT, FAILURE_INVALID, true },
	{ END_EXITED, CALL_REFUSED, "{\"code\":-32601,\"message\":\"who knows\"}",
	    OUTCOME_IN_DOUBT, FAILURE_INVALID, true },
	{ END_EXITED, CALL_REFUSED, "{\"code\":-32603,\"message\":\"ouch\"}", OUTCOME_IN_DOUBT,
	    FAILURE_INVALID, true },
	{ END_EXITED, CALL_REFUSED, 
	    "{\"was_reached\":false,\"code\":0,\"http_status\":401,\"message\":\"who?\"}",
	    OUTCOME_DID_NOT_HAPPEN, FAILURE_AUTH, false },
	{ END_EXITED, CALL_REFUSED, "{\"code\":0,\"http_status\":408,\"message\":\"slow\"}",
	    OUTCOME_IN_DOUBT, FAILURE_TIMEOUT, true },
	{ END_NOT_STARTED, ENOENT, "", OUTCOME_DID_NOT_HAPPEN, FAILURE_INVALID, true },
	{ END_NOT_STARTED, ECONNREFUSED, "", OUTCOME_DID_NOT_HAPPEN, FAILURE_TRANSIENT, true },
	{ END_TIMED_OUT, 0, "", OUTCOME_IN_DOUBT, FAILURE_TIMEOUT, true },
	{ END_LOST, 0, "", OUTCOME_IN_DOUBT, FAILURE_TRANSIENT, true },
};

START_TEST(a_run)
{
	ck_assert_int_eq(compile(false), 0);
	read_as(ACT_RUN, runs[_i].ending, runs[_i].code, runs[_i].out, "");
	ck_assert_int_eq(reading.outcome, runs[_i].outcome);
	ck_assert_int_eq(failure_is_set(&reading.failure), runs[_i].outcome != OUTCOME_HAPPENED);
	if (runs[_i].outcome == OUTCOME_HAPPENED) {
		ck_assert_str_eq(reading.resources.v[0], "/t/1");
		ck_assert_str_eq(json_str(reading.outputs, "url"), "u");
		return;
	}
	ck_assert_int_eq(reading.failure.class, runs[_i].class);
	ck_assert_int_eq(reading.failure.fallback, runs[_i].fallback);
}
END_TEST

static const struct {
	int code;
	const char *out, *target, *correlation, *request;
} traces[] = {
	{ CALL_REFUSED,
	    "{\"code\":-32603,\"message\":\"ouch\",\"data\":{\"target\":\"/t/1\",\"requestId\":\"r-123\","
	    "\"correlationId\":\"c-123\"}}",
	    "/t/1", "c-123", "r-123" },
	{ CALL_FAILED,
	    "{\"isError\":true,\"content\":[],\"structuredContent\":{\"correlationId\":\"c-123\",\"error\":"
	    "{\"code\":\"Ouch\",\"message\":\"no\",\"target\":\"size\"}}}",
	    "size", "c-123", NULL },
	{ CALL_FAILED, ERROR_SAYS("(Ouch) It hurts. Request ID: r-123"), NULL, NULL, "r-123" },
};

START_TEST(what_it_was_about)
{
	ck_assert_int_eq(compile(false), 0);
	read_as(ACT_RUN, END_EXITED, traces[_i].code, traces[_i].out, "");
	ck_assert_pstr_eq(reading.failure.trace.target, traces[_i].target);
	ck_assert_pstr_eq(reading.failure.trace.correlation, traces[_i].correlation);
	ck_assert_pstr_eq(reading.failure.trace.request, traces[_i].request);
}
END_TEST

START_TEST(all_or_nothing)
{
	AUTO_FREE char *table = xasprintf("%s\n", whole);
	AUTO_FREE char *with =
	    xasprintf("[mcp]\nall_or_nothing = true\n%s", strchr(table, '\n') + 1);

	use(with);
	ck_assert_int_eq(compile(false), 0);
	read_as(ACT_RUN, END_EXITED, CALL_FAILED, ERROR_SAYS("(AuthorizationFailed) No."), "");
	ck_assert_int_eq(reading.outcome, OUTCOME_DID_NOT_HAPPEN);
	/* What it could not finish, it may have begun. */
	read_as(ACT_RUN, END_EXITED, CALL_FAILED, ERROR_SAYS("(InternalServerError) Ouch."), "");
	ck_assert_int_eq(reading.outcome, OUTCOME_IN_DOUBT);
	read_as(ACT_RUN, END_EXITED, CALL_REFUSED, "{\"was_reached\":true,\"code\":-32602}", "");
	ck_assert_int_eq(reading.outcome, OUTCOME_DID_NOT_HAPPEN);
	read_as(ACT_RUN, END_EXITED, CALL_REFUSED, "{\"was_reached\":true,\"code\":-32603}", "");
	ck_assert_int_eq(reading.outcome, OUTCOME_IN_DOUBT);
}
END_TEST

#define THING(rest) STRUCTURED("{\"thing\":{\"id\":\"/t/1\",\"url\":\"u\"}," rest "}")

static const struct {
	int code;
	const char *out;
	enum answer check, prove;
} looks[] = {
	{ CALL_DONE, THING(OURS), ANSWER_OURS_COMPLETE, ANSWER_OURS_COMPLETE },
	{ CALL_DONE, THING("\"tags\":{}"), ANSWER_FOREIGN, ANSWER_FOREIGN },
	/* Nothing tells whose it is; after an undo it was known to be ours. */
	{ CALL_DONE, THING("\"x\":1"), ANSWER_CANNOT_TELL, ANSWER_OURS_COMPLETE },
	{ CALL_DONE, THING("\"provisioningState\":\"Creating\"," OURS), ANSWER_OURS_IN_PROGRESS,
	    ANSWER_OURS_IN_PROGRESS },
	{ CALL_DONE, STRUCTURED("{\"thing\":{\"id\":\"/t/1\"}," OURS "}"), ANSWER_CANNOT_TELL,
	    ANSWER_OURS_COMPLETE },
	{ CALL_DONE, STRUCTURED("{}"), ANSWER_CANNOT_TELL, ANSWER_CANNOT_TELL },
	{ CALL_FAILED, ERROR_SAYS("There is no such thing."), ANSWER_ABSENT, ANSWER_ABSENT },
	{ CALL_FAILED, ERROR_SAYS("(ResourceNotFound) It is not there."), ANSWER_ABSENT,
	    ANSWER_ABSENT },
	{ CALL_FAILED, ERROR_SAYS("Ouch"), ANSWER_CANNOT_TELL, ANSWER_CANNOT_TELL },
	{ CALL_FAILED,
	    "{\"isError\":true,\"content\":[],\"structuredContent\":{\"error\":{\"code\":\"Gone\","
	    "\"message\":\"No Such Thing\"}}}",
	    ANSWER_ABSENT, ANSWER_ABSENT },
	{ CALL_FAILED, ERROR_SAYS("thing_get failed:\\nno such thing"), ANSWER_ABSENT, ANSWER_ABSENT },
	/* The words, but not as what is wrong; and of something else. */
	{ CALL_FAILED,
	    "{\"isError\":true,\"content\":[],\"structuredContent\":{\"error\":{\"code\":\"Ouch\","
	    "\"message\":\"Ouch\"},\"asked\":\"no such thing\"}}",
	    ANSWER_CANNOT_TELL, ANSWER_CANNOT_TELL },
	{ CALL_FAILED, ERROR_SAYS("dial tcp: lookup no such thing: no such host"),
	    ANSWER_CANNOT_TELL, ANSWER_CANNOT_TELL },
	{ CALL_FAILED, ERROR_SAYS("(AuthorizationFailed) You may not look: no such thing."),
	    ANSWER_CANNOT_TELL, ANSWER_CANNOT_TELL },
};

START_TEST(a_look)
{
	ck_assert_int_eq(compile(false), 0);
	read_as(ACT_CHECK, END_EXITED, looks[_i].code, looks[_i].out, "");
	ck_assert(reading.conclusive);
	ck_assert_int_eq(reading.answer, looks[_i].check);
	read_as(ACT_PROVE, END_EXITED, looks[_i].code, looks[_i].out, "");
	ck_assert_int_eq(reading.answer, looks[_i].prove);
}
END_TEST

START_TEST(found_and_state)
{
	AUTO_FREE char *table = xasprintf("%s",
	    "[mcp]\nserver = \"cloud\"\ntool = \"t\"\noutputs = { url = \"id\" }\n"
	    "[mcp.check]\ntool = \"c\"\nfound = \"items\"\nstate = \"phase\"\n");

	use(table);
	ck_assert_int_eq(compile(false), 0);
	read_as(ACT_CHECK, END_EXITED, CALL_DONE, STRUCTURED("{\"items\":[]}"), "");
	ck_assert_int_eq(reading.answer, ANSWER_ABSENT);
	read_as(ACT_CHECK, END_EXITED, CALL_DONE,
	    STRUCTURED("{\"items\":[1],\"id\":\"/t/1\",\"phase\":\"Failed\"," OURS "}"), "");
	ck_assert_int_eq(reading.answer, ANSWER_OURS_COMPLETE);
	ck_assert(reading.ended_badly);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mcp");
	TCase *t = tcase_create("mcp");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, bad_tables, 0, (int)COUNT_OF(bad));
	tcase_add_test(t, a_good_table);
	tcase_add_test(t, a_plan);
	tcase_add_test(t, a_plan_is_kept_whole);
	tcase_add_test(t, a_match);
	tcase_add_test(t, no_match);
	tcase_add_loop_test(t, a_run, 0, (int)COUNT_OF(runs));
	tcase_add_loop_test(t, what_it_was_about, 0, (int)COUNT_OF(traces));
	tcase_add_test(t, all_or_nothing);
	tcase_add_loop_test(t, a_look, 0, (int)COUNT_OF(looks));
	tcase_add_test(t, found_and_state);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
