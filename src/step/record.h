/*
 * What the helper leaves in the execution's folder, its working folder, for
 * those who come later: the mark that it began, and how the tool ended.
 */
#ifndef STEP_RECORD_H
#define STEP_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct record {
	const char *execution;
	const char *ending;
	int code;
	int64_t started_ms, ended_ms; /* wall clock */
	struct rusage usage;
	off_t stdout_bytes, stderr_bytes;
	int strays;
};

/*
 * Takes the space of the result while there is still time to do without: a
 * descriptor for record_result(), or -1 and errno, with nothing left behind.
 */
int record_reserve(void);
/* Makes the mark. -1 and errno: there is none; EEXIST: somebody else's is there. */
int record_mark_started(void);
/* Puts the result in place; LASTING: so that it survives a power cut, and the output with it. 0, or -1. */
int record_result(int fd, const struct record *r, bool lasting);

#endif
