/*
 * Inside the store: what its files share and nobody else may include. Rows of
 * objectives are in row.h, statements in sqlite.h.
 *
 * Unless told otherwise a function returns 0, or -1 and an error; what it hands
 * out is the caller's own; times are ms since 1970.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include <sqlite3.h>
#include <sys/types.h>

#include "base/buf.h"
#include "store/row.h"
#include "store/sqlite.h"
#include "store/store.h"

#define STORE_APPLICATION_ID 0x50757273 /* "Purs", in the header of purser.db */

/* The end of the audit's chain as it is in the open transaction. */
struct chain {
	bool loaded, dirty;
	struct audit_head head;
};

/*
 * How many objectives came to a state or left it in the open transaction, where
 * the tallies do not say so yet: by batch. Those of all are the sums.
 */
#define TALLIES_MAX 8
struct tallies {
	size_t len;
	struct {
		int64_t batch_id, n[STATES];
	} v[TALLIES_MAX];
};

/* A batch that may have nothing queued or running any more once the transaction is whole. */
struct quieted {
	int64_t batch_id, now_ms;
};

/* What the open transaction still has to write at its commit. */
struct pending {
	struct chain chain;
	struct tallies tallies;
	size_t n_quiet; /* batches in "quiet": of each, something has ended */
};

/* What the open transaction has found out, and so need not ask again. */
struct seen {
	struct row_cache cache;
	char registered[ID_SIZE]; /* a runner that is; "": none */
	bool none_passed_over;    /* no lane is */
};

/*
 * What is in memory of an open transaction goes with what is in the database:
 *
 *			store_mark()	store_revert()		commit, rollback
 *	pending		is kept		as at the mark		written, dropped
 *	quiet		stays		cut to pending.n_quiet	emptied
 *	seen		is written*	forgotten		written*, forgotten
 *	lost		-		stays			cleared
 *
 * (*: only an unsaved row has something to write.) What is added to quiet behind a
 * mark never changes what stands before it.
 */
struct store {
	sqlite3 *db;
	char *folder; /* absolute */
	char *path;   /* of purser.db */
	enum store_mode mode;
	dev_t dev; /* of the file that was opened */
	ino_t ino;
	bool tuned; /* SQLite keeps what savepoints need in large pieces */
	int lock;   /* checkpoint.lock; -1 for readers */
	int schema;
	char id[ID_SIZE];
	struct statement statements[STORE_STATEMENTS_MAX];
	bool begun; /* between store_begin() and its end */
	bool marked;
	int reading;       /* depth of read_begin() */
	struct err lost;   /* why SQLite gave the open transaction up; ERR_NONE: it did not */
	struct err broken; /* why nothing may be written until store_reopen() */
	int64_t wal_bytes; /* of the write-ahead log after the last commit */
	struct pending pending, at_mark;
	struct seen seen;
	struct quieted *quiet;
	size_t cap_quiet;
	unsigned notices; /* kinds that are wanted, as bits 1 << kind */
};

/* ---- transactions (transaction.c) ---- */

/* A read waits so long while another process recovers the log after a kill. */
#define READ_WAIT_MS 2000

/* The open transaction is there and may still be written in. */
int writing(struct store *s, struct err *e);
/* One snapshot for several reads; inside a transaction they do nothing. */
int read_begin(struct store *s, struct err *e);
void read_end(struct store *s);
/* Waits at most timeout_ms for the lock of checkpoints in the given mode (LOCK_SH or LOCK_EX). */
int lock_wait(struct store *s, int mode, int64_t timeout_ms, struct err *e);
void lock_free(struct store *s);
int64_t monotonic_ms(void);

/* ---- faults that tests ask for (fault.c) ---- */

/*
 * In programs built with --enable-failpoints only. PURSER_STORE_FAULT="N:KIND"
 * makes one call of this process fail, the first of the store being number 1:
 *
 *	busy, full, error	the N-th statement or commit, as if another process
 *				wrote, the disk were full, or it gave an error (an
 *				error of a commit is uncertain); it has no effect
 *	uncertain		the N-th commit (only these count), not written
 *	uncertain-written	the N-th commit, written all the same
 *
 * A rollback never fails. The failpoint "store-fault" is passed when it strikes,
 * so that PURSER_FAILPOINT_LOG tells a script when N is past the last call.
 */
enum fault { FAULT_NONE, FAULT_BUSY, FAULT_FULL, FAULT_ERROR, FAULT_UNCERTAIN, FAULT_WRITTEN };
#ifdef WITH_FAILPOINTS
enum fault fault_of_statement(const char *sql);
enum fault fault_of_commit(void);
#else
static inline enum fault
fault_of_statement(const char *sql)
{
	(void)sql;
	return FAULT_NONE;
}
static inline enum fault
fault_of_commit(void)
{
	return FAULT_NONE;
}
#endif

/* ---- the schema (schema.c) ---- */

/* Brings a new or older store to this program's schema; fills in schema and id. */
int schema_prepare(struct store *s, struct err *e);

/* ---- audit (outbox.c) ---- */

/* The members of a JSON object one after the other, as json_add_str() and its like; a NULL is left out. */
void member_str(struct buf *object, const char *key, const char *value);
void member_int(struct buf *object, const char *key, int64_t value);
void member_text(struct buf *object, const char *key, const char *json); /* JSON as it is */
#define MEMBERS_INIT BUF_INIT(4u * 1024 * 1024)

/* Adds a record to the chain. DETAILS is the text of a JSON object or NULL; ids and names may be NULL. */
int audit_write(struct store *s, int64_t now_ms, const char *event, const char *objective_id,
    const char *batch, const char *name, const char *details, struct err *e);
int chain_save(struct store *s, struct err *e);

/* ---- lanes (lane.c) ---- */

/*
 * R, which has its new state and fence, came to stand ready in its lane (READY 1),
 * left it (-1) or neither (0), and began (RUNNING 1) or ceased (-1) to run: the
 * lane's counts, and where readiness changed the heads of lane and batch. What
 * begins to run serves both: their next turn comes after all others of the same
 * priority. For row_save() only.
 */
int lane_change(struct store *s, const struct row *r, int ready, int running, struct err *e);
/*
 * The head of a batch anew, after lanes of it were blocked or freed. Whoever blocks
 * or frees lanes also forgets the row that is kept, which knows of its lane.
 */
int lane_batch_head(struct store *s, int64_t batch_id, struct err *e);

/* ---- tallies (count.c) ---- */

/* N objectives more in this state. */
int tally_add(struct store *s, int64_t batch_id, enum state state, int n, struct err *e);
/* Writes what was added up; who reads tallies inside a transaction calls it first. */
int tally_save(struct store *s, struct err *e);

/* ---- batches (find.c) ---- */

/* The newest batch of that name (a live one is always the newest); ERR_NOT_FOUND. */
int batch_find(struct store *s, const char *name, int64_t *id, struct err *e);

/* ---- limits and throttling (throttle.c) ---- */

/* ERR_LIMIT if as many are running as may. */
int
limit_check(struct store *s, const struct row *r, const struct claim_limits *limits, struct err *e);
/* Something has left running: lanes that were passed over get their turn. */
int limit_release(struct store *s, struct err *e);

/* ---- holds and dependencies (hold.c, dependency.c) ---- */

/*
 * One more hold of a row, which is held from then on; another detail of a hold that it has. Saves the
 * row. FAILURE: the signed one that it is held for; NULL: there is none.
 */
int hold_add(struct store *s, struct row *r, const char *reason, const char *detail,
    const cJSON *failure, int64_t now_ms, struct err *e);
/* Removes one; with the last one a held row is queued again. USER may be NULL. Saves the row. */
int hold_remove(struct store *s, struct row *r, const char *reason, const char *user,
    int64_t now_ms, struct err *e);
/* R begins a new attempt: whatever holds it from then on is to be told of. */
int hold_told_none(struct store *s, const struct row *r, struct err *e);
/* Whether it is held for this reason. */
int hold_exists(struct store *s, int64_t seq, const char *reason, bool *exists, struct err *e);
/* Removes all; of a row that is not held any more. For row_save() only. */
int hold_clear(struct store *s, int64_t seq, struct err *e);
/* R has succeeded: those that need it have one less to wait for, and whom only its failure held is queued. */
int dependency_met(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
/* R failed, was cancelled, or is held for one that did: what needs it is held. */
int dependency_failed(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
/* The same backward. How many that need SEQ are still to be destroyed: its unmet while it is so itself. */
int dependency_count_undoing(struct store *s, int64_t seq, int *count, struct err *e);
/* R is destroyed: what it needs may be. */
int dependency_undone(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
/* R could not be destroyed, or waits for one that could not: what it needs is held. */
int dependency_undo_failed(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
/* Holds R, which is to be destroyed, if one that needs it could not be. */
int dependency_undo_wait(struct store *s, const struct row *r, int64_t now_ms, struct err *e);

/* R is held because this tool is not as it was pinned: so that whoever trusts it finds R. (contract.c) */
int contract_hold_note(
    struct store *s, const struct row *r, const char *server, const char *tool, struct err *e);

/* ---- the history of failures (history.c; store/history.h) ---- */

/*
 * failure_to_json() of what befell R, with its "signature"; NULL if F is not set. The
 * caller's own.
 */
int history_sign(
    struct store *s, const struct row *r, const struct failure *f, cJSON **json, struct err *e);
/* A signed failure befell R, in step STEP of its last attempt. */
int history_note(struct store *s, const struct row *r, int step, const cJSON *failure,
    int64_t now_ms, struct err *e);
/* The same of what ended the attempt, which mostly was noted when it happened. */
int history_note_end(
    struct store *s, const struct row *r, const cJSON *failure, int64_t now_ms, struct err *e);
/* A person has told what became of what is open of R. */
int history_note_person(struct store *s, const struct row *r, const char *user, struct err *e);
/* The open attempt of R has come to this step: what befell those before it is resolved. */
int history_pass(struct store *s, const struct row *r, int step, int64_t now_ms, struct err *e);
/* R has ended so, and with it what befell it; a success resolves it. */
int history_end(
    struct store *s, const struct row *r, enum event event, int64_t now_ms, struct err *e);

/* ---- ends of objectives (move.c) ---- */

/* Fails or cancels one that is not running, with its open attempt, and tells its dependents. DETAILS is taken over. */
int
row_fail(struct store *s, struct row *r, const struct failure *f, int64_t now_ms, struct err *e);
int row_cancel(struct store *s, struct row *r, cJSON *details, int64_t now_ms, struct err *e);
/* An end of whatever kind: the attempt's too, and of what waited for it. DETAILS is taken over. */
int row_end(struct store *s, struct row *r, enum event event, cJSON *details, int64_t now_ms,
    struct err *e);
/* Whether anything of the open attempt stands, or may: then only an undo may end it. */
int row_has_acted(struct store *s, const struct row *r, bool *acted, struct err *e);
/* A person wants it undone: the open attempt will be. ERR_INPUT: it is in doubt. */
int
row_want_cancel(struct store *s, struct row *r, const char *user, int64_t now_ms, struct err *e);
/* {"user"}; the caller's own. */
cJSON *user_details(const char *user);

/* ---- destroying (destroy.c) ---- */

/* One undoing attempt of a claimed one is over: the next one, or the end. */
int destroy_go_on(struct store *s, struct row *r, int64_t now_ms, struct err *e);

/* ---- resources (resource.c) ---- */

/* How many stand, live or orphaned. */
int resource_count(struct store *s, int64_t objective, int64_t *standing, struct err *e);
/*
 * What still stands of it, live or orphaned, for a message: "/r/1 (it is locked),
 * /r/2 and 3 more". *text is the caller's own; NULL if nothing stands.
 */
int resource_leftovers(struct store *s, int64_t objective, char **text, struct err *e);
/* As store_resource_add(), for a row that is not claimed. */
int
resource_insert(struct store *s, const struct row *r, const struct resource *res, struct err *e);
/* Orphaned ones are live again: they will be undone once more. */
int resource_reclaim(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
/* As store_outputs_add(), for a row that is not claimed: the same name again replaces what there was. */
int outputs_add(struct store *s, struct row *r, const cJSON *outputs, struct err *e);

/* ---- notices (notice.c) ---- */

static inline bool
notice_wanted(const struct store *s, enum notice_kind kind)
{
	return (s->notices & 1u << kind) != 0;
}
/* One about an objective, if its kind is wanted. DETAILS (a JSON object, borrowed, may be NULL) is added to it. */
int notice_write(struct store *s, enum notice_kind kind, const struct row *r, const cJSON *details,
    int64_t now_ms, struct err *e);
/* Something of this batch is neither queued nor running any more. */
void notice_quieted(struct store *s, int64_t batch_id, int64_t now_ms);
/* Before the commit: of each such batch that has come to rest. */
int notice_batches(struct store *s, struct err *e);

/*
 * The same for a limit: DETAILS (a JSON object, borrowed) is all that is told of
 * it. (notice.c)
 */
int notice_budget(struct store *s, const cJSON *details, int64_t now_ms, struct err *e);

/* ---- attempts (attempt.c) ---- */

/* A new one with its plan; DIGEST becomes that of the plan. The row is the caller's to save. */
int attempt_insert(struct store *s, const struct row *r, const struct attempt *a,
    const struct plan *plan, int64_t now_ms, char digest[static DIGEST_SIZE], struct err *e);
/* The row's last one has ended now; nothing if it had before. The row is the caller's to save. */
int attempt_close(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
/* As store_attempt_save(), of a row that the caller has read. */
int attempt_store(
    struct store *s, struct row *r, const struct attempt *a, int64_t now_ms, struct err *e);
/* Opens an attempt that undoes attempt NUMBER; the row is the caller's to save. */
int attempt_undo(struct store *s, struct row *r, int number, int64_t now_ms, struct err *e);
/* The attempt that the last one undoes; 0: its own. */
int attempt_undone(struct store *s, const struct row *r, int *number, struct err *e);
/* The phase of the row's last attempt; ERR_CORRUPT if there is none. */
int attempt_phase(struct store *s, const struct row *r, enum phase *phase, struct err *e);
#endif
