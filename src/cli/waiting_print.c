/* The lists of what waits for money, approval or a price. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/text.h"
#include "cli/waiting.h"

#define COMMAND_MAX 4096

static const char *const titles[OBJECTION_REASONS] = {
	[OBJECTION_BUDGET] = "Waiting for money",
	[OBJECTION_APPROVAL] = "Waiting for approval",
	[OBJECTION_UNPRICED] = "Waiting for a price",
};

/* In this order: what money is asked for comes first. */
static const enum objection_reason order[] = { OBJECTION_BUDGET, OBJECTION_APPROVAL,
	OBJECTION_UNPRICED };

static void
print_line(size_t indent, const char *text)
{
	AUTO_FREE char *shown = text_visible(text);

	printf("%*s", (int)indent, "");
	text_wrap_after(stdout, shown, indent, style_text_columns());
}

/* Where it would not fit a line, a command is broken as a shell reads it: it is there to be copied. */
static void
print_command(size_t indent, const char *command, const char *rest)
{
	AUTO_FREE char *shown = text_visible(command);
	size_t width = indent + text_width(shown) + text_width(rest) + 1;

	printf("%*s%s%s%s%s%s\n", (int)indent, "", style_on(STYLE_BOLD), shown,
	    width > style_text_columns() ? " \\\n          "
		: *rest != '\0'          ? " "
					 : "",
	    rest, style_off(STYLE_BOLD));
}

/* What it does stands below it where the line is too narrow for both. */
static void
print_way(size_t indent, const char *command, const char *note)
{
	AUTO_FREE char *shown = text_visible(command);
	bool narrow = indent + text_width(shown) + text_width(note) + 5 > style_text_columns();

	printf("%*s%s%s%s", (int)indent, "", style_on(STYLE_BOLD), shown, style_off(STYLE_BOLD));
	if (narrow)
		printf("\n%*s(%s)\n", (int)indent + 2, "", note);
	else
		printf("   (%s)\n", note);
}

static void
print_head(const struct waiting *w, int64_t now_ms)
{
	char amount[MONEY_TEXT_SIZE], when[64];
	bool known = w->amount > 0 || w->reason != OBJECTION_UNPRICED;
	AUTO_FREE char *text = xasprintf("%s/%s (%s) asks for %s%s, held %s", w->batch, w->name,
	    id_short(w->objective_id),
	    known ? money_format_people(w->amount, amount) : "what is not known",
	    known ? " a month" : "", text_when(w->since_ms, now_ms, when, sizeof(when)));

	print_line(2, text);
}

/* ---- money ---- */

static const char *const words[MEASURES] = {
	[MEASURE_RUN_RATE] = "run-rate",
	[MEASURE_DAILY] = "run-rate a day",
	[MEASURE_FORECAST] = "forecast",
};

/* One line for each measure of the limit that the relief is of. */
static void
print_excess(const struct ruling *ruling, const struct relief *r)
{
	for (size_t i = 0; i < ruling->len; i++) {
		const struct objection *o = &ruling->v[i];
		char after[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE], over[MONEY_TEXT_SIZE];
		AUTO_FREE char *text = NULL;
		money_t excess = 0;

		if (o->reason != OBJECTION_BUDGET || o->scope == NULL ||
		    strcmp(o->scope, r->scope) != 0 ||
		    (o->measure == MEASURE_DAILY) != (r->period == BUDGET_DAILY) ||
		    money_sub(o->after, o->limit, &excess, NULL) < 0)
			continue;
		text = xasprintf("%s: %s would be %s of %s, %s over", o->scope, words[o->measure],
		    money_format_people(o->after, after), money_format_people(o->limit, limit),
		    money_format_people(excess, over));
		print_line(4, text);
	}
}

static void
print_destroy(const struct relief *r)
{
	struct buf command = BUF_INIT(COMMAND_MAX);
	char frees[MONEY_TEXT_SIZE];
	AUTO_FREE char *note = xasprintf("would free %s", money_format_people(r->frees, frees));

	buf_adds(&command, "purser destroy");
	for (size_t i = 0; i < r->n_parts; i++)
		buf_addf(&command, " %s", r->parts[i].label);
	print_way(6, buf_str(&command), note);
	buf_clear(&command);
}

static void
print_grant(const struct relief *r)
{
	char amount[MONEY_TEXT_SIZE];
	struct strv argv = { 0 };
	AUTO_FREE char *scope = NULL, *command = NULL;

	strv_add(&argv, r->scope);
	scope = strv_shell(&argv);
	strv_clear(&argv);
	command = xasprintf("purser budget grant --scope %s --amount %s%s", scope,
	    money_format(r->over, amount), r->period == BUDGET_DAILY ? " --daily" : "");
	print_command(6, command, "--until +7d --reason TEXT");
}

static void
print_budget(const struct wait *wait)
{
	if (wait->n_reliefs == 0)
		print_way(4, "purser run", "it fits by now");
	for (size_t i = 0; i < wait->n_reliefs; i++) {
		const struct relief *r = &wait->reliefs[i];

		print_excess(&wait->ruling, r);
		if (r->n_parts > 0)
			print_destroy(r);
		print_grant(r);
	}
}

/* ---- people ---- */

static void
print_decision(const struct waiting *w)
{
	const cJSON *objection;
	bool unpriced = w->reason == OBJECTION_UNPRICED;
	AUTO_FREE char *command = xasprintf("purser approve %s --by NAME%s",
	    id_short(w->objective_id), unpriced ? " --amount AMOUNT" : "");

	cJSON_ArrayForEach (objection, w->objections) {
		const char *where = json_str(objection, "where"),
			   *message = json_str(objection, "message"),
			   *rule = json_str(objection, "rule");
		AUTO_FREE char *text = xasprintf("%s%s%s%s",
		    message != NULL    ? message
			: rule != NULL ? rule
				       : "",
		    where != NULL ? " (" : "", where != NULL ? where : "",
		    where != NULL ? ")" : "");

		print_line(4, text);
	}
	if (unpriced)
		print_way(4, command, "a month, at most");
	else
		print_command(4, command, "");
}

void
waits_print(const struct waits *w, int64_t now_ms)
{
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		enum objection_reason reason = order[i];

		if (w->n_shown[reason] == 0)
			continue;
		printf("\n%s%s%s\n", style_on(STYLE_BOLD), titles[reason], style_off(STYLE_BOLD));
		for (size_t k = 0; k < w->n_shown[reason]; k++) {
			const struct wait *wait = &w->shown[reason][k];

			print_head(wait->waiting, now_ms);
			if (reason == OBJECTION_BUDGET)
				print_budget(wait);
			else
				print_decision(wait->waiting);
		}
		if (w->counts[reason] > w->n_shown[reason])
			printf("  and %zu more%s\n", w->counts[reason] - w->n_shown[reason],
			    w->more ? " at least" : "");
	}
}

/* ---- JSON ---- */

static cJSON *
relief_json(const struct relief *r)
{
	cJSON *json = cJSON_CreateObject(), *list;

	json_add_str(json, "scope", r->scope);
	json_add_str(json, "period", budget_period_name(r->period));
	report_add_money(json, "grant", r->over);
	if (r->missing != MONEY_MAX)
		report_add_money(json, "missing", r->missing);
	list = cJSON_AddArrayToObject(json, "destroy");
	for (size_t i = 0; i < r->n_parts; i++) {
		cJSON *part = cJSON_CreateObject();

		json_add_str(part, "id", r->parts[i].id);
		json_add_str(part, "name", r->parts[i].label);
		report_add_money(part, "amount", r->parts[i].amount);
		cJSON_AddItemToArray(list, part);
	}
	if (r->n_parts > 0)
		report_add_money(json, "frees", r->frees);
	return json;
}

static cJSON *
wait_json(const struct wait *wait)
{
	const struct waiting *w = wait->waiting;
	cJSON *json = report_waiting_json(w), *list;

	json_add_str(json, "id", w->objective_id);
	json_add_str(json, "batch", w->batch);
	json_add_str(json, "name", w->name);
	if (w->reason != OBJECTION_BUDGET)
		return json;
	list = cJSON_AddArrayToObject(json, "now");
	for (size_t i = 0; i < wait->ruling.len; i++)
		cJSON_AddItemToArray(list, objection_to_json(&wait->ruling.v[i]));
	list = cJSON_AddArrayToObject(json, "to_fit");
	for (size_t i = 0; i < wait->n_reliefs; i++)
		cJSON_AddItemToArray(list, relief_json(&wait->reliefs[i]));
	return json;
}

cJSON *
waits_to_json(const struct waits *w)
{
	cJSON *json = cJSON_CreateObject();

	for (size_t i = 0; i < COUNT_OF(order); i++) {
		enum objection_reason reason = order[i];
		cJSON *of_reason = cJSON_AddObjectToObject(json, objection_reason_name(reason)),
		      *list;

		json_add_int(of_reason, "count", (int64_t)w->counts[reason]);
		list = cJSON_AddArrayToObject(of_reason, "oldest");
		for (size_t k = 0; k < w->n_shown[reason]; k++)
			cJSON_AddItemToArray(list, wait_json(&w->shown[reason][k]));
	}
	return json;
}
