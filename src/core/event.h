/*
 * The states of an objective and what may move it from one to another: one
 * const table, asked by one function.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>

#include "base/err.h"

enum state {
	STATE_QUEUED,
	STATE_RUNNING,
	STATE_HELD,
	STATE_SUCCEEDED,
	STATE_FAILED,
	STATE_CANCELLED,
	STATE_DESTROYED,
	STATES
};

enum event {
	EVENT_CLAIM,    /* a runner takes it up */
	EVENT_POSTPONE, /* back to the queue until not_before; the attempt stays open */
	EVENT_HOLD,     /* a reason to wait for somebody was added */
	EVENT_LIFT,     /* the last such reason went away */
	EVENT_SUCCEED,
	EVENT_FAIL,
	EVENT_CANCEL,    /* it ends cancelled: nothing happened, or all of it was undone */
	EVENT_RETRY,     /* a person wants it tried again */
	EVENT_DESTROY,   /* a person wants it undone: the undo is queued */
	EVENT_DESTROYED, /* the undo is proven */
	EVENTS
};

/* The state that event leads to from state; STATES if it may not happen there. */
enum state state_after(enum state state, enum event event);
/* No event but retry or destroy leads away from it. */
bool state_is_final(enum state state);

const char *state_name(enum state state);
/* STATES for a name that is none. */
enum state state_from_name(const char *name);
const char *event_name(enum event event);

#endif
