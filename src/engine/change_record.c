/*
 * What of a change is written down, in the order that the store's rules ask
 * for: the claim, the end of the last execution, what it showed, the attempt as
 * it will be, and then either the next intent or the move to another state.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "engine/change.h"
#include "engine/refine.h"
#include "store/scarcity.h"

/* What a run has taken away itself: to make it anew, mostly. */
static int
record_removed(const struct scene *set, const struct change *c, const char *id, struct err *e)
{
	if (!job_owns(c->job, id))
		return 0;
	return store_resource_move(
	    set->store, &c->claim, id, RESOURCE_GONE, NULL, clock_now_ms(), e);
}

static int
record_finding(const struct scene *set, struct change *c, struct err *e)
{
	struct job *j = c->job;
	struct store *s = set->store;

	if (c->adds_outputs && store_outputs_add(s, &c->claim, j->reading.outputs, e) == -1)
		return -1;
	for (size_t i = 0; i < c->found.removed.len; i++)
		if (record_removed(set, c, c->found.removed.v[i], e) == -1)
			return -1;
	for (size_t i = 0; i < c->found.made.len; i++) {
		struct resource r = {
			.id = c->found.made.v[i],
			.attempt = j->attempt.number,
			.step = j->attempt.step,
			.state = RESOURCE_LIVE,
			.made_ms = clock_now_ms(),
		};

		memcpy(r.objective_id, j->objective.id, ID_SIZE);
		memcpy(r.execution_id, j->execution.id, ID_SIZE);
		if (store_resource_add(s, &c->claim, &r, e) == -1) {
			if (e->kind != ERR_INPUT)
				return -1;
			/* Another objective owns it: decide again, knowing that. */
			strv_add(&j->disowned, r.id);
			c->again = true;
			return -1;
		}
	}
	if (c->found.resource != NULL)
		return store_resource_move(s, &c->claim, c->found.resource,
		    c->found.gone ? RESOURCE_GONE : RESOURCE_ORPHANED, c->found.why, clock_now_ms(),
		    e);
	return 0;
}

/*
 * One undoing attempt has ended. Only the store knows all that the objective
 * ever made: another attempt may have to undo more, or something stays.
 */
static int
learn_what_is_left(const struct scene *set, struct change *c, struct err *e)
{
	CLEANUP(objective_clear) struct objective o;

	objective_init(&o);
	if (store_get(set->store, c->job->objective.id, &o, e) == -1)
		return -1;
	if (o.state == STATE_QUEUED) {
		c->kind = DECIDE_POSTPONE;
	} else if (o.state == STATE_FAILED) {
		c->kind = DECIDE_FAIL;
		failure_from_json(&c->attempt.failure, o.failure);
	}
	return 0;
}

static void
describe_hold(const struct change *c, struct move *m)
{
	m->reason = "in_doubt";
	m->detail = c->attempt.failure.message;
	if (c->objection != NULL) {
		m->reason = HOLD_CONTRACT;
		m->detail = job_objection(c->job, &m->contract);
	}
}

static int
record_move(const struct scene *set, struct change *c, struct err *e)
{
	static const enum event events[] = {
		[DECIDE_POSTPONE] = EVENT_POSTPONE,
		[DECIDE_HOLD] = EVENT_HOLD,
		[DECIDE_SUCCEED] = EVENT_SUCCEED,
		[DECIDE_FAIL] = EVENT_FAIL,
		[DECIDE_FALLBACK] = EVENT_POSTPONE,
		[DECIDE_CANCELLED] = EVENT_CANCEL,
		[DECIDE_DESTROYED] = EVENT_DESTROYED,
	};
	struct move m = {
		.event = events[c->decision.kind],
		.until_ms = c->decision.kind == DECIDE_FALLBACK ? 0 : c->decision.until_ms,
		.failure = c->decision.kind == DECIDE_FAIL || c->decision.kind == DECIDE_HOLD
		    ? &c->attempt.failure
		    : NULL,
	};

	if (c->decision.kind == DECIDE_HOLD)
		describe_hold(c, &m);
	if (store_move(set->store, &c->claim, &m, clock_now_ms(), e) == -1) {
		if (m.event != EVENT_SUCCEED || e->kind != ERR_INPUT)
			return -1;
		/* Somebody wanted it cancelled, and was told that it will be. */
		c->job->objective.cancel_wanted = true;
		c->again = true;
		return -1;
	}
	if (c->decision.kind == DECIDE_DESTROYED || c->decision.kind == DECIDE_CANCELLED)
		return learn_what_is_left(set, c, e);
	return 0;
}

/*
 * What the budget admitted when this size was chosen among others may be taken by now: then
 * it is chosen anew. ERR_CONFLICT.
 */
static int
check_size(const struct scene *set, const struct job *j, struct err *e)
{
	const struct demand d = {
		.amount = j->price.monthly.high,
		.unpriced = j->price.unpriced,
		.why_unpriced = j->price.why_unpriced,
		.digest = j->price.digest,
	};
	struct ruling ruling;
	bool short_of_money = false;

	if (store_budget_try(set->store, &set->config->budget, &j->objective, &d, clock_now_ms(),
		&ruling, e) == -1)
		return -1;
	/* Nothing else can have changed since: what a person has to approve, it is held for. */
	for (size_t i = 0; i < ruling.len; i++)
		if (ruling.v[i].reason == OBJECTION_BUDGET &&
		    ruling.v[i].verdict != VERDICT_ADMIT)
			short_of_money = true;
	ruling_clear(&ruling);
	return short_of_money
	    ? err_set(e, ERR_CONFLICT, "there is no money for this size any more")
	    : 0;
}

/* A new attempt is written down AS it is now. */
static int
record_claim(const struct scene *set, struct change *c, const struct attempt *as, struct err *e)
{
	const struct job *j = c->job;
	const char *group = j->objective.resource_group;
	const struct claim_limits limits = {
		.strategy = j->attempt.strategy,
		.of_strategy = config_limit(set->config->limit_strategy, j->attempt.strategy),
		.of_group = group != NULL ? config_limit(set->config->limit_group, group) : 0,
	};
	const struct admission asks = refine_admission(set, &j->price);
	bool is_new = j->attempt_is_new;

	ruling_clear(&c->ruling);
	if (is_new && j->size_is_admitted && check_size(set, j, e) == -1)
		return -1;
	return store_claim(set->store, &j->objective, set->runner_id, &limits, is_new ? as : NULL,
	    is_new ? &j->plan : NULL, is_new ? &asks : NULL, clock_now_ms(), &c->claim, &c->due_ms,
	    &c->ruling, e);
}

bool
change_is_refused(const struct change *c)
{
	return c->ruling.verdict != VERDICT_ADMIT;
}

/*
 * The intent of the next execution. Not while its service is throttled: the
 * change is made anew then, and waits.
 */
static int
record_intent(const struct scene *set, struct change *c, struct err *e)
{
	struct job *j = c->job;
	int64_t until_ms;

	if (store_throttled(set->store, j->objective.id, clock_now_ms(), &until_ms, e) == -1)
		return -1;
	if (until_ms > 0) {
		j->blocked_until_ms = until_ms;
		c->again = true;
		return -1;
	}
	c->next.fence = c->claim.fence;
	return store_execution_begin(set->store, &c->claim, &c->next, e);
}

/* What the tool promised when it was called first is what it has to keep, if that is not written yet. */
static int
record_first_use(const struct scene *set, const struct job *j, struct err *e)
{
	const struct performance *p = j->ended ? j->performance : NULL;

	if (p == NULL || !performance_is_first_use(p))
		return 0;
	return store_contract_pin(set->store, performance_contract(p), clock_now_ms(), e);
}

/* What it met, and what came of it, tells whether machines of this size are to be had there. */
static int
record_scarcity(const struct scene *set, const struct change *c, struct err *e)
{
	const struct job *j = c->job;
	const struct failure *why = &j->reading.failure;
	const struct capability *capability;
	/* What a look finds after that is the same refusal once more. */
	bool refused = j->ended && j->attempt.phase == PHASE_FORWARD && failure_is_set(why) &&
	    why->scarce_ms > 0 && j->attempt.failure.scarce_ms == 0;
	/* What stood before and is only used tells nothing. */
	bool had = c->decision.kind == DECIDE_SUCCEED &&
	    (c->found.made.len > 0 || job_newest_resource(j, NULL) != NULL);
	struct wanted wanted;

	if (!refused && !had)
		return 0;
	capability = library_find(set->planner->library, j->objective.capability);
	if (capability == NULL ||
	    !wanted_of(&wanted, capability, &j->objective, planner_subscription(set->planner)))
		return 0;
	return refused
	    ? store_scarcity_note(set->store, &wanted, why, clock_now_ms(), e)
	    : store_scarcity_forget(set->store, &wanted, e);
}

static bool
ends_attempt(enum decision_kind kind)
{
	return kind != DECIDE_EXECUTE && kind != DECIDE_POSTPONE && kind != DECIDE_HOLD;
}

static int
record(const struct scene *set, struct change *c, struct err *e)
{
	const struct job *j = c->job;
	struct store *s = set->store;

	if (j->attempt.number == 0)
		return store_refuse(s, &j->objective, &j->attempt.failure, clock_now_ms(), e);
	/* A new attempt that just begins needs no second writing. */
	bool begins = c->claims && j->attempt_is_new && c->attempt.phase == PHASE_FORWARD &&
	    !ends_attempt(c->decision.kind);

	if (c->claims && record_claim(set, c, begins ? &c->attempt : &j->attempt, e) == -1)
		return -1;
	if (change_is_refused(c)) {
		c->kind = c->ruling.verdict == VERDICT_DENY ? DECIDE_FAIL : DECIDE_HOLD;
		return 0;
	}
	if (j->ended && store_execution_end(s, &c->claim, &j->execution, e) == -1)
		return -1;
	if (record_finding(set, c, e) == -1 || record_first_use(set, j, e) == -1 ||
	    record_scarcity(set, c, e) == -1)
		return -1;
	if (ends_attempt(c->decision.kind))
		c->attempt.ended_ms = clock_now_ms();
	if (!begins && store_attempt_save(s, &c->claim, &c->attempt, e) == -1)
		return -1;
	if (c->decision.kind != DECIDE_EXECUTE)
		return record_move(set, c, e);
	if (refine_record(set, c, e) == -1)
		return -1;
	return change_is_refused(c) ? 0 : record_intent(set, c, e);
}

int
change_record_throttling(const struct scene *set, const struct change *c, struct err *e)
{
	const struct objective *o = &c->job->objective;

	if (c->found.throttled_until_ms == 0)
		return 0;
	return store_throttle(
	    set->store, o->id, set->subscription, c->found.throttled_until_ms, clock_now_ms(), e);
}

int
change_record(const struct scene *set, struct change *c, struct err *e)
{
	c->again = false;
	c->lost = false;
	c->limited = false;
	c->outdated = false;
	c->kind = c->decision.kind;
	if (record(set, c, e) == 0)
		return 0;
	if (c->again)
		return -1;
	c->lost = e->kind == ERR_CONFLICT;
	c->limited = e->kind == ERR_LIMIT;
	c->outdated = e->kind == ERR_OUTDATED;
	return -1;
}
