/*
 * The lock of an execution: whoever may still act for it has the file open,
 * and its flock lasts until the last of them has closed it. Nobody calls
 * LOCK_UN, which would free it for all.
 *
 * A call of a tool is acted on by a server too, which serves many executions: it has a lock
 * of its own, that it and whatever it starts hold, and each execution has a second name
 * for it in its folder, from before it is sent until its result is written down.
 */
#ifndef DRIVER_LOCK_H
#define DRIVER_LOCK_H

#include <sys/types.h>

#include "base/err.h"

/* Makes the lock file of a new execution and takes it. The descriptor, above those of a helper, or -1. */
int lock_new(const char *folder, struct err *e);
/* Takes the lock of an execution that exists. -1: ERR_BUSY if it is held, ERR_NOT_FOUND if it is gone. */
int lock_take(const char *folder, struct err *e);

/* The lock of a server: makes its file and takes it. The descriptor, as above. */
int lock_of_server(const char *path, struct err *e);
/* Names the server's lock FD in the folder of an execution; fine if it is there already. */
int lock_share(int fd, const char *folder, struct err *e);
/* The server has nothing to do with it any more. */
void lock_unshare(const char *folder);
/* Whether the server of an execution, if it has one, is gone: 1 or 0; -1 if it cannot be told. */
int lock_is_server_gone(const char *folder, struct err *e);

/*
 * How many processes have one of the lock files open; at most max of them are put in
 * pids. Only those of our own user can be seen.
 */
size_t lock_holders(const char *folder, pid_t *pids, size_t max);

#endif
