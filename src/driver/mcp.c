/*
 * The client from its users' side: requests are made here, kept until they are
 * over, and told. What is due (deadlines, the pause before a start, what was
 * decided from within another call) is done by one timer.
 */
#include "config.h"

#include "driver/mcp.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "driver/mcp_client.h"
#include "driver/rpc.h"

static const char *const outcome_names[MCP_OUTCOMES] = {
	[MCP_NOT_SENT] = "not sent",
	[MCP_ANSWERED] = "answered",
	[MCP_REFUSED] = "refused",
	[MCP_LOST] = "lost",
	[MCP_TIMED_OUT] = "timed out",
	[MCP_CANCELLED] = "cancelled",
};

const char *
mcp_outcome_name(enum mcp_outcome outcome)
{
	assert(outcome < MCP_OUTCOMES);
	return outcome_names[outcome];
}

/* ---- telling ---- */

static void
request_free(struct request *r)
{
	free(r->method);
	free(r->name);
	cJSON_Delete(r->params);
	cJSON_Delete(r->items);
	strv_clear(&r->cursors);
	free(r);
}

static void
take_out(struct mcp *m, struct request *r)
{
	size_t i = 0;

	while (m->requests[i] != r)
		i++;
	m->n_requests--;
	memmove(
	    &m->requests[i], &m->requests[i + 1], (m->n_requests - i) * sizeof(struct request *));
}

/* What servers answer in place of a tool that they have not looked for yet. */
static bool
is_refused_unread(const struct mcp_reply *reply)
{
	static const int64_t codes[] = { RPC_PARSE_ERROR, RPC_METHOD_NOT_FOUND, RPC_HEADER_MISMATCH,
		RPC_MISSING_CAPABILITY, RPC_UNSUPPORTED_VERSION };

	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (reply->code == codes[i])
			return true;
	/* 408 tells of the server's patience with what it had taken. */
	return reply->code == 0 && reply->http_status >= 400 && reply->http_status < 500 &&
	    reply->http_status != 408;
}

static bool
was_reached(const struct request *r, const struct mcp_reply *reply)
{
	/* Whatever becomes of the latest message, an earlier one was looked at. */
	if (r->rounds > 0)
		return true;
	if (reply->outcome == MCP_REFUSED)
		return !is_refused_unread(reply);
	return reply->outcome != MCP_NOT_SENT;
}

void
request_tell(struct mcp *m, struct request *r, const struct mcp_reply *reply)
{
	struct mcp_reply whole = *reply;

	whole.was_reached = was_reached(r, reply);
	whole.started_ms = r->is_sent ? r->started_ms : 0;
	whole.ended_ms = clock_now_ms();
	take_out(m, r);
	r->user.done(m, r->id, &whole, r->user.data);
	request_free(r);
}

void
request_end(struct mcp *m, struct request *r, enum mcp_outcome outcome, const struct err *why)
{
	if (r->is_over)
		return;
	r->is_over = true;
	r->wire = 0;
	r->outcome = outcome;
	r->why = *why;
	mcp_arm(m);
}

struct request *
request_find(struct mcp *m, int64_t wire)
{
	for (size_t i = 0; i < m->n_requests; i++)
		if (m->requests[i]->wire == wire && wire != 0)
			return m->requests[i];
	return NULL;
}

bool
request_is_call(const struct request *r)
{
	return strcmp(r->method, "tools/call") == 0;
}

/* ---- sending ---- */

/* What asks for progress is found again by the request's own id. */
static cJSON *
params_to_send(const struct mcp *m, const struct request *r)
{
	cJSON *params = cJSON_Duplicate(r->params, true);

	if (r->user.progress != NULL && r->list == WHOLE_LIST_NONE)
		json_add_int(cJSON_AddObjectToObject(params, "_meta"), "progressToken", r->id);
	session_sign(&m->session, params);
	return params;
}

/* Modern servers know no ping. */
static const char *
method_to_send(const struct mcp *m, const struct request *r)
{
	bool is_ping = strcmp(r->method, "ping") == 0;

	return is_ping && session_is_modern(&m->session) ? "server/discover" : r->method;
}

/* What is not offered must not be asked for. */
static bool
is_known_empty(const struct mcp *m, const struct request *r)
{
	return r->list != WHOLE_LIST_NONE &&
	    !session_offers(&m->session, pages_capability(r->list));
}

/* Only the revision that has asked back knows what it is answered. */
static bool
is_out_of_date(const struct mcp *m, const struct request *r)
{
	return r->rounds > 0 && !session_is_modern(&m->session);
}

void
request_send(struct mcp *m, struct request *r)
{
	AUTO_JSON cJSON *params = params_to_send(m, r);
	const char *method = method_to_send(m, r);
	AUTO_FREE char *text = rpc_request(++m->last_wire, method, params);
	const struct mcp_message message = {
		.text = text,
		.len = strlen(text),
		.wire = m->last_wire,
		.method = method,
		.name = r->name,
		.once = request_is_call(r),
	};
	struct err why = { 0 };

	if (is_known_empty(m, r)) {
		request_end(m, r, MCP_ANSWERED, &why);
		return;
	}
	if (is_out_of_date(m, r)) {
		err_set(&why, ERR_BUSY, "%s: it asks back, and then speaks another revision",
		    m->server->name);
		request_end(m, r, MCP_REFUSED, &why);
		return;
	}
	r->wire = m->last_wire;
	r->session = m->last_session;
	r->is_modern = session_is_modern(&m->session);
	if (m->transport->class->send(m->transport, &message, &why) == -1)
		request_end(m, r, r->is_sent ? MCP_LOST : MCP_NOT_SENT, &why);
}

/* To the server: the answer is not waited for any more. */
static void
give_up(struct mcp *m, struct request *r, const char *reason)
{
	AUTO_JSON cJSON *params = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	struct mcp_message message = { .method = "notifications/cancelled" };

	if (m->transport->class->forget(m->transport, r->wire, true) && r->rounds == 0)
		r->is_sent = false;
	/* Over HTTP a modern server knows by the end of the connection. */
	if (!mcp_is_alive(m) || !r->is_sent || (r->is_modern && m->server->url != NULL))
		return;
	json_add_int(params, "requestId", r->wire);
	json_add_str(params, "reason", reason);
	text = rpc_notification(message.method, params);
	message.text = text;
	message.len = strlen(text);
	(void)m->transport->class->send(m->transport, &message, NULL);
}

/* ---- what is due ---- */

static void
time_out(struct mcp *m, struct request *r)
{
	struct err why = { 0 };

	if (r->wire != 0)
		give_up(m, r, "no answer in time");
	if (r->is_sent)
		err_set(&why, ERR_BUSY, "%s: no answer in time", m->server->name);
	else
		err_set(&why, ERR_BUSY, "%s: the server was not ready in time", m->server->name);
	request_end(m, r, r->is_sent ? MCP_TIMED_OUT : MCP_NOT_SENT, &why);
}

static void
tell_over(struct mcp *m, struct request *r)
{
	AUTO_JSON cJSON *nothing = r->outcome == MCP_ANSWERED ? pages_result(r) : NULL;
	const struct mcp_reply reply = {
		.outcome = r->outcome,
		.result = nothing,
		.why = r->outcome == MCP_ANSWERED ? NULL : &r->why,
	};

	request_tell(m, r, &reply);
}

/* The first that is over, of those that were made up to LAST. */
static struct request *
first_over(struct mcp *m, int64_t last)
{
	for (size_t i = 0; i < m->n_requests && m->requests[i]->id <= last; i++)
		if (m->requests[i]->is_over)
			return m->requests[i];
	return NULL;
}

static void
on_tick(uv_timer_t *timer)
{
	struct mcp *m = timer->data;
	uint64_t now = uv_now(m->loop);
	int64_t last = m->last_id;
	struct request *r;

	for (size_t i = 0; i < m->n_requests; i++)
		if (!m->requests[i]->is_over && now >= m->requests[i]->deadline_ms)
			time_out(m, m->requests[i]);
	while ((r = first_over(m, last)) != NULL)
		tell_over(m, r);
	mcp_tick(m, now);
	if (m->is_closing && m->state == CLIENT_DOWN && m->n_requests == 0)
		mcp_end(m);
	else
		mcp_arm(m);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
mcp_arm(struct mcp *m)
{
	uint64_t now = uv_now(m->loop), due = UINT64_MAX;

	for (size_t i = 0; i < m->n_requests; i++)
		due = earlier(due, m->requests[i]->is_over ? now : m->requests[i]->deadline_ms);
	if ((m->state == CLIENT_DOWN || m->state == CLIENT_ASIDE) && mcp_has_waiting(m))
		due = earlier(due, m->resume_ms);
	if (m->state == CLIENT_DOWN && m->is_closing)
		due = now;
	if (m->state == CLIENT_STARTING)
		due = earlier(due, earlier(m->question_deadline_ms, m->start_deadline_ms));
	if (due == UINT64_MAX)
		uv_timer_stop(&m->timer);
	else
		uv_timer_start(&m->timer, on_tick, due > now ? due - now : 0, 0);
}

/* ---- opening and closing ---- */

static const struct mcp_events transport_events = {
	.text = mcp_take_text,
	.sent = mcp_take_sent,
	.failed = mcp_take_failed,
	.log = mcp_log_text,
	.broken = mcp_broken,
	.down = mcp_down,
};

struct mcp *
mcp_open_over(struct mcp_transport *(*make)(const struct mcp_server *server, uv_loop_t *loop,
		  const struct mcp_events *events, void *data),
    const struct mcp_server *server, const struct mcp_listener *listener, uv_loop_t *loop)
{
	struct mcp *m = xcalloc(1, sizeof *m);

	m->server = server;
	if (listener != NULL)
		m->listener = *listener;
	m->loop = loop;
	m->transport = make(server, loop, &transport_events, m);
	m->transport->lock_fd = -1;
	session_init(&m->session, server->era);
	uv_timer_init(loop, &m->timer);
	m->timer.data = m;
	return m;
}

struct mcp *
mcp_open(const struct mcp_server *server, const struct mcp_listener *listener, uv_loop_t *loop)
{
	return mcp_open_over(
	    server->url != NULL ? mcp_http_new : mcp_stdio_new, server, listener, loop);
}

void
mcp_close(struct mcp *m, void (*closed)(void *data), void *data)
{
	struct err why = { 0 };

	if (m == NULL || m->is_closing)
		return;
	m->is_closing = true;
	m->closed = closed;
	m->closed_data = data;
	err_set(&why, ERR_BUSY, "%s: the server was closed", m->server->name);
	for (size_t i = 0; i < m->n_requests; i++)
		request_end(
		    m, m->requests[i], m->requests[i]->is_sent ? MCP_LOST : MCP_NOT_SENT, &why);
	if (mcp_is_alive(m)) {
		m->state = CLIENT_STOPPING;
		m->transport->class->stop(m->transport);
	}
	mcp_arm(m);
}

void
mcp_set_lock(struct mcp *m, int fd)
{
	assert(m->state == CLIENT_DOWN);
	m->transport->lock_fd = fd;
}

int
mcp_lock(const struct mcp *m)
{
	return m->transport->lock_fd;
}

const struct mcp_about *
mcp_about(const struct mcp *m)
{
	return m->is_about_known ? &m->about : NULL;
}

const struct mcp_server *
mcp_server(const struct mcp *m)
{
	return m->server;
}

/* ---- requests ---- */

static size_t
count_open(const struct mcp *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_requests; i++)
		n += !m->requests[i]->is_over;
	return n;
}

/* Sends it, or has the server started, or ends it; whatever is told is told later. */
static int64_t
submit(struct mcp *m, struct request *r)
{
	struct err why = { 0 };
	bool is_full = count_open(m) >= MCP_CALLS_MAX;

	m->requests = xgrow(m->requests, m->n_requests, &m->cap_requests, sizeof *m->requests);
	m->requests[m->n_requests++] = r;
	if (m->is_closing)
		err_set(&why, ERR_BUSY, "%s: the server was closed", m->server->name);
	else if (is_full)
		err_set(&why, ERR_LIMIT, "%s: %d calls are open already", m->server->name,
		    MCP_CALLS_MAX);
	if (why.kind != ERR_NONE)
		request_end(m, r, MCP_NOT_SENT, &why);
	else if (m->state == CLIENT_UP)
		request_send(m, r);
	mcp_arm(m);
	return r->id;
}

static struct request *
request_new(struct mcp *m, const char *method, const char *name, cJSON *params,
    const struct mcp_request *user)
{
	struct request *r = xcalloc(1, sizeof *r);
	int64_t timeout_ms = user->timeout_ms > 0 ? user->timeout_ms : m->server->timeout_ms;

	r->id = ++m->last_id;
	r->method = xstrdup(method);
	r->name = xstrdup(name);
	r->params = params;
	r->list = WHOLE_LIST_NONE;
	r->user = *user;
	/* The loop's idea of now may be as old as what it does at present. */
	uv_update_time(m->loop);
	r->deadline_ms = uv_now(m->loop) + (uint64_t)timeout_ms;
	return r;
}

static cJSON *
copy_or_empty(const cJSON *object)
{
	return cJSON_IsObject(object) ? cJSON_Duplicate(object, true) : cJSON_CreateObject();
}

int64_t
mcp_call(struct mcp *m, const char *tool, const cJSON *arguments, const struct mcp_request *request)
{
	cJSON *params = cJSON_CreateObject();

	json_add_str(params, "name", tool);
	cJSON_AddItemToObject(params, "arguments", copy_or_empty(arguments));
	return submit(m, request_new(m, "tools/call", tool, params, request));
}

int64_t
mcp_list(struct mcp *m, enum mcp_list list, const struct mcp_request *request)
{
	struct request *r = request_new(m, pages_method(list), NULL, cJSON_CreateObject(), request);

	r->list = list;
	r->items = cJSON_CreateArray();
	return submit(m, r);
}

int64_t
mcp_read(struct mcp *m, const char *uri, const struct mcp_request *request)
{
	cJSON *params = cJSON_CreateObject();

	json_add_str(params, "uri", uri);
	return submit(m, request_new(m, "resources/read", uri, params, request));
}

int64_t
mcp_prompt(
    struct mcp *m, const char *name, const cJSON *arguments, const struct mcp_request *request)
{
	cJSON *params = cJSON_CreateObject();

	json_add_str(params, "name", name);
	cJSON_AddItemToObject(params, "arguments", copy_or_empty(arguments));
	return submit(m, request_new(m, "prompts/get", name, params, request));
}

int64_t
mcp_complete(struct mcp *m, const cJSON *ref, const char *argument, const char *value,
    const cJSON *known, const struct mcp_request *request)
{
	cJSON *params = cJSON_CreateObject(), *part;

	cJSON_AddItemToObject(params, "ref", cJSON_Duplicate(ref, true));
	part = cJSON_AddObjectToObject(params, "argument");
	json_add_str(part, "name", argument);
	json_add_str(part, "value", value);
	if (known != NULL)
		cJSON_AddItemToObject(cJSON_AddObjectToObject(params, "context"), "arguments",
		    cJSON_Duplicate(known, true));
	return submit(m, request_new(m, "completion/complete", NULL, params, request));
}

int64_t
mcp_ping(struct mcp *m, const struct mcp_request *request)
{
	return submit(m, request_new(m, "ping", NULL, cJSON_CreateObject(), request));
}

void
mcp_cancel(struct mcp *m, int64_t id)
{
	struct err why = { 0 };

	for (size_t i = 0; i < m->n_requests; i++) {
		struct request *r = m->requests[i];

		if (r->id != id || r->is_over)
			continue;
		err_set(&why, ERR_BUSY, "%s: the request was cancelled", m->server->name);
		if (r->wire != 0)
			give_up(m, r, "cancelled");
		request_end(m, r, r->is_sent ? MCP_CANCELLED : MCP_NOT_SENT, &why);
		return;
	}
}
