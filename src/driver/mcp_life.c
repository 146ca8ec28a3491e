/*
 * The life of a server: started by the first request, greeted, up, and after its
 * end down until the next request, with a pause that doubles with each failure
 * in a row. Any answer to a request ends the row. A server that speaks another revision
 * all at once is greeted again while what it was asked before goes on.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "driver/mcp_client.h"

#define START_MS 60000
#define PAUSE_FIRST_MS 500
#define PAUSE_MAX_MS 30000

/* ---- what becomes of requests ---- */

bool
mcp_has_waiting(const struct mcp *m)
{
	for (size_t i = 0; i < m->n_requests; i++)
		if (!m->requests[i]->is_over && m->requests[i]->wire == 0)
			return true;
	return false;
}

static bool
has_open(const struct mcp *m)
{
	for (size_t i = 0; i < m->n_requests; i++)
		if (m->requests[i]->wire != 0)
			return true;
	return false;
}

/* Those that were asked (OPEN), or those that wait: the server can do nothing for them any more. */
static void
end_requests(struct mcp *m, bool open, const struct err *why)
{
	struct err text = *why;

	err_in(&text, "%s", m->server->name);
	for (size_t i = 0; i < m->n_requests; i++) {
		struct request *r = m->requests[i];

		if ((r->wire != 0) == open)
			request_end(m, r, r->is_sent ? MCP_LOST : MCP_NOT_SENT, &text);
	}
}

/* ---- the end of a server ---- */

static void
pause_next(struct mcp *m)
{
	uint64_t pause = PAUSE_FIRST_MS;

	for (int i = 0; i < m->failures && pause < PAUSE_MAX_MS; i++)
		pause *= 2;
	m->failures++;
	m->resume_ms = uv_now(m->loop) + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
}

static void
stop(struct mcp *m)
{
	m->state = CLIENT_STOPPING;
	m->transport->class->stop(m->transport);
}

static void
fail_start(struct mcp *m, const struct err *why)
{
	pause_next(m);
	end_requests(m, false, why);
	if (m->state == CLIENT_STARTING && has_open(m))
		m->state = CLIENT_ASIDE;
	else if (m->state == CLIENT_STARTING)
		stop(m);
	mcp_arm(m);
}

/* Whoever is started in its place may offer something else. */
static void
doubt_lists(struct mcp *m)
{
	for (int list = 0; m->listener.changed != NULL && list < MCP_LISTS; list++)
		m->listener.changed(m, (enum mcp_list)list, m->listener.data);
}

bool
mcp_is_alive(const struct mcp *m)
{
	return m->state == CLIENT_STARTING || m->state == CLIENT_UP || m->state == CLIENT_ASIDE;
}

void
mcp_broken(void *data, const struct err *why)
{
	struct mcp *m = data;
	bool was_starting = m->state == CLIENT_STARTING;

	if (!mcp_is_alive(m))
		return;
	m->state = CLIENT_STOPPING;
	doubt_lists(m);
	end_requests(m, true, why);
	if (was_starting && session_died(&m->session)) {
		m->resume_ms = 0;
		return;
	}
	pause_next(m);
	end_requests(m, false, why);
	mcp_arm(m);
}

void
mcp_down(void *data)
{
	struct mcp *m = data;

	m->state = CLIENT_DOWN;
	mcp_arm(m);
}

/* Requests that were sent and not answered had their own streams, which end with the session. */
void
mcp_renew(struct mcp *m)
{
	struct err why = { 0 };

	doubt_lists(m);
	err_set(&why, ERR_BUSY, "its session ended");
	end_requests(m, true, &why);
	m->resume_ms = 0;
	stop(m);
}

/* ---- the beginning ---- */

static void ask(struct mcp *m);

static void
keep_about(struct mcp *m)
{
	const cJSON *server = m->session.server;

	m->about = (struct mcp_about){
		.name = json_str(server, "name"),
		.version = json_str(server, "version"),
		.protocol = m->session.version,
		.instructions = json_str(server, "instructions"),
		.capabilities = cJSON_GetObjectItemCaseSensitive(server, "capabilities"),
	};
	m->is_about_known = true;
}

static int
say_initialized(struct mcp *m, struct err *e)
{
	AUTO_FREE char *text = rpc_notification("notifications/initialized", NULL);
	const struct mcp_message message = {
		.text = text, .len = strlen(text), .method = "notifications/initialized"
	};

	return m->transport->class->send(m->transport, &message, e);
}

static void
be_up(struct mcp *m)
{
	struct err why = { 0 };

	m->transport->class->speak(
	    m->transport, m->session.version, session_is_modern(&m->session));
	keep_about(m);
	if (!session_is_modern(&m->session) && say_initialized(m, &why) == -1) {
		fail_start(m, &why);
		return;
	}
	m->state = CLIENT_UP;
	m->last_session++;
	for (size_t i = 0; i < m->n_requests; i++)
		if (!m->requests[i]->is_over && m->requests[i]->wire == 0)
			request_send(m, m->requests[i]);
	mcp_arm(m);
}

/* The session has moved on. */
static void
go_on(struct mcp *m, const struct err *why)
{
	if (m->session.state == SESSION_READY)
		be_up(m);
	else if (m->session.state == SESSION_FAILED)
		fail_start(m, why);
	else
		ask(m);
}

static void
ask(struct mcp *m)
{
	bool is_probe = m->session.state == SESSION_PROBING;
	AUTO_JSON cJSON *params = NULL;
	const char *method = session_question(&m->session, &params);
	AUTO_FREE char *text = rpc_request(++m->last_wire, method, params);
	const struct mcp_message message = {
		.text = text, .len = strlen(text), .wire = m->last_wire, .method = method
	};
	struct err why = { 0 };

	m->asked[m->session.state] = m->last_wire;
	m->question_deadline_ms =
	    is_probe ? uv_now(m->loop) + SESSION_PROBE_MS : m->start_deadline_ms;
	m->transport->class->speak(m->transport, is_probe ? m->session.version : NULL, is_probe);
	if (m->transport->class->send(m->transport, &message, &why) == -1)
		mcp_no_answer(m, &why);
	mcp_arm(m);
}

static void
begin_session(struct mcp *m)
{
	memset(m->asked, 0, sizeof(m->asked));
	m->state = CLIENT_STARTING;
	m->start_deadline_ms = uv_now(m->loop) + START_MS;
	session_begin(&m->session);
	ask(m);
}

void
mcp_start(struct mcp *m)
{
	struct err why = { 0 };

	if (m->state == CLIENT_DOWN && m->transport->class->start(m->transport, &why) == -1)
		fail_start(m, &why);
	else
		begin_session(m);
}

void
mcp_renegotiate(struct mcp *m)
{
	doubt_lists(m);
	session_forget(&m->session);
	begin_session(m);
}

void
mcp_answer(struct mcp *m, enum session_state asked, const struct rpc_message *answer)
{
	struct err why = { 0 };

	m->asked[asked] = 0;
	if (m->state == CLIENT_STARTING && session_answer(&m->session, asked, answer, &why))
		go_on(m, &why);
}

void
mcp_no_answer(struct mcp *m, const struct err *why)
{
	struct err reason = { 0 };

	if (m->state == CLIENT_STARTING && session_no_answer(&m->session, why, &reason))
		go_on(m, &reason);
}

void
mcp_unreachable(struct mcp *m, const struct err *why)
{
	if (m->state == CLIENT_STARTING)
		fail_start(m, why);
}

void
mcp_tick(struct mcp *m, uint64_t now)
{
	struct err why = { 0 };

	if ((m->state == CLIENT_DOWN || m->state == CLIENT_ASIDE) && mcp_has_waiting(m) &&
	    !m->is_closing && now >= m->resume_ms) {
		mcp_start(m);
	} else if (m->state == CLIENT_STARTING && now >= m->question_deadline_ms) {
		err_set(&why, ERR_BUSY, "it does not answer");
		m->transport->class->forget(m->transport, m->asked[m->session.state], true);
		mcp_no_answer(m, &why);
	}
}

/* ---- the end of the client ---- */

static void
on_closed(uv_handle_t *timer)
{
	struct mcp *m = timer->data;

	if (m->closed != NULL)
		m->closed(m->closed_data);
	session_clear(&m->session);
	strv_clear(&m->unread);
	free(m->requests);
	free(m);
}

void
mcp_end(struct mcp *m)
{
	m->transport->class->free(m->transport);
	uv_close((uv_handle_t *)&m->timer, on_closed);
}
