#include "config.h"

#include "cli/show_asked.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/field.h"
#include "cli/style.h"
#include "cli/text.h"

/* A word that fits no line, and is no id that somebody may want to copy. */
static bool
has_wide_word(const char *text)
{
	size_t width = style_text_columns() - FIELD_INDENT;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > width && *text != '/')
			return true;
		text += len + (text[len] != '\0');
	}
	return false;
}

/* One line for each member: strings as they are, all else as JSON. */
static void
rows_of(const char *label, const cJSON *object)
{
	const cJSON *value;

	cJSON_ArrayForEach (value, object) {
		AUTO_FREE char *json = cJSON_IsString(value) ? NULL : json_text(value);
		AUTO_FREE char *text =
		    xasprintf("%s = %s", value->string, json != NULL ? json : value->valuestring);
		AUTO_FREE char *cut = text_cut(text, style_text_columns() - FIELD_INDENT);

		/* A key of hundreds of letters would break into lines without indent; an id must stay whole. */
		field(label, has_wide_word(text) ? cut : text);
		label = "";
	}
}

static void
row_value(const char *label, const cJSON *value)
{
	AUTO_FREE char *json = cJSON_IsString(value) ? NULL : json_text(value);

	field(label, json != NULL ? json : value->valuestring);
}

/* Each member of a list on a line of its own: most are ids, which are long and must stay whole to be copied. */
void
show_outputs(const cJSON *outputs)
{
	const cJSON *output, *element;

	cJSON_ArrayForEach (output, outputs) {
		const char *label = output->string;

		if (!cJSON_IsArray(output)) {
			row_value(label, output);
			continue;
		}
		if (output->child == NULL)
			field(label, "none");
		cJSON_ArrayForEach (element, output) {
			row_value(label, element);
			label = "";
		}
	}
}

static void
row_span(const char *label, int64_t ms)
{
	char span[CLOCK_TEXT_SIZE];

	if (ms != 0)
		field(label, clock_format_span(ms, span));
}

/* Who chose what the submitter left open: a rule of the capability, or a setting. */
static void
show_decided(const struct objective *o)
{
	const char *label = "decided";
	const cJSON *rule;

	cJSON_ArrayForEach (rule, o->decided) {
		AUTO_FREE char *value = objective_decided_text(o, rule->string);

		fieldf(label, "%s = %s (%s)", rule->string, value, rule->valuestring);
		label = "";
	}
}

/* What its machine may be, and what it is instead of what was asked for. */
static void
show_sizes(const struct objective *o)
{
	AUTO_FREE char *list =
	    o->alternatives.len > 0 ? strv_join(&o->alternatives, ", ") : NULL;

	field("alternatives", list);
	if (o->instead != NULL)
		fieldf("instead", "%s = %s, because %s could not be had",
		    json_str(o->instead, "parameter"), json_str(o->instead, "value"),
		    json_str(o->instead, "asked"));
}

/* What was wished for, and what the last attempt made of it. */
static void
show_strategy(const struct report *r)
{
	field("strategy", r->objective.strategy);
	for (size_t i = 0; i < r->plan.reasons.len; i++)
		field("", r->plan.reasons.v[i]);
}

void
show_asked(const struct report *r, int64_t now_ms)
{
	const struct objective *o = &r->objective;
	AUTO_FREE char *priority = o->priority != 0 ? xasprintf("%d", o->priority) : NULL;

	field("id", o->id);
	field("key", o->key);
	field("capability", o->capability);
	show_strategy(r);
	field("region", o->region);
	field("resource group", o->resource_group);
	field("subscription", o->subscription);
	rows_of("parameters", o->parameters);
	show_decided(o);
	show_sizes(o);
	rows_of("labels", o->labels);
	field("priority", priority);
	field("on failure", o->on_failure == ON_FAILURE_KEEP ? "keep what was made" : NULL);
	field_time("submitted", o->created_ms, now_ms);
	field_time("changed", o->changed_ms, now_ms);
	field_time("not before", o->not_before_ms, now_ms);
	field_time("deadline", o->deadline_ms, now_ms);
	row_span("timeout", o->timeout_ms);
	row_span("step timeout", o->step_timeout_ms);
	field_time(state_is_final(o->state) ? "was due" : "due", o->due_ms, now_ms);
}

void
show_dependencies(const struct report *r)
{
	for (size_t i = 0; i < r->n_dependencies; i++) {
		AUTO_FREE char *text = xasprintf("%s (%s), %s", r->dependencies[i].name,
		    id_short(r->dependencies[i].id), state_name(r->dependencies[i].state));

		field(i == 0 ? "depends on" : "", text);
	}
}
