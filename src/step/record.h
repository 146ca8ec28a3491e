/*
 * What the helper leaves in the execution's folder, its working folder, for
 * those who come later: the mark that it began, which becomes the record of how
 * the tool ended. They are one file, so that the result's space is taken while
 * there is still time to do without, and a step costs one file less.
 */
#ifndef STEP_RECORD_H
#define STEP_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct record {
	int fd; /* of the mark */
	const char *execution;
	const char *ending;
	int code;
	int64_t started_ms, ended_ms; /* wall clock */
	struct rusage usage;
	off_t stdout_bytes, stderr_bytes;
	int strays;
};

/* Takes the result's space and makes the mark. 0, or -errno with nothing left behind; -EEXIST: there is one. */
int record_begin(struct record *r);
/* Turns the mark into the result; LASTING: so that it survives a power cut, and the output with it. 0, or -errno. */
int record_end(const struct record *r, bool lasting);

#endif
