/*
 * The backward half of an attempt: each resource that it made is taken away,
 * the last one first, and proven gone. Whatever the tool says of an undo, only
 * the proof counts.
 */
#include <config.h>

#include <string.h>

#include "base/mem.h"
#include "core/attempt_stage.h"

static const enum decision_kind ends[GOALS] = {
	[GOAL_SUCCEEDED] = DECIDE_SUCCEED,
	[GOAL_FALLBACK] = DECIDE_FALLBACK,
	[GOAL_FAILED] = DECIDE_FAIL,
	[GOAL_CANCELLED] = DECIDE_CANCELLED,
	[GOAL_DESTROYED] = DECIDE_DESTROYED,
};

static void
enter_undo(struct attempt *a, const struct attempt_view *view)
{
	attempt_enter(a, view->plan->steps[a->step].guard.len > 0 ? STAGE_GUARD : STAGE_UNDO);
}

static void
end_resource(struct attempt *a, struct finding *found)
{
	found->resource = take(a->resource);
	a->runs = 0;
	attempt_enter(a, STAGE_UNDO);
}

void
attempt_abandon(struct attempt *a, const char *why, struct finding *found)
{
	found->gone = false;
	found->why = xstrdup(why);
	/* Nothing may fall back over what still stands. */
	if (a->goal == GOAL_FALLBACK)
		a->goal = GOAL_FAILED;
	end_resource(a, found);
}

/* It stays: a person has to look. */
static void
give_up(struct attempt *a, const char *why, const struct failure *known, struct finding *found)
{
	AUTO_FREE char *all =
	    failure_is_set(known) ? xasprintf("%s: %s", why, known->message) : xstrdup(why);

	attempt_abandon(a, all, found);
}

static void
ask_again_or_give_up(struct attempt *a, const struct attempt_view *view, const char *why,
    const struct reading *reading, struct finding *found)
{
	a->asks++;
	if (a->asks >= ATTEMPT_ASKS_MAX)
		give_up(a, why, &reading->failure, found);
	else
		a->wait_until_ms = view->now_ms +
		    retry_delay_ms(view->retry, &reading->failure, a->asks - 1, view->seed);
}

static void
note_recorded(struct attempt *a, const struct strv *ids)
{
	for (size_t i = 0; i < ids->len; i++)
		if (!strv_has(&a->stood, ids->v[i]))
			strv_add(&a->stood, ids->v[i]);
}

/* An absence that proves nothing: only an undo may have taken it out of the tool's records. */
static bool
is_unproven(const struct attempt *a, const struct attempt_view *view)
{
	return step_keeps_records(&view->plan->steps[a->step]) &&
	    !strv_has(&a->stood, a->resource);
}

static void
give_up_unrecorded(struct attempt *a, struct finding *found)
{
	attempt_abandon(a,
	    "its tool has no record of it any more, and nothing else tells whether it stands", found);
}

void
attempt_take_guard(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found)
{
	switch (reading->answer) {
	case ANSWER_OURS_COMPLETE:
		note_recorded(a, &(struct strv){ .v = &a->resource, .len = 1 });
		attempt_enter(a, STAGE_UNDO);
		break;
	case ANSWER_ABSENT:
		if (is_unproven(a, view))
			give_up_unrecorded(a, found);
		else
			attempt_enter(a, STAGE_PROVE);
		break;
	case ANSWER_OURS_IN_PROGRESS:
		attempt_poll(a, view);
		break;
	case ANSWER_FOREIGN:
		give_up(a, "removing it would take what others made", &reading->failure, found);
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		ask_again_or_give_up(
		    a, view, "what its removal would take is not known", reading, found);
		break;
	}
}

void
attempt_take_undo(struct attempt *a, const struct reading *reading)
{
	note_recorded(a, &reading->resources);
	a->runs++;
	attempt_enter(a, STAGE_PROVE);
}

/* Tries of an undo cost nothing but time, and what stays costs money. */
static bool
undos_are_left(const struct attempt *a, const struct attempt_view *view)
{
	int64_t max = view->retry->max_retries + 1;

	return a->runs < (max > ATTEMPT_UNDOS_MIN ? max : ATTEMPT_UNDOS_MIN);
}

void
attempt_take_proof(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found)
{
	switch (reading->answer) {
	case ANSWER_ABSENT:
		if (is_unproven(a, view)) {
			give_up_unrecorded(a, found);
			break;
		}
		found->gone = true;
		end_resource(a, found);
		break;
	case ANSWER_OURS_IN_PROGRESS:
		attempt_poll(a, view);
		break;
	case ANSWER_FOREIGN:
		give_up(a, "what stands there is another's by now", &reading->failure, found);
		break;
	case ANSWER_OURS_COMPLETE:
		if (undos_are_left(a, view)) {
			enter_undo(a, view);
			a->wait_until_ms = view->now_ms +
			    retry_delay_ms(view->retry, &reading->failure, a->runs - 1, view->seed);
		} else {
			give_up(a, "it still stands after several tries to remove it",
			    view->undo_failure != NULL ? view->undo_failure : &reading->failure,
			    found);
		}
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		ask_again_or_give_up(a, view, "nothing tells whether it is gone", reading, found);
		break;
	}
}

void
attempt_decide_undo(struct attempt *a, const struct attempt_view *view, struct decision *d)
{
	if (a->resource == NULL) {
		bool keep = view->keep && (a->goal == GOAL_FAILED || a->goal == GOAL_FALLBACK);

		if (keep && view->newest != NULL)
			a->goal = GOAL_FAILED;
		if (view->newest == NULL || keep) {
			d->kind = ends[a->goal];
			return;
		}
		a->resource = xstrdup(view->newest);
		a->step = view->newest_step;
		a->runs = 0;
		enter_undo(a, view);
	}
	d->kind = DECIDE_EXECUTE;
	d->act = stage_act(a->stage);
}
