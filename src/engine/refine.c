#include "config.h"

#include "engine/refine.h"

#include "base/clock.h"

struct admission
refine_admission(const struct scene *set, const struct price *price)
{
	return (struct admission){
		.budget = &set->config->budget,
		.rules = set->rules,
		.prices = set->prices,
		.monthly = price->monthly,
		.unpriced = price->unpriced,
		.why_unpriced = price->why_unpriced,
		.digest = price->digest,
		.estimate = price->estimate,
	};
}

static bool
runs_what_is_planned(const struct change *c)
{
	return c->decision.kind == DECIDE_EXECUTE && c->decision.act == ACT_RUN &&
	    c->attempt.planned != NULL;
}

int
refine_price(const struct scene *set, struct change *c, struct err *e)
{
	const struct job *j = c->job;

	if (!runs_what_is_planned(c))
		return 0;
	return planner_price_planned(
	    set->planner, &j->objective, &j->plan, c->attempt.planned, &c->planned, e);
}

/* What the budget denies fails the attempt: no other strategy would be cheaper, and waiting helps nothing. */
static void
note_denied(struct job *j, const struct ruling *ruling)
{
	const struct objection *why = NULL;

	for (size_t i = 0; i < ruling->len && why == NULL; i++)
		if (ruling->v[i].verdict == VERDICT_DENY)
			why = &ruling->v[i];
	failure_set(&j->denied, FAILURE_POLICY,
	    why->reason == OBJECTION_UNPRICED ? CODE_UNPRICED : CODE_OVER_BUDGET,
	    j->execution.step_name, "as planned: %s", why->message);
	j->denied.retry = RETRY_NEVER;
	j->denied.fallback = false;
}

int
refine_record(const struct scene *set, struct change *c, struct err *e)
{
	struct job *j = c->job;
	const struct admission asks = refine_admission(set, &c->planned);

	if (!runs_what_is_planned(c))
		return 0;
	ruling_clear(&c->ruling);
	if (store_refine(set->store, &c->claim, &j->objective, c->attempt.planned, &asks,
		clock_now_ms(), &c->ruling, e) == -1)
		return -1;
	if (c->ruling.verdict != VERDICT_DENY)
		return 0;
	note_denied(j, &c->ruling);
	c->again = true;
	return err_set(e, ERR_INPUT, "the budget denies what is planned");
}
