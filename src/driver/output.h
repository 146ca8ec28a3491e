/*
 * The output that a tool left in its execution's folder, once it has ended: nothing reads
 * it, or keeps it, before its secrets are masked.
 */
#ifndef DRIVER_OUTPUT_H
#define DRIVER_OUTPUT_H

#include "base/err.h"

/*
 * Masks the secrets of a file in place, so that its size stays, no space is needed, and no
 * copy of them is left; what was masked is on the disk afterwards. Nobody may write to the
 * file any more. A crash in the middle leaves the rest to the next call. A missing file is
 * fine; else -1, and secrets may be left.
 */
int output_redact(const char *path, struct err *e);

#endif
