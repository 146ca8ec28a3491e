/*
 * Lanes: the ready objectives of one batch that share group, subscription and
 * provider. A claim looks at heads only, and so never passes over rows that are
 * blocked, scheduled or waiting for others.
 *
 * Order: the highest priority anywhere; then the batch that was served longest
 * ago; in it the lane that was served longest ago; in that the oldest. So a
 * batch with a thousand lanes gets no more turns than one with a single lane.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/account.h"

#define CHUNK 16 /* objectives of a lane that are read at a time */

static const char SQL_COUNT[] =
    "UPDATE lanes SET ready = ready + ?2, running = running + ?3 WHERE id = ?1";
#define HEAD                                                                                            \
	"(SELECT priority FROM objectives WHERE lane_id = ?1 AND ready = 1 ORDER BY priority DESC, seq" \
	" LIMIT 1)"
static const char SQL_HEAD[] =
    "UPDATE lanes SET ready = ready + ?2, running = running + ?3, head = " HEAD " WHERE id = ?1";
#define BATCH_HEAD                                                                                            \
	"(SELECT l.head FROM lanes l WHERE l.batch_id = ?1 AND l.head IS NOT NULL AND l.blocked_until_ms = 0" \
	" AND l.passed_over = 0 ORDER BY l.head DESC LIMIT 1)"
static const char SQL_BATCH_HEAD[] =
    "UPDATE batches SET head = " BATCH_HEAD " WHERE id = ?1 AND head IS DISTINCT FROM " BATCH_HEAD;
/* The same where one of them is claimed. */
static const char SQL_CLAIMED[] =
    "UPDATE lanes SET ready = ready + ?2, running = running + ?3, served = ?4, head = " HEAD
    " WHERE id = ?1";
static const char SQL_BATCH_CLAIMED[] =
    "UPDATE batches SET served = ?2, head = " BATCH_HEAD " WHERE id = ?1";

static const char SQL_BATCHES[] =
    "SELECT id, head, served FROM batches WHERE head IS NOT NULL ORDER BY head DESC, served, id LIMIT ?1";
static const char SQL_BATCH[] =
    "SELECT id, head, served FROM batches WHERE id = ?1 AND head IS NOT NULL";
static const char SQL_LANES[] =
    "SELECT id, head, served FROM lanes WHERE batch_id = ?1 AND head IS NOT NULL AND blocked_until_ms = 0"
    " AND passed_over = 0 ORDER BY head DESC, served, id LIMIT ?2";
static const char SQL_STANDING[] =
    "SELECT id, priority FROM objectives WHERE lane_id = ?1 AND ready = 1"
    " ORDER BY priority DESC, seq LIMIT ?2 OFFSET ?3";

/* In lanes that are passed over: an undo heeds no limit. */
static const char SQL_UNDOING[] =
    "SELECT o.id FROM lanes l INDEXED BY lanes_passed_over JOIN objectives o INDEXED BY objectives_undoing"
    " ON o.lane_id = l.id AND o.ready = 1 AND (o.destroying = 1 OR o.cancel_wanted = 1)"
    " WHERE l.passed_over = 1 AND l.blocked_until_ms = 0 AND (?1 IS NULL OR l.batch_id = ?1)"
    " ORDER BY o.priority DESC, o.seq LIMIT ?2";

static const char SQL_DUE[] =
    "SELECT seq FROM objectives INDEXED BY objectives_scheduled"
    " WHERE state = 'queued' AND ready = 0 AND unmet = 0 AND not_before_ms <= ?1"
    " ORDER BY not_before_ms LIMIT ?2";
static const char SQL_EXPIRED[] =
    "SELECT seq FROM objectives WHERE expires_ms > 0 AND expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2";
static const char SQL_UNBLOCKED[] =
    "SELECT id FROM lanes WHERE blocked_until_ms > 0 AND blocked_until_ms <= ?1 ORDER BY blocked_until_ms LIMIT ?2";
static const char SQL_UNBLOCK[] = "UPDATE lanes SET blocked_until_ms = 0 WHERE id = ?1";
static const char SQL_LANE_BATCH[] = "SELECT batch_id FROM lanes WHERE id = ?1";
static const char SQL_NEXT_DUE[] =
    "SELECT not_before_ms FROM objectives INDEXED BY objectives_scheduled"
    " WHERE state = 'queued' AND ready = 0 AND unmet = 0"
    " ORDER BY not_before_ms LIMIT 1";
static const char SQL_NEXT_EXPIRED[] =
    "SELECT expires_ms FROM objectives WHERE expires_ms > 0 ORDER BY expires_ms LIMIT 1";
static const char SQL_NEXT_UNBLOCKED[] =
    "SELECT blocked_until_ms FROM lanes WHERE blocked_until_ms > 0 ORDER BY blocked_until_ms LIMIT 1";

static int
serve(struct store *s, const struct row *r, int ready, int running, struct err *e)
{
	if (sql_run(s, SQL_CLAIMED, ARGS(INT(r->lane_id), INT(ready), INT(running), INT(r->fence)),
		e) < 0)
		return -1;
	return sql_run(s, SQL_BATCH_CLAIMED, ARGS(INT(r->batch_id), INT(r->fence)), e);
}

int
lane_change(struct store *s, const struct row *r, int ready, int running, struct err *e)
{
	if (running > 0)
		return serve(s, r, ready, running, e);
	if (sql_run(s, ready == 0 ? SQL_COUNT : SQL_HEAD,
		ARGS(INT(r->lane_id), INT(ready), INT(running)), e) < 0)
		return -1;
	return ready == 0 ? 0 : lane_batch_head(s, r->batch_id, e);
}

int
lane_batch_head(struct store *s, int64_t batch_id, struct err *e)
{
	return sql_run(s, SQL_BATCH_HEAD, ARGS(INT(batch_id)), e);
}

/* ---- what may be claimed: the claims to come are played through in memory ---- */

struct queue_head {
	char id[ID_SIZE];
	int priority;
};

/* A batch or a lane with its place in the order. */
struct turn {
	int64_t id, served;
	int head;
	bool read, empty;
	struct turn *lanes; /* of a batch */
	size_t n_lanes;
	struct queue_head *v; /* of a lane: CHUNK objectives, from OFFSET on */
	size_t next, len, offset;
};

static void
turns_free(struct turn *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		turns_free(v[i].lanes, v[i].n_lanes);
		free(v[i].v);
	}
	free(v);
}

static int
read_turns(struct store *s, const char *sql, const struct arg *args, struct turn **v, size_t *len,
    struct err *e)
{
	AUTO_STMT stmt = sql_start(s, sql, args, e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		(*v)[(*len)++] = (struct turn){
			.id = sqlite3_column_int64(stmt, 0),
			.head = column_int(stmt, 1),
			.served = sqlite3_column_int64(stmt, 2),
		};
	}
	return rc;
}

static struct turn *
best_turn(struct turn *v, size_t len)
{
	struct turn *best = NULL;

	for (size_t i = 0; i < len; i++) {
		struct turn *t = &v[i];

		if (t->empty)
			continue;
		if (best == NULL || t->head > best->head ||
		    (t->head == best->head && t->served < best->served))
			best = t;
	}
	return best;
}

/* The next CHUNK of a lane, when all that was read is used up. */
static int
read_standing(struct store *s, struct turn *lane, struct err *e)
{
	AUTO_STMT stmt = NULL;
	int rc;

	if (lane->next < lane->len)
		return 0;
	if (lane->v == NULL)
		lane->v = xcalloc(CHUNK, sizeof(*lane->v));
	lane->offset += lane->len;
	lane->next = lane->len = 0;
	stmt = sql_start(
	    s, SQL_STANDING, ARGS(INT(lane->id), INT(CHUNK), INT((int64_t)lane->offset)), e);
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		struct queue_head *next = &lane->v[lane->len++];

		column_id(stmt, 0, next->id);
		next->priority = column_int(stmt, 1);
	}
	lane->empty = lane->len == 0;
	return rc;
}

/*
 * Takes the next of BATCH, which is served at TIME. Only as many lanes are read as
 * ids are left to give: an untouched one behind them cannot come before them all.
 */
static int
take_one(struct store *s, struct turn *batch, size_t left, int64_t time, char out[static ID_SIZE],
    bool *taken, struct err *e)
{
	struct turn *lane, *best;

	*taken = false;
	if (!batch->read) {
		if (read_turns(s, SQL_LANES, ARGS(INT(batch->id), INT((int64_t)left)),
			&batch->lanes, &batch->n_lanes, e) < 0)
			return -1;
		batch->read = true;
	}
	lane = best_turn(batch->lanes, batch->n_lanes);
	if (lane == NULL) {
		batch->empty = true;
		return 0;
	}
	if (read_standing(s, lane, e) < 0)
		return -1;
	if (!lane->empty) {
		memcpy(out, lane->v[lane->next++].id, ID_SIZE);
		*taken = true;
		lane->served = batch->served = time;
		if (read_standing(s, lane, e) < 0)
			return -1;
		if (!lane->empty)
			lane->head = lane->v[lane->next].priority;
	}
	best = best_turn(batch->lanes, batch->n_lanes);
	batch->empty = best == NULL;
	if (best != NULL)
		batch->head = best->head;
	return 0;
}

static int
read_batches(
    struct store *s, const char *name, size_t max, struct turn **v, size_t *len, struct err *e)
{
	int64_t id;

	if (name == NULL)
		return read_turns(s, SQL_BATCHES, ARGS(INT((int64_t)max)), v, len, e);
	if (batch_find(s, name, &id, e) < 0)
		return -1;
	return read_turns(s, SQL_BATCH, ARGS(INT(id)), v, len, e);
}

static int
read_undoing(struct store *s, const char *batch, size_t max, char (*ids)[ID_SIZE], size_t *len,
    struct err *e)
{
	struct arg any[] = { TEXT(NULL), INT((int64_t)max), NO_ARG };
	int64_t id;

	if (batch == NULL)
		return sql_ids(s, SQL_UNDOING, any, max, ids, len, e);
	if (batch_find(s, batch, &id, e) < 0)
		return -1;
	return sql_ids(s, SQL_UNDOING, ARGS(INT(id), INT((int64_t)max)), max, ids, len, e);
}

int
store_ready(struct store *s, const char *batch, int64_t now_ms, size_t max, char (*ids)[ID_SIZE],
    size_t *len, struct err *e)
{
	int64_t time = INT64_MAX / 2; /* after all that was ever served */
	struct turn *v = NULL, *best;
	size_t n = 0;
	bool taken;
	int rc;

	(void)now_ms; /* store_wake() has brought in what is due */
	*len = 0;
	if (max == 0)
		return 0;
	if (read_begin(s, e) < 0)
		return -1;
	rc = read_undoing(s, batch, max, ids, len, e);
	if (rc == 0)
		rc = read_batches(s, batch, max, &v, &n, e);
	while (rc == 0 && *len < max && (best = best_turn(v, n)) != NULL) {
		rc = take_one(s, best, max - *len, time++, ids[*len], &taken, e);
		if (rc == 0 && taken)
			(*len)++;
	}
	read_end(s);
	turns_free(v, n);
	return rc;
}

/* ---- waking ---- */

static int
wake_due(struct store *s, int64_t now_ms, size_t max, struct woken *w, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	size_t len;

	if (sql_numbers(s, SQL_DUE, ARGS(INT(now_ms), INT((int64_t)max)), &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		CLEANUP(row_clear) struct row r = { .seq = 0 };

		if (row_at(s, v[i], &r, e) < 0 || row_save(s, &r, now_ms, e) < 0)
			return -1;
	}
	w->moved += len;
	return 0;
}

static int
wake_expired(struct store *s, int64_t now_ms, size_t max, struct woken *w, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	size_t len;

	if (sql_numbers(s, SQL_EXPIRED, ARGS(INT(now_ms), INT((int64_t)max)), &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		CLEANUP(row_clear) struct row r = { .seq = 0 };
		CLEANUP(failure_clear) struct failure f = { .class = FAILURE_UNKNOWN };
		char end[CLOCK_TEXT_SIZE];

		if (row_at(s, v[i], &r, e) < 0)
			return -1;
		if (r.due_ms > 0 && r.due_ms != r.deadline_ms)
			failure_set(&f, FAILURE_TIMEOUT, NULL, NULL,
			    "its timeout ended at %s, while it was %s", clock_format(r.due_ms, end),
			    state_name(r.state));
		else
			failure_set(&f, FAILURE_TIMEOUT, NULL, NULL,
			    "its deadline, %s, passed while it was %s",
			    clock_format(r.deadline_ms, end), state_name(r.state));
		if (row_fail(s, &r, &f, now_ms, e) < 0)
			return -1;
		memcpy(w->ids[w->expired++], r.id, ID_SIZE);
	}
	return 0;
}

static int
wake_lanes(struct store *s, int64_t now_ms, size_t max, struct woken *w, struct err *e)
{
	AUTO_FREE int64_t *v = NULL;
	int64_t batch_id;
	size_t len;

	if (sql_numbers(s, SQL_UNBLOCKED, ARGS(INT(now_ms), INT((int64_t)max)), &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (sql_run(s, SQL_UNBLOCK, ARGS(INT(v[i])), e) < 0 ||
		    sql_number(s, SQL_LANE_BATCH, ARGS(INT(v[i])), 0, &batch_id, e) < 0 ||
		    lane_batch_head(s, batch_id, e) < 0)
			return -1;
	}
	row_cache_forget(s);
	w->moved += len;
	return 0;
}

int
store_wake(struct store *s, int64_t now_ms, struct woken *w, struct err *e)
{
	size_t left;

	w->moved = w->expired = 0;
	if (writing(s, e) < 0 || wake_expired(s, now_ms, WAKE_MAX, w, e) < 0)
		return -1;
	left = WAKE_MAX - w->expired;
	if (left > 0 && wake_lanes(s, now_ms, left, w, e) < 0)
		return -1;
	left = WAKE_MAX - w->expired - w->moved;
	return left > 0 ? wake_due(s, now_ms, left, w, e) : 0;
}

int
store_next_wake(struct store *s, int64_t *when_ms, struct err *e)
{
	static const char *const questions[] = { SQL_NEXT_DUE, SQL_NEXT_EXPIRED,
		SQL_NEXT_UNBLOCKED };
	int64_t when;

	if (money_next_wake(s, when_ms, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		if (sql_number(s, questions[i], ARGS(NO_ARG), 0, &when, e) < 0)
			return -1;
		if (when > 0 && (*when_ms == 0 || when < *when_ms))
			*when_ms = when;
	}
	return 0;
}
