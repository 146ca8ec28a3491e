/*
 * The states of an objective. The table holds a cell for every state and every
 * event, also where the event may not happen: an empty cell would be a case
 * that nobody thought of, and is a bug that the unit test finds.
 */
#include <config.h>

#include "core/event.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

/* Cells are shifted by one, so that a forgotten one (0) is told from "queued". */
#define TO(state) ((unsigned char)(1 + (state)))
#define NEVER TO(STATES)

static const unsigned char actions[STATES][EVENTS] = {
	[STATE_QUEUED] = {
		[EVENT_CLAIM] = TO(STATE_RUNNING),
		[EVENT_POSTPONE] = NEVER,
		[EVENT_HOLD] = TO(STATE_HELD),
		[EVENT_LIFT] = NEVER,
		[EVENT_SUCCEED] = NEVER,
		[EVENT_FAIL] = TO(STATE_FAILED),	/* its deadline passed */
		[EVENT_CANCEL] = TO(STATE_CANCELLED),
		[EVENT_RETRY] = NEVER,
		[EVENT_DESTROY] = TO(STATE_QUEUED),	/* to be undone, not tried again */
		[EVENT_DESTROYED] = TO(STATE_DESTROYED), /* nothing of it stood */
	},
	[STATE_RUNNING] = {
		[EVENT_CLAIM] = NEVER,
		[EVENT_POSTPONE] = TO(STATE_QUEUED),
		[EVENT_HOLD] = TO(STATE_HELD),
		[EVENT_LIFT] = NEVER,
		[EVENT_SUCCEED] = TO(STATE_SUCCEEDED),
		[EVENT_FAIL] = TO(STATE_FAILED),
		[EVENT_CANCEL] = TO(STATE_CANCELLED),
		[EVENT_RETRY] = NEVER,
		[EVENT_DESTROY] = NEVER,
		[EVENT_DESTROYED] = TO(STATE_DESTROYED),
	},
	[STATE_HELD] = {
		[EVENT_CLAIM] = NEVER,
		[EVENT_POSTPONE] = NEVER,
		[EVENT_HOLD] = TO(STATE_HELD),		/* for one more reason */
		[EVENT_LIFT] = TO(STATE_QUEUED),
		[EVENT_SUCCEED] = NEVER,
		[EVENT_FAIL] = TO(STATE_FAILED),	/* its deadline passed */
		[EVENT_CANCEL] = TO(STATE_CANCELLED),
		[EVENT_RETRY] = NEVER,
		[EVENT_DESTROY] = TO(STATE_QUEUED),
		[EVENT_DESTROYED] = NEVER,
	},
	[STATE_SUCCEEDED] = {
		[EVENT_CLAIM] = NEVER,
		[EVENT_POSTPONE] = NEVER,
		[EVENT_HOLD] = NEVER,
		[EVENT_LIFT] = NEVER,
		[EVENT_SUCCEED] = NEVER,
		[EVENT_FAIL] = NEVER,
		[EVENT_CANCEL] = NEVER,
		[EVENT_RETRY] = NEVER,
		[EVENT_DESTROY] = TO(STATE_QUEUED),
		[EVENT_DESTROYED] = NEVER,
	},
	[STATE_FAILED] = {
		[EVENT_CLAIM] = NEVER,
		[EVENT_POSTPONE] = NEVER,
		[EVENT_HOLD] = NEVER,
		[EVENT_LIFT] = NEVER,
		[EVENT_SUCCEED] = NEVER,
		[EVENT_FAIL] = NEVER,
		[EVENT_CANCEL] = NEVER,
		[EVENT_RETRY] = TO(STATE_QUEUED),
		[EVENT_DESTROY] = TO(STATE_QUEUED),
		[EVENT_DESTROYED] = NEVER,
	},
	[STATE_CANCELLED] = {
		[EVENT_CLAIM] = NEVER,
		[EVENT_POSTPONE] = NEVER,
		[EVENT_HOLD] = NEVER,
		[EVENT_LIFT] = NEVER,
		[EVENT_SUCCEED] = NEVER,
		[EVENT_FAIL] = NEVER,
		[EVENT_CANCEL] = NEVER,
		[EVENT_RETRY] = NEVER,
		[EVENT_DESTROY] = NEVER,
		[EVENT_DESTROYED] = NEVER,
	},
	[STATE_DESTROYED] = {
		[EVENT_CLAIM] = NEVER,
		[EVENT_POSTPONE] = NEVER,
		[EVENT_HOLD] = NEVER,
		[EVENT_LIFT] = NEVER,
		[EVENT_SUCCEED] = NEVER,
		[EVENT_FAIL] = NEVER,
		[EVENT_CANCEL] = NEVER,
		[EVENT_RETRY] = NEVER,
		[EVENT_DESTROY] = NEVER,
		[EVENT_DESTROYED] = NEVER,
	},
};

static const char *const state_names[STATES] = {
	[STATE_QUEUED] = "queued",
	[STATE_RUNNING] = "running",
	[STATE_HELD] = "held",
	[STATE_SUCCEEDED] = "succeeded",
	[STATE_FAILED] = "failed",
	[STATE_CANCELLED] = "cancelled",
	[STATE_DESTROYED] = "destroyed",
};

static const char *const event_names[EVENTS] = {
	[EVENT_CLAIM] = "claim",
	[EVENT_POSTPONE] = "postpone",
	[EVENT_HOLD] = "hold",
	[EVENT_LIFT] = "lift",
	[EVENT_SUCCEED] = "succeed",
	[EVENT_FAIL] = "fail",
	[EVENT_CANCEL] = "cancel",
	[EVENT_RETRY] = "retry",
	[EVENT_DESTROY] = "destroy",
	[EVENT_DESTROYED] = "destroyed",
};

enum state
state_after(enum state state, enum event event)
{
	assert(state < STATES && event < EVENTS);
	unsigned char cell = actions[state][event];
	assert(cell != 0);
	return (enum state)(cell - 1);
}

bool
state_is_final(enum state state)
{
	for (enum event event = 0; event < EVENTS; event++) {
		if (event == EVENT_RETRY || event == EVENT_DESTROY)
			continue;
		if (state_after(state, event) != STATES)
			return false;
	}
	return true;
}

const char *
state_name(enum state state)
{
	assert(state < STATES);
	return state_names[state];
}

enum state
state_from_name(const char *name)
{
	for (enum state state = 0; state < STATES; state++)
		if (name && strcmp(state_names[state], name) == 0)
			return state;
	return STATES;
}

const char *
event_name(enum event event)
{
	assert(event < EVENTS);
	return event_names[event];
}
