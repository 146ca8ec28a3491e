/*
 * What a running execution tells of itself, for whoever watches: the new lines of
 * its stdout, as far as its strategy makes something of them. Nothing of it is
 * stored, and nothing is decided by it.
 */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

struct job;
struct scene;

/* How far the stdout of an execution was read. */
struct watch {
	char
	    execution_id[ID_SIZE]; /* another one is read from its beginning; "" before the first */
	int64_t offset;
	bool skips; /* the rest of a line that is too long */
};

/* A look reads no more than this. */
#define WATCH_MAX (64 * 1024)

/* Tells the new whole lines of the job's open execution as PROGRESS_DETAIL. Never waits. */
void watch_look(const struct scene *set, struct job *j);
/* The same, once it has ended: what came since the last look, of which there may be more. */
void watch_end(const struct scene *set, struct job *j);

#endif
