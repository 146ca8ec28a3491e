/* Grants: what a person lets a scope have on top of its limit, for a time. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/account.h"

static const char SQL_ADD[] =
    "INSERT INTO grants (number, scope, period, amount, until_ms, given_by, reason, given_ms)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char SQL_LIST[] =
    "SELECT number, scope, period, amount, until_ms, given_by, reason, given_ms FROM grants"
    " WHERE until_ms > ?1 ORDER BY number";

static bool
is_empty(const char *text)
{
	return text == NULL || text[strspn(text, " \t")] == '\0';
}

static cJSON *
describe(const struct grant *g)
{
	cJSON *details = cJSON_CreateObject();
	char until[CLOCK_TEXT_SIZE];

	json_add_str(details, "scope", g->scope);
	json_add_str(details, "period", budget_period_name(g->period));
	json_add_money(details, "amount", g->amount);
	json_add_str(details, "until", clock_format(g->until_ms, until));
	json_add_str(details, "by", g->by);
	json_add_str(details, "reason", g->reason);
	return details;
}

int
store_grant(struct store *s, const struct grant *g, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *details = NULL;
	int64_t number;

	if (writing(s, e) < 0)
		return -1;
	if (g->amount <= 0 || g->amount > BUDGET_AMOUNT_MAX)
		return err_set(
		    e, ERR_INPUT, "a grant is of more than nothing, and of at most 1,000,000,000");
	if (g->until_ms <= now_ms)
		return err_set(e, ERR_INPUT, "a grant cannot end in the past");
	if (is_empty(g->by) || is_empty(g->reason))
		return err_set(
		    e, ERR_INPUT, "a grant needs a name and a reason: they are kept with it");
	if (ledger_add(s, "granted", 0, 0, g->amount, "{}", now_ms, &number, e) < 0 ||
	    sql_run(s, SQL_ADD,
		ARGS(INT(number), TEXT(g->scope), TEXT(budget_period_name(g->period)),
		    INT(g->amount), INT(g->until_ms), TEXT(g->by), TEXT(g->reason), INT(now_ms)),
		e) < 0 ||
	    money_freed(s, e) < 0)
		return -1;
	details = describe(g);
	json_add_int(details, "entry", number);
	return store_audit_add(s, "budget.granted", NULL, details, now_ms, e);
}

int
store_grants(struct store *s, int64_t now_ms, struct grant **v, size_t *len, struct err *e)
{
	AUTO_STMT stmt = sql_start(s, SQL_LIST, ARGS(INT(now_ms)), e);
	size_t cap = 0;
	int rc;

	*v = NULL;
	*len = 0;
	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		*v = xgrow(*v, *len, &cap, sizeof(**v));
		(*v)[(*len)++] = (struct grant){
			.number = sqlite3_column_int64(stmt, 0),
			.scope = column_dup(stmt, 1),
			.period = budget_period_from_name(column_text(stmt, 2)),
			.amount = sqlite3_column_int64(stmt, 3),
			.until_ms = sqlite3_column_int64(stmt, 4),
			.by = column_dup(stmt, 5),
			.reason = column_dup(stmt, 6),
			.given_ms = sqlite3_column_int64(stmt, 7),
		};
	}
	return LIST_END(rc, v, len, store_grants_free);
}

void
store_grants_free(struct grant *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].scope);
		free(v[i].by);
		free(v[i].reason);
	}
	free(v);
}
