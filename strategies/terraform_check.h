/* Checking the table [terraform] of a capability. strategies/terraform.c documents its keys. */
#ifndef STRATEGIES_TERRAFORM_CHECK_H
#define STRATEGIES_TERRAFORM_CHECK_H

#include "core/capability.h"
#include "strategies/strategy.h"

/* Of the strategy, which see: 0, or -1 with faults. */
int terraform_check(const struct capability *capability, struct faults *faults);
/* The name within the module of one of the capability's files; NULL if it is none of it. Borrowed. */
const char *terraform_module_file(const cJSON *table, const struct capability_file *file);

#endif
