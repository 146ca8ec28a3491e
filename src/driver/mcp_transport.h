/*
 * How messages reach a server and come back: a child's stdin and stdout, or
 * HTTP. It knows nothing of what they say. A transport may be started again once
 * it is down.
 *
 *	start ──> (messages both ways) ──> broken, or stop ──> down ──> start ...
 */
#ifndef DRIVER_MCP_TRANSPORT_H
#define DRIVER_MCP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "core/mcp_server.h"

/* A message to the server. */
struct mcp_message {
	const char *text; /* without a newline */
	size_t len;
	int64_t wire;       /* the id of a request; 0 for what is not answered */
	const char *method; /* NULL: it is an answer */
	const char *name;   /* of the tool, prompt or resource that is asked for; NULL: none */
	bool once;          /* its request may have an effect: never to be sent again underneath */
};

/* How the exchange of one request ended without an answer that the client knows of. */
struct mcp_failure {
	bool sent;       /* at least a byte may have reached the server */
	int http_status; /* 0: none */
	int64_t retry_after_ms; /* that came with it; 0: nothing */
	/* The server knows nothing of our session, and has not looked at the request. */
	bool session_lost;
	const char *body; /* what came with the status; NULL: nothing */
	size_t len;
	const struct err *why;
};

/*
 * What a transport tells its user: from the loop only, never from within a call of its
 * functions.
 */
struct mcp_events {
	void (*text)(void *data, const char *text, size_t len);
	/*
	 * The first byte of the request has left us. Told before anything comes of it,
	 * or from within send().
	 */
	void (*sent)(void *data, int64_t wire);
	void (*failed)(void *data, int64_t wire, const struct mcp_failure *failure);
	void (*log)(void *data, const char *line, size_t len);
	/* No message goes or comes any more. */
	void (*broken)(void *data, const struct err *why);
	/* Once for each start(): nothing of it lives any more. */
	void (*down)(void *data);
};

struct mcp_transport {
	const struct mcp_transport_class *class;
	const struct mcp_events *events;
	void *data;  /* for them */
	int lock_fd; /* that programs started for it inherit; -1: none */
};

struct mcp_transport_class {
	/* MUST. -1: nothing was started, and down() does not come. */
	int (*start)(struct mcp_transport *t, struct err *e);
	/*
	 * MUST. Between start and broken or stop. -1: not a byte of it was or will be
	 * sent, and nobody is told. 0 does not say that it was sent.
	 */
	int (*send)(struct mcp_transport *t, const struct mcp_message *message, struct err *e);
	/*
	 * MUST. From now on messages are of this revision (NULL: none is agreed on yet);
	 * VERSION is of static storage.
	 */
	void (*speak)(struct mcp_transport *t, const char *version, bool modern);
	/*
	 * MUST. The request was answered, or (GIVEN_UP) its answer is not wanted any more.
	 * True if it is certain that not a byte of it has left us; then none will.
	 */
	bool (*forget)(struct mcp_transport *t, int64_t wire, bool given_up);
	/* MUST. Orderly; down() comes in any case. Nothing else is told from now on but the log. */
	void (*stop)(struct mcp_transport *t);
	/* MUST. Only while it is down. The loop must turn once more before it is closed. */
	void (*free)(struct mcp_transport *t);
};

/* SERVER is borrowed; EVENTS too. */
struct mcp_transport *mcp_stdio_new(
    const struct mcp_server *server, uv_loop_t *loop, const struct mcp_events *events, void *data);
struct mcp_transport *mcp_http_new(
    const struct mcp_server *server, uv_loop_t *loop, const struct mcp_events *events, void *data);

#endif
