/* One turn of the loop. */
#ifndef ENGINE_TURN_H
#define ENGINE_TURN_H

#include "engine/loop.h"

/* The callback of the turn's timer. */
void turn_take(uv_timer_t *timer);
/* Reads when the next scheduled work is due. */
void turn_note_next_wake(struct loop *r);

#endif
