/*
 * The machine of an attempt. attempt_take() moves the stage by what was seen,
 * attempt_decide() says what the stage asks for next. Both may be repeated
 * after a crash with the stored attempt and come to the same end.
 *
 * Invariants:
 *   1. A run follows only a look that found nothing in its way.
 *   2. A run in doubt is followed by questions, never by another step, an undo
 *      or an end, until a question is answered or a person is asked.
 *   3. An attempt that undoes never goes forward again.
 */
#include <config.h>

#include "core/attempt.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "core/attempt_stage.h"

static const char *const phase_names[PHASES] = {
	[PHASE_FORWARD] = "forward",
	[PHASE_UNDO] = "undo",
};

static const char *const goal_names[GOALS] = {
	[GOAL_SUCCEEDED] = "succeeded",
	[GOAL_FALLBACK] = "fallback",
	[GOAL_FAILED] = "failed",
	[GOAL_CANCELLED] = "cancelled",
	[GOAL_DESTROYED] = "destroyed",
};

static const struct {
	const char *name;
	enum act act;
} stages[STAGES] = {
	[STAGE_LOOK] = { "look", ACT_CHECK },
	[STAGE_RUN] = { "run", ACT_RUN },
	[STAGE_ASK] = { "ask", ACT_CHECK },
	[STAGE_COLLECT] = { "collect", ACT_COLLECT },
	[STAGE_GUARD] = { "guard", ACT_GUARD },
	[STAGE_UNDO] = { "undo", ACT_UNDO },
	[STAGE_PROVE] = { "prove", ACT_PROVE },
	[STAGE_MEND] = { "mend", ACT_MEND },
};

void
attempt_enter(struct attempt *a, enum stage stage)
{
	a->stage = stage;
	a->call = 0;
	a->asks = 0;
}

static bool
has_expired(const struct attempt_view *view)
{
	return view->due_ms > 0 && view->now_ms >= view->due_ms;
}

bool
attempt_is_over(const struct attempt_view *view)
{
	return view->cancel_wanted || has_expired(view);
}

void
attempt_ask_again(struct attempt *a, const struct attempt_view *view, const struct reading *reading)
{
	a->call = 0;
	a->wait_until_ms =
	    view->now_ms + retry_delay_ms(view->retry, &reading->failure, a->asks, view->seed);
	a->asks++;
	/* What brought the doubt says more than why looking does not tell. */
	if (failure_is_set(&reading->failure) &&
	    (a->stage == STAGE_LOOK || !failure_is_set(&a->failure)))
		failure_copy(&a->failure, &reading->failure);
}

void
attempt_poll(struct attempt *a, const struct attempt_view *view)
{
	const struct retry_policy *policy = view->retry;
	const struct step *s = &view->plan->steps[a->step];
	int64_t lasts = a->doubt_since_ms > 0 ? view->now_ms - a->doubt_since_ms : 0;
	int64_t pause = lasts / 10;

	a->call = 0;
	/* What takes longer than any run of it may is not waited for any more: a person is asked. */
	if (a->phase == PHASE_FORWARD && s->timeout_ms > 0 &&
	    lasts > s->timeout_ms + s->settle_ms) {
		a->asks = ATTEMPT_ASKS_MAX;
		if (!failure_is_set(&a->failure))
			failure_set(&a->failure, FAILURE_TIMEOUT, NULL, s->name,
			    "it is in the making for longer than it may take");
		return;
	}
	if (pause < 2 * policy->delay_ms)
		pause = 2 * policy->delay_ms;
	a->wait_until_ms =
	    view->now_ms + (pause < policy->max_delay_ms ? pause : policy->max_delay_ms);
}

static void
fail_expired(struct attempt *a, const struct attempt_view *view)
{
	CLEANUP(failure_clear) struct failure why = { 0 };

	failure_set(&why, FAILURE_TIMEOUT, "TimeOver", view->plan->steps[a->step].name,
	    "the time that the objective had is over");
	why.retry = RETRY_NEVER;
	why.fallback = false;
	attempt_fail(a, view, &why);
}

/* A run that is not in doubt did nothing, or has not begun. */
static bool
is_unasked(const struct attempt *a)
{
	return a->stage == STAGE_LOOK || (a->stage == STAGE_RUN && a->doubt_since_ms == 0);
}

/* What is in doubt is asked about first, but not run again. */
static void
heed_end(struct attempt *a, const struct attempt_view *view)
{
	bool unasked = is_unasked(a);

	if (a->phase == PHASE_UNDO) {
		if (view->cancel_wanted && (a->goal == GOAL_FAILED || a->goal == GOAL_FALLBACK))
			a->goal = GOAL_CANCELLED;
		else if (a->goal == GOAL_FALLBACK)
			a->goal = GOAL_FAILED;
	} else if (unasked && view->cancel_wanted) {
		attempt_turn(a, GOAL_CANCELLED);
	} else if (unasked && (size_t)a->step < view->plan->len) {
		fail_expired(a, view);
	} else if (a->stage == STAGE_RUN) {
		attempt_enter(a, STAGE_ASK);
	}
}

/* ---- public ---- */

void
attempt_init(struct attempt *a)
{
	memset(a, 0, sizeof *a);
}

void
attempt_clear(struct attempt *a)
{
	if (a == NULL)
		return;
	free(a->strategy);
	free(a->size);
	free(a->resource);
	strv_clear(&a->stood);
	cJSON_Delete(a->mend);
	cJSON_Delete(a->planned);
	failure_clear(&a->failure);
	attempt_init(a);
}

void
attempt_copy(struct attempt *to, const struct attempt *from)
{
	attempt_clear(to);
	*to = *from;
	to->strategy = xstrdup(from->strategy);
	to->size = xstrdup(from->size);
	to->resource = xstrdup(from->resource);
	to->stood = (struct strv){ 0 };
	strv_copy(&to->stood, &from->stood);
	to->mend = cJSON_Duplicate(from->mend, true);
	to->planned = cJSON_Duplicate(from->planned, true);
	to->failure = (struct failure){ 0 };
	failure_copy(&to->failure, &from->failure);
}

void
finding_init(struct finding *f)
{
	memset(f, 0, sizeof *f);
}

void
finding_clear(struct finding *f)
{
	if (f == NULL)
		return;
	strv_clear(&f->removed);
	strv_clear(&f->made);
	free(f->resource);
	free(f->why);
	finding_init(f);
}

void
attempt_decide(struct attempt *a, const struct attempt_view *view, struct decision *d)
{
	memset(d, 0, sizeof *d);
	if (attempt_is_over(view))
		heed_end(a, view);
	if (a->wait_until_ms > view->now_ms) {
		d->kind = DECIDE_POSTPONE;
		d->until_ms = a->wait_until_ms;
		return;
	}
	a->wait_until_ms = 0;
	if (a->phase == PHASE_UNDO) {
		attempt_decide_undo(a, view, d);
	} else if ((size_t)a->step >= view->plan->len) {
		d->kind = DECIDE_SUCCEED;
	} else if (a->asks >= ATTEMPT_ASKS_MAX) {
		d->kind = DECIDE_HOLD;
	} else {
		d->kind = DECIDE_EXECUTE;
		d->act = stage_act(a->stage);
	}
	if (d->kind == DECIDE_EXECUTE && view->blocked_until_ms > view->now_ms) {
		d->kind = DECIDE_POSTPONE;
		d->until_ms = view->blocked_until_ms;
	}
}

/* What the service asks of us, it asks of all that go to it. */
static void
note_throttling(const struct attempt_view *view, const struct failure *f, struct finding *found)
{
	if (!failure_is_set(f) || f->class != FAILURE_THROTTLED)
		return;
	found->throttled_until_ms = view->now_ms +
	    (f->wait_ms > 0 ? f->wait_ms : retry_delay_ms(view->retry, f, 0, view->seed));
}

/* ---- mending ---- */

/* Whether the lock that READING's mend breaks can only be that of a dead call of ours. */
static bool
may_break(const struct attempt *a, const struct reading *reading)
{
	const struct lost *lost = &a->lost;

	if (lost->until_ms == 0)
		return false;
	if (reading->lock_ms == 0)
		return lost->held;
	/* It is told to the second. */
	return reading->lock_ms >= lost->from_ms - 1000 && reading->lock_ms <= lost->until_ms;
}

/* A call that ended as it should has given its lock back, and so has whoever had it before. */
static void
note_lost(struct attempt *a, const struct attempt_view *view, const struct reading *reading)
{
	struct lost *lost = &a->lost;
	bool acts = a->stage == STAGE_RUN || a->stage == STAGE_UNDO;

	if (reading->lost) {
		if (lost->until_ms == 0)
			lost->from_ms = view->began_ms;
		lost->until_ms = view->now_ms;
		lost->held = lost->held || reading->held;
	} else if (acts && reading->outcome == OUTCOME_HAPPENED) {
		*lost = (struct lost){ 0 };
	}
}

/* Whatever it found itself to be in, it asks once the records are right. */
static void
end_mend(struct attempt *a)
{
	if (a->phase == PHASE_UNDO) {
		attempt_enter(a, a->resource != NULL ? STAGE_PROVE : STAGE_UNDO);
	} else {
		attempt_enter(a, a->doubt_since_ms > 0 ? STAGE_ASK : STAGE_LOOK);
	}
}

/* The call at hand is made again after those of CALLS. */
static void
mend_first(struct attempt *a, const cJSON *calls)
{
	cJSON *all = cJSON_Duplicate(calls, true), *call;

	while ((call = cJSON_DetachItemFromArray(a->mend, 0)) != NULL)
		cJSON_AddItemToArray(all, call);
	cJSON_Delete(a->mend);
	a->mend = all;
	a->call = 0;
	a->asks++;
}

/* They are kept until they are done: a lock that is found after that is another one. */
static void
heed_broken_lock(struct attempt *a, const struct reading *reading)
{
	if (reading->mend_lost)
		a->lost = (struct lost){ 0 };
}

/* What was to be asked or awaited next can only be told with right records; asks are counted on. */
static void
begin_mend(struct attempt *a, const struct reading *reading)
{
	int asks = a->asks;

	cJSON_Delete(a->mend);
	a->mend = cJSON_Duplicate(reading->mend, true);
	/* What a call of ours has left goes away by no waiting. */
	if (reading->mend_lost)
		a->wait_until_ms = 0;
	heed_broken_lock(a, reading);
	attempt_enter(a, STAGE_MEND);
	a->asks = asks;
}

/*
 * While it cannot be told that the records are right nothing goes on by them. One
 * that does not succeed and tells no failure found them right. An undo only
 * takes away what it is shown, so that it goes on in any case.
 */
static void
take_mend(struct attempt *a, const struct attempt_view *view, const struct reading *reading)
{
	int asks = a->asks;

	if (a->phase == PHASE_FORWARD && failure_is_set(&reading->failure)) {
		if (reading->mend != NULL && (may_break(a, reading) || !reading->mend_lost)) {
			mend_first(a, reading->mend);
			heed_broken_lock(a, reading);
		} else {
			attempt_ask_again(a, view, reading);
			/* Nothing can be told before it is mended: this is what hinders. */
			failure_copy(&a->failure, &reading->failure);
		}
		return;
	}
	cJSON_DeleteItemFromArray(a->mend, 0);
	if (cJSON_GetArraySize(a->mend) > 0)
		return;
	cJSON_Delete(take(a->mend));
	end_mend(a);
	a->asks = asks;
}

void
attempt_take(struct attempt *a, const struct attempt_view *view, const struct reading *reading,
    struct finding *found)
{
	assert(a->step >= 0 && (size_t)a->step < view->plan->len);
	const struct step *s = &view->plan->steps[a->step];
	bool asking = a->stage == STAGE_LOOK || a->stage == STAGE_ASK;
	bool breaks;

	a->wait_until_ms = 0;
	note_lost(a, view, reading);
	breaks = may_break(a, reading);
	if (reading->planned != NULL) {
		cJSON_Delete(a->planned);
		a->planned = cJSON_Duplicate(reading->planned, true);
	}
	/* An old record that ended so tells nothing of now. */
	if (!reading->ended_badly)
		note_throttling(view, &reading->failure, found);
	if (asking && !reading->conclusive && (size_t)a->call + 1 < s->n_checks) {
		a->call++;
		return;
	}
	switch (a->stage) {
	case STAGE_LOOK:
		attempt_take_look(a, view, reading, found);
		break;
	case STAGE_RUN:
		attempt_take_run(a, view, reading, found);
		break;
	case STAGE_ASK:
		attempt_take_answer(a, view, reading, found);
		break;
	case STAGE_COLLECT:
		attempt_take_collection(a, view, reading, found);
		break;
	case STAGE_GUARD:
		attempt_take_guard(a, view, reading, found);
		break;
	case STAGE_UNDO:
		attempt_take_undo(a, reading);
		break;
	case STAGE_PROVE:
		attempt_take_proof(a, view, reading, found);
		break;
	case STAGE_MEND:
		take_mend(a, view, reading);
		return;
	case STAGES:
		assert(!"a stage");
	}
	if (reading->mend != NULL && a->stage != STAGE_MEND && (breaks || !reading->mend_lost))
		begin_mend(a, reading);
}

void
attempt_resume(struct attempt *a)
{
	if (a->phase != PHASE_FORWARD || a->stage != STAGE_RUN)
		return;
	if (is_unasked(a)) {
		strv_clear(&a->stood);
		attempt_enter(a, STAGE_LOOK);
	} else {
		attempt_enter(a, STAGE_ASK);
	}
}

void
attempt_fail(struct attempt *a, const struct attempt_view *view, const struct failure *why)
{
	bool another = (why->fallback && view->another_strategy) ||
	    (why->scarce_ms > 0 && view->another_size);

	failure_copy(&a->failure, why);
	attempt_turn(a, another && !attempt_is_over(view) ? GOAL_FALLBACK : GOAL_FAILED);
}

void
attempt_turn(struct attempt *a, enum goal goal)
{
	a->phase = PHASE_UNDO;
	a->goal = goal;
	a->runs = 0;
	a->doubt_since_ms = 0;
	a->wait_until_ms = 0;
	strv_clear(&a->stood);
	attempt_enter(a, STAGE_UNDO);
}

enum act
stage_act(enum stage stage)
{
	return stages[stage].act;
}

const char *
phase_name(enum phase phase)
{
	return phase_names[phase];
}

const char *
goal_name(enum goal goal)
{
	return goal_names[goal];
}

const char *
stage_name(enum stage stage)
{
	return stages[stage].name;
}

enum phase
phase_from_name(const char *name)
{
	int i = 0;

	while (i < PHASES && strcmp(phase_names[i], name) != 0)
		i++;
	return (enum phase)i;
}

enum goal
goal_from_name(const char *name)
{
	int i = 0;

	while (i < GOALS && strcmp(goal_names[i], name) != 0)
		i++;
	return (enum goal)i;
}

enum stage
stage_from_name(const char *name)
{
	int i = 0;

	while (i < STAGES && strcmp(stages[i].name, name) != 0)
		i++;
	return (enum stage)i;
}
