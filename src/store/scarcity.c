#include "config.h"

#include <string.h>

#include "store/backend.h"
#include "store/scarcity.h"

/* size_folded: as Azure compares it. */
static const char SQL_NOTE[] =
    "INSERT INTO scarcities (size_folded, region, zone, subscription, size, class, code, times, seen_ms, until_ms)"
    " VALUES (lower(?1), ?2, ?3, ?4, ?1, ?5, ?6, 1, ?7, ?8)"
    " ON CONFLICT (size_folded, region, zone, subscription) DO UPDATE SET size = excluded.size,"
    " class = excluded.class, code = excluded.code, times = scarcities.times + 1, seen_ms = excluded.seen_ms,"
    " until_ms = CASE WHEN scarcities.until_ms > excluded.until_ms THEN scarcities.until_ms ELSE excluded.until_ms END";
static const char SQL_EXPIRED[] = "DELETE FROM scarcities WHERE until_ms <= ?1";
static const char SQL_FORGET[] =
    "DELETE FROM scarcities WHERE size_folded = lower(?1) AND region = ?2 AND zone IN ('', ?3)"
    " AND (subscription = ?4 OR subscription = '' OR ?4 = '')";
static const char SQL_FORGET_SIZE[] =
    "DELETE FROM scarcities WHERE size_folded = lower(?1) AND (?2 IS NULL OR region = ?2)";
static const char SQL_LIST[] =
    "SELECT size, region, zone, subscription, class, code, times, seen_ms, until_ms FROM scarcities"
    " WHERE until_ms > ?1 ORDER BY seen_ms DESC, size, region, zone";

int
store_scarcity_note(struct store *s, const struct wanted *w, const struct failure *why,
    int64_t now_ms, struct err *e)
{
	/* What was remembered is worth nothing once its time is over, and is not counted on. */
	if (writing(s, e) < 0 || sql_run(s, SQL_EXPIRED, ARGS(INT(now_ms)), e) < 0)
		return -1;
	return sql_run(s, SQL_NOTE,
	    ARGS(TEXT(w->size), TEXT(w->region), TEXT(w->zone), TEXT(w->subscription),
		TEXT(failure_class_name(why->class)), TEXT(why->code), INT(now_ms),
		INT(now_ms + why->scarce_ms)),
	    e);
}

int
store_scarcity_forget(struct store *s, const struct wanted *w, struct err *e)
{
	if (writing(s, e) < 0)
		return -1;
	return sql_run(s, SQL_FORGET,
	    ARGS(TEXT(w->size), TEXT(w->region), TEXT(w->zone), TEXT(w->subscription)), e);
}

int
store_scarcity_forget_size(struct store *s, const char *size, const char *region, const char *user,
    int64_t now_ms, size_t *n, struct err *e)
{
	AUTO_JSON cJSON *details = user_details(user);

	if (writing(s, e) < 0 ||
	    sql_run(s, SQL_FORGET_SIZE, ARGS(TEXT(size), TEXT(region)), e) < 0)
		return -1;
	*n = (size_t)sqlite3_changes(s->db);
	if (*n == 0)
		return 0;
	json_add_str(details, "size", size);
	json_add_str(details, "region", region);
	return store_audit_add(s, "scarcity.forgotten", NULL, details, now_ms, e);
}

int
store_scarcities(struct store *s, int64_t now_ms, struct scarcities *all, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(INT(now_ms)), e);
	size_t cap = 0;
	int rc;

	*all = (struct scarcities){ .len = 0 };
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		all->v = xgrow(all->v, all->len, &cap, sizeof(*all->v));
		all->v[all->len++] = (struct scarcity){
			.size = column_dup(stmt, 0),
			.region = column_dup(stmt, 1),
			.zone = column_dup(stmt, 2),
			.subscription = column_dup(stmt, 3),
			.class = failure_class_from_name(column_text(stmt, 4)),
			.code = column_dup(stmt, 5),
			.times = sqlite3_column_int64(stmt, 6),
			.seen_ms = sqlite3_column_int64(stmt, 7),
			.until_ms = sqlite3_column_int64(stmt, 8),
		};
	}
	if (rc < 0)
		scarcities_clear(all);
	return rc;
}
