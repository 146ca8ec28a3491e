/* Makes plans: chooses the strategy, gathers the outputs that are referred to, compiles. No effect on anything. */
#ifndef ENGINE_PLANNER_H
#define ENGINE_PLANNER_H

#include "base/faults.h"
#include "core/library.h"
#include "core/config.h"
#include "core/objective.h"
#include "core/plan.h"
#include "store/store.h"
#include "strategies/strategy.h"

struct planner {
	const struct library *library;
	const struct config *config;
	const struct strategy *const *strategies;
	const char *
	    account; /* that the tools are logged in to, where the settings name none; NULL: not known */
};

/*
 * The plan of a stored objective whose dependencies have succeeded; its inputs
 * digest covers objective, capability, outputs used, settings and generation.
 * 0; -1 with faults: it cannot be planned (*failure says why, for the record).
 */
int planner_plan(const struct planner *p, const struct objective *o, const struct dependency *needs,
    size_t n_needs, struct plan *plan, struct faults *faults);
/* The same before anything is stored or known: placeholders stand for what is not. */
int planner_preview(
    const struct planner *p, const struct objective *o, struct plan *plan, struct faults *faults);
/* The strategy of a stored plan; NULL if this program has none of that name. */
const struct strategy *planner_strategy(const struct planner *p, const char *name);

#endif
