/*
 * The process driver: performs one execution as a process under purser-step,
 * which outlives us. It decides nothing.
 *
 * The order is the caller's duty and is what makes it safe:
 *
 *	process_prepare()	folder, files, lock taken: no effect yet
 *	(the intent is committed to the store)
 *	process_start()		spawns the helper and closes our copy of the lock
 *	... done()		when the helper has ended and result.json was read
 *
 * If the commit fails, process_discard() takes the folder away again.
 *
 * done() comes only when nothing local acts for the execution any more: its
 * lock is free, and from then until process_free() it is ours, so that nobody
 * else acts while the end is written down.
 */
#ifndef DRIVER_PROCESS_H
#define DRIVER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "core/execution.h"
#include "strategies/strategy.h"

struct process;

struct process_spec {
	const char *execution_id;
	const char *objective_id;
	const char *folder;      /* absolute; runs/OBJECTIVE/EXECUTION; must not exist */
	const struct strv *argv; /* may hold {run}, {work} and {resource} */
	const char *work;        /* for {work}: the folder of the workspace; NULL if there is none */
	const cJSON *workspace;  /* step.workspace; NULL if there is none */
	const char *resource;    /* for {resource}; NULL if there is none */
	const cJSON *files;      /* step.files, by plain names; NULL if none */
	const cJSON *secrets;    /* step.secrets; NULL if none */
	const struct environment *environment; /* NULL: ours */
	int64_t timeout_ms;                    /* 0: none */
	int64_t grace_ms; /* between SIGINT, SIGTERM and SIGKILL after it; 0: PROCESS_GRACE_MS */
};

/* A provider has to end the request that it is in the middle of. */
#define PROCESS_GRACE_MS (2 * 60 * 1000)

/*
 * Called once, from the loop. RESULT is the callee's to read, not to keep.
 * END_LOST and END_NOT_STARTED are told here as well. P may be freed in it.
 */
typedef void process_done_fn(struct process *p, const struct result *result, void *data);

/*
 * Makes the folder with everything the tool will find in it and takes the
 * lock. NULL and an error otherwise, with nothing left behind. A secret that
 * cannot be resolved is ERR_INPUT, and so are a file's name or a placeholder
 * that the plan should not have.
 */
struct process *process_prepare(const struct process_spec *spec, struct err *e);

/*
 * Starts purser-step (STEP is its absolute path). Afterwards only the helper
 * and the tool hold the lock. -1: nothing was started, and the lock was given up;
 * process_free() still has to be called.
 */
int process_start(struct process *p, uv_loop_t *loop, const char *step, process_done_fn *done,
    void *data, struct err *e);

/* Before process_start(): gives up the lock and removes the folder. Frees P. */
void process_discard(struct process *p);
/*
 * Frees P. A helper that still runs is left alone (it ends by itself); done is
 * not called any more. The loop must turn once more before it is closed.
 */
void process_free(struct process *p);

/* What is known of an execution of which we are not the parent. */
enum liveness {
	LIVENESS_HELD,        /* something may still act: wait for it */
	LIVENESS_ENDED,       /* a result was recorded */
	LIVENESS_NOT_STARTED, /* nothing was started, and nothing can be any more */
	LIVENESS_LOST,        /* started, no result, nothing alive: in doubt */
};

/*
 * Looks at an execution of this host. For all but LIVENESS_HELD *lock_fd (an
 * open descriptor, the caller's to close when it has decided) keeps others from
 * acting for it meanwhile; else it is -1. RESULT was initialised; it is filled
 * for LIVENESS_ENDED, and for LIVENESS_LOST with the texts that are there.
 * same_boot false: what has no result is lost, started or not. heed_server: what holds
 * the lock of its server may still act for it, too. A folder that is gone is
 * LIVENESS_LOST with lock_fd -1.
 */
int process_look(const char *folder, const char *execution_id, bool same_boot, bool heed_server,
    enum liveness *liveness, int *lock_fd, struct result *result, struct err *e);

/*
 * The processes that may still act for it, for a message: at most max of them
 * are put in pids; returns how many there are. Those of other users are not seen.
 */
size_t process_holders(const char *folder, pid_t *pids, size_t max);

/* Removes what an ended execution needs no more: the copy of the tool's settings. */
void process_tidy(const char *folder);

/* Empties the texts that an ended execution wrote: they must not be kept. */
int process_forget_output(const char *folder, struct err *e);

/* The file that name stands for on PATH as a child would find it; the caller's own, NULL if there is none. */
char *process_which(const char *name);

#endif
