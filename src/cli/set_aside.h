/* Moves a damaged store out of the way: the only way in which purser ever parts from one. */
#ifndef CLI_SET_ASIDE_H
#define CLI_SET_ASIDE_H

#include "cli/status.h"

/*
 * Moves purser.db with its -wal and -shm, the audit log and runs/ of the state
 * folder into STATE/set-aside-TIME/. Refused, with nothing moved, while the
 * store is sound, or unless the lock of every runner and of every execution
 * could be taken. Tells what it did.
 */
enum status set_aside(const char *state);

#endif
