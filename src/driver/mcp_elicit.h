/* What a server is answered that asks the user something, while nobody is there. Pure. */
#ifndef DRIVER_MCP_ELICIT_H
#define DRIVER_MCP_ELICIT_H

#include "base/json.h"
#include "core/mcp_server.h"

/* The result of elicitation/create with PARAMS: {"action": ...}; the caller's own. */
cJSON *elicit_answer(const cJSON *params, enum mcp_elicitation policy);
/*
 * The inputResponses to a result's inputRequests (revision 2026-07-28); the
 * caller's own. NULL if one of them asks for what we do not offer.
 */
cJSON *elicit_answers(const cJSON *requests, enum mcp_elicitation policy);

#endif
