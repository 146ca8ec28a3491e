/*
 * The performance of one execution by the driver that its step asks for: a process,
 * or the call of a tool. The order is that of the drivers:
 *
 *	performance_prepare()	no effect yet
 *	(the intent is committed to the store)
 *	performance_start()
 *	... done()		the runner writes down what became of it
 *
 * A tool is called only as it was pinned. One that is another by now is not called:
 * performance_objection() says so, and the objective is held until somebody trusts it.
 */
#ifndef ENGINE_PERFORMANCE_H
#define ENGINE_PERFORMANCE_H

#include "core/contract.h"
#include "core/plan.h"
#include "driver/process.h"
#include "engine/servers.h"
#include "store/store.h"

struct performance;

/* Called once, from the loop, as process_done_fn. P may be freed in it. */
typedef void performance_done_fn(struct performance *p, const struct result *result, void *data);

/* What a tool says of its progress: "3 of 10: a disk". Never after done(). */
typedef void performance_progress_fn(const char *text, void *data);

/* Of a call of STEP. NULL and an error with nothing left behind: see process_prepare(). */
struct performance *
performance_prepare(const struct step *step, const struct process_spec *spec, struct err *e);

/* What a performance needs around it. Borrowed until its end. */
struct stage_set {
	struct store *store; /* outside of transactions, for what tools promise */
	struct servers *servers;
	uv_loop_t *loop;
	const char *helper; /* the path of purser-step */
	performance_done_fn *done;
	performance_progress_fn *progress;
};
/* -1: nothing was started; performance_free() still has to be called. */
int
performance_start(struct performance *p, const struct stage_set *set, void *data, struct err *e);

/* After done(): why the tool was not called, if it is not as it was pinned; *now is the tool as it is. Else NULL. */
const char *performance_objection(const struct performance *p, const struct contract **now);
/* After done(): the contract by which the tool was called; NULL: none was. */
const struct contract *performance_contract(const struct performance *p);
/* It is to be pinned now, for that could not be done before the call. */
bool performance_is_first_use(const struct performance *p);

/* Before performance_start(): removes what was prepared. Frees P. */
void performance_discard(struct performance *p);
/* Frees P; done is not called any more. See process_free() and call_free(). */
void performance_free(struct performance *p);

#endif
