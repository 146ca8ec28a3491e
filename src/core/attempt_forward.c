/*
 * The forward half of an attempt: look, run, ask, collect, and on to the next
 * step, or to another try of this one.
 */
#include <config.h>

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/attempt_stage.h"

static const struct step *
present_step(const struct attempt *a, const struct attempt_view *view)
{
	return &view->plan->steps[a->step];
}

static void
enter_step(struct attempt *a, int step)
{
	attempt_enter(a, STAGE_LOOK);
	a->step = step;
	a->runs = 0;
	a->doubt_since_ms = 0;
	strv_clear(&a->stood);
	cJSON_Delete(take(a->planned));
	failure_clear(&a->failure);
}

static bool
is_among(const struct strv *ids, const char *id)
{
	for (size_t i = 0; ids != NULL && i < ids->len; i++)
		if (strcasecmp(ids->v[i], id) == 0)
			return true;
	return false;
}

/* What stood before a run is not ours, whoever lists it, and though it may carry our tag since. */
static void
note_made(const struct attempt *a, const struct attempt_view *view, const struct strv *ids,
    struct finding *found)
{
	for (size_t i = 0; i < ids->len; i++) {
		const char *id = ids->v[i];

		if (!is_among(&a->stood, id) && !is_among(view->stood, id))
			strv_add(&found->made, id);
	}
}

static void
step_happened(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found)
{
	if (present_step(a, view)->collect.len > 0) {
		attempt_enter(a, STAGE_COLLECT);
		return;
	}
	note_made(a, view, &reading->resources, found);
	enter_step(a, a->step + 1);
}

static bool
runs_are_left(const struct attempt *a, const struct attempt_view *view)
{
	return !attempt_is_over(view) && a->runs <= view->retry->max_retries;
}

static bool
may_try_again(const struct attempt *a, const struct attempt_view *view, const struct failure *why)
{
	bool passing =
	    why->retry == RETRY_LATER || (why->retry == RETRY_AFTER_DEPENDENCY && view->depends);

	return passing && runs_are_left(a, view);
}

/*
 * The same step, under the same name, after its delay. What was seen before may
 * have changed by then: it is looked for anew, or asked about if an earlier run
 * is still in doubt.
 */
static void
try_later(struct attempt *a, const struct attempt_view *view, const struct failure *why)
{
	int retries = a->runs > 0 ? a->runs - 1 : 0;

	failure_copy(&a->failure, why);
	if (a->doubt_since_ms > 0) {
		attempt_enter(a, STAGE_ASK);
	} else {
		strv_clear(&a->stood);
		attempt_enter(a, STAGE_LOOK);
	}
	a->wait_until_ms = view->now_ms + retry_delay_ms(view->retry, why, retries, view->seed);
}

/*
 * What is in the way may be what a lost run has made without a record of it: only a
 * person can tell.
 */
static bool
is_in_our_own_way(const struct attempt *a, const struct attempt_view *view)
{
	return a->doubt_since_ms > 0 && step_keeps_records(present_step(a, view)) &&
	    a->failure.class == FAILURE_CONFLICT && a->failure.retry == RETRY_NEVER;
}

static void
ask_a_person(struct attempt *a)
{
	a->goal = GOAL_SUCCEEDED;
	attempt_enter(a, STAGE_ASK);
	a->asks = ATTEMPT_ASKS_MAX;
}

/* It ended badly, and what it made is known: done anew over it, if it may be, or undone. */
static void
take_bad_end(struct attempt *a, const struct attempt_view *view)
{
	if (is_in_our_own_way(a, view)) {
		ask_a_person(a);
		return;
	}
	a->doubt_since_ms = 0;
	a->goal = GOAL_SUCCEEDED;
	if (present_step(a, view)->idempotent && may_try_again(a, view, &a->failure))
		try_later(a, view, &a->failure);
	else
		attempt_fail(a, view, &a->failure);
}

/* What carries our tag beside the foreign one was made by an earlier run of ours. */
static void
fail_foreign(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found)
{
	CLEANUP(failure_clear) struct failure why = { 0 };

	note_made(a, view, &reading->ours, found);
	if (failure_is_set(&reading->failure))
		failure_copy(&why, &reading->failure);
	else
		failure_set(&why, FAILURE_CONFLICT, NULL, present_step(a, view)->name,
		    "%s exists already and was not made for this objective",
		    reading->resources.len > 0 ? reading->resources.v[0] : "what the step makes");
	attempt_fail(a, view, &why);
}

void
attempt_take_look(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found)
{
	const struct step *s = present_step(a, view);

	switch (reading->answer) {
	case ANSWER_ABSENT:
		strv_clear(&a->stood);
		attempt_enter(a, STAGE_RUN);
		break;
	case ANSWER_OURS_COMPLETE:
		if (!reading->ended_badly) {
			step_happened(a, view, reading, found);
			break;
		}
		/* It stands, whatever becomes of the run that is to mend it. */
		note_made(a, view, &reading->resources, found);
		if (s->idempotent)
			attempt_enter(a, STAGE_RUN);
		else
			attempt_fail(a, view, &reading->failure);
		break;
	case ANSWER_OURS_IN_PROGRESS:
		/* An earlier request of ours: what comes of it is not known yet. */
		a->doubt_since_ms = view->now_ms;
		attempt_enter(a, STAGE_ASK);
		attempt_poll(a, view);
		break;
	case ANSWER_FOREIGN:
		if (s->existing == EXISTING_REFUSE) {
			fail_foreign(a, view, reading, found);
		} else if (s->existing == EXISTING_USE) {
			enter_step(a, a->step + 1);
		} else {
			strv_clear(&a->stood);
			strv_copy(&a->stood, &reading->resources);
			attempt_enter(a, STAGE_RUN);
		}
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		/* A look changes nothing, so it may be repeated; but not for what only a person can mend. */
		if (reading->failure.retry != RETRY_NEVER && a->asks + 1 < ATTEMPT_ASKS_MAX)
			attempt_ask_again(a, view, reading);
		else
			attempt_fail(a, view, &reading->failure);
		break;
	}
}

/* It ended, but badly: what it made has to be known before it is undone or done anew. */
static void
collect_bad_end(struct attempt *a, const struct reading *reading)
{
	failure_copy(&a->failure, &reading->failure);
	a->goal = GOAL_FAILED;
	attempt_enter(a, STAGE_COLLECT);
}

void
attempt_take_run(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found)
{
	static const struct failure nothing = { .class = FAILURE_UNKNOWN };

	a->runs++;
	strv_copy(&found->removed, &reading->gone);
	switch (reading->outcome) {
	case OUTCOME_HAPPENED:
		if (reading->ended_badly)
			collect_bad_end(a, reading);
		else
			step_happened(a, view, reading, found);
		break;
	case OUTCOME_DID_NOT_HAPPEN:
		attempt_refused(a, view, &reading->failure);
		break;
	case OUTCOME_IN_DOUBT:
	case OUTCOMES:
		a->doubt_since_ms = view->now_ms;
		failure_copy(&a->failure, &reading->failure);
		/* Of these it is certain, whatever else there is. */
		note_made(a, view, &reading->resources, found);
		attempt_enter(a, STAGE_ASK);
		/* A look is due soon, however often the tool has tried to write. */
		a->wait_until_ms =
		    view->now_ms + retry_delay_ms(view->retry, &nothing, a->runs - 1, view->seed);
		break;
	}
}

static void
settle(struct attempt *a, const struct step *s)
{
	a->call = 0;
	a->wait_until_ms = a->doubt_since_ms + s->settle_ms;
}

/*
 * The run left no trace. The same step under the same name may run again; to
 * give up on it, the cloud must have had time to settle, for it may still be
 * working on what a dead client asked for.
 */
static void
take_absence(struct attempt *a, const struct attempt_view *view)
{
	const struct step *s = present_step(a, view);

	if (s->idempotent && runs_are_left(a, view)) {
		attempt_enter(a, STAGE_RUN);
	} else if (s->n_checks == 0) {
		/* Nobody has looked. */
		a->asks = ATTEMPT_ASKS_MAX;
	} else if (view->now_ms < a->doubt_since_ms + s->settle_ms) {
		settle(a, s);
	} else if (is_in_our_own_way(a, view)) {
		ask_a_person(a);
	} else {
		if (!failure_is_set(&a->failure))
			failure_set(&a->failure, FAILURE_UNKNOWN, NULL, s->name,
			    "the step was interrupted and left nothing behind");
		attempt_fail(a, view, &a->failure);
	}
}

/* A part of it stands: likewise, but to give up on it all of that has to be known. */
static void
take_part(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found)
{
	const struct step *s = present_step(a, view);

	note_made(a, view, &reading->resources, found);
	if (s->idempotent && runs_are_left(a, view)) {
		attempt_enter(a, STAGE_RUN);
	} else if (view->now_ms < a->doubt_since_ms + s->settle_ms) {
		settle(a, s);
	} else {
		if (!failure_is_set(&a->failure))
			failure_set(&a->failure, FAILURE_UNKNOWN, NULL, s->name,
			    "the step was interrupted, and a part of it is missing");
		a->goal = GOAL_FAILED;
		attempt_enter(a, STAGE_COLLECT);
	}
}

void
attempt_take_answer(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found)
{
	const struct step *s = present_step(a, view);

	switch (reading->answer) {
	case ANSWER_ABSENT:
		take_absence(a, view);
		break;
	case ANSWER_OURS_COMPLETE:
		if (!reading->ended_badly) {
			step_happened(a, view, reading, found);
			break;
		}
		if (!failure_is_set(&reading->failure)) {
			take_part(a, view, reading, found);
		} else if (s->collect.len > 0) {
			collect_bad_end(a, reading);
		} else {
			failure_copy(&a->failure, &reading->failure);
			note_made(a, view, &reading->resources, found);
			take_bad_end(a, view);
		}
		break;
	case ANSWER_OURS_IN_PROGRESS:
		attempt_poll(a, view);
		break;
	case ANSWER_FOREIGN:
		if (s->existing == EXISTING_UPDATE)
			take_absence(a, view);
		else if (view->now_ms < a->doubt_since_ms + s->settle_ms)
			settle(a, s);
		else
			fail_foreign(a, view, reading, found);
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		attempt_ask_again(a, view, reading);
		break;
	}
}

void
attempt_take_collection(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found)
{
	if (reading->outcome != OUTCOME_HAPPENED) {
		attempt_ask_again(a, view, reading);
		return;
	}
	note_made(a, view, &reading->resources, found);
	if (a->goal == GOAL_FAILED)
		take_bad_end(a, view);
	else
		enter_step(a, a->step + 1);
}

void
attempt_refused(struct attempt *a, const struct attempt_view *view, const struct failure *why)
{
	if (may_try_again(a, view, why)) {
		try_later(a, view, why);
	} else if (a->doubt_since_ms == 0) {
		attempt_fail(a, view, why);
	} else {
		/* An earlier run is in doubt still: no more runs, and time to settle. */
		failure_copy(&a->failure, why);
		a->runs = INT_MAX;
		attempt_enter(a, STAGE_ASK);
	}
}

bool
attempt_resolve(struct attempt *a, bool happened)
{
	bool in_doubt = a->phase == PHASE_FORWARD &&
	    (a->stage == STAGE_ASK || a->stage == STAGE_COLLECT || a->stage == STAGE_MEND);

	if (!in_doubt)
		return false;
	a->wait_until_ms = 0;
	/* What happened can only be told with right records: that is tried anew. */
	if (a->stage == STAGE_MEND && happened) {
		a->asks = 0;
		return true;
	}
	cJSON_Delete(take(a->mend));
	if (happened && a->goal == GOAL_FAILED) {
		attempt_turn(a, GOAL_FAILED);
		return true;
	}
	a->goal = GOAL_SUCCEEDED;
	enter_step(a, a->step + (happened ? 1 : 0));
	return true;
}
