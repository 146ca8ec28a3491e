/*
 * Actual cost in the forecasts: each scope knows what its objectives have really
 * cost in this month, and how much of what was accrued by their estimates that
 * takes the place of. An objective's cost is known up to the last day of which
 * its account has any charges; from there on its estimate counts.
 */
#include "config.h"

#include "store/account.h"
#include "store/charge.h"

static const char SQL_KNOWN[] = "SELECT objective, SUM(amount), MAX(day_ms) FROM charges"
				" WHERE day_ms >= ?1 AND day_ms < ?2 AND objective IS NOT NULL"
				" GROUP BY objective ORDER BY objective";
static const char SQL_RESERVATIONS[] =
    "SELECT seq FROM reservations WHERE objective = ?1 ORDER BY seq";
static const char SQL_POSTED[] =
    "SELECT l.event, l.at_ms, l.amount, v.stood_ms FROM ledger l JOIN reservations v"
    " ON v.seq = l.reservation WHERE l.objective = ?1 AND l.reservation = ?2 ORDER BY l.number";
static const char SQL_FORGET[] =
    "UPDATE scopes SET actual = 0, actual_replaces = 0 WHERE actual <> 0 OR actual_replaces <> 0";

/* One objective. */
struct known {
	int64_t objective, until_ms;
	money_t actual, accrued; /* accrued: of the reservation at hand */
};

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* What one reservation had accrued in the month up to when the actual cost is known: as if all since had come at once. */
static int
read_accrued(struct store *s, struct known *k, int64_t reservation, month_t month, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_POSTED, ARGS(INT(k->objective), INT(reservation)), e);
	struct standing alone = { .month = month };
	struct posting p = { .after = RESERVATION_STATES };
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		posting_next(&p, column_text(stmt, 0), sqlite3_column_int64(stmt, 2));
		p.stood_ms = earlier(sqlite3_column_int64(stmt, 3), k->until_ms);
		if (posting_move(
			&alone, &p, earlier(sqlite3_column_int64(stmt, 1), k->until_ms), e) < 0)
			return -1;
	}
	if (rc < 0)
		return -1;
	return accrual_spent(&alone.committed, month_second(month, k->until_ms),
	    month_seconds(month), &k->accrued, e);
}

/*
 * All reservations of an objective that count at all count in the same scopes, and
 * its actual cost is there once.
 */
static int
add_reservation(struct store *s, const struct known *k, int64_t reservation, bool *counted,
    int64_t now_ms, struct err *e)
{
	CLEANUP(scopes_clear) struct scopes scopes = { NULL, 0 };

	if (scopes_of_reservation(s, reservation, now_ms, &scopes, e) < 0)
		return -1;
	for (size_t i = 0; i < scopes.len; i++) {
		struct standing *st = &scopes.v[i].standing;

		if (money_add(st->actual_replaces, k->accrued, &st->actual_replaces, e) < 0 ||
		    (!*counted && money_add(st->actual, k->actual, &st->actual, e) < 0) ||
		    scope_write(s, &scopes.v[i], e) < 0)
			return -1;
	}
	*counted = *counted || scopes.len > 0;
	return 0;
}

static int
add_objective(struct store *s, struct known *k, int64_t now_ms, struct err *e)
{
	AUTO_FREE int64_t *reservations = NULL;
	bool counted = false;
	size_t len;

	if (sql_numbers(s, SQL_RESERVATIONS, ARGS(INT(k->objective)), &reservations, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (read_accrued(s, k, reservations[i], month_of(now_ms), e) < 0 ||
		    add_reservation(s, k, reservations[i], &counted, now_ms, e) < 0)
			return -1;
	}
	return 0;
}

/* Known up to the last day that it has charges of itself; the present one is not over. */
static int
read_known(struct store *s, int64_t now_ms, struct known **v, size_t *len, struct err *e)
{
	month_t month = month_of(now_ms);
	int64_t today_ms = now_ms - now_ms % DAY_MS;
	AUTO_STMT stmt = sql_start(
	    s, SQL_KNOWN, ARGS(INT(month_start_ms(month)), INT(month_start_ms(month + 1))), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		int64_t until_ms = sqlite3_column_int64(stmt, 2) + DAY_MS;
		money_t actual = sqlite3_column_int64(stmt, 1);

		*v = xgrow(*v, *len, &cap, sizeof(**v));
		(*v)[(*len)++] = (struct known){
			.objective = sqlite3_column_int64(stmt, 0),
			/* What is given back for one pays for no other. */
			.actual = actual > 0 ? actual : 0,
			.until_ms = until_ms < today_ms ? until_ms : today_ms,
		};
	}
	return rc;
}

int
charges_to_scopes(struct store *s, int64_t now_ms, struct err *e)
{
	AUTO_FREE struct known *v = NULL;
	size_t len;

	if (sql_run(s, SQL_FORGET, ARGS(NO_ARG), e) < 0 || read_known(s, now_ms, &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (add_objective(s, &v[i], now_ms, e) < 0)
			return -1;
	}
	return 0;
}
