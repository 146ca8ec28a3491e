/*
 * A server of the Model Context Protocol as [mcp] servers of the configuration
 * describes it: a program that is started, or a URL.
 */
#ifndef CORE_MCP_SERVER_H
#define CORE_MCP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/strv.h"

/* What a server is answered that asks the user something, while nobody is there. */
enum mcp_elicitation {
	MCP_DECLINE, /* "decline" */
	MCP_DEFAULTS, /* what it proposes, where that is all that it requires; else "decline" */
};

/* Which of the two families of revisions is spoken. */
enum mcp_era {
	MCP_ERA_ANY,    /* the server is asked */
	MCP_ERA_LEGACY, /* 2025-11-25 and before: a handshake, then a session */
	MCP_ERA_MODERN, /* 2026-07-28: each request stands for itself */
};

struct mcp_server {
	char *name;
	char *command;      /* found on PATH unless it holds a slash; NULL: url is set */
	struct strv args;   /* behind the command */
	cJSON *env;         /* NAME -> value, on top of the little it inherits; NULL: nothing */
	char *url;          /* http or https; NULL: command is set */
	cJSON *headers;     /* NAME -> value, sent with each request; NULL: none */
	int64_t timeout_ms; /* of a call that sets none */
	enum mcp_elicitation elicitation;
	enum mcp_era era;
};
/*
 * Values of env and headers may be references, env:NAME or file:PATH; see driver/secret.h.
 * What is a secret in headers is sent over https, and over http to this machine only.
 */

struct mcp_servers {
	struct mcp_server *v;
	size_t len, cap;
};

/* NULL if there is none of this name. */
const struct mcp_server *mcp_servers_find(const struct mcp_servers *list, const char *name);
void mcp_servers_clear(struct mcp_servers *list);

#endif
