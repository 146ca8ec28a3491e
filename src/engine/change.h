/*
 * A change: what one job's event leads to, in the four parts that make it safe.
 *
 *	change_make()	decides, and prepares the next execution's folder and lock: no effect yet
 *	change_record()	writes it all down, inside the turn's transaction
 *	change_apply()	after the commit: the job becomes what was written, the effect starts
 *	change_drop()	instead, if the transaction was lost: nothing has moved
 */
#ifndef ENGINE_CHANGE_H
#define ENGINE_CHANGE_H

#include <uv.h>

#include "engine/job.h"
#include "engine/paths.h"
#include "engine/runner.h"
#include "store/ledger.h"

/* What all changes of a runner have in common. */
struct scene {
	struct store *store;
	const struct paths *paths;
	const char *runner_id;
	const char *host;
	const struct runner_options *options;
	const struct config *config;
	const struct planner *planner;
	char rules[DIGEST_SIZE];  /* of its limits */
	const char *prices;       /* names the state of the price book */
	const char *subscription; /* of objectives that name none; NULL: not known (yet) */
	bool stopping;            /* no further execution begins */
	int64_t lease_boot_ms;    /* no effect starts after it */
	struct stage_set performing;
};

struct change {
	struct job *job;
	bool claims; /* queued -> running is part of it */
	struct claim claim;
	struct attempt attempt; /* as it will be */
	struct finding found;
	struct decision decision;
	enum decision_kind
	    kind; /* how it ended in the store: a destroy may not be over with one attempt */
	bool adds_outputs;
	struct execution next;   /* that will be open; id "" if none */
	struct performance *performance; /* prepared for it */
	char *objection;                 /* to the call that has ended: see job_objection(); else NULL */
	bool again;              /* it cannot be written as it is: to be made anew */
	bool lost;               /* another runner was faster: drop the job */
	bool outdated; /* other limits are in force: to be planned anew by those; drop the job, unless it was claimed before */
	bool limited;  /* as many as may run do run: its lane is passed over, drop the job */
	struct price planned; /* of the next run, where its tool has planned it; see refine.h */
	struct ruling
	    ruling; /* the budget's, of a new attempt or of what is planned; not to admit: drop the job */
	int64_t due_ms; /* as the claim fixed it */
	struct change *link;
};

/* NULL: the machine itself failed (disk), and no new work may start. */
struct change *change_make(const struct scene *set, struct job *j, struct err *e);
/* What the service asked for binds all: to be written before any intent of the same turn. */
int change_record_throttling(const struct scene *set, const struct change *c, struct err *e);
/*
 * -1 with c->lost, c->again, c->outdated or c->limited set: the caller reverts to its mark (and
 * for c->limited calls store_pass_over()) and goes on with the others.
 */
int change_record(const struct scene *set, struct change *c, struct err *e);
/*
 * The budget did not admit it: the objective is held or has failed. Of a claim
 * nothing else was written; else all up to the intent.
 */
bool change_is_refused(const struct change *c);
/* The step did nothing, and waits for its next try. */
bool change_is_retry(const struct change *c);
/* Frees C. *done is true if the job has ended for this runner and is to be freed. */
int change_apply(const struct scene *set, struct change *c, bool *done, struct err *e);
void change_drop(struct change *c);
/* Instead, if nobody knows whether the commit took effect: the folder stays and shows that nothing was started. */
void change_leave(struct change *c);

#endif
