/*
 * The store: everything that purser remembers, in the verbs of its domain. All
 * SQL is behind it. Objectives, plans, attempts, executions, resources, holds
 * and the audit's outbox change together or not at all.
 *
 * Transactions. The caller opens one with store_begin(), groups what belongs to
 * one event by store_mark() and store_release() or store_revert(), and ends with
 * store_commit() or store_rollback(). A verb marked [W] needs an open
 * transaction; one marked [R] reads, in or outside of one. Every [W] verb that
 * changes a state writes the audit record of it in the same breath.
 *
 * Ownership. What a runner does to an objective it has claimed goes with a
 * struct claim: the verb fails with ERR_CONFLICT and changes nothing if
 * another runner has taken the objective over since (fencing).
 *
 * Errors. ERR_BUSY: somebody else is writing, try the transaction again soon.
 * ERR_UNCERTAIN (of store_commit only): start nothing, store_reopen(), read.
 * ERR_CORRUPT: stop everything. ERR_FULL: the disk is full; nothing was lost
 * of what was committed.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "core/attempt.h"
#include "core/batch.h"
#include "core/contract.h"
#include "core/event.h"
#include "core/execution.h"
#include "core/objective.h"
#include "core/plan.h"

struct store;

/* What a person can be notified of. */
enum notice_kind {
	NOTICE_FAILED,
	NOTICE_HELD,
	NOTICE_ORPHANED,
	NOTICE_BATCH,
	NOTICE_BUDGET, /* a threshold of a limit is crossed */
	NOTICE_KINDS
};
const char *notice_kind_name(enum notice_kind kind);
/* NOTICE_KINDS for a name that is none. */
enum notice_kind notice_kind_from_name(const char *name);

enum store_mode {
	STORE_READ,  /* must exist; changes nothing; other processes may write meanwhile */
	STORE_WRITE, /* made if the state folder has none and nothing shows that one was lost */
};

/*
 * Opens FOLDER/purser.db. ERR_NOT_FOUND (STORE_READ only): there is none yet.
 * ERR_CORRUPT: it is damaged, or it is gone while audit.log or runs/ show that
 * there was one. ERR_INPUT: it is of a newer schema than this program, or the
 * folder lies on a network file system. The message tells what to type next.
 */
int store_open(const char *folder, enum store_mode mode, struct store **s, struct err *e);
void store_close(struct store *s); /* rolls back what is open; checkpoints if the log has grown */
/* After ERR_UNCERTAIN: closes and opens again, proving that the file is still the same store. */
int store_reopen(struct store *s, struct err *e);
/* Full consistency check: SQLite's own, and the counts and heads against the rows. ERR_CORRUPT names the first fault. */
int store_verify(struct store *s, struct err *e);
/* From now on the transactions of this process write notices of these kinds (bits 1 << kind). */
void store_want_notices(struct store *s, unsigned kinds);
/* The schema's version and the store's own id; borrowed. */
int store_schema(const struct store *s);
const char *store_id(const struct store *s);

int store_begin(struct store *s, struct err *e); /* BEGIN IMMEDIATE, never waits */
/* The same, but waits up to timeout_ms for other writers: for commands of one transaction, never inside the loop. */
int store_begin_wait(struct store *s, int64_t timeout_ms, struct err *e);
int store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);           /* nothing open: does nothing */
int store_mark(struct store *s, struct err *e); /* savepoint; one level */
int store_release(struct store *s, struct err *e);
void store_revert(struct store *s); /* back to the mark */
/* Moves the write-ahead log into the database if it has grown and nobody writes. Never while a transaction is open. */
void store_checkpoint(struct store *s);

/* ---- submission ---- */

struct submitted {
	size_t added, known; /* objectives stored now; ones whose key was there already */
};

/*
 * [W] Stores the batch: ids are made and put into it; an objective whose key
 * exists with the same digest is left out and gets the existing one's id and
 * state. ERR_INPUT, with all names told: the batch's name is live already, or a
 * key exists with another submission. "user" goes into the audit record.
 */
int store_submit(struct store *s, struct batch *b, const char *user, int64_t now_ms,
    struct submitted *out, struct err *e);

/* ---- reading ---- */

/*
 * [R] REF is an id, a tail of one (4 to 12 hex digits) or "batch/name".
 * ERR_NOT_FOUND, or ERR_INPUT if a tail fits several (they are named).
 */
int store_find(struct store *s, const char *ref, struct objective *o, struct err *e);
/*
 * [R] By the whole id. not_before_ms is the present one (a postponement changes
 * it), all else of the submission as it was written.
 */
int store_get(struct store *s, const char *id, struct objective *o, struct err *e);

struct store_filter {
	const char *batch; /* NULL: all */
	const char *capability;
	unsigned states;   /* bits 1 << enum state; 0: all */
	const char *label; /* "key=value"; NULL: all */
	int64_t after_seq; /* the page begins behind this one */
	bool newest_first; /* then after_seq counts downward; 0: from the end */
	size_t limit;
};

/*
 * [R] One page in a short transaction; V and its members are the caller's own.
 * A batch of that name is the newest one (a live one always is the newest);
 * ERR_NOT_FOUND if there never was one, here and wherever a batch is named.
 */
int store_list(struct store *s, const struct store_filter *f, struct objective **v, size_t *len,
    struct err *e);
void store_list_free(struct objective *v, size_t len);

/* [R] How many objectives are in each state; batch NULL: in all. Costs the same however many there are. */
int store_counts(struct store *s, const char *batch, int64_t counts[static STATES], struct err *e);

struct batch_row {
	char *name;
	int64_t created_ms;
	int64_t counts[STATES];
};
/* [R] Batches, newest first. */
int store_batches(struct store *s, size_t limit, struct batch_row **v, size_t *len, struct err *e);
void store_batches_free(struct batch_row *v, size_t len);

struct hold {
	char *reason; /* approval, budget, unpriced, dependency, in_doubt, contract */
	char *detail;
	int64_t since_ms;
};
int
store_holds(struct store *s, const char *id, struct hold **v, size_t *len, struct err *e); /* [R] */
void store_holds_free(struct hold *v, size_t len);

struct dependency {
	char *name; /* of the objective that is needed, in the same batch */
	char id[ID_SIZE];
	enum state state;
	cJSON *outputs; /* NULL until it succeeded */
};
int store_dependencies(
    struct store *s, const char *id, struct dependency **v, size_t *len, struct err *e); /* [R] */
/*
 * [R] Those that cannot begin because it has not succeeded, directly or through others, in
 * the order of their submission; without outputs.
 */
int store_dependents(
    struct store *s, const char *id, struct dependency **v, size_t *len, struct err *e);
void store_dependencies_free(struct dependency *v, size_t len);

struct execution {
	char id[ID_SIZE];
	char objective_id[ID_SIZE];
	int attempt, step, call, run; /* run: which try of this act, from 1 */
	char *step_name;
	enum act act;
	char *resource;                /* of an undo or prove; NULL else */
	char *host, *boot_id;          /* where it was started */
	int64_t fence;                 /* of the claim it was started under */
	int64_t intended_ms, ended_ms; /* ended_ms 0: open */
	struct strv argv;
	struct strv stood;    /* what stood before; recorded with the intent of a run */
	enum outcome outcome; /* once it ended */
	enum answer answer;
	cJSON *result; /* result_to_json(); NULL while open */
	cJSON *failure;
};
void execution_init(struct execution *x);
void execution_clear(struct execution *x);
/* [R] All of an objective in order; the caller's own. */
int
store_executions(struct store *s, const char *id, struct execution **v, size_t *len, struct err *e);
void store_executions_free(struct execution *v, size_t len);
/*
 * [R] What stood before the newest run of each step, whichever attempt's: an update
 * may have put our tag on it, and it is not ours for that. Added to IDS.
 */
int store_stood(struct store *s, const char *id, struct strv *ids, struct err *e);
/* [R] The one that has not ended; ERR_NOT_FOUND if there is none. */
int store_open_execution(struct store *s, const char *id, struct execution *x, struct err *e);

enum resource_state { RESOURCE_LIVE, RESOURCE_ORPHANED, RESOURCE_GONE, RESOURCE_STATES };
struct resource {
	int64_t seq;
	char *id; /* as Azure spells it */
	char objective_id[ID_SIZE];
	char execution_id[ID_SIZE]; /* that made it */
	int attempt, step;
	enum resource_state state;
	char *why; /* an orphaned one could not be undone; NULL else */
	int64_t made_ms, gone_ms;
};
const char *resource_state_name(enum resource_state state);
/* [R] Of one objective, gone ones too, in the order they were made; id NULL: all that stand (live, orphaned), of all. */
int
store_resources(struct store *s, const char *id, struct resource **v, size_t *len, struct err *e);
struct resource_filter {
	const char *batch; /* NULL: all */
	unsigned states;   /* bits 1 << enum resource_state */
	int64_t after_seq; /* the page begins behind this one */
	size_t limit;
};
/* [R] One page, oldest first. */
int store_list_resources(struct store *s, const struct resource_filter *f, struct resource **v,
    size_t *len, struct err *e);
void store_resources_free(struct resource *v, size_t len);

/* [R] The present or last attempt and its plan; ERR_NOT_FOUND if there was none. plan may be NULL. */
int
store_attempt(struct store *s, const char *id, struct attempt *a, struct plan *plan, struct err *e);
/* [R] All attempts, oldest first. */
int store_attempts(struct store *s, const char *id, struct attempt **v, size_t *len, struct err *e);
void store_attempts_free(struct attempt *v, size_t len);
/* [R] The plan that attempt NUMBER follows (that of an undoing attempt is the undone one's). */
int store_plan(struct store *s, const char *id, int number, struct plan *plan, struct err *e);

/* ---- runners and claims ---- */

struct runner {
	char id[ID_SIZE];
	char *host, *boot_id;
	int pid;
	int64_t started_ms;
	int64_t lease_boot_ms; /* CLOCK_BOOTTIME of its host when its lease ends */
	int64_t lease_wall_ms; /* the same as wall clock, for other hosts */
};
void runner_clear(struct runner *r);

/* [W] Claims need it. The audit record (runner.started, runner.stopped) is the caller's, by store_audit_add(). */
int store_runner_add(struct store *s, const struct runner *r, struct err *e);
/* [W] ERR_CONFLICT if it was declared dead meanwhile. */
int store_runner_renew(struct store *s, const struct runner *r, struct err *e);
int store_runner_remove(struct store *s, const char *runner_id,
    struct err *e); /* [W] its objectives keep it as owner until taken */
int store_runners(struct store *s, struct runner **v, size_t *len, struct err *e); /* [R] */
void store_runners_free(struct runner *v, size_t len);

struct claim {
	char objective_id[ID_SIZE];
	char runner_id[ID_SIZE];
	int64_t fence;
};

/*
 * [R] Ids of up to MAX objectives that may be claimed now, in the order in which
 * they should be: by priority, fair between lanes, oldest first. Never skips
 * over blocked rows. Batch NULL: of all batches.
 */
int store_ready(struct store *s, const char *batch, int64_t now_ms, size_t max,
    char (*ids)[ID_SIZE], size_t *len, struct err *e);
#define WAKE_MAX 256
/* What store_wake() has done; the memory is the caller's, all of it is written anew. */
struct woken {
	size_t moved;                /* objectives brought into their lanes, and lanes set free */
	size_t expired;              /* objectives that failed, because their deadline passed */
	char ids[WAKE_MAX][ID_SIZE]; /* of the expired ones, as many as "expired" says */
};
/*
 * [W] Brings into the lanes what is due by now (not_before, blocked_until), and
 * fails what has passed its deadline while queued or held (not where an attempt
 * is open: only its runner knows what must be undone). At most WAKE_MAX of all
 * these at a time, the expired first: store_next_wake() tells of the rest.
 */
int store_wake(struct store *s, int64_t now_ms, struct woken *w, struct err *e);
/* [R] The earliest time at which store_wake() will have something to do; 0: never. */
int store_next_wake(struct store *s, int64_t *when_ms, struct err *e);

/* How many objectives may run at a time; 0: as many as you like. */
struct claim_limits {
	const char *strategy; /* that the claim is for */
	int64_t of_strategy, of_group;
};

/*
 * [W] queued -> running for this runner, if its revision is still that of O.
 * The new fencing token is in *claim. With a new attempt A (numbered one above
 * the last) and PLAN, or the open one goes on (both NULL). With the first claim
 * since submission or retry the objective's due_ms is fixed, and put into
 * *due_ms (0: never; nothing that is to be destroyed is timed). ERR_CONFLICT: somebody was faster, or this runner is not
 * registered (any more); read again. ERR_LIMIT: one of the limits is reached, in
 * the whole store; see store_pass_over(). An attempt that undoes heeds no limit.
 *
 * A new attempt has to be admitted by the budget (store/ledger.h), and what it may
 * cost is reserved. If RULING says otherwise there is no claim: the objective was
 * held or failed, with its audit record. ERR_OUTDATED: it was to be ruled on by
 * limits that are not in force. ADMISSION NULL: nothing is asked and nothing held,
 * for tests of all else. RULING is written in any case, and to be cleared.
 */
struct admission;
struct ruling;
int store_claim(struct store *s, const struct objective *o, const char *runner_id,
    const struct claim_limits *limits, const struct attempt *a, const struct plan *plan,
    const struct admission *admission, int64_t now_ms, struct claim *claim, int64_t *due_ms,
    struct ruling *ruling, struct err *e);
/*
 * [W] After ERR_LIMIT: the lane of this objective is passed over until any
 * objective leaves running, in whichever runner.
 */
int store_pass_over(struct store *s, const char *id, struct err *e);
/*
 * [W] No objective of the same subscription and provider is ready, and none may
 * start a step, until then; in all batches, also those submitted later. Never
 * shortens. Writes an audit record (lane.throttled) when it lengthens. Objectives
 * that name no subscription have the default one, and go together with those
 * that name it; NULL: it is not known.
 */
int store_throttle(struct store *s, const char *id, const char *default_subscription,
    int64_t until_ms, int64_t now_ms, struct err *e);
/* [R] Until when nothing of the objective's subscription and provider may start; 0 if it may now. */
int
store_throttled(struct store *s, const char *id, int64_t now_ms, int64_t *until_ms, struct err *e);
/* [R] Ids of running objectives whose runner is this one (or, with NULL, is not in the table of runners any more). */
int store_owned(struct store *s, const char *runner_id, size_t max, char (*ids)[ID_SIZE],
    size_t *len, struct err *e);
/*
 * [W] A running objective of a runner that is dead: ours from now on, under a
 * new fencing token. from_runner NULL: of whichever runner is not in the table
 * any more.
 */
int store_take_over(struct store *s, const char *id, const char *from_runner, const char *runner_id,
    int64_t now_ms, struct claim *claim, struct err *e);

/* [W] Writes down that an execution is about to start. */
int store_execution_begin(
    struct store *s, const struct claim *c, const struct execution *x, struct err *e);
/* [W] ... and how it ended. */
int store_execution_end(
    struct store *s, const struct claim *c, const struct execution *x, struct err *e);
/*
 * [W] The attempt's state as it is now; with ended_ms it is closed (store_move()
 * to an end closes it too). A turn to undo gets its own audit record, and
 * raises the objective's generation.
 */
int
store_attempt_save(struct store *s, const struct claim *c, const struct attempt *a, struct err *e);
/*
 * [W] Known already (same id, live, same objective): nothing changes. ERR_INPUT
 * if it stands and belongs to another objective, which is named.
 */
int
store_resource_add(struct store *s, const struct claim *c, const struct resource *r, struct err *e);
/* [W] WHY (may be NULL) is kept of an orphaned one. An orphaned one is noticed. */
int store_resource_move(struct store *s, const struct claim *c, const char *resource_id,
    enum resource_state state, const char *why, int64_t now_ms, struct err *e);
/*
 * [W] A person has looked: an orphaned resource of the objective ID is gone. With
 * the last one its money is settled. ERR_INPUT, with what to do instead: it is no
 * orphan of that objective, or the objective is not at rest.
 */
int store_resource_gone(struct store *s, const char *id, const char *resource_id, const char *user,
    int64_t now_ms, struct err *e);
/* [W] Adds what a step put out to the outputs of the objective; readers see them once it succeeded. */
int store_outputs_add(struct store *s, const struct claim *c, const cJSON *outputs, struct err *e);

/*
 * [W] running -> elsewhere, and the claim ends. EVENT_POSTPONE uses until_ms (with
 * an attempt that was closed before: the next strategy tries); EVENT_HOLD uses
 * reason and detail, and failure if there is one; EVENT_FAIL uses failure. SUCCEED
 * meets the dependencies of others, but is refused (ERR_INPUT) if somebody has wanted
 * it cancelled since; FAIL and CANCEL hold the dependents (dependency). CANCEL of one of
 * which something still stands is a FAIL that says so. DESTROYED ends one
 * undoing attempt: if resources of earlier attempts still stand, the objective is
 * queued again with an attempt that undoes the latest of these; else it is
 * destroyed, and what it needs may be destroyed in turn. FAIL of one that is
 * destroying holds what was to be destroyed after it.
 */
struct move {
	enum event event;
	int64_t until_ms;
	const char *reason, *detail;
	const struct contract *contract; /* that a hold for HOLD_CONTRACT waits for; NULL else */
	const struct failure *failure;
};
int store_move(
    struct store *s, const struct claim *c, const struct move *m, int64_t now_ms, struct err *e);

/*
 * [W] Removes one hold of an objective; with the last one it is queued again.
 * ERR_NOT_FOUND if it is not held for this reason. user may be NULL.
 */
int store_hold_lift(struct store *s, const char *id, const char *reason, const char *user,
    int64_t now_ms, struct err *e);

/*
 * [W] queued -> failed without an attempt, because no plan can be made of it; if
 * its revision is still that of O. ERR_CONFLICT: it has changed.
 */
int store_refuse(struct store *s, const struct objective *o, const struct failure *why,
    int64_t now_ms, struct err *e);

/*
 * [W] A person's wish to cancel. *at_once true: it was queued or held, nothing
 * had happened, and it is cancelled now. Else the attempt in progress (or the
 * open one, which is queued for it at once, without its holds) will undo.
 * ERR_INPUT if it is final, or if it is held in doubt after something was run:
 * what to undo is not known then, and it must be resolved first; if it is being
 * destroyed; or if it has no open attempt and what an earlier one made stands:
 * only store_destroy() undoes that.
 */
int store_cancel(struct store *s, const char *id, const char *user, int64_t now_ms, bool *at_once,
    struct err *e);
/* [R] Of the running objectives of a runner those with a wish to cancel. */
int store_cancels(struct store *s, const char *runner_id, size_t max, char (*ids)[ID_SIZE],
    size_t *len, struct err *e);

/*
 * [W] A person wants it tried again. A failed one is queued for a new attempt,
 * the best strategy first; one that waits for its next try is due now. from_start:
 * a new generation, so that nothing that stands is taken for its own doing.
 * ERR_INPUT, with what to do instead: any other state, a destroy that failed, a
 * deadline that has passed, something it needs that is gone or being destroyed,
 * or from_start in the middle of an attempt.
 */
int store_retry(struct store *s, const char *id, bool from_start, const char *user, int64_t now_ms,
    struct err *e);

/* What a person knows of a run that is in doubt. */
struct resolution {
	bool happened;
	struct strv resources; /* full ids of what it made; only if it happened */
	cJSON *outputs;        /* field -> value; NULL if none */
};
/*
 * [W] Settles the doubt: resources and outputs become the objective's, the hold is
 * lifted, and the attempt goes on with the next step or does this one anew.
 * ERR_INPUT: it is not held in doubt, a resource belongs to another objective, or
 * an output is none of its plan's.
 */
int store_resolve(struct store *s, const char *id, const struct resolution *r, const char *user,
    int64_t now_ms, struct err *e);

struct destroy_report {
	size_t queued;    /* will be undone by the runner */
	size_t at_once;   /* nothing of them stood: destroyed now */
	size_t cancelled; /* had not begun */
	size_t left;      /* were destroyed, cancelled or being destroyed already */
};
/*
 * [W] A person wants the objectives IDS undone, dependents first. With cascade
 * also everything that depends on them. ERR_INPUT, nothing changed, every reason
 * told: one runs or is queued with an open attempt (cancel it), is held in doubt
 * (resolve it), or a live dependent is not among them (--cascade). What is
 * queued without an open attempt is undone like a failed one if something of it
 * stands.
 */
int store_destroy(struct store *s, const struct strv *ids, bool cascade, const char *user,
    int64_t now_ms, struct destroy_report *report, struct err *e);

/* ---- contracts of MCP tools ---- */

/* The reason of a hold: a tool is not as it was pinned. */
#define HOLD_CONTRACT "contract"

/* [R] All that are pinned, by server and tool; the caller's own. */
int store_contracts(struct store *s, struct contracts *all, struct err *e);
/* [R] ERR_NOT_FOUND: it is not pinned yet. The caller's own. */
int store_contract(
    struct store *s, const char *server, const char *tool, struct contract *c, struct err *e);
/* [W] At the first use of a tool. One that is pinned already stays as it is. */
int store_contract_pin(struct store *s, const struct contract *c, int64_t now_ms, struct err *e);
/*
 * [W] A person trusts the tool as it is now, whatever was pinned (if it is the same,
 * nothing is written); all that is held for it goes on, and *lifted says how many
 * those are.
 */
int store_contract_trust(struct store *s, const struct contract *c, const char *user,
    int64_t now_ms, size_t *lifted, struct err *e);

/* ---- notices ---- */

/*
 * What is to be told to [notify] command. Written with the change that it tells
 * of, delivered at least once, by one process at a time. Of a hold for a
 * dependency nothing is told: the failure behind it was.
 */
struct notice {
	int64_t number;
	char *
	    line; /* JSON, one line: {"event","time","batch","objective","name","capability",...} */
	int tries; /* that failed */
};
/* [R] Up to MAX that are due, oldest first. */
int store_notices(
    struct store *s, int64_t now_ms, size_t max, struct notice **v, size_t *len, struct err *e);
void store_notices_free(struct notice *v, size_t len);
/* [W] It leaves the store. ERR_NOT_FOUND: it is gone already, somebody else has delivered it too. */
int store_notice_done(struct store *s, int64_t number, struct err *e);
/* [W] It could not be delivered; again at not_before_ms. */
int store_notice_failed(struct store *s, int64_t number, int64_t not_before_ms, struct err *e);

/* ---- audit ---- */

/* The audit's chain: see engine/audit.h for the file and the form of a line. */
struct audit_head {
	int64_t number;         /* of the last record; 0: none yet */
	char hash[DIGEST_SIZE]; /* SHA-256 of its line */
	int64_t flushed;        /* all up to this one are in the file, as far as was marked */
	int64_t anchor_number;  /* all up to this one were pruned from the files */
	char anchor_hash[DIGEST_SIZE];
};

struct audit_line {
	int64_t number;
	char *line; /* without the newline */
};

int store_audit_head(struct store *s, struct audit_head *h, struct err *e); /* [R] */
/* [R] Up to MAX lines above NUMBER that are still in the outbox, in order. */
int store_audit_pending(
    struct store *s, int64_t above, size_t max, struct audit_line **v, size_t *len, struct err *e);
void store_audit_free(struct audit_line *v, size_t len);
/* [W] All up to NUMBER are safely in the file: they leave the outbox. */
int store_audit_flushed(struct store *s, int64_t number, struct err *e);
/* [W] All up to NUMBER were pruned from the files; hash is that of record NUMBER. */
int store_audit_anchor(struct store *s, int64_t number, const char *hash, struct err *e);
/*
 * [W] A record that goes with no change of state ("runner.started"). objective_id
 * may be NULL; details is an object or NULL, borrowed.
 */
int store_audit_add(struct store *s, const char *event, const char *objective_id,
    const cJSON *details, int64_t now_ms, struct err *e);

#endif
