/* budget report: a month as a table, for a spreadsheet, or as JSON. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/budget.h"
#include "cli/csv.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/tally.h"
#include "cli/text.h"
#include "cli/when.h"

#define DEFAULT_BY "resource_group"

struct printout {
	const struct tally *tally;
	const char *by, *currency;
	char month[MONTH_TEXT_SIZE];
};

static const char *const kind_words[] = {
	[TALLY_NAMED] = "named",
	[TALLY_NONE] = "none",
	[TALLY_UNMATCHED] = "unmatched",
	[TALLY_TOTAL] = "total",
};

/* Of unmatched cost nothing was estimated: zeros would say that it had been. */
static bool
is_ours(const struct tally_row *row)
{
	return row->kind != TALLY_UNMATCHED;
}

/* ---- table ---- */

static const struct table_column columns[] = {
	{ .title = "NAME", .give = 9, .min = 12 },
	{ .title = "COMMITTED", .right = true },
	{ .title = "SPENT LOW", .right = true },
	{ .title = "EXPECTED", .right = true },
	{ .title = "HIGH", .right = true },
	{ .title = "ACTUAL", .right = true },
	{ .title = "COUNT", .right = true },
	{ .title = "UNPRICED", .right = true, .give = 8, .min = 2 },
};

static void
add_amount(struct table *t, enum style style, bool known, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	table_add(t, style, known ? money_format_people(amount, text) : "");
}

static void
add_row(struct table *t, const struct tally_row *row)
{
	enum style style = row->kind == TALLY_TOTAL ? STYLE_BOLD : STYLE_PLAIN;
	bool ours = is_ours(row);

	table_add(t, style, row->name);
	add_amount(t, style, ours, row->committed);
	add_amount(t, style, ours, row->spent.low);
	add_amount(t, style, ours, row->spent.expected);
	add_amount(t, style, ours, row->spent.high);
	add_amount(t, style, row->has_actual, row->actual);
	if (ours)
		table_addf(t, style, "%" PRId64, row->objectives);
	else
		table_add(t, style, "");
	if (row->unpriced > 0)
		table_addf(t, STYLE_WARN, "%" PRId64, row->unpriced);
	else
		table_add(t, style, "");
}

static void
print_table(const struct printout *p)
{
	const struct tally *tally = p->tally;
	struct table t;

	printf("%s%s by %s, %s%s\n", style_on(STYLE_BOLD), p->month, p->by, p->currency,
	    style_off(STYLE_BOLD));
	table_init(&t, columns, COUNT_OF(columns));
	for (size_t i = 0; i < tally->len; i++)
		add_row(&t, &tally->v[i]);
	add_row(&t, &tally->total);
	table_print(&t, stdout);
	table_clear(&t);
	if (tally->actual_until_ms != 0) {
		char day[CLOCK_TEXT_SIZE];

		printf(
		    "actual cost is known up to %s\n", text_day(tally->actual_until_ms - 1, day));
	}
	if (tally->total.unpriced > 0)
		text_wrap(stdout,
		    "UNPRICED: objectives of which something has no known price. COMMITTED and HIGH "
		    "have what was approved for it; SPENT LOW and EXPECTED have only what is known.",
		    0, style_text_columns());
}

/* ---- CSV ---- */

static void
csv_amount(struct csv *csv, bool known, money_t amount)
{
	if (known)
		csv_money(csv, amount);
	else
		csv_text(csv, NULL);
}

static void
csv_number(struct csv *csv, bool known, int64_t count)
{
	if (known)
		csv_count(csv, count);
	else
		csv_text(csv, NULL);
}

static void
csv_row(struct csv *csv, const struct printout *p, const struct tally_row *row)
{
	bool ours = is_ours(row);

	csv_text(csv, p->month);
	csv_text(csv, kind_words[row->kind]);
	csv_text(csv, row->name);
	csv_text(csv, p->currency);
	csv_amount(csv, ours, row->committed);
	csv_amount(csv, ours, row->spent.low);
	csv_amount(csv, ours, row->spent.expected);
	csv_amount(csv, ours, row->spent.high);
	csv_amount(csv, row->has_actual, row->actual);
	csv_number(csv, ours, row->objectives);
	csv_number(csv, ours, row->unpriced);
	csv_end(csv);
}

static void
print_csv(const struct printout *p)
{
	struct csv csv = { .out = stdout };

	csv_text(&csv, "month");
	csv_text(&csv, "row");
	csv_text(&csv, p->by);
	csv_text(&csv, "currency");
	csv_text(&csv, "committed_monthly");
	csv_text(&csv, "spent_low");
	csv_text(&csv, "spent_expected");
	csv_text(&csv, "spent_high");
	csv_text(&csv, "actual");
	csv_text(&csv, "objectives");
	csv_text(&csv, "unpriced");
	csv_end(&csv);
	for (size_t i = 0; i < p->tally->len; i++)
		csv_row(&csv, p, &p->tally->v[i]);
	csv_row(&csv, p, &p->tally->total);
}

/* ---- JSON ---- */

static cJSON *
row_json(const struct tally_row *row)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "row", kind_words[row->kind]);
	json_add_str(json, "name", row->kind == TALLY_NAMED ? row->name : NULL);
	if (row->has_actual)
		json_add_money(json, "actual", row->actual);
	if (!is_ours(row))
		return json;
	json_add_money(json, "committed_monthly", row->committed);
	cJSON_AddItemToObject(json, "spent", amounts_to_json(&row->spent));
	json_add_int(json, "objectives", row->objectives);
	json_add_int(json, "unpriced", row->unpriced);
	return json;
}

static void
print_json(const struct printout *p)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *text = NULL;
	cJSON *list;

	json_add_str(json, "month", p->month);
	json_add_str(json, "by", p->by);
	json_add_str(json, "currency", p->currency);
	report_add_time(json, "actual_until", p->tally->actual_until_ms);
	list = cJSON_AddArrayToObject(json, "rows");
	for (size_t i = 0; i < p->tally->len; i++)
		cJSON_AddItemToArray(list, row_json(&p->tally->v[i]));
	cJSON_AddItemToObject(json, "total", row_json(&p->tally->total));
	text = json_pretty(json);
	fputs(text, stdout);
}

/* ---- the command ---- */

static const struct {
	const char *name;
	void (*print)(const struct printout *p);
} formats[] = {
	{ "table", print_table },
	{ "csv", print_csv },
	{ "json", print_json },
};

enum status
budget_report(struct cli *cli, const struct budget_options *o)
{
	const char *format = o->format != NULL ? o->format : o->json ? "json" : "table";
	int64_t now_ms = clock_now_ms();
	struct printout p = { .by = o->by != NULL ? o->by : DEFAULT_BY };
	struct tally tally = { .v = NULL };
	enum status status = STATUS_DONE;
	struct err e = { 0 };
	month_t month;
	size_t f = 0;

	while (f < COUNT_OF(formats) && strcmp(format, formats[f].name) != 0)
		f++;
	if (f == COUNT_OF(formats))
		return say_usage("budget", "--format: \"%s\" is none of table, csv, json", format);
	if (o->json && strcmp(format, "json") != 0)
		return say_usage("budget", "--json and --format %s contradict one another", format);
	if (when_parse_month(o->month, now_ms, &month, &e) < 0)
		return say_usage("budget", "%s", e.msg);
	if (cli_open_any_store(cli, &e) < 0 ||
	    tally_make(&tally, cli->store, p.by, month, now_ms, &e) < 0) {
		status = say_error(&e);
	} else {
		p.tally = &tally;
		p.currency = cli->config.budget.currency;
		month_format(month, p.month);
		formats[f].print(&p);
	}
	tally_clear(&tally);
	return status;
}
