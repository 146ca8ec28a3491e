/* Calls of tools as executions: what is in the folder at each moment, and what recovery reads from it. */
#include "config.h"

#include "driver/call.h"

#include "core/plan.h"
#include "driver/lock.h"
#include "driver/record.h"
#include "scene.h"

static struct strv words;
static struct err e;

static void
setup(void)
{
	scene_open();
	result_init(&scene.result);
}

static void
teardown(void)
{
	scene_close();
	strv_clear(&words);
}

static struct call *
prepare(const char *arguments, const char *secrets)
{
	AUTO_JSON cJSON *json = cJSON_Parse(arguments);
	AUTO_JSON cJSON *references = secrets != NULL ? cJSON_Parse(secrets) : NULL;

	strv_clear(&words);
	plan_tool_call(&words, "cloud", "make", json);
	return call_prepare(
	    &(struct process_spec){
		.execution_id = SCENE_ID,
		.objective_id = SCENE_OBJECTIVE,
		.folder = scene.folder,
		.argv = &words,
		.resource = "/r/1",
		.secrets = references,
		.timeout_ms = 10000,
	    },
	    &e);
}

static void
call_over(struct call *c, const struct result *r, void *data)
{
	(void)c;
	ck_assert_ptr_eq(data, &scene);
	scene.done++;
	result_clear(&scene.result);
	scene.result = *r;
	scene.result.out = xstrdup(r->out);
	scene.result.err = xstrdup(r->err);
}

/* What another runner would see. */
static enum liveness
look(struct result *r)
{
	enum liveness liveness;
	int lock_fd;

	result_init(r);
	ck_assert_msg(process_look(scene.folder, SCENE_ID, true, true, &liveness, &lock_fd, r, &e) == 0,
	    "%s", e.msg);
	if (lock_fd != -1)
		close(lock_fd);
	return liveness;
}

static void
looks_like(enum liveness wanted)
{
	struct result r;

	ck_assert_int_eq(look(&r), wanted);
	result_clear(&r);
}

START_TEST(arguments_are_filled)
{
	struct call *c;

	setenv("PURSER_TEST_SECRET", "h\"ush", 1);
	c = prepare("{\"id\": \"{resource}\", \"n\": 3, \"in\": [{\"x\": \"at {resource}!\"}]}",
	    "{\"word\": \"env:PURSER_TEST_SECRET\"}");
	ck_assert_msg(c != NULL, "%s", e.msg);
	AUTO_FREE char *text = json_canonical(call_arguments(c));
	ck_assert_str_eq(text,
	    "{\"id\":\"/r/1\",\"in\":[{\"x\":\"at /r/1!\"}],\"n\":3,"
	    "\"word\":\"h\\\"ush\"}");
	call_discard(c);
	ck_assert(!file_exists(scene.folder));
}
END_TEST

START_TEST(a_secret_that_is_not_there)
{
	ck_assert_ptr_null(prepare("{}", "{\"word\": \"env:PURSER_NO_SUCH_SECRET\"}"));
	ck_assert_int_eq(e.kind, ERR_INPUT);
	ck_assert(!file_exists(scene.folder));
}
END_TEST

/* It answers the greeting, and to the call whatever $ANSWER says. */
static const char echo_server[] =
    "while read -r line; do case $line in\n"
    "*initialize*) printf '%s\\n' '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":"
    "\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"}}}';;\n"
    "*tools/call*) id=${line#*\\\"id\\\":}; id=${id%%[,\\}]*}\n"
    "printf '{\"jsonrpc\":\"2.0\",\"id\":%s,%s}\\n' \"$id\" \"$ANSWER\";;\n"
    "esac; done\n";

/* What a tool says of "a&\"b" + newline + "é/c", which is sent to it, and what must be left of it. */
static const struct {
	const char *answer, *out, *err;
} echoes[] = {
	{ "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"got a&\\\"b\\n\\u00e9/c!\"}]}",
	    "{\"content\":[{\"type\":\"text\",\"text\":\"got *********!\"}]}", "" },
	/* JSON in a string, as other languages write it. */
	{ "\"result\":{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":"
	  "\"{\\\"word\\\":\\\"a\\\\u0026\\\\\\\"b\\\\n\\\\u00E9\\\\/c\\\"}\"}]}",
	    "{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":"
	    "\"{\\\"word\\\":\\\"*********************\\\"}\"}]}",
	    "" },
	{ "\"error\":{\"code\":-32603,\"message\":\"not a&\\\"b\\n\u00e9/c\",\"data\":{\"in\":[\"a&\\\"b\\n\u00e9/c\"]}}",
	    "{\"was_reached\":true,\"code\":-32603,\"http_status\":0,\"message\":\"cloud: not *********\",\"data\":{\"in\":[\"*********\"]}}",
	    "cloud: not *********" },
};

START_TEST(a_secret_that_comes_back)
{
	struct mcp_server server = {
		.name = (char[]){ "cloud" },
		.command = (char[]){ "/bin/sh" },
		.timeout_ms = 10000,
		.era = MCP_ERA_LEGACY,
	};
	struct mcp *client;
	struct call *c;

	setenv("PURSER_TEST_SECRET", "a&\"b\n\u00e9/c", 1);
	setenv("ANSWER", echoes[_i].answer, 1);
	strv_add(&server.args, "-c");
	strv_add(&server.args, echo_server);
	server.env = cJSON_Parse("{\"ANSWER\":\"env:ANSWER\"}");
	c = prepare("{}", "{\"word\": \"env:PURSER_TEST_SECRET\"}");
	client = mcp_open(&server, NULL, &scene.loop);
	call_send(c, client, call_over, NULL, &scene);
	scene_await();
	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_str_eq(scene.result.out, echoes[_i].out);
	ck_assert_str_eq(scene.result.err, echoes[_i].err);
	call_free(c);
	mcp_close(client, NULL, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	strv_clear(&server.args);
	cJSON_Delete(server.env);
}
END_TEST

START_TEST(what_was_not_sent_is_known)
{
	struct call *c = prepare("{}", NULL);

	looks_like(LIVENESS_HELD);
	call_free(c);
	looks_like(LIVENESS_NOT_STARTED);
}
END_TEST

START_TEST(a_refusal_is_written_down)
{
	struct call *c = prepare("{}", NULL);
	struct result r;

	err_set(&e, ERR_INPUT, "the arguments are wrong");
	call_refuse(c, &e, call_over, &scene);
	ck_assert_int_eq(scene.done, 1);
	ck_assert_int_eq(scene.result.ending, END_NOT_STARTED);
	ck_assert_int_eq(scene.result.code, EINVAL);
	looks_like(LIVENESS_HELD);
	call_free(c);
	ck_assert_int_eq(look(&r), LIVENESS_ENDED);
	ck_assert_int_eq(r.ending, END_NOT_STARTED);
	ck_assert_int_eq(r.code, EINVAL);
	ck_assert_str_eq(r.err, "the arguments are wrong");
	result_clear(&r);
}
END_TEST

/* A server that is not there; and one that is, but talks nonsense until it is asked to end. */
static const struct {
	const char *command, *argument;
	enum ending ending;
	int code;
} servers[] = {
	{ "/nowhere/purser-no-such-server", "", END_NOT_STARTED, ENOENT },
	{ "/bin/sh", "-cexit 3", END_NOT_STARTED, ECONNREFUSED },
};

START_TEST(a_server_that_cannot_be_had)
{
	struct strv args = { 0 };
	struct mcp_server server = {
		.name = (char[]){ "cloud" },
		.timeout_ms = 10000,
	};
	struct call *c = prepare("{}", NULL);
	struct mcp *client;

	strv_add(&args, servers[_i].argument);
	server.command = xstrdup(servers[_i].command);
	server.args = args;
	client = mcp_open(&server, NULL, &scene.loop);
	call_send(c, client, call_over, NULL, &scene);
	scene_await();
	ck_assert_int_eq(scene.result.ending, servers[_i].ending);
	ck_assert_msg(
	    scene.result.code == servers[_i].code, "%d: %s", scene.result.code, scene.result.err);
	call_free(c);
	looks_like(LIVENESS_ENDED);
	mcp_close(client, NULL, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	free(server.command);
	strv_clear(&args);
}
END_TEST

/* Freed while it waits: nobody is told, and whoever looks is in doubt. */
START_TEST(one_that_is_given_up)
{
	static char name[] = "cloud", command[] = "/bin/cat";
	static struct mcp_server server = {
		.name = name,
		.command = command,
		.timeout_ms = 60000,
	};
	struct mcp *client = mcp_open(&server, NULL, &scene.loop);
	struct call *c = prepare("{}", NULL);

	call_send(c, client, call_over, NULL, &scene);
	uv_run(&scene.loop, UV_RUN_ONCE);
	call_free(c);
	looks_like(LIVENESS_LOST);
	mcp_close(client, NULL, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(scene.done, 0);
}
END_TEST

/* Whoever looks waits for the server, too: it may act on what it was sent after we are gone. */
START_TEST(one_whose_server_lives_on)
{
	AUTO_FREE char *lock = xasprintf("%s.server.lock", scene.folder);
	AUTO_FREE char *ready = xasprintf("%s.ready", scene.folder);
	CLEANUP(strv_clear) struct strv args = { 0 };
	struct mcp_server server = {
		.name = (char[]){ "cloud" },
		.command = (char[]){ "/bin/sh" },
		.timeout_ms = 60000,
	};
	struct call *c = prepare("{}", NULL);
	int fd = lock_of_server(lock, &e);
	struct mcp *client;

	strv_add(&args, "-c");
	strv_take(&args, xasprintf(": > '%s'; cat", ready));
	server.args = args;
	client = mcp_open(&server, NULL, &scene.loop);
	mcp_set_lock(client, fd);
	call_send(c, client, call_over, NULL, &scene);
	while (!file_exists(ready)) {
		uv_run(&scene.loop, UV_RUN_NOWAIT);
		scene_pause();
	}
	call_free(c);
	close(fd);
	looks_like(LIVENESS_HELD);
	mcp_close(client, NULL, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	looks_like(LIVENESS_LOST);
	ck_assert_int_eq(scene.done, 0);
}
END_TEST

/* What was answered is known, whatever the server does now, and keeps no name of its lock. */
START_TEST(one_whose_server_has_answered)
{
	AUTO_FREE char *lock = xasprintf("%s.server.lock", scene.folder);
	AUTO_FREE char *name = scene_path("server.lock");
	struct call *c = prepare("{}", NULL);
	int fd = lock_of_server(lock, &e);

	ck_assert_int_eq(lock_share(fd, scene.folder, &e), 0);
	ck_assert_int_eq(lock_share(fd, scene.folder, &e), 0);
	ck_assert(file_exists(name));
	err_set(&e, ERR_BUSY, "no");
	call_refuse(c, &e, call_over, &scene);
	call_free(c);
	ck_assert(!file_exists(name));
	looks_like(LIVENESS_ENDED);
	close(fd);
}
END_TEST

START_TEST(records_are_read_as_they_were_written)
{
	struct result r = {
		.ending = END_EXITED, .code = CALL_FAILED, .started_ms = 5, .ended_ms = 9
	};
	struct result lost = { .ending = END_LOST };
	bool is_there;

	r.out = lost.out = (char[]){ "{\"isError\":true}" };
	r.err = lost.err = (char[]){ "" };
	call_free(prepare("{}", NULL));
	ck_assert_int_eq(record_mark(scene.folder, &e), 0);
	ck_assert(record_is_started(scene.folder));
	/* What was lost has no result. */
	ck_assert_int_eq(record_write(scene.folder, SCENE_ID, &lost, &e), 0);
	looks_like(LIVENESS_LOST);
	ck_assert_int_eq(record_write(scene.folder, SCENE_ID, &r, &e), 0);
	ck_assert_int_eq(record_read(scene.folder, SCENE_ID, &scene.result, &is_there, &e), 0);
	ck_assert(is_there);
	ck_assert_int_eq(scene.result.ending, END_EXITED);
	ck_assert_int_eq(scene.result.code, CALL_FAILED);
	ck_assert_int_eq(scene.result.started_ms, 5);
	ck_assert_int_eq(scene.result.ended_ms, 9);
	ck_assert_str_eq(scene.result.out, r.out);
	/* Nobody else's. */
	ck_assert_int_eq(
	    record_read(scene.folder, SCENE_OBJECTIVE, &scene.result, &is_there, &e), 0);
	ck_assert(!is_there);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("call");
	TCase *t = tcase_create("call");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, arguments_are_filled);
	tcase_add_test(t, a_secret_that_is_not_there);
	tcase_add_loop_test(t, a_secret_that_comes_back, 0, (int)COUNT_OF(echoes));
	tcase_add_test(t, what_was_not_sent_is_known);
	tcase_add_test(t, a_refusal_is_written_down);
	tcase_add_loop_test(t, a_server_that_cannot_be_had, 0, (int)COUNT_OF(servers));
	tcase_add_test(t, one_that_is_given_up);
	tcase_add_test(t, one_whose_server_lives_on);
	tcase_add_test(t, one_whose_server_has_answered);
	tcase_add_test(t, records_are_read_as_they_were_written);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
