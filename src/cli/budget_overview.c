/*
 * How each scope stands against its limit. Amounts are rounded to cents for the
 * eye only; --json has them exactly.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/budget.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/waiting.h"

#define BAR_MAX 10
#define BAR_MIN 4
#define PERCENT_WIDTH 5 /* " 100%" */
#define PERCENT_SHOWN_MAX 999
#define DAY_HOURS 24
#define N_COLUMNS 7
#define NAME_MIN 12 /* columns of a scope */

static const struct table_column columns[N_COLUMNS] = {
	{ .title = "SCOPE", .give = 9, .min = NAME_MIN },
	{ .title = "LIMIT", .right = true },
	{ .title = "COMMITTED", .right = true },
	{ .title = "RESERVED", .right = true },
	{ .title = "SPENT", .right = true },
	{ .title = "FORECAST", .right = true },
	{ .title = "USED", .right = true },
};

/* One line of the table: a scope and one of its limits, or none. */
struct line {
	char *scope;
	enum budget_period period;
	bool limited;
	money_t limit; /* with what is granted */
	money_t granted;
	struct outlook now; /* of a daily limit in amounts a day */
	decimal_t percent;  /* of the limit */
	const struct budget_limit *rule;
};

struct lines {
	const struct budget *budget;
	int64_t now_ms;
	struct line *v;
	size_t len, cap;
};

/* ---- reading ---- */

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
add_line(struct lines *l, const struct standing *s, enum budget_period period,
    const struct outlook *now, struct err *e)
{
	const struct budget_limit *rule = budget_limit(l->budget, s->scope, period);
	struct line line = { .period = period, .rule = rule, .now = *now };

	if (rule != NULL) {
		line.limited = true;
		line.granted = s->granted[period];
		if (money_add(rule->amount, line.granted, &line.limit, e) < 0)
			return err_in(e, "%s", s->scope);
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
add_scope(struct lines *l, const struct standing *s, struct err *e)
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
list_scopes(struct cli *cli, const struct lines *l, bool all, struct strv *scopes, struct err *e)
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
load_scope(struct cli *cli, struct lines *l, const char *scope, struct err *e)
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

static int
load_lines(struct cli *cli, struct lines *l, bool all, struct err *e)
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

static void
lines_clear(struct lines *l)
{
	for (size_t i = 0; i < l->len; i++)
		free(l->v[i].scope);
	free(l->v);
}

/* ---- table ---- */

/* In whole percent: what is not full is never "100%", and what is over never either. */
static int
whole_percent(decimal_t percent)
{
	decimal_t whole = percent / DECIMAL_ONE;

	if (percent > 100 * DECIMAL_ONE)
		whole = (percent + DECIMAL_ONE - 1) / DECIMAL_ONE;
	return (int)(whole < PERCENT_SHOWN_MAX ? whole : PERCENT_SHOWN_MAX);
}

/* "####......  42%"; the caller's own. */
static char *
bar_text(decimal_t percent, size_t width)
{
	struct buf out = BUF_INIT(256);
	const char *full = style_utf8() ? "\u2588" : "#", *rest = style_utf8() ? "\u2591" : ".";
	int shown = whole_percent(percent);
	size_t filled = (size_t)shown * width / 100;

	if (filled == 0 && percent > 0)
		filled = 1;
	for (size_t i = 0; i < width; i++)
		buf_adds(&out, i < filled ? full : rest);
	buf_addf(&out, "%s%*d%%", percent / DECIMAL_ONE > PERCENT_SHOWN_MAX ? ">" : " ",
	    PERCENT_WIDTH - 2, shown);
	return buf_take(&out);
}

static enum style
style_of_percent(decimal_t percent)
{
	if (percent > 100 * DECIMAL_ONE)
		return STYLE_BAD;
	return percent >= 80 * DECIMAL_ONE ? STYLE_WARN : STYLE_GOOD;
}

static void
add_amount(struct table *t, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	table_add(t, STYLE_PLAIN, money_format_people(amount, text));
}

static void
add_row(struct table *t, const struct line *line, size_t bar)
{
	AUTO_FREE char *used = line->limited ? bar_text(line->percent, bar) : NULL;
	bool daily = line->period == BUDGET_DAILY;

	table_addf(t, STYLE_PLAIN, "%s%s", line->scope, daily ? ", a day" : "");
	if (line->limited)
		add_amount(t, line->limit);
	else
		table_add(t, STYLE_DIM, "-");
	add_amount(t, line->now.committed);
	add_amount(t, line->now.reserved);
	/* Spent and forecast are of a month. */
	if (daily) {
		table_add(t, STYLE_PLAIN, "");
		table_add(t, STYLE_PLAIN, "");
	} else {
		add_amount(t, line->now.spent);
		add_amount(t, line->now.forecast);
	}
	table_add(t, style_of_percent(line->percent), used);
}

static void
make_table(struct table *t, const struct lines *l, size_t bar)
{
	table_init(t, columns, N_COLUMNS);
	for (size_t i = 0; i < l->len; i++)
		add_row(t, &l->v[i], bar);
}

/* For a window that is too narrow for columns. */
static void
print_stacked(const struct lines *l)
{
	for (size_t i = 0; i < l->len; i++) {
		const struct line *line = &l->v[i];
		bool daily = line->period == BUDGET_DAILY;
		AUTO_FREE char *used = line->limited ? bar_text(line->percent, BAR_MAX) : NULL;
		AUTO_FREE char *text = NULL;
		char limit[MONEY_TEXT_SIZE], committed[MONEY_TEXT_SIZE], reserved[MONEY_TEXT_SIZE],
		    spent[MONEY_TEXT_SIZE], forecast[MONEY_TEXT_SIZE];

		printf("%s%s\n", line->scope, daily ? ", a day" : "");
		if (line->limited)
			printf("  %s%s%s of %s\n", style_on(style_of_percent(line->percent)), used,
			    style_off(style_of_percent(line->percent)),
			    money_format_people(line->limit, limit));
		text = xasprintf("committed %s, reserved %s%s%s%s%s",
		    money_format_people(line->now.committed, committed),
		    money_format_people(line->now.reserved, reserved), daily ? "" : ", spent ",
		    daily ? "" : money_format_people(line->now.spent, spent),
		    daily ? "" : ", forecast ",
		    daily ? "" : money_format_people(line->now.forecast, forecast));
		text_wrap(stdout, text, 2, style_text_columns());
	}
}

/* The bar takes what room the amounts and the names leave; where there is none for it, names are cut. */
static size_t
bar_width(const struct lines *l, size_t least, size_t window)
{
	size_t name = NAME_MIN, wanted;

	if (window == 0)
		return BAR_MAX;
	if (least + BAR_MIN > window)
		return 0;
	for (size_t i = 0; i < l->len; i++) {
		if (text_width(l->v[i].scope) > name)
			name = text_width(l->v[i].scope);
	}
	wanted = least + name - NAME_MIN;
	if (wanted + BAR_MIN > window)
		return BAR_MIN;
	return window - wanted < BAR_MAX ? window - wanted : BAR_MAX;
}

static void
print_lines(const struct lines *l)
{
	size_t window = style_columns(), least;
	struct table t;

	if (l->len == 0)
		return;
	make_table(&t, l, 0);
	least = table_least_width(&t);
	table_clear(&t);
	if (window > 0 && least > window) {
		print_stacked(l);
		return;
	}
	make_table(&t, l, bar_width(l, least, window));
	table_print(&t, stdout);
	table_clear(&t);
}

static void
print_grants(const struct grant *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char amount[MONEY_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
		AUTO_FREE char *text = xasprintf("%s: %s more%s until %.19sZ, granted by %s: %s",
		    v[i].scope, money_format_people(v[i].amount, amount),
		    v[i].period == BUDGET_DAILY ? " a day" : "", clock_format(v[i].until_ms, until),
		    v[i].by, v[i].reason);
		AUTO_FREE char *shown = text_visible(text);

		text_wrap(stdout, shown, 2, style_text_columns());
	}
}

static void
print_head(const struct lines *l)
{
	char month[MONTH_TEXT_SIZE];

	printf("%s%s, %s%s\n", style_on(STYLE_BOLD), month_format(month_of(l->now_ms), month),
	    l->budget->currency, style_off(STYLE_BOLD));
}

static void
say_no_limits(const struct cli *cli)
{
	say_done("no limits are set: nothing waits for money, whatever it costs");
	say_next("write into %s:   [budget]   monthly_limit = 500.00", cli->paths.config);
}

/* ---- JSON ---- */

static cJSON *
line_json(const struct line *line)
{
	cJSON *json = cJSON_CreateObject();
	char percent[MONEY_TEXT_SIZE];

	json_add_str(json, "scope", line->scope);
	json_add_str(json, "period", budget_period_name(line->period));
	if (line->limited) {
		report_add_money(json, "limit", line->limit);
		report_add_money(json, "granted", line->granted);
		json_add_str(json, "where", line->rule->where);
		json_add_str(json, "percent", decimal_format(line->percent, percent));
	}
	report_add_money(json, "committed", line->now.committed);
	report_add_money(json, "reserved", line->now.reserved);
	if (line->period == BUDGET_DAILY) {
		report_add_money(json, "run_rate", line->now.daily);
		return json;
	}
	report_add_money(json, "run_rate", line->now.run_rate);
	report_add_money(json, "spent", line->now.spent);
	report_add_money(json, "forecast", line->now.forecast);
	return json;
}

static cJSON *
grant_json(const struct grant *g)
{
	cJSON *json = cJSON_CreateObject();

	json_add_int(json, "number", g->number);
	json_add_str(json, "scope", g->scope);
	json_add_str(json, "period", budget_period_name(g->period));
	report_add_money(json, "amount", g->amount);
	report_add_time(json, "until", g->until_ms);
	json_add_str(json, "by", g->by);
	json_add_str(json, "reason", g->reason);
	report_add_time(json, "given", g->given_ms);
	return json;
}

static void
print_json(
    const struct lines *l, const struct grant *grants, size_t n_grants, const struct waits *waits)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	char month[MONTH_TEXT_SIZE];
	cJSON *list;

	report_add_time(json, "time", l->now_ms);
	json_add_str(json, "month", month_format(month_of(l->now_ms), month));
	json_add_str(json, "currency", l->budget->currency);
	list = cJSON_AddArrayToObject(json, "scopes");
	for (size_t i = 0; i < l->len; i++)
		cJSON_AddItemToArray(list, line_json(&l->v[i]));
	list = cJSON_AddArrayToObject(json, "grants");
	for (size_t i = 0; i < n_grants; i++)
		cJSON_AddItemToArray(list, grant_json(&grants[i]));
	cJSON_AddItemToObject(json, "waiting", waits_to_json(waits));
	text = json_pretty(json);
	fputs(text, stdout);
}

/* ---- the command ---- */

enum status
budget_open(struct cli *cli)
{
	struct err e = { 0 };

	if (store_open(cli->paths.state, STORE_READ, &cli->store, &e) == 0 ||
	    e.kind == ERR_NOT_FOUND)
		return STATUS_DONE;
	return say_error(&e);
}

static int
load(struct cli *cli, const struct budget_options *o, struct lines *l, struct grant **grants,
    size_t *n_grants, struct waits *waits, struct err *e)
{
	if (load_lines(cli, l, o->all, e) < 0)
		return -1;
	if (cli->store == NULL)
		return 0;
	if (store_grants(cli->store, l->now_ms, grants, n_grants, e) < 0)
		return -1;
	return waits_load(waits, cli->store, l->budget, l->now_ms, e);
}

enum status
budget_overview(struct cli *cli, const struct budget_options *o)
{
	struct lines l = { .budget = &cli->config.budget, .now_ms = clock_now_ms() };
	struct grant *grants = NULL;
	struct waits waits = { .v = NULL };
	enum status status = budget_open(cli);
	struct err e = { 0 };
	size_t n_grants = 0;

	if (status == STATUS_DONE && load(cli, o, &l, &grants, &n_grants, &waits, &e) < 0) {
		status = say_error(&e);
	} else if (status == STATUS_DONE && o->json) {
		print_json(&l, grants, n_grants, &waits);
	} else if (status == STATUS_DONE) {
		if (l.len > 0)
			print_head(&l);
		print_lines(&l);
		print_grants(grants, n_grants);
		if (l.budget->n_limits == 0)
			say_no_limits(cli);
		waits_print(&waits, l.now_ms);
	}
	lines_clear(&l);
	store_grants_free(grants, n_grants);
	waits_clear(&waits);
	return status;
}
