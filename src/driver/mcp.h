/*
 * The MCP driver: a client of one server of the Model Context Protocol. It
 * decides nothing: what an outcome means for a step, and whether a call is made
 * again, is the caller's.
 *
 * One server process (or session over HTTP) serves all calls. It is started by
 * the first of them; one that has died is started again by the next call, after
 * a pause that doubles with each failure in a row. A call of a tool is sent once:
 * never again by itself, whatever becomes of the server. Where the server has not
 * looked at it, because it knows nothing of the session any more, the caller is told
 * to make it anew: the tool may be another one by then.
 *
 * Everything happens on the caller's loop and has a limit: time, bytes, depth
 * and number of values of a message, pages of a list, calls at a time.
 *
 * An open server keeps the loop alive, until mcp_close() has told that it is over.
 * No callback comes from within the function that asked for it.
 */
#ifndef DRIVER_MCP_H
#define DRIVER_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "base/json.h"
#include "core/mcp_server.h"

/* Bytes of a message; a server that sends more is ended. */
#define MCP_MESSAGE_MAX (8u * 1024 * 1024)
#define MCP_CALLS_MAX 256 /* that may be open at a time; one more is MCP_NOT_SENT */
#define MCP_PAGES_MAX 100 /* of a list */
#define MCP_LINE_MAX 4096 /* bytes of a line of the log; longer ones are cut */

struct mcp;

/* ---- what becomes of a request ---- */

enum mcp_outcome {
	/*
	 * Not a byte of it left us: the server cannot be started or reached, does not
	 * speak our protocol, or the request cannot be made. Nothing can have happened.
	 * Also what was cancelled or ran out of time before it was sent, and what the server
	 * would not look at outside of another session.
	 */
	MCP_NOT_SENT,
	MCP_ANSWERED, /* with a result; that of a tool call may still say "isError": true */
	/*
	 * Answered with a JSON-RPC error (code is not 0), by HTTP with a status of 4xx
	 * (http_status is not 0; then code is 0 unless the body had one too), or with
	 * what cannot be used (both are 0).
	 */
	MCP_REFUSED,
	MCP_LOST,      /* sent, at least in part, and no answer can come any more: in doubt */
	MCP_TIMED_OUT, /* sent, not answered in time; the server was told to stop: in doubt */
	MCP_CANCELLED, /* sent, and given up by mcp_cancel(); the server was told: in doubt */
	MCP_OUTCOMES
};

/* "not sent", "answered", "refused", "lost", "timed out", "cancelled". */
const char *mcp_outcome_name(enum mcp_outcome outcome);

struct mcp_reply {
	enum mcp_outcome outcome;
	/*
	 * The request may have been looked at: what it asks for may have been done, or a part
	 * of it. False only where that is impossible, for all of the messages that the
	 * request took: nothing was sent, or the only one was refused before any tool could
	 * see it.
	 */
	bool was_reached;
	const cJSON *result; /* MCP_ANSWERED: an object; else NULL */
	int64_t code;        /* MCP_REFUSED: the code of JSON-RPC; else 0 */
	const cJSON *data;   /* MCP_REFUSED: what the error came with; may be NULL */
	int http_status;     /* MCP_REFUSED, MCP_LOST: of HTTP, if it was no 2xx; else 0 */
	int64_t retry_after_ms; /* what that status came with: no sooner again; 0: nothing */
	/*
	 * Unless MCP_ANSWERED: why, in one line, without secrets. Its kind says what may
	 * be done about what was not sent: ERR_INPUT: the configuration or the request is
	 * wrong, ERR_NOT_FOUND: there is no such program, ERR_LIMIT: too many calls are
	 * open, ERR_BUSY: it may go better later, ERR_SYSTEM: the system refused,
	 * ERR_CONFLICT: the session is over, and the same call is due again in the next
	 * one, after a look at what the tool is there.
	 */
	const struct err *why;        /* NULL if MCP_ANSWERED */
	int64_t started_ms, ended_ms; /* wall clock; started is 0 if it was not sent */
};

/* Called once for each request, from the loop. REPLY is the callee's to read, not to keep. */
typedef void mcp_done_fn(struct mcp *m, int64_t id, const struct mcp_reply *reply, void *data);
/* What a server says of a call's progress: MESSAGE may be NULL; TOTAL is 0 if it is not known. */
typedef void mcp_progress_fn(
    struct mcp *m, int64_t id, double progress, double total, const char *message, void *data);

struct mcp_request {
	/* From now until the answer, starting the server included; 0: that of the server. */
	int64_t timeout_ms;
	mcp_done_fn *done;
	mcp_progress_fn *progress; /* NULL: not asked for; at most ten a second are told */
	void *data;
};

/* ---- the server ---- */

enum mcp_list { MCP_TOOLS, MCP_RESOURCES, MCP_TEMPLATES, MCP_PROMPTS, MCP_LISTS };

/* What a server may say unasked. All MAY be NULL. Nothing may be closed in them. */
struct mcp_listener {
	/* This list is another one by now, or may be because the server is gone: ask for it again. */
	void (*changed)(struct mcp *m, enum mcp_list list, void *data);
	/*
	 * A line of its stderr, or a message of its log: visible text of at most
	 * MCP_LINE_MAX bytes. At most 100 lines a second are told; the next one after that says
	 * how many were left out.
	 */
	void (*log)(struct mcp *m, const char *line, void *data);
	void *data;
};

/* As the server says of itself; members may be NULL if it says nothing. */
struct mcp_about {
	const char *name, *version;
	const char *protocol; /* the revision in use: "2025-11-25" */
	const char *instructions;
	const cJSON *capabilities; /* an object */
};

/*
 * A client of SERVER, which is borrowed until the end, as LISTENER (may be NULL)
 * is copied. Nothing is started or read yet, so that it cannot fail.
 */
struct mcp *
mcp_open(const struct mcp_server *server, const struct mcp_listener *listener, uv_loop_t *loop);

/*
 * Before the first request: the program that is started for M inherits the server's lock FD
 * (driver/lock.h), which is borrowed until the end; whether it hands it on to its own is its
 * business: node does not. -1, and by default: there is none.
 */
void mcp_set_lock(struct mcp *m, int fd);
int mcp_lock(const struct mcp *m);

/*
 * Orderly: stdin is closed, after a pause SIGTERM is sent and then SIGKILL; an HTTP
 * session is ended by DELETE. What is still open is told at once, as MCP_LOST or
 * MCP_NOT_SENT. CLOSED (may be NULL) is called when nothing of it lives any more, at
 * most 12 seconds later; M was freed then. NULL is fine and calls nothing.
 */
void mcp_close(struct mcp *m, void (*closed)(void *data), void *data);

/*
 * Known from the first handshake on, and kept when the server dies; NULL before.
 * Borrowed until the next request.
 */
const struct mcp_about *mcp_about(const struct mcp *m);
const struct mcp_server *mcp_server(const struct mcp *m);

/* ---- requests ---- */

/*
 * All of them return the request's id (from 1, never used again), and end with
 * one call of request->done, also where the request cannot be made at all. What
 * is passed in is copied.
 */

/*
 * Calls TOOL with ARGUMENTS (an object; NULL: none). RESULT has content, and MAY have
 * structuredContent and isError.
 */
int64_t mcp_call(
    struct mcp *m, const char *tool, const cJSON *arguments, const struct mcp_request *request);
/*
 * All pages of a list in one: {"tools": [...]}, {"resources": ...},
 * {"resourceTemplates": ...}, {"prompts": ...}. A server that does not offer
 * the list has an empty one. Too many pages, a cursor that comes again or
 * members without a name are MCP_REFUSED.
 */
int64_t mcp_list(struct mcp *m, enum mcp_list list, const struct mcp_request *request);
/* RESULT has contents. */
int64_t mcp_read(struct mcp *m, const char *uri, const struct mcp_request *request);
/* ARGUMENTS: name -> string; NULL: none. RESULT has messages. */
int64_t mcp_prompt(
    struct mcp *m, const char *name, const cJSON *arguments, const struct mcp_request *request);
/*
 * How an argument may be completed: REF is {"type": "ref/prompt", "name": ...} or
 * {"type": "ref/resource", "uri": ...}; KNOWN, the other arguments, may be NULL.
 */
int64_t mcp_complete(struct mcp *m, const cJSON *ref, const char *argument, const char *value,
    const cJSON *known, const struct mcp_request *request);
/* Starts the server if need be, and sees that it answers. */
int64_t mcp_ping(struct mcp *m, const struct mcp_request *request);

/* Gives the request up: its done() comes from the loop. One that has ended is ignored. */
void mcp_cancel(struct mcp *m, int64_t id);

#endif
