/*
 * Every change that is told was tried: estimated from the price book, and ruled
 * upon as a submission that nobody has approved yet.
 */
#include "config.h"

#include "cli/why_money.h"

#include <stdio.h>

#include "base/mem.h"
#include "cli/estimate.h"
#include "cli/field.h"
#include "cli/relief.h"
#include "cli/remedy.h"
#include "cli/report.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"
#include "store/ledger.h"

static const struct table_column columns[] = {
	{ .title = "CHANGE", .give = 1, .min = 20 },
	{ .title = "VCPUS", .right = true },
	{ .title = "GIB", .right = true },
	{ .title = "A MONTH", .right = true },
	{ .title = "SAVES", .right = true },
};

/* ---- looking ---- */

/* What would be ruled of O, as a submission that nobody has approved yet. */
static int
rule(struct why_money *m, const struct objective *o, money_t monthly, struct ruling *ruling,
    struct err *e)
{
	struct demand d = { .amount = monthly, .digest = "" };

	return store_budget_try(
	    m->cli->store, &m->cli->config.budget, o, &d, m->prospects.now_ms, ruling, e);
}

static int
would_do(void *data, const struct objective *o, money_t monthly, struct err *e)
{
	CLEANUP(ruling_clear) struct ruling ruling = { 0 };

	if (rule(data, o, monthly, &ruling, e) < 0)
		return -1;
	return ruling.verdict == VERDICT_ADMIT;
}

bool
why_money_is_short(const struct why_money *m)
{
	return m->is_due && m->e.kind == ERR_NONE && m->now.e.kind == ERR_NONE &&
	    m->now.ruling.verdict != VERDICT_ADMIT;
}

/* What a person allowed for an unknown price, if that is what it asks for now; else 0. */
static money_t
approved_amount(const struct why_money *m)
{
	for (size_t i = 0; i < m->now.ruling.len; i++)
		if (m->now.ruling.v[i].reason == OBJECTION_UNPRICED)
			return 0;
	return m->estimate.unpriced ? m->now.ruling.reserves : 0;
}

static int
look(struct why_money *m, const struct pricer *pricer, struct err *e)
{
	if (pricer_estimate(pricer, m->cli, m->o, &m->estimate, e) < 0)
		return -1;
	if (m->unpriced != NULL) {
		free(m->estimate.why);
		m->estimate.why = xstrdup(m->unpriced);
		m->estimate.unpriced = true;
	}
	prospect_of(&m->prospects, m->o, &m->estimate, &m->now);
	if (m->now.e.kind != ERR_NONE) {
		*e = m->now.e;
		return -1;
	}
	if (!why_money_is_short(m))
		return 0;
	m->approved = approved_amount(m);
	if (alternatives_find(pricer->estimator, pricer->book,
		library_find(&m->cli->library, m->o->capability), m->o, m->approved, would_do, m,
		&m->alternatives, e) < 0)
		return -1;
	if (m->alternatives.least.name == NULL)
		return 0;
	return rule(m, m->o, m->alternatives.least.monthly.high, &m->least, e);
}

void
why_money_load(
    struct why_money *m, struct cli *cli, const struct objective *o, const char *unpriced)
{
	struct pricer pricer;

	*m = (struct why_money){
		.cli = cli, .o = o, .unpriced = unpriced, .is_due = prospect_is_due(o)
	};
	if (!m->is_due)
		return;
	prospects_init(&m->prospects, cli);
	if (pricer_open(&pricer, cli, &m->e) == 0)
		look(m, &pricer, &m->e);
	pricer_close(&pricer);
}

void
why_money_clear(struct why_money *m)
{
	prospects_clear(&m->prospects);
	prospect_clear(&m->now);
	estimate_clear(&m->estimate);
	alternatives_clear(&m->alternatives);
	ruling_clear(&m->least);
}

/* ---- text ---- */

static char *
change_text(const struct alternative *a)
{
	return xasprintf("%s: %s -> %s", a->name, a->from, a->to);
}

/* "~" as in estimates: a part of it was concluded from another region's price. */
static void
add_amount(struct table *t, enum style style, money_t amount, enum estimate_confidence confidence)
{
	char text[MONEY_TEXT_SIZE];

	table_addf(t, style, "%s%s", confidence == ESTIMATE_RATIO ? "~" : "",
	    money_format_people(amount, text));
}

/* "8 -> 4"; "?" for what the book does not tell; nothing for what is no machine. */
static void
add_change(struct table *t, const struct alternative *a, decimal_t from, decimal_t to)
{
	char before[MONEY_TEXT_SIZE], after[MONEY_TEXT_SIZE];

	if (a->kind != ALTERNATIVE_SIZE || to == 0)
		table_add(t, STYLE_PLAIN, "");
	else if (from == 0)
		table_add(t, STYLE_PLAIN, decimal_format(to, after));
	else
		table_addf(t, to * 2 < from ? STYLE_WARN : STYLE_PLAIN, "%s -> %s",
		    decimal_format(from, before), decimal_format(to, after));
}

/* What it asks for; false: that is not known. */
static bool
asked_amount(const struct why_money *m, money_t *amount)
{
	*amount = m->estimate.unpriced ? m->approved : m->estimate.monthly.high;
	return !m->estimate.unpriced || m->approved > 0;
}

static void
add_asked(struct table *t, const struct why_money *m)
{
	money_t asked;
	bool known = asked_amount(m, &asked);

	table_add(
	    t, STYLE_DIM, known && m->estimate.unpriced ? "as approved" : "as it is asked for");
	table_add(t, STYLE_DIM, "");
	table_add(t, STYLE_DIM, "");
	if (known)
		add_amount(t, STYLE_DIM, asked,
		    m->estimate.unpriced ? ESTIMATE_EXACT : m->estimate.confidence);
	else
		table_add(t, STYLE_DIM, "unknown");
	table_add(t, STYLE_DIM, "");
}

static void
add_alternative(struct table *t, const struct why_money *m, const struct alternative *a)
{
	AUTO_FREE char *change = change_text(a);
	char text[MONEY_TEXT_SIZE];
	money_t asked;

	table_add(t, STYLE_PLAIN, change);
	add_change(t, a, a->from_machine.vcpus, a->to_machine.vcpus);
	add_change(t, a, a->from_machine.memory_gib, a->to_machine.memory_gib);
	add_amount(t, STYLE_PLAIN, a->monthly.high, a->confidence);
	table_add(t, STYLE_GOOD,
	    asked_amount(m, &asked) && asked > a->monthly.high
		? money_format_people(asked - a->monthly.high, text)
		: "");
}

static void
print_table(const struct why_money *m)
{
	struct table t;

	table_init(&t, columns, COUNT_OF(columns));
	add_asked(&t, m);
	for (size_t i = 0; i < m->alternatives.len; i++)
		add_alternative(&t, m, &m->alternatives.v[i]);
	table_print(&t, stdout);
	table_clear(&t);
}

static bool
is_region_offered(const struct why_money *m)
{
	for (size_t i = 0; i < m->alternatives.len; i++)
		if (m->alternatives.v[i].kind == ALTERNATIVE_REGION)
			return true;
	return false;
}

static void
print_prose(const char *text)
{
	AUTO_FREE char *shown = text_visible(text);

	text_wrap(stdout, shown, 2, style_text_columns());
}

/* Nobody says that a machine of a similar name is what was meant. */
static const char *
least_text(const struct alternative *least)
{
	return least->by_name ? "A similar name is" : "The cheapest is";
}

static void
print_least(const struct why_money *m)
{
	const struct alternative *least = &m->alternatives.least;
	AUTO_FREE char *change = least->name != NULL ? change_text(least) : NULL;
	AUTO_FREE char *text = NULL;
	char amount[MONEY_TEXT_SIZE];

	if (least->name == NULL) {
		print_prose(m->estimate.unpriced
			? "None: no other size, smaller number or region is known that has a price and "
			  "is like what was asked for."
			: "None: no other size, smaller number or region with a known price costs "
			  "less.");
		return;
	}
	text = xasprintf("None by itself. %s %s, at most %s %s a month, and still%s",
	    least_text(least), change, money_format_people(least->monthly.high, amount),
	    m->estimate.currency, m->least.len > 0 ? ":" : " too much.");
	print_prose(text);
	for (size_t i = 0; i < m->least.len; i++) {
		AUTO_FREE char *objection = prospect_objection_text(&m->least.v[i]);

		print_prose(objection);
	}
}

/* What the table does not tell of its rows. */
static void
print_caveats(const struct why_money *m)
{
	for (size_t i = 0; i < m->alternatives.len; i++) {
		const struct alternative *a = &m->alternatives.v[i];

		if (a->by_name)
			print_prose("Only the similar name speaks for the other size.");
		if (a->to_machine.memory_gib * 2 < a->from_machine.memory_gib &&
		    a->to_machine.memory_gib > 0)
			print_prose("The other size has less than half the memory.");
	}
	if (is_region_offered(m) && m->o->depends_on.len > 0)
		print_prose("In another region what it depends on has to be there too.");
}

void
why_money_print(const struct why_money *m)
{
	AUTO_FREE char *title = NULL;

	if (m->is_due && m->e.kind != ERR_NONE) {
		field_title("Changes that would pass");
		AUTO_FREE char *why = xasprintf("not known: %s", m->e.msg);
		print_prose(why);
	}
	if (!why_money_is_short(m))
		return;
	title = xasprintf(
	    "Changes that would pass, each for itself (%s a month, at most)", m->estimate.currency);
	field_title(title);
	if (m->alternatives.len == 0) {
		print_least(m);
		return;
	}
	print_table(m);
	print_caveats(m);
}

/* ---- JSON ---- */

static cJSON *
changes_json(const struct why_money *m)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < m->alternatives.len; i++) {
		const struct alternative *a = &m->alternatives.v[i];
		cJSON *json = alternative_to_json(a);
		money_t asked;

		if (asked_amount(m, &asked) && asked > a->monthly.high)
			json_add_money(json, "saves", asked - a->monthly.high);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

void
why_money_add_json(const struct why_money *m, cJSON *json)
{
	if (!m->is_due)
		return;
	if (m->e.kind != ERR_NONE) {
		cJSON *budget = cJSON_AddObjectToObject(json, "budget");

		json_add_str(budget, "verdict", "unknown");
		json_add_str(budget, "why", m->e.msg);
		return;
	}
	cJSON_AddItemToObject(json, "estimate", estimate_to_json(&m->estimate));
	cJSON_AddItemToObject(json, "budget", prospect_to_json(&m->now));
	if (m->approved > 0)
		json_add_money(json, "approved", m->approved);
	if (!why_money_is_short(m))
		return;
	cJSON_AddItemToObject(json, "changes", changes_json(m));
	if (m->alternatives.least.name == NULL)
		return;
	cJSON *least = alternative_to_json(&m->alternatives.least);
	cJSON_AddItemToObject(
	    least, "objections", objections_to_json(&m->least, OBJECTION_REASONS));
	cJSON_AddItemToObject(json, "cheapest", least);
}

/* ---- what to type ---- */

/* What has to be decided by a person, for what it asks now. */
static void
add_decisions(const struct why_money *m, struct strv *commands)
{
	CLEANUP(strv_clear) struct strv reasons = { 0 };

	for (size_t i = 0; i < m->now.ruling.len; i++) {
		const struct objection *o = &m->now.ruling.v[i];

		/* Of money this is the answer itself. */
		if (o->verdict == VERDICT_HOLD && o->reason != OBJECTION_BUDGET)
			strv_add(&reasons, objection_reason_name(o->reason));
	}
	remedies_add(commands, id_short(m->o->id), &reasons);
}

static void
add_grants(const struct why_money *m, struct strv *commands)
{
	struct relief *reliefs;
	size_t n;

	reliefs_of(&m->now.ruling, m->prospects.now_ms, &reliefs, &n);
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *command = relief_grant(&reliefs[i]);

		strv_addf(commands, "%s " RELIEF_GRANT_REST, command);
	}
	reliefs_free(reliefs, n);
}

/* Of a batch that lives on the name is taken. */
static bool
is_alone(const struct why_money *m)
{
	int64_t counts[STATES], live = 0;
	struct err ignored = { 0 };

	if (store_counts(m->cli->store, m->o->batch, counts, &ignored) < 0)
		return false;
	for (enum state st = 0; st < STATES; st++)
		if (!state_is_final(st))
			live += counts[st];
	return live <= 1;
}

void
why_money_next(const struct why_money *m, struct strv *commands)
{
	const char *id = id_short(m->o->id);

	if (!why_money_is_short(m))
		return;
	if (m->alternatives.len > 0) {
		const struct alternative *first = &m->alternatives.v[0];

		if (!state_is_final(m->o->state))
			strv_addf(commands, "purser cancel %s", id);
		strv_addf(commands, "purser submit FILE%s   (with %s = %s%s%s)",
		    is_alone(m) ? "" : " --batch NAME", first->name,
		    first->kind == ALTERNATIVE_FEWER ? "" : "\"", first->to,
		    first->kind == ALTERNATIVE_FEWER ? "" : "\"");
	}
	add_decisions(m, commands);
	add_grants(m, commands);
}
