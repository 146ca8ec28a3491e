/*
 * The whole client, over a transport that is made of the input. Each line is a
 * message of the server, in which "@" stands for the id of our last request; one
 * that begins with "!" is something that happens instead (see happen()). Whatever
 * comes: each request is told of once and no more, and the client can be closed.
 */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "driver/mcp_client.h"
#include "tests/fuzz/fuzz.h"

#define LINES_MAX 200
#define TEXT_BYTES 16384

struct stage {
	struct mcp_transport t;
	bool is_started, is_stopping;
	int64_t wire;
};

/* One at a time. */
static struct stage stage;
static uv_loop_t loop;
static int asked, told, closed;

/* ---- the transport ---- */

static int
stage_start(struct mcp_transport *t, struct err *e)
{
	(void)t;
	(void)e;
	assert(!stage.is_started);
	stage.is_started = true;
	stage.is_stopping = false;
	return 0;
}

/* Every seventh is refused. */
static int
stage_send(struct mcp_transport *t, const struct mcp_message *message, struct err *e)
{
	assert(stage.is_started && strlen(message->text) == message->len);
	assert(strchr(message->text, '\n') == NULL);
	if (message->wire % 7 == 6)
		return err_set(e, ERR_BUSY, "refused");
	if (message->wire != 0) {
		stage.wire = message->wire;
		t->events->sent(t->data, message->wire);
	}
	return 0;
}

static void
stage_speak(struct mcp_transport *t, const char *version, bool modern)
{
	(void)t;
	assert(version != NULL || !modern);
}

static bool
stage_forget(struct mcp_transport *t, int64_t wire, bool given_up)
{
	(void)t;
	assert(wire > 0);
	return given_up && wire % 5 == 0;
}

static void
stage_stop(struct mcp_transport *t)
{
	(void)t;
	assert(stage.is_started);
	stage.is_stopping = true;
}

static void
stage_free(struct mcp_transport *t)
{
	(void)t;
	assert(!stage.is_started);
}

static const struct mcp_transport_class stage_class = {
	.start = stage_start,
	.send = stage_send,
	.speak = stage_speak,
	.forget = stage_forget,
	.stop = stage_stop,
	.free = stage_free,
};

static struct mcp_transport *
stage_new(
    const struct mcp_server *server, uv_loop_t *on, const struct mcp_events *events, void *data)
{
	(void)server;
	(void)on;
	stage = (struct stage){ .t = { .class = &stage_class, .events = events, .data = data } };
	return &stage.t;
}

/* ---- the user ---- */

static void
on_done(struct mcp *m, int64_t id, const struct mcp_reply *reply, void *data)
{
	(void)m;
	(void)data;
	assert(id > 0 && reply->outcome < MCP_OUTCOMES);
	assert((reply->outcome == MCP_ANSWERED) == (reply->result != NULL));
	assert((reply->outcome == MCP_ANSWERED) == (reply->why == NULL));
	told++;
}

static void
on_progress(
    struct mcp *m, int64_t id, double progress, double total, const char *message, void *data)
{
	(void)m;
	(void)progress;
	(void)total;
	(void)message;
	(void)data;
	assert(id > 0);
}

static void
on_log(struct mcp *m, const char *line, void *data)
{
	(void)m;
	(void)data;
	assert(strlen(line) <= MCP_LINE_MAX && strchr(line, '\n') == NULL);
}

static void
on_closed(void *data)
{
	(void)data;
	closed++;
}

static void
turn(void)
{
	uv_run(&loop, UV_RUN_NOWAIT);
	if (!stage.is_stopping)
		return;
	stage.is_started = stage.is_stopping = false;
	stage.t.events->down(stage.t.data);
	uv_run(&loop, UV_RUN_NOWAIT);
}

/* ---- the script ---- */

static void
ask(struct mcp *m, char what)
{
	const struct mcp_request request = {
		.timeout_ms = 60000, .done = on_done, .progress = on_progress
	};

	asked++;
	if (what == 'c')
		mcp_call(m, "tool", NULL, &request);
	else if (what == 'p')
		mcp_ping(m, &request);
	else if (what == 'r')
		mcp_read(m, "uri:x", &request);
	else
		mcp_list(m, (enum mcp_list)(asked % MCP_LISTS), &request);
}

static void
fail(const char *body)
{
	struct err why = { ERR_BUSY, "failed" };
	const struct mcp_failure failure = {
		.sent = strchr(body, 's') != NULL,
		.http_status = strchr(body, '4') != NULL ? 404
		    : strchr(body, '5') != NULL          ? 500
							 : 0,
		.session_lost = strchr(body, 'l') != NULL,
		.body = strchr(body, '{'),
		.len = strchr(body, '{') != NULL ? strlen(strchr(body, '{')) : 0,
		.why = &why,
	};

	stage.t.events->failed(stage.t.data, stage.wire, &failure);
}

/* "!c": a call; "!p", "!r", "!l": other requests; "!x": the last is given up; "!b": broken; "!f...": failed. */
static void
happen(struct mcp *m, const char *line)
{
	struct err why = { ERR_BUSY, "broken" };

	if (line[1] == 'x') {
		mcp_cancel(m, asked);
	} else if (line[1] == 'f') {
		if (stage.is_started && !stage.is_stopping && stage.wire != 0)
			fail(line + 2);
	} else if (line[1] == 'b') {
		if (!stage.is_started || stage.is_stopping)
			return;
		stage.t.events->broken(stage.t.data, &why);
		stage.is_stopping = true;
	} else {
		ask(m, line[1]);
	}
}

static void
say(const char *line, size_t len)
{
	struct buf text = BUF_INIT(TEXT_BYTES);

	for (size_t i = 0; i < len; i++)
		if (line[i] == '@')
			buf_addf(&text, "%" PRId64, stage.wire);
		else
			buf_addc(&text, line[i]);
	if (stage.is_started && !stage.is_stopping)
		stage.t.events->text(stage.t.data, buf_str(&text), text.len);
	buf_clear(&text);
}

static void
play(struct mcp *m, const char *at, const char *end)
{
	for (int i = 0; i < LINES_MAX && at < end; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
		AUTO_FREE char *line = xcalloc(len + 3, 1);

		memcpy(line, at, len);
		if (line[0] == '!')
			happen(m, line);
		else
			say(line, len);
		turn();
		at += len + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mcp_listener listener = { .log = on_log };
	struct mcp_server server = {
		.name = (char *)(uintptr_t) "fuzz",
		.timeout_ms = 60000,
		.elicitation = size % 2 ? MCP_DEFAULTS : MCP_DECLINE,
		.era = (enum mcp_era)(size % 3),
	};
	struct mcp *m;

	uv_loop_init(&loop);
	asked = told = closed = 0;
	m = mcp_open_over(stage_new, &server, &listener, &loop);
	ask(m, 'c');
	turn();
	play(m, (const char *)data, (const char *)data + size);
	mcp_close(m, on_closed, NULL);
	for (int i = 0; i < 10 && closed == 0; i++)
		turn();
	assert(closed == 1 && told == asked);
	assert(uv_loop_close(&loop) == 0);
	return 0;
}
