/* budget show: the lines, the grants that are in force, and what waits. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/budget.h"
#include "cli/budget_lines.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/text.h"
#include "cli/waiting.h"

/* A grant is remembered where its limit was taken away, and would be in force again. */
static void
print_grants(const struct budget *b, const struct grant *v, size_t len)
{
	if (len > 0)
		printf("\n%sGrants%s\n", style_on(STYLE_BOLD), style_off(STYLE_BOLD));
	for (size_t i = 0; i < len; i++) {
		const struct grant *g = &v[i];
		char amount[MONEY_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
		AUTO_FREE char *text =
		    xasprintf("%" PRId64 " %s: %s more%s until %s%s, granted by %s: %s", g->number,
			g->scope, money_format_people(g->amount, amount),
			g->period == BUDGET_DAILY ? " a day" : "", text_second(g->until_ms, until),
			budget_limit(b, g->scope, g->period) == NULL ? " (without effect: no limit)"
								     : "",
			g->by, g->reason);
		AUTO_FREE char *shown = text_visible(text);

		text_wrap(stdout, shown, 2, style_text_columns());
	}
}

static void
print_head(const struct budget_lines *l)
{
	char month[MONTH_TEXT_SIZE];

	printf("%s%s, %s%s\n", style_on(STYLE_BOLD), month_format(month_of(l->now_ms), month),
	    l->budget->currency, style_off(STYLE_BOLD));
}

static void
say_no_limits(const struct cli *cli, const struct waiting_list *waiting)
{
	/* What a limit held before it was taken away waits until the next run looks. */
	if (waiting->counts[OBJECTION_BUDGET] > 0)
		say_done("no limits are set: the next run takes up what waits for money");
	else
		say_done("no limits are set: nothing waits for money, whatever it costs");
	say_next("write into %s:   [budget]   monthly_limit = 500.00", cli->paths.config);
}

/* ---- JSON ---- */

static cJSON *
line_json(const struct budget_line *line)
{
	cJSON *json = cJSON_CreateObject();
	char percent[MONEY_TEXT_SIZE];

	json_add_str(json, "scope", line->scope);
	json_add_str(json, "period", budget_period_name(line->period));
	if (line->limited) {
		json_add_money(json, "limit", line->limit);
		json_add_money(json, "granted", line->granted);
		json_add_str(json, "where", line->rule->where);
		json_add_str(json, "percent", decimal_format(line->percent, percent));
	}
	json_add_money(json, "committed", line->now.committed);
	json_add_money(json, "reserved", line->now.reserved);
	if (line->period == BUDGET_DAILY) {
		json_add_money(json, "run_rate", line->now.daily);
		return json;
	}
	json_add_money(json, "run_rate", line->now.run_rate);
	json_add_money(json, "spent", line->now.spent);
	json_add_money(json, "forecast", line->now.forecast);
	return json;
}

static cJSON *
grant_json(const struct budget *b, const struct grant *g)
{
	cJSON *json = cJSON_CreateObject();

	json_add_int(json, "number", g->number);
	json_add_str(json, "scope", g->scope);
	json_add_str(json, "period", budget_period_name(g->period));
	json_add_money(json, "amount", g->amount);
	report_add_time(json, "until", g->until_ms);
	json_add_str(json, "by", g->by);
	json_add_str(json, "reason", g->reason);
	report_add_time(json, "given", g->given_ms);
	json_add_bool(json, "in_effect", budget_limit(b, g->scope, g->period) != NULL);
	return json;
}

static void
print_json(const struct budget_lines *l, const struct grant *grants, size_t n_grants,
    const struct waiting_list *waiting)
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
		cJSON_AddItemToArray(list, grant_json(l->budget, &grants[i]));
	cJSON_AddItemToObject(json, "waiting", waiting_list_to_json(waiting));
	text = json_pretty(json);
	fputs(text, stdout);
}

/* ---- the command ---- */

static int
load(struct budget_lines *l, struct cli *cli, const struct budget_options *o, struct grant **grants,
    size_t *n_grants, struct waiting_list *waiting, struct err *e)
{
	if (cli_open_any_store(cli, e) < 0 || budget_lines_load(l, cli, o->all, e) < 0)
		return -1;
	if (cli->store == NULL)
		return 0;
	if (store_grants(cli->store, l->now_ms, grants, n_grants, e) < 0)
		return -1;
	return waiting_list_load(waiting, cli->store, l->budget, l->now_ms, e);
}

enum status
budget_overview(struct cli *cli, const struct budget_options *o)
{
	struct budget_lines l = { .budget = &cli->config.budget, .now_ms = clock_now_ms() };
	struct grant *grants = NULL;
	struct waiting_list waiting = { .v = NULL };
	enum status status = STATUS_DONE;
	struct err e = { 0 };
	size_t n_grants = 0;

	if (load(&l, cli, o, &grants, &n_grants, &waiting, &e) < 0) {
		status = say_error(&e);
	} else if (o->json) {
		print_json(&l, grants, n_grants, &waiting);
	} else {
		if (l.len > 0)
			print_head(&l);
		budget_lines_print(&l);
		print_grants(l.budget, grants, n_grants);
		if (l.budget->n_limits == 0)
			say_no_limits(cli, &waiting);
		waiting_list_print(&waiting, l.now_ms);
	}
	budget_lines_clear(&l);
	store_grants_free(grants, n_grants);
	waiting_list_clear(&waiting);
	return status;
}
