/*
 * The MCP servers of a run: one client for each that is called, opened by the
 * first call and closed at the end, and the tools that each offers. Tools are
 * listed before the first call, and again whenever the list may be another one: before
 * each call, where the server would not tell.
 */
#ifndef ENGINE_SERVERS_H
#define ENGINE_SERVERS_H

#include <uv.h>

#include "core/contract.h"
#include "driver/mcp.h"
#include "engine/paths.h"

struct servers;

/*
 * All are borrowed until the end; RUNNER_ID is that of the runner's present life, beside
 * whose lock those of programs lie. The caller's own.
 */
struct servers *servers_new(const struct mcp_servers *known, const struct paths *paths,
    const char *runner_id, uv_loop_t *loop);
/* Closes all clients, in order, and runs the loop until that is done: at most some seconds. Frees S. */
void servers_free(struct servers *s);

/*
 * Called once, from the loop. CONTRACT (borrowed for the call) is the tool as CLIENT
 * offers it now; NULL if it does not, or cannot be asked: WHY, of which ERR_NOT_FOUND
 * and ERR_INPUT will be so at the next try too. It may call servers_ask().
 * TIMEOUT_MS is the time of who asks (0: none): what is not known by then is ERR_BUSY, and
 * the listing goes on for others, as long as the server's own timeout lets it.
 */
typedef void
servers_fn(struct mcp *client, const struct contract *contract, const struct err *why, void *data);
void servers_ask(struct servers *s, const char *server, const char *tool, int64_t timeout_ms,
    servers_fn *fn, void *data);
/* No more answer to what was asked with this DATA. */
void servers_forget(struct servers *s, const void *data);
/*
 * What is under way belongs to a life of the runner that is over: its servers are ended, so
 * that others may look what became of it, and the next question starts new ones.
 */
void servers_part(struct servers *s);
/* The tools of this server may be others by now: something went wrong with it. */
void servers_forget_tools(struct servers *s, const char *server);

#endif
