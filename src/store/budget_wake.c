/*
 * Who waits. A hold for budget knows in which epoch of the money it was looked at
 * last, so that nobody is looked at in vain and nobody is forgotten; one for a
 * person's word is looked at when another rule or other prices may let it go.
 */
#include "config.h"

#include <string.h>

#include "store/account.h"

static const char SQL_LOOKED[] = "UPDATE holds SET epoch = ?3 WHERE objective = ?1 AND reason = ?2";
/* Each branch is one walk through the index holds_waiting. */
#define DUE(columns)                                                                       \
	"SELECT " columns " FROM holds WHERE reason = 'approval' AND epoch < 0"            \
	" UNION ALL SELECT " columns " FROM holds WHERE reason = 'unpriced' AND epoch < 0" \
	" UNION ALL SELECT " columns " FROM holds WHERE reason = 'budget' AND epoch < ?1"
static const char SQL_DUE[] =
    DUE("objective, reason, amount, asks, epoch") " ORDER BY objective LIMIT ?2";
static const char SQL_ANY_DUE[] = "SELECT EXISTS (" DUE("objective") ")";
static const char SQL_ANY_WAITS[] = "SELECT EXISTS (SELECT 1 FROM holds WHERE reason = 'budget')";

/* One hold that is due to be looked at. */
struct due {
	int64_t objective;
	enum objection_reason reason;
	money_t amount;
	char *rule;    /* that asked; NULL if it is not told */
	bool repriced; /* the amount is of older prices: only a claim can tell */
};
struct dues {
	struct due v[WAKE_MAX];
	size_t len;
};

static void
dues_clear(struct dues *dues)
{
	for (size_t i = 0; i < dues->len; i++)
		free(dues->v[i].rule);
}

static int
read_dues(struct store *s, int64_t epoch, struct dues *dues, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_DUE, ARGS(INT(epoch), INT(WAKE_MAX)), e);
	int rc = 0;

	dues->len = 0;
	if (stmt == NULL)
		return -1;
	while (dues->len < WAKE_MAX && (rc = sql_step(s, stmt, e)) == 1) {
		AUTO_JSON cJSON *asks = NULL;

		if (column_json(stmt, 3, &asks, e) < 0)
			return -1;
		dues->v[dues->len++] = (struct due){
			.objective = sqlite3_column_int64(stmt, 0),
			.reason = objection_reason_from_name(column_text(stmt, 1)),
			.amount = sqlite3_column_int64(stmt, 2),
			.rule = xstrdup(json_str(asks, "objections[0].rule")),
			.repriced = sqlite3_column_int64(stmt, 4) == HOLD_OTHER_PRICES,
		};
	}
	return rc < 0 ? -1 : 0;
}

/* What those whose holds were just lifted are going to ask for: it is not there for the next one. */
struct promises {
	struct promise {
		char *scope;
		money_t amount;
	} * v;
	size_t len;
};

static void
promises_clear(struct promises *p)
{
	for (size_t i = 0; i < p->len; i++)
		free(p->v[i].scope);
	free(p->v);
}

static struct promise *
promise_of(struct promises *p, const char *scope)
{
	for (size_t i = 0; i < p->len; i++)
		if (strcmp(p->v[i].scope, scope) == 0)
			return &p->v[i];
	p->v = xrealloc(p->v, p->len + 1, sizeof(*p->v));
	p->v[p->len] = (struct promise){ .scope = xstrdup(scope) };
	return &p->v[p->len++];
}

/* Whether the limits leave room for AMOUNT beside what was promised; if so it is promised too. */
static int
find_room(const struct budget *b, struct scopes *scopes, money_t holds, money_t amount,
    struct promises *promises, int64_t now_ms, bool *room, struct err *e)
{
	CLEANUP(ruling_clear) struct ruling ruling = { .len = 0 };
	const struct demand d = { .amount = amount, .holds = holds, .digest = "" };

	*room = false;
	/* These scopes are a copy, and are not written. */
	for (size_t i = 0; i < scopes->len; i++) {
		struct standing *st = &scopes->v[i].standing;

		if (standing_reserve(st, promise_of(promises, st->scope)->amount, now_ms, e) < 0)
			return -1;
	}
	if (admission_rule(b, &d, scopes, now_ms, &ruling, e) < 0)
		return -1;
	/* Whatever else it waits for has a hold of its own; and to be denied it has to be claimed. */
	for (size_t i = 0; i < ruling.len; i++)
		if (ruling.v[i].reason == OBJECTION_BUDGET && ruling.v[i].verdict == VERDICT_HOLD)
			return 0;
	*room = true;
	for (size_t i = 0; i < scopes->len; i++) {
		struct promise *p = promise_of(promises, scopes->v[i].standing.scope);

		if (amount > holds && money_add(p->amount, amount - holds, &p->amount, e) < 0)
			return -1;
	}
	return 0;
}

static int
look_at(struct store *s, const struct budget *b, const struct due *due, const struct row *r,
    struct promises *promises, int64_t now_ms, bool *room, struct err *e)
{
	CLEANUP(objective_clear) struct objective o;
	CLEANUP(strv_clear) struct strv names = { NULL, 0, 0 };
	CLEANUP(scopes_clear) struct scopes scopes = { NULL, 0 };
	struct holding h;

	objective_init(&o);
	if (store_get(s, r->id, &o, e) < 0)
		return -1;
	scopes_of(&o, &names);
	if (scopes_read(s, &names, now_ms, &scopes, e) < 0 || holding_open(s, r->seq, &h, e) < 0)
		return -1;
	return find_room(b, &scopes, h.amount, due->amount, promises, now_ms, room, e);
}

/* Whether the rule that asked for approval still is the one that would, and still asks. */
static bool
still_asks(const struct budget *b, const struct due *due)
{
	AUTO_FREE char *rule = budget_approval_rule(b);

	return rule != NULL && due->rule != NULL && strcmp(rule, due->rule) == 0 &&
	    due->amount > b->approval_above;
}

static int
wake_one(struct store *s, const struct budget *b, const struct due *due, int64_t epoch,
    struct promises *promises, int64_t now_ms, bool *lifted, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };
	const char *reason = objection_reason_name(due->reason);

	if (row_at(s, due->objective, &r, e) < 0)
		return -1;
	switch (due->repriced ? OBJECTION_REASONS : due->reason) {
	case OBJECTION_BUDGET:
		if (look_at(s, b, due, &r, promises, now_ms, lifted, e) < 0)
			return -1;
		break;
	case OBJECTION_APPROVAL:
		*lifted = !still_asks(b, due);
		break;
	case OBJECTION_UNPRICED:
	case OBJECTION_REASONS:
		*lifted = true;
		break;
	}
	if (*lifted)
		return hold_remove(s, &r, reason, NULL, now_ms, e);
	return sql_run(s, SQL_LOOKED, ARGS(INT(due->objective), TEXT(reason), INT(epoch)), e);
}

int
store_budget_wake(
    struct store *s, const struct budget *b, int64_t now_ms, size_t *lifted, struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };
	CLEANUP(promises_clear) struct promises promises = { NULL, 0 };
	CLEANUP(dues_clear) struct dues dues = { .len = 0 };
	size_t n = 0;

	if (writing(s, e) < 0 || money_read(s, &m, e) < 0 ||
	    money_see_day(s, b, &m, now_ms, e) < 0 || read_dues(s, m.epoch, &dues, e) < 0)
		return -1;
	for (size_t i = 0; i < dues.len; i++) {
		bool one = false;

		if (wake_one(s, b, &dues.v[i], m.epoch, &promises, now_ms, &one, e) < 0)
			return -1;
		n += one;
	}
	if (lifted != NULL)
		*lifted = n;
	return 0;
}

int
money_next_wake(struct store *s, int64_t *when_ms, struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };
	int64_t due, waits;

	*when_ms = 0;
	if (money_read(s, &m, e) < 0 ||
	    sql_number(s, SQL_ANY_DUE, ARGS(INT(m.epoch)), 0, &due, e) < 0 ||
	    sql_number(s, SQL_ANY_WAITS, ARGS(NO_ARG), 0, &waits, e) < 0)
		return -1;
	if (due > 0)
		*when_ms = 1; /* long ago: it is due now */
	else if (waits > 0)
		*when_ms = money_day_end_ms(&m);
	return 0;
}
