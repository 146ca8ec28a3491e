/* The placeholders that only a start can know, in one argument of a tool. */
#ifndef DRIVER_ARGUMENT_H
#define DRIVER_ARGUMENT_H

#include "base/err.h"
#include "base/strv.h"

/*
 * Appends TEXT to OUT as one element, with {run}, {work} and {resource}
 * replaced. What was put in is not looked at again, and all other braces stand as
 * they are. WORK and RESOURCE may be NULL: then asking for it is ERR_INPUT.
 */
int argument_fill(const char *text, const char *run, const char *work, const char *resource,
    struct strv *out, struct err *e);

#endif
