/* A table of values that go into a file for a tool: name -> value with placeholders. */
#ifndef STRATEGIES_VALUES_H
#define STRATEGIES_VALUES_H

#include "strategies/azure_step.h"
#include "strategies/filling.h"

/* The parameter that is the whole of VALUE, and keeps its type; NULL if it is something else. */
const struct parameter *values_parameter(const struct capability *c, const cJSON *value);
/*
 * Checks the placeholders of VALUES: known, with a value where they stand within
 * a text, and of secrets only as a whole value. EXTRA (may be NULL) is one more
 * word that is known. 0 or -1.
 */
int values_check(struct azure_step_check *c, const cJSON *values, const char *extra);
/*
 * Adds to OUT each of VALUES, filled: a string that is one placeholder keeps the
 * type of the parameter, "{tags}" is the object of all tags, and an optional
 * parameter without a value is left out. A secret parameter goes into *SECRETS
 * instead (made if it is NULL), as it refers to its secret. 0, or -1 with faults.
 */
int values_fill(struct filling *f, const cJSON *values, cJSON *out, cJSON **secrets,
    struct faults *faults);

#endif
