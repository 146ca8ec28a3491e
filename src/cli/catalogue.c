/*
 * The catalogue: what a capability builds, what may be asked of it, what its
 * rules decide, how it is done and what it costs. All of it is read from the
 * capability itself, so that it cannot say anything else than what happens.
 */
#include "config.h"

#include "cli/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/field.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"
#include "core/placeholder.h"

#define TEXT_MAX 4096
#define README "README.md"
#define EXAMPLE "example" /* the name of an objective that nobody submits */

static const struct table_column cost_columns[] = {
	{ .title = "COMPONENT" },
	{ .title = "WHAT", .give = 1, .min = 16 },
	{ .title = "A MONTH", .right = true },
};

/* ---- what it costs ---- */

/* A value that one might give for what has no default; NULL if none is known. */
static cJSON *
example_value(const struct parameter *p)
{
	if (p->example != NULL)
		return cJSON_Duplicate(p->example, true);
	if (p->values != NULL)
		return cJSON_Duplicate(p->values->child, true);
	if (p->has_min && (p->type == VALUE_INTEGER || p->type == VALUE_NUMBER))
		return cJSON_CreateNumber(p->min);
	return NULL;
}

static cJSON *
default_value(const struct parameter *p)
{
	struct placeholder found;

	if (cJSON_IsString(p->default_value) &&
	    placeholder_next(p->default_value->valuestring, &found))
		return cJSON_CreateString(EXAMPLE);
	return cJSON_Duplicate(p->default_value, true);
}

/* 0, or -1 for a required parameter that the price depends on and nobody gives an example for. */
static int
fill(const struct capability *c, struct objective *o, struct err *e)
{
	o->batch = xstrdup(EXAMPLE);
	o->name = xstrdup(EXAMPLE);
	o->capability = xstrdup(c->name);
	o->region = xstrdup(CATALOGUE_REGION);
	o->resource_group = xstrdup(EXAMPLE);
	o->labels = cJSON_CreateObject();
	o->parameters = cJSON_CreateObject();
	decide_apply(&c->decide, c->parameters, c->n_parameters, o);
	for (size_t i = 0; i < c->n_parameters; i++) {
		const struct parameter *p = &c->parameters[i];
		cJSON *value;

		if (cJSON_GetObjectItemCaseSensitive(o->parameters, p->name) != NULL)
			continue;
		value = p->required ? example_value(p) : default_value(p);
		if (value != NULL)
			cJSON_AddItemToObject(o->parameters, p->name, value);
		else if (p->required && cost_reads(&c->cost, p->name))
			return err_set(e, ERR_INPUT, "it depends on parameter \"%s\"", p->name);
	}
	return 0;
}

void
catalogue_price(const struct pricer *pricer, const struct err *no_book, const struct capability *c,
    struct catalogue_price *price)
{
	struct objective o;

	*price = (struct catalogue_price){ .e = *no_book };
	if (pricer->estimator == NULL)
		return;
	objective_init(&o);
	if (fill(c, &o, &price->e) == 0)
		estimate_make(pricer->estimator, c, &o, &price->estimate, &price->e);
	objective_clear(&o);
}

void
catalogue_price_clear(struct catalogue_price *price)
{
	estimate_clear(&price->estimate);
}

char *
catalogue_price_text(const struct catalogue_price *price)
{
	const struct estimate *estimate = &price->estimate;
	char text[MONEY_TEXT_SIZE];

	if (price->e.kind != ERR_NONE || estimate->unpriced)
		return xstrdup("unknown");
	if (estimate->len == 0)
		return xstrdup("nothing");
	return xasprintf("%s%s", estimate->confidence == ESTIMATE_RATIO ? "~" : "",
	    money_format_people(estimate->monthly.expected, text));
}

/* ---- what it is made of ---- */

char *
catalogue_strategies(const struct capability *c)
{
	struct strv names = { 0 };
	const cJSON *table;
	char *text;

	cJSON_ArrayForEach (table, c->strategies)
		strv_add(&names, table->string);
	text = strv_join(&names, ", ");
	strv_clear(&names);
	return text;
}

char *
catalogue_readme(const struct capability *c)
{
	return capability_file(c, README) != NULL ? file_join(c->folder, README) : NULL;
}

/* One line for each step, or for a module; as far as the strategy's table says it. */
static void
strategy_lines(const cJSON *table, struct strv *lines)
{
	const cJSON *steps = cJSON_GetObjectItemCaseSensitive(table, "step"), *step;
	const char *folder = json_str(table, "folder");

	if (folder != NULL)
		strv_take(lines, xasprintf("apply the module in %s/", folder));
	cJSON_ArrayForEach (step, steps) {
		const char *text = json_str(step, "summary");

		if (text == NULL)
			text = json_str(step, "name");
		if (text != NULL)
			strv_add(lines, text);
	}
}

/* ---- JSON ---- */

static cJSON *
parameter_json(const struct parameter *p)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "type", value_type_name(p->type));
	json_add_bool(json, "required", p->required);
	if (p->secret)
		json_add_bool(json, "secret", true);
	if (p->default_value != NULL)
		cJSON_AddItemToObject(json, "default", cJSON_Duplicate(p->default_value, true));
	if (p->example != NULL)
		cJSON_AddItemToObject(json, "example", cJSON_Duplicate(p->example, true));
	json_add_str(json, "pattern", p->pattern);
	if (p->kind != NULL)
		json_add_str(json, "kind", p->kind->name);
	if (p->has_min)
		cJSON_AddNumberToObject(json, "min", p->min);
	if (p->has_max)
		cJSON_AddNumberToObject(json, "max", p->max);
	if (p->values != NULL)
		cJSON_AddItemToObject(json, "values", cJSON_Duplicate(p->values, true));
	json_add_str(json, "help", p->help);
	return json;
}

static const char *
subject_prefix(const struct decide_condition *condition)
{
	return condition->subject == DECIDE_LABEL ? "labels." : "";
}

static cJSON *
rule_json(const struct decide_rule *rule)
{
	cJSON *json = cJSON_CreateObject(), *when;

	json_add_str(json, "name", rule->name);
	when = cJSON_AddObjectToObject(json, "when");
	for (size_t i = 0; i < rule->n_when; i++) {
		AUTO_FREE char *name =
		    xasprintf("%s%s", subject_prefix(&rule->when[i]), rule->when[i].name);

		cJSON_AddItemToObject(when, name, cJSON_Duplicate(rule->when[i].values, true));
	}
	cJSON_AddItemToObject(json, "set", cJSON_Duplicate(rule->set, true));
	return json;
}

static void
add_parts(cJSON *json, const struct capability *c)
{
	cJSON *member = cJSON_AddObjectToObject(json, "parameters");

	for (size_t i = 0; i < c->n_parameters; i++)
		cJSON_AddItemToObject(
		    member, c->parameters[i].name, parameter_json(&c->parameters[i]));
	member = cJSON_AddArrayToObject(json, "decide");
	for (size_t i = 0; i < c->decide.n_rules; i++)
		cJSON_AddItemToArray(member, rule_json(&c->decide.rules[i]));
	member = cJSON_AddObjectToObject(json, "outputs");
	for (size_t i = 0; i < c->n_outputs; i++) {
		cJSON *output = cJSON_AddObjectToObject(member, c->outputs[i].name);

		json_add_str(output, "type", value_type_name(c->outputs[i].type));
		json_add_str(output, "help", c->outputs[i].help);
	}
}

static void
add_strategies(cJSON *json, const struct capability *c)
{
	cJSON *names = cJSON_AddArrayToObject(json, "strategies");
	cJSON *steps = cJSON_AddObjectToObject(json, "steps");
	const cJSON *table;

	cJSON_ArrayForEach (table, c->strategies) {
		struct strv lines = { 0 };

		cJSON_AddItemToArray(names, cJSON_CreateString(table->string));
		strategy_lines(table, &lines);
		json_add_strv(steps, table->string, &lines);
		strv_clear(&lines);
	}
}

static void
add_price(cJSON *json, const struct catalogue_price *price)
{
	cJSON *estimate =
	    price->e.kind == ERR_NONE ? estimate_to_json(&price->estimate) : cJSON_CreateObject();

	json_add_str(estimate, "region", CATALOGUE_REGION);
	if (price->e.kind != ERR_NONE) {
		json_add_bool(estimate, "unpriced", true);
		json_add_str(estimate, "why", price->e.msg);
	}
	cJSON_AddItemToObject(json, "estimate", estimate);
}

cJSON *
catalogue_to_json(const struct capability *c, const struct catalogue_price *price)
{
	cJSON *json = cJSON_CreateObject();
	AUTO_FREE char *readme = catalogue_readme(c);

	json_add_str(json, "name", c->name);
	json_add_str(json, "summary", c->summary);
	json_add_str(json, "folder", c->folder);
	json_add_str(json, "readme", readme);
	json_add_str(json, "digest", c->digest);
	json_add_strv(json, "synonyms", &c->synonyms);
	json_add_bool(json, "needs_region", c->needs_region);
	json_add_bool(json, "needs_resource_group", c->needs_resource_group);
	add_strategies(json, c);
	add_parts(json, c);
	if (price != NULL)
		add_price(json, price);
	return json;
}

/* ---- text ---- */

/* "from 1 to 20", "at least 3", for numbers and for lengths. */
static void
add_bounds(struct buf *out, const struct parameter *p)
{
	const char *of = p->type == VALUE_STRING ? " characters"
	    : p->type == VALUE_ARRAY             ? " elements"
						 : "";

	if (p->has_min && p->has_max)
		buf_addf(out, ", %.15g to %.15g%s", p->min, p->max, of);
	else if (p->has_min)
		buf_addf(out, ", at least %.15g%s", p->min, of);
	else if (p->has_max)
		buf_addf(out, ", at most %.15g%s", p->max, of);
}

/* With blanks between them, so that a long list can be wrapped; NULL: any. */
static char *
allowed_values(const struct parameter *p)
{
	struct strv list = { 0 };
	const cJSON *value;
	char *text;

	if (p->values == NULL)
		return NULL;
	cJSON_ArrayForEach (value, p->values)
		strv_take(
		    &list, cJSON_IsString(value) ? xstrdup(value->valuestring) : json_text(value));
	text = strv_join(&list, ", ");
	strv_clear(&list);
	return text;
}

static char *
parameter_text(const struct parameter *p)
{
	AUTO_FREE char *standard = p->default_value != NULL ? json_text(p->default_value) : NULL;
	AUTO_FREE char *values = allowed_values(p);
	struct buf out = BUF_INIT(TEXT_MAX);

	buf_addf(&out, "%s%s", value_type_name(p->type), p->required ? ", required" : "");
	add_bounds(&out, p);
	if (p->pattern != NULL)
		buf_addf(&out, ", like %s", p->pattern);
	if (values != NULL)
		buf_addf(&out, ", one of %s", values);
	if (standard != NULL)
		buf_addf(&out, ", default %s%s", standard,
		    parameter_is_named(p) ? " (the pattern of names)" : "");
	if (p->secret)
		buf_adds(&out, ", secret: \"env:NAME\" or \"file:PATH\"");
	if (p->help != NULL)
		buf_addf(&out, ". %s", p->help);
	if (p->kind != NULL)
		buf_addf(&out, "%s Azure allows %s.",
		    p->help != NULL && *p->help != '\0' && p->help[strlen(p->help) - 1] == '.'
			? ""
			: ".",
		    p->kind->rule);
	return buf_take(&out);
}

static void
print_field(const char *name, const char *text)
{
	AUTO_FREE char *title = text_visible(name), *shown = text_visible(text);

	if (text == NULL || *text == '\0')
		return;
	printf("  %s\n", title);
	text_wrap(stdout, shown, 6, style_text_columns());
}

static void
print_head(const struct capability *c)
{
	AUTO_FREE char *names = catalogue_strategies(c), *synonyms = strv_join(&c->synonyms, ", ");
	AUTO_FREE char *readme = catalogue_readme(c), *summary = text_visible(c->summary);

	printf("%s%s%s\n", style_on(STYLE_BOLD), c->name, style_off(STYLE_BOLD));
	text_wrap(stdout, summary, 0, style_text_columns());
	putchar('\n');
	field("strategies", names);
	field("also called", synonyms);
	fieldf("needs", "%s%s%s", c->needs_region ? "region" : "",
	    c->needs_region && c->needs_resource_group ? ", " : "",
	    c->needs_resource_group ? "resource_group" : "");
	field("folder", c->folder);
	field("more about it", readme);
}

static void
print_parameters(const struct capability *c)
{
	if (c->n_parameters > 0)
		field_title("Parameters");
	for (size_t i = 0; i < c->n_parameters; i++) {
		AUTO_FREE char *text = parameter_text(&c->parameters[i]);

		print_field(c->parameters[i].name, text);
	}
}

static void
print_rules(const struct capability *c)
{
	if (c->decide.n_rules > 0)
		field_title("Decision rules, in this order, for what is not given");
	for (size_t i = 0; i < c->decide.n_rules; i++) {
		AUTO_FREE char *when = decide_when_text(&c->decide.rules[i]);
		AUTO_FREE char *set = decide_set_text(&c->decide.rules[i]);
		AUTO_FREE char *text = xasprintf("where %s: %s", when, set);

		print_field(c->decide.rules[i].name, text);
	}
}

static void
print_strategies(const struct capability *c)
{
	const cJSON *table;

	field_title("How it is done");
	cJSON_ArrayForEach (table, c->strategies) {
		struct strv lines = { 0 };

		strategy_lines(table, &lines);
		printf("  %s\n", table->string);
		for (size_t i = 0; i < lines.len; i++) {
			AUTO_FREE char *visible = text_visible(lines.v[i]);
			AUTO_FREE char *line = xasprintf("%zu. %s", i + 1, visible);

			text_wrap(stdout, line, 6, style_text_columns());
		}
		strv_clear(&lines);
	}
}

static void
print_outputs(const struct capability *c)
{
	if (c->n_outputs > 0)
		field_title("Outputs");
	for (size_t i = 0; i < c->n_outputs; i++) {
		const struct output *o = &c->outputs[i];
		AUTO_FREE char *text = xasprintf("%s%s%s", value_type_name(o->type),
		    o->help != NULL ? ". " : "", o->help != NULL ? o->help : "");

		print_field(o->name, text);
	}
}

static void
print_components(const struct estimate *estimate)
{
	struct table t;
	char text[ESTIMATE_TEXT_SIZE];

	table_init(&t, cost_columns, COUNT_OF(cost_columns));
	for (size_t i = 0; i < estimate->len; i++) {
		const struct estimate_component *c = &estimate->v[i];

		table_add(&t, STYLE_PLAIN, c->name);
		table_add(&t, STYLE_PLAIN, c->what);
		table_add(&t, STYLE_PLAIN, estimate_amount(c, c->monthly.expected, text));
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
print_price(const struct catalogue_price *price)
{
	const struct estimate *estimate = &price->estimate;
	AUTO_FREE char *text = NULL;

	field_title("What it costs at its defaults, in " CATALOGUE_REGION);
	if (price->e.kind != ERR_NONE)
		text = xasprintf("not known: %s", price->e.msg);
	else if (estimate->len == 0 && !estimate->unpriced)
		text = xstrdup("nothing by itself");
	else
		text = estimate_sentence(estimate);
	AUTO_FREE char *visible = text_visible(text);
	text_wrap(stdout, visible, 2, style_text_columns());
	if (price->e.kind == ERR_NONE)
		print_components(estimate);
}

void
catalogue_print(const struct capability *c, const struct catalogue_price *price)
{
	print_head(c);
	print_parameters(c);
	print_rules(c);
	print_strategies(c);
	print_outputs(c);
	print_price(price);
}
