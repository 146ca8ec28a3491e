#include "config.h"

#include "cli/show_history.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/field.h"
#include "cli/table.h"
#include "cli/text.h"

#define NOTE_MAX 1024

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

void
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

void
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

void
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
