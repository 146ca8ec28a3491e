/* One question to one or all of the configured MCP servers, and what became of it. */
#ifndef CLI_MCP_ASK_H
#define CLI_MCP_ASK_H

#include <stdbool.h>
#include <uv.h>

#include "cli/cli.h"
#include "driver/mcp.h"

/* One server that was asked one thing. */
struct asked {
	struct mcp *client;
	const struct mcp_server *server;
	const struct cli *cli;
	bool is_over;
	enum mcp_outcome outcome;
	enum err_kind kind;
	cJSON *result;          /* NULL unless it was answered */
	char *why;              /* unless it was answered */
	char *title, *protocol; /* "NAME VERSION", as it says itself; may be NULL */
};

struct inquiry {
	uv_loop_t loop;
	struct asked *v;
	size_t len;
};

/* All servers, or ONLY if it is not NULL. Each is to be asked one thing, by its client. */
void inquiry_init(struct inquiry *q, const struct cli *cli, const struct mcp_server *only);
/*
 * How it is asked: the answer is kept in A, and the client is closed after it. 0: the
 * server's own time.
 */
struct mcp_request asked_request(struct asked *a, int64_t timeout_ms);
/* Until all have answered and ended. */
void inquiry_run(struct inquiry *q);
void inquiry_clear(struct inquiry *q);

#endif
