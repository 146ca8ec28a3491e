/*
 * An attempt: one strategy on one objective, from its first step to its end or
 * to the end of its undo. This is the machine that decides what comes next; it
 * is pure, and all of its state is stored, so that whoever takes the objective
 * up after a crash goes on where it stood.
 *
 * Forward, each step goes through
 *
 *	look ──> run ──> (collect) ──> next step
 *	 ^         │└ in doubt: (mend) ask ──> run again | collect | failed | held
 *	 └─ later ─┘ did nothing, and the failure may pass
 *
 * (a run in doubt that said why is given a pause before it is asked about)
 *
 * and backward, for each resource that the attempt made, the last one first:
 *
 *	(guard) ──> undo ──> prove ──> next resource
 *
 * Phase and goal are stored before the first undo, so that a crash in a
 * rollback goes on rolling back. What is not in its tool's own records counts as
 * gone only if it was there when an undo began.
 */
#ifndef CORE_ATTEMPT_H
#define CORE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/execution.h"
#include "core/failure.h"
#include "core/plan.h"
#include "core/retry_policy.h"

enum phase { PHASE_FORWARD, PHASE_UNDO, PHASES };

enum goal { GOAL_SUCCEEDED, GOAL_FALLBACK, GOAL_FAILED, GOAL_CANCELLED, GOAL_DESTROYED, GOALS };

enum stage {
	STAGE_LOOK,    /* is it there already? */
	STAGE_RUN,     /* do it */
	STAGE_ASK,     /* the run is in doubt: did it happen? */
	STAGE_COLLECT, /* it happened: what did it make? */
	STAGE_GUARD,   /* would the undo take anything that is not ours? */
	STAGE_UNDO,
	STAGE_PROVE, /* is the undone resource gone? */
	STAGE_MEND,  /* the tool's own records are put right, after a call that was lost */
	STAGES
};

/* An undo whose resource still stands is repeated so often, at least. */
#define ATTEMPT_UNDOS_MIN 3
/* A look that tells nothing is repeated so often before a person is asked. */
#define ATTEMPT_ASKS_MAX 5

/* Calls that were cut off, and may have left their tool's lock behind. */
struct lost {
	int64_t from_ms, until_ms; /* when the first was begun, and the last one known to be dead; until_ms 0: none */
	bool held; /* one of them had the lock for certain */
};

struct attempt {
	int number; /* from 1, within the objective */
	int undoes; /* the attempt whose resources a destroy takes away; 0: its own */
	char *strategy;
	char *size; /* that its machine is to have, where the objective allows several; NULL else */
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
	struct strv stood; /* what was there before the present step ran; in an undo: what its tool's records had when one began */
	struct lost lost;  /* also of earlier attempts */
	cJSON *mend;            /* calls that are still to be made, an array of argv arrays; NULL: none */
	cJSON *planned; /* what its present step is going to build (core/planned.h); NULL: as the objective says */
	struct failure failure; /* why it turned to undo, is in doubt or waits for another try */
	int64_t started_ms, ended_ms;
};

void attempt_init(struct attempt *a);
void attempt_clear(struct attempt *a);
/* A deep copy into an initialised one. */
void attempt_copy(struct attempt *to, const struct attempt *from);

/* What a decision depends on besides the attempt itself. */
struct attempt_view {
	const struct plan *plan;
	const struct retry_policy *retry;
	const char *seed;      /* of the delays: the objective's id */
	bool depends;          /* on other objectives */
	bool another_strategy; /* is left to fall back to */
	bool another_size;     /* is left for its machine, where this one cannot be had */
	bool keep;             /* on_failure = "keep": what was made stays */
	const struct failure
	    *undo_failure;        /* of the undo that was just made; not set if there is none */
	const struct strv *stood; /* before any run of the objective: never its own */
	bool cancel_wanted;
	int64_t due_ms;           /* its time is over then; 0: never */
	int64_t blocked_until_ms; /* nothing may start before, because of throttling */
	const char *
	    newest; /* the last resource it made that still stands and is not given up; NULL if none */
	int newest_step; /* the step that made it */
	int64_t began_ms; /* when the execution that has ended was; 0: none has */
	int64_t now_ms;
};

enum decision_kind {
	DECIDE_EXECUTE,  /* start this act of the present step */
	DECIDE_POSTPONE, /* nothing before until_ms */
	DECIDE_HOLD,     /* in doubt, and looking could not tell: a person must */
	DECIDE_SUCCEED,
	DECIDE_FAIL,     /* ended; what could be undone was undone */
	DECIDE_FALLBACK, /* ended, nothing of it stands: another strategy or size is to be tried */
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
	struct strv removed;        /* resources that a run has taken away again; before those made */
	struct strv made;           /* resources that now stand and are ours */
	char *resource;             /* that was being undone, once that is over; NULL else */
	bool gone;                  /* it was proven gone; else it could not be undone: orphaned */
	char *why;                  /* it could not be undone; NULL if nothing is known of that */
	int64_t throttled_until_ms; /* the service wants no requests before; 0: it did not say so */
};

void finding_init(struct finding *f);
void finding_clear(struct finding *f);

/* Takes in what an execution of the act at hand showed, and moves on. */
void attempt_take(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found);

/*
 * Taken up again after it rested: what was seen before may not be so any more.
 * A run that has not begun is looked for anew, one that may have happened is
 * asked about. Not while an execution is open.
 */
void attempt_resume(struct attempt *a);
/*
 * The run at hand did nothing, for WHY. It is tried again later, if that may
 * help and tries are left; else the attempt fails, but if an earlier run of the
 * step is in doubt, only after that one has had its time to settle.
 */
void attempt_refused(struct attempt *a, const struct attempt_view *view, const struct failure *why);
/*
 * It cannot go on: from now on it undoes, with the goal fallback if another
 * strategy, or another size of its machine, may do better, else failed.
 */
void attempt_fail(struct attempt *a, const struct attempt_view *view, const struct failure *why);
/* The resource at hand cannot be undone, for WHY: it is left, and the next one follows. */
void attempt_abandon(struct attempt *a, const char *why, struct finding *found);
/*
 * A person says what became of the run that is held in doubt: it goes on with
 * the next step, or with the same one anew. False, and nothing changes, if the
 * attempt is not in doubt.
 */
bool attempt_resolve(struct attempt *a, bool happened);
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
