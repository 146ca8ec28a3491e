#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/advise.h"
#include "cli/command.h"
#include "cli/field.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/show_money.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"

#define NOTE_MAX 1024

struct show_options {
	bool json;
};

static const struct option_row show_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct show_options, json),
	    .help = "the whole document, as export writes it, and a diagnosis of what failed" },
	{ .name = NULL },
};

static const struct table_column attempt_columns[] = {
	{ .title = "ATTEMPT" },
	{ .title = "STRATEGY" },
	{ .title = "PHASE" },
	{ .title = "GOAL" },
	{ .title = "BEGUN" },
	{ .title = "TOOK", .right = true },
	{ .title = "NOTE", .give = 9, .min = 8, .max = 100 },
};

static const struct table_column step_columns[] = {
	{ .title = "STEP" },
	{ .title = "NAME", .give = 1, .min = 12 },
	{ .title = "ACT" },
	{ .title = "RESULT" },
	{ .title = "AT" },
	{ .title = "TOOK", .right = true },
};

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
static void
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

/* What was wished for, and what the last attempt made of it. */
static void
show_strategy(const struct report *r)
{
	field("strategy", r->objective.strategy);
	for (size_t i = 0; i < r->plan.reasons.len; i++)
		field("", r->plan.reasons.v[i]);
}

static void
show_context(const struct report *r, int64_t now_ms)
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

/* The message of one that failed is told with the cause, at the end. */
static void
show_failure(const cJSON *failure, enum state state)
{
	AUTO_FREE char *text = NULL;
	const char *code = json_str(failure, "code"), *step = json_str(failure, "step");

	if (failure == NULL)
		return;
	text = xasprintf("%s%s%s%s%s",
	    json_str(failure, "class") != NULL ? json_str(failure, "class") : "unknown",
	    code != NULL ? ", " : "", code != NULL ? code : "", step != NULL ? ", in step " : "",
	    step != NULL ? step : "");
	field("why", text);
	if (state != STATE_FAILED)
		field("", json_str(failure, "message"));
}

/* What it waits for that nobody need do anything about. */
static void
show_waiting(const struct report *r, int64_t now_ms)
{
	const struct objective *o = &r->objective;
	const struct attempt *a = report_open_attempt(r);
	bool waits = o->state == STATE_QUEUED && o->not_before_ms > now_ms;
	char when[64];

	if (r->throttled_until_ms > now_ms) {
		AUTO_FREE char *until = report_throttled_text(r, now_ms);
		AUTO_FREE char *text =
		    xasprintf("%s: nothing of its subscription and %s starts before", until,
			o->provider != NULL ? o->provider : "provider");

		field("throttled", text);
	}
	if (waits && a != NULL) {
		AUTO_FREE char *why = report_failure_text(&a->failure);
		AUTO_FREE char *text =
		    xasprintf("%s%s%s", text_when(o->not_before_ms, now_ms, when, sizeof(when)),
			why != NULL ? ", after " : "", why != NULL ? why : "");

		field(report_wait_word(a), text);
	}
}

/* Only a person can tell, and both answers are told how to type. */
static void
show_ways_out(const struct objective *o)
{
	const char *id = id_short(o->id);
	AUTO_FREE char *yes = xasprintf("purser resolve %s --happened [--resource ID]", id);
	AUTO_FREE char *no = xasprintf("purser resolve %s --not-happened", id);

	field("it did happen", yes);
	field("it did not", no);
}

static const char *
wish_of(const struct objective *o)
{
	if (o->destroying && o->state == STATE_FAILED)
		return ", could not be destroyed";
	if (state_is_final(o->state))
		return "";
	return o->destroying ? ", to be destroyed" : o->cancel_wanted ? ", to be cancelled" : "";
}

static void
show_state(const struct report *r, int64_t now_ms)
{
	const struct objective *o = &r->objective;

	printf("%s%s/%s%s  %s%s%s%s\n", style_on(STYLE_BOLD), o->batch, o->name,
	    style_off(STYLE_BOLD), style_on(style_of_state(o->state)), state_name(o->state),
	    style_off(style_of_state(o->state)), wish_of(o));
	for (size_t i = 0; i < r->n_holds; i++) {
		char when[64];
		AUTO_FREE char *text = xasprintf("%s%s%s (%s)", r->holds[i].reason,
		    r->holds[i].detail != NULL ? ": " : "",
		    r->holds[i].detail != NULL ? r->holds[i].detail : "",
		    text_when(r->holds[i].since_ms, now_ms, when, sizeof(when)));

		field("held", text);
		if (strcmp(r->holds[i].reason, "in_doubt") == 0)
			show_ways_out(o);
		show_objections(r, r->holds[i].reason);
	}
	show_waiting(r, now_ms);
	show_failure(o->failure, o->state);
}

static void
show_dependencies(const struct report *r)
{
	for (size_t i = 0; i < r->n_dependencies; i++) {
		AUTO_FREE char *text = xasprintf("%s (%s), %s", r->dependencies[i].name,
		    id_short(r->dependencies[i].id), state_name(r->dependencies[i].state));

		field(i == 0 ? "depends on" : "", text);
	}
}

/* Where an open attempt stands, or why one that ended did not succeed. */
static char *
attempt_note(const struct report *r, const struct attempt *a)
{
	AUTO_FREE char *why = report_failure_text(&a->failure);
	size_t step = a->step >= 0 ? (size_t)a->step : 0;
	struct buf note = BUF_INIT(NOTE_MAX);

	if (a->undoes != 0)
		buf_addf(&note, "undoes %d", a->undoes);
	if (a->ended_ms == 0 && step < r->plan.len)
		buf_addf(&note, "%sstep %zu of %zu, %s", note.len > 0 ? ", " : "", step + 1,
		    r->plan.len, stage_name(a->stage));
	if (a->ended_ms == 0 && a->runs > 1)
		buf_addf(&note, ", try %d", a->runs);
	if (a->ended_ms == 0 && a->doubt_since_ms != 0)
		buf_adds(&note, ", in doubt");
	if (why != NULL)
		buf_addf(&note, "%s%s", note.len > 0 ? "; " : "", why);
	return buf_take(&note);
}

static void
show_attempts(const struct report *r)
{
	struct table t;

	if (r->n_attempts == 0)
		return;
	field_title("Attempts");
	table_init(&t, attempt_columns, COUNT_OF(attempt_columns));
	for (size_t i = 0; i < r->n_attempts; i++) {
		const struct attempt *a = &r->attempts[i];
		char at[CLOCK_TEXT_SIZE], took[CLOCK_TEXT_SIZE];
		AUTO_FREE char *note = attempt_note(r, a);

		table_addf(&t, STYLE_PLAIN, "%d", a->number);
		table_add(&t, STYLE_PLAIN, a->strategy);
		table_add(&t, STYLE_PLAIN, phase_name(a->phase));
		table_add(&t, STYLE_PLAIN, goal_name(a->goal));
		table_addf(&t, STYLE_PLAIN, "%s", text_second(a->started_ms, at));
		table_add(&t, STYLE_PLAIN,
		    a->ended_ms == 0 ? "open"
				     : clock_format_span(a->ended_ms - a->started_ms, took));
		table_add(&t, STYLE_DIM, note);
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
show_steps(const struct report *r)
{
	struct table t;

	if (r->n_executions == 0)
		return;
	field_title("Steps");
	table_init(&t, step_columns, COUNT_OF(step_columns));
	for (size_t i = 0; i < r->n_executions; i++) {
		const struct execution *x = &r->executions[i];
		char at[CLOCK_TEXT_SIZE], took[CLOCK_TEXT_SIZE];

		table_addf(&t, STYLE_PLAIN, "%d.%d", x->attempt, x->step + 1);
		table_add(&t, STYLE_PLAIN, x->step_name);
		table_add(&t, STYLE_PLAIN, act_name(x->act));
		table_add(
		    &t, x->failure != NULL ? STYLE_BAD : STYLE_PLAIN, report_execution_word(x));
		/* The day stands above, in the attempt. */
		table_addf(&t, STYLE_PLAIN, "%.8s",
		    clock_format(x->intended_ms, at) + strlen("2026-11-21T"));
		table_add(&t, STYLE_PLAIN,
		    x->ended_ms == 0 ? "" : clock_format_span(x->ended_ms - x->intended_ms, took));
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
show_resources(const struct report *r)
{
	if (r->n_resources == 0)
		return;
	field_title("Resources");
	for (size_t i = 0; i < r->n_resources; i++) {
		field(resource_state_name(r->resources[i].state), r->resources[i].id);
		field("", r->resources[i].why);
	}
}

static void
next_of_hold(const struct report *r, const char *reason)
{
	if (strcmp(reason, "dependency") != 0)
		return;
	for (size_t i = 0; i < r->n_dependencies; i++) {
		const struct dependency *d = &r->dependencies[i];

		if (d->state == STATE_FAILED)
			say_next("purser retry %s   (%s, which it needs, failed)", id_short(d->id),
			    d->name);
	}
}

static bool
has_orphans(const struct report *r)
{
	for (size_t i = 0; i < r->n_resources; i++) {
		if (r->resources[i].state == RESOURCE_ORPHANED)
			return true;
	}
	return false;
}

static bool
is_in_doubt(const struct report *r)
{
	for (size_t i = 0; i < r->n_holds; i++) {
		if (strcmp(r->holds[i].reason, "in_doubt") == 0)
			return true;
	}
	return false;
}

static void
show_next(const struct report *r)
{
	const struct objective *o = &r->objective;
	const char *id = id_short(o->id);

	if (r->n_executions > 0)
		say_next("purser log %s%s", id,
		    o->state == STATE_FAILED || o->state == STATE_HELD ? " --output" : "");
	else
		say_next("purser plan %s", id);
	for (size_t i = 0; i < r->n_holds; i++)
		next_of_hold(r, r->holds[i].reason);
	show_next_money(r);
	if (o->state == STATE_QUEUED)
		say_next("purser run");
	if (o->state == STATE_FAILED && !o->destroying)
		say_next("purser retry %s", id);
	if (o->state == STATE_SUCCEEDED || (o->state == STATE_FAILED && has_orphans(r)))
		say_next("purser destroy %s", id);
	/* What is in doubt must be resolved before anything can be undone. */
	if (!state_is_final(o->state) && !o->destroying && !is_in_doubt(r))
		say_next("purser cancel %s", id);
}

static void
show_text(struct cli *cli, const struct report *r)
{
	CLEANUP(advised_clear) struct advised advised;
	int64_t now_ms = clock_now_ms();

	show_state(r, now_ms);
	putchar('\n');
	show_context(r, now_ms);
	show_dependencies(r);
	if (r->objective.outputs != NULL && r->objective.outputs->child != NULL) {
		field_title("Outputs");
		show_outputs(r->objective.outputs);
	}
	show_money(r, cli->config.budget.currency, now_ms);
	show_resources(r);
	show_attempts(r);
	show_steps(r);
	advised_load(&advised, cli, r);
	advised_print(&advised, cli, r);
	fflush(stdout);
	show_next(r);
}

static void
show_json(struct cli *cli, const struct report *r)
{
	AUTO_JSON cJSON *json = report_to_json(r);
	CLEANUP(advised_clear) struct advised advised;
	AUTO_FREE char *text = NULL;
	cJSON *diagnosis;

	advised_load(&advised, cli, r);
	if ((diagnosis = advised_to_json(&advised)) != NULL)
		cJSON_AddItemToObject(json, "diagnosis", diagnosis);
	text = json_pretty(json);
	fputs(text, stdout);
}

static enum status
show_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct show_options *opts = options;
	struct err e = { 0 };
	struct objective o;
	struct report r;
	enum status status = cli_find(cli, args->v[0], &o);

	if (status != STATUS_DONE) {
		objective_clear(&o);
		return status;
	}
	if (report_load(&r, cli->store, o.id, &e) < 0) {
		status = say_error(&e);
	} else if (opts->json) {
		show_json(cli, &r);
	} else {
		show_text(cli, &r);
	}
	report_clear(&r);
	objective_clear(&o);
	return status;
}

const struct cmd cmd_show = {
	.name = "show",
	.usage = "OBJECTIVE [--json]",
	.summary = "tell everything about one objective",
	.about =
	    "Shows what was asked for, the state and the reason of it, why each strategy was chosen or passed over, "
	    "what was made, and each attempt and step. Of one that failed or is held in doubt also the cause, what "
	    "helped before, and what to do, with the commands to type. "
	    "OBJECTIVE is an id, the end of one (four digits or more, while it fits only one), or batch/name.",
	.examples = "purser show web-dev/web\n"
		    "purser show 1a2b3c4d --json",
	.options = show_rows,
	.options_size = sizeof(struct show_options),
	.needs = CMD_READ,
	.min_args = 1,
	.max_args = 1,
	.run = show_run,
};
