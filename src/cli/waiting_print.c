/* The lists of what waits for money, approval or a price. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/relief.h"
#include "cli/remedy.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/text.h"
#include "cli/waiting.h"

#define COMMAND_MAX 4096
#define CONTINUED 10 /* the column of what stands on a further line of a command */

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

/* The options of REST, from a new line on, and on more where they do not fit. */
static void
print_continued(const char *rest)
{
	size_t column = 0;

	while (*rest != '\0') {
		const char *next = strstr(rest + 1, " --");
		size_t len = next != NULL ? (size_t)(next - rest) : strlen(rest);

		/* Room for the blank before and the backslash behind. */
		if (column == 0 || column + 1 + len + 2 > style_text_columns()) {
			printf(" \\\n%*s", CONTINUED, "");
			column = CONTINUED;
		} else {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, rest);
		column += len;
		rest += len + (next != NULL);
	}
}

/* Where it would not fit a line, a command is broken as a shell reads it: it is there to be copied. */
static void
print_command(size_t indent, const char *command, const char *rest)
{
	AUTO_FREE char *shown = text_visible(command);
	size_t width = indent + text_width(shown) + text_width(rest) + 1;

	printf("%*s%s%s", (int)indent, "", style_on(STYLE_BOLD), shown);
	if (width > style_text_columns())
		print_continued(rest);
	else
		printf("%s%s", *rest != '\0' ? " " : "", rest);
	printf("%s\n", style_off(STYLE_BOLD));
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
	AUTO_FREE char *command = relief_grant(r);

	print_command(6, command, RELIEF_GRANT_REST);
}

static void
print_budget(const struct waiting_entry *entry)
{
	if (entry->n_reliefs == 0)
		print_way(4, "purser run", "it fits by now");
	for (size_t i = 0; i < entry->n_reliefs; i++) {
		const struct relief *r = &entry->reliefs[i];

		print_excess(&entry->ruling, r);
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
	AUTO_FREE char *command = NULL;
	const char *note;

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
	command =
	    remedy_command(objection_reason_name(w->reason), id_short(w->objective_id), 0, &note);
	if (note != NULL)
		print_way(4, command, note);
	else
		print_command(4, command, "");
}

void
waiting_list_print(const struct waiting_list *w, int64_t now_ms)
{
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		enum objection_reason reason = order[i];

		if (w->n_shown[reason] == 0)
			continue;
		printf("\n%s%s%s\n", style_on(STYLE_BOLD), titles[reason], style_off(STYLE_BOLD));
		for (size_t k = 0; k < w->n_shown[reason]; k++) {
			const struct waiting_entry *entry = &w->shown[reason][k];

			print_head(entry->waiting, now_ms);
			if (reason == OBJECTION_BUDGET)
				print_budget(entry);
			else
				print_decision(entry->waiting);
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
	json_add_money(json, "grant", r->over);
	if (r->missing != MONEY_MAX)
		json_add_money(json, "missing", r->missing);
	list = cJSON_AddArrayToObject(json, "destroy");
	for (size_t i = 0; i < r->n_parts; i++) {
		cJSON *part = cJSON_CreateObject();

		json_add_str(part, "id", r->parts[i].id);
		json_add_str(part, "name", r->parts[i].label);
		json_add_money(part, "amount", r->parts[i].amount);
		cJSON_AddItemToArray(list, part);
	}
	if (r->n_parts > 0)
		json_add_money(json, "frees", r->frees);
	return json;
}

static cJSON *
entry_json(const struct waiting_entry *entry)
{
	const struct waiting *w = entry->waiting;
	cJSON *json = report_waiting_json(w), *list;

	json_add_str(json, "id", w->objective_id);
	json_add_str(json, "batch", w->batch);
	json_add_str(json, "name", w->name);
	if (w->reason != OBJECTION_BUDGET)
		return json;
	list = cJSON_AddArrayToObject(json, "now");
	for (size_t i = 0; i < entry->ruling.len; i++)
		cJSON_AddItemToArray(list, objection_to_json(&entry->ruling.v[i]));
	list = cJSON_AddArrayToObject(json, "to_fit");
	for (size_t i = 0; i < entry->n_reliefs; i++)
		cJSON_AddItemToArray(list, relief_json(&entry->reliefs[i]));
	return json;
}

cJSON *
waiting_list_to_json(const struct waiting_list *w)
{
	cJSON *json = cJSON_CreateObject();

	for (size_t i = 0; i < COUNT_OF(order); i++) {
		enum objection_reason reason = order[i];
		cJSON *of_reason = cJSON_AddObjectToObject(json, objection_reason_name(reason)),
		      *list;

		json_add_int(of_reason, "count", (int64_t)w->counts[reason]);
		list = cJSON_AddArrayToObject(of_reason, "oldest");
		for (size_t k = 0; k < w->n_shown[reason]; k++)
			cJSON_AddItemToArray(list, entry_json(&w->shown[reason][k]));
	}
	return json;
}
