/*
 * What a tool finds around it: the environment, and its own copy of the
 * user's settings, so that two of them never write to the same files.
 */
#ifndef DRIVER_ENVIRONMENT_H
#define DRIVER_ENVIRONMENT_H

#include "base/err.h"
#include "base/strv.h"
#include "strategies/strategy.h"

/*
 * Appends "NAME=VALUE" of all variables to out: ours, without those to be
 * unset, with those to be set; and makes the copy of the settings in FOLDER.
 * RULES may be NULL: then ours as they are.
 */
int environment_make(const struct environment *rules, const char *folder, const char *objective_id,
    struct strv *out, struct err *e);
/* Removes the copy of the settings. A failure leaves some of it behind. */
int environment_tidy(const char *folder, struct err *e);

#endif
