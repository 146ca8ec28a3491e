/*
 * How each scope stands: what its objectives hold and have committed. Kept for
 * every value that occurs, limited or not, so that a limit that is set later
 * counts what stands already.
 */
#include "config.h"

#include <string.h>

#include "store/account.h"

#define COLUMNS                                                                         \
	"SELECT s.id, s.name, s.month, s.reserved, s.reserved_units, s.reserved_nanos," \
	" s.committed, s.committed_units, s.committed_nanos, s.actual, s.actual_replaces FROM scopes s"

static const char SQL_NAMED[] = COLUMNS " WHERE s.name = ?1";
static const char SQL_ALL[] = COLUMNS " ORDER BY s.name";
static const char SQL_OF_RESERVATION[] = COLUMNS
    " JOIN reservation_scopes rs ON rs.scope = s.id WHERE rs.reservation = ?1 ORDER BY s.name";
static const char SQL_ADD[] =
    "INSERT INTO scopes (month, reserved, reserved_units, reserved_nanos, committed, committed_units,"
    " committed_nanos, actual, actual_replaces, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char SQL_SAVE[] =
    "UPDATE scopes SET month = ?1, reserved = ?2, reserved_units = ?3, reserved_nanos = ?4, committed = ?5,"
    " committed_units = ?6, committed_nanos = ?7, actual = ?8, actual_replaces = ?9 WHERE id = ?10";
static const char SQL_GRANTED[] =
    "SELECT period, amount FROM grants WHERE scope = ?1 AND until_ms > ?2";

void
scopes_clear(struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->len; i++)
		standing_clear(&scopes->v[i].standing);
	free(scopes->v);
	memset(scopes, 0, sizeof(*scopes));
}

static struct accrual
column_accrual(sqlite3_stmt *stmt, int column)
{
	return (struct accrual){
		.rate = sqlite3_column_int64(stmt, column),
		.units = sqlite3_column_int64(stmt, column + 1),
		.nanos = sqlite3_column_int64(stmt, column + 2),
	};
}

/* What an earlier month had spent is not of this one. */
static void
read_scope(sqlite3_stmt *stmt, int64_t now_ms, struct scope *scope)
{
	memset(scope, 0, sizeof(*scope));
	scope->id = sqlite3_column_int64(stmt, 0);
	scope->standing = (struct standing){
		.scope = column_dup(stmt, 1),
		.month = column_int(stmt, 2),
		.reserved = column_accrual(stmt, 3),
		.committed = column_accrual(stmt, 6),
		.actual = sqlite3_column_int64(stmt, 9),
		.actual_replaces = sqlite3_column_int64(stmt, 10),
	};
	standing_roll(&scope->standing, month_of(now_ms));
}

static struct scope *
scopes_add(struct scopes *scopes)
{
	scopes->v = xrealloc(scopes->v, scopes->len + 1, sizeof(*scopes->v));
	memset(&scopes->v[scopes->len], 0, sizeof(*scopes->v));
	return &scopes->v[scopes->len++];
}

/* What grants add now. */
static int
read_grants(struct store *s, struct standing *standing, int64_t now_ms, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_GRANTED, ARGS(TEXT(standing->scope), INT(now_ms)), e);
	int rc;

	memset(standing->granted, 0, sizeof(standing->granted));
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		enum budget_period period = budget_period_from_name(column_text(stmt, 0));

		if (period == BUDGET_PERIODS)
			return err_set(
			    e, ERR_CORRUPT, "%s: a grant is for no known period", s->path);
		/* More than can be calculated is as much as can be. */
		if (money_add(standing->granted[period], sqlite3_column_int64(stmt, 1),
			&standing->granted[period], NULL) < 0)
			standing->granted[period] = MONEY_MAX;
	}
	return rc;
}

static int
read_named(struct store *s, const char *name, int64_t now_ms, struct scope *scope, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_NAMED, ARGS(TEXT(name)), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 1) {
		read_scope(stmt, now_ms, scope);
	} else {
		scope->standing.scope = xstrdup(name);
		scope->standing.month = month_of(now_ms);
	}
	return read_grants(s, &scope->standing, now_ms, e);
}

int
scopes_read(
    struct store *s, const struct strv *names, int64_t now_ms, struct scopes *scopes, struct err *e)
{
	memset(scopes, 0, sizeof(*scopes));
	for (size_t i = 0; i < names->len; i++)
		if (read_named(s, names->v[i], now_ms, scopes_add(scopes), e) < 0)
			return -1;
	return 0;
}

static int
read_all(struct store *s, const char *sql, const struct arg *args, int64_t now_ms,
    struct scopes *scopes, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	int rc;

	memset(scopes, 0, sizeof(*scopes));
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1)
		read_scope(stmt, now_ms, scopes_add(scopes));
	return rc;
}

int
scopes_of_reservation(
    struct store *s, int64_t reservation, int64_t now_ms, struct scopes *scopes, struct err *e)
{
	return read_all(s, SQL_OF_RESERVATION, ARGS(INT(reservation)), now_ms, scopes, e);
}

int
scope_write(struct store *s, struct scope *scope, struct err *e)
{
	const struct standing *st = &scope->standing;
	struct arg args[] = { INT(st->month), INT(st->reserved.rate), INT(st->reserved.units),
		INT(st->reserved.nanos), INT(st->committed.rate), INT(st->committed.units),
		INT(st->committed.nanos), INT(st->actual), INT(st->actual_replaces), INT(scope->id),
		NO_ARG };

	if (scope->id != 0)
		return sql_run(s, SQL_SAVE, args, e);
	args[COUNT_OF(args) - 2] = (struct arg)TEXT(st->scope);
	if (sql_run(s, SQL_ADD, args, e) < 0)
		return -1;
	scope->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int
store_standing(
    struct store *s, const char *scope, int64_t now_ms, struct standing *st, struct err *e)
{
	struct scope read = { .id = 0 };
	int rc = read_named(s, scope, now_ms, &read, e);

	*st = read.standing;
	return rc;
}

int
store_standings(struct store *s, int64_t now_ms, struct standing **v, size_t *len, struct err *e)
{
	struct scopes scopes;
	int rc;

	*v = NULL;
	*len = 0;
	rc = read_all(s, SQL_ALL, ARGS(NO_ARG), now_ms, &scopes, e);
	*v = xcalloc(scopes.len + 1, sizeof(**v));
	for (size_t i = 0; i < scopes.len; i++) {
		(*v)[i] = scopes.v[i].standing;
		if (rc == 0)
			rc = read_grants(s, &(*v)[i], now_ms, e);
	}
	*len = scopes.len;
	free(scopes.v);
	return LIST_END(rc, v, len, store_standings_free);
}

void
store_standings_free(struct standing *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		standing_clear(&v[i]);
	free(v);
}
