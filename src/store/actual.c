/*
 * Actual cost: charges are kept a day and a resource at a time, with the objective
 * that they are of. An import replaces whole days of an account, because later
 * exports have charges that the earlier ones did not know yet, and corrections.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "store/account.h"
#include "store/charge.h"

static const char SQL_COUNT[] = "SELECT count(*) FROM charges WHERE account = ?1 AND day_ms = ?2";
static const char SQL_REMOVE[] = "DELETE FROM charges WHERE account = ?1 AND day_ms = ?2";
static const char SQL_ADD[] =
    "INSERT INTO charges (account, day_ms, resource, folded, objective, resource_group, service, amount)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/* Of objectives, and then what is of none; the last day is that of the account. */
static const char SQL_MATCHED[] =
    "SELECT o.id, NULL, NULL, SUM(c.amount), MIN(l.day_ms) FROM charges c"
    " JOIN objectives o ON o.seq = c.objective JOIN"
    " (SELECT account, MAX(day_ms) AS day_ms FROM charges WHERE day_ms >= ?1 AND day_ms < ?2"
    " GROUP BY account) l ON l.account = c.account"
    " WHERE c.day_ms >= ?1 AND c.day_ms < ?2 GROUP BY o.seq, o.id ORDER BY o.seq";
static const char SQL_UNMATCHED[] =
    "SELECT '', MIN(resource_group), service, SUM(amount), MAX(day_ms) FROM charges"
    " WHERE day_ms >= ?1 AND day_ms < ?2 AND objective IS NULL"
    " GROUP BY LOWER(resource_group), service ORDER BY LOWER(resource_group), service";

/* ---- import ---- */

static int
compare_charges(const void *a, const void *b)
{
	const struct charge *x = *(const struct charge *const *)a;
	const struct charge *y = *(const struct charge *const *)b;
	int order = strcmp(x->account, y->account);

	if (order == 0)
		order = (x->day_ms > y->day_ms) - (x->day_ms < y->day_ms);
	return order;
}

/* By account and day; pointers into V. The caller's own. */
static const struct charge **
sorted(const struct charge *v, size_t len)
{
	const struct charge **list = xcalloc(len + 1, sizeof(*list));

	for (size_t i = 0; i < len; i++)
		list[i] = &v[i];
	if (len > 0)
		qsort(list, len, sizeof(*list), compare_charges);
	return list;
}

static bool
same_day(const struct charge *a, const struct charge *b)
{
	return a->day_ms == b->day_ms && strcmp(a->account, b->account) == 0;
}

static int
clear_day(struct store *s, const struct charge *c, struct import_report *report, struct err *e)
{
	const struct arg args[] = { TEXT(c->account), INT(c->day_ms), NO_ARG };
	int64_t before;

	if (sql_number(s, SQL_COUNT, args, 0, &before, e) < 0)
		return -1;
	report->replaced += before;
	return before == 0 ? 0 : sql_run(s, SQL_REMOVE, args, e);
}

static int
count(struct import_report *r, const struct charge *c, bool matched, struct err *e)
{
	money_t *sum = matched ? &r->matched_amount : &r->unmatched_amount;

	*(matched ? &r->matched : &r->unmatched) += 1;
	r->charges++;
	if (r->first_ms == 0 || c->day_ms < r->first_ms)
		r->first_ms = c->day_ms;
	if (c->day_ms > r->last_ms)
		r->last_ms = c->day_ms;
	return money_add(*sum, c->amount, sum, e);
}

static int
add_charge(struct store *s, const struct charge *c, struct import_report *report, struct err *e)
{
	AUTO_FREE char *folded = text_folded(c->resource);
	struct arg args[] = { TEXT(c->account), INT(c->day_ms), TEXT(c->resource), TEXT(folded),
		TEXT(NULL), TEXT(c->resource_group), TEXT(c->service), INT(c->amount), NO_ARG };
	int64_t objective;

	if (charge_match(s, c, folded, &objective, e) < 0)
		return -1;
	if (objective != 0)
		args[4] = (struct arg)INT(objective);
	if (sql_run(s, SQL_ADD, args, e) < 0)
		return -1;
	return count(report, c, objective != 0, e);
}

static void
add_day(cJSON *json, const char *key, int64_t day_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (day_ms == 0)
		return;
	clock_format(day_ms, text);
	text[strlen("2026-11-21")] = '\0';
	json_add_str(json, key, text);
}

static int
record(
    struct store *s, const char *name, const struct import_report *r, int64_t now_ms, struct err *e)
{
	AUTO_JSON cJSON *details = cJSON_CreateObject();

	json_add_str(details, "file", name);
	add_day(details, "first", r->first_ms);
	add_day(details, "last", r->last_ms);
	json_add_int(details, "charges", r->charges);
	json_add_int(details, "replaced", r->replaced);
	json_add_int(details, "matched", r->matched);
	json_add_money(details, "matched_amount", r->matched_amount);
	json_add_int(details, "unmatched", r->unmatched);
	json_add_money(details, "unmatched_amount", r->unmatched_amount);
	return store_audit_add(s, "costs.imported", NULL, details, now_ms, e);
}

int
store_import_charges(struct store *s, const char *name, const struct charge *v, size_t len,
    int64_t now_ms, struct import_report *report, struct err *e)
{
	AUTO_FREE const struct charge **list = sorted(v, len);

	memset(report, 0, sizeof(*report));
	if (writing(s, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (i == 0 || !same_day(list[i], list[i - 1])) {
			report->days++;
			if (clear_day(s, list[i], report, e) < 0)
				return -1;
		}
		if (add_charge(s, list[i], report, e) < 0)
			return -1;
	}
	if (charges_to_scopes(s, now_ms, e) < 0 || money_freed(s, e) < 0)
		return -1;
	return record(s, name, report, now_ms, e);
}

int
store_actual_announce(struct store *s, const struct budget *b, int64_t now_ms, struct err *e)
{
	if (writing(s, e) < 0)
		return -1;
	return threshold_look_all(s, b, now_ms, e);
}

/* ---- reading ---- */

struct actuals {
	struct actual *v;
	size_t len, cap;
};

static int
read_actuals(struct store *s, const char *sql, month_t month, struct actuals *list, struct err *e)
{
	AUTO_STMT stmt =
	    sql_start(s, sql, ARGS(INT(month_start_ms(month)), INT(month_start_ms(month + 1))), e);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, e)) == 1) {
		struct actual *a;

		list->v = xgrow(list->v, list->len, &list->cap, sizeof(*list->v));
		a = &list->v[list->len++];
		memset(a, 0, sizeof(*a));
		column_id(stmt, 0, a->objective_id);
		a->resource_group = column_dup(stmt, 1);
		a->service = column_dup(stmt, 2);
		a->amount = sqlite3_column_int64(stmt, 3);
		a->until_ms = sqlite3_column_int64(stmt, 4) + DAY_MS;
	}
	return rc;
}

int
store_actuals(struct store *s, month_t month, struct actual **v, size_t *len, struct err *e)
{
	struct actuals list = { NULL, 0, 0 };
	int rc;

	*v = NULL;
	*len = 0;
	if (read_begin(s, e) < 0)
		return -1;
	rc = read_actuals(s, SQL_MATCHED, month, &list, e);
	if (rc == 0)
		rc = read_actuals(s, SQL_UNMATCHED, month, &list, e);
	read_end(s);
	*v = list.v;
	*len = list.len;
	return LIST_END(rc, v, len, store_actuals_free);
}

void
store_actuals_free(struct actual *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(v[i].resource_group);
		free(v[i].service);
	}
	free(v);
}
