/*
 * Dependencies. One that is not met yet is counted in the dependent's "unmet",
 * and it just waits in the queue. One that failed or was cancelled holds what
 * needs it, directly or through others, until it succeeds after all.
 *
 * A destroy goes the other way: while it is destroying, an objective's "unmet"
 * counts those that need it and are destroying too. One of these that could not
 * be destroyed holds what it needs, until it is destroyed after all.
 */
#include "config.h"

#include <string.h>

#include "store/backend.h"

#define REASON "dependency"

static const char SQL_LIST[] =
    "SELECT n.name, n.id, n.state, n.outputs FROM objectives o"
    " JOIN dependencies d ON d.objective = o.seq JOIN objectives n ON n.seq = d.needs"
    " WHERE o.id = ?1 ORDER BY n.seq";
static const char SQL_DEPENDENTS[] =
    "WITH RECURSIVE down (seq) AS (SELECT d.objective FROM objectives o JOIN dependencies d ON d.needs = o.seq"
    " AND d.met = 0 WHERE o.id = ?1 UNION SELECT d.objective FROM down JOIN dependencies d"
    " ON d.needs = down.seq AND d.met = 0) SELECT n.name, n.id, n.state, NULL FROM down"
    " JOIN objectives n ON n.seq = down.seq WHERE n.state IN ('queued', 'held') ORDER BY n.seq";
static const char SQL_WAITING[] =
    "SELECT objective FROM dependencies WHERE needs = ?1 AND met = 0 ORDER BY objective";
static const char SQL_MEET[] =
    "UPDATE dependencies SET met = 1 WHERE objective = ?1 AND needs = ?2";
/* Needed ones that hold it: they have ended without success, or are held for the same reason. */
static const char SQL_HOLDING[] =
    "SELECT count(*) FROM dependencies d JOIN objectives n ON n.seq = d.needs"
    " WHERE d.objective = ?1 AND d.met = 0 AND (n.state IN ('failed', 'cancelled', 'destroyed')"
    " OR EXISTS (SELECT 1 FROM holds h WHERE h.objective = n.seq AND h.reason = '" REASON "'))";

static const char SQL_COUNT_UNDOING[] =
    "SELECT count(*) FROM dependencies d JOIN objectives n ON n.seq = d.objective"
    " WHERE d.needs = ?1 AND n.destroying = 1";
static const char SQL_UNDO_WAITING[] =
    "SELECT d.needs FROM dependencies d JOIN objectives n ON n.seq = d.needs"
    " WHERE d.objective = ?1 AND n.destroying = 1 ORDER BY d.needs";
/* Those that need it and hold it: they could not be destroyed, or are held for the same reason. */
static const char SQL_UNDO_HOLDING[] =
    "SELECT n.seq FROM dependencies d JOIN objectives n ON n.seq = d.objective"
    " WHERE d.needs = ?1 AND n.destroying = 1 AND (n.state = 'failed'"
    " OR EXISTS (SELECT 1 FROM holds h WHERE h.objective = n.seq AND h.reason = '" REASON "'))"
    " ORDER BY n.seq LIMIT 1";

/* Objectives still to be looked at. */
struct worklist {
	int64_t *v;
	size_t len, cap;
};

static void
worklist_clear(struct worklist *w)
{
	free(w->v);
}

static void
worklist_add(struct worklist *w, int64_t seq)
{
	w->v = xgrow(w->v, w->len, &w->cap, sizeof(*w->v));
	w->v[w->len++] = seq;
}

/* Who waits for one, and by what one that waits is held: what it needs, or in a destroy what needs it. */
struct direction {
	const char *waiting, *holding;
};
static const struct direction onward = { SQL_WAITING, SQL_HOLDING };
static const struct direction undoing = { SQL_UNDO_WAITING, SQL_UNDO_HOLDING };

/* Lifts the hold of R if nothing that it waits for holds it any more. */
static int
relieve(struct store *s, struct row *r, const struct direction *d, int64_t now_ms, bool *lifted,
    struct err *e)
{
	int64_t holding;
	bool held;

	*lifted = false;
	if (r->state != STATE_HELD)
		return 0;
	if (hold_exists(s, r->seq, REASON, &held, e) < 0)
		return -1;
	if (!held)
		return 0;
	if (sql_number(s, d->holding, ARGS(INT(r->seq)), 0, &holding, e) < 0)
		return -1;
	if (holding > 0)
		return 0;
	*lifted = true;
	return hold_remove(s, r, REASON, NULL, now_ms, e);
}

/* Those that wait for SEQ and were held because it was: the relief goes on through them. */
static int
relieve_waiting(
    struct store *s, int64_t seq, const struct direction *d, int64_t now_ms, struct err *e)
{
	CLEANUP(worklist_clear) struct worklist todo = { NULL, 0, 0 };

	worklist_add(&todo, seq);
	for (size_t i = 0; i < todo.len; i++) {
		AUTO_FREE int64_t *v = NULL;
		size_t len;

		if (sql_numbers(s, d->waiting, ARGS(INT(todo.v[i])), &v, &len, e) < 0)
			return -1;
		for (size_t j = 0; j < len; j++) {
			CLEANUP(row_clear) struct row r = { .seq = 0 };
			bool lifted;

			if (row_at(s, v[j], &r, e) < 0 || relieve(s, &r, d, now_ms, &lifted, e) < 0)
				return -1;
			if (lifted)
				worklist_add(&todo, v[j]);
		}
	}
	return 0;
}

int
dependency_met(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	size_t len;

	if (sql_numbers(s, SQL_WAITING, ARGS(INT(r->seq)), &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		CLEANUP(row_clear) struct row d = { .seq = 0 };
		bool lifted;

		if (sql_run(s, SQL_MEET, ARGS(INT(v[i]), INT(r->seq)), e) < 0 ||
		    row_at(s, v[i], &d, e) < 0)
			return -1;
		d.unmet--;
		if (row_save(s, &d, now_ms, e) < 0 ||
		    relieve(s, &d, &onward, now_ms, &lifted, e) < 0)
			return -1;
		if (lifted && relieve_waiting(s, d.seq, &onward, now_ms, e) < 0)
			return -1;
	}
	return 0;
}

static const char *
what_happened(const struct row *needed)
{
	switch (needed->state) {
	case STATE_FAILED:
		return "failed";
	case STATE_CANCELLED:
		return "was cancelled";
	case STATE_DESTROYED:
		return "was destroyed";
	default:
		return "is held, because something that it needs failed";
	}
}

/*
 * Holds all that waits for R, directly or through others. Where one is held for
 * this reason already, so is what waits for it, and the first detail stands.
 */
static int
hold_waiting(struct store *s, const struct row *r, const struct direction *d, const char *detail,
    int64_t now_ms, struct err *e)
{
	CLEANUP(worklist_clear) struct worklist todo = { NULL, 0, 0 };

	worklist_add(&todo, r->seq);
	for (size_t i = 0; i < todo.len; i++) {
		AUTO_FREE int64_t *v = NULL;
		size_t len;

		if (sql_numbers(s, d->waiting, ARGS(INT(todo.v[i])), &v, &len, e) < 0)
			return -1;
		for (size_t j = 0; j < len; j++) {
			CLEANUP(row_clear) struct row w = { .seq = 0 };
			bool held;

			if (row_at(s, v[j], &w, e) < 0 ||
			    hold_exists(s, w.seq, REASON, &held, e) < 0)
				return -1;
			if (held || (w.state != STATE_QUEUED && w.state != STATE_HELD))
				continue;
			if (hold_add(s, &w, REASON, detail, NULL, now_ms, e) < 0)
				return -1;
			worklist_add(&todo, v[j]);
		}
	}
	return 0;
}

int
dependency_failed(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	AUTO_FREE char *detail = xasprintf(NAMED " %s", NAMES(r), what_happened(r));

	return hold_waiting(s, r, &onward, detail, now_ms, e);
}

/* ---- the same backward ---- */

int
dependency_count_undoing(struct store *s, int64_t seq, int *count, struct err *e)
{
	int64_t n;

	if (sql_number(s, SQL_COUNT_UNDOING, ARGS(INT(seq)), 0, &n, e) < 0)
		return -1;
	*count = (int)n;
	return 0;
}

int
dependency_undone(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	size_t len;

	if (sql_numbers(s, SQL_UNDO_WAITING, ARGS(INT(r->seq)), &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		CLEANUP(row_clear) struct row n = { .seq = 0 };

		if (row_at(s, v[i], &n, e) < 0)
			return -1;
		n.unmet--;
		if (row_save(s, &n, now_ms, e) < 0)
			return -1;
	}
	return relieve_waiting(s, r->seq, &undoing, now_ms, e);
}

int
dependency_undo_failed(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	AUTO_FREE char *detail =
	    xasprintf(NAMED ", which depends on it, could not be destroyed", NAMES(r));

	return hold_waiting(s, r, &undoing, detail, now_ms, e);
}

int
dependency_undo_wait(struct store *s, const struct row *r, int64_t now_ms, struct err *e)
{
	CLEANUP(row_clear) struct row holder = { .seq = 0 };
	int64_t seq;

	if (sql_number(s, SQL_UNDO_HOLDING, ARGS(INT(r->seq)), 0, &seq, e) < 0)
		return -1;
	if (seq == 0)
		return 0;
	if (row_at(s, seq, &holder, e) < 0)
		return -1;
	return dependency_undo_failed(s, &holder, now_ms, e);
}

static int
read_dependency(sqlite3_stmt *stmt, struct dependency *d, struct err *e)
{
	memset(d, 0, sizeof(*d));
	d->name = column_dup(stmt, 0);
	column_id(stmt, 1, d->id);
	d->state = state_from_name(column_text(stmt, 2));
	if (d->state == STATES)
		return err_set(
		    e, ERR_CORRUPT, "purser.db: objective %s is in no known state", d->id);
	return d->state == STATE_SUCCEEDED ? column_json(stmt, 3, &d->outputs, e) : 0;
}

static int
read_list(struct store *s, const char *sql, const char *id, struct dependency **v, size_t *len,
    struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, ARGS(TEXT(id)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		rc = read_dependency(stmt, &(*v)[(*len)++], e);
		if (rc < 0)
			break;
	}
	return LIST_END(rc, v, len, store_dependencies_free);
}

int
store_dependencies(
    struct store *s, const char *id, struct dependency **v, size_t *len, struct err *e)
{
	return read_list(s, SQL_LIST, id, v, len, e);
}

int
store_dependents(
    struct store *s, const char *id, struct dependency **v, size_t *len, struct err *e)
{
	return read_list(s, SQL_DEPENDENTS, id, v, len, e);
}

void
store_dependencies_free(struct dependency *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].name);
		cJSON_Delete(v[i].outputs);
	}
	free(v);
}
