/* Runs a tool with a time limit and reads what it prints: for doctor, which asks tools how they are. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "strategies/strategy.h"

struct probe {
	const char *const *argv; /* ends with NULL; argv[0] is looked up on PATH */
	const struct environment
	    *environment;   /* NULL: ours; its variables are set, no folder is copied */
	const char *folder; /* to start in; NULL: ours */
	int lock_fd;        /* -1: none; else the tool finds it as descriptor 3 */
	int64_t timeout_ms;
};

/*
 * Adds what it wrote to stdout to OUT and to stderr to ERR, as far as they have
 * room. The exit status, or -1 and an error: it could not be started, was
 * killed, or took too long.
 */
int probe_run(const struct probe *p, struct buf *out, struct buf *err, struct err *e);

#endif
