/*
 * The limits and prices that a runner goes by. Those in force are the ones that
 * were set last in the store: a claim that was ruled on by others is refused
 * there. A runner that stays reads its configuration and its price book again
 * when either file has changed, and when it is told that other limits are in
 * force; if its own file still says otherwise, two configurations contradict one
 * another, and the runner stops.
 */
#ifndef ENGINE_RULES_H
#define ENGINE_RULES_H

#include "base/digest.h"
#include "engine/loop.h"

/* What is in the configuration now is known from here on, and goes with every claim. */
void rules_note(struct loop *r);
/* Sets them in the store: part of the transaction that begins the runner's life. */
int rules_set(struct loop *r, struct err *e);
/* A claim was refused for other limits: the next turn begins by reading ours again. */
void rules_doubt(struct loop *r);
/* At the begin of a turn. -1: the runner was stopped, or the store is busy; no turn now. */
int rules_keep_up(struct loop *r);

#endif
