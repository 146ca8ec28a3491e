/*
 * Which revision of the protocol a server speaks, how that is found out, and
 * what each request has to carry for it. Pure: it says what to ask next, and is
 * told what came.
 *
 * A server of either family is first asked "server/discover", which only modern
 * ones (2026-07-28) know; from any answer but a modern one, and from silence,
 * follows "initialize" and a session (2025-11-25 and before). What was found out
 * once holds for later starts of the same server.
 */
#ifndef DRIVER_MCP_SESSION_H
#define DRIVER_MCP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "core/mcp_server.h"
#include "driver/rpc.h"

/* How long the first question may stay unanswered before silence is the answer. */
#define SESSION_PROBE_MS 10000

enum session_state {
	SESSION_NEW,
	SESSION_PROBING,  /* server/discover was asked */
	SESSION_GREETING, /* initialize was asked */
	SESSION_READY,
	SESSION_FAILED
};

struct mcp_session {
	enum session_state state;
	enum mcp_era wanted, era; /* era: once it is known, until it is forgotten */
	const char *version;      /* asked for, and once ready: spoken; of static storage */
	bool second_try;          /* the server itself named the version that is asked for */
	/* What it told of itself: {name, version, instructions, capabilities}; NULL: nothing yet. */
	cJSON *server;
};

void session_init(struct mcp_session *s, enum mcp_era wanted);
void session_clear(struct mcp_session *s);

/* The server was started: probing or greeting begins. */
void session_begin(struct mcp_session *s);
/* Its family of revisions may be another one at the next start. */
void session_forget(struct mcp_session *s);
/* The request for the present state (probing, greeting); params are the caller's own. */
const char *session_question(const struct mcp_session *s, cJSON **params);
/*
 * The answer to the question of state ASKED came (it may be late: of the probe
 * while greeting). True if the state has changed: the next question is to be
 * asked, or it is ready, or it has failed, and E says why.
 */
bool session_answer(struct mcp_session *s, enum session_state asked,
    const struct rpc_message *answer, struct err *e);
/* No answer came, or none that is one: WHY. True as above. */
bool session_no_answer(struct mcp_session *s, const struct err *why, struct err *e);
/*
 * The server ended before it was ready. True if that may be for the probe, which
 * some cannot bear: it should be started again, and will be greeted then.
 */
bool session_died(struct mcp_session *s);

bool session_is_modern(const struct mcp_session *s);
/* It says that it has this capability: "tools", "resources", "prompts", "completions". */
bool session_offers(const struct mcp_session *s, const char *capability);
/* What every request of this session has to carry, into PARAMS. */
void session_sign(const struct mcp_session *s, cJSON *params);

#endif
