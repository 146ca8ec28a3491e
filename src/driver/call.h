/*
 * The driver of tools: performs one execution as the call of a tool of an MCP
 * server. It decides nothing.
 *
 * The order is that of driver/process.h, and the caller's duty:
 *
 *	call_prepare()	folder, arguments, lock taken: no effect yet
 *	(the intent is committed to the store)
 *	call_send()	or call_refuse(), if it is not to be made after all
 *	... done()	when nothing can come any more
 *
 * The folder tells what a process's folder tells (step/protocol.h), and process_look()
 * reads it: the lock is held by us alone, so that it is free once we are dead. Then a
 * call that was not sent is known as such, an answer that was written down is not lost,
 * and all else is in doubt, once the server's own lock is free as well: its program does
 * not outlive us unless somebody has ended its guard, and until it is gone it may still act.
 */
#ifndef DRIVER_CALL_H
#define DRIVER_CALL_H

#include "core/execution.h"
#include "driver/mcp.h"
#include "driver/process.h"

struct call;

/*
 * Called once, from the loop, or from within call_refuse(). RESULT is the callee's
 * to read, not to keep: see enum call_code. The secrets that were sent are masked in
 * it, and in what the tool says of its progress. C may be freed in it.
 */
typedef void call_done_fn(struct call *c, const struct result *result, void *data);

/* What the server says of a call that was sent: "3 of 10: a disk". Never after done(). */
typedef void call_progress_fn(const char *text, void *data);

/*
 * Of SPEC, argv is the call as core/plan.h has it; its timeout begins now; files, work and
 * environment mean nothing here. NULL and an error with nothing left behind, as process_prepare().
 */
struct call *call_prepare(const struct process_spec *spec, struct err *e);
/* The arguments as they will be sent, secrets included. Borrowed. */
const cJSON *call_arguments(const struct call *c);

/* Sends it, unless its time is over. CLIENT must live until done() or call_free(). */
void call_send(
    struct call *c, struct mcp *client, call_done_fn *done, call_progress_fn *progress, void *data);
/*
 * It is told as not started, for WHY, whose kind says whether it may go better later;
 * with ERR_CONFLICT it is as if it had not been prepared: the same call is due again.
 */
void call_refuse(struct call *c, const struct err *why, call_done_fn *done, void *data);

/* Before either of them: gives up the lock and removes the folder. Frees C. */
void call_discard(struct call *c);
/*
 * Frees C. If it was sent and not answered, the server is told to give it up, and
 * done is not called any more; the lock is free at once.
 */
void call_free(struct call *c);

#endif
