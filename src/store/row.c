/*
 * An objective's changing part. row_save() is the only place that writes a
 * state, and with it, in the same breath: the tallies, the number of live
 * objectives in its batch, its place in its lane.
 *
 * Invariants (store_verify() checks them):
 *  1. ready implies queued and (unmet is 0 or a cancel is wanted).
 *  2. owner is set while running and only then.
 *  3. held if and only if there is a hold.
 *  4. attempt_open if and only if the attempt of that number has no end.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "store/backend.h"

#define ROW_COLUMNS                                                                                        \
	"SELECT o.seq, o.batch_id, o.lane_id, o.id, b.name, o.name, o.state, o.priority, o.not_before_ms," \
	" o.deadline_ms, o.unmet, o.ready, o.revision, o.generation, o.cancel_wanted, o.owner, o.fence,"   \
	" o.attempt, o.attempt_open FROM objectives o JOIN batches b ON b.id = o.batch_id"

static const char SQL_BY_ID[] = ROW_COLUMNS " WHERE o.id = ?1";
static const char SQL_BY_SEQ[] = ROW_COLUMNS " WHERE o.seq = ?1";
static const char SQL_SAVE[] =
    "UPDATE objectives SET state = ?2, not_before_ms = ?3, expires_ms = ?4, unmet = ?5, ready = ?6,"
    " revision = ?7, generation = ?8, cancel_wanted = ?9, owner = ?10, fence = ?11, attempt = ?12,"
    " attempt_open = ?13, changed_ms = ?14 WHERE seq = ?1";
/* The same where no index is concerned. */
static const char SQL_TOUCH[] =
    "UPDATE objectives SET revision = ?2, generation = ?3, cancel_wanted = ?4, fence = ?5, changed_ms = ?6"
    " WHERE seq = ?1";
static const char SQL_TALLY[] =
    "UPDATE tallies SET n = n + ?3 WHERE batch_id IN (0, ?1) AND state = ?2";
static const char SQL_LIVE[] = "UPDATE batches SET live = live + ?2 WHERE id = ?1";
static const char SQL_FENCE[] = "UPDATE fences SET last = last + 1 WHERE one = 1";
static const char SQL_FENCE_READ[] = "SELECT last FROM fences WHERE one = 1";

void
row_clear(struct row *r)
{
	free(r->batch);
	free(r->name);
	memset(r, 0, sizeof(*r));
}

static int
row_read(struct store *s, sqlite3_stmt *stmt, struct row *r, struct err *e)
{
	int rc = sql_step(s, stmt, e);

	if (rc <= 0)
		return rc;
	row_clear(r);
	r->seq = sqlite3_column_int64(stmt, 0);
	r->batch_id = sqlite3_column_int64(stmt, 1);
	r->lane_id = sqlite3_column_int64(stmt, 2);
	column_id(stmt, 3, r->id);
	r->batch = column_dup(stmt, 4);
	r->name = column_dup(stmt, 5);
	r->state = state_from_name(column_text(stmt, 6));
	if (r->state == STATES)
		return err_set(
		    e, ERR_CORRUPT, "%s: objective %s is in no known state", s->path, r->id);
	r->priority = column_int(stmt, 7);
	r->not_before_ms = sqlite3_column_int64(stmt, 8);
	r->deadline_ms = sqlite3_column_int64(stmt, 9);
	r->unmet = column_int(stmt, 10);
	r->ready = column_int(stmt, 11) != 0;
	r->revision = sqlite3_column_int64(stmt, 12);
	r->generation = column_int(stmt, 13);
	r->cancel_wanted = column_int(stmt, 14) != 0;
	column_id(stmt, 15, r->owner);
	r->fence = sqlite3_column_int64(stmt, 16);
	r->attempt = column_int(stmt, 17);
	r->attempt_open = column_int(stmt, 18) != 0;
	r->was = r->state;
	r->was_ready = r->ready;
	return 1;
}

int
row_get(struct store *s, const char *id, struct row *r, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_BY_ID, ARGS(TEXT(id)), e);
	int rc;

	if (stmt == NULL || (rc = row_read(s, stmt, r, e)) < 0)
		return -1;
	return rc == 1 ? 0 : err_set(e, ERR_NOT_FOUND, "there is no objective %s", id);
}

int
row_at(struct store *s, int64_t seq, struct row *r, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_BY_SEQ, ARGS(INT(seq)), e);
	int rc;

	if (stmt == NULL || (rc = row_read(s, stmt, r, e)) < 0)
		return -1;
	return rc == 1
	    ? 0
	    : err_set(e, ERR_CORRUPT, "%s: objective %lld is missing", s->path, (long long)seq);
}

int
row_claimed(struct store *s, const struct claim *c, struct row *r, struct err *e)
{
	if (writing(s, e) < 0 || row_get(s, c->objective_id, r, e) < 0)
		return -1;
	if (r->state == STATE_RUNNING && r->fence == c->fence &&
	    strcmp(r->owner, c->runner_id) == 0)
		return 0;
	return err_set(e, ERR_CONFLICT,
	    "%s/%s (%s) is not ours any more: its claim has ended or was taken over", r->batch,
	    r->name, id_short(r->id));
}

int
row_move(struct row *r, enum event event, struct err *e)
{
	enum state next = state_after(r->state, event);

	if (next == STATES) {
		return err_set(e, ERR_CONFLICT, "%s/%s (%s) is %s: %s is not possible now",
		    r->batch, r->name, id_short(r->id), state_name(r->state), event_name(event));
	}
	r->state = next;
	return 0;
}

static bool
is_waiting(enum state state)
{
	return state == STATE_QUEUED || state == STATE_HELD;
}

static bool
is_live(enum state state)
{
	return state != STATE_CANCELLED && state != STATE_DESTROYED;
}

/* Undo needs no dependency: who is to be cancelled may be claimed whatever is unmet. */
static bool
stands_ready(const struct row *r, int64_t now_ms)
{
	return r->state == STATE_QUEUED && (r->unmet == 0 || r->cancel_wanted) &&
	    r->not_before_ms <= now_ms;
}

static int
save_state(struct store *s, const struct row *r, struct err *e)
{
	int live = (int)is_live(r->state) - (int)is_live(r->was);

	if (sql_run(s, SQL_TALLY, ARGS(INT(r->batch_id), TEXT(state_name(r->was)), INT(-1)), e) <
		0 ||
	    sql_run(s, SQL_TALLY, ARGS(INT(r->batch_id), TEXT(state_name(r->state)), INT(1)), e) <
		0)
		return -1;
	if (live != 0 && sql_run(s, SQL_LIVE, ARGS(INT(r->batch_id), INT(live)), e) < 0)
		return -1;
	if (r->was == STATE_HELD)
		return hold_clear(s, r->seq, e);
	return 0;
}

int
row_save(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	int64_t expires_ms = is_waiting(r->state) && !r->attempt_open ? r->deadline_ms : 0;
	int ready, running;

	if (r->state != STATE_RUNNING)
		r->owner[0] = '\0';
	assert((r->state == STATE_RUNNING) == (r->owner[0] != '\0'));
	if (r->state != r->was || !r->was_ready)
		r->ready = stands_ready(r, now_ms);
	r->revision++;
	if (sql_run(s, SQL_SAVE,
		ARGS(INT(r->seq), TEXT(state_name(r->state)), INT(r->not_before_ms),
		    INT(expires_ms), INT(r->unmet), INT(r->ready), INT(r->revision),
		    INT(r->generation), INT(r->cancel_wanted),
		    TEXT(r->owner[0] == '\0' ? NULL : r->owner), INT(r->fence), INT(r->attempt),
		    INT(r->attempt_open), INT(now_ms)),
		e) < 0)
		return -1;
	if (r->state != r->was && save_state(s, r, e) < 0)
		return -1;
	ready = (int)r->ready - (int)r->was_ready;
	running = (int)(r->state == STATE_RUNNING) - (int)(r->was == STATE_RUNNING);
	if ((ready != 0 || running != 0) && lane_change(s, r, ready, running, e) < 0)
		return -1;
	r->was = r->state;
	r->was_ready = r->ready;
	return 0;
}

int
row_touch(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	assert(r->state == r->was);
	r->revision++;
	return sql_run(s, SQL_TOUCH,
	    ARGS(INT(r->seq), INT(r->revision), INT(r->generation), INT(r->cancel_wanted),
		INT(r->fence), INT(now_ms)),
	    e);
}

int
row_record(struct store *s, const struct row *r, const char *event, cJSON *details, int64_t now_ms,
    struct err *e)
{
	AUTO_JSON cJSON *owned = details;
	AUTO_FREE char *text = text_of_json(owned);

	return audit_write(s, now_ms, event, r->id, r->batch, r->name, text, e);
}

int
fence_next(struct store *s, int64_t *fence, struct err *e)
{
	if (sql_run(s, SQL_FENCE, ARGS(NO_ARG), e) < 0)
		return -1;
	return sql_number(s, SQL_FENCE_READ, ARGS(NO_ARG), 0, fence, e);
}
