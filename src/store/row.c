/*
 * An objective's changing part. row_save() is the only place that writes a
 * state, and with it, in the same breath: the tallies, the number of live
 * objectives in its batch, its place in its lane.
 *
 * Invariants (store_verify() checks them):
 *  1. ready implies queued and (unmet is 0 or a cancel is wanted); unmet is that
 *     of dependencies, or of dependents while it is destroying.
 *  2. owner is set while running and only then.
 *  3. held if and only if there is a hold.
 *  4. attempt_open if and only if the attempt of that number has no end.
 *  5. destroying implies queued, running, held or failed; queued and held with
 *     an open attempt that undoes.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "store/backend.h"

#define ROW_COLUMNS                                                                                        \
	"SELECT o.seq, o.batch_id, o.lane_id, o.id, b.name, o.name, o.state, o.priority, o.not_before_ms," \
	" o.deadline_ms, o.unmet, o.ready, o.revision, o.generation, o.cancel_wanted, o.owner, o.fence,"   \
	" o.attempt, o.attempt_open, o.destroying, o.attempts_past, o.due_ms, o.outputs IS NOT NULL,"      \
	" o.failure IS NOT NULL, l.blocked_until_ms, o.instead IS NOT NULL"                                                       \
	" FROM objectives o JOIN batches b ON b.id = o.batch_id JOIN lanes l ON l.id = o.lane_id"

static const char SQL_BY_ID[] = ROW_COLUMNS " WHERE o.id = ?1";
static const char SQL_BY_SEQ[] = ROW_COLUMNS " WHERE o.seq = ?1";
static const char SQL_SAVE[] =
    "UPDATE objectives SET state = ?2, not_before_ms = ?3, expires_ms = ?4, unmet = ?5, ready = ?6,"
    " revision = ?7, generation = ?8, cancel_wanted = ?9, owner = ?10, fence = ?11, attempt = ?12,"
    " attempt_open = ?13, changed_ms = ?14, destroying = ?15, attempts_past = ?16, due_ms = ?17 WHERE seq = ?1";
static const char SQL_OUTPUTS[] = "UPDATE objectives SET outputs = ?2 WHERE seq = ?1";
static const char SQL_FAILURE[] = "UPDATE objectives SET failure = ?2 WHERE seq = ?1";
static const char SQL_INSTEAD[] = "UPDATE objectives SET instead = ?2 WHERE seq = ?1";
static const char SQL_ATTEMPT_FAILURE[] =
    "UPDATE objectives SET failure = (SELECT a.failure FROM attempts a WHERE a.objective = ?1 AND a.number = ?2)"
    " WHERE seq = ?1";
static const char SQL_LIVE[] = "UPDATE batches SET live = live + ?2 WHERE id = ?1";
static const char SQL_FENCE[] = "UPDATE fences SET last = last + 1 WHERE one = 1 RETURNING last";

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
	r->destroying = column_int(stmt, 19) != 0;
	r->attempts_past = column_int(stmt, 20);
	r->due_ms = sqlite3_column_int64(stmt, 21);
	r->has_outputs = column_int(stmt, 22) != 0;
	r->has_failure = column_int(stmt, 23) != 0;
	r->blocked_until_ms = sqlite3_column_int64(stmt, 24);
	r->has_instead = column_int(stmt, 25) != 0;
	r->was = r->state;
	r->was_ready = r->ready;
	row_cache_keep(s, r);
	return 1;
}

int
row_get(struct store *s, const char *id, struct row *r, struct err *e)
{
	AUTO_STMT stmt = NULL;
	int rc;

	if (row_cache_get(s, id, r))
		return 0;
	if ((stmt = sql_start(s, SQL_BY_ID, ARGS(TEXT(id)), e)) == NULL ||
	    (rc = row_read(s, stmt, r, e)) < 0)
		return -1;
	return rc == 1 ? 0 : err_set(e, ERR_NOT_FOUND, "there is no objective %s", id);
}

int
row_at(struct store *s, int64_t seq, struct row *r, struct err *e)
{
	AUTO_STMT stmt = NULL;
	int rc;

	if (row_cache_at(s, seq, r))
		return 0;
	if ((stmt = sql_start(s, SQL_BY_SEQ, ARGS(INT(seq)), e)) == NULL ||
	    (rc = row_read(s, stmt, r, e)) < 0)
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
	    NAMED " is not ours any more: its claim has ended or was taken over", NAMES(r));
}

int
row_move(struct row *r, enum event event, struct err *e)
{
	enum state next = state_after(r->state, event);

	if (next == STATES) {
		return err_set(e, ERR_CONFLICT, NAMED " is %s: %s is not possible now", NAMES(r),
		    state_name(r->state), event_name(event));
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

/* Undo needs no dependency: who is to be cancelled may be claimed whatever is unmet. A destroy keeps the order. */
static bool
stands_ready(const struct row *r, int64_t now_ms)
{
	return r->state == STATE_QUEUED &&
	    (r->unmet == 0 || (r->cancel_wanted && !r->destroying)) && r->not_before_ms <= now_ms;
}

static int
save_state(struct store *s, const struct row *r, struct err *e)
{
	int live = (int)is_live(r->state) - (int)is_live(r->was);

	if (tally_add(s, r->batch_id, r->was, -1, e) < 0 ||
	    tally_add(s, r->batch_id, r->state, 1, e) < 0)
		return -1;
	if (live != 0 && sql_run(s, SQL_LIVE, ARGS(INT(r->batch_id), INT(live)), e) < 0)
		return -1;
	if (r->was == STATE_HELD)
		return hold_clear(s, r->seq, e);
	return 0;
}

static bool
is_under_way(enum state state)
{
	return state == STATE_QUEUED || state == STATE_RUNNING;
}

/* When it fails while it waits; not where an attempt is open: only its runner knows what must be undone. */
static int64_t
expires_at(const struct row *r)
{
	if (!is_waiting(r->state) || r->attempt_open || r->destroying)
		return 0;
	return r->due_ms > 0 ? r->due_ms : r->deadline_ms;
}

static int
write_row(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	int ready, running;

	if (r->state != STATE_RUNNING)
		r->owner[0] = '\0';
	assert((r->state == STATE_RUNNING) == (r->owner[0] != '\0'));
	if (r->state != r->was || !r->was_ready)
		r->ready = stands_ready(r, now_ms);
	r->revision++;
	if (sql_run(s, SQL_SAVE,
		ARGS(INT(r->seq), TEXT(state_name(r->state)), INT(r->not_before_ms),
		    INT(expires_at(r)), INT(r->unmet), INT(r->ready), INT(r->revision),
		    INT(r->generation), INT(r->cancel_wanted),
		    TEXT(r->owner[0] == '\0' ? NULL : r->owner), INT(r->fence), INT(r->attempt),
		    INT(r->attempt_open), INT(now_ms), INT(r->destroying), INT(r->attempts_past),
		    INT(r->due_ms)),
		e) < 0)
		return -1;
	if (r->state != r->was && save_state(s, r, e) < 0)
		return -1;
	ready = (int)r->ready - (int)r->was_ready;
	running = (int)(r->state == STATE_RUNNING) - (int)(r->was == STATE_RUNNING);
	if ((ready != 0 || running != 0) && lane_change(s, r, ready, running, e) < 0)
		return -1;
	if (running < 0 && limit_release(s, e) < 0)
		return -1;
	if (is_under_way(r->was) && !is_under_way(r->state))
		notice_quieted(s, r->batch_id, now_ms);
	r->was = r->state;
	r->was_ready = r->ready;
	return 0;
}

int
row_save(struct store *s, struct row *r, int64_t now_ms, struct err *e)
{
	row_take_unsaved(s, r);
	if (write_row(s, r, now_ms, e) < 0) {
		row_cache_forget(s);
		return -1;
	}
	row_cache_keep(s, r);
	return 0;
}

int
row_set_outputs(struct store *s, struct row *r, const char *outputs, struct err *e)
{
	if (outputs == NULL && !r->has_outputs)
		return 0;
	if (sql_run(s, SQL_OUTPUTS, ARGS(INT(r->seq), TEXT(outputs)), e) < 0)
		return -1;
	r->has_outputs = outputs != NULL;
	row_cache_texts(s, r);
	return 0;
}

int
row_set_failure(struct store *s, struct row *r, const char *failure, struct err *e)
{
	if (failure == NULL && !r->has_failure)
		return 0;
	if (sql_run(s, SQL_FAILURE, ARGS(INT(r->seq), TEXT(failure)), e) < 0)
		return -1;
	r->has_failure = failure != NULL;
	row_cache_texts(s, r);
	return 0;
}

int
row_set_instead(struct store *s, struct row *r, const cJSON *instead, struct err *e)
{
	AUTO_FREE char *text = text_of_json(instead);

	if (text == NULL && !r->has_instead)
		return 0;
	if (sql_run(s, SQL_INSTEAD, ARGS(INT(r->seq), TEXT(text)), e) < 0)
		return -1;
	r->has_instead = text != NULL;
	row_cache_texts(s, r);
	return 0;
}

int
row_take_failure(struct store *s, struct row *r, struct err *e)
{
	if (sql_run(s, SQL_ATTEMPT_FAILURE, ARGS(INT(r->seq), INT(r->attempt)), e) < 0)
		return -1;
	r->has_failure = true;
	row_cache_texts(s, r);
	return 0;
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
row_record_members(struct store *s, const struct row *r, const char *event, struct buf *details,
    int64_t now_ms, struct err *e)
{
	assert(details->len > 0);
	buf_addc(details, '}');
	assert(!buf_is_cut(details));
	return audit_write(s, now_ms, event, r->id, r->batch, r->name, buf_str(details), e);
}

int
fence_next(struct store *s, int64_t *fence, struct err *e)
{
	return sql_number(s, SQL_FENCE, ARGS(NO_ARG), 0, fence, e);
}
