/*
 * Statements and their columns. Each statement is a constant, prepared once; values
 * are always bound.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strv.h"

struct store;

/* Slots of the cache; a power of two well above the number of statements. */
#define STORE_STATEMENTS_MAX 512

struct statement {
	const char *sql; /* the constant's address is the key */
	sqlite3_stmt *stmt;
};

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
/*
 * How a reader of a list ends: 0, or of a failure -1 and nothing of the list. RC: what
 * sql_step(), or reading a row, answered last.
 */
#define LIST_END(rc, v, len, list_free) \
	((rc) >= 0 ? 0 : (list_free(*(v), *(len)), *(v) = NULL, *(len) = 0, -1))
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
/* In lower case, as Azure compares names; "" for NULL. The caller's own. */
char *text_folded(const char *text);

#endif
