/* One POST and the answer to it, or one stream that is listened to; for mcp_http.c only. */
#ifndef DRIVER_MCP_EXCHANGE_H
#define DRIVER_MCP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "base/strv.h"
#include "driver/mcp_transport.h"
#include "driver/sse.h"
#include "driver/transfer.h"

#define EXCHANGES_MAX 600 /* at a time: all requests, and answers to what the server asks */

enum content { CONTENT_NONE, CONTENT_JSON, CONTENT_EVENTS };

enum purpose {
	EXCHANGE,  /* a message, and the answer to it */
	OPENING,   /* initialize, whose answer may begin a session */
	GREETED,   /* notifications/initialized */
	LISTENING, /* what the server says unasked */
	LEAVING    /* DELETE */
};

struct exchange {
	struct http *http;
	struct exchange *next;
	enum purpose purpose;
	int64_t wire; /* 0: it is not answered */
	bool in_session, is_modern;
	bool was_resumed;
	bool is_over;
	int barren;                /* streams in a row that brought nothing, not even another id */
	char *since;               /* the id that the stream was taken up from; NULL: none */
	struct transfer *transfer; /* NULL: it waits for its first, or between two of them */
	struct strv headers;       /* of the POST; this and the next two until it is sent */
	char *text;
	size_t len;
	bool once;
	int64_t retry_after_ms; /* of the answer; 0: nothing was said */
	enum content content;
	struct buf body;
	struct sse sse;
	uv_timer_t timer;
};

struct http {
	struct mcp_transport t;
	const struct mcp_server *server;
	uv_loop_t *loop;
	enum { HTTP_DOWN, HTTP_RUNNING, HTTP_ENDING } condition;
	struct transfers *transfers; /* NULL until the first start */
	struct strv headers;         /* of the configuration, with their secrets */
	char *session;               /* NULL: none was given */
	const char *version;         /* NULL: none is agreed on */
	bool is_modern;
	bool is_settling; /* requests wait */
	struct exchange *first;
	size_t n_exchanges;
};

/*
 * Of one that is told of, WIRE is the id of its request, else 0. It is among those of
 * H until its end.
 */
struct exchange *exchange_new(struct http *h, enum purpose purpose, int64_t wire);
/* Nothing of it is told any more; freed by the loop. */
void exchange_end(struct exchange *x);
/* Sends its text. */
void exchange_post(struct exchange *x);
/* What all requests of the session carry. */
void exchange_headers(const struct http *h, struct strv *out);
extern const struct transfer_events exchange_events;

/* By the timer of the exchange that is LEAVING: tells that the transport is down. */
void exchange_tell_down(uv_timer_t *timer);

#endif
