/* Targets: what a step is going to make. */
#ifndef STRATEGIES_AZURE_TARGET_H
#define STRATEGIES_AZURE_TARGET_H

#include "strategies/azure_step.h"

/* Checks the rows of "targets"; REQUIRED: there must be one. 0 or -1. */
int azure_targets_check(struct azure_step_check *c, bool required);
/* True if something of TYPE ("Microsoft.Network/virtualNetworks/subnets") or of a parent of it is a target. */
bool azure_targets_cover(const cJSON *targets, const char *type);
/* Fills the targets in, and checks that their names are literal. 0 or -1. */
int azure_targets_compile(
    struct filling *f, const cJSON *targets, struct step *step, struct faults *faults);
/* True if ID is one of the step's targets. */
bool step_makes(const struct step *step, const char *id);

#endif
