/* The first part of a turn: gather what happened, make changes of it. */
#ifndef ENGINE_GATHER_H
#define ENGINE_GATHER_H

#include "engine/loop.h"
#include "engine/recovery.h"

/* What others left behind when they died, were stopped or went away. */
struct wreckage {
	struct casualty *v;
	size_t len;
	bool any; /* also objectives whose runner has no row any more */
};

void wreckage_clear(struct wreckage *w);

/*
 * The changes are added to the loop's; what dead runners left is in W. -1: the
 * store is busy, try again; or the loop was told to stop.
 */
int gather(struct loop *r, struct wreckage *w);

#endif
