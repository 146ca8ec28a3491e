/*
 * Statements: prepared once and kept, values always bound, SQLite's codes
 * turned into kinds of error that say what may be done.
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

static bool
is_disk_full(int sys)
{
	/* EFBIG is what a limit on the size of files gives. */
	return sys == ENOSPC || sys == EDQUOT || sys == EFBIG;
}

/* SQLite does not carry errno out of a failed COMMIT; the file that failed still knows it. */
static int
errno_of_files(struct store *s)
{
	int sys = sqlite3_system_errno(s->db);
	sqlite3_file *log = NULL;

	if (sys == 0 &&
	    sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
	    log != NULL && log->pMethods != NULL)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &sys);
	if (sys == 0)
		sqlite3_file_control(s->db, "main", SQLITE_FCNTL_LAST_ERRNO, &sys);
	return sys;
}

static int
corrupt(struct store *s, const char *why, struct err *e)
{
	return err_set(e, ERR_CORRUPT,
	    "%s is damaged (%s): nothing may go on with it; \"purser doctor --set-aside\" moves it away",
	    s->path, why);
}

int
sql_fault(struct store *s, int rc, const char *what, struct err *e)
{
	int sys = (rc & 0xff) == SQLITE_IOERR ? errno_of_files(s) : sqlite3_system_errno(s->db);
	const char *why = sqlite3_errmsg(s->db);

	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		abort();
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return err_set(e, ERR_BUSY, "%s: %s: another process is using it", s->path, what);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return corrupt(s, why, e);
	case SQLITE_FULL:
		return err_set(e, ERR_FULL, "%s: %s: the disk is full", s->path, what);
	case SQLITE_CONSTRAINT:
		return err_set(e, ERR_CONFLICT, "%s: %s: %s", s->path, what, why);
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_CORRUPTFS || rc == SQLITE_IOERR_DATA)
			return corrupt(s, why, e);
		if (is_disk_full(sys))
			return err_set(e, ERR_FULL, "%s: %s: %s", s->path, what, strerror(sys));
		break;
	default:
		break;
	}
	if (sys != 0)
		return err_set(e, ERR_SYSTEM, "%s: %s: %s (%s)", s->path, what, why, strerror(sys));
	return err_set(e, ERR_SYSTEM, "%s: %s: %s", s->path, what, why);
}

/* Some errors make SQLite roll back by itself: what follows must not run outside of a transaction unnoticed. */
static int
fault_in_step(struct store *s, int rc, struct err *e)
{
	struct err local;

	if (e == NULL)
		e = &local;
	sql_fault(s, rc, s->begun ? "write" : "read", e);
	if (s->begun && s->lost.kind == ERR_NONE && sqlite3_get_autocommit(s->db))
		s->lost = *e;
	return -1;
}

static struct statement *
find_slot(struct store *s, const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * 2654435761u % STORE_STATEMENTS_MAX;

	for (size_t tries = 0; tries < STORE_STATEMENTS_MAX; tries++) {
		struct statement *slot = &s->statements[(i + tries) % STORE_STATEMENTS_MAX];

		if (slot->sql == NULL || slot->sql == sql)
			return slot;
	}
	abort(); /* more statements than slots: STORE_STATEMENTS_MAX is too small */
}

static void
bind(sqlite3_stmt *stmt, const struct arg *args)
{
	int rc = SQLITE_OK;

	for (int i = 0; args[i].type != ARG_END; i++) {
		if (args[i].type == ARG_INT)
			rc = sqlite3_bind_int64(stmt, i + 1, args[i].number);
		else if (args[i].text == NULL)
			rc = sqlite3_bind_null(stmt, i + 1);
		else
			rc = sqlite3_bind_text(stmt, i + 1, args[i].text, -1, SQLITE_STATIC);
		assert(rc == SQLITE_OK);
	}
}

/* As SQLite would say it. */
static const int fault_codes[] = {
	[FAULT_BUSY] = SQLITE_BUSY,
	[FAULT_FULL] = SQLITE_FULL,
	[FAULT_ERROR] = SQLITE_IOERR,
};

sqlite3_stmt *
sql_start(struct store *s, const char *sql, const struct arg *args, struct err *e)
{
	struct statement *slot;
	enum fault fault;

	if (s->seen.cache.unsaved && row_cache_flush(s, e) < 0)
		return NULL;
	slot = find_slot(s, sql);
	fault = fault_of_statement(sql);
	if (fault != FAULT_NONE) {
		fault_in_step(s, fault_codes[fault], e);
		return NULL;
	}
	if (slot->sql == NULL) {
		int rc = sqlite3_prepare_v3(
		    s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt, NULL);

		if (rc != SQLITE_OK) {
			fault_in_step(s, rc, e);
			return NULL;
		}
		slot->sql = sql;
	}
	assert(!sqlite3_stmt_busy(slot->stmt));
	bind(slot->stmt, args);
	return slot->stmt;
}

int
sql_step(struct store *s, sqlite3_stmt *stmt, struct err *e)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return fault_in_step(s, rc, e);
}

int
sql_run(struct store *s, const char *sql, const struct arg *args, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc;

	if (stmt == NULL)
		return -1;
	do
		rc = sql_step(s, stmt, e);
	while (rc == 1);
	return rc;
}

int
sql_number(struct store *s, const char *sql, const struct arg *args, int64_t fallback, int64_t *out,
    struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc;

	*out = fallback;
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 1 && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(stmt, 0);
	return 0;
}

int
sql_numbers(struct store *s, const char *sql, const struct arg *args, int64_t **v, size_t *len,
    struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	AUTO_FREE int64_t *list = NULL;
	size_t n = 0, cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		list = xgrow(list, n, &cap, sizeof(*list));
		list[n++] = sqlite3_column_int64(stmt, 0);
	}
	if (rc < 0)
		return -1;
	*v = take(list);
	*len = n;
	return 0;
}

int
sql_ids(struct store *s, const char *sql, const struct arg *args, size_t max, char (*ids)[ID_SIZE],
    size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc = 0;

	*len = 0;
	if (stmt == NULL)
		return -1;
	while (*len < max && (rc = sql_step(s, stmt, e)) == 1)
		column_id(stmt, 0, ids[(*len)++]);
	return rc < 0 ? -1 : 0;
}

void
sql_forget(struct store *s)
{
	for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++)
		sqlite3_finalize(s->statements[i].stmt);
	memset(s->statements, 0, sizeof(s->statements));
}

const char *
column_text(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

char *
column_dup(sqlite3_stmt *stmt, int column)
{
	return xstrdup(column_text(stmt, column));
}

static void
column_copy(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const char *text = column_text(stmt, column);
	size_t len = text == NULL ? 0 : strnlen(text, size - 1);

	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
}

void
column_id(sqlite3_stmt *stmt, int column, char out[static ID_SIZE])
{
	column_copy(stmt, column, out, ID_SIZE);
}

void
column_digest(sqlite3_stmt *stmt, int column, char out[static DIGEST_SIZE])
{
	column_copy(stmt, column, out, DIGEST_SIZE);
}

int
column_int(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_int(stmt, column);
}

int
column_json(sqlite3_stmt *stmt, int column, cJSON **out, struct err *e)
{
	const char *text = column_text(stmt, column);

	*out = NULL;
	if (text == NULL)
		return 0;
	*out = cJSON_ParseWithLength(text, (size_t)sqlite3_column_bytes(stmt, column));
	if (*out == NULL)
		return err_set(e, ERR_CORRUPT, "purser.db: a stored text is no JSON: %.60s", text);
	return 0;
}

int
column_strv(sqlite3_stmt *stmt, int column, struct strv *out, struct err *e)
{
	AUTO_JSON cJSON *array = NULL;

	if (column_json(stmt, column, &array, e) < 0)
		return -1;
	if (array != NULL)
		json_get_strv(array, out);
	return 0;
}

char *
text_of_json(const cJSON *value)
{
	return value == NULL ? NULL : json_text(value);
}

char *
text_of_strv(const struct strv *list)
{
	AUTO_JSON cJSON *array = NULL;

	if (list->len == 0)
		return NULL;
	array = cJSON_CreateArray();
	for (size_t i = 0; i < list->len; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->v[i]));
	return json_text(array);
}

char *
text_folded(const char *text)
{
	char *folded = xstrdup(text == NULL ? "" : text);

	for (char *p = folded; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return folded;
}
