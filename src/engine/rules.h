/*
 * The limits and prices that a runner goes by. In force are those that were set
 * last in the store; a claim that was ruled on by others is refused there.
 *
 * A runner that stays looks at its files every second. One that has changed is
 * taken once it has rested for some seconds, because somebody may be in the middle
 * of writing it, and until then no claim is made. A file that cannot be used is
 * looked at for some seconds more before the runner stops. If other limits are in
 * force than the ones it has set itself, and its own files still say the same, two
 * configurations contradict one another, and the runner that set its own first stops.
 */
#ifndef ENGINE_RULES_H
#define ENGINE_RULES_H

#include "engine/loop.h"

/* What the files say now, read as a whole: before each life. */
int rules_read(struct loop *r, struct err *e);
/*
 * Sets them, in the open transaction. ERR_OUTDATED: the files have changed since
 * they were read. ERR_INPUT: others are in force, and ours are what we set before.
 */
int rules_set(struct loop *r, struct err *e);
/* The transaction with rules_set() is committed. */
void rules_committed(struct loop *r);
/* Other limits are in force than we went by: ours are read again. */
void rules_doubt(struct loop *r);
/* At the begin of a turn. While r->rules.unsettled is set afterwards, no claim may be made. */
void rules_keep_up(struct loop *r);

#endif
