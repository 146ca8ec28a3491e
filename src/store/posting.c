/*
 * Posting: each change of a reservation moves money between the totals of its
 * scopes and leaves a row in the ledger that says how they stand after it. So
 * the ledger can be recomputed from its rows, and each row proves the limit that
 * it was admitted under.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/account.h"

static const char SQL_ADD[] =
    "INSERT INTO ledger (at_ms, event, objective, reservation, amount, scopes)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

int
ledger_add(struct store *s, const char *event, int64_t objective, int64_t reservation,
    money_t amount, const char *scopes, int64_t now_ms, int64_t *number, struct err *e)
{
	struct arg args[] = { INT(now_ms), TEXT(event), INT(objective), INT(reservation),
		INT(amount), TEXT(scopes), NO_ARG };

	if (objective == 0)
		args[2] = (struct arg)TEXT(NULL);
	if (reservation == 0)
		args[3] = (struct arg)TEXT(NULL);
	if (sql_run(s, SQL_ADD, args, e) < 0)
		return -1;
	*number = sqlite3_last_insert_rowid(s->db);
	return 0;
}

/* An accrual that a reservation in this state counts in; NULL: none. */
static struct accrual *
accrual_of(struct standing *st, enum reservation_state state)
{
	if (state == RESERVATION_HELD)
		return &st->reserved;
	return state == RESERVATION_COMMITTED ? &st->committed : NULL;
}

int
posting_move(struct standing *st, const struct posting *p, int64_t now_ms, struct err *e)
{
	struct accrual *from = accrual_of(st, p->before), *to = accrual_of(st, p->after);
	int64_t held = month_second(st->month, p->held_ms);
	int64_t stood = month_second(st->month, p->stood_ms);
	int64_t now = month_second(st->month, now_ms);

	if (from != NULL && from == to)
		return accrual_change(from, p->amount_after - p->amount_before,
		    from == &st->reserved ? held : now, e);
	if (from != NULL &&
	    accrual_change(from, -p->amount_before, from == &st->reserved ? held : now, e) < 0)
		return -1;
	if (to != NULL)
		return accrual_change(to, p->amount_after, to == &st->reserved ? held : stood, e);
	/* What was built by something that never was committed did cost, as long as it stood. */
	if (p->before == RESERVATION_HELD && p->after == RESERVATION_SETTLED)
		return accrual_close(&st->committed, p->amount_before, stood, now, e);
	return 0;
}

void
posting_next(struct posting *p, const char *event, money_t amount)
{
	enum reservation_state after = reservation_state_from_name(event);

	p->before = p->after;
	p->amount_before = p->amount_after;
	if (after != RESERVATION_STATES) /* else adjusted */
		p->after = after;
	p->amount_after = amount;
}

/* The limits that it was admitted under; one that only warns is told by another name. */
static void
add_limits(cJSON *json, const struct standing *st, const struct budget *b)
{
	static const char *const keys[BUDGET_PERIODS][2] = {
		[BUDGET_MONTHLY] = { "limit", "warns_above" },
		[BUDGET_DAILY] = { "daily_limit", "warns_above_daily" },
	};

	for (enum budget_period period = 0; period < BUDGET_PERIODS; period++) {
		const struct budget_limit *limit = budget_limit(b, st->scope, period);

		if (limit != NULL)
			json_add_money(json, keys[period][b->on_exceed == REACTION_ADMIT],
			    budget_limit_in_force(limit, st));
	}
}

static cJSON *
add_totals(cJSON *all, const struct standing *st)
{
	cJSON *json = cJSON_AddObjectToObject(all, st->scope);

	json_add_money(json, "reserved", st->reserved.rate);
	json_add_money(json, "committed", st->committed.rate);
	return json;
}

static int
record(struct store *s, const struct row *r, const struct posting *p, int64_t number,
    const char *scopes, int64_t now_ms, struct err *e)
{
	CLEANUP(buf_clear) struct buf details = MEMBERS_INIT;
	AUTO_FREE char *event = xasprintf("reservation.%s", p->event);
	char amount[MONEY_TEXT_SIZE];

	member_int(&details, "entry", number);
	member_str(&details, "amount", money_format(p->amount_after, amount));
	member_text(&details, "scopes", scopes);
	return row_record_members(s, r, event, &details, now_ms, e);
}

static bool
moves_nothing(const struct posting *p)
{
	return (p->amount_before == 0 && p->amount_after == 0) ||
	    (p->before == p->after && p->amount_before == p->amount_after);
}

int
post(struct store *s, const struct row *r, int64_t reservation, const struct posting *p,
    struct scopes *scopes, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *all = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	bool frees = p->amount_after < p->amount_before;
	int64_t number;

	if (moves_nothing(p))
		return 0;
	for (size_t i = 0; i < scopes->len; i++) {
		struct scope *scope = &scopes->v[i];
		cJSON *json;

		if (posting_move(&scope->standing, p, now_ms, e) < 0 ||
		    scope_write(s, scope, e) < 0)
			return -1;
		json = add_totals(all, &scope->standing);
		if (p->budget != NULL && p->amount_after > p->amount_before)
			add_limits(json, &scope->standing, p->budget);
	}
	text = json_text(all);
	if (ledger_add(
		s, p->event, r->seq, reservation, p->amount_after, text, now_ms, &number, e) < 0)
		return -1;
	if (frees && money_freed(s, e) < 0)
		return -1;
	return record(s, r, p, number, text, now_ms, e);
}
