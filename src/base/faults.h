/*
 * A list of faults found in what a user wrote: validation goes on after the
 * first, so that all are told at once. At most FAULTS_MAX are kept; the rest
 * is counted.
 */
#ifndef BASE_FAULTS_H
#define BASE_FAULTS_H

#include "base/err.h"
#include "base/strv.h"

#define FAULTS_MAX 100

struct faults {
	struct strv list; /* "where: what is wrong, and what was expected" */
	size_t count;     /* all, also those not kept */
};

void faults_clear(struct faults *f);
/* where may be NULL. Secrets in the text are masked. Always -1. */
int faults_add(struct faults *f, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
