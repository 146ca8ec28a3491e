/*
 * A program with pipes to its standard streams, which lives no longer than we
 * do, nor does what it has started in its process group: they are sent SIGKILL when
 * we end. In a session of its own, without
 * a shell, with no descriptor but the three and the lock, no signal blocked and none ignored.
 */
#ifndef DRIVER_CHILD_H
#define DRIVER_CHILD_H

#include <uv.h>

#include "base/err.h"
#include "base/strv.h"

struct child;

struct child_spec {
	const struct strv *argv;        /* the program by its name on PATH, or with a slash */
	const struct strv *environment; /* "NAME=VALUE"; all there are */
	int lock_fd; /* -1: none; it and what it starts hold it (driver/lock.h) */
};

/* Our ends of its streams: O_CLOEXEC, not waiting, the caller's to close. */
struct child_streams {
	int in; /* a socket: to be written by send() with MSG_NOSIGNAL */
	int out, err;
};

/*
 * Called once, from the loop, when it has ended and was waited for; STATUS as
 * waitpid() has it. C may be freed in it.
 */
typedef void child_ended_fn(struct child *c, int status, void *data);

/* NULL and an error: nothing was started. ERR_NOT_FOUND if there is no such program. */
struct child *child_start(const struct child_spec *spec, struct child_streams *streams,
    uv_loop_t *loop, child_ended_fn *ended, void *data, struct err *e);
/* To it and all of its process group; nothing once it has ended. */
void child_signal(struct child *c, int signal);
/* Only when it has ended. The loop must turn once more before it is closed. */
void child_free(struct child *c);

#endif
