#include "config.h"

#include "engine/tell.h"

#include "base/clock.h"
#include "base/mem.h"

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

void
tell_claim(const struct scene *set, const struct change *c)
{
	tell(set, c, PROGRESS_CLAIMED, NULL, 0);
}

void
tell_step(const struct scene *set, const struct change *c)
{
	tell(set, c, PROGRESS_STEP, NULL, 0);
}

void
tell_end_of_step(const struct scene *set, const struct change *c)
{
	const struct execution *x = &c->job->execution;
	bool looked = x->act == ACT_CHECK || x->act == ACT_PROVE;
	const char *detail = c->job->void_start ? "not started"
	    : looked                            ? answer_name(x->answer)
						: outcome_name(x->outcome);

	tell(set, c, PROGRESS_STEP_ENDED, detail, x->ended_ms - x->intended_ms);
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
		[DECIDE_DESTROYED] = PROGRESS_CANCELLED,
	};
	const struct failure *f = &c->attempt.failure;
	AUTO_FREE char *detail = NULL;

	if (failure_is_set(f))
		detail = xasprintf("%s%s%s: %s", failure_class_name(f->class),
		    f->code != NULL ? " " : "", f->code != NULL ? f->code : "", f->message);
	int64_t since = c->attempt.started_ms > 0 ? clock_now_ms() - c->attempt.started_ms : 0;
	tell(set, c, kinds[c->decision.kind], detail, since);
}
