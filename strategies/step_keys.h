/*
 * What the tables of steps have in common, of whatever strategy they are: the
 * keys "name", "summary", "when", "timeout", "settle" and "idempotent", and how
 * the rows of [[STRATEGY.step]] become a plan. A strategy may lack some of them.
 */
#ifndef STRATEGIES_STEP_KEYS_H
#define STRATEGIES_STEP_KEYS_H

#include "strategies/azure_step.h"

#define SETTLE_MS (5 * 60 * 1000) /* unless the step says otherwise */

/* Whether those of C's table are what they should be; the types have been checked. 0, or -1 with faults. */
int step_keys_check(struct azure_step_check *c);
/* What they and the capability say of STEP: all but its name and summary. */
void step_keys_compile(const struct filling *f, const cJSON *table, struct step *step);
/*
 * The plan of the strategy NAME: a step for each row of [[NAME.step]] that is to be
 * done, which COMPILE_ROW completes. That there is none is a fault. 0, or -1 with
 * faults and an empty plan.
 */
int step_keys_compile_rows(const struct plan_request *request, const char *name,
    int (*compile_row)(
	struct filling *f, const cJSON *table, struct step *step, struct faults *faults),
    struct plan *plan, struct faults *faults);

#endif
