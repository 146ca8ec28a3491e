/*
 * The command driver: runs one short program that tells somebody something (a
 * notification), with a text on its standard input. For steps there is
 * driver/process.h: nothing here is journalled, locked or looked at again.
 *
 * The program is started from an argv, never by a shell, in a session of its
 * own. The text lies in memory that is the program's from the start: one that
 * never reads it harms nobody, and one that outlives us still finds all of it.
 * What it prints goes into a pipe that it holds at both ends itself, so that
 * our death does not end it.
 */
#ifndef DRIVER_COMMAND_H
#define DRIVER_COMMAND_H

#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "base/strv.h"
#include "core/execution.h"

/* So much of the end of what it printed is kept. */
#define COMMAND_OUTPUT_MAX 4096
/* Between SIGTERM and SIGKILL. */
#define COMMAND_GRACE_MS 5000

struct command;

struct command_spec {
	const struct strv *argv; /* found on PATH */
	const char *input;       /* its standard input */
	int64_t timeout_ms;      /* 0: none */
	int64_t grace_ms;        /* 0: COMMAND_GRACE_MS */
};

struct command_result {
	enum ending ending; /* END_EXITED, END_SIGNALED or END_TIMED_OUT */
	int code;           /* exit status or signal */
	const char *output; /* the end of stdout and stderr together; valid UTF-8, never NULL */
};

/* Called once, from the loop. RESULT is the callee's to read, not to keep. C may be freed in it. */
typedef void command_done_fn(struct command *c, const struct command_result *result, void *data);

/*
 * NULL and an error: nothing was started. The end of the program itself counts;
 * what it leaves behind in its session goes on, unless its time was over: then
 * all of its process group is ended, by SIGTERM and after the grace by SIGKILL.
 */
struct command *command_start(const struct command_spec *spec, uv_loop_t *loop,
    command_done_fn *done, void *data, struct err *e);

/*
 * Frees C. A program that still runs is left alone; done is not called any
 * more. The loop must turn once more before it is closed.
 */
void command_free(struct command *c);

#endif
