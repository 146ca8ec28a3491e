/*
 * Inside the store: what its files share and nobody else may include. A row is
 * an objective's changing part; all changes of state go through row_move() and
 * row_save(), which keep tallies, lanes and batches in step with it.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/store.h"

#define STORE_APPLICATION_ID 0x50757273 /* "Purs", in the header of purser.db */
#define STORE_STATEMENTS_MAX \
	256 /* slots of the cache; a power of two well above the number of statements */

/* The end of the audit's chain as it is in the open transaction. */
struct chain {
	bool loaded, dirty;
	struct audit_head head;
};

struct statement {
	const char *sql; /* the constant's address is the key */
	sqlite3_stmt *stmt;
};

struct store {
	sqlite3 *db;
	char *folder; /* absolute */
	char *path;   /* of purser.db */
	enum store_mode mode;
	dev_t dev; /* of the file that was opened */
	ino_t ino;
	int lock; /* checkpoint.lock; -1 for readers */
	int schema;
	char id[ID_SIZE];
	struct statement statements[STORE_STATEMENTS_MAX];
	bool begun; /* between store_begin() and its end */
	bool marked;
	int reading;       /* depth of read_begin() */
	struct err lost;   /* why SQLite gave the open transaction up; ERR_NONE: it did not */
	struct err broken; /* why nothing may be written until store_reopen() */
	int64_t wal_bytes; /* of the write-ahead log after the last commit */
	struct chain chain, chain_at_mark;
};

/* ---- statements (sqlite.c) ---- */

/* One value to bind. */
struct arg {
	enum { ARG_END, ARG_INT, ARG_TEXT } type;
	int64_t number;
	const char *text; /* NULL binds NULL; must live until the statement ends */
};
#define INT(value)                                 \
	{                                          \
		.type = ARG_INT, .number = (value) \
	}
#define TEXT(value)                               \
	{                                         \
		.type = ARG_TEXT, .text = (value) \
	}
#define NO_ARG                  \
	{                       \
		.type = ARG_END \
	}
#define ARGS(...) ((const struct arg[]){ __VA_ARGS__, { .type = ARG_END } })

/*
 * The statement of this constant, prepared once, with the values bound; not yet
 * stepped. It may not be in use already: gather rows before acting on them.
 * NULL and an error.
 */
sqlite3_stmt *sql_start(struct store *s, const char *sql, const struct arg *args, struct err *e);
/* 1: a row; 0: the end; -1 and an error. */
int sql_step(struct store *s, sqlite3_stmt *stmt, struct err *e);
/* To the end, whatever rows there are. */
int sql_run(struct store *s, const char *sql, const struct arg *args, struct err *e);
/* The first column of the first row as a number; FALLBACK if there is no row or it is NULL. */
int sql_number(struct store *s, const char *sql, const struct arg *args, int64_t fallback,
    int64_t *out, struct err *e);
/* The first column of all rows. The vector is the caller's own. */
int sql_numbers(struct store *s, const char *sql, const struct arg *args, int64_t **v, size_t *len,
    struct err *e);
/* The first column of up to MAX rows as ids. */
int sql_ids(struct store *s, const char *sql, const struct arg *args, size_t max,
    char (*ids)[ID_SIZE], size_t *len, struct err *e);
/* The message for the last error of the connection. Always -1. */
int sql_fault(struct store *s, int rc, const char *what, struct err *e);
void sql_forget(struct store *s); /* finalizes all */

static inline void
stmt_end(sqlite3_stmt **stmt)
{
	if (*stmt != NULL)
		sqlite3_reset(*stmt);
}
/* A local statement that is reset when it goes out of scope. */
#define AUTO_STMT CLEANUP(stmt_end) sqlite3_stmt *

/* Columns: text is borrowed until the next step. */
const char *column_text(sqlite3_stmt *stmt, int column);
char *column_dup(sqlite3_stmt *stmt, int column); /* NULL for NULL */
void column_id(sqlite3_stmt *stmt, int column, char out[static ID_SIZE]);
void column_digest(sqlite3_stmt *stmt, int column, char out[static DIGEST_SIZE]);
int column_int(sqlite3_stmt *stmt, int column);
/* Stored JSON; *out NULL for NULL. ERR_CORRUPT if it is none. */
int column_json(sqlite3_stmt *stmt, int column, cJSON **out, struct err *e);
/* A stored array of strings. */
int column_strv(sqlite3_stmt *stmt, int column, struct strv *out, struct err *e);
/* Text to store; NULL for NULL. The caller's own. */
char *text_of_json(const cJSON *value);
char *text_of_strv(const struct strv *list);

/* ---- transactions (transaction.c) ---- */

/* The open transaction is there and may still be written in. */
int writing(struct store *s, struct err *e);
/* One snapshot for several reads; inside a transaction they do nothing. */
int read_begin(struct store *s, struct err *e);
void read_end(struct store *s);
/* Waits at most timeout_ms for the lock of checkpoints in the given mode (LOCK_SH or LOCK_EX). */
int lock_wait(struct store *s, int mode, int64_t timeout_ms, struct err *e);
void lock_free(struct store *s);
int64_t monotonic_ms(void);

/* ---- the schema (schema.c) ---- */

/* Brings a new or older store to this program's schema; fills in schema and id. */
int schema_prepare(struct store *s, struct err *e);

/* ---- audit (outbox.c) ---- */

/* Adds a record to the chain. DETAILS is the text of a JSON object or NULL; ids and names may be NULL. */
int audit_write(struct store *s, int64_t now_ms, const char *event, const char *objective_id,
    const char *batch, const char *name, const char *details, struct err *e);
int chain_save(struct store *s, struct err *e);

/* ---- rows of objectives (row.c) ---- */

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
	char owner[ID_SIZE]; /* "" unless it is running */
	int64_t fence;
	int attempt; /* number of the last one; 0: none yet */
	bool attempt_open;
	enum state was; /* as in the store */
	bool was_ready;
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
/* The same where neither state nor readiness nor owner changed: cheaper. */
int row_touch(struct store *s, struct row *r, int64_t now_ms, struct err *e);
/* An audit record about it; DETAILS is taken over and may be NULL. */
int row_record(struct store *s, const struct row *r, const char *event, cJSON *details,
    int64_t now_ms, struct err *e);
/* The token of the next claim; grows over the whole store, so that it also tells who was served last. */
int fence_next(struct store *s, int64_t *fence, struct err *e);

/* ---- lanes (lane.c) ---- */

/* Counts that change, and the heads of lane and batch where readiness changed. */
int lane_change(struct store *s, const struct row *r, int ready, int running, struct err *e);
int lane_served(struct store *s, const struct row *r, struct err *e);

/* ---- holds and dependencies (hold.c, dependency.c) ---- */

int hold_add(struct store *s, struct row *r, const char *reason, const char *detail, int64_t now_ms,
    struct err *e);
/* Removes one; with the last one a held row is queued again. USER may be NULL. Saves the row. */
int hold_remove(struct store *s, struct row *r, const char *reason, const char *user,
    int64_t now_ms, struct err *e);
int hold_exists(struct store *s, int64_t seq, const char *reason, bool *exists, struct err *e);
int hold_clear(struct store *s, int64_t seq, struct err *e);
int dependency_met(struct store *s, const struct row *r, int64_t now_ms, struct err *e);
int dependency_failed(struct store *s, const struct row *r, int64_t now_ms, struct err *e);

/* ---- ends of objectives (move.c) ---- */

/* Fails or cancels one that is not running, with its open attempt, and tells its dependents. DETAILS is taken over. */
int
row_fail(struct store *s, struct row *r, const struct failure *f, int64_t now_ms, struct err *e);
int row_cancel(struct store *s, struct row *r, cJSON *details, int64_t now_ms, struct err *e);

/* ---- attempts (attempt.c) ---- */

int attempt_insert(struct store *s, const struct row *r, const struct attempt *a,
    const struct plan *plan, int64_t now_ms, char digest[static DIGEST_SIZE], struct err *e);
int attempt_close(struct store *s, const struct row *r, int64_t now_ms, struct err *e);

/* The newest batch of that name (a live one is always the newest); ERR_NOT_FOUND. */
int batch_find(struct store *s, const char *name, int64_t *id, struct err *e);

#endif
