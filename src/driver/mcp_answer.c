/* What comes from the server: answers, what it asks us, what it tells us unasked. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "driver/mcp_client.h"
#include "driver/mcp_elicit.h"
#include "driver/rpc.h"

#define ROUNDS_MAX 8    /* in which the server asks back */
#define PROGRESS_MS 100 /* between two that are told */
#define TEXT_MAX 500    /* bytes of what a server says, in a message */

/* ---- the end of a request ---- */

static void
tell_refused(struct mcp *m, struct request *r, const struct rpc_message *answer,
    const struct mcp_failure *failure)
{
	AUTO_FREE char *text = utf8_line(answer->text, TEXT_MAX);
	struct err why = { 0 };
	const struct mcp_reply reply = {
		.outcome = MCP_REFUSED,
		.code = answer->code,
		.http_status = failure->http_status,
		.retry_after_ms = failure->retry_after_ms,
		.data = answer->data,
		.why = &why,
	};

	err_set(&why, ERR_BUSY, "%s: %s", m->server->name,
	    *text != '\0' ? text : "refused without a reason");
	request_tell(m, r, &reply);
}

/* It was answered, but with what cannot be used. */
static void
tell_unusable(struct mcp *m, struct request *r, const char *text)
{
	struct err why = { 0 };
	const struct mcp_reply reply = { .outcome = MCP_REFUSED, .why = &why };

	err_set(&why, ERR_BUSY, "%s: %s", m->server->name, text);
	request_tell(m, r, &reply);
}

static void
tell_answered(struct mcp *m, struct request *r, const cJSON *result)
{
	const struct mcp_reply reply = { .outcome = MCP_ANSWERED, .result = result };

	request_tell(m, r, &reply);
}

/* ---- answers ---- */

/* Its next message. Where no session is agreed on it waits for that. */
static void
send_on(struct mcp *m, struct request *r)
{
	if (m->state == CLIENT_UP)
		request_send(m, r);
	else
		mcp_arm(m);
}

static void
take_page(struct mcp *m, struct request *r, const struct rpc_message *page)
{
	AUTO_JSON cJSON *result = NULL;
	struct err why = { 0 };
	bool is_last;

	if (pages_take(r, page, &is_last, &why) == -1) {
		tell_unusable(m, r, why.msg);
	} else if (!is_last) {
		send_on(m, r);
	} else {
		result = pages_result(r);
		tell_answered(m, r, result);
	}
}

/* The server asks back: the same request again, with the answers and what it wants to have back. */
static void
ask_again(struct mcp *m, struct request *r, const cJSON *result)
{
	const cJSON *requests = cJSON_GetObjectItemCaseSensitive(result, "inputRequests");
	const cJSON *state = cJSON_GetObjectItemCaseSensitive(result, "requestState");
	cJSON *answers = elicit_answers(requests, m->server->elicitation);

	if (answers == NULL || ++r->rounds > ROUNDS_MAX) {
		cJSON_Delete(answers);
		tell_unusable(m, r,
		    answers == NULL ? "it asks for what we do not offer"
				    : "it asks back without end");
		return;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(r->params, "inputResponses");
	cJSON_DeleteItemFromObjectCaseSensitive(r->params, "requestState");
	cJSON_AddItemToObject(r->params, "inputResponses", answers);
	if (state != NULL)
		cJSON_AddItemToObject(r->params, "requestState", cJSON_Duplicate(state, true));
	send_on(m, r);
}

static bool
asks_back(const struct request *r, const cJSON *result)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(result, "resultType");

	return r->is_modern && cJSON_IsString(type) &&
	    strcmp(type->valuestring, "input_required") == 0;
}

/*
 * True if the server speaks another revision by now: R is asked in that one. Only the
 * first to be refused so has it agreed on; the others were sent before.
 */
static bool
renegotiate(struct mcp *m, struct request *r, const struct rpc_message *answer)
{
	bool is_first = m->state == CLIENT_UP && r->session == m->last_session;

	if (answer->kind != RPC_ERROR || answer->code != RPC_UNSUPPORTED_VERSION || !r->is_modern ||
	    !unread_send_again(m, r))
		return false;
	if (is_first)
		mcp_renegotiate(m);
	else if (!r->is_over)
		send_on(m, r);
	return true;
}

static void
answer_request(struct mcp *m, struct request *r, const struct rpc_message *answer)
{
	static const struct mcp_failure nothing = { 0 };

	m->failures = 0;
	m->transport->class->forget(m->transport, r->wire, false);
	r->wire = 0;
	if (renegotiate(m, r, answer))
		return;
	if (answer->kind != RPC_ERROR || answer->code != RPC_UNSUPPORTED_VERSION)
		unread_forget(m, r);
	if (answer->kind == RPC_ERROR)
		tell_refused(m, r, answer, &nothing);
	else if (asks_back(r, answer->result))
		ask_again(m, r, answer->result);
	else if (r->list != WHOLE_LIST_NONE)
		take_page(m, r, answer);
	else
		tell_answered(m, r, answer->result);
}

/* One of the session's own questions? */
static bool
answer_question(struct mcp *m, int64_t wire, const struct rpc_message *answer)
{
	for (enum session_state s = SESSION_PROBING; s <= SESSION_GREETING; s++) {
		if (wire == 0 || m->asked[s] != wire)
			continue;
		m->transport->class->forget(m->transport, wire, false);
		mcp_answer(m, s, answer);
		return true;
	}
	return false;
}

static void
take_answer(struct mcp *m, const struct rpc_message *answer)
{
	int64_t wire = rpc_id(answer);
	struct request *r = request_find(m, wire);

	if (answer_question(m, wire, answer))
		return;
	if (r != NULL)
		answer_request(m, r, answer);
	else
		mcp_log(m, "(an answer that nobody waits for was ignored)");
}

/* ---- what the server asks ---- */

static char *
reply_to(const struct mcp *m, const struct rpc_message *request)
{
	const cJSON *mode = cJSON_GetObjectItemCaseSensitive(request->params, "mode");
	AUTO_JSON cJSON *result = NULL;

	if (strcmp(request->method, "ping") == 0)
		return rpc_result(request->id, NULL);
	if (strcmp(request->method, "elicitation/create") != 0)
		return rpc_error(request->id, RPC_METHOD_NOT_FOUND, "method not found");
	if (cJSON_IsString(mode) && strcmp(mode->valuestring, "form") != 0)
		return rpc_error(request->id, RPC_INVALID_PARAMS, "only forms are answered");
	result = elicit_answer(request->params, m->server->elicitation);
	return rpc_result(request->id, result);
}

/* Modern servers ask nothing, and must not be answered. */
static void
take_request(struct mcp *m, const struct rpc_message *request)
{
	AUTO_FREE char *text = NULL;
	struct mcp_message message = { 0 };
	struct err why = { 0 };

	if (session_is_modern(&m->session)) {
		mcp_log(m, "(a request that this revision does not have was ignored)");
		return;
	}
	text = reply_to(m, request);
	message.text = text;
	message.len = strlen(text);
	if (m->transport->class->send(m->transport, &message, &why) == -1)
		mcp_log(m, "(a request was not answered: %s)", why.msg);
}

/* ---- what it tells unasked ---- */

static void
take_progress(struct mcp *m, const cJSON *params)
{
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(params, "progress");
	const cJSON *total = cJSON_GetObjectItemCaseSensitive(params, "total");
	const cJSON *message = cJSON_GetObjectItemCaseSensitive(params, "message");
	int64_t token = json_int(params, "progressToken", 0);
	uint64_t now = uv_now(m->loop);
	struct request *r = NULL;

	for (size_t i = 0; i < m->n_requests; i++)
		if (m->requests[i]->id == token && m->requests[i]->wire != 0)
			r = m->requests[i];
	if (r == NULL || r->user.progress == NULL || !cJSON_IsNumber(progress) ||
	    now < r->progress_ms)
		return;
	r->progress_ms = now + PROGRESS_MS;
	r->user.progress(m, r->id, progress->valuedouble,
	    cJSON_IsNumber(total) ? total->valuedouble : 0,
	    cJSON_IsString(message) ? message->valuestring : NULL, r->user.data);
}

static void
take_log(struct mcp *m, const cJSON *params)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(params, "data");
	const char *level = json_str(params, "level");
	AUTO_FREE char *text = cJSON_IsString(data) ? xstrdup(data->valuestring) : json_text(data);
	AUTO_FREE char *line = NULL;

	if (text == NULL)
		return;
	line = xasprintf("%s%s%s", level != NULL ? level : "", level != NULL ? ": " : "", text);
	mcp_log_text(m, line, strlen(line));
}

static void
take_change(struct mcp *m, enum mcp_list list)
{
	if (m->listener.changed != NULL)
		m->listener.changed(m, list, m->listener.data);
}

static void
take_notification(struct mcp *m, const struct rpc_message *notification)
{
	static const struct {
		const char *method;
		enum mcp_list list;
	} changes[] = {
		{ "notifications/tools/list_changed", MCP_TOOLS },
		{ "notifications/resources/list_changed", MCP_RESOURCES },
		{ "notifications/prompts/list_changed", MCP_PROMPTS },
	};
	const char *method = notification->method;

	for (size_t i = 0; i < COUNT_OF(changes); i++)
		if (strcmp(method, changes[i].method) == 0)
			take_change(m, changes[i].list);
	if (strcmp(method, "notifications/progress") == 0)
		take_progress(m, notification->params);
	else if (strcmp(method, "notifications/message") == 0)
		take_log(m, notification->params);
}

void
mcp_take_text(void *data, const char *text, size_t len)
{
	struct mcp *m = data;
	struct rpc_message message;
	struct err why = { 0 };

	if (!mcp_is_alive(m))
		return;
	if (rpc_parse(text, len, &message, &why) == -1) {
		mcp_log(m, "(what is no message was ignored: %s)", why.msg);
		return;
	}
	if (message.kind == RPC_REQUEST)
		take_request(m, &message);
	else if (message.kind == RPC_NOTIFICATION)
		take_notification(m, &message);
	else
		take_answer(m, &message);
	rpc_clear(&message);
}

/* ---- what became of what was sent ---- */

void
mcp_take_sent(void *data, int64_t wire)
{
	struct mcp *m = data;
	struct request *r = request_find(m, wire);

	if (r == NULL || r->is_sent)
		return;
	r->is_sent = true;
	r->started_ms = clock_now_ms();
}

/* A JSON-RPC error in the body of a refusal; it may have lost its id. */
static bool
parse_refusal(const struct mcp_failure *failure, struct rpc_message *error)
{
	if (failure->body == NULL || rpc_parse(failure->body, failure->len, error, NULL) == -1)
		return false;
	if (error->kind == RPC_ERROR)
		return true;
	rpc_clear(error);
	return false;
}

static void
fail_question(struct mcp *m, enum session_state asked, const struct mcp_failure *failure)
{
	struct rpc_message error;

	if (!failure->sent) {
		mcp_unreachable(m, failure->why);
	} else if (parse_refusal(failure, &error)) {
		mcp_answer(m, asked, &error);
		rpc_clear(&error);
	} else {
		mcp_no_answer(m, failure->why);
	}
}

static void
fail_request(struct mcp *m, struct request *r, const struct mcp_failure *failure)
{
	struct rpc_message error;
	struct err why = *failure->why;
	bool is_refusal = failure->http_status >= 300 && failure->http_status < 500;
	struct mcp_reply reply = {
		.http_status = failure->http_status,
		.retry_after_ms = failure->retry_after_ms,
		.why = &why,
	};

	if (failure->http_status != 0 && parse_refusal(failure, &error)) {
		if (!renegotiate(m, r, &error))
			tell_refused(m, r, &error, failure);
		rpc_clear(&error);
		return;
	}
	err_in(&why, "%s", m->server->name);
	reply.outcome = is_refusal ? MCP_REFUSED : MCP_LOST;
	if (!failure->sent && r->rounds == 0) {
		reply.outcome = MCP_NOT_SENT;
		r->is_sent = false;
	}
	request_tell(m, r, &reply);
}

void
mcp_take_failed(void *data, int64_t wire, const struct mcp_failure *failure)
{
	struct mcp *m = data;
	struct request *r = request_find(m, wire);

	for (enum session_state s = SESSION_PROBING; s <= SESSION_GREETING; s++)
		if (m->asked[s] == wire) {
			/* A probe that fails late says nothing of the greeting that followed it. */
			if (s == m->session.state)
				fail_question(m, s, failure);
			return;
		}
	if (r == NULL)
		return;
	if (!failure->session_lost || m->state != CLIENT_UP || !unread_send_again(m, r))
		fail_request(m, r, failure);
	else
		mcp_renew(m);
}
