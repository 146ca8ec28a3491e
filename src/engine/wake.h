/*
 * Wake-ups: whoever has changed the queue tells the runners that wait, by a
 * datagram of one byte to the socket that each of them has in the folder
 * runners/ of the state. It is a hint and no more: one that is lost costs the
 * runner the time until it looks at the queue of itself.
 */
#ifndef ENGINE_WAKE_H
#define ENGINE_WAKE_H

#include "base/err.h"
#include "engine/paths.h"

/* A socket that becomes readable when somebody wakes this runner; -1 and an error else. */
int wake_open(const struct paths *paths, const char *runner_id, struct err *e);
/* Takes all wake-ups that have come so far. */
void wake_drain(int fd);
/* Removes the socket of a runner; fd -1: of one that is dead. */
void wake_close(const struct paths *paths, const char *runner_id, int fd);

/*
 * Wakes every runner of this state; never waits, never fails. Call it only after
 * the commit. Sockets of runners that are dead are removed.
 */
void wake_all(const struct paths *paths);

#endif
