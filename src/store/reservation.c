/* The life of a reservation: see ledger.h. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "store/account.h"

static const char SQL_OPEN[] =
    "SELECT seq, state, high, held_ms, stood_ms, first_attempt FROM reservations"
    " WHERE objective = ?1 AND state IN ('held', 'committed')";
static const char SQL_ADD[] =
    "INSERT INTO reservations (objective, state, first_attempt, attempt, low, expected, high, unpriced, estimate,"
    " held_ms, stood_ms, ended_ms) VALUES (?1, 'held', ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0)";
static const char SQL_ADJUST[] =
    "UPDATE reservations SET attempt = ?2, low = ?3, expected = ?4, high = ?5, unpriced = ?6, estimate = ?7"
    " WHERE seq = ?1";
static const char SQL_KEEP[] = "UPDATE reservations SET attempt = ?2 WHERE seq = ?1";
static const char SQL_MOVE[] =
    "UPDATE reservations SET state = ?2, stood_ms = ?3, ended_ms = ?4 WHERE seq = ?1";
static const char SQL_COUNT_IN[] =
    "INSERT INTO reservation_scopes (reservation, scope) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

/* When the first of it was begun that is known to have been built: by a run, or by whatever showed a resource. */
static const char SQL_STOOD[] =
    "SELECT MIN(x.intended_ms) FROM executions x WHERE x.objective = ?1 AND x.attempt >= ?2"
    " AND ((x.act = 'run' AND x.outcome = ?3)"
    " OR EXISTS (SELECT 1 FROM resources r WHERE r.objective = ?1 AND r.execution_id = x.id))";
/*
 * Runs that took effect and left nothing that an undo could take away again. What
 * a later attempt has found again is of that attempt from then on.
 */
static const char SQL_UNTRACED[] =
    "SELECT count(*) FROM executions x WHERE x.objective = ?1 AND x.attempt >= ?2 AND x.act = 'run'"
    " AND x.outcome = ?3 AND x.stood IS NULL AND NOT EXISTS (SELECT 1 FROM resources r"
    " WHERE r.objective = ?1 AND r.attempt >= x.attempt AND r.step = x.step)";

static const char *const state_names[RESERVATION_STATES] = {
	[RESERVATION_HELD] = "held",
	[RESERVATION_COMMITTED] = "committed",
	[RESERVATION_SETTLED] = "settled",
	[RESERVATION_RELEASED] = "released",
};

const char *
reservation_state_name(enum reservation_state state)
{
	return state_names[state];
}

enum reservation_state
reservation_state_from_name(const char *name)
{
	enum reservation_state state = 0;

	while (state < RESERVATION_STATES && strcmp(state_names[state], name) != 0)
		state++;
	return state;
}

int
holding_open(struct store *s, int64_t objective, struct holding *h, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_OPEN, ARGS(INT(objective)), e);
	int rc;

	memset(h, 0, sizeof(*h));
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return 0;
	h->seq = sqlite3_column_int64(stmt, 0);
	h->state = reservation_state_from_name(column_text(stmt, 1));
	h->amount = sqlite3_column_int64(stmt, 2);
	h->held_ms = sqlite3_column_int64(stmt, 3);
	h->stood_ms = sqlite3_column_int64(stmt, 4);
	h->first_attempt = column_int(stmt, 5);
	return 0;
}

/* ---- held ---- */

/* What a person allowed for an unknown price is held, and takes its place in what is expected too. */
static struct amounts
amounts_held(const struct admission *a, money_t amount)
{
	struct amounts held = a->monthly;

	held.high = amount;
	if (held.expected > amount)
		held.expected = amount;
	if (held.low > held.expected)
		held.low = held.expected;
	return held;
}

static int
insert(struct store *s, const struct row *r, struct holding *h, const struct admission *a,
    money_t amount, int64_t now_ms, struct err *e)
{
	const struct amounts held = amounts_held(a, amount);

	if (sql_run(s, SQL_ADD,
		ARGS(INT(r->seq), INT(h->attempt), INT(held.low), INT(held.expected),
		    INT(held.high), INT(a->unpriced), TEXT(a->estimate), INT(now_ms)),
		e) < 0)
		return -1;
	*h = (struct holding){
		.seq = sqlite3_last_insert_rowid(s->db),
		.state = RESERVATION_HELD,
		.first_attempt = h->attempt,
		.attempt = h->attempt,
		.amount = amount,
		.held_ms = now_ms,
	};
	return 0;
}

static int
adjust(struct store *s, struct holding *h, const struct admission *a, money_t amount, struct err *e)
{
	const struct amounts held = amounts_held(a, amount);

	h->amount = amount;
	return sql_run(s, SQL_ADJUST,
	    ARGS(INT(h->seq), INT(h->attempt), INT(held.low), INT(held.expected),
		INT(held.high), INT(a->unpriced), TEXT(a->estimate)),
	    e);
}

static int
count_in(struct store *s, int64_t reservation, struct scopes *scopes, struct err *e)
{
	for (size_t i = 0; i < scopes->len; i++) {
		if ((scopes->v[i].id == 0 && scope_write(s, &scopes->v[i], e) < 0) ||
		    sql_run(s, SQL_COUNT_IN, ARGS(INT(reservation), INT(scopes->v[i].id)), e) < 0)
			return -1;
	}
	return 0;
}

/* ---- what stands ---- */

/* *stood_ms 0: nothing was ever built. *stays: something stands, or may, and costs. */
static int
what_stands(struct store *s, const struct row *r, const struct holding *h, int64_t *stood_ms,
    bool *stays, struct err *e)
{
	const char *happened = outcome_name(OUTCOME_HAPPENED);
	int64_t standing, untraced = 0;

	if (resource_count(s, r->seq, &standing, e) < 0 ||
	    sql_number(s, SQL_STOOD, ARGS(INT(r->seq), INT(h->first_attempt), TEXT(happened)), 0,
		stood_ms, e) < 0)
		return -1;
	if (standing == 0 && *stood_ms > 0 &&
	    sql_number(s, SQL_UNTRACED, ARGS(INT(r->seq), INT(h->first_attempt), TEXT(happened)), 0,
		&untraced, e) < 0)
		return -1;
	*stays = standing > 0 || untraced > 0;
	return 0;
}

int
reservation_stays(struct store *s, const struct row *r, bool *stays, struct err *e)
{
	struct holding h;
	int64_t stood_ms;

	*stays = false;
	if (holding_open(s, r->seq, &h, e) < 0)
		return -1;
	return h.seq == 0 ? 0 : what_stands(s, r, &h, &stood_ms, stays, e);
}

/* What stands of it was built at the price before: it never holds less, as long as something does. */
static int
may_lower(struct store *s, const struct row *r, const struct holding *h, money_t amount, bool *may,
    struct err *e)
{
	int64_t stood_ms;
	bool stays = false;

	if (amount < h->amount && what_stands(s, r, h, &stood_ms, &stays, e) < 0)
		return -1;
	*may = !stays;
	return 0;
}

int
reservation_hold(struct store *s, const struct row *r, struct holding *h, const struct admission *a,
    money_t amount, struct scopes *scopes, int64_t now_ms, struct err *e)
{
	bool is_new = h->seq == 0, may;
	/* What cost nothing so far has left no rows. */
	bool is_first = h->amount == 0;
	struct posting p = {
		.event = is_first ? state_names[h->state] : "adjusted",
		.before = is_first ? RESERVATION_STATES : h->state,
		.amount_before = h->amount,
		.amount_after = amount,
		.budget = a->budget,
	};

	if (may_lower(s, r, h, amount, &may, e) < 0)
		return -1;
	if (!may)
		return sql_run(s, SQL_KEEP, ARGS(INT(h->seq), INT(h->attempt)), e);
	if ((is_new ? insert(s, r, h, a, amount, now_ms, e) : adjust(s, h, a, amount, e)) < 0)
		return -1;
	/* One of unknown price counts too: what it really costs may become known. */
	if (is_first && (amount > 0 || a->unpriced) && count_in(s, h->seq, scopes, e) < 0)
		return -1;
	p.after = h->state;
	p.held_ms = h->held_ms;
	p.stood_ms = h->stood_ms;
	return post(s, r, h->seq, &p, scopes, now_ms, e);
}

/* ---- the end ---- */

static int
move(struct store *s, const struct row *r, const struct holding *h, enum reservation_state after,
    int64_t stood_ms, int64_t now_ms, struct err *e)
{
	CLEANUP(scopes_clear) struct scopes scopes = { NULL, 0 };
	bool ends = after == RESERVATION_SETTLED || after == RESERVATION_RELEASED;
	const struct posting p = {
		.event = state_names[after],
		.before = h->state,
		.after = after,
		.amount_before = h->amount,
		.amount_after = ends ? 0 : h->amount,
		.held_ms = h->held_ms,
		.stood_ms = stood_ms,
	};

	if (sql_run(s, SQL_MOVE,
		ARGS(INT(h->seq), TEXT(state_names[after]), INT(stood_ms), INT(ends ? now_ms : 0)),
		e) < 0)
		return -1;
	if (h->amount == 0)
		return 0;
	if (scopes_of_reservation(s, h->seq, now_ms, &scopes, e) < 0)
		return -1;
	return post(s, r, h->seq, &p, &scopes, now_ms, e);
}

int
reservation_end(
    struct store *s, const struct row *r, enum event event, int64_t now_ms, struct err *e)
{
	enum reservation_state after;
	struct holding h;
	int64_t stood_ms;
	bool stays;

	if (holding_open(s, r->seq, &h, e) < 0)
		return -1;
	if (h.seq == 0)
		return 0;
	if (what_stands(s, r, &h, &stood_ms, &stays, e) < 0)
		return -1;
	if (h.stood_ms > 0)
		stood_ms = h.stood_ms;
	if (event == EVENT_DESTROYED)
		stays = false;
	else if (event == EVENT_SUCCEED)
		stays = true;
	if (stays)
		after = RESERVATION_COMMITTED;
	else
		after = stood_ms > 0 ? RESERVATION_SETTLED : RESERVATION_RELEASED;
	if (after == h.state)
		return 0;
	if (after == RESERVATION_COMMITTED && stood_ms == 0)
		stood_ms = now_ms; /* it was there before, and is ours from now on */
	return move(s, r, &h, after, stood_ms, now_ms, e);
}
