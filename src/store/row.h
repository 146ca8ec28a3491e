/*
 * An objective's changing part. All changes of state go through row_move() and
 * row_save(), which keep tallies, lanes and batches in step with it.
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "base/buf.h"
#include "store/store.h"

struct row {
	int64_t seq, batch_id, lane_id;
	char id[ID_SIZE];
	char *batch, *name;
	enum state state;
	int priority;
	int64_t not_before_ms, deadline_ms;
	int unmet;
	bool ready; /* stands in its lane */
	int64_t revision;
	int generation;
	bool cancel_wanted;
	bool destroying; /* unmet counts those that need it and still are to be destroyed */
	int attempts_past;
	int64_t due_ms;
	char owner[ID_SIZE]; /* "" unless it is running */
	int64_t fence;
	int attempt; /* number of the last one; 0: none yet */
	bool attempt_open;
	bool has_outputs, has_failure, has_instead; /* false: there surely are none */
	int64_t blocked_until_ms;      /* of its lane; 0: it is not blocked */
	enum state was;                /* as in the store */
	bool was_ready;
};

/* How a message names one. */
#define NAMED "%s/%s (%s)"
#define NAMES(r) (r)->batch, (r)->name, id_short((r)->id)

/*
 * The row that the open transaction read or saved last, because one event mostly
 * reads and changes the same row several times. Invariants:
 *
 *  1. row.seq is 0 (it is empty), or ROW is as in the store, but ahead of it while
 *     it is unsaved. Whoever changes an objective or its lane by a statement of its
 *     own, and not by row_save(), forgets or corrects it.
 *  2. Outside of a transaction it is empty.
 *  3. While unsaved it is ahead of the store, though neither in state nor in
 *     readiness. It is written before any other statement runs (sql_start() sees to
 *     that), so that no question misses it, and neither a mark, a release nor a
 *     commit finds it unsaved.
 *  4. A copy that row_get() or row_at() handed out has all of it. So row_save() of
 *     that row writes it too, and row_take_unsaved() says that this will be done.
 */
struct row_cache {
	struct row row;
	bool unsaved;
	int64_t changed_ms; /* when it was, if it is unsaved */
};

void row_clear(struct row *r);
/* ERR_NOT_FOUND if there is none. */
int row_get(struct store *s, const char *id, struct row *r, struct err *e);
int row_at(struct store *s, int64_t seq, struct row *r, struct err *e);
/* The row of a claim that still holds, inside a transaction; ERR_CONFLICT if somebody has taken it over. */
int row_claimed(struct store *s, const struct claim *c, struct row *r, struct err *e);
/* The state that EVENT leads to; ERR_CONFLICT if it may not happen now. Nothing is stored yet. */
int row_move(struct row *r, enum event event, struct err *e);
/* Stores the row under a new revision, and with it tallies, lane and batch. */
int row_save(struct store *s, struct row *r, int64_t now_ms, struct err *e);
/* Its outputs and its failure as stored texts; NULL: none, which costs nothing where there are none. */
int row_set_outputs(struct store *s, struct row *r, const char *outputs, struct err *e);
int row_set_failure(struct store *s, struct row *r, const char *failure, struct err *e);
/* What its machine has instead of what was asked for: see struct objective; NULL: nothing. */
int row_set_instead(struct store *s, struct row *r, const cJSON *instead, struct err *e);
/* The failure of its last attempt becomes its own. */
int row_take_failure(struct store *s, struct row *r, struct err *e);
/* An audit record about it; DETAILS is taken over and may be NULL. */
int row_record(struct store *s, const struct row *r, const char *event, cJSON *details,
    int64_t now_ms, struct err *e);
/* The same, for records that are written often: DETAILS is made by the members below, and is ended here. */
int row_record_members(struct store *s, const struct row *r, const char *event, struct buf *details,
    int64_t now_ms, struct err *e);
/* The token of the next claim; grows over the whole store, so that it also tells who was served last. */
int fence_next(struct store *s, int64_t *fence, struct err *e);

/* ---- the row that is kept (row_cache.c; see struct row_cache) ---- */

/* True: R is a copy of it. */
bool row_cache_get(const struct store *s, const char *id, struct row *r);
bool row_cache_at(const struct store *s, int64_t seq, struct row *r);
/* R is as in the store. */
void row_cache_keep(struct store *s, const struct row *r);
/* Outputs or failure of R were set or removed. */
void row_cache_texts(struct store *s, const struct row *r);
/* It was changed otherwise; it must not be unsaved. */
void row_cache_forget(struct store *s);
/* The transaction, or what stands behind the mark, is undone: an unsaved row with it. */
void row_cache_drop(struct store *s);
/* Writes it if it is unsaved. If that fails, the transaction is lost. */
int row_cache_flush(struct store *s, struct err *e);
/*
 * Like row_save() where neither state nor readiness changed, but not before the
 * next statement, whichever: where another verb changes the row first, one
 * writing does for both.
 */
void row_save_later(struct store *s, const struct row *r, int64_t now_ms);
/*
 * R is a copy of it, and will be saved: it need not be written before. From here
 * on only an error that makes the caller revert may keep R from being saved.
 */
void row_take_unsaved(struct store *s, const struct row *r);

#endif
