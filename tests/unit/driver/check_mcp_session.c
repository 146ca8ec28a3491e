/* Which revision is spoken, from what a server answers, and what it is asked next. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "driver/mcp_session.h"
#include "../unit.h"

#define RESULT(members) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{" members "}}"
#define ERROR(code, data) \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":" code ",\"message\":\"m\"," data "}}"
#define MODERN  \
	RESULT( \
	    "\"supportedVersions\":[\"2099-01-01\",\"2026-07-28\"],\"capabilities\":{\"tools\":{}}")
#define LEGACY(version)                         \
	RESULT("\"protocolVersion\":\"" version \
	       "\",\"capabilities\":{\"prompts\":{}},\"serverInfo\":{\"name\":\"n\"}")
#define NO_METHOD ERROR("-32601", "\"data\":1")

/* Answers to the questions, one after the other; "" is silence, "!" the server's end and its new start. */
static const struct {
	enum mcp_era wanted;
	const char *answers[4];
	enum session_state state;
	const char *version; /* if it is ready */
	bool modern;
	const char *questions; /* P: probe, I: initialize */
} rows[] = {
	{ MCP_ERA_ANY, { MODERN }, SESSION_READY, "2026-07-28", true, "P" },
	{ MCP_ERA_MODERN, { MODERN }, SESSION_READY, "2026-07-28", true, "P" },
	{ MCP_ERA_ANY, { NO_METHOD, LEGACY("2025-11-25") }, SESSION_READY, "2025-11-25", false,
	    "PI" },
	{ MCP_ERA_ANY, { "", LEGACY("2025-06-18") }, SESSION_READY, "2025-06-18", false, "PI" },
	{ MCP_ERA_ANY, { "!", LEGACY("2025-06-18") }, SESSION_READY, "2025-06-18", false, "PI" },
	{ MCP_ERA_ANY, { RESULT("\"a\":1"), LEGACY("2024-11-05") }, SESSION_READY, "2024-11-05",
	    false, "PI" },
	{ MCP_ERA_LEGACY, { LEGACY("2025-03-26") }, SESSION_READY, "2025-03-26", false, "I" },
	{ MCP_ERA_LEGACY, { LEGACY("2024-10-07") }, SESSION_FAILED, NULL, false, "I" },
	{ MCP_ERA_LEGACY, { RESULT("\"protocolVersion\":7") }, SESSION_FAILED, NULL, false, "I" },
	{ MCP_ERA_LEGACY, { "" }, SESSION_FAILED, NULL, false, "I" },
	{ MCP_ERA_LEGACY, { "!" }, SESSION_FAILED, NULL, false, "I" },
	{ MCP_ERA_LEGACY, { NO_METHOD }, SESSION_FAILED, NULL, false, "I" },
	{ MCP_ERA_LEGACY,
	    { ERROR("-32602", "\"data\":{\"supported\":[\"2025-06-18\"]}"), LEGACY("2025-06-18") },
	    SESSION_READY, "2025-06-18", false, "II" },
	{ MCP_ERA_LEGACY,
	    { ERROR("-32602", "\"data\":{\"supported\":[\"2025-06-18\"]}"),
		ERROR("-32602", "\"data\":{\"supported\":[\"2025-06-18\"]}") },
	    SESSION_FAILED, NULL, false, "II" },
	{ MCP_ERA_MODERN, { NO_METHOD }, SESSION_FAILED, NULL, true, "P" },
	{ MCP_ERA_MODERN, { "" }, SESSION_FAILED, NULL, true, "P" },
	/* What only a modern server answers is no reason to greet it. */
	{ MCP_ERA_ANY, { ERROR("-32022", "\"data\":{\"supported\":[\"2099-01-01\"]}") },
	    SESSION_FAILED, NULL, false, "P" },
	{ MCP_ERA_ANY,
	    { ERROR("-32022", "\"data\":{\"supported\":[\"2099-01-01\",\"2025-11-25\"]}"),
		LEGACY("2025-11-25") },
	    SESSION_READY, "2025-11-25", false, "PI" },
	{ MCP_ERA_ANY, { ERROR("-32021", "\"data\":{}") }, SESSION_FAILED, NULL, false, "P" },
	{ MCP_ERA_ANY, { RESULT("\"supportedVersions\":[\"2099-01-01\"]") }, SESSION_FAILED, NULL,
	    false, "P" },
	{ MCP_ERA_ANY, { NO_METHOD, "" }, SESSION_FAILED, NULL, false, "PI" },
};

static void
answer(struct mcp_session *s, const char *text, struct err *e)
{
	const struct err silence = { ERR_BUSY, "silence" };
	struct rpc_message m;

	if (*text == '\0') {
		ck_assert(session_no_answer(s, &silence, e));
	} else if (*text == '!') {
		if (session_died(s))
			session_begin(s);
	} else {
		ck_assert_msg(rpc_parse(text, strlen(text), &m, e) == 0, "%s", text);
		ck_assert(session_answer(s, s->state, &m, e));
		rpc_clear(&m);
	}
}

START_TEST(the_revision_is_found_out)
{
	char questions[8] = "";
	struct mcp_session s;
	struct err e = { 0 };

	session_init(&s, rows[_i].wanted);
	session_begin(&s);
	for (size_t n = 0; s.state == SESSION_PROBING || s.state == SESSION_GREETING; n++) {
		cJSON *params;
		const char *method = session_question(&s, &params);

		ck_assert_uint_lt(n, 4);
		questions[n] = strcmp(method, "initialize") == 0 ? 'I' : 'P';
		cJSON_Delete(params);
		ck_assert_ptr_nonnull(rows[_i].answers[n]);
		answer(&s, rows[_i].answers[n], &e);
	}
	ck_assert_str_eq(questions, rows[_i].questions);
	ck_assert_int_eq(s.state, rows[_i].state);
	if (s.state == SESSION_READY) {
		ck_assert_str_eq(s.version, rows[_i].version);
		ck_assert_int_eq(session_is_modern(&s), rows[_i].modern);
		ck_assert_int_eq(session_offers(&s, "tools"), rows[_i].modern);
		ck_assert_int_eq(session_offers(&s, "prompts"), !rows[_i].modern);
	}
	session_clear(&s);
}
END_TEST

/* What was found out holds for the next start, and is asked for anew if it no longer does. */
START_TEST(a_second_start_remembers)
{
	struct mcp_session s;
	struct err e = { 0 };

	session_init(&s, MCP_ERA_ANY);
	session_begin(&s);
	answer(&s, NO_METHOD, &e);
	answer(&s, LEGACY("2025-11-25"), &e);
	session_begin(&s);
	ck_assert_int_eq(s.state, SESSION_GREETING);
	answer(&s, NO_METHOD, &e);
	ck_assert_int_eq(s.state, SESSION_FAILED);
	session_begin(&s);
	ck_assert_int_eq(s.state, SESSION_PROBING);
	session_clear(&s);
}
END_TEST

/* A modern server that was only slow is recognised while it is being greeted. */
START_TEST(a_late_answer_to_the_probe_counts)
{
	struct mcp_session s;
	struct rpc_message m;
	struct err e = { 0 };

	session_init(&s, MCP_ERA_ANY);
	session_begin(&s);
	answer(&s, "", &e);
	ck_assert_int_eq(rpc_parse(NO_METHOD, strlen(NO_METHOD), &m, &e), 0);
	ck_assert(!session_answer(&s, SESSION_PROBING, &m, &e));
	rpc_clear(&m);
	ck_assert_int_eq(rpc_parse(MODERN, strlen(MODERN), &m, &e), 0);
	ck_assert(session_answer(&s, SESSION_PROBING, &m, &e));
	rpc_clear(&m);
	ck_assert_int_eq(s.state, SESSION_READY);
	ck_assert(session_is_modern(&s));
	session_clear(&s);
}
END_TEST

START_TEST(modern_requests_are_signed)
{
	AUTO_JSON cJSON *params = cJSON_CreateObject();
	struct mcp_session s;
	struct err e = { 0 };

	session_init(&s, MCP_ERA_ANY);
	session_begin(&s);
	answer(&s, MODERN, &e);
	json_add_int(cJSON_AddObjectToObject(params, "_meta"), "progressToken", 7);
	session_sign(&s, params);
	ck_assert_int_eq(json_int(params, "_meta.progressToken", 0), 7);
	ck_assert_int_eq(cJSON_GetArraySize(params->child), 4);
	session_clear(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mcp_session");
	TCase *t = tcase_create("mcp_session");

	tcase_add_loop_test(t, the_revision_is_found_out, 0, (int)COUNT_OF(rows));
	tcase_add_test(t, a_second_start_remembers);
	tcase_add_test(t, a_late_answer_to_the_probe_counts);
	tcase_add_test(t, modern_requests_are_signed);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
