/* Reading. What is used of a limit is told exactly; only what is printed is rounded. */
#include "config.h"

#include "cli/budget_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/ledger.h"

static decimal_t
percent_of(money_t amount, money_t limit)
{
	decimal_t percent;

	if (amount <= 0)
		return 0;
	if (limit <= 0 || money_muldiv(amount, 100 * DECIMAL_ONE, limit, &percent, NULL) < 0)
		return PERCENT_MAX;
	return percent < PERCENT_MAX ? percent : PERCENT_MAX;
}

static int
per_day(money_t *amount, struct err *e)
{
	return money_muldiv(*amount, DAY_HOURS, MONTH_HOURS, amount, e);
}

static int
add_line(struct budget_lines *l, const struct standing *s, enum budget_period period,
    const struct outlook *now, struct err *e)
{
	const struct budget_limit *rule = budget_limit(l->budget, s->scope, period);
	struct budget_line line = { .period = period, .rule = rule, .now = *now };

	if (rule != NULL) {
		line.limited = true;
		line.granted = s->granted[period];
		line.limit = budget_limit_in_force(rule, s);
	}
	if (period == BUDGET_DAILY) {
		if (per_day(&line.now.committed, e) < 0 || per_day(&line.now.reserved, e) < 0)
			return -1;
		line.percent = percent_of(now->daily, line.limit);
	} else if (line.limited) {
		line.percent = percent_of(
		    now->forecast > now->run_rate ? now->forecast : now->run_rate, line.limit);
	}
	line.scope = xstrdup(s->scope);
	l->v = xgrow(l->v, l->len, &l->cap, sizeof(*l->v));
	l->v[l->len++] = line;
	return 0;
}

static int
add_scope(struct budget_lines *l, const struct standing *s, struct err *e)
{
	struct outlook now;

	if (standing_outlook(s, l->now_ms, &now, e) < 0)
		return err_in(e, "%s", s->scope);
	/* A scope with nothing but a daily limit needs no line for its months. */
	if ((budget_limit(l->budget, s->scope, BUDGET_MONTHLY) != NULL ||
		budget_limit(l->budget, s->scope, BUDGET_DAILY) == NULL) &&
	    add_line(l, s, BUDGET_MONTHLY, &now, e) < 0)
		return -1;
	if (budget_limit(l->budget, s->scope, BUDGET_DAILY) == NULL)
		return 0;
	return add_line(l, s, BUDGET_DAILY, &now, e);
}

static int
by_name(const void *a, const void *b)
{
	/* "global" comes before "group:" and "label:" by its letters. */
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
list_scopes(
    struct cli *cli, const struct budget_lines *l, bool all, struct strv *scopes, struct err *e)
{
	struct standing *v = NULL;
	size_t len = 0;

	if (all && cli->store != NULL && store_standings(cli->store, l->now_ms, &v, &len, e) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		strv_add(scopes, v[i].scope);
	store_standings_free(v, len);
	for (size_t i = 0; i < l->budget->n_limits; i++)
		strv_add(scopes, l->budget->limits[i].scope);
	if (scopes->len > 0)
		qsort(scopes->v, scopes->len, sizeof(*scopes->v), by_name);
	return 0;
}

static int
load_scope(struct cli *cli, struct budget_lines *l, const char *scope, struct err *e)
{
	struct standing s = { .month = month_of(l->now_ms) };
	int rc = 0;

	if (cli->store != NULL)
		rc = store_standing(cli->store, scope, l->now_ms, &s, e);
	else
		s.scope = xstrdup(scope);
	if (rc == 0)
		rc = add_scope(l, &s, e);
	standing_clear(&s);
	return rc;
}

int
budget_lines_load(struct budget_lines *l, struct cli *cli, bool all, struct err *e)
{
	struct strv scopes = { 0 };
	int rc = list_scopes(cli, l, all, &scopes, e);

	for (size_t i = 0; i < scopes.len && rc == 0; i++) {
		if (i == 0 || strcmp(scopes.v[i], scopes.v[i - 1]) != 0)
			rc = load_scope(cli, l, scopes.v[i], e);
	}
	strv_clear(&scopes);
	return rc;
}

void
budget_lines_clear(struct budget_lines *l)
{
	for (size_t i = 0; i < l->len; i++)
		free(l->v[i].scope);
	free(l->v);
}
