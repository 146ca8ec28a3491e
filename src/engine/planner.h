/* Makes plans: chooses the strategy, gathers the outputs that are referred to, compiles. No effect on anything. */
#ifndef ENGINE_PLANNER_H
#define ENGINE_PLANNER_H

#include "base/faults.h"
#include "core/library.h"
#include "core/config.h"
#include "core/objective.h"
#include "core/plan.h"
#include "pricing/estimate.h"
#include "store/store.h"
#include "strategies/strategy.h"

struct planner {
	const struct library *library;
	const struct config *config;
	const struct strategy *const *strategies;
	const struct failure_table *failures;
	const char *
	    account; /* that the tools are logged in to, where the settings name none; NULL: not known */
	const struct strategy *unusable; /* its tool could not tell the account; NULL: none such */
	const struct contracts *contracts; /* of MCP tools, as they are pinned; NULL: none are known */
	struct strv missing; /* the tools that are not on PATH, where a run looked for them */
	struct estimator *estimator; /* NULL: what is not free has no known price */
	const char *prices;          /* names the state of the price book; "" if there is none */
};

/*
 * Looks for the tools of all strategies on PATH, once for a run: what another
 * strategy can do is then done without those that are not there, and all else
 * of them cannot be planned. planner_forget_tools() frees what was found out.
 */
void planner_look_for_tools(struct planner *p);
void planner_forget_tools(struct planner *p);
/* That of objectives which name none: of the settings, else the account's; NULL: not known. Borrowed. */
const char *planner_subscription(const struct planner *p);
/*
 * The plan of a stored objective whose dependencies have succeeded; its inputs
 * digest covers objective, capability, outputs used, settings and generation.
 * Strategies in TRIED are passed over. 0; -1 with faults: it cannot be planned.
 */
int planner_plan(const struct planner *p, const struct objective *o, const struct dependency *needs,
    size_t n_needs, const struct strv *tried, struct plan *plan, struct faults *faults);

/* What a plan asks of the budget: see struct admission, which borrows from it. */
struct price {
	struct amounts monthly;
	bool unpriced;
	char *why_unpriced;
	char *estimate; /* JSON text; NULL: it costs nothing by itself */
	char digest
	    [DIGEST_SIZE]; /* of the normalised plan; "" where nobody may have to approve it */
};
void price_init(struct price *price);
void price_clear(struct price *price);
/*
 * Into PRICE, which was initialised: prices the plan that planner_plan() has made of the same arguments. ERR_INPUT:
 * its quantities make no amount; else the price book cannot be read.
 */
int
planner_price(const struct planner *p, const struct objective *o, const struct dependency *needs,
    size_t n_needs, const struct strv *tried, struct price *price, struct err *e);
/* The same before there is a plan: all but the digest. */
int planner_estimate(
    const struct planner *p, const struct objective *o, struct price *price, struct err *e);
/*
 * Into PRICE, which was initialised: what O costs as the tool of its PLAN has
 * PLANNED it (core/planned.h). -1: the price book cannot be read.
 */
int planner_price_planned(const struct planner *p, const struct objective *o,
    const struct plan *plan, const cJSON *planned, struct price *price, struct err *e);
/* Whether there is a strategy to fall back to after STRATEGY and those in TRIED. */
bool planner_has_another(const struct planner *p, const struct objective *o,
    const struct strv *tried, const char *strategy);
/* The same before anything is stored or known: placeholders stand for what is not. */
int planner_preview(
    const struct planner *p, const struct objective *o, struct plan *plan, struct faults *faults);
/*
 * The strategy that would be chosen, if its plans have to be pinned to an account
 * that is not known yet: it must be asked first. NULL: planning can go on.
 */
const struct strategy *
planner_lacks_account(const struct planner *p, const struct objective *o, const struct strv *tried);
/* The strategy of a stored plan; NULL if this program has none of that name. */
const struct strategy *planner_strategy(const struct planner *p, const char *name);

#endif
