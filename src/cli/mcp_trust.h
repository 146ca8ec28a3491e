/* purser mcp trust: a person takes the tools of a server as they are now. */
#ifndef CLI_MCP_TRUST_H
#define CLI_MCP_TRUST_H

#include "cli/cli.h"
#include "cli/status.h"
#include "core/mcp_server.h"

struct mcp_trust {
	const struct mcp_server *server;
	const char *tool;   /* NULL: all that it offers */
	int64_t timeout_ms; /* 0: the server's own */
	bool dry_run, json;
};

enum status mcp_trust_run(struct cli *cli, const struct mcp_trust *what);

#endif
