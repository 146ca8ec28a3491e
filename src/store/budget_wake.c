/*
 * Rules, and who waits for money. The money has an epoch, which grows with each
 * change that may help somebody; a hold for budget knows in which one it was
 * looked at last, so that nobody is looked at in vain and nobody is forgotten.
 */
#include "config.h"

#include <string.h>

#include "store/account.h"

#define DECIDE_ANEW (-1) /* epoch of a hold that is lifted, whatever money there is */

static const char SQL_MONEY[] = "SELECT epoch, month, rules, prices FROM money WHERE one = 1";
static const char SQL_SET[] = "UPDATE money SET rules = ?1, prices = ?2 WHERE one = 1";
static const char SQL_FREED[] = "UPDATE money SET epoch = epoch + 1 WHERE one = 1";
static const char SQL_MONTH[] = "UPDATE money SET epoch = epoch + 1, month = ?1 WHERE one = 1";
static const char SQL_ANEW[] =
    "UPDATE holds SET epoch = -1 WHERE reason IN ('approval', 'budget', 'unpriced')";
static const char SQL_LOOKED[] =
    "UPDATE holds SET epoch = ?2 WHERE objective = ?1 AND reason = 'budget'";
/* Each branch is one walk through the index holds_waiting. */
#define DUE(columns)                                                                        \
	"SELECT " columns " FROM holds WHERE reason = 'approval' AND epoch = -1"            \
	" UNION ALL SELECT " columns " FROM holds WHERE reason = 'unpriced' AND epoch = -1" \
	" UNION ALL SELECT " columns " FROM holds WHERE reason = 'budget' AND epoch < ?1"
static const char SQL_DUE[] =
    DUE("objective, reason, amount, epoch") " ORDER BY objective LIMIT ?2";
static const char SQL_ANY_DUE[] = "SELECT EXISTS (" DUE("objective") ")";
static const char SQL_ANY_WAITS[] = "SELECT EXISTS (SELECT 1 FROM holds WHERE reason = 'budget')";

struct money {
	int64_t epoch;
	month_t month;
	char rules[DIGEST_SIZE];
	char *prices;
};

static void
money_clear(struct money *m)
{
	free(m->prices);
}

static int
money_read(struct store *s, struct money *m, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_MONEY, ARGS(NO_ARG), e);
	int rc;

	memset(m, 0, sizeof(*m));
	if (stmt == NULL || (rc = sql_step(s, stmt, e)) < 0)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_CORRUPT, "%s has lost the state of its money", s->path);
	m->epoch = sqlite3_column_int64(stmt, 0);
	m->month = column_int(stmt, 1);
	column_digest(stmt, 2, m->rules);
	m->prices = column_dup(stmt, 3);
	return 0;
}

int
store_budget_rules(struct store *s, char digest[static DIGEST_SIZE], struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };

	if (money_read(s, &m, e) < 0)
		return -1;
	memcpy(digest, m.rules, DIGEST_SIZE);
	return 0;
}

int
money_freed(struct store *s, struct err *e)
{
	return sql_run(s, SQL_FREED, ARGS(NO_ARG), e);
}

/* ---- rules ---- */

/* What was crossed while nobody looked, or is by a limit that is lower now. */
static int
look_at_all_thresholds(struct store *s, const struct budget *b, int64_t now_ms, struct err *e)
{
	for (size_t i = 0; i < b->n_limits; i++) {
		CLEANUP(standing_clear) struct standing st = { NULL };

		if (store_standing(s, b->limits[i].scope, now_ms, &st, e) < 0 ||
		    threshold_look(s, b, &st, now_ms, e) < 0)
			return -1;
	}
	return 0;
}

static int
see_month(
    struct store *s, const struct budget *b, const struct money *m, int64_t now_ms, struct err *e)
{
	if (m->month == month_of(now_ms))
		return 0;
	if (sql_run(s, SQL_MONTH, ARGS(INT(month_of(now_ms))), e) < 0)
		return -1;
	return look_at_all_thresholds(s, b, now_ms, e);
}

static int
record_rules(
    struct store *s, const struct budget *b, const char *digest, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *details = budget_to_json(b);

	json_add_str(details, "digest", digest);
	return store_audit_add(s, "budget.rules", NULL, details, now_ms, e);
}

int
store_budget_set(
    struct store *s, const struct budget *b, const char *prices, int64_t now_ms, struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };
	char digest[DIGEST_SIZE];
	bool same_rules, same_prices;

	if (writing(s, e) < 0 || money_read(s, &m, e) < 0 || see_month(s, b, &m, now_ms, e) < 0)
		return -1;
	budget_digest(b, digest);
	same_rules = strcmp(m.rules, digest) == 0;
	same_prices = strcmp(m.prices, prices) == 0;
	if (same_rules && same_prices)
		return 0;
	if (sql_run(s, SQL_SET, ARGS(TEXT(digest), TEXT(prices)), e) < 0 ||
	    sql_run(s, SQL_ANEW, ARGS(NO_ARG), e) < 0)
		return -1;
	if (same_rules)
		return 0;
	if (record_rules(s, b, digest, now_ms, e) < 0)
		return -1;
	return look_at_all_thresholds(s, b, now_ms, e);
}

/* ---- waiting ---- */

/* One hold that is due to be looked at. */
struct due {
	int64_t objective;
	enum objection_reason reason;
	money_t amount;
	bool anew;
};

static enum objection_reason
reason_from_name(const char *name)
{
	enum objection_reason reason = 0;

	while (reason < OBJECTION_REASONS && strcmp(objection_reason_name(reason), name) != 0)
		reason++;
	return reason;
}

static int
read_due(struct store *s, int64_t epoch, struct due *v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_DUE, ARGS(INT(epoch), INT(WAKE_MAX)), e);
	int rc = 0;

	*len = 0;
	if (stmt == NULL)
		return -1;
	while (*len < WAKE_MAX && (rc = sql_step(s, stmt, e)) == 1) {
		v[(*len)++] = (struct due){
			.objective = sqlite3_column_int64(stmt, 0),
			.reason = reason_from_name(column_text(stmt, 1)),
			.amount = sqlite3_column_int64(stmt, 2),
			.anew = sqlite3_column_int64(stmt, 3) == DECIDE_ANEW,
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
find_room(struct store *s, const struct budget *b, const struct scopes *scopes, money_t holds,
    money_t amount, struct promises *promises, int64_t now_ms, bool *room, struct err *e)
{
	CLEANUP(ruling_clear) struct ruling ruling = { .len = 0 };
	const struct demand d = { .amount = amount, .holds = holds, .digest = "" };
	struct standing *v = NULL;
	int rc = 0;

	*room = false;
	if (admission_standings(scopes, s, now_ms, &v, e) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < scopes->len; i++)
		rc = accrual_change(&v[i].reserved, promise_of(promises, v[i].scope)->amount,
		    month_second(v[i].month, now_ms), e);
	if (rc == 0)
		rc = budget_rule(b, &d, v, scopes->len, now_ms, &ruling, e);
	store_standings_free(v, scopes->len);
	if (rc < 0)
		return -1;
	/* Whatever else it waits for has a hold of its own. */
	for (size_t i = 0; i < ruling.len; i++)
		if (ruling.v[i].reason == OBJECTION_BUDGET)
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
	return find_room(s, b, &scopes, h.amount, due->amount, promises, now_ms, room, e);
}

static int
wake_one(struct store *s, const struct budget *b, const struct due *due, int64_t epoch,
    struct promises *promises, int64_t now_ms, bool *lifted, struct err *e)
{
	CLEANUP(row_clear) struct row r = { .seq = 0 };

	*lifted = due->anew;
	if (row_at(s, due->objective, &r, e) < 0 ||
	    (!due->anew && look_at(s, b, due, &r, promises, now_ms, lifted, e) < 0))
		return -1;
	if (!*lifted)
		return sql_run(s, SQL_LOOKED, ARGS(INT(due->objective), INT(epoch)), e);
	return hold_remove(s, &r, objection_reason_name(due->reason), NULL, now_ms, e);
}

int
store_budget_wake(
    struct store *s, const struct budget *b, int64_t now_ms, size_t *lifted, struct err *e)
{
	CLEANUP(money_clear) struct money m = { .prices = NULL };
	CLEANUP(promises_clear) struct promises promises = { NULL, 0 };
	struct due due[WAKE_MAX];
	size_t len, n = 0;

	if (writing(s, e) < 0 || money_read(s, &m, e) < 0 || see_month(s, b, &m, now_ms, e) < 0)
		return -1;
	m.epoch += m.month != month_of(now_ms);
	if (read_due(s, m.epoch, due, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		bool one;

		if (wake_one(s, b, &due[i], m.epoch, &promises, now_ms, &one, e) < 0)
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
		*when_ms = month_start_ms(m.month + 1);
	return 0;
}
