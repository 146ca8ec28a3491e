/*
 * A job: an objective that this runner has in hand, with everything that is
 * stored of it. The store is the truth; a job can be dropped and loaded again
 * at any time.
 */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/performance.h"
#include "engine/planner.h"
#include "engine/watch.h"
#include "store/store.h"

struct job {
	struct objective objective;
	struct claim claim; /* fence 0: not claimed yet */
	struct plan plan;
	const struct strategy *strategy; /* of the plan; NULL if there is no plan */
	const struct failure_table *failures;
	struct attempt attempt; /* number 0: none could be begun */
	bool attempt_is_new;    /* not stored yet */
	struct price price;     /* of a new attempt: what its claim asks of the budget */
	const struct strategy
	    *unprobed;            /* must tell its account before this can be planned; NULL: none */
	bool another_strategy;    /* is left to fall back to */
	bool another_size;        /* is left for its machine */
	bool size_is_admitted; /* it was chosen among several because the budget would admit it */
	int64_t blocked_until_ms; /* the store said that its service is throttled until then */
	struct resource *resources; /* all of the objective */
	size_t n_resources;
	struct strv stood;           /* what stood before any of its runs */
	struct failure undo_failure; /* of the last undo in this runner; not set if it had none */
	struct failure denied; /* the budget denies what is planned; not set: it did not */

	/* The execution that is open; its id is "" if none is. */
	struct execution execution;
	struct performance *performance; /* NULL if it is not ours */
	int64_t look_at_ms;      /* boot clock: when to look again at one that is not ours */
	int64_t look_pause_ms;
	struct watch watch; /* how far it was told */
	int lock_fd;        /* keeps others from acting for it while we decide; -1: none */

	/* What the open execution showed, from its end until that is written down. */
	bool ended;
	bool void_start; /* nothing was started at all: it tells nothing and is done again */
	int void_starts; /* one after the other */
	struct reading reading;

	struct strv
	    disowned; /* resources that it seemed to have made, but that another objective owns */
	void *runner; /* for callbacks of performances */
	struct job *next;
};

/*
 * Loads an objective that may be claimed: resumes its open attempt, or makes a
 * plan and begins a new one. Where no plan can be made the attempt stays at
 * number 0 and its failure says why; where one cannot be made yet, unprobed
 * names the strategy to be asked. The caller's own, or NULL.
 */
struct job *
job_load_ready(struct store *s, const struct planner *planner, const char *id, struct err *e);
/* Loads what was taken over under CLAIM, with the execution that may be open. The caller's own, or NULL. */
struct job *job_load_taken(
    struct store *s, const struct planner *planner, const struct claim *claim, struct err *e);
/* A helper that still runs is left alone. */
void job_free(struct job *j);

bool job_has_open_execution(const struct job *j);
/* A resource with this id stands, and is the objective's. */
bool job_owns(const struct job *j, const char *id);
/* A step before the present one took effect and left no resource by which it could be undone. */
bool job_has_acted_untraced(const struct job *j);
/* The open execution is over: RESULT says how. */
void job_take_result(struct job *j, const struct result *result);
/*
 * Why its tool was not called, once the open execution is over: *now is not as it
 * was pinned. NULL: nothing of the kind. Until somebody trusts it, the objective is held.
 */
const char *job_objection(const struct job *j, const struct contract **now);
/*
 * Looks at the open execution that another runner started; an end or a
 * never-begun start is taken in like a result. 0 also if it still lives.
 */
int job_look(struct job *j, const char *folder, const char *host, struct err *e);
/*
 * The last resource that the present attempt has made, or is to undo, and that
 * still stands, but for the one named BUT (may be NULL); NULL if there is none.
 */
const struct resource *job_newest_resource(const struct job *j, const char *but);

#endif
