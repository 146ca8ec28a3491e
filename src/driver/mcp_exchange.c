/*
 * An exchange is a POST and what comes of it: JSON, or a stream of events. A
 * stream that ends before the answer is taken up again by GET from the last event
 * on, where the server gave its events ids. One more GET listens for what the
 * server says unasked. Requests wait until that one is answered: what a server
 * asks in the course of a call may come by it, and would be lost before.
 */
#include "config.h"

#include "driver/mcp_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "driver/mcp.h"

#define RETRY_MS 1000 /* before a stream is taken up again, where the server says nothing */
#define RETRY_MIN_MS 50
#define RETRY_DOUBLINGS 5       /* of the time between two streams that listen and bring nothing */
#define BARREN_MAX 8            /* streams of one exchange that bring nothing */
#define SETTLE_MS 2000          /* for the answer to the GET that listens */
#define REFUSAL_MAX (64 * 1024) /* bytes of the body that comes with a 4xx */
#define SESSION_MAX 1024
#define RETRY_AFTER_MAX_S (24 * 3600)
#define UNANSWERED_MS 10000 /* for the status of a message that has no answer */

/* ---- exchanges ---- */

/* Only now: it may have ended while its bytes were being read. */
static void
on_timer_closed(uv_handle_t *timer)
{
	struct exchange *x = timer->data;

	buf_clear(&x->body);
	sse_clear(&x->sse);
	strv_clear(&x->headers);
	free(x->since);
	free(x->text);
	free(x);
}

void
exchange_end(struct exchange *x)
{
	if (x->is_over)
		return;
	x->is_over = true;
	x->http->n_exchanges--;
	for (struct exchange **at = &x->http->first; *at != NULL; at = &(*at)->next) {
		if (*at != x)
			continue;
		*at = x->next;
		break;
	}
	transfer_free(x->transfer);
	uv_close((uv_handle_t *)&x->timer, on_timer_closed);
}

struct exchange *
exchange_new(struct http *h, enum purpose purpose, int64_t wire)
{
	struct exchange *x = xcalloc(1, sizeof *x);

	x->http = h;
	x->purpose = purpose;
	x->wire = wire;
	x->next = h->first;
	h->first = x;
	h->n_exchanges++;
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

	/* Of what is not answered nobody is told: the next request will find it lost, too. */
	failure->session_lost =
	    failure->http_status == 404 && x->in_session && !x->was_resumed && wire != 0;
	if (failure->session_lost) {
		free(h->session);
		h->session = NULL;
	}
	/* That an older stream cannot be taken up again says nothing about the request. */
	if (x->was_resumed) {
		failure->sent = true;
		failure->http_status = 0;
	}
	if (wire != 0 && h->condition == HTTP_RUNNING)
		h->t.events->failed(h->t.data, wire, failure);
	exchange_end(x);
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

void
exchange_headers(const struct http *h, struct strv *out)
{
	strv_copy(out, &h->headers);
	if (h->version != NULL)
		strv_addf(out, "MCP-Protocol-Version: %s", h->version);
	if (h->session != NULL)
		strv_addf(out, "Mcp-Session-Id: %s", h->session);
}

static void exchanges_settle(struct http *h);

/* Nobody waits for it, and it must not hold its place for ever. */
static void
on_unanswered(uv_timer_t *timer)
{
	struct exchange *x = timer->data;

	if (x->purpose == GREETED)
		exchanges_settle(x->http);
	exchange_end(x);
}

void
exchange_post(struct exchange *x)
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

	x->transfer = transfer_start(h->transfers, &spec, &exchange_events, x);
	strv_clear(&x->headers);
	free(take(x->text));
	/* Whether it leaves us is told with its failure. */
	if (x->wire != 0)
		h->t.events->sent(h->t.data, x->wire);
	else
		uv_timer_start(&x->timer, on_unanswered, UNANSWERED_MS, 0);
}

/* It is known whether we can be told something unasked: the requests that waited for that go. */
static void
exchanges_settle(struct http *h)
{
	if (!h->is_settling)
		return;
	h->is_settling = false;
	for (struct exchange *x = h->first; x != NULL; x = x->next)
		if (x->text != NULL)
			exchange_post(x);
}

/* ---- what comes ---- */

static void
take_event(const char *type, const char *text, size_t len, void *data)
{
	struct exchange *x = data;

	x->barren = 0;
	if (!x->is_over && x->http->condition == HTTP_RUNNING && strcmp(type, "message") == 0)
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

/* Seconds; a date, the other form, is taken as if nothing had been said. */
static int64_t
parse_retry_after(const char *text)
{
	int64_t seconds = 0;

	if (text[strspn(text, "0123456789")] != '\0')
		return 0;
	for (; *text != '\0' && seconds < RETRY_AFTER_MAX_S; text++)
		seconds = seconds * 10 + (*text - '0');
	return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
}

static void
on_header(void *data, const char *name, const char *value)
{
	struct exchange *x = data;

	if (x->purpose == LISTENING)
		exchanges_settle(x->http);
	if (x->purpose == OPENING && strcasecmp(name, "mcp-session-id") == 0)
		take_session(x->http, value);
	if (strcasecmp(name, "retry-after") == 0)
		x->retry_after_ms = parse_retry_after(value);
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
	if (x->purpose == LISTENING)
		return true;
	return x->wire != 0 && !x->is_modern && x->sse.id[0] != '\0' && x->barren < BARREN_MAX;
}

/* A server may end a stream as often as it likes: what is asked for is that it goes on. */
static void
count_barren(struct exchange *x)
{
	if (x->since != NULL && strcmp(x->since, x->sse.id) != 0)
		x->barren = 0;
	free(x->since);
	x->since = xstrdup(x->sse.id);
	x->barren++;
}

static uint64_t
retry_delay(const struct exchange *x)
{
	int64_t ms = x->sse.retry_ms >= 0 ? x->sse.retry_ms : RETRY_MS;
	int64_t least = RETRY_MIN_MS;

	/* Nobody waits for what may be said unasked. */
	if (x->purpose == LISTENING)
		least = (int64_t)RETRY_MS
		    << (x->barren < RETRY_DOUBLINGS ? x->barren : RETRY_DOUBLINGS);
	return (uint64_t)(ms > least ? ms : least);
}

static void
resume_later(struct exchange *x)
{
	x->transfer = NULL;
	x->was_resumed = true;
	count_barren(x);
	sse_restart(&x->sse);
	uv_timer_start(&x->timer, on_retry, retry_delay(x), 0);
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
		.retry_after_ms = x->retry_after_ms,
		.body = buf_str(&x->body),
		.len = x->body.len,
		.why = &why,
	};

	if (status == 401 || status == 403)
		err_set(&why, ERR_INPUT,
		    "it answered with HTTP status %d: it wants other headers than those configured",
		    status);
	else
		err_set(&why, ERR_BUSY, "it answered with HTTP status %d", status);
	fail(x, &failure);
}

static void exchanges_listen(struct http *h);

static void
on_done(void *data, const struct transfer_end *end)
{
	struct exchange *x = data;
	struct mcp_failure failure = { .sent = end->sent, .why = &end->why };

	transfer_free(x->transfer);
	x->transfer = NULL;
	if (x->purpose == LISTENING || (x->purpose == GREETED && !is_success(end->status)))
		exchanges_settle(x->http);
	if (x->purpose == LEAVING) {
		uv_timer_start(&x->timer, exchange_tell_down, 0, 0);
	} else if (x->purpose == GREETED && is_success(end->status)) {
		exchanges_listen(x->http);
		exchange_end(x);
	} else if (end->why.kind != ERR_NONE) {
		if (can_resume(x) && (x->was_resumed || x->content == CONTENT_EVENTS))
			resume_later(x);
		else
			fail(x, &failure);
	} else if (!is_success(end->status)) {
		refuse(x, end->status);
	} else if (x->wire == 0 && x->purpose != LISTENING) {
		exchange_end(x);
	} else {
		end_of_answer(x);
	}
}

const struct transfer_events exchange_events = {
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
	const struct transfer_spec spec = {
		.url = h->server->url, .method = "GET", .headers = &headers
	};

	exchange_headers(h, &headers);
	strv_add(&headers, "Accept: text/event-stream");
	if (x->sse.id[0] != '\0')
		strv_addf(&headers, "Last-Event-ID: %s", x->sse.id);
	x->content = CONTENT_NONE;
	buf_reset(&x->body);
	x->transfer = transfer_start(h->transfers, &spec, &exchange_events, x);
}

static void
on_settled(uv_timer_t *timer)
{
	struct exchange *x = timer->data;

	exchanges_settle(x->http);
}

static void
exchanges_listen(struct http *h)
{
	struct exchange *x;

	if (h->condition != HTTP_RUNNING)
		return;
	x = exchange_new(h, LISTENING, 0);
	uv_timer_start(&x->timer, on_settled, SETTLE_MS, 0);
	start_get(x);
}
