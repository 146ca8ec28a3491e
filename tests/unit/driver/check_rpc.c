/* Messages: which are messages, of which kind, and what they are made of. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "driver/rpc.h"
#include "../unit.h"

static const struct {
	const char *text;
	int kind; /* -1: none */
	int64_t id;
	const char *method;
	int64_t code;
} rows[] = {
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}", RPC_RESULT, 7, NULL, 0 },
	{ " {\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":{}}", RPC_RESULT, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":-7,\"result\":{}}", RPC_RESULT, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32601,\"message\":\"m\"}}", RPC_ERROR,
	    7, NULL, -32601 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1}}", RPC_ERROR, 0, NULL, 1 },
	{ "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":1,\"message\":7}}", RPC_ERROR, 0, NULL, 1 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}", RPC_REQUEST, 0, "ping", 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\",\"params\":{},\"more\":1}",
	    RPC_REQUEST, 0, "ping", 0 },
	{ "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}", RPC_NOTIFICATION, 0, "n", 0 },
	{ "", -1, 0, NULL, 0 },
	{ "null", -1, 0, NULL, 0 },
	{ "[]", -1, 0, NULL, 0 },
	{ "[{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}]", -1, 0, NULL, 0 },
	{ "{}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\"}", -1, 0, NULL, 0 },
	{ "{\"id\":7,\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":2.0,\"id\":7,\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7.5,\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":[7],\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":[]}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{},\"error\":{\"code\":1}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{},\"method\":\"m\"}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":\"e\"}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":7}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\",\"params\":[]}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"id\":8,\"result\":{}}", -1, 0, NULL, 0 },
	{ "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}} x", -1, 0, NULL, 0 },
};

START_TEST(messages_are_told_apart)
{
	struct rpc_message m;
	struct err e = { 0 };
	int rc = rpc_parse(rows[_i].text, strlen(rows[_i].text), &m, &e);

	ck_assert_msg((rc == 0) == (rows[_i].kind >= 0), "%s: %s", rows[_i].text, e.msg);
	if (rc == -1) {
		ck_assert_int_eq(e.kind, ERR_INPUT);
		ck_assert_ptr_null(m.json);
		return;
	}
	ck_assert_int_eq(m.kind, rows[_i].kind);
	ck_assert_int_eq(rpc_id(&m), rows[_i].id);
	ck_assert_int_eq(m.code, rows[_i].code);
	if (rows[_i].method != NULL)
		ck_assert_str_eq(m.method, rows[_i].method);
	if (m.kind == RPC_ERROR)
		ck_assert_ptr_nonnull(m.text);
	rpc_clear(&m);
}
END_TEST

/* However small in bytes: a tree of so many values is never built, nor one so deep. */
START_TEST(size_and_depth_have_limits)
{
	struct rpc_message m;
	struct err e = { 0 };
	struct buf text = BUF_INIT(SIZE_MAX);

	buf_adds(&text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":[");
	for (int i = 0; i < RPC_VALUES_MAX; i++)
		buf_adds(&text, "0,");
	buf_adds(&text, "0]}}");
	ck_assert_int_eq(rpc_parse(buf_str(&text), text.len, &m, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "values"));
	buf_reset(&text);
	buf_adds(&text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":");
	for (int i = 0; i < 1000; i++)
		buf_addc(&text, '[');
	for (int i = 0; i < 1000; i++)
		buf_addc(&text, ']');
	buf_adds(&text, "}}");
	ck_assert_int_eq(rpc_parse(buf_str(&text), text.len, &m, &e), -1);
	/* Commas in a text are no values. */
	buf_reset(&text);
	buf_adds(&text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":\"\\\"");
	for (int i = 0; i < RPC_VALUES_MAX; i++)
		buf_adds(&text, ",[");
	buf_adds(&text, "\"}}");
	ck_assert_int_eq(rpc_parse(buf_str(&text), text.len, &m, &e), 0);
	rpc_clear(&m);
	buf_clear(&text);
}
END_TEST

START_TEST(what_is_built_can_be_read)
{
	AUTO_JSON cJSON *params = json_parse("{\"a\":\"x\\ny\"}", 12, 1, NULL);
	AUTO_JSON cJSON *id = cJSON_CreateString("s1");
	AUTO_FREE char *request = rpc_request(9007199254740991, "tools/call", params);
	AUTO_FREE char *notification = rpc_notification("n", NULL);
	AUTO_FREE char *result = rpc_result(id, NULL);
	AUTO_FREE char *error = rpc_error(id, RPC_METHOD_NOT_FOUND, "no");

	ck_assert_str_eq(request,
	    "{\"jsonrpc\":\"2.0\",\"id\":9007199254740991,\"method\":\"tools/call\",\"params\":{\"a\":\"x\\ny\"}}");
	ck_assert_str_eq(notification, "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}");
	ck_assert_str_eq(result, "{\"jsonrpc\":\"2.0\",\"id\":\"s1\",\"result\":{}}");
	ck_assert_str_eq(error,
	    "{\"jsonrpc\":\"2.0\",\"id\":\"s1\",\"error\":{\"code\":-32601,\"message\":\"no\"}}");
	ck_assert_str_eq(json_str(params, "a"), "x\ny");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rpc");
	TCase *t = tcase_create("rpc");

	tcase_add_loop_test(t, messages_are_told_apart, 0, (int)COUNT_OF(rows));
	tcase_add_test(t, size_and_depth_have_limits);
	tcase_add_test(t, what_is_built_can_be_read);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
