/* Holds: an objective is held if and only if it has one; each goes by its own event. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "store/backend.h"

static const char SQL_ADD[] =
    "INSERT INTO holds (objective, reason, detail, since_ms) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (objective, reason) DO UPDATE SET detail = excluded.detail";
static const char SQL_TELL[] = "UPDATE objectives SET told = told || ?2 || ' ' WHERE seq = ?1"
			       " AND told NOT LIKE '%' || ?2 || '%'";
static const char SQL_TOLD_NONE[] = "UPDATE objectives SET told = '' WHERE seq = ?1 AND told <> ''";
static const char SQL_REMOVE[] = "DELETE FROM holds WHERE objective = ?1 AND reason = ?2";
static const char SQL_CLEAR[] = "DELETE FROM holds WHERE objective = ?1";
static const char SQL_LEFT[] = "SELECT count(*) FROM holds WHERE objective = ?1";
static const char SQL_EXISTS[] = "SELECT count(*) FROM holds WHERE objective = ?1 AND reason = ?2";
static const char SQL_LIST[] =
    "SELECT h.reason, h.detail, h.since_ms FROM holds h"
    " JOIN objectives o ON o.seq = h.objective WHERE o.id = ?1 ORDER BY h.since_ms, h.reason";

/*
 * The failure that a dependency waits for was told of; a whole graph behind it
 * says nothing new. And what waits for money is decided anew with each change of
 * prices, which says nothing new either.
 */
static int
is_news(struct store *s, const struct row *r, const char *reason, bool *news, struct err *e)
{
	*news = strcmp(reason, "dependency") != 0;
	if (strcmp(reason, "approval") != 0 && strcmp(reason, "budget") != 0 &&
	    strcmp(reason, "unpriced") != 0)
		return 0;
	if (sql_run(s, SQL_TELL, ARGS(INT(r->seq), TEXT(reason)), e) < 0)
		return -1;
	*news = sqlite3_changes(s->db) > 0;
	return 0;
}

int
hold_told_none(struct store *s, const struct row *r, struct err *e)
{
	return sql_run(s, SQL_TOLD_NONE, ARGS(INT(r->seq)), e);
}

int
hold_add(struct store *s, struct row *r, const char *reason, const char *detail,
    const cJSON *failure, int64_t now_ms, struct err *e)
{
	cJSON *details;
	bool news;

	if (r->state != STATE_HELD && row_move(r, EVENT_HOLD, e) < 0)
		return -1;
	if (sql_run(s, SQL_ADD, ARGS(INT(r->seq), TEXT(reason), TEXT(detail), INT(now_ms)), e) <
		0 ||
	    row_save(s, r, now_ms, e) < 0)
		return -1;
	details = cJSON_CreateObject();
	json_add_str(details, "reason", reason);
	json_add_str(details, "detail", detail);
	if (failure != NULL)
		cJSON_AddItemToObject(details, "failure", cJSON_Duplicate(failure, true));
	if (is_news(s, r, reason, &news, e) < 0 ||
	    (news && notice_write(s, NOTICE_HELD, r, details, now_ms, e) < 0)) {
		cJSON_Delete(details);
		return -1;
	}
	return row_record(s, r, "objective.held", details, now_ms, e);
}

int
hold_remove(struct store *s, struct row *r, const char *reason, const char *user, int64_t now_ms,
    struct err *e)
{
	int64_t left;
	cJSON *details;

	if (sql_run(s, SQL_REMOVE, ARGS(INT(r->seq), TEXT(reason)), e) < 0 ||
	    sql_number(s, SQL_LEFT, ARGS(INT(r->seq)), 0, &left, e) < 0)
		return -1;
	if (left == 0 && r->state == STATE_HELD && row_move(r, EVENT_LIFT, e) < 0)
		return -1;
	if (row_save(s, r, now_ms, e) < 0)
		return -1;
	details = cJSON_CreateObject();
	json_add_str(details, "reason", reason);
	json_add_str(details, "user", user);
	return row_record(s, r, "objective.lifted", details, now_ms, e);
}

int
hold_exists(struct store *s, int64_t seq, const char *reason, bool *exists, struct err *e)
{
	int64_t n;

	if (sql_number(s, SQL_EXISTS, ARGS(INT(seq), TEXT(reason)), 0, &n, e) < 0)
		return -1;
	*exists = n > 0;
	return 0;
}

int
hold_clear(struct store *s, int64_t seq, struct err *e)
{
	return sql_run(s, SQL_CLEAR, ARGS(INT(seq)), e);
}

int
store_hold_lift(struct store *s, const char *id, const char *reason, const char *user,
    int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	bool exists;

	if (writing(s, e) < 0 || row_get(s, id, &r, e) < 0 ||
	    hold_exists(s, r.seq, reason, &exists, e) < 0)
		return -1;
	if (!exists)
		return err_set(e, ERR_NOT_FOUND, NAMED " is not held for %s", NAMES(&r), reason);
	return hold_remove(s, &r, reason, user, now_ms, e);
}

int
store_holds(struct store *s, const char *id, struct hold **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(TEXT(id)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		(*v)[(*len)++] = (struct hold){
			.reason = column_dup(stmt, 0),
			.detail = column_dup(stmt, 1),
			.since_ms = sqlite3_column_int64(stmt, 2),
		};
	}
	return LIST_END(rc, v, len, store_holds_free);
}

void
store_holds_free(struct hold *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].reason);
		free(v[i].detail);
	}
	free(v);
}
