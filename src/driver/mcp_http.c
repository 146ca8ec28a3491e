/*
 * Streamable HTTP: each message is a POST of its own, an exchange, and its answer
 * either JSON or a stream of events. A stream that ends before the answer is
 * taken up again by GET from the last event on, where the server gave its events
 * ids. One more GET listens for what the server says unasked. Requests wait until
 * that one is answered: what a server asks in the course of a call may come by it,
 * and would be lost before.
 */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "driver/mcp.h"
#include "driver/mcp_transport.h"
#include "driver/secret.h"
#include "driver/sse.h"
#include "driver/transfer.h"

#define RETRY_MS 1000       /* before a stream is taken up again, where the server says nothing */
#define RETRY_MIN_MS 50
#define RESUMES_MAX 8       /* in a row that bring nothing */
#define GRACE_MS 2000       /* for the end of a stream that has brought the answer */
#define DELETE_MS 5000
#define SETTLE_MS 2000 /* for the answer to the GET that listens */
#define REFUSAL_MAX (64 * 1024) /* bytes of the body that comes with a 4xx */
#define SESSION_MAX 1024

enum content { CONTENT_NONE, CONTENT_JSON, CONTENT_EVENTS };

enum purpose {
	EXCHANGE,  /* a message, and the answer to it */
	GREETED,   /* notifications/initialized */
	LISTENING, /* what the server says unasked */
	LEAVING    /* DELETE */
};

struct exchange {
	struct http *http;
	struct exchange *next;
	enum purpose purpose;
	int64_t wire; /* 0: it is not answered */
	bool in_session;
	bool was_resumed;
	bool is_over;
	int barren; /* resumes in a row that brought nothing */
	struct transfer *transfer; /* NULL: it waits for its first, or between two of them */
	struct strv headers;       /* of the POST; this and the next two until it is sent */
	char *text;
	size_t len;
	bool once;
	enum content content;
	struct buf body;
	struct sse sse;
	uv_timer_t timer;
};

struct http {
	struct mcp_transport t;
	const struct mcp_server *server;
	uv_loop_t *loop;
	enum { DOWN, RUNNING, ENDING } condition;
	struct transfers *transfers; /* NULL until the first start */
	struct strv headers;         /* of the configuration, with their secrets */
	char *session;               /* NULL: none was given */
	const char *version;         /* NULL: none is agreed on */
	bool is_modern;
	bool is_settling; /* requests wait */
	struct exchange *first;
};

static struct http *
http_of(struct mcp_transport *t)
{
	return (struct http *)t;
}

/* ---- exchanges ---- */

/* Only now: it may have ended while its bytes were being read. */
static void
on_timer_closed(uv_handle_t *timer)
{
	struct exchange *x = timer->data;

	buf_clear(&x->body);
	sse_clear(&x->sse);
	strv_clear(&x->headers);
	free(x->text);
	free(x);
}

static void
end_exchange(struct exchange *x)
{
	if (x->is_over)
		return;
	x->is_over = true;
	for (struct exchange **at = &x->http->first; *at != NULL; at = &(*at)->next) {
		if (*at != x)
			continue;
		*at = x->next;
		break;
	}
	transfer_free(x->transfer);
	uv_close((uv_handle_t *)&x->timer, on_timer_closed);
}

static struct exchange *
new_exchange(struct http *h, enum purpose purpose, int64_t wire)
{
	struct exchange *x = xcalloc(1, sizeof *x);

	x->http = h;
	x->purpose = purpose;
	x->wire = wire;
	x->next = h->first;
	h->first = x;
	buf_init(&x->body, MCP_MESSAGE_MAX);
	sse_init(&x->sse, MCP_MESSAGE_MAX);
	uv_timer_init(h->loop, &x->timer);
	x->timer.data = x;
	return x;
}

static void
fail(struct exchange *x, struct mcp_failure *failure)
{
	struct http *h = x->http;
	int64_t wire = x->wire;

	failure->session_lost = failure->http_status == 404 && x->in_session && !x->was_resumed;
	if (failure->session_lost) {
		free(h->session);
		h->session = NULL;
	}
	/* That an older stream cannot be taken up again says nothing about the request. */
	if (x->was_resumed) {
		failure->sent = true;
		failure->http_status = 0;
	}
	if (wire != 0 && h->condition == RUNNING)
		h->t.events->failed(h->t.data, wire, failure);
	end_exchange(x);
}

static void
fail_because(struct exchange *x, bool sent, const char *text)
{
	struct err why = { 0 };
	struct mcp_failure failure = { .sent = sent, .why = &why };

	err_set(&why, ERR_BUSY, "%s", text);
	fail(x, &failure);
}

/* ---- what is sent ---- */

/* A header's value is visible ASCII, spaces within, and nothing that looks as if it were encoded already. */
static bool
is_plain(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || text[0] == ' ' || text[len - 1] == ' ' || strncmp(text, "=?base64?", 9) == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static char *
encode(const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text);
	struct buf out = BUF_INIT(len * 2 + 32);

	buf_adds(&out, "=?base64?");
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits = (unsigned)(unsigned char)text[i] << 16;

		bits |= n > 1 ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
		bits |= n > 2 ? (unsigned char)text[i + 2] : 0;
		buf_addc(&out, digits[bits >> 18]);
		buf_addc(&out, digits[bits >> 12 & 63]);
		buf_addc(&out, n > 1 ? digits[bits >> 6 & 63] : '=');
		buf_addc(&out, n > 2 ? digits[bits & 63] : '=');
	}
	buf_adds(&out, "?=");
	return buf_take(&out);
}

static void
add_headers(const struct http *h, struct strv *out)
{
	strv_copy(out, &h->headers);
	if (h->version != NULL)
		strv_addf(out, "MCP-Protocol-Version: %s", h->version);
	if (h->session != NULL)
		strv_addf(out, "Mcp-Session-Id: %s", h->session);
}

static void
add_names(const struct mcp_message *message, struct strv *out)
{
	strv_addf(out, "Mcp-Method: %s", message->method);
	if (message->name == NULL)
		return;
	if (is_plain(message->name)) {
		strv_addf(out, "Mcp-Name: %s", message->name);
	} else {
		AUTO_FREE char *encoded = encode(message->name);

		strv_addf(out, "Mcp-Name: %s", encoded);
	}
}

static const struct transfer_events transfer_events;

static void
start_post(struct exchange *x)
{
	struct http *h = x->http;
	const struct transfer_spec spec = {
		.url = h->server->url,
		.method = "POST",
		.headers = &x->headers,
		.body = x->text,
		.len = x->len,
		.once = x->once,
	};

	x->transfer = transfer_start(h->transfers, &spec, &transfer_events, x);
	strv_clear(&x->headers);
	free(take(x->text));
	/* Whether it leaves us is told with its failure. */
	if (x->wire != 0)
		h->t.events->sent(h->t.data, x->wire);
}

/* It is known whether we can be told something unasked: the requests that waited for that go. */
static void
settle(struct http *h)
{
	if (!h->is_settling)
		return;
	h->is_settling = false;
	for (struct exchange *x = h->first; x != NULL; x = x->next)
		if (x->text != NULL)
			start_post(x);
}

/* ---- what comes ---- */

static void
take_event(const char *type, const char *text, size_t len, void *data)
{
	struct exchange *x = data;

	x->barren = 0;
	if (!x->is_over && x->http->condition == RUNNING && strcmp(type, "message") == 0)
		x->http->t.events->text(x->http->t.data, text, len);
}

static void
take_session(struct http *h, const char *value)
{
	size_t len = strlen(value);

	if (h->session != NULL || h->is_modern || len == 0 || len > SESSION_MAX)
		return;
	for (size_t i = 0; i < len; i++)
		if (value[i] < 0x21 || value[i] > 0x7e)
			return;
	h->session = xstrdup(value);
}

static void
on_header(void *data, const char *name, const char *value)
{
	struct exchange *x = data;

	if (x->purpose == LISTENING)
		settle(x->http);
	if (strcasecmp(name, "mcp-session-id") == 0)
		take_session(x->http, value);
	if (strcasecmp(name, "content-type") != 0)
		return;
	if (strncasecmp(value, "text/event-stream", 17) == 0)
		x->content = CONTENT_EVENTS;
	else if (strncasecmp(value, "application/json", 16) == 0)
		x->content = CONTENT_JSON;
}

static bool
is_success(int status)
{
	return status >= 200 && status < 300;
}

static void
on_body(void *data, int status, const char *bytes, size_t len)
{
	struct exchange *x = data;
	struct err why = { 0 };

	if (is_success(status) && x->content == CONTENT_EVENTS) {
		if (sse_feed(&x->sse, bytes, len, take_event, x, &why) == -1 && !x->is_over)
			fail_because(x, true, why.msg);
		return;
	}
	if (!is_success(status)) {
		buf_add(&x->body, bytes, x->body.len + len <= REFUSAL_MAX ? len : 0);
		return;
	}
	buf_add(&x->body, bytes, len);
	if (buf_is_cut(&x->body))
		fail_because(x, true, "its answer is too large");
}

static void start_get(struct exchange *x);

static void
on_retry(uv_timer_t *timer)
{
	start_get(timer->data);
}

static bool
can_resume(const struct exchange *x)
{
	const struct http *h = x->http;

	return (x->wire != 0 || x->purpose == LISTENING) && !h->is_modern && x->barren < RESUMES_MAX &&
	    (x->sse.id[0] != '\0' || x->purpose == LISTENING);
}

static void
resume_later(struct exchange *x)
{
	int64_t ms = x->sse.retry_ms >= 0 ? x->sse.retry_ms : RETRY_MS;

	x->transfer = NULL;
	x->was_resumed = true;
	x->barren++;
	sse_restart(&x->sse);
	uv_timer_start(&x->timer, on_retry, (uint64_t)(ms > RETRY_MIN_MS ? ms : RETRY_MIN_MS), 0);
}

static void
end_of_answer(struct exchange *x)
{
	if (x->content == CONTENT_JSON && x->body.len > 0)
		x->http->t.events->text(x->http->t.data, buf_str(&x->body), x->body.len);
	if (x->is_over)
		return;
	if (x->content == CONTENT_EVENTS && can_resume(x))
		resume_later(x);
	else
		fail_because(x, true, "it answered with something else");
}

static void
refuse(struct exchange *x, int status)
{
	struct err why = { 0 };
	struct mcp_failure failure = {
		.sent = true,
		.http_status = status,
		.body = buf_str(&x->body),
		.len = x->body.len,
		.why = &why,
	};

	err_set(&why, ERR_BUSY, "it answered with HTTP status %d", status);
	fail(x, &failure);
}

static void listen_to(struct http *h);
static void tell_down(uv_timer_t *timer);

static void
on_done(void *data, const struct transfer_end *end)
{
	struct exchange *x = data;
	struct mcp_failure failure = { .sent = end->sent, .why = &end->why };

	transfer_free(x->transfer);
	x->transfer = NULL;
	if (x->purpose == LISTENING || (x->purpose == GREETED && !is_success(end->status)))
		settle(x->http);
	if (x->purpose == LEAVING) {
		uv_timer_start(&x->timer, tell_down, 0, 0);
	} else if (x->purpose == GREETED && is_success(end->status)) {
		listen_to(x->http);
		end_exchange(x);
	} else if (end->why.kind != ERR_NONE) {
		if (can_resume(x) && (x->was_resumed || x->content == CONTENT_EVENTS))
			resume_later(x);
		else
			fail(x, &failure);
	} else if (!is_success(end->status)) {
		refuse(x, end->status);
	} else if (x->wire == 0 && x->purpose != LISTENING) {
		end_exchange(x);
	} else {
		end_of_answer(x);
	}
}

static const struct transfer_events transfer_events = {
	.header = on_header,
	.body = on_body,
	.done = on_done,
};

/* Takes the stream up again, or begins to listen. */
static void
start_get(struct exchange *x)
{
	struct http *h = x->http;
	CLEANUP(strv_clear) struct strv headers = { 0 };
	const struct transfer_spec spec = { .url = h->server->url, .method = "GET", .headers = &headers };

	add_headers(h, &headers);
	strv_add(&headers, "Accept: text/event-stream");
	if (x->sse.id[0] != '\0')
		strv_addf(&headers, "Last-Event-ID: %s", x->sse.id);
	x->content = CONTENT_NONE;
	buf_reset(&x->body);
	x->transfer = transfer_start(h->transfers, &spec, &transfer_events, x);
}

static void
on_settled(uv_timer_t *timer)
{
	struct exchange *x = timer->data;

	settle(x->http);
}

static void
listen_to(struct http *h)
{
	struct exchange *x;

	if (h->condition != RUNNING)
		return;
	x = new_exchange(h, LISTENING, 0);
	uv_timer_start(&x->timer, on_settled, SETTLE_MS, 0);
	start_get(x);
}

/* ---- the functions of a transport ---- */

static int
http_send(struct mcp_transport *t, const struct mcp_message *message, struct err *e)
{
	struct http *h = http_of(t);
	struct exchange *x;

	if (h->condition != RUNNING)
		return err_set(e, ERR_BUSY, "it has ended");
	if (message->len > MCP_MESSAGE_MAX)
		return err_set(e, ERR_INPUT, "the message has more than %u bytes", MCP_MESSAGE_MAX);
	x = new_exchange(h, EXCHANGE, message->wire);
	if (message->method != NULL && strcmp(message->method, "notifications/initialized") == 0) {
		x->purpose = GREETED;
		h->is_settling = true;
	}
	x->in_session = h->session != NULL;
	x->text = xstrndup(message->text, message->len);
	x->len = message->len;
	x->once = message->once;
	add_headers(h, &x->headers);
	strv_add(&x->headers, "Content-Type: application/json");
	strv_add(&x->headers, "Accept: application/json, text/event-stream");
	if (h->is_modern && message->method != NULL)
		add_names(message, &x->headers);
	if (!h->is_settling || message->wire == 0)
		start_post(x);
	return 0;
}

static void
http_speak(struct mcp_transport *t, const char *version, bool modern)
{
	struct http *h = http_of(t);

	h->version = version;
	h->is_modern = modern;
}

static void
on_grace(uv_timer_t *timer)
{
	end_exchange(timer->data);
}

static void
http_forget(struct mcp_transport *t, int64_t wire, bool given_up)
{
	struct http *h = http_of(t);
	struct exchange *x = h->first;

	while (x != NULL && x->wire != wire)
		x = x->next;
	if (x == NULL)
		return;
	/* Where the rest of the answer is let come, the connection can be used again. */
	if (given_up || x->transfer == NULL) {
		end_exchange(x);
		return;
	}
	x->wire = 0;
	uv_timer_start(&x->timer, on_grace, GRACE_MS, 0);
}

static int
add_header(struct http *h, const cJSON *header, struct err *e)
{
	struct buf line;
	int answer;

	secret_room(&line, strlen(header->string) + 2 + strlen(header->valuestring) + SECRET_MAX_BYTES);
	buf_addf(&line, "%s: ", header->string);
	answer = secret_add(&line, header->string, header->valuestring, e);
	if (answer == 0 && strpbrk(buf_str(&line), "\r\n") != NULL)
		answer = err_set(e, ERR_INPUT, "secret %s: %s: it has more than one line",
		    header->string, header->valuestring);
	if (answer == 0)
		strv_add(&h->headers, buf_str(&line));
	secret_wipe(&line);
	return answer;
}

static void
wipe_headers(struct http *h)
{
	for (size_t i = 0; i < h->headers.len; i++)
		explicit_bzero(h->headers.v[i], strlen(h->headers.v[i]));
	strv_clear(&h->headers);
}

static int
http_start(struct mcp_transport *t, struct err *e)
{
	struct http *h = http_of(t);
	const cJSON *header;

	assert(h->condition == DOWN);
	if (h->transfers == NULL)
		h->transfers = transfers_new(h->loop, e);
	if (h->transfers == NULL)
		return -1;
	wipe_headers(h);
	cJSON_ArrayForEach (header, h->server->headers)
		if (add_header(h, header, e) == -1)
			return -1;
	h->condition = RUNNING;
	h->version = NULL;
	h->is_modern = h->is_settling = false;
	return 0;
}

/* By the timer of the last exchange, so that it comes from within nothing else. */
static void
tell_down(uv_timer_t *timer)
{
	struct exchange *x = timer->data;
	struct http *h = x->http;

	end_exchange(x);
	free(h->session);
	h->session = NULL;
	wipe_headers(h);
	h->condition = DOWN;
	h->t.events->down(h->t.data);
}

static void
http_stop(struct mcp_transport *t)
{
	struct http *h = http_of(t);
	CLEANUP(strv_clear) struct strv headers = { 0 };
	const struct transfer_spec spec = { .url = h->server->url, .method = "DELETE", .headers = &headers };
	struct exchange *x;

	if (h->condition != RUNNING)
		return;
	h->condition = ENDING;
	while (h->first != NULL)
		end_exchange(h->first);
	x = new_exchange(h, LEAVING, 0);
	uv_timer_start(&x->timer, tell_down, h->session != NULL ? DELETE_MS : 0, 0);
	if (h->session == NULL)
		return;
	add_headers(h, &headers);
	x->transfer = transfer_start(h->transfers, &spec, &transfer_events, x);
}

static void
on_transfers_closed(void *data)
{
	free(data);
}

static void
http_free(struct mcp_transport *t)
{
	struct http *h = http_of(t);

	assert(h->condition == DOWN && h->first == NULL);
	wipe_headers(h);
	if (h->transfers != NULL)
		transfers_close(h->transfers, on_transfers_closed, h);
	else
		free(h);
}

static const struct mcp_transport_class http_class = {
	.start = http_start,
	.send = http_send,
	.speak = http_speak,
	.forget = http_forget,
	.stop = http_stop,
	.free = http_free,
};

struct mcp_transport *
mcp_http_new(const struct mcp_server *server, uv_loop_t *loop, const struct mcp_events *events, void *data)
{
	struct http *h = xcalloc(1, sizeof *h);

	h->t = (struct mcp_transport) { .class = &http_class, .events = events, .data = data };
	h->server = server;
	h->loop = loop;
	return &h->t;
}
