/*
 * Streamable HTTP: each message is an exchange of its own (driver/mcp_exchange.h);
 * what they share is the session, its revision and the connections.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/http.h"
#include "base/mem.h"
#include "driver/mcp.h"
#include "driver/mcp_exchange.h"
#include "driver/secret.h"

#define GRACE_MS 2000 /* for the end of a stream that has brought the answer */
#define DELETE_MS 5000

static struct http *
http_of(struct mcp_transport *t)
{
	return (struct http *)t;
}

/* ---- headers ---- */

/*
 * A header's value is visible ASCII, spaces within, and nothing that looks as if it
 * were encoded already.
 */
static bool
is_plain(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || text[0] == ' ' || text[len - 1] == ' ' ||
	    strncmp(text, "=?base64?", 9) == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static char *
encode(const char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

/* ---- the functions of a transport ---- */

static enum purpose
purpose_of(const struct mcp_message *message)
{
	const char *method = message->method != NULL ? message->method : "";

	if (strcmp(method, "initialize") == 0)
		return OPENING;
	return strcmp(method, "notifications/initialized") == 0 ? GREETED : EXCHANGE;
}

static int
http_send(struct mcp_transport *t, const struct mcp_message *message, struct err *e)
{
	struct http *h = http_of(t);
	struct exchange *x;

	if (h->condition != HTTP_RUNNING)
		return err_set(e, ERR_BUSY, "it has ended");
	if (message->len > MCP_MESSAGE_MAX)
		return err_set(e, ERR_INPUT, "the message has more than %u bytes", MCP_MESSAGE_MAX);
	if (h->n_exchanges >= EXCHANGES_MAX)
		return err_set(e, ERR_BUSY, "too much is under way");
	x = exchange_new(h, purpose_of(message), message->wire);
	if (x->purpose == GREETED)
		h->is_settling = true;
	x->in_session = h->session != NULL;
	x->is_modern = h->is_modern;
	x->text = xstrndup(message->text, message->len);
	x->len = message->len;
	x->once = message->once;
	exchange_headers(h, &x->headers);
	strv_add(&x->headers, "Content-Type: application/json");
	strv_add(&x->headers, "Accept: application/json, text/event-stream");
	if (h->is_modern && message->method != NULL)
		add_names(message, &x->headers);
	if (!h->is_settling || message->wire == 0)
		exchange_post(x);
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
	exchange_end(timer->data);
}

static bool
is_untouched(const struct exchange *x)
{
	return !x->was_resumed && (x->transfer == NULL || !transfer_is_sent(x->transfer));
}

static bool
http_forget(struct mcp_transport *t, int64_t wire, bool given_up)
{
	struct http *h = http_of(t);
	struct exchange *x = h->first;
	bool untouched;

	while (x != NULL && x->wire != wire)
		x = x->next;
	if (x == NULL)
		return false;
	untouched = given_up && is_untouched(x);
	/* Where the rest of the answer is let come, the connection can be used again. */
	if (given_up || x->transfer == NULL) {
		exchange_end(x);
		return untouched;
	}
	x->wire = 0;
	uv_timer_start(&x->timer, on_grace, GRACE_MS, 0);
	return false;
}

/* A secret in plain text may be read by whoever stands between us and the server. */
static int
check_header(const struct http *h, const cJSON *header, struct err *e)
{
	AUTO_FREE char *origin = NULL;

	if (!secret_is_reference(header->valuestring))
		return 0;
	origin = http_origin(h->server->url, e);
	if (origin == NULL)
		return -1;
	if (http_origin_is_private(origin))
		return 0;
	return err_set(e, ERR_INPUT,
	    "secret %s: it is not sent in plain text to another machine: the URL must begin with https",
	    header->string);
}

static int
add_header(struct http *h, const cJSON *header, struct err *e)
{
	struct buf line;
	int answer;

	if (check_header(h, header, e) == -1)
		return -1;
	secret_room(
	    &line, strlen(header->string) + 2 + strlen(header->valuestring) + SECRET_MAX_BYTES);
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

	assert(h->condition == HTTP_DOWN);
	if (h->transfers == NULL)
		h->transfers = transfers_new(h->loop, e);
	if (h->transfers == NULL)
		return -1;
	wipe_headers(h);
	cJSON_ArrayForEach (header, h->server->headers)
		if (add_header(h, header, e) == -1)
			return -1;
	h->condition = HTTP_RUNNING;
	h->version = NULL;
	h->is_modern = h->is_settling = false;
	return 0;
}

/* By the timer of the last exchange, so that it comes from within nothing else. */
void
exchange_tell_down(uv_timer_t *timer)
{
	struct exchange *x = timer->data;
	struct http *h = x->http;

	exchange_end(x);
	free(h->session);
	h->session = NULL;
	wipe_headers(h);
	h->condition = HTTP_DOWN;
	h->t.events->down(h->t.data);
}

static void
http_stop(struct mcp_transport *t)
{
	struct http *h = http_of(t);
	CLEANUP(strv_clear) struct strv headers = { 0 };
	const struct transfer_spec spec = {
		.url = h->server->url, .method = "DELETE", .headers = &headers
	};
	struct exchange *x;

	if (h->condition != HTTP_RUNNING)
		return;
	h->condition = HTTP_ENDING;
	while (h->first != NULL)
		exchange_end(h->first);
	x = exchange_new(h, LEAVING, 0);
	uv_timer_start(&x->timer, exchange_tell_down, h->session != NULL ? DELETE_MS : 0, 0);
	if (h->session == NULL)
		return;
	exchange_headers(h, &headers);
	x->transfer = transfer_start(h->transfers, &spec, &exchange_events, x);
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

	assert(h->condition == HTTP_DOWN && h->first == NULL);
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
mcp_http_new(
    const struct mcp_server *server, uv_loop_t *loop, const struct mcp_events *events, void *data)
{
	struct http *h = xcalloc(1, sizeof *h);

	h->t = (struct mcp_transport){ .class = &http_class, .events = events, .data = data };
	h->server = server;
	h->loop = loop;
	return &h->t;
}
