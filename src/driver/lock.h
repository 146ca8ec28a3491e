/*
 * The lock of an execution: whoever may still act for it has the file open,
 * and its flock lasts until the last of them has closed it. Nobody calls
 * LOCK_UN, which would free it for all.
 */
#ifndef DRIVER_LOCK_H
#define DRIVER_LOCK_H

#include <sys/types.h>

#include "base/err.h"

/* Makes the lock file of a new execution and takes it. The descriptor, above those of a helper, or -1. */
int lock_new(const char *folder, struct err *e);
/* Takes the lock of an execution that exists. -1: ERR_BUSY if it is held, ERR_NOT_FOUND if it is gone. */
int lock_take(const char *folder, struct err *e);
/*
 * How many processes have the lock file open; at most max of them are put in
 * pids. Only those of our own user can be seen.
 */
size_t lock_holders(const char *folder, pid_t *pids, size_t max);

#endif
