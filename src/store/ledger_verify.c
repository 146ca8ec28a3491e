/*
 * The audit of the money: the ledger is replayed from its first row, and after
 * each row the totals that it tells must be those of the replay; an admission
 * must have kept the limit that it was made under. At the end the replay, the
 * totals of the scopes and the reservations must tell the same.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "core/names.h"
#include "store/account.h"

static const char SQL_SCOPES[] = "SELECT name, month FROM scopes ORDER BY id";
static const char SQL_ROWS[] =
    "SELECT l.number, l.at_ms, l.event, l.reservation, l.amount, l.scopes, v.held_ms, v.stood_ms"
    " FROM ledger l JOIN reservations v ON v.seq = l.reservation ORDER BY l.number";
static const char SQL_RESERVATIONS[] =
    "SELECT v.seq, v.state, v.high, o.id,"
    " (SELECT count(*) FROM reservation_scopes rs WHERE rs.reservation = v.seq)"
    " FROM reservations v JOIN objectives o ON o.seq = v.objective ORDER BY v.seq";
static const char SQL_LAST[] = "SELECT MAX(seq) FROM reservations";
static const char SQL_ENTRIES[] = "SELECT count(*) FROM ledger";

static const struct question {
	const char *fault;
	const char *sql;
} questions[] = {
	{ "rows of the ledger are missing",
	    "SELECT count(*) || ' of ' || MAX(number) FROM ledger HAVING count(*) <> MAX(number)" },
	{ "an objective of which something stands holds no money",
	    "SELECT o.id FROM objectives o WHERE EXISTS (SELECT 1 FROM resources r WHERE r.objective = o.seq"
	    " AND r.state IN ('live', 'orphaned')) AND NOT EXISTS (SELECT 1 FROM reservations v"
	    " WHERE v.objective = o.seq AND v.state IN ('held', 'committed')) LIMIT 1" },
	{ "an attempt that builds goes on without money",
	    "SELECT o.id FROM objectives o JOIN attempts a ON a.objective = o.seq AND a.number = o.attempt"
	    " WHERE o.attempt_open = 1 AND a.phase = 'forward' AND NOT EXISTS (SELECT 1 FROM reservations v"
	    " WHERE v.objective = o.seq AND v.state IN ('held', 'committed')) LIMIT 1" },
	{ "a reservation counts in no scope",
	    "SELECT o.id FROM reservations v JOIN objectives o ON o.seq = v.objective WHERE v.high > 0"
	    " AND NOT EXISTS (SELECT 1 FROM reservation_scopes rs WHERE rs.reservation = v.seq) LIMIT 1" },
};

/* What the rows so far add up to. */
struct replay {
	struct names names; /* scope -> its place in v */
	struct standing *v;
	size_t len;
	struct replayed {
		enum reservation_state state; /* RESERVATION_STATES: not seen yet */
		money_t amount;
		int scopes; /* that it counts in */
	} * reservations;   /* by seq */
	int64_t last;
	int64_t warned; /* scopes of admissions that were above a limit that only warns */
};

static void
replay_clear(struct replay *p)
{
	names_clear(&p->names);
	store_standings_free(p->v, p->len);
	free(p->reservations);
}

/* Each scope is replayed in the month that it was written in last, as it is kept. */
static int
replay_init(struct store *s, struct replay *p, struct err *e)
{
	AUTO_STMT stmt = NULL;
	size_t cap = 0;
	int rc;

	if (sql_number(s, SQL_LAST, ARGS(NO_ARG), 0, &p->last, e) < 0 ||
	    (stmt = sql_start(s, SQL_SCOPES, ARGS(NO_ARG), e)) == NULL)
		return -1;
	p->reservations = xcalloc((size_t)p->last + 1, sizeof(*p->reservations));
	for (int64_t i = 0; i <= p->last; i++)
		p->reservations[i].state = RESERVATION_STATES;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		p->v = xgrow(p->v, p->len, &cap, sizeof(*p->v));
		p->v[p->len++] = (struct standing){
			.scope = column_dup(stmt, 0),
			.month = column_int(stmt, 1),
		};
	}
	for (size_t i = 0; i < p->len; i++)
		names_put(&p->names, p->v[i].scope, i);
	return rc;
}

static int
fault(struct store *s, int64_t number, const char *scope, const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "%s: entry %" PRId64 " of the ledger, %s: %s", s->path,
	    number, scope, what);
}

static int
check_amount(struct store *s, int64_t number, const cJSON *scope, const char *key, money_t replayed,
    struct err *e)
{
	const char *text = json_str(scope, key);
	char is[MONEY_TEXT_SIZE];
	AUTO_FREE char *what = NULL;

	if (text != NULL && strcmp(text, money_format(replayed, is)) == 0)
		return 0;
	what = xasprintf("%s is told as %s, but the rows so far add up to %s", key,
	    text == NULL ? "nothing" : text, money_format(replayed, is));
	return fault(s, number, scope->string, what, e);
}

/* Whether RATE a month is above the limit that the row tells under this key, for so many hours of the month. */
static int
is_above(const cJSON *scope, const char *key, money_t rate, int hours, bool *above, struct err *e)
{
	const char *text = json_str(scope, key);
	money_t limit;

	*above = false;
	if (text == NULL)
		return 0;
	if (money_parse(text, &limit, e) < 0)
		return -1;
	*above = (__int128)rate * hours > (__int128)limit * MONTH_HOURS;
	return 0;
}

/* What only warns was exceeded knowingly, and is counted. */
static int
check_limits(struct store *s, struct replay *p, int64_t number, const cJSON *scope,
    const struct standing *st, struct err *e)
{
	bool monthly, daily, warned, warned_daily;
	money_t rate;

	if (money_add(st->reserved.rate, st->committed.rate, &rate, e) < 0 ||
	    is_above(scope, "limit", rate, MONTH_HOURS, &monthly, e) < 0 ||
	    is_above(scope, "daily_limit", rate, DAY_HOURS, &daily, e) < 0 ||
	    is_above(scope, "warns_above", rate, MONTH_HOURS, &warned, e) < 0 ||
	    is_above(scope, "warns_above_daily", rate, DAY_HOURS, &warned_daily, e) < 0)
		return -1;
	p->warned += warned || warned_daily;
	return monthly || daily
	    ? fault(s, number, scope->string, "it was admitted above its limit", e)
	    : 0;
}

/* One row: in each scope that it tells of, the money moves again. */
static int
replay_row(struct store *s, struct replay *p, sqlite3_stmt *stmt, struct err *e)
{
	int64_t number = sqlite3_column_int64(stmt, 0), seq = sqlite3_column_int64(stmt, 3);
	struct replayed *r = &p->reservations[seq];
	AUTO_JSON cJSON *scopes = NULL;
	const cJSON *scope;
	struct posting posting = {
		.after = r->state,
		.amount_after = r->amount,
		.held_ms = sqlite3_column_int64(stmt, 6),
		.stood_ms = sqlite3_column_int64(stmt, 7),
	};

	posting_next(&posting, column_text(stmt, 2), sqlite3_column_int64(stmt, 4));
	/* The first row of one that had nothing to hold before. */
	if (posting.after == RESERVATION_STATES)
		return fault(s, number, "all", "it changes a reservation that was never made", e);
	if (column_json(stmt, 5, &scopes, e) < 0)
		return -1;
	cJSON_ArrayForEach (scope, scopes) {
		size_t at = names_find(&p->names, scope->string);
		struct standing *st;

		if (at == NAMES_NONE)
			return fault(s, number, scope->string, "there is no such scope", e);
		st = &p->v[at];
		if (posting_move(st, &posting, sqlite3_column_int64(stmt, 1), e) < 0 ||
		    check_amount(s, number, scope, "reserved", st->reserved.rate, e) < 0 ||
		    check_amount(s, number, scope, "committed", st->committed.rate, e) < 0 ||
		    check_limits(s, p, number, scope, st, e) < 0)
			return -1;
	}
	if (r->state != RESERVATION_STATES && cJSON_GetArraySize(scopes) != r->scopes)
		return fault(s, number, "all", "it tells of other scopes than the rows before", e);
	r->state = posting.after;
	r->amount = posting.amount_after;
	r->scopes = cJSON_GetArraySize(scopes);
	return 0;
}

static int
replay_all(struct store *s, struct replay *p, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_ROWS, ARGS(NO_ARG), e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1)
		if (replay_row(s, p, stmt, e) < 0)
			return -1;
	return rc;
}

static bool
accruals_differ(const struct accrual *a, const struct accrual *b)
{
	return a->rate != b->rate || a->units != b->units || a->nanos != b->nanos;
}

static int
compare_scopes(struct store *s, const struct replay *p, struct err *e)
{
	for (size_t i = 0; i < p->len; i++) {
		CLEANUP(standing_clear) struct standing st = { NULL };

		if (store_standing(s, p->v[i].scope, month_start_ms(p->v[i].month), &st, e) < 0)
			return -1;
		if (accruals_differ(&st.reserved, &p->v[i].reserved) ||
		    accruals_differ(&st.committed, &p->v[i].committed))
			return err_set(e, ERR_CORRUPT,
			    "%s: the totals of %s are not what its ledger adds up to", s->path,
			    st.scope);
	}
	return 0;
}

static int
compare_reservations(struct store *s, const struct replay *p, int64_t *n, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_RESERVATIONS, ARGS(NO_ARG), e);
	int rc;

	*n = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		const struct replayed *r = &p->reservations[sqlite3_column_int64(stmt, 0)];
		const char *state = column_text(stmt, 1);
		money_t high = sqlite3_column_int64(stmt, 2);

		(*n)++;
		/* What costs nothing leaves no rows. */
		if (high == 0 && r->amount == 0)
			continue;
		if (r->state == RESERVATION_STATES ||
		    strcmp(reservation_state_name(r->state), state) != 0 ||
		    (r->amount != high && r->state <= RESERVATION_COMMITTED))
			return err_set(e, ERR_CORRUPT,
			    "%s: the reservation of %s is %s, which its ledger does not say",
			    s->path, column_text(stmt, 3), state);
		if (r->scopes != column_int(stmt, 4))
			return err_set(e, ERR_CORRUPT,
			    "%s: the reservation of %s counts in other scopes than its ledger says",
			    s->path, column_text(stmt, 3));
	}
	return rc;
}

static int
ask(struct store *s, const struct question *q, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, q->sql, ARGS(NO_ARG), e);
	int rc;

	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	return rc == 0
	    ? 0
	    : err_set(e, ERR_CORRUPT, "%s: %s (%s)", s->path, q->fault, column_text(stmt, 0));
}

static int
verify(struct store *s, struct ledger_report *report, struct err *e)
{
	CLEANUP(replay_clear) struct replay p = { .len = 0 };

	if (replay_init(s, &p, e) < 0 || replay_all(s, &p, e) < 0 || compare_scopes(s, &p, e) < 0 ||
	    compare_reservations(s, &p, &report->reservations, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(questions); i++)
		if (ask(s, &questions[i], e) < 0)
			return -1;
	report->scopes = (int64_t)p.len;
	report->warned = p.warned;
	return sql_number(s, SQL_ENTRIES, ARGS(NO_ARG), 0, &report->entries, e);
}

int
store_ledger_verify(struct store *s, struct ledger_report *report, struct err *e)
{
	int rc;

	memset(report, 0, sizeof(*report));
	if (read_begin(s, e) < 0)
		return -1;
	rc = verify(s, report, e);
	read_end(s);
	return rc;
}
