#include "config.h"

#include "engine/tell.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "engine/watch.h"

#define REFUSAL_MAX (16 * 1024)

static void
tell(const struct scene *set, const struct change *c, enum progress_kind kind, const char *detail,
    int64_t elapsed_ms)
{
	const struct job *j = c->job;
	size_t step = (size_t)c->attempt.step;

	if (set->options->progress == NULL)
		return;
	struct progress p = {
		.kind = kind,
		.objective = &j->objective,
		.until_ms = c->kind == DECIDE_POSTPONE ? c->decision.until_ms : 0,
		.detail = detail,
		.elapsed_ms = elapsed_ms,
		.steps = (int)j->plan.len,
	};
	if (kind == PROGRESS_STEP) {
		p.step = c->next.step_name;
		p.step_number = c->next.step + 1;
		p.act = c->next.act;
	} else if (kind == PROGRESS_STEP_ENDED) {
		p.step = j->execution.step_name;
		p.step_number = j->execution.step + 1;
		p.act = j->execution.act;
	} else if (step < j->plan.len) {
		p.step = j->plan.steps[step].name;
		p.step_number = (int)step + 1;
	}
	set->options->progress(&p, set->options->data);
}

/* That its machine has another size than was asked for; the caller's own, NULL: it has not. */
static char *
instead_line(const struct objective *o)
{
	if (o->instead == NULL)
		return NULL;
	return xasprintf("%s takes the place of %s, which could not be had",
	    json_str(o->instead, "value"), json_str(o->instead, "asked"));
}

void
tell_claim(const struct scene *set, const struct change *c)
{
	AUTO_FREE char *detail =
	    c->job->attempt_is_new ? instead_line(&c->job->objective) : NULL;

	tell(set, c, PROGRESS_CLAIMED, detail, 0);
	for (size_t i = 0; i < c->ruling.len; i++)
		tell(set, c, PROGRESS_WARNED, c->ruling.v[i].message, 0);
}

/* All that hold it, or the one that denies it: "approval: ...; budget: ...". The caller's own. */
static char *
refusal_line(const struct ruling *ruling)
{
	CLEANUP(buf_clear) struct buf line = BUF_INIT(REFUSAL_MAX);
	bool told[OBJECTION_REASONS] = { false };

	for (size_t i = 0; i < ruling->len; i++) {
		const struct objection *o = &ruling->v[i];

		if (o->verdict != ruling->verdict || told[o->reason])
			continue;
		buf_addf(&line, "%s%s: %s", line.len > 0 ? "; " : "",
		    objection_reason_name(o->reason), o->message);
		told[o->reason] = true;
	}
	return buf_take(&line);
}

void
tell_step(const struct scene *set, const struct change *c)
{
	tell(set, c, PROGRESS_STEP, NULL, 0);
}

void
tell_detail(const struct scene *set, const struct job *j, const char *detail, bool is_end)
{
	const struct execution *x = &j->execution;
	const struct progress p = {
		.kind = PROGRESS_DETAIL,
		.objective = &j->objective,
		.step = x->step_name,
		.step_number = x->step + 1,
		.steps = (int)j->plan.len,
		.act = x->act,
		.detail = detail,
		.is_end = is_end,
	};

	if (set->options->progress != NULL)
		set->options->progress(&p, set->options->data);
}

void
tell_end_of_step(const struct scene *set, const struct change *c)
{
	const struct execution *x = &c->job->execution;
	bool looked = act_is_look(x->act);
	const char *detail = c->job->void_start ? "not started"
	    : looked                            ? answer_name(x->answer)
						: outcome_name(x->outcome);

	watch_end(set, c->job);
	tell(set, c, PROGRESS_STEP_ENDED, detail, x->ended_ms - x->intended_ms);
}

void
tell_refusal(const struct scene *set, const struct change *c)
{
	bool denied = c->ruling.verdict == VERDICT_DENY;
	AUTO_FREE char *line = refusal_line(&c->ruling);

	if (c->job->ended)
		tell_end_of_step(set, c);
	tell(set, c, denied ? PROGRESS_FAILED : PROGRESS_HELD, line, 0);
}

/* "throttled TooManyRequests: slow down"; the caller's own, NULL if nothing failed. */
static char *
failure_line(const struct failure *f)
{
	if (!failure_is_set(f))
		return NULL;
	return xasprintf("%s%s%s: %s", failure_class_name(f->class), f->code != NULL ? " " : "",
	    f->code != NULL ? f->code : "", f->message);
}

void
tell_finding(const struct scene *set, const struct change *c)
{
	const struct finding *found = &c->found;

	if (found->throttled_until_ms > 0) {
		AUTO_FREE char *line = failure_line(&c->job->reading.failure);

		tell(set, c, PROGRESS_THROTTLED, line, 0);
	}
	if (found->resource != NULL && !found->gone) {
		AUTO_FREE char *line = xasprintf("%s: %s", found->resource,
		    found->why != NULL ? found->why : "it could not be undone");

		tell(set, c, PROGRESS_ORPHANED, line, 0);
	}
}

void
tell_turn(const struct scene *set, const struct change *c)
{
	AUTO_FREE char *detail = failure_line(&c->attempt.failure);

	tell(set, c, PROGRESS_UNDOING, detail, 0);
}

void
tell_move(const struct scene *set, const struct change *c)
{
	static const enum progress_kind kinds[] = {
		[DECIDE_POSTPONE] = PROGRESS_WAITING,
		[DECIDE_HOLD] = PROGRESS_HELD,
		[DECIDE_SUCCEED] = PROGRESS_SUCCEEDED,
		[DECIDE_FAIL] = PROGRESS_FAILED,
		[DECIDE_CANCELLED] = PROGRESS_CANCELLED,
		[DECIDE_FALLBACK] = PROGRESS_FALLBACK,
		[DECIDE_DESTROYED] = PROGRESS_DESTROYED,
	};
	enum progress_kind kind = change_is_retry(c) ? PROGRESS_RETRY : kinds[c->kind];
	AUTO_FREE char *detail =
	    c->objection != NULL ? xstrdup(c->objection) : failure_line(&c->attempt.failure);

	int64_t since = c->attempt.started_ms > 0 ? clock_now_ms() - c->attempt.started_ms : 0;
	tell(set, c, kind, detail, since);
}
