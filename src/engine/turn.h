/* One turn of the loop. */
#ifndef ENGINE_TURN_H
#define ENGINE_TURN_H

#include "engine/loop.h"

void turn_take(struct loop *r);
/* Reads when the next scheduled work is due; false if the store is busy. */
bool turn_note_next_wake(struct loop *r);

#endif
