/*
 * What of a change is written down, in the order that the store's rules ask
 * for: the claim, the end of the last execution, what it showed, the attempt as
 * it will be, and then either the next intent or the move to another state.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "engine/change.h"

static int
record_finding(const struct scene *set, struct change *c, struct err *e)
{
	struct job *j = c->job;
	struct store *s = set->store;

	if (c->adds_outputs && store_outputs_add(s, &c->claim, j->reading.outputs, e) == -1)
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
		    c->found.gone ? RESOURCE_GONE : RESOURCE_ORPHANED, clock_now_ms(), e);
	return 0;
}

static int
record_move(const struct scene *set, struct change *c, struct err *e)
{
	static const enum event events[] = {
		[DECIDE_POSTPONE] = EVENT_POSTPONE,
		[DECIDE_HOLD] = EVENT_HOLD,
		[DECIDE_SUCCEED] = EVENT_SUCCEED,
		[DECIDE_FAIL] = EVENT_FAIL,
		[DECIDE_CANCELLED] = EVENT_CANCEL,
		[DECIDE_DESTROYED] = EVENT_DESTROYED,
	};
	struct move m = {
		.event = events[c->decision.kind],
		.until_ms = c->decision.until_ms,
		.failure = c->decision.kind == DECIDE_FAIL || c->decision.kind == DECIDE_HOLD
		    ? &c->attempt.failure
		    : NULL,
	};

	if (c->decision.kind == DECIDE_HOLD) {
		m.reason = "in_doubt";
		m.detail = c->attempt.failure.message;
	}
	return store_move(set->store, &c->claim, &m, clock_now_ms(), e);
}

static int
record(const struct scene *set, struct change *c, struct err *e)
{
	const struct job *j = c->job;
	struct store *s = set->store;
	bool is_new = c->claims && j->attempt_is_new;
	bool ends = c->decision.kind != DECIDE_EXECUTE && c->decision.kind != DECIDE_POSTPONE &&
	    c->decision.kind != DECIDE_HOLD;

	if (j->attempt.number == 0)
		return store_refuse(s, &j->objective, &j->attempt.failure, clock_now_ms(), e);
	if (c->claims &&
	    store_claim(s, &j->objective, set->runner_id, is_new ? &j->attempt : NULL,
		is_new ? &j->plan : NULL, clock_now_ms(), &c->claim, e) == -1)
		return -1;
	if (j->ended && store_execution_end(s, &c->claim, &j->execution, e) == -1)
		return -1;
	if (record_finding(set, c, e) == -1)
		return -1;
	if (ends)
		c->attempt.ended_ms = clock_now_ms();
	if (store_attempt_save(s, &c->claim, &c->attempt, e) == -1)
		return -1;
	if (c->decision.kind == DECIDE_EXECUTE) {
		c->next.fence = c->claim.fence;
		return store_execution_begin(s, &c->claim, &c->next, e);
	}
	return record_move(set, c, e);
}

int
change_record(const struct scene *set, struct change *c, struct err *e)
{
	c->again = false;
	c->lost = false;
	if (record(set, c, e) == 0)
		return 0;
	c->lost = e->kind == ERR_CONFLICT;
	return -1;
}
