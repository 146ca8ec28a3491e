/* What core/budget.c tells to core/budget_parse.c and core/budget_rule.c only. */
#ifndef CORE_BUDGET_NAMES_H
#define CORE_BUDGET_NAMES_H

#include "core/budget.h"

/* As the file spells it: "hold", "deny", "warn", and "hold", "deny", "allow". */
const char *budget_exceed_name(enum budget_reaction reaction);
const char *budget_unpriced_name(enum budget_reaction reaction);
/* The order of struct budget.limits, for qsort(). */
int budget_limit_compare(const void *a, const void *b);

#endif
