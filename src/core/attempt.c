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

#define FIRST_PAUSE_MS 2000
#define LONGEST_PAUSE_MS 60000

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
	[STAGE_UNDO] = { "undo", ACT_UNDO },
	[STAGE_PROVE] = { "prove", ACT_PROVE },
};

static const enum decision_kind ends[GOALS] = {
	[GOAL_SUCCEEDED] = DECIDE_SUCCEED,
	[GOAL_FALLBACK] = DECIDE_FAIL,
	[GOAL_FAILED] = DECIDE_FAIL,
	[GOAL_CANCELLED] = DECIDE_CANCELLED,
	[GOAL_DESTROYED] = DECIDE_DESTROYED,
};

static void
enter(struct attempt *a, enum stage stage)
{
	a->stage = stage;
	a->call = 0;
	a->asks = 0;
}

static void
enter_step(struct attempt *a, int step)
{
	enter(a, STAGE_LOOK);
	a->step = step;
	a->runs = 0;
	a->doubt_since_ms = 0;
	strv_clear(&a->stood);
	failure_clear(&a->failure);
}

/* Grows with the number of tries, so that what is broken is not hammered. */
static int64_t
pause_ms(int tries)
{
	int64_t pause = FIRST_PAUSE_MS;

	while (--tries > 0 && pause < LONGEST_PAUSE_MS)
		pause *= 2;
	return pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
}

/* What stood before the run is not ours, whoever lists it. */
static void
note_made(const struct attempt *a, const struct reading *reading, struct finding *found)
{
	for (size_t i = 0; i < reading->resources.len; i++) {
		bool stood = false;

		for (size_t k = 0; k < a->stood.len && !stood; k++)
			stood = strcasecmp(a->stood.v[k], reading->resources.v[i]) == 0;
		if (!stood)
			strv_add(&found->made, reading->resources.v[i]);
	}
}

static void
step_happened(
    struct attempt *a, const struct step *s, const struct reading *reading, struct finding *found)
{
	if (s->collect.len > 0) {
		enter(a, STAGE_COLLECT);
		return;
	}
	note_made(a, reading, found);
	enter_step(a, a->step + 1);
}

/* Looks that tell nothing are repeated with growing pauses; attempt_decide() ends that. */
static void
ask_again(struct attempt *a, const struct reading *reading, int64_t now_ms)
{
	a->call = 0;
	a->asks++;
	a->wait_until_ms = now_ms + pause_ms(a->asks);
	if (failure_is_set(&reading->failure))
		failure_copy(&a->failure, &reading->failure);
}

static void
poll_later(struct attempt *a, int64_t now_ms)
{
	int64_t pause = a->doubt_since_ms > 0 ? (now_ms - a->doubt_since_ms) / 10 : 0;

	a->call = 0;
	if (pause < ATTEMPT_POLL_MS)
		pause = ATTEMPT_POLL_MS;
	a->wait_until_ms = now_ms + (pause < ATTEMPT_POLL_MAX_MS ? pause : ATTEMPT_POLL_MAX_MS);
}

/* What carries our tag beside the foreign one was made by an earlier run of ours. */
static void
fail_foreign(
    struct attempt *a, const struct step *s, const struct reading *reading, struct finding *found)
{
	struct failure why = { 0 };

	strv_copy(&found->made, &reading->ours);
	if (failure_is_set(&reading->failure))
		failure_copy(&why, &reading->failure);
	else
		failure_set(&why, FAILURE_CONFLICT, NULL, s->name,
		    "%s exists already and was not made for this objective",
		    reading->resources.len > 0 ? reading->resources.v[0] : "what the step makes");
	attempt_fail(a, &why);
	failure_clear(&why);
}

/* A look changes nothing, so it may be repeated; but not for what only a person can mend. */
static bool
may_pass(const struct failure *f)
{
	return f->class == FAILURE_TRANSIENT || f->class == FAILURE_THROTTLED ||
	    f->class == FAILURE_TIMEOUT;
}

static void
take_look(struct attempt *a, const struct step *s, const struct reading *reading, int64_t now_ms,
    struct finding *found)
{
	switch (reading->answer) {
	case ANSWER_ABSENT:
		enter(a, STAGE_RUN);
		break;
	case ANSWER_OURS_COMPLETE:
		if (!reading->ended_badly)
			step_happened(a, s, reading, found);
		else if (s->idempotent)
			enter(a, STAGE_RUN);
		else
			attempt_fail(a, &reading->failure);
		break;
	case ANSWER_OURS_IN_PROGRESS:
		poll_later(a, now_ms);
		break;
	case ANSWER_FOREIGN:
		if (s->existing == EXISTING_REFUSE) {
			fail_foreign(a, s, reading, found);
		} else if (s->existing == EXISTING_USE) {
			enter_step(a, a->step + 1);
		} else {
			strv_clear(&a->stood);
			strv_copy(&a->stood, &reading->resources);
			enter(a, STAGE_RUN);
		}
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		if (may_pass(&reading->failure) && a->asks + 1 < ATTEMPT_ASKS_MAX)
			ask_again(a, reading, now_ms);
		else
			attempt_fail(a, &reading->failure);
		break;
	}
}

static void
take_run(struct attempt *a, const struct step *s, const struct reading *reading, int64_t now_ms,
    struct finding *found)
{
	a->runs++;
	switch (reading->outcome) {
	case OUTCOME_HAPPENED:
		step_happened(a, s, reading, found);
		break;
	case OUTCOME_DID_NOT_HAPPEN:
		attempt_refused(a, &reading->failure);
		break;
	case OUTCOME_IN_DOUBT:
	case OUTCOMES:
		a->doubt_since_ms = now_ms;
		failure_copy(&a->failure, &reading->failure);
		enter(a, STAGE_ASK);
		a->wait_until_ms = now_ms + pause_ms(a->runs);
		break;
	}
}

/*
 * The run left no trace. The same step under the same name may run again; to
 * give up on it, the cloud must have had time to settle, for it may still be
 * working on what a dead client asked for.
 */
static void
take_absence(struct attempt *a, const struct step *s, int64_t now_ms)
{
	if (s->idempotent && a->runs < ATTEMPT_RUNS_MAX) {
		enter(a, STAGE_RUN);
	} else if (now_ms < a->doubt_since_ms + s->settle_ms) {
		a->call = 0;
		a->wait_until_ms = a->doubt_since_ms + s->settle_ms;
	} else {
		struct failure why = { 0 };

		if (failure_is_set(&a->failure))
			failure_copy(&why, &a->failure);
		else
			failure_set(&why, FAILURE_UNKNOWN, NULL, s->name,
			    "the step was interrupted and left nothing behind");
		attempt_fail(a, &why);
		failure_clear(&why);
	}
}

static void
take_answer(struct attempt *a, const struct step *s, const struct reading *reading, int64_t now_ms,
    struct finding *found)
{
	switch (reading->answer) {
	case ANSWER_ABSENT:
		take_absence(a, s, now_ms);
		break;
	case ANSWER_OURS_COMPLETE:
		if (!reading->ended_badly) {
			step_happened(a, s, reading, found);
		} else if (s->collect.len > 0) {
			failure_copy(&a->failure, &reading->failure);
			a->goal = GOAL_FAILED;
			enter(a, STAGE_COLLECT);
		} else {
			note_made(a, reading, found);
			attempt_fail(a, &reading->failure);
		}
		break;
	case ANSWER_OURS_IN_PROGRESS:
		poll_later(a, now_ms);
		break;
	case ANSWER_FOREIGN:
		if (s->existing == EXISTING_UPDATE)
			take_absence(a, s, now_ms);
		else
			fail_foreign(a, s, reading, found);
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		ask_again(a, reading, now_ms);
		break;
	}
}

static void
take_collection(
    struct attempt *a, const struct reading *reading, int64_t now_ms, struct finding *found)
{
	if (reading->outcome != OUTCOME_HAPPENED) {
		ask_again(a, reading, now_ms);
		return;
	}
	note_made(a, reading, found);
	if (a->goal == GOAL_FAILED)
		attempt_turn(a, GOAL_FAILED);
	else
		enter_step(a, a->step + 1);
}

static void
end_resource(struct attempt *a, bool gone, struct finding *found)
{
	found->resource = take(a->resource);
	found->gone = gone;
	a->runs = 0;
	enter(a, STAGE_UNDO);
}

static void
take_proof(struct attempt *a, const struct reading *reading, int64_t now_ms, struct finding *found)
{
	switch (reading->answer) {
	case ANSWER_ABSENT:
		end_resource(a, true, found);
		break;
	case ANSWER_OURS_IN_PROGRESS:
		poll_later(a, now_ms);
		break;
	case ANSWER_FOREIGN:
		/* Somebody else's by now: it is not touched, and a person has to look. */
		end_resource(a, false, found);
		break;
	case ANSWER_OURS_COMPLETE:
		if (a->runs >= ATTEMPT_RUNS_MAX) {
			end_resource(a, false, found);
		} else {
			enter(a, STAGE_UNDO);
			a->wait_until_ms = now_ms + pause_ms(a->runs);
		}
		break;
	case ANSWER_CANNOT_TELL:
	case ANSWERS:
		a->asks++;
		if (a->asks >= ATTEMPT_ASKS_MAX)
			end_resource(a, false, found);
		else
			a->wait_until_ms = now_ms + pause_ms(a->asks);
		break;
	}
}

static void
decide_undo(struct attempt *a, const struct attempt_view *view, struct decision *d)
{
	if (a->resource == NULL) {
		bool keep = view->keep && a->goal == GOAL_FAILED;

		if (view->newest == NULL || keep) {
			d->kind = ends[a->goal];
			return;
		}
		a->resource = xstrdup(view->newest);
		a->step = view->newest_step;
		a->runs = 0;
		enter(a, STAGE_UNDO);
	}
	d->kind = DECIDE_EXECUTE;
	d->act = stage_act(a->stage);
}

/* What is in doubt is asked about first, but not run again. */
static void
heed_cancel(struct attempt *a)
{
	bool unasked = a->stage == STAGE_LOOK || (a->stage == STAGE_RUN && a->runs == 0);

	if (a->phase == PHASE_UNDO) {
		if (a->goal == GOAL_FAILED)
			a->goal = GOAL_CANCELLED;
	} else if (unasked) {
		attempt_turn(a, GOAL_CANCELLED);
	} else if (a->stage == STAGE_RUN) {
		a->runs = ATTEMPT_RUNS_MAX;
		enter(a, STAGE_ASK);
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
	free(a->resource);
	strv_clear(&a->stood);
	failure_clear(&a->failure);
	attempt_init(a);
}

void
attempt_copy(struct attempt *to, const struct attempt *from)
{
	attempt_clear(to);
	*to = *from;
	to->strategy = xstrdup(from->strategy);
	to->resource = xstrdup(from->resource);
	to->stood = (struct strv){ 0 };
	strv_copy(&to->stood, &from->stood);
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
	strv_clear(&f->made);
	free(f->resource);
	finding_init(f);
}

void
attempt_decide(struct attempt *a, const struct attempt_view *view, struct decision *d)
{
	memset(d, 0, sizeof *d);
	if (view->cancel_wanted)
		heed_cancel(a);
	if (a->wait_until_ms > view->now_ms) {
		d->kind = DECIDE_POSTPONE;
		d->until_ms = a->wait_until_ms;
		return;
	}
	a->wait_until_ms = 0;
	if (a->phase == PHASE_UNDO) {
		decide_undo(a, view, d);
	} else if ((size_t)a->step >= view->plan->len) {
		d->kind = DECIDE_SUCCEED;
	} else if (a->asks >= ATTEMPT_ASKS_MAX) {
		d->kind = DECIDE_HOLD;
	} else {
		d->kind = DECIDE_EXECUTE;
		d->act = stage_act(a->stage);
	}
}

void
attempt_take(struct attempt *a, const struct plan *plan, const struct reading *reading,
    int64_t now_ms, struct finding *found)
{
	assert(a->step >= 0 && (size_t)a->step < plan->len);
	const struct step *s = &plan->steps[a->step];
	bool asking = a->stage == STAGE_LOOK || a->stage == STAGE_ASK;

	a->wait_until_ms = 0;
	if (asking && !reading->conclusive && (size_t)a->call + 1 < s->n_checks) {
		a->call++;
		return;
	}
	switch (a->stage) {
	case STAGE_LOOK:
		take_look(a, s, reading, now_ms, found);
		break;
	case STAGE_RUN:
		take_run(a, s, reading, now_ms, found);
		break;
	case STAGE_ASK:
		take_answer(a, s, reading, now_ms, found);
		break;
	case STAGE_COLLECT:
		take_collection(a, reading, now_ms, found);
		break;
	case STAGE_UNDO:
		/* Whatever the tool said: only the proof counts. */
		a->runs++;
		enter(a, STAGE_PROVE);
		break;
	case STAGE_PROVE:
		take_proof(a, reading, now_ms, found);
		break;
	case STAGES:
		assert(!"a stage");
	}
}

void
attempt_resume(struct attempt *a)
{
	if (a->phase != PHASE_FORWARD || a->stage != STAGE_RUN)
		return;
	if (a->runs == 0) {
		strv_clear(&a->stood);
		enter(a, STAGE_LOOK);
	} else {
		enter(a, STAGE_ASK);
	}
}

void
attempt_refused(struct attempt *a, const struct failure *why)
{
	if (a->doubt_since_ms == 0) {
		attempt_fail(a, why);
		return;
	}
	failure_copy(&a->failure, why);
	a->runs = ATTEMPT_RUNS_MAX;
	enter(a, STAGE_ASK);
}

void
attempt_fail(struct attempt *a, const struct failure *why)
{
	if (why != &a->failure)
		failure_copy(&a->failure, why);
	attempt_turn(a, GOAL_FAILED);
}

void
attempt_turn(struct attempt *a, enum goal goal)
{
	a->phase = PHASE_UNDO;
	a->goal = goal;
	a->runs = 0;
	a->doubt_since_ms = 0;
	a->wait_until_ms = 0;
	enter(a, STAGE_UNDO);
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
