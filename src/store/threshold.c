/* Thresholds of limits: each is announced once for each scope and month, in the audit and to [notify]. */
#include "config.h"

#include "store/account.h"

static const char SQL_CROSS[] =
    "INSERT INTO crossings (scope, month, threshold) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

static cJSON *
describe(const struct budget *b, const struct standing *st, const struct outlook *out,
    decimal_t threshold, decimal_t used)
{
	cJSON *details = cJSON_CreateObject();
	char text[MONEY_TEXT_SIZE], month[MONTH_TEXT_SIZE];

	json_add_str(details, "scope", st->scope);
	json_add_str(details, "month", month_format(st->month, month));
	json_add_str(details, "threshold", decimal_format(threshold, text));
	json_add_str(details, "used", decimal_format(used, text));
	json_add_str(details, "currency", b->currency);
	for (enum budget_period period = 0; period < BUDGET_PERIODS; period++) {
		const struct budget_limit *limit = budget_limit(b, st->scope, period);
		cJSON *json;

		if (limit == NULL)
			continue;
		json = cJSON_AddObjectToObject(details, budget_period_name(period));
		json_add_money(json, "limit", limit->amount);
		json_add_money(json, "granted", st->granted[period]);
		json_add_str(json, "where", limit->where);
	}
	json_add_money(details, "run_rate", out->run_rate);
	json_add_money(details, "spent", out->spent);
	json_add_money(details, "forecast", out->forecast);
	return details;
}

static int
announce(struct store *s, const struct budget *b, const struct standing *st, decimal_t threshold,
    decimal_t used, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *details = NULL;
	struct outlook out;

	if (standing_outlook(st, now_ms, &out, e) < 0)
		return -1;
	details = describe(b, st, &out, threshold, used);
	if (store_audit_add(s, "budget.threshold", NULL, details, now_ms, e) < 0)
		return -1;
	return notice_budget(s, details, now_ms, e);
}

int
threshold_look(struct store *s, const struct budget *b, const struct standing *st, int64_t now_ms,
    struct err *e)
{
	decimal_t used;

	if (budget_limit(b, st->scope, BUDGET_MONTHLY) == NULL &&
	    budget_limit(b, st->scope, BUDGET_DAILY) == NULL)
		return 0;
	if (budget_used(b, st, now_ms, &used, e) < 0)
		return -1;
	for (size_t i = 0; i < b->n_thresholds && b->thresholds[i] <= used; i++) {
		if (sql_run(s, SQL_CROSS,
			ARGS(TEXT(st->scope), INT(st->month), INT(b->thresholds[i])), e) < 0)
			return -1;
		if (sqlite3_changes(s->db) > 0 &&
		    announce(s, b, st, b->thresholds[i], used, now_ms, e) < 0)
			return -1;
	}
	return 0;
}

int
threshold_look_all(struct store *s, const struct budget *b, int64_t now_ms, struct err *e)
{
	for (size_t i = 0; i < b->n_limits; i++) {
		CLEANUP(standing_clear) struct standing st = { .scope = NULL };

		if (store_standing(s, b->limits[i].scope, now_ms, &st, e) < 0 ||
		    threshold_look(s, b, &st, now_ms, e) < 0)
			return -1;
	}
	return 0;
}
