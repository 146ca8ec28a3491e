/*
 * The client against tests/fakes/mcp-server, which misbehaves on demand: over
 * stdio, over HTTP with JSON, and over HTTP with events. What is never sent, what
 * is answered and what is in doubt must not be mistaken for one another. Where there
 * are many rows make check tries each in one of the ways, and tests/long in all.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "driver/mcp.h"
#include "driver/process.h"
#include "../unit.h"

enum { STDIO, HTTP_JSON, HTTP_SSE, WAYS };

struct world {
	uv_loop_t loop;
	struct mcp_server server;
	struct mcp *client;
	char folder[64];
	char *record, *port, *fake;
	pid_t pid; /* of the HTTP server */
	int changes;
	size_t lines, longest;
	bool closed;
};

static struct world w;

/* Whether row and way belong to the part that is asked for. */
static bool
is_asked_for(int row, int way)
{
	return unit_is_long() || row % WAYS == way;
}

/* What became of one request. */
struct heard {
	bool is_over;
	enum mcp_outcome outcome;
	bool was_reached;
	cJSON *result, *data;
	int64_t code;
	int http_status;
	int64_t retry_after_ms;
	struct err why;
	int64_t started_ms;
	int progress;
};

/* ---- the scene ---- */

static void
make_world(void)
{
	const char *srcdir = getenv("srcdir");

	memset(&w, 0, sizeof w);
	snprintf(w.folder, sizeof w.folder, "/tmp/purser-check-mcp-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w.folder));
	w.record = file_join(w.folder, "record");
	w.port = file_join(w.folder, "port");
	w.fake = xasprintf("%s/tests/fakes/mcp-server", srcdir != NULL ? srcdir : ".");
	ck_assert_int_eq(uv_loop_init(&w.loop), 0);
}

static void
on_closed(void *data)
{
	*(bool *)data = true;
	uv_stop(&w.loop);
}

static void
close_client(void)
{
	w.closed = w.client == NULL;
	mcp_close(w.client, on_closed, &w.closed);
	while (!w.closed)
		uv_run(&w.loop, UV_RUN_DEFAULT);
	w.client = NULL;
}

static void
end_world(void)
{
	struct mcp_servers list = { .v = xcalloc(1, sizeof(struct mcp_server)), .len = 1 };

	close_client();
	uv_run(&w.loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&w.loop), 0);
	if (w.pid > 0) {
		kill(w.pid, SIGKILL);
		waitpid(w.pid, NULL, 0);
	}
	file_remove_tree(w.folder, NULL);
	list.v[0] = w.server;
	mcp_servers_clear(&list);
	free(w.record);
	free(w.port);
	free(w.fake);
}

static void
on_changed(struct mcp *m, enum mcp_list list, void *data)
{
	(void)m;
	(void)data;
	w.changes += list == MCP_TOOLS;
}

static void
on_log(struct mcp *m, const char *line, void *data)
{
	(void)m;
	(void)data;
	w.lines++;
	if (strlen(line) > w.longest)
		w.longest = strlen(line);
	ck_assert(!utf8_has_control(line));
}

static bool
read_port(int *port)
{
	struct buf text = BUF_INIT(64);
	bool ok = file_read(w.port, 64, &text, NULL) == 0;

	if (ok)
		*port = (int)strtol(buf_str(&text), NULL, 10);
	buf_clear(&text);
	return ok;
}

/* Waits until it says where it listens. */
static void
start_http(const struct strv *options)
{
	const struct timespec moment = { 0, 20 * 1000 * 1000 };
	struct strv argv = { 0 };
	int port = 0;

	strv_add(&argv, w.fake);
	strv_copy(&argv, options);
	strv_add(&argv, "--http");
	strv_add(&argv, w.port);
	ck_assert_int_eq(posix_spawn(&w.pid, w.fake, NULL, NULL, argv.v, environ), 0);
	for (int i = 0; i < 1000 && !read_port(&port); i++)
		nanosleep(&moment, NULL);
	ck_assert_int_gt(port, 0);
	w.server.url = xasprintf("http://127.0.0.1:%d/mcp", port);
	strv_clear(&argv);
}

/* OPTIONS of the fake, separated by spaces. */
static void
open_fake(int way, const char *options)
{
	const struct mcp_listener listener = { .changed = on_changed, .log = on_log };
	struct strv argv = { 0 };

	strv_add(&argv, "--record");
	strv_add(&argv, w.record);
	if (way == HTTP_SSE && strstr(options, "--reply") == NULL) {
		strv_add(&argv, "--reply");
		strv_add(&argv, "sse");
	}
	for (const char *at = options; *at != '\0'; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		strv_take(&argv, xstrndup(at, len));
		at += len;
	}
	w.server.name = xstrdup("fake");
	w.server.timeout_ms = 20000;
	if (way == STDIO) {
		w.server.command = xstrdup(w.fake);
		strv_copy(&w.server.args, &argv);
	} else {
		start_http(&argv);
	}
	w.client = mcp_open(&w.server, &listener, &w.loop);
	strv_clear(&argv);
}

static void
on_done(struct mcp *m, int64_t id, const struct mcp_reply *reply, void *data)
{
	struct heard *h = data;

	(void)m;
	ck_assert_int_gt(id, 0);
	ck_assert(!h->is_over);
	h->is_over = true;
	/* A loop that runs once may go on to wait for the next event before it looks. */
	uv_stop(&w.loop);
	h->outcome = reply->outcome;
	h->was_reached = reply->was_reached;
	h->result = cJSON_Duplicate(reply->result, true);
	h->data = cJSON_Duplicate(reply->data, true);
	h->code = reply->code;
	h->http_status = reply->http_status;
	h->retry_after_ms = reply->retry_after_ms;
	h->started_ms = reply->started_ms;
	ck_assert_int_eq(reply->why == NULL, reply->outcome == MCP_ANSWERED);
	ck_assert_int_eq(reply->result != NULL, reply->outcome == MCP_ANSWERED);
	ck_assert_int_ge(reply->ended_ms, reply->started_ms);
	if (reply->why != NULL)
		h->why = *reply->why;
}

static void
on_progress(
    struct mcp *m, int64_t id, double progress, double total, const char *message, void *data)
{
	struct heard *h = data;

	(void)m;
	(void)id;
	(void)total;
	ck_assert(progress > 0 && message != NULL);
	h->progress++;
}

static void
wait_for(struct heard *h)
{
	while (!h->is_over)
		uv_run(&w.loop, UV_RUN_DEFAULT);
}

static struct mcp_request
request_of(struct heard *h, int64_t timeout_ms)
{
	memset(h, 0, sizeof *h);
	return (struct mcp_request){ .timeout_ms = timeout_ms, .done = on_done, .data = h };
}

static enum mcp_outcome
call(const char *tool, int64_t timeout_ms, struct heard *h)
{
	struct mcp_request request = request_of(h, timeout_ms);

	request.progress = on_progress;
	mcp_call(w.client, tool, NULL, &request);
	ck_assert(!h->is_over);
	wait_for(h);
	return h->outcome;
}

static void
forget(struct heard *h)
{
	cJSON_Delete(h->result);
	cJSON_Delete(h->data);
	memset(h, 0, sizeof *h);
}

/* The outcome alone. */
static const char *
outcome(const char *tool, int64_t timeout_ms)
{
	struct heard h;
	enum mcp_outcome o = call(tool, timeout_ms, &h);

	forget(&h);
	return mcp_outcome_name(o);
}

/* How often the fake wrote down this line. */
static int
recorded(const char *line)
{
	struct buf text = BUF_INIT(1024 * 1024);
	int count = 0;

	(void)file_read(w.record, 1024 * 1024, &text, NULL);
	for (const char *at = buf_str(&text); *at != '\0';) {
		size_t len = strcspn(at, "\n");

		count += len == strlen(line) && strncmp(at, line, len) == 0;
		at += len + (at[len] == '\n');
	}
	buf_clear(&text);
	return count;
}

/* ---- outcomes ---- */

static const struct {
	const char *tool, *outcome;
	int64_t timeout_ms;
	int starts; /* of the program, once the next call is answered */
	bool stdio_only;
} rows[] = {
	{ "echo", "answered", 20000, 1, false },
	{ "fails", "answered", 20000, 1, false },
	{ "refuses", "refused", 20000, 1, false },
	{ "silence", "timed out", 300, 1, false },
	{ "endless", "timed out", 300, 1, false },
	{ "late", "timed out", 300, 1, false },
	{ "garbage", "answered", 20000, 1, false },
	{ "invalid", "answered", 20000, 1, false },
	{ "wrong_id", "answered", 20000, 1, false },
	{ "asks", "answered", 20000, 1, false },
	{ "flood", "answered", 20000, 1, false },
	{ "deep", "timed out", 1500, 1, true },
	{ "many", "timed out", 3000, 1, true },
	{ "huge", "lost", 20000, 2, false },
	{ "die", "lost", 20000, 2, true },
	{ "close", "lost", 20000, 2, true },
};

START_TEST(each_misbehaviour_has_its_outcome)
{
	int way = _i % WAYS;
	const char *tool = rows[_i / WAYS].tool;

	if (rows[_i / WAYS].stdio_only ? way != STDIO : !is_asked_for(_i / WAYS, way))
		return;
	open_fake(way, "");
	ck_assert_str_eq(outcome("echo", 20000), "answered");
	ck_assert_str_eq(outcome(tool, rows[_i / WAYS].timeout_ms), rows[_i / WAYS].outcome);
	/* Whatever it was: the next call is answered. */
	ck_assert_str_eq(outcome("echo", 20000), "answered");
	ck_assert_int_eq(recorded("start"), way == STDIO ? rows[_i / WAYS].starts : 1);
	ck_assert_uint_le(w.lines, 400);
	ck_assert_uint_le(w.longest, MCP_LINE_MAX);
}
END_TEST

START_TEST(answers_are_told_whole)
{
	AUTO_JSON cJSON *arguments = json_parse("{\"text\":\"\xc3\xa9\\n\"}", 15, 1, NULL);
	struct heard h;
	struct mcp_request request = request_of(&h, 0);

	open_fake(_i, "");
	ck_assert_ptr_nonnull(arguments);
	ck_assert_ptr_null(mcp_about(w.client));
	mcp_call(w.client, "echo", arguments, &request);
	wait_for(&h);
	ck_assert_str_eq(json_str(h.result, "structuredContent.text"), "\xc3\xa9\n");
	ck_assert_int_gt(h.started_ms, 0);
	ck_assert_str_eq(mcp_about(w.client)->name, "fake");
	ck_assert_str_eq(mcp_about(w.client)->protocol, "2025-11-25");
	ck_assert_str_eq(mcp_about(w.client)->instructions, "be kind");
	forget(&h);
	ck_assert_int_eq(call("refuses", 0, &h), MCP_REFUSED);
	ck_assert_int_eq(h.code, -32602);
	ck_assert(h.was_reached);
	ck_assert_int_eq(cJSON_GetArraySize(json_at(h.data, "sizes")), 2);
	ck_assert_str_eq(h.why.msg, "fake: no such size");
	forget(&h);
	ck_assert_int_eq(call("steers", 0, &h), MCP_REFUSED);
	ck_assert_msg(!utf8_has_control(h.why.msg), "%s", h.why.msg);
	forget(&h);
	ck_assert_int_eq(call("wrong_id", 0, &h), MCP_ANSWERED);
	ck_assert_str_eq(json_str(h.result, "content[0].text"), "right");
	forget(&h);
	ck_assert_int_eq(call("endless", 1000, &h), MCP_TIMED_OUT);
	ck_assert_int_ge(h.progress, 1);
	ck_assert_int_le(h.progress, 15);
	forget(&h);
}
END_TEST

START_TEST(what_it_asks_is_answered_by_policy)
{
	/* ping, roots, sampling, a form, a URL, and what there is not. */
	static const char *const answers[] = {
		[MCP_DECLINE] = "[{},-32601,-32601,{\"action\":\"decline\"},-32602,-32601]",
		[MCP_DEFAULTS] =
		    "[{},-32601,-32601,{\"action\":\"accept\",\"content\":{\"size\":3}},-32602,-32601]",
	};
	static const char *const modern[] = {
		[MCP_DECLINE] = "{\"q\":{\"action\":\"decline\"}}",
		[MCP_DEFAULTS] = "{\"q\":{\"action\":\"accept\",\"content\":{\"size\":3}}}",
	};
	enum mcp_elicitation policy = _i / 2 % 2 ? MCP_DEFAULTS : MCP_DECLINE;
	bool is_modern = _i / 4;
	AUTO_FREE char *text = NULL;
	struct heard h;

	w.server.elicitation = policy;
	open_fake(_i % 2 ? HTTP_SSE : STDIO, is_modern ? "--era modern" : "");
	ck_assert_int_eq(call("asks", 0, &h), MCP_ANSWERED);
	text = json_text(json_at(h.result, "structuredContent.answers"));
	ck_assert_str_eq(text, is_modern ? modern[policy] : answers[policy]);
	if (is_modern)
		ck_assert_str_eq(json_str(h.result, "structuredContent.state"), "opaque");
	forget(&h);
}
END_TEST

/* ---- revisions ---- */

static const struct {
	const char *options, *protocol;
	bool stdio_only;
} revisions[] = {
	{ "--era modern", "2026-07-28", false },
	{ "--era both", "2026-07-28", false },
	{ "--era legacy", "2025-11-25", false },
	{ "--era legacy --version 2025-06-18", "2025-06-18", false },
	{ "--era legacy --probe die", "2025-11-25", true },
	{ "--era both --version 2025-06-18", "2025-06-18", true },
};

START_TEST(both_families_of_revisions_are_spoken)
{
	int way = _i % WAYS;
	struct heard h;
	struct mcp_request request = request_of(&h, 0);

	if (revisions[_i / WAYS].stdio_only ? way != STDIO : !is_asked_for(_i / WAYS, way))
		return;
	open_fake(way, revisions[_i / WAYS].options);
	mcp_ping(w.client, &request);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_ANSWERED);
	ck_assert_str_eq(mcp_about(w.client)->protocol, revisions[_i / WAYS].protocol);
	forget(&h);
	ck_assert_str_eq(outcome("echo", 0), "answered");
	ck_assert_str_eq(outcome("garbage", 0), "answered");
	ck_assert_str_eq(outcome("late", 300), "timed out");
}
END_TEST

START_TEST(a_revision_that_nobody_speaks_fails)
{
	struct heard h;

	open_fake(_i, "--version 1999-01-01");
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(h.why.msg, "1999-01-01"));
	ck_assert_int_eq(recorded("tools/call"), 0);
	forget(&h);
}
END_TEST

/* ---- what may have been done ---- */

START_TEST(what_refuses_a_later_round_says_nothing_of_the_first)
{
	static const char *const tools[] = { "expires", "samples", "rounds" };
	struct heard h;

	open_fake(_i / 3 ? HTTP_JSON : STDIO, "--era modern");
	ck_assert_int_eq(call(tools[_i % 3], 0, &h), MCP_REFUSED);
	ck_assert(h.was_reached);
	/* Our own verdict has no code of theirs. */
	ck_assert_int_eq(h.code, _i % 3 == 0 ? -32601 : 0);
	forget(&h);
}
END_TEST

START_TEST(what_is_refused_unread_was_not_reached)
{
	struct heard h;

	open_fake(STDIO, "--era both --refuse -32021");
	ck_assert_int_eq(call("echo", 0, &h), MCP_REFUSED);
	ck_assert_int_eq(h.code, -32021);
	ck_assert(!h.was_reached);
	forget(&h);
}
END_TEST

START_TEST(another_revision_is_agreed_on_anew)
{
	struct heard h;

	open_fake(_i ? HTTP_JSON : STDIO, "--era modern --refuse -32022");
	/* Not without end: then the refusal is told. */
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
		ck_assert_int_eq(h.why.kind, ERR_CONFLICT);
	}
	ck_assert_int_eq(call("echo", 0, &h), MCP_REFUSED);
	ck_assert(!h.was_reached);
	ck_assert_int_eq(recorded("server/discover"), 3);
	forget(&h);
}
END_TEST

/* Whatever else the server answers meanwhile. */
START_TEST(each_call_is_counted_for_itself)
{
	struct heard h;

	open_fake(_i ? HTTP_JSON : STDIO, "--era modern");
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(call("outdated", 0, &h), i < 2 ? MCP_NOT_SENT : MCP_REFUSED);
		ck_assert(!h.was_reached);
		forget(&h);
		ck_assert_str_eq(outcome("echo", 0), "answered");
	}
	ck_assert_int_eq(recorded("server/discover"), 3);
}
END_TEST

/* Begins a call that the fake answers once it is told to go on, and waits until it has it. */
static void
hold(struct heard *h)
{
	struct mcp_request request = request_of(h, 0);

	ck_assert_str_eq(outcome("echo", 0), "answered");
	mcp_call(w.client, "held", NULL, &request);
	while (recorded("held") == 0)
		ck_assert_str_eq(outcome("echo", 0), "answered");
}

static void
go_on(struct heard *h)
{
	AUTO_FREE char *go = xasprintf("%s.go", w.record);

	ck_assert(!h->is_over);
	ck_assert_int_eq(file_replace(go, "", 0, 0600, NULL), 0);
	wait_for(h);
}

START_TEST(what_is_open_outlives_another_revision)
{
	struct heard held, h;
	struct mcp_request request;

	open_fake(_i, "--era modern");
	hold(&held);
	ck_assert_int_eq(call("outdated", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_CONFLICT);
	ck_assert_str_eq(outcome("echo", 0), "answered");
	request = request_of(&h, 0);
	mcp_list(w.client, MCP_TOOLS, &request);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_ANSWERED);
	forget(&h);
	go_on(&held);
	ck_assert_msg(held.outcome == MCP_ANSWERED, "%s", held.why.msg);
	ck_assert_int_eq(recorded("held"), 1);
	ck_assert_int_eq(recorded("start"), 1);
	ck_assert_int_eq(recorded("server/discover"), 2);
	forget(&held);
}
END_TEST

START_TEST(what_is_open_outlives_a_revision_that_is_not_found)
{
	struct heard held, h;

	open_fake(_i, "--era modern --discovers 1");
	hold(&held);
	ck_assert_int_eq(call("outdated", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_CONFLICT);
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_ptr_nonnull(strstr(h.why.msg, "not today"));
	ck_assert(!utf8_has_control(h.why.msg));
	go_on(&held);
	ck_assert_msg(held.outcome == MCP_ANSWERED, "%s", held.why.msg);
	forget(&held);
}
END_TEST

/* ---- many calls ---- */

START_TEST(many_calls_share_one_server)
{
	static struct heard heard[MCP_CALLS_MAX + 1];
	struct mcp_request request;

	open_fake(_i, "");
	for (size_t i = 0; i < COUNT_OF(heard); i++) {
		AUTO_JSON cJSON *arguments = cJSON_CreateObject();

		json_add_int(arguments, "n", (int64_t)i);
		request = request_of(&heard[i], 50000);
		mcp_call(w.client, "echo", arguments, &request);
	}
	for (size_t i = 0; i < MCP_CALLS_MAX; i++) {
		wait_for(&heard[i]);
		ck_assert_msg(heard[i].outcome == MCP_ANSWERED, "%zu %s", i, heard[i].why.msg);
		ck_assert_int_eq(json_int(heard[i].result, "structuredContent.n", -1), (int64_t)i);
		forget(&heard[i]);
	}
	wait_for(&heard[MCP_CALLS_MAX]);
	ck_assert_int_eq(heard[MCP_CALLS_MAX].outcome, MCP_NOT_SENT);
	ck_assert_int_eq(heard[MCP_CALLS_MAX].why.kind, ERR_LIMIT);
	ck_assert_int_eq(recorded("start"), 1);
}
END_TEST

START_TEST(those_that_are_open_at_its_death_are_lost)
{
	struct heard open[3], dying, next;
	struct mcp_request request;

	open_fake(STDIO, "");
	ck_assert_str_eq(outcome("echo", 0), "answered");
	for (size_t i = 0; i < 3; i++) {
		request = request_of(&open[i], 0);
		mcp_call(w.client, "silence", NULL, &request);
	}
	ck_assert_int_eq(call("die", 0, &dying), MCP_LOST);
	ck_assert_ptr_nonnull(strstr(dying.why.msg, "status 7"));
	for (size_t i = 0; i < 3; i++) {
		wait_for(&open[i]);
		ck_assert_int_eq(open[i].outcome, MCP_LOST);
	}
	ck_assert_int_eq(call("echo", 0, &next), MCP_ANSWERED);
	ck_assert_int_eq(recorded("died"), 1);
	forget(&next);
}
END_TEST

START_TEST(a_call_can_be_given_up)
{
	struct heard h, other;
	struct mcp_request request = request_of(&h, 0);
	int64_t id;

	open_fake(_i, "");
	id = mcp_call(w.client, "late", NULL, &request);
	mcp_cancel(w.client, id);
	ck_assert(!h.is_over);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_NOT_SENT);
	request = request_of(&h, 0);
	ck_assert_str_eq(outcome("echo", 0), "answered");
	id = mcp_call(w.client, "late", NULL, &request);
	ck_assert_int_eq(call("echo", 0, &other), MCP_ANSWERED);
	mcp_cancel(w.client, id);
	mcp_cancel(w.client, id);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_CANCELLED);
	forget(&other);
	while (recorded("cancelled late") == 0)
		ck_assert_str_eq(outcome("echo", 0), "answered");
}
END_TEST

START_TEST(closing_tells_what_was_open)
{
	struct heard sent, queued;
	struct mcp_request request = request_of(&sent, 0);

	open_fake(_i, "--stubborn");
	ck_assert_str_eq(outcome("echo", 0), "answered");
	mcp_call(w.client, "silence", NULL, &request);
	ck_assert_str_eq(outcome("echo", 0), "answered");
	mcp_close(w.client, on_closed, &w.closed);
	request = request_of(&queued, 0);
	mcp_call(w.client, "echo", NULL, &request);
	ck_assert(!sent.is_over && !queued.is_over);
	wait_for(&sent);
	wait_for(&queued);
	ck_assert_int_eq(sent.outcome, MCP_LOST);
	ck_assert_int_eq(queued.outcome, MCP_NOT_SENT);
	while (!w.closed)
		uv_run(&w.loop, UV_RUN_DEFAULT);
	w.client = NULL;
	if (_i != STDIO)
		ck_assert_int_eq(recorded("DELETE"), 1);
}
END_TEST

START_TEST(one_that_is_never_used_is_closed_at_once)
{
	open_fake(STDIO, "");
	close_client();
	ck_assert_int_eq(recorded("start"), 0);
	mcp_close(NULL, NULL, NULL);
}
END_TEST

/* ---- starting ---- */

START_TEST(what_cannot_be_started_was_not_sent)
{
	static const struct {
		const char *command;
		enum err_kind kind;
	} commands[] = { { "/nonexistent/program", ERR_NOT_FOUND },
		{ "no-such-program-here", ERR_NOT_FOUND }, { "/etc/passwd", ERR_NOT_FOUND },
		{ "true", ERR_BUSY }, { "false", ERR_BUSY } };
	struct heard h;

	w.server.name = xstrdup("fake");
	w.server.timeout_ms = 20000;
	w.server.command = xstrdup(commands[_i].command);
	w.client = mcp_open(&w.server, NULL, &w.loop);
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_msg(h.why.kind == commands[_i].kind, "%s", h.why.msg);
	ck_assert_int_eq(h.started_ms, 0);
}
END_TEST

START_TEST(one_that_never_says_anything_was_not_sent_the_call)
{
	struct heard h;

	w.server.name = xstrdup("fake");
	w.server.command = xstrdup("sleep");
	strv_add(&w.server.args, "1000");
	w.client = mcp_open(&w.server, NULL, &w.loop);
	ck_assert_int_eq(call("echo", 1000, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.started_ms, 0);
}
END_TEST

START_TEST(one_that_fails_to_start_is_tried_again_by_the_next_call)
{
	struct heard h;

	w.server.era = MCP_ERA_LEGACY;
	open_fake(STDIO, "--starts 2");
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_ptr_nonnull(strstr(h.why.msg, "not today"));
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(recorded("start"), 2);
	ck_assert_int_eq(call("echo", 0, &h), MCP_ANSWERED);
	ck_assert_int_eq(recorded("tools/call"), 1);
	forget(&h);
}
END_TEST

START_TEST(secrets_are_read_at_the_start)
{
	struct heard h;

	open_fake(_i, "");
	if (_i == STDIO)
		w.server.env = cJSON_CreateObject();
	else
		w.server.headers = cJSON_CreateObject();
	json_add_str(_i == STDIO ? w.server.env : w.server.headers, "Authorization",
	    "env:PURSER_CHECK_SECRET");
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(h.why.msg, "env:PURSER_CHECK_SECRET"));
	setenv("PURSER_CHECK_SECRET", "s3cret", 1);
	ck_assert_int_eq(call("echo", 0, &h), MCP_ANSWERED);
	forget(&h);
}
END_TEST

START_TEST(a_server_inherits_no_credentials)
{
	AUTO_FREE char *names = NULL;
	struct heard h;

	setenv("PURSER_CHECK_SECRET", "s3cret", 1);
	setenv("LC_TIME", "C", 1);
	setenv("LANGUAGE", "de:en", 1);
	w.server.env = cJSON_CreateObject();
	json_add_str(w.server.env, "GIVEN", "env:PURSER_CHECK_SECRET");
	open_fake(STDIO, "");
	ck_assert_int_eq(call("variables", 0, &h), MCP_ANSWERED);
	names = xasprintf(" %s ", json_str(h.result, "content[0].text"));
	ck_assert_ptr_nonnull(strstr(names, " PATH "));
	ck_assert_ptr_nonnull(strstr(names, " LC_TIME "));
	ck_assert_ptr_nonnull(strstr(names, " LANGUAGE "));
	ck_assert_ptr_nonnull(strstr(names, " GIVEN "));
	ck_assert_ptr_null(strstr(names, " PURSER_CHECK_SECRET "));
	forget(&h);
}
END_TEST

START_TEST(a_secret_is_not_sent_in_plain_text)
{
	struct heard h;

	setenv("PURSER_CHECK_SECRET", "s3cret", 1);
	w.server.name = xstrdup("fake");
	w.server.timeout_ms = 20000;
	w.server.url = xstrdup("http://192.0.2.1/mcp");
	w.server.headers = cJSON_CreateObject();
	json_add_str(w.server.headers, "Authorization", "env:PURSER_CHECK_SECRET");
	w.client = mcp_open(&w.server, NULL, &w.loop);
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(h.why.msg, "https"));
}
END_TEST

/* ---- lists ---- */

START_TEST(lists_are_had_whole)
{
	int pages[] = { 1, 3, 19 };
	char options[32];
	struct heard h;
	struct mcp_request request = request_of(&h, 0);

	snprintf(options, sizeof options, "--pages %d", pages[_i]);
	open_fake(_i % WAYS, options);
	mcp_list(w.client, MCP_TOOLS, &request);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_ANSWERED);
	ck_assert_int_eq(cJSON_GetArraySize(json_at(h.result, "tools")), 19);
	ck_assert_int_eq(recorded("tools/list"), pages[_i]);
	forget(&h);
	/* What it does not offer is not asked for. */
	request = request_of(&h, 0);
	mcp_list(w.client, MCP_TEMPLATES, &request);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_ANSWERED);
	ck_assert_int_eq(cJSON_GetArraySize(json_at(h.result, "resourceTemplates")), 0);
	ck_assert_ptr_nonnull(json_at(h.result, "resourceTemplates"));
	forget(&h);
}
END_TEST

START_TEST(lists_without_end_are_refused)
{
	struct heard h;
	struct mcp_request request = request_of(&h, 0);

	open_fake(STDIO, "--pages -1");
	mcp_list(w.client, MCP_TOOLS, &request);
	wait_for(&h);
	ck_assert_int_eq(h.outcome, MCP_REFUSED);
	ck_assert_ptr_nonnull(strstr(h.why.msg, "comes back"));
}
END_TEST

START_TEST(a_changed_list_is_told)
{
	open_fake(_i, "");
	ck_assert_str_eq(outcome("change", 0), "answered");
	ck_assert_int_eq(w.changes, 1);
}
END_TEST

/* ---- HTTP ---- */

START_TEST(a_stream_that_ended_is_taken_up_again)
{
	struct heard h;

	open_fake(HTTP_SSE, "--reply drop");
	ck_assert_int_eq(call("echo", 0, &h), MCP_ANSWERED);
	ck_assert_int_eq(recorded("GET e1"), 1);
	ck_assert_int_eq(recorded("tools/call"), 1);
	forget(&h);
}
END_TEST

START_TEST(one_that_cannot_be_taken_up_is_lost)
{
	struct heard h;

	open_fake(HTTP_SSE, "--reply cut");
	ck_assert_int_eq(call("echo", 0, &h), MCP_LOST);
	ck_assert_int_eq(h.http_status, 0);
	ck_assert_int_eq(recorded("tools/call"), 1);
}
END_TEST

START_TEST(a_status_says_what_may_have_happened)
{
	static const struct {
		const char *option;
		int status;
		enum mcp_outcome outcome;
		bool was_reached;
	} statuses[] = {
		{ "--status 401", 401, MCP_REFUSED, false },
		{ "--status 429", 429, MCP_REFUSED, false },
		{ "--status 408", 408, MCP_REFUSED, true },
		{ "--status 302", 302, MCP_REFUSED, true },
		{ "--status 500", 500, MCP_LOST, true },
		{ "--status 504", 504, MCP_LOST, true },
	};
	struct heard h;

	open_fake(HTTP_JSON, statuses[_i].option);
	ck_assert_int_eq(call("echo", 0, &h), statuses[_i].outcome);
	ck_assert_int_eq(h.was_reached, statuses[_i].was_reached);
	ck_assert_int_eq(h.http_status, statuses[_i].status);
	ck_assert_int_eq(h.retry_after_ms, 7000);
	ck_assert_int_eq(recorded("tools/call"), 1);
}
END_TEST

START_TEST(a_forgotten_session_is_begun_again)
{
	struct heard h;

	open_fake(HTTP_JSON, "--forget 1");
	ck_assert_str_eq(outcome("echo", 0), "answered");
	/* The tool may be another one in the next session: who calls looks first. */
	ck_assert_int_eq(call("count", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_CONFLICT);
	ck_assert(!h.was_reached);
	ck_assert_int_eq(w.changes, 1);
	ck_assert_int_eq(call("count", 0, &h), MCP_ANSWERED);
	ck_assert_str_eq(json_str(h.result, "content[0].text"), "1");
	ck_assert_int_eq(recorded("forgot"), 1);
	ck_assert_int_eq(recorded("initialize"), 2);
	forget(&h);
}
END_TEST

START_TEST(a_server_that_is_gone_was_not_sent_anything)
{
	struct heard h;

	open_fake(HTTP_JSON, "");
	ck_assert_str_eq(outcome("echo", 0), "answered");
	kill(w.pid, SIGKILL);
	waitpid(w.pid, NULL, 0);
	w.pid = 0;
	ck_assert_int_eq(call("echo", 0, &h), MCP_NOT_SENT);
	ck_assert_int_eq(h.why.kind, ERR_BUSY);
}
END_TEST

START_TEST(a_server_that_dies_over_http_leaves_doubt)
{
	struct heard h;

	open_fake(HTTP_JSON, "");
	ck_assert_int_eq(call("die", 0, &h), MCP_LOST);
	ck_assert_int_eq(recorded("died"), 1);
}
END_TEST

static TCase *
new_case(Suite *suite, const char *name)
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, make_world, end_world);
	suite_add_tcase(suite, t);
	return t;
}

int
main(void)
{
	Suite *suite = suite_create("mcp");
	TCase *t;

	AUTO_FREE char *python = process_which("/usr/bin/python3");

	unsetenv("http_proxy");
	unsetenv("all_proxy");
	if (python == NULL) {
		puts("1..0 # SKIP python3 is not installed");
		return 0;
	}
	t = new_case(suite, "outcomes");
	tcase_add_loop_test(t, each_misbehaviour_has_its_outcome, 0, (int)COUNT_OF(rows) * WAYS);
	tcase_add_loop_test(t, answers_are_told_whole, 0, WAYS);
	tcase_add_loop_test(t, what_it_asks_is_answered_by_policy, 0, 8);
	t = new_case(suite, "revisions");
	tcase_add_loop_test(
	    t, both_families_of_revisions_are_spoken, 0, (int)COUNT_OF(revisions) * WAYS);
	tcase_add_loop_test(t, a_revision_that_nobody_speaks_fails, 0, WAYS);
	t = new_case(suite, "reached");
	tcase_add_loop_test(t, what_refuses_a_later_round_says_nothing_of_the_first, 0, 6);
	tcase_add_test(t, what_is_refused_unread_was_not_reached);
	tcase_add_loop_test(t, another_revision_is_agreed_on_anew, 0, 2);
	tcase_add_loop_test(t, each_call_is_counted_for_itself, 0, 2);
	tcase_add_loop_test(t, what_is_open_outlives_another_revision, 0, WAYS);
	tcase_add_loop_test(t, what_is_open_outlives_a_revision_that_is_not_found, 0, WAYS);
	t = new_case(suite, "calls");
	tcase_add_loop_test(t, many_calls_share_one_server, 0, WAYS);
	tcase_add_test(t, those_that_are_open_at_its_death_are_lost);
	tcase_add_loop_test(t, a_call_can_be_given_up, 0, WAYS);
	/* A stubborn program is given six seconds to end. */
	tcase_add_loop_test(
	    t, closing_tells_what_was_open, unit_is_long() ? STDIO : HTTP_JSON, WAYS);
	tcase_add_test(t, one_that_is_never_used_is_closed_at_once);
	t = new_case(suite, "starts");
	tcase_add_loop_test(t, what_cannot_be_started_was_not_sent, 0, 5);
	tcase_add_test(t, one_that_never_says_anything_was_not_sent_the_call);
	tcase_add_test(t, one_that_fails_to_start_is_tried_again_by_the_next_call);
	tcase_add_loop_test(t, secrets_are_read_at_the_start, 0, 2);
	tcase_add_test(t, a_server_inherits_no_credentials);
	tcase_add_test(t, a_secret_is_not_sent_in_plain_text);
	t = new_case(suite, "lists");
	tcase_add_loop_test(t, lists_are_had_whole, 0, 3);
	tcase_add_test(t, lists_without_end_are_refused);
	tcase_add_loop_test(t, a_changed_list_is_told, 0, WAYS);
	t = new_case(suite, "http");
	tcase_add_test(t, a_stream_that_ended_is_taken_up_again);
	tcase_add_test(t, one_that_cannot_be_taken_up_is_lost);
	tcase_add_loop_test(t, a_status_says_what_may_have_happened, 0, 6);
	tcase_add_test(t, a_forgotten_session_is_begun_again);
	tcase_add_test(t, a_server_that_is_gone_was_not_sent_anything);
	tcase_add_test(t, a_server_that_dies_over_http_leaves_doubt);
	return unit_run(suite);
}
