/*
 * Server-sent events: the text/event-stream format of the WHATWG HTML standard,
 * section 9.2, from pieces of any size. Pure.
 */
#ifndef DRIVER_SSE_H
#define DRIVER_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Bytes of an event's id; what is longer is as if there were none. */
#define SSE_ID_MAX 1024

struct sse {
	struct buf line, data;
	char id[SSE_ID_MAX +
	    1]; /* of the last event that ended, also of one without data; "" if none */
	char next_id[SSE_ID_MAX + 1]; /* of the event that is being read */
	char type[64];
	/* How long to wait before the connection is made again; -1: nothing was said. */
	int64_t retry_ms;
	bool has_data, after_cr, is_begun;
};

/* TYPE is "message" where the server gave none. TEXT is the callee's to read, not to keep. */
typedef void sse_event_fn(const char *type, const char *text, size_t len, void *data);

/* No event, and no line, has more than max_bytes. */
void sse_init(struct sse *s, size_t max_bytes);
void sse_clear(struct sse *s);
/* A new connection: what was half read is gone, the last id stays. */
void sse_restart(struct sse *s);
/*
 * Calls DONE for each event with data that ends within these bytes. -1 and
 * ERR_INPUT for an event or a line that is too long: nothing more can be read then.
 */
int sse_feed(
    struct sse *s, const char *bytes, size_t len, sse_event_fn *done, void *data, struct err *e);

#endif
