/*
 * An attempt: one strategy on one objective, from its first step to its end or
 * to the end of its undo. This is the machine that decides what comes next; it
 * is pure, and all of its state is stored, so that whoever takes the objective
 * up after a crash goes on where it stood.
 *
 * Forward, each step goes through
 *
 *	look ──> run ──> (collect) ──> next step
 *	           └ in doubt: ask ──> run again | collect | failed | held
 *
 * (a run in doubt that said why is given a pause before it is asked about)
 *
 * and backward, for each resource that the attempt made, the last one first:
 *
 *	undo ──> prove ──> next resource
 *
 * Phase and goal are stored before the first undo, so that a crash in a
 * rollback goes on rolling back.
 */
#ifndef CORE_ATTEMPT_H
#define CORE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/execution.h"
#include "core/failure.h"
#include "core/plan.h"

enum phase { PHASE_FORWARD, PHASE_UNDO, PHASES };

enum goal { GOAL_SUCCEEDED, GOAL_FALLBACK, GOAL_FAILED, GOAL_CANCELLED, GOAL_DESTROYED, GOALS };

enum stage {
	STAGE_LOOK,    /* is it there already? */
	STAGE_RUN,     /* do it */
	STAGE_ASK,     /* the run is in doubt: did it happen? */
	STAGE_COLLECT, /* it happened: what did it make? */
	STAGE_UNDO,
	STAGE_PROVE, /* is the undone resource gone? */
	STAGES
};

/* A run of a step that stays in doubt is repeated so often, if it is idempotent. */
#define ATTEMPT_RUNS_MAX 3
/* A look that tells nothing is repeated so often before a person is asked. */
#define ATTEMPT_ASKS_MAX 5
/* What is in progress in the cloud is looked at so often, and the longer it lasts the more seldom. */
#define ATTEMPT_POLL_MS 5000
#define ATTEMPT_POLL_MAX_MS 60000

struct attempt {
	int number; /* from 1, within the objective */
	char *strategy;
	enum phase phase;
	enum goal goal; /* failed while still forward: collect what a failed step left, then undo */
	int step;       /* index in the plan; plan->len once all are done */
	enum stage stage;
	int call;               /* which of the step's checks */
	int runs;               /* of this step that were begun (undo: of this resource) */
	int asks;               /* looks at this step that told nothing */
	int64_t doubt_since_ms; /* 0: not in doubt */
	int64_t wait_until_ms;  /* 0: go on at once */
	char *resource;         /* that is being undone; NULL if none */
	struct strv stood;      /* what was there before the present step ran */
	struct failure failure; /* why it turned to undo or is in doubt */
	int64_t started_ms, ended_ms;
};

void attempt_init(struct attempt *a);
void attempt_clear(struct attempt *a);
/* A deep copy into an initialised one. */
void attempt_copy(struct attempt *to, const struct attempt *from);

/* What a decision depends on besides the attempt itself. */
struct attempt_view {
	const struct plan *plan;
	bool keep; /* on_failure = "keep": what was made stays */
	bool cancel_wanted;
	const char *
	    newest; /* the last resource it made that still stands and is not given up; NULL if none */
	int newest_step; /* the step that made it */
	int64_t now_ms;
};

enum decision_kind {
	DECIDE_EXECUTE,  /* start this act of the present step */
	DECIDE_POSTPONE, /* nothing before until_ms */
	DECIDE_HOLD,     /* in doubt, and looking could not tell: a person must */
	DECIDE_SUCCEED,
	DECIDE_FAIL, /* ended; what could be undone was undone */
	DECIDE_CANCELLED,
	DECIDE_DESTROYED,
};

struct decision {
	enum decision_kind kind;
	enum act act;
	int64_t until_ms;
};

/*
 * What comes next, when no execution is open. May turn the attempt to undo
 * (phase, goal, resource), which must then be stored with the decision.
 */
void attempt_decide(struct attempt *a, const struct attempt_view *view, struct decision *d);

/* What the caller has to store besides the attempt after attempt_take(). */
struct finding {
	struct strv made; /* resources that now stand and are ours */
	char *resource;   /* that was being undone, once that is over; NULL else */
	bool gone;        /* it was proven gone; else it could not be undone: orphaned */
};

void finding_init(struct finding *f);
void finding_clear(struct finding *f);

/* Takes in what an execution of the act at hand showed, and moves on. */
void attempt_take(struct attempt *a, const struct plan *plan, const struct reading *reading,
    int64_t now_ms, struct finding *found);

/*
 * Taken up again after it rested: what was seen before may not be so any more.
 * A run that has not begun is looked for anew, one that may have happened is
 * asked about. Not while an execution is open.
 */
void attempt_resume(struct attempt *a);
/*
 * The run at hand did nothing, for WHY. The attempt fails; but if an earlier run
 * of the step is in doubt, only after that one has had its time to settle.
 */
void attempt_refused(struct attempt *a, const struct failure *why);
/* It cannot go on: from now on it undoes, with the goal failed. */
void attempt_fail(struct attempt *a, const struct failure *why);
/* From now on it undoes. */
void attempt_turn(struct attempt *a, enum goal goal);

/* The act that belongs to a stage. */
enum act stage_act(enum stage stage);

const char *phase_name(enum phase phase);
const char *goal_name(enum goal goal);
const char *stage_name(enum stage stage);
enum phase phase_from_name(const char *name); /* PHASES for none, and so on */
enum goal goal_from_name(const char *name);
enum stage stage_from_name(const char *name);

#endif
