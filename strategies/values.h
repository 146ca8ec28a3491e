/* A table of values that go into a file for a tool: name -> value with placeholders. */
#ifndef STRATEGIES_VALUES_H
#define STRATEGIES_VALUES_H

#include "strategies/filling.h"

/*
 * Adds to OUT each of VALUES, filled: a string that is one placeholder keeps the
 * type of the parameter, "{tags}" is the object of all tags, and an optional
 * parameter without a value is left out. A secret parameter goes into *SECRETS
 * instead (made if it is NULL), as it refers to its secret. 0, or -1 with faults.
 */
int values_fill(struct filling *f, const cJSON *values, cJSON *out, cJSON **secrets,
    struct faults *faults);

#endif
