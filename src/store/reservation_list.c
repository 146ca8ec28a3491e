/* Reservations and what waits for money, for those who look. */
#include "config.h"

#include <string.h>

#include "store/account.h"

#define COLUMNS                                                                                \
	"SELECT v.seq, o.id, b.name, o.name, o.capability, o.resource_group, o.body, o.state," \
	" v.state, v.attempt, v.low, v.expected, v.high, v.unpriced, v.estimate, v.held_ms,"   \
	" v.stood_ms, v.ended_ms FROM reservations v"                                          \
	" JOIN objectives o ON o.seq = v.objective JOIN batches b ON b.id = o.batch_id"
/* The filters that every page has; ?4 to ?7: states, NULL for one that is not wanted. */
#define FILTERED                                                                    \
	" v.seq > ?1 AND v.state IN (?4, ?5, ?6, ?7)"                               \
	" AND (?3 = 0 OR (v.held_ms < ?3 AND (v.ended_ms = 0 OR v.ended_ms > ?2)))" \
	" ORDER BY v.seq LIMIT ?8"
static const char SQL_ALL[] = COLUMNS " WHERE" FILTERED;
static const char SQL_OF_OBJECTIVE[] = COLUMNS " WHERE o.id = ?9 AND" FILTERED;
static const char SQL_OF_SCOPE[] =
    COLUMNS " JOIN reservation_scopes rs ON rs.reservation = v.seq JOIN scopes s ON s.id = rs.scope"
	    " WHERE s.name = ?9 AND" FILTERED;

static const char SQL_WAITING[] =
    "SELECT o.id, b.name, o.name, h.reason, h.amount, h.asks, h.since_ms FROM holds h"
    " JOIN objectives o ON o.seq = h.objective JOIN batches b ON b.id = o.batch_id"
    " WHERE h.reason IN ('approval', 'budget', 'unpriced') AND (?1 IS NULL OR o.id = ?1)"
    " ORDER BY h.since_ms, h.objective LIMIT ?2";

static int
read_body(sqlite3_stmt *stmt, int column, struct reservation *v, struct err *e)
{
	AUTO_JSON cJSON *body = NULL;

	if (column_json(stmt, column, &body, e) < 0)
		return -1;
	v->labels = cJSON_DetachItemFromObjectCaseSensitive(body, "labels");
	return 0;
}

static int
read_reservation(struct store *s, sqlite3_stmt *stmt, struct reservation *v, struct err *e)
{
	memset(v, 0, sizeof(*v));
	v->seq = sqlite3_column_int64(stmt, 0);
	column_id(stmt, 1, v->objective_id);
	v->batch = column_dup(stmt, 2);
	v->name = column_dup(stmt, 3);
	v->capability = column_dup(stmt, 4);
	v->resource_group = column_dup(stmt, 5);
	v->objective_state = state_from_name(column_text(stmt, 7));
	v->state = reservation_state_from_name(column_text(stmt, 8));
	if (v->state == RESERVATION_STATES)
		return err_set(e, ERR_CORRUPT, "%s: a reservation is in no known state", s->path);
	v->attempt = column_int(stmt, 9);
	v->monthly.low = sqlite3_column_int64(stmt, 10);
	v->monthly.expected = sqlite3_column_int64(stmt, 11);
	v->monthly.high = sqlite3_column_int64(stmt, 12);
	v->unpriced = column_int(stmt, 13) != 0;
	v->held_ms = sqlite3_column_int64(stmt, 15);
	v->stood_ms = sqlite3_column_int64(stmt, 16);
	v->ended_ms = sqlite3_column_int64(stmt, 17);
	if (read_body(stmt, 6, v, e) < 0)
		return -1;
	return column_json(stmt, 14, &v->estimate, e);
}

int
store_reservations(struct store *s, const struct reservation_filter *f, struct reservation **v,
    size_t *len, struct err *e)
{
	struct arg args[10] = { INT(f->after_seq), INT(f->from_ms), INT(f->to_ms) };
	const char *sql = f->objective != NULL ? SQL_OF_OBJECTIVE
	    : f->scope != NULL                 ? SQL_OF_SCOPE
					       : SQL_ALL;
	AUTO_STMT stmt = NULL;
	size_t cap = 0;
	int rc;

	for (enum reservation_state state = 0; state < RESERVATION_STATES; state++) {
		bool wanted = f->states == 0 || (f->states & 1u << state) != 0;

		args[3 + state] = (struct arg)TEXT(wanted ? reservation_state_name(state) : NULL);
	}
	args[7] = (struct arg)INT((int64_t)f->limit);
	args[8] = (struct arg)NO_ARG;
	if (sql != SQL_ALL)
		args[8] = (struct arg)TEXT(f->objective != NULL ? f->objective : f->scope);
	args[9] = (struct arg)NO_ARG;
	*v = NULL;
	*len = 0;
	if ((stmt = sql_start(s, sql, args, e)) == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		if (read_reservation(s, stmt, &(*v)[(*len)++], e) < 0) {
			rc = -1;
			break;
		}
	}
	return LIST_END(rc, v, len, store_reservations_free);
}

void
store_reservations_free(struct reservation *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].batch);
		free(v[i].name);
		free(v[i].capability);
		free(v[i].resource_group);
		cJSON_Delete(v[i].labels);
		cJSON_Delete(v[i].estimate);
	}
	free(v);
}

/* ---- waiting ---- */

static int
read_waiting(sqlite3_stmt *stmt, struct waiting *w, struct err *e)
{
	AUTO_JSON cJSON *asks = NULL;

	memset(w, 0, sizeof(*w));
	column_id(stmt, 0, w->objective_id);
	w->batch = column_dup(stmt, 1);
	w->name = column_dup(stmt, 2);
	w->reason = objection_reason_from_name(column_text(stmt, 3));
	w->amount = sqlite3_column_int64(stmt, 4);
	w->since_ms = sqlite3_column_int64(stmt, 6);
	if (column_json(stmt, 5, &asks, e) < 0)
		return -1;
	w->objections = cJSON_DetachItemFromObjectCaseSensitive(asks, "objections");
	return 0;
}

int
store_waiting(struct store *s, const char *id, size_t max, struct waiting **v, size_t *len,
    bool *more, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_WAITING, ARGS(TEXT(id), INT((int64_t)max + 1)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (more != NULL)
		*more = false;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		if (*len == max) {
			if (more != NULL)
				*more = true;
			return 0;
		}
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		if (read_waiting(stmt, &(*v)[(*len)++], e) < 0) {
			rc = -1;
			break;
		}
	}
	return LIST_END(rc, v, len, store_waiting_free);
}

void
store_waiting_free(struct waiting *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].batch);
		free(v[i].name);
		cJSON_Delete(v[i].objections);
	}
	free(v);
}
