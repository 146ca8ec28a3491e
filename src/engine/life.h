/* The runner's row, lock and lease. */
#ifndef ENGINE_LIFE_H
#define ENGINE_LIFE_H

#include "engine/loop.h"

/* What tells this machine from others, whatever its name is today. The caller's own. */
char *life_host_id(void);
/* A new runner id, its lock, its row. */
int life_begin(struct loop *r, struct err *e);
/* Our row goes; what we still had in hand is found as left by a runner that is gone. */
void life_end(struct loop *r);
/*
 * This life ends: what it had in hand is dropped, and is found by the next one
 * (or by another runner) as left by a runner that is gone.
 */
void life_begin_anew(struct loop *r);
/* A lease from now on; it counts once it is committed. */
void life_extend_lease(struct loop *r);

#endif
